"""A record's text as a tree in which every key and value knows the characters that it is written with.

It is for texts that ``document`` has read without a problem, and judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from contactsheet.tree import NOTHING


@dataclass(frozen=True, slots=True)
class Written:
    """A text, or None where nothing was written; ``start`` and ``stop`` count characters of the file."""

    text: str | None
    start: int
    stop: int
    style: str


@dataclass(frozen=True, slots=True)
class List:
    """A list; ``flow`` where it stands in brackets. ``start`` is that of its bracket or of its first dash."""

    items: tuple[Node, ...]
    start: int
    stop: int
    flow: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A key of a map with its value."""

    key: Written
    value: Node

    @property
    def start(self) -> int:
        """Where its key begins."""
        return self.key.start

    @property
    def stop(self) -> int:
        """Where it ends."""
        return max(self.key.stop, self.value.stop)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A map, its pairs in the order of the file."""

    pairs: tuple[Pair, ...]
    start: int
    stop: int
    flow: bool


Node = Written | List | Dictionary


def tree_of(text: str) -> Node:
    """The tree of a record's ``text``, which begins with no byte order mark."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events = (
        event
        for event in yaml.parse(text, Loader=loader)
        if isinstance(event, yaml.NodeEvent | yaml.MappingEndEvent | yaml.SequenceEndEvent)
    )
    return _node(next(events), events, text)


def plain(node: Node) -> Any:
    """What the node says, in texts, None, lists and dictionaries."""
    if isinstance(node, Written):
        return node.text
    if isinstance(node, List):
        return [plain(item) for item in node.items]
    return {pair.key.text or "": plain(pair.value) for pair in node.pairs}


def _node(event: Any, events: Iterator[Any], text: str) -> Node:
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event, text)
    start, flow = event.start_mark.index, bool(event.flow_style)
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Node] = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            items.append(_node(inner, events, text))
        # A list or map without brackets ends, to the parser, where the next thing begins.
        stop = _stop(inner) if flow else max(item.stop for item in items)
        return List(tuple(items), start, stop, flow)
    pairs: list[Pair] = []
    while not isinstance(inner := next(events), yaml.MappingEndEvent):
        key = _scalar(inner, text)
        pairs.append(Pair(key, _node(next(events), events, text)))
    stop = _stop(inner) if flow else max(pair.stop for pair in pairs)
    return Dictionary(tuple(pairs), start, stop, flow)


def _stop(event: Any) -> int:
    return int(event.end_mark.index)


def _scalar(event: Any, text: str) -> Written:
    start, stop, style = event.start_mark.index, event.end_mark.index, event.style or ""
    said = None if event.value in NOTHING and not style else event.value
    if style in ("|", ">"):
        whole = text[start:stop]
        keeps = "+" in whole.splitlines()[0].partition("#")[0]
        # The empty lines behind a block belong to it only if it says so, with a plus.
        stop = start + len(re.sub(r"\r?\n\Z|\r\Z", "", whole) if keeps else whole.rstrip(" \t\r\n"))
    return Written(said, start, stop, style)
