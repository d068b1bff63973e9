"""Shapes: what a value has to be like, how it is read, and how that is told in a JSON Schema (draft-07).

Whatever is right in a value is read, whatever is wrong beside it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass
from typing import Any, Final, Literal, NamedTuple

from contactsheet import values
from contactsheet.values import RuleError

Path = tuple[int | str, ...]
"""The way to a value: names of fields and, in lists, indexes from 0."""

WRONG: Final[Any] = object()
"""Stands for a value of which nothing could be read."""

STRING: Final = ["string", "number", "boolean"]  # so plain scalars are loaded by editors, which are all texts here


class Fault(NamedTuple):
    """What is wrong with the value to which ``path`` leads, or with that key (``at_key``).

    ``kind``: it breaks a ``rule``, is a field that nobody knows or one that is missing, or is not what it has to be: a
    text, a map of texts, a map with certain keys. ``given`` is what stands there.
    """

    path: Path
    kind: Literal["rule", "unknown", "missing", "text", "texts", "map"]
    given: object
    rule: RuleError | None = None
    at_key: bool = False


Read = Callable[[Any, list[Fault]], Any]
"""Gives what a value says, or WRONG, and adds what is wrong with it to the faults; their paths begin at the value."""


class ShapeError(ValueError):
    """A value is not of its shape: carries what is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} values are not of their shape")
        self.faults = faults


class Shape(NamedTuple):
    """What a value has to be like.

    ``read`` reads it, and ``schema`` tells the same in words of JSON Schema, as far as these can.
    """

    read: Read
    schema: Mapping[str, Any]


class Field(NamedTuple):
    """A field of a part: the shape of its values, what it is for, how it is written, and its property in a vCard.

    ``key`` is its name in the file, where that differs from the attribute's.
    """

    shape: Shape
    description: str
    examples: Sequence[object]
    vcard: str = ""
    key: str = ""


@dataclass(frozen=True)
class Part:
    """A record, or a map that stands in one: a dataclass whose fields are annotated with a Field each."""


# --- one value -------------------------------------------------------------------------------------------------------


def value(read: Callable[[Any], Any], schema: Mapping[str, Any]) -> Shape:
    """A value that ``read`` reads, or of which it raises the rule that it breaks."""

    def shaped(given: Any, faults: list[Fault]) -> Any:
        try:
            return read(given)
        except RuleError as error:
            faults.append(Fault((), "rule", given, error))
            return WRONG

    return Shape(shaped, schema)


def text(read: Callable[[str], Any], schema: Mapping[str, Any]) -> Shape:
    """A text that ``read`` reads, or of which it raises the rule that it breaks."""
    any_value = value(read, schema).read

    def shaped(given: Any, faults: list[Fault]) -> Any:
        if isinstance(given, str):
            return any_value(given, faults)
        faults.append(Fault((), "text", given))
        return WRONG

    return Shape(shaped, {"type": STRING, **schema})


def prepared(by: Callable[[Any], Any], shape: Shape, *also: Mapping[str, Any]) -> Shape:
    """A shape whose values may be written in another form, too, of which the function ``by`` makes the usual one.

    ``also`` are the schemas of the other forms.
    """
    prepare, read = value(by, {}).read, shape.read

    def shaped(given: Any, faults: list[Fault]) -> Any:
        made = prepare(given, faults)
        return WRONG if made is WRONG else read(made, faults)

    return Shape(shaped, {"anyOf": [*also, *choices(shape.schema)]} if also else shape.schema)


# --- several values --------------------------------------------------------------------------------------------------


def many(item: Shape, listed: Callable[[Any], Any] = values.some) -> Shape:
    """A list, or one item alone; ``listed`` makes a list of both. What is wrong is left out of it."""
    read = item.read

    def shaped(given: Any, faults: list[Fault]) -> Any:
        found = []
        for index, one in enumerate(given):
            before = len(faults)
            made = read(one, faults)
            if made is not WRONG:
                found.append(made)
            if len(faults) > before:
                _lead(faults, before, index)
        return tuple(found)

    schema = {"anyOf": [*choices(item.schema), {"items": item.schema, "type": "array"}]}
    return prepared(listed, Shape(shaped, schema))


