"""Records join other records. The sources stay as they are; every value that loses goes into the ledger.

Who merges into whom is settled in ``directives``, what becomes of each field in ``uniting``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from contactsheet import aliases, directives, distinct
from contactsheet.check import SourceRecord
from contactsheet.pictures import Picture
from contactsheet.problems import Problem
from contactsheet.rules import problem
from contactsheet.schema import Record
from contactsheet.uniting import RULES, SCALARS, Lost, Party, unite

# The fields that take and keep may name.
FIELDS = frozenset((*RULES, "avatar"))


class MergedRecord(NamedTuple):
    """A record that was merged away.

    ``file`` is empty where it was merged for good, so that it is an alias now. ``picture`` is the file of the picture
    that it brought, if that is shown now; ``had_thread``: it had a conversation; ``lost`` is what lost when it joined,
    whosever it was.
    """

    id: str
    name: str
    file: str
    picture: str | None
    had_thread: bool
    lost: tuple[Lost, ...]


class Contact(NamedTuple):
    """A contact as the site shows it: its record after all merges, its picture, and what was merged into it."""

    id: str
    file: str
    record: Record
    picture: Picture | None
    merged: tuple[MergedRecord, ...] = ()


class Merged(NamedTuple):
    """All contacts in the order of their IDs, where each merged-away ID leads, and the problems."""

    contacts: tuple[Contact, ...]
    moved: Mapping[str, str]
    problems: tuple[Problem, ...]


def merge(records: Sequence[SourceRecord], pictures: Mapping[str, Picture], ids: frozenset[str]) -> Merged:
    """Carries out the directives of all records, whatever their order.

    ``pictures`` are the records' own pictures by ID, ``ids`` all IDs that have a record, sound or not. A directive that
    cannot be carried out is a problem and its record stays a contact.
    """
    by_id = {record.id: record for record in sorted(records, key=lambda record: record.id)}
    owners, wrong = aliases.owners(by_id.values(), ids)
    roots, found = directives.roots(by_id, ids, owners, FIELDS)
    moved = {contact_id: root for contact_id, root in roots.items() if root != contact_id}
    arrivals: dict[str, list[SourceRecord]] = {}
    for contact_id, root in moved.items():
        arrivals.setdefault(root, []).append(by_id[contact_id])
    contacts: list[Contact] = []
    problems = [*wrong, *found, *distinct.wrong(by_id, ids, owners, roots)]
    for record in by_id.values():
        if record.id not in moved:
            sources = sorted(arrivals.get(record.id, ()), key=_arrival)
            contacts.append(_contact(record, sources, pictures, problems))
    return Merged(tuple(contacts), moved, tuple(problems))


def _arrival(record: SourceRecord) -> tuple[date, str]:
    """Sources apply in the order of (created, ID); one without a date counts as the oldest."""
    return record.record.created or date.min, record.id


def _contact(
    target: SourceRecord, sources: Sequence[SourceRecord], pictures: Mapping[str, Picture], problems: list[Problem]
) -> Contact:
    """The contact of ``target`` with all that joins it, in the order of ``sources``."""
    if not sources:
        picture = pictures.get(target.id)
        return Contact(target.id, target.file, target.record, picture, _before(target, picture))
    parties = [_party(source) for source in sources]
    record, lost = unite([Party(target.id, target.record), *parties])
    shown = _pictured(target, sources, pictures)
    problems.extend(shown.problems)
    merged = [*_before(target, shown.picture if shown.owner == target.id else None)]
    for source, party in zip(sources, parties, strict=True):
        if undecided := _undecided(party, lost[source.id]):
            problems.append(_conflict(source, target.id, undecided))
        brought = shown.picture.file.path if shown.picture and shown.owner == source.id else None
        losses = (*lost[source.id], *shown.lost.get(source.id, ()))
        had_thread = bool(source.record.messages)
        merged += _before(source, shown.picture if brought else None)
        merged.append(MergedRecord(source.id, source.record.name, source.file, brought, had_thread, losses))
    return Contact(target.id, target.file, record, shown.picture, tuple(merged))


def _before(record: SourceRecord, shown: Picture | None) -> tuple[MergedRecord, ...]:
    """What was merged into a record for good, by its aliases; ``shown`` is its picture, if the contact shows that."""
    return tuple(
        MergedRecord(
            alias.id,
            alias.name or alias.id,
            "",
            shown.file.path if shown and alias.picture else None,
            alias.thread,
            tuple(Lost(one.field, one.value, one.kept, one.origin or alias.id) for one in alias.lost),
        )
        for alias in record.record.aliases
    )


def _party(source: SourceRecord) -> Party:
    return Party(source.id, source.record, directives.named(source, "take"), directives.named(source, "keep"))


class _Pictured(NamedTuple):
    """The picture that a contact shows and whose it was, by ID the pictures that lost, and what is to be said."""

    picture: Picture | None
    owner: str
    lost: Mapping[str, Sequence[Lost]]
    problems: Sequence[Problem]


def _pictured(target: SourceRecord, sources: Iterable[SourceRecord], pictures: Mapping[str, Picture]) -> _Pictured:
    """The last picture wins, with its focus and fit, unless its record's directive keeps the one that is there."""
    shown, owner = pictures.get(target.id), target.id
    beaten: list[tuple[str, str, Picture]] = []
    problems: list[Problem] = []
    for source in sources:
        offered = pictures.get(source.id)
        if offered is None or offered == shown:
            continue
        if "avatar" in directives.named(source, "keep"):
            beaten.append((source.id, source.id, offered))
            continue
        if shown:
            beaten.append((source.id, owner, shown))
            if shown.file.path != offered.file.path:
                problems.append(_replaced(source, target.id, shown, offered))
        shown, owner = offered, source.id
    lost: dict[str, list[Lost]] = {}
    for at, origin, picture in beaten:
        if picture != shown:
            value, kept = _told(picture, shown), _told(shown, picture)
            lost.setdefault(at, []).append(Lost("avatar", value, kept, origin))
    return _Pictured(shown, owner, lost, problems)


