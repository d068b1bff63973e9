"""One record's bytes to a tree of texts, each with its place.

The YAML is judged on its events, before anything is composed. No type is guessed: every plain scalar is text until the
schema says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml
from yaml import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from contactsheet.characters import CONTROL, Refused, decoded
from contactsheet.problems import Place, Problem
from contactsheet.rules import problem
from contactsheet.syntax import explained, place_of
from contactsheet.tree import DEPTH_LIMIT, ITEMS_LIMIT, KEYS_LIMIT, NOTHING, Entry, Items, Map, Node, Scalar


def parse(data: bytes, file: str) -> tuple[Map | None, tuple[Problem, ...]]:
    """The tree of the record in ``data``, and the problems of its YAML.

    ``file`` is the name that the problems give. The tree is None where the file is not a single YAML map of texts
    within the limits. Of a key given twice the tree has the first value; anything else ends the reading.
    """
    twice: list[Problem] = []
    try:
        tree = _compose(decoded(data), file, twice)
    except Refused as refused:
        found = problem(refused.rule, file, refused.place, message=refused.message, fix=refused.fix)
        return None, (*twice, found)
    return tree, tuple(twice)


def _compose(text: str, file: str, twice: list[Problem]) -> Map:
    loader: Any = None
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        return _Reader(loader.get_event, file, twice).document()
    except yaml.MarkedYAMLError as error:
        raise Refused("yaml/syntax", *explained(text, error)) from None
    except (yaml.YAMLError, ValueError) as error:
        message = f"this is not YAML: {error}"
        raise Refused("yaml/syntax", None, message, "Compare it with a record that works.") from None
    finally:
        if loader is not None:
            loader.dispose()


def _no_record(tree: Scalar | Items | None) -> Refused:
    text = tree.text if isinstance(tree, Scalar) else None
    fix = "Write one field a line, beginning with “name: …”."
    if isinstance(tree, Items):
        return Refused("yaml/document", tree.place, "the file holds a list, not a record", fix)
    if tree is None or text is None:
        return Refused("yaml/document", None, "the file holds nothing, not a record", fix)
    if re.match(r"[\w-]+:\S", text):
        fix = "Write “field: value”, with a space behind the colon."
    return Refused("yaml/document", tree.place, "the file holds a single text, not a record", fix)


class _Reader:
    """The walk over the events of one file, which ``next_event`` gives one by one."""

    def __init__(self, next_event: Callable[[], Any], file: str, twice: list[Problem]) -> None:
        self._next, self._file, self._twice = next_event, file, twice

    def document(self) -> Map:
        """The tree of the only document, a map."""
        tree: Node | None = None
        documents = 0
        while not isinstance(event := self._next(), StreamEndEvent):
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Refused(
                        "yaml/document",
                        place_of(event.start_mark),
                        "a second document begins in the same file",
                        "Put each contact in a file of its own, and take out the line with ---.",
                    )
            elif isinstance(event, NodeEvent):
                tree = self._node(event, 1)
        if isinstance(tree, Map):
            return tree
        raise _no_record(tree)

    def _node(self, event: Any, depth: int) -> Node:
        place = _place(event)
        if isinstance(event, ScalarEvent):
            return Scalar(_text(event, place), place)
        if depth > DEPTH_LIMIT:
            raise Refused(
                "yaml/too-deep",
                place,
                f"lists and maps stand more than {DEPTH_LIMIT} deep in each other",
                "No field needs this; look for a bracket too many.",
            )
        return (self._map if isinstance(event, MappingStartEvent) else self._items)(place, depth)

    def _items(self, place: Place, depth: int) -> Items:
        items: list[Node] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            if len(items) == ITEMS_LIMIT:
                raise _crowded(place_of(event.start_mark), f"a list has more than {ITEMS_LIMIT:,} items")
            items.append(self._node(event, depth + 1))
        return Items(tuple(items), place)

    def _map(self, place: Place, depth: int) -> Map:
        entries: dict[str, Entry] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            if len(entries) == KEYS_LIMIT:
                raise _crowded(place_of(event.start_mark), f"a map has more than {KEYS_LIMIT:,} keys")
            text, at = self._key(event, depth)
            entry = Entry(text, at, self._node(self._next(), depth + 1))
            first = entries.setdefault(text, entry)
            if first is not entry:
                if len(self._twice) == KEYS_LIMIT:
                    raise _crowded(at, f"more than {KEYS_LIMIT:,} keys are given twice")
                self._twice.append(_given_twice(first, entry, self._file))
        return Map(tuple(entries.values()), place)

    def _key(self, event: Any, depth: int) -> tuple[str, Place]:
        place = _place(event)
        text = None
        if isinstance(event, ScalarEvent):
            text = _text(event, place)
        else:
            self._node(event, depth + 1)  # what stands in it may be worse than that it is a key
        if text is None:
            raise Refused(
                "yaml/key",
                place,
                "this key is not a text",
                "Write the name of a field before the colon; quote a text that begins with [, { or ?.",
            )
        if text == "<<" and not event.style:
            message = "<< is a merge key, which copies the fields of another map"
            raise Refused("yaml/merge-key", place, message, "Write the fields out; to join contacts, use merge_into.")
        return text, place


def _place(event: Any) -> Place:
    """The place of a node that has neither anchor nor tag and is no alias."""
    mark = event.start_mark
    place = Place(mark.line + 1, mark.column + 1)
    if event.anchor is None and event.tag is None:
        return place
    raise _property(event, place)


def _property(event: NodeEvent, place: Place) -> Refused:
    if isinstance(event, AliasEvent):
        return Refused(
            "yaml/alias",
            place,
            f"*{event.anchor} is an alias, which stands for a value written elsewhere",
            "Write the value itself; a text that begins with * belongs in quotes.",
        )
    if event.anchor is not None:
        return Refused(
            "yaml/alias",
            place,
            f"&{event.anchor} is an anchor, which marks a value to be used elsewhere",
            "Take it out and write each value where it belongs; a text that begins with & belongs in quotes.",
        )
    assert isinstance(event, ScalarEvent | CollectionStartEvent)
    tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
    return Refused(
        "yaml/tag",
        place,
        f"{tag} is a tag, which tells YAML the type of a value",
        "Take it out, since the field alone says the type; a text that begins with ! belongs in quotes.",
    )


def _crowded(place: Place, message: str) -> Refused:
    return Refused("yaml/too-many", place, message, "Keep so many values elsewhere and link to them.")


def _given_twice(first: Entry, second: Entry, file: str) -> Problem:
    return problem(
        "yaml/duplicate-key",
        file,
        second.place,
        field=second.key,
        message=f"“{second.key}” is given twice, on line {first.place.line} and again on line {second.place.line}",
        fix="Keep one of the two; where the field takes a list, put both values into it.",
    )


def _text(event: ScalarEvent, place: Place) -> str | None:
    text: str = event.value
    style = event.style
    if text in NOTHING and not style:
        return None
    if style != '"':
        return text  # signs of the file and line feeds alone, which were judged before; escapes stand in these quotes
    if found := CONTROL.search(text):
        raise Refused(
            "yaml/control-character",
            place,
            f"the text holds the control character U+{ord(found[0]):04X}",
            "Take the escape out of the quoted text.",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")
