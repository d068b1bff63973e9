"""One record's bytes to a tree of texts, each with its place.

The YAML is judged on its events, before anything is composed. No type is guessed: every plain scalar is text until the
schema says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from contactsheet.problems import Place, Problem
from contactsheet.rules import problem

SIZE_LIMIT = 1_048_576  # bytes
DEPTH_LIMIT = 20  # levels of lists and maps within each other

# What no text may hold: the control characters but tab, line feed and carriage return, the separators that only some
# readers take for line breaks, and the code points that are no characters.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
NOTHING = frozenset(("", "~", "null", "Null", "NULL"))


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, or None where nothing was written."""

    text: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a map with its value; ``place`` is the key's."""

    key: str
    place: Place
    value: Node


@dataclass(frozen=True, slots=True)
class Map:
    """A map, its entries in the order of the file."""

    entries: tuple[Entry, ...]
    place: Place

    def get(self, key: str) -> Entry | None:
        """The entry of that key."""
        return next((entry for entry in self.entries if entry.key == key), None)


Node = Scalar | Items | Map


class _Refused(Exception):  # noqa: N818  # not an error of the program: the way out of the walk over the events
    def __init__(self, rule: str, place: Place | None, message: str, fix: str) -> None:
        super().__init__(message)
        self.rule, self.place, self.message, self.fix = rule, place, message, fix


def parse(data: bytes, file: str) -> tuple[Map | None, tuple[Problem, ...]]:
    """The tree of the record in ``data``, or the problems that keep it from being read.

    ``file`` is the name that the problems give. The tree is None where it is not a single YAML map of texts
    within the limits of size and depth. Keys given twice are found in the whole file; anything else ends the reading.
    """
    twice: list[Problem] = []
    try:
        text = _decode(data)
        tree = _compose(text, file, twice)
    except _Refused as refused:
        found = problem(refused.rule, file, refused.place, message=refused.message, fix=refused.fix)
        return None, (*twice, found)
    return (None if twice else tree), tuple(twice)


