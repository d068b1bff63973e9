"""A record as a form shows it, and the change that a form asks for: as values, and as text in the record's own file.

What has an error, or was made from another state of the file than the present one, is refused whole and nothing of it
is written. Nothing here knows of requests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from contactsheet import editing, read
from contactsheet.editing import Form, Saved
from contactsheet.read import RECORD_LIMIT, Changes, SourceFile
from contactsheet.uniting import SCALARS
from contactsheet.views import record_path

if TYPE_CHECKING:
    from contactsheet.check import SourceRecord
    from contactsheet.merge import Contact, Merged
    from contactsheet.schema import Record

LINES = (*SCALARS, "created")
LABELLED = ("emails", "phones", "websites")
LISTS = ("tags", "do_not_disturb")
FIELDS = (*LINES, *LABELLED, *LISTS, "fields", "starred")
"""What a form changes: all but the picture, the merge directive and the conversation."""


class Bench(editing.Bench, Protocol):
    """Where changes are made: ``rebuilding.Bench``."""

    def merges(self, changes: Changes, also: Iterable[str]) -> Merged:
        """What the directives would make of the records if the changes were written."""


class MalformedError(Exception):
    """What was sent can be no change; the text says why."""


class OutdatedError(Exception):
    """What was to be changed is not any more what the page showed; ``now`` is how it stands, as JSON tells it."""

    def __init__(self, now: Mapping[str, object]) -> None:
        super().__init__("it changed meanwhile")
        self.now = now


@dataclass(frozen=True, slots=True)
class Source:
    """A record's file as it is at the moment; ``found`` is what it says, whatever is wrong with it."""

    file: SourceFile
    data: bytes
    found: SourceRecord

    @property
    def text(self) -> str:
        """The text of the file."""
        return self.data.decode()

    @property
    def version(self) -> str:
        """What tells the file's content from any other."""
        return hashlib.sha256(self.data).hexdigest()


def source_of(root: Path, contact_id: str) -> Source:
    """The record of a contact. Raises UnknownContactError, RefusedEditError where it is no record, and OSError."""
    file = editing.record_file(contact_id, read.scan(root))
    return Source(file, *editing.record_in(root, file))


# --- the form --------------------------------------------------------------------------------------------------------


def record_form(contact_id: str, bench: Bench) -> dict[str, object]:
    """A record for its form: the file and its ``version``, its fields as they are written, and what others bring.

    ``fields`` are texts, lists of texts, lists of {label, value}, the pairs of ``fields``, and the truth of
    ``starred``; of those in ``odd`` the form has no shape. ``joins`` is the contact that the record was merged into.
    ``brought`` are the values that the contact's page shows but another record says.
    Raises UnknownContactError, RefusedEditError, OSError and SettingsError.
    """
    source = source_of(bench.root, contact_id)
    fields, odd = _fields(source.text)
    merged = bench.merges({}, (contact_id,))
    contacts = {one.id: one for one in merged.contacts}
    survivor = contacts.get(merged.moved.get(contact_id, ""))
    contact = contacts.get(contact_id)
    return {
        "id": contact_id,
        "name": source.found.record.name,
        "file": source.file.path,
        "version": source.version,
        "fields": fields,
        "odd": odd,
        "joins": {"id": survivor.id, "name": survivor.record.name} if survivor else None,
        "brought": _brought(bench.root, source.found.record, contact) if contact else [],
    }


def _fields(text: str) -> tuple[dict[str, Any], list[str]]:
    """The fields of a record as its form shows them, and the names of those that it cannot show."""
    given = _said(text)
    found: dict[str, Any] = {}
    odd = []
    for field in FIELDS:
        value = given.get(field)
        try:
            found[field] = shown(field, _meant(field, value))
        except ValueError:
            if isinstance(value, str):  # wrong, but as plain as if it were right
                found[field] = _alone(field, value)
            else:
                odd.append(field)
    return found, odd


def _said(text: str) -> dict[str, Any]:
    """The record's values as they are written, by the plural names of their fields."""
    from contactsheet import spans
    from contactsheet.schema import SINGULAR

    said = spans.plain(spans.tree_of(text.removeprefix("\ufeff")))
    return {SINGULAR.get(key, key): value for key, value in said.items()}


def _meant(field: str, value: object) -> Any:
    """What a field's value means to the schema. Raises ValueError where it means nothing."""
    from contactsheet.schema import record_of
    from contactsheet.writing import texts

    return getattr(record_of({"name": "?", **({} if value is None else {field: texts(value)})}), field)


def _alone(field: str, text: str) -> Any:
    if field in LABELLED:
        return [{"label": "", "value": text}]
    return [text] if field in LISTS else text


def shown(field: str, value: Any) -> Any:
    """A field's value, of the schema's types, in those of JSON."""
    if field in LABELLED:
        return [{"label": one.label or "", "value": one.value} for one in value]
    if field in LISTS:
        return list(value)
    if field == "fields":
        return [list(pair) for pair in value.items()]
    if field == "starred":
        return value
    return "" if value is None else str(value)


