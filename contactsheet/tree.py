"""The tree of a record's texts, each with its place, and how large it may be."""

from __future__ import annotations

from typing import Any, NamedTuple

from contactsheet.problems import Place

DEPTH_LIMIT = 20  # levels of lists and maps within each other
# A megabyte holds some 24,000 messages. A file of half a million empty items keeps its readers busy for nothing.
ITEMS_LIMIT = 25_000  # items of a list
KEYS_LIMIT = 1_000  # keys of a map

# Written without quotes. Null and NULL are names of people.
NOTHING = frozenset(("", "~", "null"))


class Scalar(NamedTuple):
    """A text, or None where nothing was written."""

    text: str | None
    place: Place


class Items(NamedTuple):
    """A list."""

    items: tuple[Node, ...]
    place: Place


class Entry(NamedTuple):
    """One key of a map with its value; ``place`` is the key's."""

    key: str
    place: Place
    value: Node


class Map(NamedTuple):
    """A map, its entries in the order of the file."""

    entries: tuple[Entry, ...]
    place: Place

    def get(self, key: str) -> Entry | None:
        """The entry of that key."""
        return next((entry for entry in self.entries if entry.key == key), None)


Node = Scalar | Items | Map


def plain(node: Node) -> Any:
    """What a node says, in texts, None, lists and dictionaries."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {entry.key: plain(entry.value) for entry in node.entries}
