"""Who merges into whom: the directives of all records, followed to the contacts that survive."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from contactsheet.check import SourceRecord
from contactsheet.problems import Place, Problem
from contactsheet.rules import problem
from contactsheet.schema import SINGULAR

_SHOWN_OF_A_CYCLE = 5


def roots(
    by_id: Mapping[str, SourceRecord], ids: frozenset[str], fields: frozenset[str]
) -> tuple[Mapping[str, str], tuple[Problem, ...]]:
    """Where each record's chain of directives ends, in the order of ``by_id``, and the directives that are wrong.

    ``ids`` are all IDs that have a record, sound or not; ``fields`` are the names that take and keep may hold. A record
    without a directive, with a wrong one, or in a circle leads to itself.
    """
    problems: list[Problem] = []
    targets = {}
    for record in by_id.values():
        target = _target(record, ids, fields, problems)
        if target is not None and target in by_id:
            targets[record.id] = target
    return _roots(targets, by_id, problems), tuple(problems)


def _target(record: SourceRecord, ids: frozenset[str], fields: frozenset[str], problems: list[Problem]) -> str | None:
    """The ID that a record's directive names, if the directive can be carried out."""
    directive = record.record.merge_into
    if directive is None:
        return None
    for way in ("take", "keep"):
        for index, field in enumerate(getattr(directive, way)):
            if SINGULAR.get(field, field) not in fields:
                place = record.place(f"merge_into.{way}.{index}")
                problems.append(_unknown_field(record, way, field, fields, place))
    both = {SINGULAR.get(field, field) for field in directive.take} & {SINGULAR.get(f, f) for f in directive.keep}
    place = record.place("merge_into.contact")
    if both:
        message = f"{', '.join(sorted(both))} stands in take and in keep"
        fix = "Name each field in one of the two."
        problems.append(
            problem("merge/take-and-keep", record.file, place, field="merge_into", message=message, fix=fix)
        )
    target = directive.contact
    if target == record.id:
        fix = "Name the other contact, or take the directive out."
        message = "the record merges into itself"
        problems.append(problem("merge/self", record.file, place, field="merge_into", message=message, fix=fix))
        return None
    if target not in ids:
        near = difflib.get_close_matches(target.removeprefix("contacts/").removesuffix(".yaml"), ids, 1, 0.5)
        same = [known for known in ids if known.casefold() == target.casefold()]
        fix = f"Did you mean {(same or near)[0]}?" if same or near else "Write the ID of a contact that exists."
        message = f"there is no contact {target}"
        problems.append(
            problem("merge/unknown-target", record.file, place, field="merge_into", message=message, fix=fix)
        )
        return None
    return target


def _unknown_field(record: SourceRecord, way: str, field: str, fields: frozenset[str], place: Place | None) -> Problem:
    near = difflib.get_close_matches(field, sorted(fields), 1, 0.6)
    fix = f"Did you mean “{near[0]}”?" if near else f"Known are: {', '.join(sorted(fields))}."
    message = f"there is no field “{field}” to {way}"
    return problem("merge/unknown-field", record.file, place, field=f"merge_into.{way}", message=message, fix=fix)


def _roots(targets: Mapping[str, str], by_id: Mapping[str, SourceRecord], problems: list[Problem]) -> Mapping[str, str]:
    """Where each record's chain ends; it follows chains of any length without recursion."""
    roots: dict[str, str] = {}
    for start in by_id:
        trail: dict[str, None] = {}
        here = start
        while here not in roots and here in targets and here not in trail:
            trail[here] = None
            here = targets[here]
        if here in trail:
            circle = list(trail)[list(trail).index(here) :]
            problems.append(_cycle(circle, by_id))
            roots.update((member, member) for member in circle)
        root = roots.setdefault(here, here)
        for member in trail:
            roots.setdefault(member, root)
    return {contact_id: roots[contact_id] for contact_id in by_id}


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
    )
