"""Edits of a record's text: pairs of maps and items of lists change, come and go where they stand.

It knows no fields; what is beside an edit stays as it is to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from contactsheet import spans
from contactsheet.spans import Dictionary, List, Node, Pair, Written
from contactsheet.writing import in_brackets, in_json, item_lines, pair, scalar, texts, value_lines

_BREAK = re.compile(r"\r\n|\n|\r")

Meaning = Callable[[str, Any], str]
"""What an item of the list under a key means, to be compared: items that mean the same stay as they are written."""


class Edit(NamedTuple):
    """Characters of the text and what stands in their place."""

    start: int
    stop: int
    text: str


class NoPlaceError(Exception):
    """The value cannot be changed where it stands."""


class Editor:
    """Finds the places in one text; ``json`` where all of it stands in brackets."""

    def __init__(self, text: str, meaning: Meaning, *, json: bool) -> None:
        self.meaning, self.in_json = meaning, json
        found = _BREAK.search(text)
        self.newline = found[0] if found else "\n"
        self._open = not text.endswith(("\n", "\r"))  # its last line has no end
        self.text = text + self.newline * self._open

    def applied(self, edits: Iterable[Edit]) -> str:
        """The text after all edits; of several at one place, the first stays in front."""
        parts: list[str] = []
        at = 0
        for edit in sorted(edits, key=lambda edit: edit[:2]):
            parts += (self.text[at : edit.start], edit.text)
            at = max(at, edit.stop)
        whole = "".join((*parts, self.text[at:]))
        return whole.removesuffix(self.newline) if self._open else whole

    # --- maps

    def changed(
        self,
        tree: Dictionary,
        changes: Mapping[int, tuple[str, Any] | None],
        added: Sequence[tuple[int, str, Any]],
    ) -> Iterator[Edit]:
        """Edits of a map: by index of its pairs, the new key and value, or None; and what comes behind which pair."""
        gone = {index for index, change in changes.items() if change is None}
        for index, change in changes.items():
            if change:
                yield from self._pair(tree, tree.pairs[index], *change)
        if tree.flow:
            texts = [(at, f"{self._flow(key)}: {self._flow(value)}") for at, key, value in added]
            yield from self._brackets(tree.pairs, gone, texts)
        else:
            indent = " " * self._column(tree.pairs[0].start)
            lines = [(at, pair(key, value, indent, self.newline)) for at, key, value in added]
            yield from self._lines([(one.start, one.stop) for one in tree.pairs], gone, lines)

    def _pair(self, tree: Dictionary, one: Pair, key: str, value: Any) -> Iterator[Edit]:
        if key != one.key.text:
            yield Edit(one.key.start, one.key.stop, self._flow(key) if self.in_json else scalar(key))
        try:
            yield from self._inside(one.value, value, one.key.text or "")
        except NoPlaceError:
            yield self._anew(tree, one, value)

    def _inside(self, node: Node, value: Any, field: str) -> list[Edit]:
        """Edits that make a list or map say ``value``, where some of it stays; raises NoPlaceError elsewhere."""
        if isinstance(node, Dictionary) and isinstance(value, dict):
            return self._inside_map(node, value)
        if isinstance(node, List) and isinstance(value, list):
            return self._inside_list(node, value, field)
        raise NoPlaceError

    def _inside_map(self, node: Dictionary, value: dict[str, Any]) -> list[Edit]:
        said = {one.key.text or "": spans.plain(one.value) for one in node.pairs}
        if not said.keys() & value.keys():
            raise NoPlaceError
        changes: dict[int, tuple[str, Any] | None] = {}
        for index, one in enumerate(node.pairs):
            key = one.key.text or ""
            if key not in value:
                changes[index] = None
            elif said[key] != texts(value[key]):
                changes[index] = key, value[key]
        last = max(index for index in range(len(node.pairs)) if changes.get(index, True))
        return list(self.changed(node, changes, [(last, key, one) for key, one in value.items() if key not in said]))

    def _inside_list(self, node: List, value: list[Any], field: str) -> list[Edit]:
        old = [self.meaning(field, spans.plain(item)) for item in node.items]
        new = [self.meaning(field, item) for item in value]
        gone: set[int] = set()
        added: list[tuple[int, Any]] = []
        edits: list[Edit] = []
        for kind, start, stop, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind == "equal":
                continue
            alike = min(stop - start, end - begin) if kind == "replace" else 0
            for index in range(alike):
                try:
                    edits += self._inside(node.items[start + index], value[begin + index], "")
                except NoPlaceError:
                    gone.add(start + index)
                    added.append((start + index, value[begin + index]))
            gone.update(range(start + alike, stop))
            added += [(max(start + alike, stop) - 1, item) for item in value[begin + alike : end]]
        if len(gone) == len(node.items):
            raise NoPlaceError
        return [*edits, *self._items(node, gone, added)]

    def _items(self, node: List, gone: set[int], added: Sequence[tuple[int, Any]]) -> Iterator[Edit]:
        if node.flow:
            yield from self._brackets(node.items, gone, [(at, self._flow(item)) for at, item in added])
            return
        dashes = list(self._dashes(node))
        indent = " " * self._column(dashes[0])
        lines = [(at, item_lines(item, indent, self.newline)) for at, item in added]
        yield from self._lines([(dash, item.stop) for dash, item in zip(dashes, node.items, strict=True)], gone, lines)

    def _dashes(self, node: List) -> Iterator[int]:
        """Where the dash of each item stands."""
        yield node.start
        for item in node.items[:-1]:
            found = re.compile(r"^ *-(?=\s|\Z)", re.MULTILINE).search(self.text, self._line_end(item.stop))
            assert found
            yield found.end() - 1

    def _anew(self, tree: Dictionary, one: Pair, value: Any) -> Edit:
        """The value of a pair written anew; a remark behind it, or behind its key, stays."""
        old = one.value
        colon = self.text.find(":", one.key.stop, max(old.start, one.key.stop + 1))
        if colon < 0:
            raise NoPlaceError
        line_end = self._line_end(colon)
        head, body = (self._flow(value), "") if tree.flow else self._below(one, value)
        if tree.flow or not (body or old.stop > line_end or _is_block(old)):
            empty = old.start == old.stop
            return Edit(colon + 1 if empty else old.start, old.stop, f" {head}" if empty else head)
        remark = ""
        if old.start > line_end or old.stop <= line_end or _is_block(old):
            found = re.search(r"\s+#.*", self.text[max(colon + 1, old.stop if old.stop <= line_end else 0) : line_end])
            remark = found[0] if found else ""
        return Edit(colon + 1, self._extent(one.start, one.stop), f"{head and ' '}{head}{remark}{self.newline}{body}")

    def _below(self, one: Pair, value: Any) -> tuple[str, str]:
        return value_lines(value, " " * self._column(one.start), self.newline)

    def _flow(self, value: Any) -> str:
        return in_json(value) if self.in_json else in_brackets(value)

    # --- what stands in brackets

    def _brackets(
        self, elements: Sequence[Node | Pair], gone: set[int], added: Sequence[tuple[int, str]]
    ) -> Iterator[Edit]:
        """Takes elements out and puts others behind those that are named by their index."""
        first = next((index for index in range(len(elements)) if index not in gone), None)
        if first is None:
            raise NoPlaceError
        for index in sorted(gone):
            if index < first:
                yield Edit(elements[index].start, elements[index + 1].start, "")
            else:
                yield Edit(elements[index - 1].stop, elements[index].stop, "")
        for at, text in added:
            if at < first:
                yield Edit(elements[first].start, elements[first].start, f"{text}, ")
            else:
                yield Edit(elements[at].stop, elements[at].stop, f", {text}")

    # --- what stands on lines

    def _lines(
        self, elements: Sequence[tuple[int, int]], gone: set[int], added: Sequence[tuple[int, str]]
    ) -> Iterator[Edit]:
        """Takes elements out with their lines, and puts lines behind those that are named by their index."""
        for index in sorted(gone):
            start, stop = elements[index]
            if self.text[self._line_start(start) : start].strip(" "):
                raise NoPlaceError
            yield self._without(start, stop)
        for at, lines in added:
            if at >= 0:
                place = self._extent(*elements[at])
            else:
                place = self._line_start(elements[0][0])
                if self.text[place : elements[0][0]].strip(" "):
                    raise NoPlaceError
            yield Edit(place, place, lines)

    def _without(self, start: int, stop: int) -> Edit:
        """Takes lines out, with the remarks directly above, and one of the empty lines between which they stood."""
        first = self._line_start(start)
        while first and self._is_remark(above := self._line_start(first - 1), self._column(start)):
            first = above
        end = self._extent(start, stop)
        alone = not first or not self.text[self._line_start(first - 1) : first].strip()
        behind = self._line_end(end)
        if alone and end < len(self.text) and not self.text[end:behind].strip():
            end = self._next_line(behind)
        return Edit(first, end, "")

    def _is_remark(self, start: int, column: int) -> bool:
        line = self.text[start : self._line_end(start)]
        return line.lstrip(" ").startswith("#") and line.index("#") == column

    def _extent(self, start: int, stop: int) -> int:
        """The end of the last line of what stands from ``start`` to ``stop``, with remarks below that are set in."""
        column = self._column(start)
        end = self._next_line(self._line_end(stop))
        ahead = end
        while ahead < len(self.text):
            line = self.text[ahead : self._line_end(ahead)]
            inner = line.lstrip(" ")
            if inner.startswith("#") and len(line) - len(inner) > column:
                end = self._next_line(self._line_end(ahead))
            elif inner:
                break
            ahead = self._next_line(self._line_end(ahead))
        return end

    def _column(self, index: int) -> int:
        return index - self._line_start(index)

    def _line_start(self, index: int) -> int:
        if index and self.text[index - 1 : index + 1] == "\r\n":
            index -= 1
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1

    def _line_end(self, index: int) -> int:
        found = _BREAK.search(self.text, index)
        return found.start() if found else len(self.text)

    def _next_line(self, line_end: int) -> int:
        found = _BREAK.match(self.text, line_end)
        return found.end() if found else line_end


def _is_block(node: Node) -> bool:
    return isinstance(node, Written) and node.style in ("|", ">")
