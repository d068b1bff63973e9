"""Merges that pages of the preview ask for: what one would give, field by field, its directive written, and taken out.

The build's own merge tells what it would give, from the record with the directive as a draft. The record that joins is
the only file that changes. Nothing here knows of requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contactsheet.editing import Saved
from contactsheet.editing_records import Bench, MalformedError, Source, saved, source_of, texts_of
from contactsheet.problems import Severity

if TYPE_CHECKING:
    from contactsheet.merge import Contact, Merged

_LONGEST = 1000  # characters of an ID
_MOST = 100  # fields


@dataclass(frozen=True, slots=True)
class Plan:
    """A merge that is asked for: the contact that survives, and the fields that the directive names.

    ``take`` and ``keep`` are None where nothing was decided yet: the survivor's values then stay, and the directive
    says so.
    """

    into: str
    take: tuple[str, ...] | None = None
    keep: tuple[str, ...] | None = None


def merge_preview(contact_id: str, plan: Plan, bench: Bench) -> dict[str, object]:
    """What the merge would give, as JSON tells it.

    ``fields`` have, by field, the texts of the survivor (``own``) and of the record that joins (``joining``), and those
    that the contact will show (``result``); ``lost`` are the values that the merge report will keep alone. ``picture``
    has the files of both, and of the one that will be shown. ``take`` and ``keep`` are those of the directive,
    ``problems`` what ``check`` would say. Without a survivor, because the directive cannot be carried out, there are
    only the problems.

    Raises MalformedError, UnknownContactError, RefusedEditError, AmendError, OSError and SettingsError.
    """
    from contactsheet.ledger import problem_entry

    source = _source(contact_id, plan, bench)
    plan = _decided(source, plan, bench)
    text = _with_directive(source, plan)
    changes = {source.file.path: text.encode("utf-8", "surrogatepass")}
    problems = [one for one in bench.judge(changes) if one.severity is not Severity.NOTICE]
    told: dict[str, object] = {
        "id": contact_id,
        "file": source.file.path,
        "take": list(plan.take or ()),
        "keep": list(plan.keep or ()),
        "problems": [problem_entry(one) for one in problems],
    }
    then = bench.merges(changes, ())
    survivor = _contact(then, then.moved.get(contact_id, ""))
    if survivor is None:
        return told
    now = bench.merges({}, (contact_id, survivor.id))
    own, joining = _contact(now, survivor.id), _contact(now, now.moved.get(contact_id, contact_id))
    if own is None or joining is None or own is joining:
        return told
    return {**told, "into": {"id": survivor.id, "name": own.record.name}, **_told(own, joining, survivor)}


def merge_into(contact_id: str, plan: Plan, bench: Bench) -> Saved:
    """Writes the directive, and gives the contact that the record is part of now. Raises as ``merge_preview`` does."""
    source = _source(contact_id, plan, bench)
    saved(bench, source, _with_directive(source, plan), dict)
    merged = bench.merges({}, (contact_id,))
    return _at_home(contact_id, source, merged)


def unmerge(contact_id: str, bench: Bench) -> Saved:
    """Takes the directive out of a record, if it has one. Raises what ``merge_into`` raises."""
    from contactsheet.amend import amended

    source = source_of(bench.root, contact_id)
    return saved(bench, source, amended(source.text, {"merge_into": None}), dict)


def _source(contact_id: str, plan: Plan, bench: Bench) -> Source:
    if not plan.into or len(plan.into) > _LONGEST or len((*(plan.take or ()), *(plan.keep or ()))) > _MOST:
        raise MalformedError("a merge names the contact that survives, and some fields")
    return source_of(bench.root, contact_id)


def _at_home(contact_id: str, source: Source, merged: Merged) -> Saved:
    from contactsheet.views import record_path

    survivor = merged.moved.get(contact_id, contact_id)
    return Saved(survivor, record_path(survivor), (source.file.path,))


def _decided(source: Source, plan: Plan, bench: Bench) -> Plan:
    """The plan; where nothing was decided yet, with the survivor keeping each field of one value that both have."""
    if plan.take is not None:
        return plan
    from contactsheet.uniting import SCALARS

    plan = Plan(plan.into, (), ())
    then = bench.merges({source.file.path: _with_directive(source, plan).encode("utf-8", "surrogatepass")}, ())
    survivor = _contact(then, then.moved.get(source.file.name, ""))
    lost = (
        [one.field for moved in survivor.merged if moved.id == source.file.name for one in moved.lost]
        if survivor
        else []
    )
    return Plan(plan.into, (), tuple(dict.fromkeys(field for field in lost if field in SCALARS)))


def _with_directive(source: Source, plan: Plan) -> str:
    from contactsheet.amend import amended

    ways = {"take": list(plan.take or ()), "keep": list(plan.keep or ())}
    chosen = {way: fields for way, fields in ways.items() if fields}
    return amended(source.text, {"merge_into": {"contact": plan.into, **chosen} if chosen else plan.into})


def _contact(merged: Merged, contact_id: str) -> Contact | None:
    return next((one for one in merged.contacts if one.id == contact_id), None)


def _told(own: Contact, joining: Contact, survivor: Contact) -> dict[str, object]:
    from contactsheet.uniting import RULES, SCALARS

    fields = []
    for field in RULES:
        sides = [texts_of(field, one.record) for one in (own, joining, survivor)]
        if sides[0] or sides[1]:
            fields.append(
                {
                    "field": field,
                    "single": field in SCALARS,
                    **dict(zip(("own", "joining", "result"), sides, strict=True)),
                }
            )
    known = {one.id for one in own.merged}
    lost = [one for moved in survivor.merged if moved.id not in known for one in moved.lost]
    pictures = [one.picture.file.path if one.picture else None for one in (own, joining, survivor)]
    return {
        "joining": {"id": joining.id, "name": joining.record.name},
        "along": [{"id": one.id, "name": one.name} for one in joining.merged],
        "fields": fields,
        "picture": dict(zip(("own", "joining", "result"), pictures, strict=True)),
        "lost": [{"field": one.field, "value": one.value, "kept": one.kept, "from": one.origin} for one in lost],
    }