def _told(picture: Picture | None, other: Picture | None) -> str:
    """A picture in words that tell it from the other: its file, and where that is the same, how it is shown."""
    if picture is None:
        return ""
    if other is None or picture.file.path != other.file.path:
        return picture.file.path
    return f"{picture.file.path} (focus {picture.focus[0]}, {picture.focus[1]}; fit {picture.fit})"


def _replaced(source: SourceRecord, target: str, old: Picture, new: Picture) -> Problem:
    return problem(
        "merge/picture-replaced",
        source.file,
        source.place("merge_into.contact"),
        field="merge_into",
        message=f"{new.file.path} replaces {old.file.path} as the picture of {target}",
        fix="Nothing needs to be done if that is meant; `keep: [avatar]` keeps the present picture.",
    )


def _undecided(party: Party, lost: Iterable[Lost]) -> list[str]:
    """The fields of one value in which the record lost although its directive does not say that it is to."""
    decided = party.take | party.keep
    doubtful = {*SCALARS, "fields"} - decided
    return [one.field for one in lost if one.field.partition(".")[0] in doubtful]


def _conflict(source: SourceRecord, target: str, fields: Sequence[str]) -> Problem:
    tops = ", ".join(dict.fromkeys(field.partition(".")[0] for field in fields))
    return problem(
        "merge/conflict",
        source.file,
        source.place("merge_into.contact"),
        field="merge_into",
        message=f"{target} has another {', '.join(fields)}, and keeps it; "
        "what this record says is shown under “Merged from” alone",
        fix=f"Decide it: `take: [{tops}]` lets this record win, `keep: [{tops}]` settles it as it is.",
    )
