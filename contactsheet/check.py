"""One record's tree to a record, or to the problems that keep it from being one.

Shapes are the schema's; here is what values mean: e-mail addresses, phone numbers, web addresses, time zones, times.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from contactsheet.document import Items, Map, Node, Scalar, parse
from contactsheet.problems import Place, Problem
from contactsheet.rules import problem
from contactsheet.schema import (
    SINGULAR,
    AvatarChoice,
    Labelled,
    MergeDirective,
    Message,
    Record,
    RuleError,
)

_PARTS: Mapping[str, type[BaseModel]] = {
    "emails": Labelled,
    "phones": Labelled,
    "websites": Labelled,
    "avatar": AvatarChoice,
    "merge_into": MergeDirective,
    "messages": Message,
}

Path = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A record with where it came from: its ID, its file, and the places of the fields that later stages judge."""

    id: str
    file: str
    record: Record
    places: Mapping[str, Place]

    def place(self, field: str) -> Place | None:
        """Where the field stands (``merge_into.take.0``), or the nearest field around it."""
        while field and field not in self.places:
            field = field.rpartition(".")[0]
        return self.places.get(field)


def check(
    contact_id: str, file: str, data: bytes, region: str | None
) -> tuple[SourceRecord | None, tuple[Problem, ...]]:
    """The record in ``data``, with everything that is to be said about it.

    ``file`` is the name that problems give, ``region`` the country (ISO 3166, two letters) of phone numbers that name
    none. The record is None where the file is no map of texts. A field of the wrong shape is left out of it; a value
    that means nothing stays as it was typed.
    """
    tree, problems = parse(data, file)
    if tree is None:
        return None, problems
    judge = _Judge(file, tree)
    data_of = _plain(_in_plural(tree, judge))
    try:
        record = Record.model_validate(data_of)
    except ValidationError as error:
        judge.shape(error)
        record = Record.model_validate(_without_faults(data_of, error))
    judge.values(record)
    record = record.model_copy(update=_normalised(record, judge, region))
    return SourceRecord(contact_id, file, record, _places(tree)), tuple(judge.problems)


def _without_faults(data: Any, error: ValidationError) -> Any:
    """The record's data without what the schema refuses, so that the rest is judged in the same run."""
    faults = [(found["type"], found["loc"]) for found in error.errors(include_url=False, include_context=False)]
    for kind, path in faults:
        if kind == "extra_forbidden":
            _remove(data, path)
    for kind, path in faults:
        if kind != "extra_forbidden":
            data.pop(path[0], None)
    return {"name": "?", **data}


def _remove(data: Any, path: Path) -> None:
    holder: Any = data
    for step in path[:-1]:
        # Where one value was written for a list of one, the path has a step more than the data.
        if isinstance(holder, dict) or (isinstance(holder, list) and isinstance(step, int)):
            holder = holder[step]  # type: ignore[index]  # an int or a str, as the holder wants it
    holder.pop(path[-1], None)


def _in_plural(tree: Map, judge: _Judge) -> dict[str, Node]:
    """The record's nodes by the plural names of their fields."""
    nodes: dict[str, Node] = {}
    for entry in tree.entries:
        plural = SINGULAR.get(entry.key, entry.key)
        if plural in nodes:
            judge.add(
                "contact/singular-and-plural",
                (entry.key,),
                f"“{entry.key}” says the same as another field of this record, in the other number",
                f"Put all values in one list under “{plural}”.",
            )
        nodes[plural] = entry.value
    return nodes


def _plain(node: Node | dict[str, Node]) -> Any:
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Items):
        return [_plain(item) for item in node.items]
    return {entry.key: _plain(entry.value) for entry in node.entries}


def _places(tree: Map) -> dict[str, Place]:
    """The places of the fields, and of what stands inside those that later stages judge item by item."""
    places: dict[str, Place] = {}
    for entry in tree.entries:
        places[SINGULAR.get(entry.key, entry.key)] = entry.place
        if entry.key in ("merge_into", "avatar"):
            places[entry.key] = entry.value.place
            places.update(_inner_places(entry.key, entry.value))
    return places


