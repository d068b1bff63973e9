"""Aliases: IDs that led to a contact before, and still do. Each is an ID of its own and belongs to one contact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contactsheet.check import SourceRecord
from contactsheet.ids import fault
from contactsheet.problems import Problem
from contactsheet.rules import problem
from contactsheet.values import shortened


def owners(records: Iterable[SourceRecord], ids: frozenset[str]) -> tuple[Mapping[str, str], tuple[Problem, ...]]:
    """The ID to which each alias leads, and the aliases that are wrong.

    ``records`` are those with aliases, among others, in the order of their IDs; ``ids`` all IDs that have a record.
    """
    # Addresses that differ by case alone are one on some systems.
    taken: dict[str, tuple[str, str]] = {one.casefold(): (one, "") for one in sorted(ids)}
    leads: dict[str, str] = {}
    problems: list[Problem] = []
    for record in records:
        for index, alias in enumerate(record.record.aliases):
            called = f"“{shortened(alias.id)}”"
            if wrong := fault(alias.id):
                problems.append(_wrong(record, index, f"{called} cannot be an alias: the name {wrong}"))
                continue
            rival, owner = taken.setdefault(alias.id.casefold(), (alias.id, record.id))
            if not owner:
                problems.append(_wrong(record, index, f"{called} is an alias here, but {rival} has a record"))
            elif alias.id in leads or owner != record.id or rival != alias.id:
                again = "twice" if owner == record.id else f"also of {owner}"
                problems.append(_wrong(record, index, f"{called} is an alias {again}"))
            else:
                leads[alias.id] = record.id
    return leads, tuple(problems)


def _wrong(record: SourceRecord, index: int, message: str) -> Problem:
    field = f"aliases.{index}"
    fix = "Take it out; an alias is the ID of a record that is no more, and leads to one contact."
    return problem("contact/alias", record.file, record.place(field), field=field, message=message, fix=fix)
