"""What the rest of the program needs to know of a contact without its record: a summary, and the record in a packet.

A list page depends on the summaries of its contacts, so a changed note changes the contact's own pages alone.
"""

from __future__ import annotations

import hashlib
import marshal
import pickle
from collections.abc import Iterable
from datetime import UTC
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from contactsheet import views
    from contactsheet.check import SourceRecord
    from contactsheet.merge import Contact
    from contactsheet.pictures import Picture
    from contactsheet.search import Findings
    from contactsheet.settings import Settings

_SIZE = 16  # bytes of a fingerprint: so many that no two differing values ever share one


class Summary(NamedTuple):
    """A contact in brief, all of it plain values, so that ten thousand are loaded in a moment.

    ``order`` sorts the list. ``row``, ``entry``, ``found`` and ``listed`` are fingerprints of what, pictures aside, its
    row there, its entry in the inbox, its row among the results of a search, and its entry in contacts.json show.
    ``last`` is the moment of its last message (UTC) and ``day`` that day where the site is; both are empty without
    messages. ``findings`` are what the search knows of it, packed: as texts they would take half of the memory that a
    contact takes. ``sought`` is a fingerprint of what decides where the search's index has the row. ``addresses`` are
    its e-mail addresses, where the avatar service is on.
    """

    id: str
    file: str
    name: str
    order: tuple[bytes, bytes]
    letter: str
    initials: str
    tone: int
    row: bytes
    entry: bytes
    found: bytes
    listed: bytes
    last: str
    day: str
    unread: bool
    starred: bool
    findings: bytes
    sought: bytes
    addresses: tuple[str, ...]


class Claim(NamedTuple):
    """What a record says about other files: the picture that it chooses, and the contact that it joins.

    ``picture`` is its file below avatars/ or None, its focus and its fit, ``place`` where it says so: line and column.
    ``joins`` is an ID or empty; ``aliases`` are the IDs that led to it before, ``distinct`` those of contacts that it
    says it is not.
    """

    id: str
    file: str
    picture: tuple[str | None, tuple[float, float], Literal["cover", "contain"]] | None
    place: tuple[int, int] | None
    joins: str
    aliases: tuple[str, ...] = ()
    distinct: tuple[str, ...] = ()


class Moved(NamedTuple):
    """A record that was merged into a contact, in brief."""

    id: str
    name: str
    had_thread: bool


class Packet(NamedTuple):
    """All that a contact's own pages are made of, ready to travel.

    ``record`` is its pickled SourceRecord, ``merged`` the pickled MergedRecords that joined it, or empty. It is opened
    where pages are rendered; whoever passes it on never looks inside.
    """

    record: bytes
    picture: Picture | None = None
    merged: bytes = b""

    def contact(self) -> Contact:
        """The contact in the packet."""
        from contactsheet.merge import Contact

        source: SourceRecord = pickle.loads(self.record)  # noqa: S301  # this program pickled it; a stored one is sealed
        merged = pickle.loads(self.merged) if self.merged else ()  # noqa: S301  # as above
        return Contact(source.id, source.file, source.record, self.picture, merged)


def packed(findings: tuple[Any, ...]) -> bytes:
    """What the search knows of a contact, for its summary; the same for the same values."""
    return marshal.dumps(tuple(findings), 0)  # a later version depends on which of the values are the same object


def findings_of(summary: Summary) -> Findings:
    """What the search knows of a contact."""
    from contactsheet.search import Findings

    return Findings(*marshal.loads(summary.findings))  # noqa: S302  # this program packed it; a stored one is sealed


def fingerprint(*values: object) -> bytes:
    """16 bytes that are the same for the same plain values: texts, numbers, bytes, tuples and frozen dataclasses."""
    return hashlib.blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()


def _of_view(view: tuple[object, ...]) -> bytes:
    """The fingerprint of a view; its parts count as plain tuples, which are written down in a third of the time."""
    return fingerprint([tuple(part) if isinstance(part, tuple) else part for part in view])


def combined(fingerprints: Iterable[bytes]) -> bytes:
    """The fingerprint of several, in their order."""
    return hashlib.blake2b(b"".join(fingerprints), digest_size=_SIZE).digest()


def summarise(contact: Contact, settings: Settings) -> Summary:
    """A contact in brief."""
    from contactsheet import names, present, search

    record = contact.record
    shown = present.face(contact)
    row = present.row(contact, shown, settings)
    findings = search.findings(record, row)
    found = packed(findings)
    entry = present.conversation(contact, shown, settings) if record.messages else None
    return Summary(
        id=contact.id,
        file=contact.file,
        name=record.name,
        order=names.sort_key(record),
        letter=names.letter(record),
        initials=shown.initials,
        tone=shown.tone,
        row=_of_view(row),
        entry=_of_view(entry) if entry else b"",
        found=combined((found, shown.initials.encode("utf-8", "surrogatepass"))),
        listed=fingerprint(contact.id, record.name, bool(record.messages)),
        last=present.last_moment(contact).astimezone(UTC).isoformat() if entry else "",
        day=entry.last.iso if entry else "",
        unread=bool(entry and entry.unread),
        starred=bool(entry and entry.starred),
        findings=found,
        sought=combined((contact.id.encode(), packed(search.layout(findings)))),
        addresses=tuple(email.value for email in record.emails) if settings.avatar_service else (),
    )


def claim(source: SourceRecord) -> Claim:
    """What a record says about other files."""
    avatar, directive, place = source.record.avatar, source.record.merge_into, source.place("avatar.file")
    return Claim(
        source.id,
        source.file,
        (avatar.file, avatar.focus, avatar.fit) if avatar else None,
        (place.line, place.column) if place else None,
        directive.contact if directive else "",
        tuple(alias.id for alias in source.record.aliases),
        source.record.distinct_from,
    )


def face(summary: Summary, avatar: views.Avatar | None) -> views.Face:
    """What stands for a contact wherever it is listed, from its summary and the addresses of its picture."""
    from contactsheet import views

    return views.Face(
        id=summary.id,
        name=summary.name,
        initials=summary.initials,
        tone=summary.tone,
        avatar=avatar,
        page=views.record_path(summary.id),
        thread=views.thread_path(summary.id) if summary.last else None,
    )