def _inner_places(path: str, node: Node) -> Iterable[tuple[str, Place]]:
    inner: Iterable[tuple[str, Node]] = ()
    if isinstance(node, Map):
        inner = ((f"{path}.{entry.key}", entry.value) for entry in node.entries)
    elif isinstance(node, Items):
        inner = ((f"{path}.{index}", item) for index, item in enumerate(node.items))
    for name, value in inner:
        yield name, value.place
        yield from _inner_places(name, value)


class _Judge:
    """Collects the problems of one record, each at its place in the tree."""

    def __init__(self, file: str, tree: Map) -> None:
        self.file, self.tree = file, tree
        self.problems: list[Problem] = []

    def add(self, rule: str, path: Path, message: str, fix: str, *, at_key: bool = False) -> None:
        """A problem at the value that ``path`` leads to, or at its key."""
        place, written = self._find(path, at_key)
        self.problems.append(problem(rule, self.file, place, field=written, message=message, fix=fix))

    def _find(self, path: Path, at_key: bool) -> tuple[Place, str]:
        """The place of the deepest node on the path that was written, and the path in the words of the file."""
        node: Node = self.tree
        place, written = Place(1, 1), []
        for step in path:
            if isinstance(node, Map) and isinstance(step, str):
                entry = node.get(step)
                if entry is None and node is self.tree:
                    entry = next((e for e in node.entries if SINGULAR.get(e.key) == step), None)
                written.append(entry.key if entry else step)
                if entry is None:
                    break
                node, place = entry.value, entry.place
                if not at_key and not (isinstance(node, Scalar) and node.text is None):
                    place = node.place
            elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
                place = node.place
                written.append(str(step))
        return place, ".".join(written)

    def shape(self, error: ValidationError) -> None:
        """What pydantic found, as problems in the words of this program."""
        for found in error.errors(include_url=False):
            path: Path = found["loc"]
            inner = found.get("ctx", {}).get("error")
            if isinstance(inner, RuleError):
                self.add(inner.rule, path, inner.message, inner.fix)
            elif found["type"] == "extra_forbidden":
                self._unknown(path)
            elif found["type"] == "missing" or (found["input"] is None and found["type"].startswith("string")):
                name = path[-1] if isinstance(path[-1], str) else "value"
                fix = f"Write “{name}: …” with a text behind the colon."
                self.add("contact/missing", path, f"“{_label(path)}” is missing", fix)
            else:
                self._shape(path, found["type"], found.get("ctx", {}), found["input"])

    def _unknown(self, path: Path) -> None:
        key = str(path[-1])
        part: type[BaseModel] = Record if len(path) == 1 else _PARTS.get(str(path[0]), Record)
        known = [field.alias or name for name, field in part.model_fields.items()]
        near = difflib.get_close_matches(key.lower(), [*known, *(SINGULAR if part is Record else ())], 1, 0.6)
        custom = " A field of your own belongs under “fields”." if part is Record else ""
        fix = f"Did you mean “{near[0]}”?{custom}" if near else f"Known are: {', '.join(known)}.{custom}"
        self.add("contact/unknown-field", path, f"there is no field “{key}”", fix, at_key=True)

    def _shape(self, path: Path, kind: str, context: Mapping[str, Any], given: object) -> None:
        wanted, fix = {
            "string": ("a text", "Write one text; put it in quotes if it holds a bracket, a brace or a colon."),
            "tuple": ("a list", "Write one value a line, each behind a hyphen."),
            "dict": ("a map", "Write “key: value” lines, indented under the field."),
            "model": ("a map", "Write “key: value” lines, indented under the field."),
            "literal": (f"{context.get('expected', '')}", f"Write {context.get('expected', '')}."),
        }.get(kind.partition("_")[0], ("what belongs here", "Look the field up in the documentation."))
        what = {dict: "a map", list: "a list", type(None): "nothing"}.get(type(given), "another text")
        if given == "":
            what = "an empty text"
        self.add("contact/type", path, f"“{_label(path)}” is {what}, not {wanted}", fix)

    def values(self, record: Record) -> None:
        """What the schema cannot tell: that a directive names somebody, that a time zone exists."""
        directive = self.tree.get("merge_into")
        if directive and record.merge_into is None:
            fix = "Write the ID of the contact that survives, or take the line out."
            self.add("merge/unknown-target", ("merge_into",), "merge_into names no contact", fix)
        if record.time_zone and record.time_zone not in _time_zones():
            near = difflib.get_close_matches(record.time_zone, _time_zones(), 1, 0.5)
            fix = f"Did you mean {near[0]}?" if near else "Write an IANA name such as Europe/London."
            self.add("contact/time-zone", ("time_zone",), "no such time zone is known", fix)


