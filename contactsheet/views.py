"""What the pages show, ready to be shown: texts, links and dates in their final form. Templates decide nothing.

Every address here is relative to the site's root; a page puts its own way up (``../``) in front. Most are named
tuples: they are declared, and made, in a third of the time of frozen dataclasses; and since each stands behind those
that it names, their annotations are no texts that would have to be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple


def record_path(contact_id: str) -> str:
    """The address of a contact's full record, relative to the site's root."""
    return f"contacts/{contact_id}.html"


def thread_path(contact_id: str) -> str:
    """The address of a contact's conversation."""
    return f"inbox/{contact_id}.html"


def card_path(contact_id: str) -> str:
    """The address of a contact's vCard."""
    return f"vcards/{contact_id}{CARD_SUFFIX}"


CARD_SUFFIX = ".vcf"
INDEX = "contacts.json"  # the address of the index
REPORT = "report.json"  # and of what was found, merged and made
ALL_CARDS = "contacts.vcf"  # the address of the file that holds the vCards of all contacts


class Avatar(NamedTuple):
    """The addresses of a picture's two thumbnails, 512 and 96 pixels square."""

    large: str
    small: str


class Face(NamedTuple):
    """What stands for a contact wherever it is listed. ``tone`` is the colour of the initials, 0 to 11, from the ID."""

    id: str
    name: str
    initials: str
    tone: int
    avatar: Avatar | None
    page: str
    thread: str | None


class Stamp(NamedTuple):
    """A moment or a day: ``iso`` for machines (the datetime attribute), ``text`` for people."""

    iso: str
    text: str


class Item(NamedTuple):
    """One value of a contact. ``href`` is empty where it is no link; ``label`` is its kind (work, mobile) or empty."""

    text: str
    href: str = ""
    label: str = ""


class Row(NamedTuple):
    """One contact in the list; ``fields`` are the custom fields that have a column."""

    face: Face
    company: str
    title: str
    email: Item | None
    phone: Item | None
    tags: tuple[str, ...]
    type: str
    owner: str
    last_activity: Stamp | None
    fields: tuple[str, ...] = ()


class Column(NamedTuple):
    """A column of the list.

    ``kind`` is who, email, phone, labels, owner, last or custom; a custom field has a ``number``, from 0. ``shows`` are
    the columns of the settings that stand in it; ``sorts`` is what it is sorted by.
    """

    kind: str
    label: str
    shows: tuple[str, ...]
    sorts: str
    number: int = 0


class Letter(NamedTuple):
    """A letter of the list, and the place on one of its pages where it begins, ready for a link."""

    letter: str
    href: str


class Group(NamedTuple):
    """The rows of a page under one letter. ``anchor`` names its place; empty where it began on another page."""

    letter: str
    anchor: str
    rows: tuple[Row, ...]


class Conversation(NamedTuple):
    """One entry of the inbox's list. ``from_contact`` says whose words the preview shows."""

    face: Face
    last: Stamp
    preview: str
    from_contact: bool
    sender: str
    channel: str
    unread: int
    starred: bool


class Piece(NamedTuple):
    """A part of a text; a link where ``href`` is not empty. The text of a link is the address to which it leads."""

    text: str
    href: str = ""


class Bubble(NamedTuple):
    """One message of a thread. ``pieces`` are its text, lines and all; ``long`` says whether it is to be folded."""

    side: Literal["contact", "team"]
    sender: str
    channel: str
    at: Stamp
    pieces: tuple[Piece, ...]
    long: bool
    read: bool


class Day(NamedTuple):
    """The messages of one day."""

    date: Stamp
    bubbles: tuple[Bubble, ...]


class Detail(NamedTuple):
    """A field of a contact with its values. ``kind`` names the field (emails, notes, fields …), for icons and style.

    ``multiline`` values keep their line breaks.
    """

    kind: str
    label: str
    items: tuple[Item, ...]
    multiline: bool = False


class Panel(NamedTuple):
    """The contact panel beside an open thread."""

    face: Face
    title: str
    company: str
    details: tuple[Detail, ...]
    tags: tuple[str, ...]
    do_not_disturb: tuple[str, ...]


class LostValue(NamedTuple):
    """A value that lost in a merge, the value that stayed, and the record that the lost one came from."""

    label: str
    value: str
    kept: str
    origin: str
    origin_id: str


class Source(NamedTuple):
    """A record's file, if it is still there; ``edit`` is the page of the repository's ``host`` for it, or empty."""

    file: str
    edit: str
    host: str


class MergedRecord(NamedTuple):
    """A record that was merged into the contact."""

    id: str
    name: str
    source: Source
    brought_picture: bool
    lost: tuple[LostValue, ...]


