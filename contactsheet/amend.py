"""A record's text with some of its fields changed, and nothing else.

It turns texts into texts: comments, order, quoting, indentation and line ends of what does not change stay as they are
to the byte. No file is read or written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from contactsheet import schema, shapes, spans, values
from contactsheet.document import parse
from contactsheet.places import Editor, NoPlaceError
from contactsheet.schema import SINGULAR, Record
from contactsheet.shapes import Part, ShapeError
from contactsheet.spans import Dictionary, List, Pair
from contactsheet.values import RuleError
from contactsheet.writing import pair, texts

_PLURAL_ONLY = {plural: singular for singular, plural in SINGULAR.items()}
_RANK = {field: rank for rank, field in enumerate(shapes.fields(Record))}


class AmendError(ValueError):
    """The text cannot be changed in its places; the record has to be edited by hand."""


def written(fields: Mapping[str, object]) -> str:
    """The text of a new record with these fields, by their plural names.

    Values are texts, dates, truths, numbers, lists and mappings (an e-mail address with its word is {label, value}), or
    the schema's own parts. Those that are empty are left out. Any reader of YAML gives the same texts back.
    """
    known = {field: value for field, value in _given(fields).items() if value is not None}
    return "".join(pair(*_named(field, known[field]), "", "\n") for field in sorted(known, key=_rank))


def amended(text: str, changes: Mapping[str, object | None]) -> str:
    """The ``text`` of a record with the fields of ``changes``, by their plural names; None takes a field out.

    Values are those of ``written``. A list or map of which some stays is changed in the places that differ. What is
    said already is not touched. Raises AmendError where the text is no record, or written in a way that leaves no
    place for the change.
    """
    bare = text.removeprefix("\ufeff")
    tree = _tree(bare)
    given = {field: value for field, value in _given(changes).items() if not _says(tree, field, value)}
    if not given:
        return text
    result = _edited(bare, tree, given)
    _prove(tree, result, given)
    return text[: len(text) - len(bare)] + result


def says(text: str, field: str) -> Any:
    """What a record's text says of a field, in texts, lists and dictionaries; None where it says nothing.

    Raises AmendError where the text is no record.
    """
    found = [one for one in _tree(text.removeprefix("\ufeff")).pairs if _plural(one) == field]
    return spans.plain(found[0].value) if found else None


# --- values ----------------------------------------------------------------------------------------------------------


def _given(fields: Mapping[str, object | None]) -> dict[str, Any]:
    """The fields by their plural names, with values as they are to be written; what is empty is None."""
    return {SINGULAR.get(field, field): _value(SINGULAR.get(field, field), one) for field, one in fields.items()}


def _value(field: str, value: object | None) -> Any:
    made = _bare(value)
    if made in (None, "", [], {}):
        return None
    if field in _PLURAL_ONLY:
        made = [_alone(one) for one in made] if isinstance(made, list) else _alone(made)
    if field == "messages":
        return [_message(one) if isinstance(one, dict) else one for one in made]
    typed = _typed(field, made)
    # What the schema reads as a date or as true or false is written as such, without quotes.
    return typed if isinstance(made, str) and isinstance(typed, bool | date) else made


def _message(said: dict[str, Any]) -> dict[str, Any]:
    """A message in which the time, and true or false, are written as such, without quotes."""
    written = dict(said)
    for key, meant in (("at", values.moment), ("read", values.flag)):
        with suppress(RuleError, KeyError):
            written[key] = meant(said[key])
    return written


def _bare(value: object) -> Any:
    """A value without the schema's own types, and without what is nothing in it."""
    if isinstance(value, Part):
        value = shapes.said(value)
    if isinstance(value, Mapping):
        return {key: one for key, item in value.items() if (one := _bare(item)) is not None}
    if isinstance(value, list | tuple):
        return [_bare(item) for item in value]
    return value


def _alone(item: Any) -> Any:
    """An address or number; without a word to tell it from the others, it is a text."""
    return item["value"] if isinstance(item, dict) and item.keys() == {"value"} else item


