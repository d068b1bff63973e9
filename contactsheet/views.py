"""What the pages show, ready to be shown: texts, links and dates in their final form. Templates decide nothing.

Every address here is relative to the site's root; a page puts its own way up (``../``) in front.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Avatar:
    """The addresses of a picture's two thumbnails, 512 and 96 pixels square."""

    large: str
    small: str


@dataclass(frozen=True)
class Face:
    """What stands for a contact wherever it is listed. ``tone`` is the colour of the initials, 0 to 11, from the ID."""

    id: str
    name: str
    initials: str
    tone: int
    avatar: Avatar | None
    page: str
    thread: str | None


@dataclass(frozen=True)
class Stamp:
    """A moment or a day: ``iso`` for machines (the datetime attribute), ``text`` for people."""

    iso: str
    text: str


@dataclass(frozen=True)
class Row:
    """One contact in the list."""

    face: Face
    company: str
    title: str
    email: Item | None
    phone: Item | None
    tags: tuple[str, ...]
    type: str
    owner: str
    last_activity: Stamp | None


@dataclass(frozen=True)
class Group:
    """The rows of a page under one letter."""

    letter: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Conversation:
    """One entry of the inbox's list. ``from_contact`` says whose words the preview shows."""

    face: Face
    last: Stamp
    preview: str
    from_contact: bool
    sender: str
    channel: str
    unread: int
    starred: bool


@dataclass(frozen=True)
class Bubble:
    """One message of a thread; ``paragraphs`` are its lines, for white-space: pre-line."""

    side: Literal["contact", "team"]
    sender: str
    channel: str
    at: Stamp
    text: str
    read: bool


@dataclass(frozen=True)
class Day:
    """The messages of one day."""

    date: Stamp
    bubbles: tuple[Bubble, ...]


@dataclass(frozen=True)
class Item:
    """One value of a contact. ``href`` is empty where it is no link; ``label`` is its kind (work, mobile) or empty."""

    text: str
    href: str = ""
    label: str = ""


@dataclass(frozen=True)
class Detail:
    """A field of a contact with its values. ``kind`` names the field (emails, notes, fields …), for icons and style.

    ``multiline`` values keep their line breaks.
    """

    kind: str
    label: str
    items: tuple[Item, ...]
    multiline: bool = False


@dataclass(frozen=True)
class Panel:
    """The contact panel beside an open thread."""

    face: Face
    title: str
    company: str
    details: tuple[Detail, ...]
    tags: tuple[str, ...]
    do_not_disturb: tuple[str, ...]


@dataclass(frozen=True)
class LostValue:
    """A value that lost in a merge, where it came from, and the value that stayed."""

    label: str
    value: str
    kept: str


@dataclass(frozen=True)
class MergedRecord:
    """A record that was merged into the contact."""

    id: str
    name: str
    file: str
    brought_picture: bool
    lost: tuple[LostValue, ...]


@dataclass(frozen=True)
class PictureArea:
    """The control on the record page that adds or replaces the picture.

    ``facts`` describe the present file (``JPEG, 3024 × 4032 pixels, 1.2 MB``), ``path`` is where it is or belongs,
    ``href`` the upload page of the repository's host or empty, ``hint`` says what is accepted.
    """

    has_picture: bool
    facts: str
    path: str
    href: str
    hint: str


@dataclass(frozen=True)
class RecordPage:
    """The full record of a contact."""

    face: Face
    title: str
    company: str
    picture_area: PictureArea | None
    details: tuple[Detail, ...]
    tags: tuple[str, ...]
    do_not_disturb: tuple[str, ...]
    merged: tuple[MergedRecord, ...]
    source_file: str
    previous: Face | None
    next: Face | None


@dataclass(frozen=True)
class PageLink:
    """A link to another page of a list; ``current`` for the page one is on, no ``href`` where pages are left out."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True)
class Paging:
    """The way to the other pages of a list. Empty ``links`` where there is one page alone."""

    previous: str
    next: str
    links: tuple[PageLink, ...]


@dataclass(frozen=True)
class ListPage:
    """One page of the contact list: the contacts from number ``first`` to ``last`` of ``total``."""

    groups: tuple[Group, ...]
    total: int
    first: int
    last: int
    paging: Paging


@dataclass(frozen=True)
class InboxPage:
    """One page of the inbox, at the address ``path``; ``span`` says from when to when its conversations are.

    ``total`` and ``unread`` count all conversations; they are None where the list stands beside a thread.
    """

    path: str
    conversations: tuple[Conversation, ...]
    total: int | None
    unread: int | None
    span: str
    newer: str
    older: str


@dataclass(frozen=True)
class ThreadPage:
    """An open conversation: the list it stands in, its messages by day, the contact's panel."""

    inbox: InboxPage
    current: Conversation
    days: tuple[Day, ...]
    panel: Panel


@dataclass(frozen=True)
class MovedPage:
    """The page at a merged-away address."""

    name: str
    target: Face
    href: str


@dataclass(frozen=True)
class Site:
    """What all pages share. ``root`` is the way from the page up to the site's root: empty, ``../`` or ``../../``."""

    title: str
    root: str
    style: str
    icon: str