def pair(item: Shape) -> Shape:
    """Two values in a list."""

    def shaped(given: Any, faults: list[Fault]) -> Any:
        found, before = [], len(faults)
        for index, one in enumerate(given):
            found.append(item.read(one, faults))
            _lead(faults, before, index)
            before = len(faults)
        return WRONG if WRONG in found else tuple(found)

    ends = {"maxItems": 2, "minItems": 2}
    return Shape(shaped, {**ends, "items": [item.schema] * 2, "additionalItems": False, "type": "array"})


def mapping(key: Shape, item: Shape) -> Shape:
    """A map from texts to texts; what is empty is left out of it."""

    def shaped(given: Any, faults: list[Fault]) -> Any:
        if not isinstance(given, dict):
            faults.append(Fault((), "texts", given))
            return WRONG
        found, first = {}, len(faults)
        for name, one in given.items():
            before = len(faults)
            called = key.read(name, faults)
            if len(faults) > before:
                faults[before:] = [fault._replace(at_key=True) for fault in faults[before:]]
            found[called] = item.read(one, faults)
            if len(faults) > before:
                _lead(faults, before, name)
        return WRONG if len(faults) > first else found

    names = {"propertyNames": {"pattern": key.schema["pattern"]}}
    inner = {"anyOf": [*choices(item.schema), {"type": "null"}]}
    return prepared(values.pairs, Shape(shaped, {**names, "additionalProperties": inner, "type": "object"}))


def part(cls: type[Part]) -> Shape:
    """A map with the fields of a part. One wrong field makes the whole map wrong; an unknown one is left out of it."""
    read = content(cls)

    def shaped(given: Any, faults: list[Fault]) -> Any:
        if isinstance(given, cls):
            return given
        before = len(faults)
        found = read(given, faults)
        if found is WRONG or any(fault.kind != "unknown" for fault in faults[before:]):
            return WRONG
        return cls(**found)

    return Shape(shaped, {"$ref": f"#/definitions/{cls.__name__}"})


def content(cls: type[Part]) -> Read:
    """What reads the fields of a part, by their attributes' names, as far as they can be read.

    An empty field is as good as none.
    """
    known = {key: (name, fields(cls)[name].shape.read) for key, name in keys(cls).items()}
    needed = required(cls)

    def shaped(given: Any, faults: list[Fault]) -> Any:
        if not isinstance(given, dict):
            faults.append(Fault((), "map", given))
            return WRONG
        found = {}
        for key, one in given.items():
            if key not in known:
                faults.append(Fault((key,), "unknown", one))
            elif one is not None:
                attribute, read = known[key]
                before = len(faults)
                made = read(one, faults)
                if made is not WRONG:
                    found[attribute] = made
                if len(faults) > before:
                    _lead(faults, before, key)
        faults += [Fault((key,), "missing", given) for key in needed if given.get(key) is None]
        return found

    return shaped


def _lead(faults: list[Fault], first: int, step: int | str) -> None:
    """Puts a step before the paths of the faults from the ``first`` on."""
    faults[first:] = [fault._replace(path=(step, *fault.path)) for fault in faults[first:]]


# --- what is declared ------------------------------------------------------------------------------------------------


def fields(cls: type[Part]) -> Mapping[str, Field]:
    """What is declared of a part's fields, by the names of the attributes."""
    return {name: told.__metadata__[0] for name, told in cls.__annotations__.items()}


def keys(cls: type[Part]) -> Mapping[str, str]:
    """The names that a part's fields have in a file, with those of the attributes."""
    return {one.key or name: name for name, one in fields(cls).items()}


def defaults(cls: type[Part]) -> Mapping[str, Any]:
    """The values of the fields that need not be there, by the names of the attributes."""
    found = {one.name: one.default for one in dataclasses.fields(cls) if one.default is not MISSING}
    made = {one.name: one.default_factory() for one in dataclasses.fields(cls) if one.default_factory is not MISSING}
    return {**found, **made}


def required(cls: type[Part]) -> tuple[str, ...]:
    """The fields without which a part is none, as they are called in a file."""
    return tuple(key for key, name in keys(cls).items() if name not in defaults(cls))


def said(given: Part) -> dict[str, Any]:
    """What a part says, by the names that its fields have in a file, but for what goes without saying."""
    without = defaults(type(given))
    told = {key: (name, getattr(given, name)) for key, name in keys(type(given)).items()}
    return {key: one for key, (name, one) in told.items() if name not in without or one != without[name]}


def choices(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a schema lets a value be."""
    return list(schema["anyOf"]) if schema.keys() == {"anyOf"} else [schema]
