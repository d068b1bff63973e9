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
from contactsheet.read import RECORD_LIMIT
from contactsheet.rules import problem
from contactsheet.syntax import explained, place_of

DEPTH_LIMIT = 20  # levels of lists and maps within each other
# A megabyte holds some 24,000 messages. A file of half a million empty items keeps its readers busy for nothing.
ITEMS_LIMIT = 25_000  # items of a list
KEYS_LIMIT = 1_000  # keys of a map

# What no text may hold: the control characters but tab, line feed and carriage return, the separators that only some
# readers take for line breaks, and what XML and so the reports cannot hold (surrogates, U+FFFE, U+FFFF).
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
# Written without quotes. Null and NULL are names of people.
NOTHING = frozenset(("", "~", "null"))


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
    """The tree of the record in ``data``, and the problems of its YAML.

    ``file`` is the name that the problems give. The tree is None where the file is not a single YAML map of texts
    within the limits. Of a key given twice the tree has the first value; anything else ends the reading.
    """
    twice: list[Problem] = []
    try:
        tree = _compose(_decode(data), file, twice)
    except _Refused as refused:
        found = problem(refused.rule, file, refused.place, message=refused.message, fix=refused.fix)
        return None, (*twice, found)
    return tree, tuple(twice)


def _decode(data: bytes) -> str:
    if len(data) > RECORD_LIMIT:
        raise _Refused(
            "yaml/too-large",
            None,
            f"the file has {len(data):,} bytes; {RECORD_LIMIT:,} are allowed",
            "Keep long texts elsewhere and link to them.",
        )
    if _is_wide(data):
        raise _Refused("yaml/encoding", None, "the file is UTF-16 or UTF-32, not UTF-8", "Save it as UTF-8.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace").removeprefix("\ufeff")
        raise _Refused(
            "yaml/encoding",
            _place_of(before, len(before)),
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            "Save the file as UTF-8; an editor may call what it is now Latin-1, ANSI or Windows-1252.",
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


def _is_wide(data: bytes) -> bool:
    """Whether the text has two or four bytes a character: a mark says so, or zeros in the first character or two."""
    zeros = tuple(byte == 0 for byte in data[:4])
    patterns = (
        (False, True, False, True),
        (True, False, True, False),
        (False, True, True, True),
        (True,) * 3 + (False,),
    )
    return data.startswith((b"\xff\xfe", b"\xfe\xff")) or zeros in patterns


def _place_of(text: str, index: int) -> Place:
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


Events = Iterator[yaml.Event]


def _compose(text: str, file: str, twice: list[Problem]) -> Map:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _document(yaml.parse(text, Loader=loader), file, twice)
    except yaml.MarkedYAMLError as error:
        raise _Refused("yaml/syntax", *explained(text, error)) from None
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
                    place_of(event.start_mark),
                    "a second document begins in the same file",
                    "Put each contact in a file of its own, and take out the line with ---.",
                )
        elif isinstance(event, yaml.NodeEvent):
            tree = _node(event, events, 1, file, twice)
    if isinstance(tree, Map):
        return tree
    raise _no_record(tree)


def _no_record(tree: Scalar | Items | None) -> _Refused:
    text = tree.text if isinstance(tree, Scalar) else None
    fix = "Write one field a line, beginning with “name: …”."
    if isinstance(tree, Items):
        return _Refused("yaml/document", tree.place, "the file holds a list, not a record", fix)
    if tree is None or text is None:
        return _Refused("yaml/document", None, "the file holds nothing, not a record", fix)
    if re.match(r"[\w-]+:\S", text):
        fix = "Write “field: value”, with a space behind the colon."
    return _Refused("yaml/document", tree.place, "the file holds a single text, not a record", fix)


def _node(event: Any, events: Events, depth: int, file: str, twice: list[Problem]) -> Node:
    place = place_of(event.start_mark)
    if event.anchor is not None or event.tag is not None:
        raise _property(event, place)
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
    items: list[Node] = []
    while not isinstance(item := next(events), yaml.SequenceEndEvent):
        if len(items) == ITEMS_LIMIT:
            raise _crowded(place_of(item.start_mark), f"a list has more than {ITEMS_LIMIT:,} items")
        items.append(_node(item, events, depth + 1, file, twice))
    return Items(tuple(items), place)


def _property(event: yaml.NodeEvent, place: Place) -> _Refused:
    if isinstance(event, yaml.AliasEvent):
        return _Refused(
            "yaml/alias",
            place,
            f"*{event.anchor} is an alias, which stands for a value written elsewhere",
            "Write the value itself; a text that begins with * belongs in quotes.",
        )
    if event.anchor is not None:
        return _Refused(
            "yaml/alias",
            place,
            f"&{event.anchor} is an anchor, which marks a value to be used elsewhere",
            "Take it out and write each value where it belongs; a text that begins with & belongs in quotes.",
        )
    assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
    tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
    return _Refused(
        "yaml/tag",
        place,
        f"{tag} is a tag, which tells YAML the type of a value",
        "Take it out, since the field alone says the type; a text that begins with ! belongs in quotes.",
    )


def _crowded(place: Place, message: str) -> _Refused:
    return _Refused("yaml/too-many", place, message, "Keep so many values elsewhere and link to them.")


def _map(place: Place, events: Events, depth: int, file: str, twice: list[Problem]) -> Map:
    entries: dict[str, Entry] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        if len(entries) == KEYS_LIMIT:
            raise _crowded(place_of(event.start_mark), f"a map has more than {KEYS_LIMIT:,} keys")
        key = _node(event, events, depth + 1, file, twice)
        if not isinstance(key, Scalar) or key.text is None:
            raise _Refused(
                "yaml/key",
                key.place,
                "this key is not a text",
                "Write the name of a field before the colon; quote a text that begins with [, { or ?.",
            )
        if key.text == "<<" and isinstance(event, yaml.ScalarEvent) and not event.style:
            message = "<< is a merge key, which copies the fields of another map"
            raise _Refused(
                "yaml/merge-key", key.place, message, "Write the fields out; to join contacts, use merge_into."
            )
        entry = Entry(key.text, key.place, _node(next(events), events, depth + 1, file, twice))
        first = entries.setdefault(key.text, entry)
        if first is not entry:
            if len(twice) == KEYS_LIMIT:
                raise _crowded(key.place, f"more than {KEYS_LIMIT:,} keys are given twice")
            twice.append(_given_twice(first, entry, file))
    return Map(tuple(entries.values()), place)


def _given_twice(first: Entry, second: Entry, file: str) -> Problem:
    return problem(
        "yaml/duplicate-key",
        file,
        second.place,
        field=second.key,
        message=f"“{second.key}” is given twice, on line {first.place.line} and again on line {second.place.line}",
        fix="Keep one of the two; where the field takes a list, put both values into it.",
    )


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
    return text.replace("\r\n", "\n").replace("\r", "\n")