def _decode(data: bytes) -> str:
    if len(data) > SIZE_LIMIT:
        raise _Refused(
            "yaml/too-large",
            None,
            f"the file has {len(data)} bytes; {SIZE_LIMIT} are allowed",
            "Keep long texts elsewhere and link to them.",
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        raise _Refused("yaml/encoding", None, "the file is UTF-16 or UTF-32, not UTF-8", "Save it as UTF-8.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        raise _Refused(
            "yaml/encoding",
            _place_of(before, len(before)),
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            "Save the file as UTF-8; it looks like Latin-1 or Windows-1252.",
        ) from None
    text = text.removeprefix("\ufeff")
    if found := CONTROL.search(text):
        raise _Refused(
            "yaml/control-character",
            _place_of(text, found.start()),
            f"the control character U+{ord(found[0]):04X} stands in the text",
            "Delete it; it was probably pasted along with something else.",
        )
    return text


def _place_of(text: str, index: int) -> Place:
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


Events = Iterator[yaml.Event]


def _compose(text: str, file: str, twice: list[Problem]) -> Map:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _document(yaml.parse(text, Loader=loader), file, twice)
    except yaml.MarkedYAMLError as error:
        raise _explained(text, error) from None
    except (yaml.YAMLError, ValueError) as error:
        message = f"this is not YAML: {error}"
        raise _Refused("yaml/syntax", None, message, "Compare it with a record that works.") from None


def _document(events: Events, file: str, twice: list[Problem]) -> Map:
    tree: Node | None = None
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _Refused(
                    "yaml/document",
                    _place(event.start_mark),
                    "a second document begins in the same file",
                    "Put each contact in a file of its own, and take out the line with ---.",
                )
        elif isinstance(event, yaml.NodeEvent):
            tree = _node(event, events, 1, file, twice)
    if isinstance(tree, Map):
        return tree
    empty = tree is None or (isinstance(tree, Scalar) and tree.text is None)
    what = "nothing" if empty else "a list" if isinstance(tree, Items) else "a single text"
    raise _Refused(
        "yaml/document",
        tree.place if tree else None,
        f"the file holds {what}, not a record",
        "Write one field a line, beginning with “name: …”.",
    )


def _node(event: yaml.Event, events: Events, depth: int, file: str, twice: list[Problem]) -> Node:
    place = _place(event.start_mark)
    if isinstance(event, yaml.AliasEvent):
        raise _Refused("yaml/alias", place, f"an alias, *{event.anchor}", "Write the value out where it is needed.")
    assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
    if event.anchor is not None:
        raise _Refused("yaml/alias", place, f"an anchor, &{event.anchor}", "Write each value out where it is needed.")
    if event.tag is not None:
        fix = "Take the tag out; what type a value has follows from its field."
        raise _Refused("yaml/tag", place, f"a tag, {event.tag}", fix)
    if isinstance(event, yaml.ScalarEvent):
        return Scalar(_text(event, place), place)
    if depth > DEPTH_LIMIT:
        raise _Refused(
            "yaml/too-deep",
            place,
            f"lists and maps stand more than {DEPTH_LIMIT} deep in each other",
            "No field needs this; look for a bracket too many.",
        )
    if isinstance(event, yaml.MappingStartEvent):
        return _map(place, events, depth, file, twice)
    items = []
    while not isinstance(item := next(events), yaml.SequenceEndEvent):
        items.append(_node(item, events, depth + 1, file, twice))
    return Items(tuple(items), place)


def _map(place: Place, events: Events, depth: int, file: str, twice: list[Problem]) -> Map:
    entries: dict[str, Entry] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _node(event, events, depth + 1, file, twice)
        if not isinstance(key, Scalar) or key.text is None:
            raise _Refused(
                "yaml/key",
                key.place,
                "this key is not a text",
                "Write the name of a field before the colon; quote a text that begins with [, { or ?.",
            )
        if key.text == "<<" and isinstance(event, yaml.ScalarEvent) and not event.style:
            raise _Refused("yaml/merge-key", key.place, "a merge key, <<", "Write the fields out.")
        entry = Entry(key.text, key.place, _node(next(events), events, depth + 1, file, twice))
        first = entries.setdefault(key.text, entry)
        if first is not entry:
            twice.append(
                problem(
                    "yaml/duplicate-key",
                    file,
                    key.place,
                    field=key.text,
                    message=f"“{key.text}” is given twice, first on line {first.place.line}",
                    fix=f"Keep one of the lines {first.place.line} and {key.place.line}.",
                )
            )
    return Map(tuple(entries.values()), place)


def _text(event: yaml.ScalarEvent, place: Place) -> str | None:
    text = event.value
    if text in NOTHING and not event.style:
        return None
    if found := CONTROL.search(text):
        raise _Refused(
            "yaml/control-character",
            place,
            f"the text holds the control character U+{ord(found[0]):04X}",
            "Take the escape out of the quoted text.",
        )
    return text.replace("\r\n", "\n")


def _place(mark: Any) -> Place:  # the stubs give two unrelated types for marks
    return Place(mark.line + 1, mark.column + 1)


def _explained(text: str, error: yaml.MarkedYAMLError) -> _Refused:
    """A syntax error in words that a person understands, told from what stands at its place."""
    said, context = error.problem or "unreadable", error.context or ""
    mark = error.problem_mark or error.context_mark
    place = _place(mark) if mark else Place(1, 1)
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    tab = line.find("\t")
    if 0 <= tab <= place.column and not line[:tab].strip():
        return _Refused("yaml/syntax", Place(place.line, tab + 1), "a tab indents this line", "Indent with spaces.")
    if "quoted scalar" in context and error.context_mark:
        message, fix = (
            "a quotation mark opens here and is not closed",
            "Close it, or double a quotation mark inside the text.",
        )
        if "escape" in said:
            message, fix = (
                "a backslash in double quotes begins no known escape",
                "Double the backslash, or use single quotes.",
            )
        return _Refused("yaml/syntax", _place(error.context_mark), message, fix)
    for sign, message, fix in _EXPLAINED:
        if sign in said:
            found = line[place.column - 1 : place.column]
            return _Refused("yaml/syntax", place, message.format(sign=found), fix)
    return _Refused("yaml/syntax", place, f"this is not YAML: {said}", "Put texts that hold special signs in quotes.")


# What libyaml says, what a person understands, and the remedy.
_EXPLAINED = (
    (
        "mapping values are not allowed",
        "a colon and a space stand inside an unquoted text, or the line is indented too far",
        "Put the whole text in quotes, or indent the line like the field above it.",
    ),
    (
        "cannot start any token",
        "an unquoted text cannot begin with “{sign}”",
        "Put the text in quotes.",
    ),
    (
        "did not find expected alphabetic",
        "an unquoted text cannot begin with * or &",
        "Put the text in quotes.",
    ),
    (
        "could not find expected ':'",
        "a line without a colon stands where a field belongs",
        "Write “field: value”, or indent the line under the field that it continues.",
    ),
    (
        "did not find expected key",
        "this line is not indented like the fields around it, or a quoted text goes on after its quotation mark",
        "Indent all fields alike, and put the whole text in quotes.",
    ),
    (
        "did not find expected ',' or",
        "a bracket opens and is not closed, or a comma is missing",
        "Close the bracket, or put the whole text in quotes.",
    ),
)
