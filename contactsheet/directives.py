"""Who merges into whom: the directives of all records, followed to the contacts that survive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from contactsheet.check import SourceRecord
from contactsheet.nearest import Nearest, nearest
from contactsheet.problems import Problem
from contactsheet.read import RECORD_SUFFIXES, record_paths
from contactsheet.repository import CONTACTS
from contactsheet.rules import problem
from contactsheet.schema import SINGULAR

_SHOWN_OF_A_CYCLE = 5

Way = Literal["take", "keep"]


def named(record: SourceRecord, way: Way) -> frozenset[str]:
    """The fields that a record's directive names in ``take`` or in ``keep``, in the plural."""
    directive = record.record.merge_into
    fields = getattr(directive, way) if directive else ()
    return frozenset(SINGULAR.get(field, field) for field in fields)


def roots(
    by_id: Mapping[str, SourceRecord], ids: frozenset[str], aliases: Mapping[str, str], fields: frozenset[str]
) -> tuple[Mapping[str, str], tuple[Problem, ...]]:
    """Where each record's chain of directives ends, in the order of ``by_id``, and the directives that are wrong.

    ``ids`` are all IDs that have a record, sound or not, and ``aliases`` lead to some of them; ``fields`` are the names
    that take and keep may hold. A record without a directive, with a wrong one, or in a circle leads to itself.
    """
    problems: list[Problem] = []
    targets: dict[str, str] = {}
    nearest = Nearest(ids)
    for record in by_id.values():
        directive = record.record.merge_into
        if directive is None:
            continue
        problems.extend(_wrong_fields(record, fields))
        target = aliases.get(directive.contact, directive.contact)
        if target == record.id:
            problems.append(_to_itself(record))
        elif target not in ids:
            problems.append(_to_nobody(record, target, nearest))
        elif target in by_id:
            targets[record.id] = target
    ends, circles = _follow(targets, by_id)
    problems.extend(_cycle(circle, by_id) for circle in circles)
    return ends, tuple(problems)


def _wrong_fields(record: SourceRecord, fields: frozenset[str]) -> Iterator[Problem]:
    """What take and keep name that no field is called, or that both of them name."""
    directive = record.record.merge_into
    assert directive is not None
    ways: tuple[Way, ...] = ("take", "keep")
    for way in ways:
        for index, field in enumerate(getattr(directive, way)):
            if SINGULAR.get(field, field) not in fields:
                yield _unknown_field(record, way, index, field, fields)
    if both := named(record, "take") & named(record, "keep"):
        yield problem(
            "merge/take-and-keep",
            record.file,
            record.place("merge_into.keep"),
            field="merge_into.keep",
            message=f"{', '.join(sorted(both))} stands in take and in keep",
            fix="Name each field in one of the two.",
        )


def _unknown_field(record: SourceRecord, way: str, index: int, field: str, fields: frozenset[str]) -> Problem:
    near = nearest(field, sorted(fields), 0.6)
    return problem(
        "merge/unknown-field",
        record.file,
        record.place(f"merge_into.{way}.{index}"),
        field=f"merge_into.{way}.{index}",
        message=f"there is no field “{field}” to {way}",
        fix=f"Did you mean “{near}”?" if near else f"Known are: {', '.join(sorted(fields))}.",
    )


def _to_itself(record: SourceRecord) -> Problem:
    return problem(
        "merge/self",
        record.file,
        record.place("merge_into.contact"),
        field="merge_into",
        message="the record merges into itself",
        fix="Name the other contact, or take the directive out.",
    )


def _to_nobody(record: SourceRecord, target: str, nearest: Nearest) -> Problem:
    stem = target.removeprefix(f"{CONTACTS}/")
    for suffix in RECORD_SUFFIXES:
        stem = stem.removesuffix(suffix)
    near = nearest(stem, 0.5, but=record.id)
    return problem(
        "merge/unknown-target",
        record.file,
        record.place("merge_into.contact"),
        field="merge_into",
        message=f"there is no contact {target}",
        fix=f"Did you mean {near}?" if near else "Write the ID of a contact that exists.",
        related=record_paths(target),
    )


def _follow(targets: Mapping[str, str], ids: Iterable[str]) -> tuple[Mapping[str, str], tuple[list[str], ...]]:
    """Where each ID's chain ends, and the circles; it follows chains of any length without recursion.

    What leads into a circle leads nowhere and stays where it is.
    """
    ends: dict[str, str | None] = {}
    circles: list[list[str]] = []
    for start in ids:
        trail: dict[str, None] = {}
        here = start
        while here not in ends and here in targets and here not in trail:
            trail[here] = None
            here = targets[here]
        if here in trail:
            way = list(trail)
            circles.append(way[way.index(here) :])
            ends[here] = None
        end = ends.setdefault(here, here)
        for member in trail:
            ends[member] = end
    return {contact_id: ends[contact_id] or contact_id for contact_id in ids}, tuple(circles)


def _cycle(circle: list[str], by_id: Mapping[str, SourceRecord]) -> Problem:
    first = circle.index(min(circle))
    ordered = circle[first:] + circle[:first]
    shown = [*ordered[:_SHOWN_OF_A_CYCLE], *(["…"] if len(ordered) > _SHOWN_OF_A_CYCLE else []), ordered[0]]
    record = by_id[ordered[0]]
    return problem(
        "merge/cycle",
        record.file,
        record.place("merge_into.contact"),
        field="merge_into",
        message=f"{len(ordered)} records merge into each other in a circle: {' → '.join(shown)}",
        fix="Take the directive out of the record that is to survive.",
        related=(by_id[member].file for member in circle),
    )