def _brought(root: Path, own: Record, contact: Contact) -> list[dict[str, object]]:
    """What a contact shows that its own record does not say, each with the record that does. An alias has no record."""
    sources = [(one, source_of(root, one.id).found.record) for one in contact.merged if one.file]
    found: list[dict[str, object]] = []
    for field in FIELDS:
        here = texts_of(field, own)
        for text in texts_of(field, contact.record):
            if text in here:
                continue
            origin = next((one for one, record in reversed(sources) if text in texts_of(field, record)), None)
            if origin:
                found.append({"field": field, "text": text, "id": origin.id, "file": origin.file})
    return found


def texts_of(field: str, record: Record) -> list[str]:
    """What a record says in a field, item by item, for people."""
    value = getattr(record, field)
    if field in LABELLED:
        return [f"{one.label}: {one.value}" if one.label else one.value for one in value]
    if field == "fields":
        return [f"{key}: {text}" for key, text in value.items()]
    if field == "messages":
        return [f"{len(value)} message{'' if len(value) == 1 else 's'}"] if value else []
    if isinstance(value, bool):
        return ["yes"] if value else []
    if isinstance(value, tuple):
        return list(value)
    return [] if value is None else [str(value)]


# --- the change ------------------------------------------------------------------------------------------------------


def change_record(contact_id: str, form: Form, bench: Bench) -> Saved:
    """Changes the fields that the form names in ``changes`` (a JSON map) in the record that it has the ``version`` of.

    Raises MalformedError, OutdatedError with the form of the present record, UnknownContactError, RefusedEditError,
    AmendError, OSError and SettingsError; nothing is written then.
    """
    from contactsheet.amend import amended

    changes = _changes(form.take("changes"))
    source = source_of(bench.root, contact_id)
    if source.version != form.take("version"):
        raise OutdatedError(record_form(contact_id, bench))
    said = _said(source.text)
    text = amended(source.text, {field: _ended(value, said.get(field)) for field, value in changes.items()})
    return saved(bench, source, text, lambda: record_form(contact_id, bench))


def _ended(value: object, before: object) -> object:
    """A text of several lines as it ended before: the form shows none of the line's end behind it."""
    keeps = isinstance(value, str) and isinstance(before, str) and before.endswith("\n")
    return f"{str(value).rstrip()}\n" if keeps else value


def saved(bench: Bench, source: Source, text: str, now: Callable[[], Mapping[str, object]]) -> Saved:
    """Writes a record's new text if nothing is wrong with it and the file is still what it was; the pages show it then.

    ``now`` tells how things stand, for the OutdatedError that is raised else.
    """
    from contactsheet import edit

    page = record_path(source.file.name)
    if text == source.text:
        return Saved(source.file.name, page, ())
    files = {source.file.path: text.encode("utf-8", "surrogatepass")}
    editing.refuse_errors(bench, files)
    if read.bytes_of(bench.root, source.file.path, RECORD_LIMIT) != source.data:
        raise OutdatedError(now())
    edit.save(bench.root, files)
    bench.build()
    return Saved(source.file.name, page, tuple(files))


def _changes(text: str) -> dict[str, object]:
    """The changes that a form asks for, by field; None takes a field out."""
    try:
        changes = json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedError("the changes are no JSON") from None
    if not isinstance(changes, dict) or not changes:
        raise MalformedError("the changes are no map of fields")
    for field, value in changes.items():
        if field not in FIELDS:
            raise MalformedError(f"there is no field {field[:40]!r} to change")
        if value is not None and not _fits(field, value):
            raise MalformedError(f"the value of {field} has another shape")
    return {field: _without_gaps(field, value) for field, value in changes.items()}


def _fits(field: str, value: object) -> bool:
    """Whether a value has the shape in which ``shown`` gives the field's."""
    if field in LABELLED:
        return isinstance(value, list) and all(
            isinstance(one, dict) and one.keys() == {"label", "value"} and _are_texts(one.values()) for one in value
        )
    if field in LISTS:
        return isinstance(value, list) and _are_texts(value)
    if field == "fields":
        return isinstance(value, list) and all(
            isinstance(one, list) and len(one) == 2 and _are_texts(one) for one in value
        )
    return isinstance(value, bool if field == "starred" else str)


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(one, str) for one in values)


def _without_gaps(field: str, value: Any) -> object:
    """The value as a record says it, without what was left empty."""
    if not value:
        return None
    if field in LABELLED:
        return _labelled(value)
    if field == "fields":
        return {key.strip(): text for key, text in value if text.strip()}
    if field == "do_not_disturb" and value == ["all"]:
        return "all"
    return [one for one in value if one.strip()] if field in LISTS else value


def _labelled(items: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    return [
        {"label": one["label"], "value": one["value"]} if one["label"].strip() else {"value": one["value"]}
        for one in items
        if one["value"].strip()
    ]
