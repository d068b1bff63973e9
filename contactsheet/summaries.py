"""What the rest of the program needs to know of a contact without its record: a summary, and the record in a packet.

A list page depends on the summaries of its contacts, so a changed note changes the contact's own pages alone.
"""

from __future__ import annotations

import marshal
import pickle
from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple

from contactsheet.fingerprints import combined, fingerprint

if TYPE_CHECKING:
    from contactsheet import views
    from contactsheet.check import SourceRecord
    from contactsheet.merge import Contact
    from contactsheet.pictures import Picture
    from contactsheet.search import Findings
    from contactsheet.settings import Settings


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


def _of_view(view: tuple[object, ...]) -> bytes:
    """The fingerprint of a view; its parts count as plain tuples, which are written down in a third of the time."""
    return fingerprint([tuple(part) if isinstance(part, tuple) else part for part in view])


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
