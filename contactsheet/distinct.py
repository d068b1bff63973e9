"""Who is declared to be somebody else: the pairs of contacts that may be alike, and the declarations that are wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from contactsheet.claims import Claim
from contactsheet.problems import Problem
from contactsheet.rules import problem

if TYPE_CHECKING:
    from contactsheet.check import SourceRecord

Pair = tuple[str, str]
"""The IDs of two contacts, in order."""


def pair(one: str, other: str) -> Pair:
    """Two contacts, whichever was named first."""
    return (one, other) if one < other else (other, one)


def pairs(claims: Iterable[Claim], leads: Mapping[str, str]) -> frozenset[Pair]:
    """The contacts that are declared to be two, by either of them; ``leads`` says where merged-away IDs lead."""
    named = ((claim.id, other) for claim in claims for other in claim.distinct)
    return frozenset(pair(leads.get(one, one), leads.get(other, other)) for one, other in named)


def wrong(
    by_id: Mapping[str, SourceRecord], ids: frozenset[str], owners: Mapping[str, str], roots: Mapping[str, str]
) -> Iterator[Problem]:
    """Declarations that name nobody, and merges of contacts that are declared to be two.

    ``ids`` are all IDs that have a record, ``owners`` where aliases lead, ``roots`` where directives do.
    """
    from contactsheet.nearest import Nearest
    from contactsheet.values import shortened

    nearest = Nearest(ids)
    merged: set[Pair] = set()
    for record in by_id.values():
        for index, named in enumerate(record.record.distinct_from):
            other = owners.get(named, named)
            if other == record.id:
                yield _at(record, index, "the contact is declared to be somebody else than itself", "Take it out.")
            elif other not in ids:
                near = nearest(other, 0.5, but=record.id)
                fix = f"Did you mean {near}? If the contact was deleted, take it out."
                yield _at(
                    record,
                    index,
                    f"there is no contact “{shortened(other)}”",
                    fix if near else "Write the ID of a contact that exists, or take it out.",
                )
            elif roots.get(record.id) == roots.get(other, other) and pair(record.id, other) not in merged:
                merged.add(pair(record.id, other))
                yield _merged(*((record, other) if roots[record.id] != record.id else (by_id[other], record.id)))


def _at(record: SourceRecord, index: int, message: str, fix: str) -> Problem:
    field = f"distinct_from.{index}"
    return problem("contact/distinct-from", record.file, record.place(field), field=field, message=message, fix=fix)


def _merged(record: SourceRecord, other: str) -> Problem:
    return problem(
        "merge/distinct",
        record.file,
        record.place("merge_into.contact"),
        field="merge_into",
        message=f"the record is merged with {other}, but one of the two says in “distinct_from” that they are two",
        fix="Take the directive out, or the ID out of “distinct_from”.",
    )
