"""The stage that tells of each contact what distinguishes it from others, in a few plain values, remembered by content.

It compares nothing; that is done in ``duplicates``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from contactsheet.contacts import opened
from contactsheet.edition import edition
from contactsheet.fingerprints import fingerprint

if TYPE_CHECKING:
    from contactsheet.contacts import Contacts
    from contactsheet.distinct import Pair
    from contactsheet.gallery import Look
    from contactsheet.records import Records
    from contactsheet.run import Run
    from contactsheet.schema import Record


# What a record has without saying anything of the contact.
_NO_CONTENT = ("created", "distinct_from", "starred")


class Traits(NamedTuple):
    """What tells a contact from others; all of it plain values.

    ``words`` are those of the name, folded. ``company`` is as it was written, or empty; ``organisations`` are keys of
    the company and of the e-mail addresses' own domains. ``emails`` and ``phones`` are in the form in which merges
    compare them. ``birthday`` and ``created`` are days (ISO 8601) or empty, ``has_thread``: there is a conversation,
    ``fullness`` is how many values the record has. ``look`` is the picture's, if there is one.
    """

    id: str
    file: str
    name: str
    words: tuple[str, ...]
    company: str = ""
    organisations: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    birthday: str = ""
    created: str = ""
    has_thread: bool = False
    fullness: int = 1
    look: Look | None = None


def traits(contact_id: str, file: str, record: Record) -> Traits:
    """What a record tells, its picture aside."""
    from contactsheet import namesakes
    from contactsheet.uniting import RULES, comparable

    whole = f"{record.given_name} {record.family_name}" if record.given_name and record.family_name else ""
    words = namesakes.words(record.name)
    emails = dict.fromkeys(comparable("emails", email.value) for email in record.emails)
    values = (getattr(record, field) for field in RULES if field not in _NO_CONTENT)
    return Traits(
        contact_id,
        file,
        record.name,
        words=words if len(words) > 1 or not whole else namesakes.words(whole),
        company=record.company or "",
        organisations=namesakes.organisations(record.company or "", emails),
        emails=tuple(emails),
        phones=tuple(dict.fromkeys(comparable("phones", phone.value) for phone in record.phones)),
        birthday=record.birthday.isoformat() if record.birthday else "",
        created=record.created.isoformat() if record.created else "",
        has_thread=bool(record.messages),
        fullness=sum(len(value) if isinstance(value, tuple | dict) else bool(value) for value in values),
    )


@dataclass(frozen=True)
class Survey:
    """All contacts in the order of their IDs, the pairs that are declared to be two, and where merged-away IDs lead."""

    contacts: tuple[Traits, ...] = ()
    distinct: frozenset[Pair] = frozenset()
    leads: Mapping[str, str] = field(default_factory=dict)


def survey(run: Run, records: Records, joined: Contacts, looks: Mapping[str, Look]) -> Survey:
    """What tells the contacts from each other. Raises ForgottenError."""
    leads = {merged.id: contact.summary.id for contact in joined.contacts for merged in contact.merged}
    return Survey(tuple(_told(run, records, joined, looks)), joined.distinct, leads)


def _told(run: Run, records: Records, joined: Contacts, looks: Mapping[str, Look]) -> list[Traits]:
    common = fingerprint("traits", edition())
    known = run.memo.table("traits", common)
    kept: dict[bytes, tuple[object, ...]] = {}
    told: list[Traits] = []
    for contact in sorted(joined.contacts, key=lambda one: one.summary.id):
        summary = contact.summary
        of_record = known.get(contact.content)
        if of_record is None:
            source = opened(contact.record or records.record(summary.id))
            of_record = tuple(traits(summary.id, summary.file, source.record))
        kept[contact.content] = of_record
        told.append(Traits(*of_record)._replace(id=summary.id, file=summary.file, look=looks.get(summary.id)))
    run.memo.set_table("traits", common, kept)
    return told