def _typed(field: str, value: Any) -> Any:
    """What a value means to the schema; the value itself where the schema refuses it."""
    try:
        return getattr(schema.record_of({"name": "?", field: texts(value)}), field)
    except (ShapeError, AttributeError):
        return texts(value)


def _says(tree: Dictionary, field: str, value: Any) -> bool:
    """Whether the record says this already, once."""
    found = [one for one in tree.pairs if _plural(one) == field]
    if value is None or len(found) != 1:
        return value is None and not found
    said = spans.plain(found[0].value)
    return said is not None and bool(_typed(field, said) == _typed(field, value))


def _plural(one: Pair) -> str:
    key = one.key.text or ""
    return SINGULAR.get(key, key)


def _rank(field: str) -> tuple[int, str]:
    return _RANK.get(field, len(_RANK)), field


def _named(field: str, value: Any) -> tuple[str, Any]:
    """The key and the value with which a field is written anew: one text goes in the singular, where there is one."""
    if isinstance(value, str):
        value = [value] if field in _PLURAL_ONLY else value
    if field in _PLURAL_ONLY and len(value) == 1 and isinstance(value[0], str):
        return _PLURAL_ONLY[field], value[0]
    return field, value


# --- trees -----------------------------------------------------------------------------------------------------------


def _tree(text: str) -> Dictionary:
    sound, problems = parse(text.encode("utf-8", "surrogatepass"), "")
    if sound is None:
        raise AmendError(problems[-1].message)
    tree = spans.tree_of(text)
    assert isinstance(tree, Dictionary)
    return tree


def _prove(before: Dictionary, result: str, given: Mapping[str, Any]) -> None:
    """That the text says what was asked for and, of all other fields, what it said before."""
    try:
        after = _tree(result)
    except AmendError:
        after = None
    if (
        after is None
        or _others(before, given) != _others(after, given)
        or not all(_says(after, field, value) for field, value in given.items())
    ):
        raise AmendError(f"there is no safe place for a change of {', '.join(given)}")


def _others(tree: Dictionary, given: Mapping[str, Any]) -> list[tuple[str | None, Any]]:
    others = ((one, _plural(one)) for one in tree.pairs)
    return [(one.key.text, _typed(field, spans.plain(one.value))) for one, field in others if field not in given]


# --- places ----------------------------------------------------------------------------------------------------------


def _edited(text: str, tree: Dictionary, given: Mapping[str, Any]) -> str:
    """The text with the fields ``given``; a field that is there twice stays once."""
    seen: set[str] = set()
    changes: dict[int, tuple[str, Any] | None] = {}
    for index, one in enumerate(tree.pairs):
        field = _plural(one)
        if field in given:
            gone = given[field] is None or field in seen
            changes[index] = None if gone else _kept_name(one, field, given[field])
            seen.add(field)
    added = [field for field in sorted(given, key=_rank) if field not in seen and given[field] is not None]
    places = [(_predecessor(tree, field), *_named(field, given[field])) for field in added]
    editor = Editor(text, _meaning, json=tree.flow)
    try:
        return editor.applied(editor.changed(tree, changes, places))
    except NoPlaceError:
        raise AmendError("there is no safe place for the change; the record has to be changed by hand") from None


def _kept_name(one: Pair, field: str, value: Any) -> tuple[str, Any]:
    """A field's key and value: what stands in the singular stays so if it can."""
    key = one.key.text or ""
    if key != field:
        return _named(field, value)
    return key, [value] if isinstance(one.value, List) and isinstance(value, str) else value


def _meaning(field: str, item: Any) -> str:
    """What an item of a field's list means, to be compared."""
    typed = _typed(SINGULAR.get(field, field), [item]) if item is not None and field else None
    return repr(typed or (item if item is None else texts(item)))


def _predecessor(tree: Dictionary, field: str) -> int:
    """The index of the pair behind which the schema's order puts a new field; -1 where it comes first."""
    ranks = [(_rank(_plural(one)), index) for index, one in enumerate(tree.pairs)]
    return max((place for place in ranks if place[0] < _rank(field)), default=(None, -1))[1]