class PictureArea(NamedTuple):
    """The control on the record page that adds or replaces the picture.

    ``facts`` describe the present file (``JPEG, 3024 × 4032 pixels, 1.2 MB``), ``path`` is where it is or belongs,
    ``kind`` what it has to be (JPEG or PNG) or empty where there is none, ``href`` the upload page of the repository's
    ``host`` or empty, ``hint`` says what is accepted.
    """

    has_picture: bool
    facts: str
    path: str
    kind: str
    href: str
    host: str
    hint: str


class PastPicture(NamedTuple):
    """A change of the contact's picture.

    ``commit`` is short, ``href`` its page on the repository's host or empty. ``thumb`` is the address of the picture
    that the change brought, 96 pixels square; empty where that is the present one, which the record does not show.
    """

    day: Stamp
    author: str
    commit: str
    href: str
    thumb: str


class Qr(NamedTuple):
    """A QR code: the address of its picture (``data:``), its side in modules and in CSS pixels, and what it says.

    ``path`` draws its dark modules in an SVG, ten times as long as the picture; it is made where it is asked for.
    """

    src: str
    side: int
    pixels: int
    data: bytes

    @property
    def path(self) -> str:
        """The path of the dark modules (see ``qr.path``)."""
        from contactsheet import qr

        return qr.path(self.data)[0]


class RecordPage(NamedTuple):
    """The full record of a contact."""

    face: Face
    title: str
    company: str
    picture_area: PictureArea | None
    details: tuple[Detail, ...]
    tags: tuple[str, ...]
    do_not_disturb: tuple[str, ...]
    merged: tuple[MergedRecord, ...]
    past: tuple[PastPicture, ...]
    source: Source
    card: str
    qr: Qr
    previous: Face | None
    next: Face | None


class PageLink(NamedTuple):
    """A link to another page of a list; ``current`` for the page one is on, no ``href`` where pages are left out."""

    label: str
    href: str
    current: bool = False


class Paging(NamedTuple):
    """The way to the other pages of a list. Empty ``links`` where there is one page alone."""

    previous: str
    next: str
    links: tuple[PageLink, ...]


class ListPage(NamedTuple):
    """One page of the contact list: the contacts from number ``first`` to ``last`` of ``total``."""

    columns: tuple[Column, ...]
    letters: tuple[Letter, ...]
    groups: tuple[Group, ...]
    total: int
    first: int
    last: int
    paging: Paging


@dataclass(frozen=True)
class Tab:
    """A choice of conversations and the address of its first page. ``count`` is None where it is not told."""

    name: Literal["all", "unread", "starred"]
    label: str
    href: str
    count: int | None
    current: bool


class InboxPage(NamedTuple):
    """One page of a tab of the inbox, at the address ``path``; ``span`` says from when to when its conversations are.

    The tabs' counts stand on the first page of each tab alone, since they change with every message.
    """

    path: str
    tab: Literal["all", "unread", "starred"]
    tabs: tuple[Tab, ...]
    conversations: tuple[Conversation, ...]
    span: str
    newer: str
    older: str


class ThreadPage(NamedTuple):
    """An open conversation: the list it stands in, its messages by day, the contact's panel."""

    inbox: InboxPage
    current: Conversation
    days: tuple[Day, ...]
    panel: Panel


class MovedPage(NamedTuple):
    """The page at a merged-away address."""

    name: str
    target: Face
    href: str


class Logo(NamedTuple):
    """The site's logo: its address, and its size in CSS pixels in the bar."""

    src: str
    width: int
    height: int


class Adding(NamedTuple):
    """What + Add contact has to know.

    ``max_bytes`` is the limit of a picture, ``region`` the country of phone numbers that name none. Of the repository's
    ``host``: its pages for a ``new`` file and, before the folder, for an ``upload``; empty where there is none.
    """

    max_bytes: int
    region: str
    host: str
    host_name: str
    new: str
    upload: str


class AddPage(NamedTuple):
    """How a contact is added without scripts; ``new`` and ``upload`` are pages of the repository's ``host``."""

    hint: str
    host: str
    new: str
    upload: str


@dataclass(frozen=True, eq=False)  # so that a template can remember what it made of it
class Site:
    """What all pages share. ``root`` is the way from the page up to the site's root: empty, ``../`` or ``../../``.

    ``assets`` are the addresses of the files in templates/ that are no templates, by name: style.css, icon.svg, …
    ``search_engines`` is whether they may list the site. Without ``adding`` there is no + Add contact.
    """

    title: str
    root: str
    assets: Mapping[str, str]
    logo: Logo | None = None
    search_engines: bool = False
    adding: Adding | None = None
