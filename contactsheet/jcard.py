"""Contacts to jCards (RFC 7095): vCard 4.0 as JSON. Nothing here reads a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from contactsheet.properties import Property

_KINDS = {"date-time": "timestamp"}  # what REV and CREATED are called there


def jcard(properties: Iterable[Property]) -> list[Any]:
    """The properties of a card (version 4.0) as a jCard."""
    version = ["version", {}, "text", "4.0"]
    return ["vcard", [version, *map(_property, properties)]]


def document(jcards: Iterable[list[Any]]) -> Iterator[bytes]:
    """One jCard as it is, several as a list of them, since RFC 7095 knows of one alone; in UTF-8, a card a line."""
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in jcards]
    text = lines[0] if len(lines) == 1 else "\n".join(["[", ",\n".join(lines), "]"])
    yield f"{text}\n".encode()


def _property(one: Property) -> list[Any]:
    parameters: dict[str, Any] = {
        name.lower(): values[0] if len(values) == 1 else list(values) for name, values in one.parameters
    }
    if one.group:
        parameters["group"] = one.group  # RFC 7095, 3.3.1.3
    is_several = one.structured and len(one.values) > 1
    values = [list(one.values)] if is_several else one.values
    return [one.name.lower(), parameters, _KINDS.get(one.kind, one.kind), *values]