def _label(path: Path) -> str:
    names = [str(step) for step in path if isinstance(step, str)]
    return ".".join(names)


def _normalised(record: Record, judge: _Judge, region: str | None) -> dict[str, object]:
    """The fields whose values have one best form, in that form."""
    updates: dict[str, object] = {}
    if record.emails:
        updates["emails"] = tuple(_email(judge, index, email) for index, email in enumerate(record.emails))
    if record.phones:
        updates["phones"] = tuple(_phone(judge, index, phone, region) for index, phone in enumerate(record.phones))
    for index, website in enumerate(record.websites):
        if fix := web_address_fault(website.value):
            judge.add("contact/website", ("websites", index, "value"), "this is not a web address", fix)
    if record.messages:
        updates["messages"] = tuple(_message(judge, index, message) for index, message in enumerate(record.messages))
    return updates


def _email(judge: _Judge, index: int, email: Labelled) -> Labelled:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(email.value, check_deliverability=False)
    except EmailNotValidError as error:
        message = f"this is not an e-mail address: {error}"
        judge.add("contact/email", ("emails", index, "value"), message, "Write it as in ada@example.org.")
        return email
    return email.model_copy(update={"value": found.normalized})


def _phone(judge: _Judge, index: int, phone: Labelled, region: str | None) -> Labelled:
    import phonenumbers

    path = ("phones", index, "value")
    fix = "Write it with the country's code, as in +44 20 7946 0958."
    try:
        number = phonenumbers.parse(phone.value, region)
    except phonenumbers.NumberParseException as error:
        abroad = phone.value.lstrip().startswith(("+", "\uff0b"))
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE and not abroad:
            judge.add("contact/phone-doubtful", path, "the number says no country", fix)
        else:
            judge.add("contact/phone", path, "this is not a phone number", fix)
        return phone
    if not phonenumbers.is_possible_number(number):
        judge.add("contact/phone", path, "no number of that country is as long or as short as this", fix)
        return phone
    if not phonenumbers.is_valid_number(number):
        country = f"+{number.country_code}"
        message = f"no range of numbers in {country} is known that holds this one"
        judge.add("contact/phone-doubtful", path, message, "Compare the digits; leave it if it works.")
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return phone.model_copy(update={"value": shown})


def web_address_fault(address: str) -> str:
    """How to mend what is no http or https address; empty where it is one. (RFC 3986, without user and password.)"""
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "Write a whole address, as in https://example.org/."
    if parts.scheme not in ("http", "https"):
        bare = "://" not in address and ":" not in address.partition("/")[0] and "." in address.partition("/")[0]
        return f"Write https://{address.lstrip('/')}." if bare else "Only addresses with https:// or http:// are shown."
    if not host or not address.lower().startswith(f"{parts.scheme}://") or "\\" in address:
        return "Write a whole address, as in https://example.org/."
    if parts.username is not None:
        return "Take the user name and the password out of the address."
    if any(c.isspace() or c in "<>\"'`{}|^" for c in address):
        return "Take out the spaces, quotation marks and brackets, or write them as %20 and so on."
    return ""


def _message(judge: _Judge, index: int, message: Message) -> Message:
    if message.at.tzinfo is not None:
        return message
    judge.add(
        "contact/time-without-offset",
        ("messages", index, "at"),
        "the time says no offset; it counts as UTC",
        "Add Z for UTC, or the offset, as in +01:00.",
    )
    return message.model_copy(update={"at": message.at.replace(tzinfo=UTC)})


@cache
def _time_zones() -> frozenset[str]:
    # From the tzdata package on every machine: the system's own data differ, and some file systems ignore case.
    from importlib import resources

    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())
