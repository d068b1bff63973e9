"""A record's YAML as most people write it, read at a glance, in a fourth of the time that a parser takes.

Whatever is said here, ``document`` would say too. It judges nothing as wrong and gives no places: where there is more
to be said, or YAML is written in a less usual way, that is for ``document``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from contactsheet.characters import text_of
from contactsheet.tree import ITEMS_LIMIT, KEYS_LIMIT, NOTHING

_DEEPEST = 8  # blanks before a key; so all lists and maps are within tree.DEPTH_LIMIT

# Between two entries; and what may follow a value on its line.
_BETWEEN = r"(?: *(?:#[^\n]*)?\n)*"
_END = r" *(?:(?<= )#[^\n]*)?\n"
_KEY = r"[A-Za-z](?:[A-Za-z0-9_ -]{0,60}[A-Za-z0-9_-])?"
# Texts without quotes: they begin with no sign that means anything to YAML, end with no blank, and in them a colon is
# before no blank and a # behind none. Within brackets they hold no #, no brackets and no commas, and a colon is before
# a letter, a digit or a slash, as in a time or an address.
# The first sign is one of A-Z a-z 0-9 + ( / _ or beyond ASCII; told by what it is not, which is got ready faster.
_FIRST = r"[^\x00-')*,-.:-@\[-^`{-\x9f]"
_TEXT = rf"{_FIRST}[^\n:#]*(?:(?::(?![ \n])|(?<! )#)[^\n:#]*)*(?<! )"
_WITHIN = r"[^\n:#,\[\]{}?]*"
_SHORT = rf"{_FIRST}{_WITHIN}(?::(?=[A-Za-z0-9/]){_WITHIN})*"
_QUOTED = r"'[^'\n]*'|\"[^\"\\\n]*\""
_LIST = rf"\[{_SHORT}(?:, *{_SHORT})*\]"
_PAIR = rf"[A-Za-z][A-Za-z0-9_-]*: {_SHORT}"
_MAP = rf"{{{_PAIR}(?:, *{_PAIR})*}}"
# The groups of what a value may be, in the order of the patterns below.
_VALUE = rf"({_TEXT})|({_QUOTED})|({_LIST})|({_MAP})"
_NEXT = re.compile(rf"{_BETWEEN}( *)(- )?")
_TAIL = re.compile(_BETWEEN)


class _Unusual(Exception):  # noqa: N818  # not an error: the way out, to the parser of all of YAML
    pass


def content(data: bytes) -> dict[str, Any] | None:
    """The map in a record's bytes: texts, and None where nothing was written, lists and maps.

    None where ``document`` has to look itself; it finds the same map in all others, and no problem.
    """
    text = text_of(data)
    if text is None or "\t" in text or "\r" in text or not text.endswith("\n"):
        return None
    try:
        found, end = _map(text, 4 if text.startswith("---\n") else 0, 0)
    except _Unusual:
        return None
    tail = _TAIL.match(text, end)
    return found if tail and tail.end() == len(text) else None


def _map(text: str, at: int, indent: int, *, inside: bool = False) -> tuple[dict[str, Any], int]:
    """The map whose keys stand behind ``indent`` blanks, and where it ends; ``inside`` a line its first one begins."""
    if indent > _DEEPEST:
        raise _Unusual
    entries: dict[str, Any] = {}
    count = 0
    entry = _entry(indent).match
    found = _entry(indent, inside=True).match(text, at) if inside else entry(text, at)
    while found:
        at, key = found.end(), found[1]
        match found.lastindex:
            case 2:
                value = found[2]
                entries[key] = None if value in NOTHING else value
            case 3:
                entries[key] = found[3][1:-1]
            case 4:
                entries[key] = _items(found[4])
            case 5:
                entries[key] = _pairs(found[5])
            case 6:
                entries[key] = _lines(found[6], found[7])
            case _:
                entries[key], at = _below(text, at, indent)
        count += 1
        found = entry(text, at)
    if not 0 < count <= KEYS_LIMIT or count > len(entries) or not NOTHING.isdisjoint(entries):
        raise _Unusual
    return entries, at


def _below(text: str, at: int, indent: int) -> tuple[Any, int]:
    """What stands on the lines below a key, and where it ends; None where that is nothing."""
    found = _NEXT.match(text, at)
    assert found, "it matches nothing too"
    deeper = len(found[1])
    if found[2] and deeper >= indent:
        return _list(text, at, deeper)
    if deeper > indent:
        return _map(text, at, deeper)
    return None, at


def _list(text: str, at: int, indent: int) -> tuple[list[Any], int]:
    """The list whose hyphens stand behind ``indent`` blanks, and where it ends."""
    items: list[Any] = []
    item = _item(indent).match
    while found := item(text, at):
        at = found.end()
        match found.lastindex:
            case 1:
                items.append(_plain(found[1]))
            case 2:
                items.append(found[2][1:-1])
            case 3:
                items.append(_items(found[3]))
            case 4:
                items.append(_pairs(found[4]))
            case _:
                one, at = _map(text, at, indent + 2, inside=True)
                items.append(one)
    if not 0 < len(items) <= ITEMS_LIMIT:
        raise _Unusual
    return items, at


def _plain(text: str) -> str | None:
    return None if text in NOTHING else text


def _items(text: str) -> list[str | None]:
    """The items of a list in brackets."""
    items = [_plain(item.strip(" ")) for item in text[1:-1].split(",")]
    if len(items) > ITEMS_LIMIT:
        raise _Unusual
    return items


def _pairs(text: str) -> dict[str, str | None]:
    """The entries of a map in braces."""
    some = [pair.partition(": ") for pair in text[1:-1].split(",")]
    pairs = {key.strip(" "): _plain(value.strip(" ")) for key, _, value in some}
    if len(pairs) < len(some) or len(pairs) > KEYS_LIMIT or not NOTHING.isdisjoint(pairs):
        raise _Unusual
    return pairs


def _lines(text: str, margin: str) -> str:
    """A text of lines behind a |, which all begin with the ``margin`` or are empty."""
    return text[len(margin) :].replace(f"\n{margin}", "\n").rstrip("\n") + "\n"


@cache
def _entry(indent: int, *, inside: bool = False) -> re.Pattern[str]:
    """An entry of a map that is ``indent`` blanks deep: its key, and what stands beside it on its line or lines.

    ``inside`` a line, no blanks are before the key, since a hyphen takes their place; those of its lines count all the
    same.
    """
    # What follows a line of too few blanks may be the text's all the same.
    lines = rf"\|\n(( {{{indent + 1},}})[^ \n][^\n]*\n(?:\n|\7[^\n]*\n)*+(?! +\n))"
    before = "" if inside else rf"{_BETWEEN} {{{indent}}}"
    return re.compile(rf"{before}({_KEY}):(?: +(?:{_VALUE}){_END}| {lines}|{_END})")


@cache
def _item(indent: int) -> re.Pattern[str]:
    """An item of a list that is ``indent`` blanks deep: what stands beside its hyphen, or that a map begins there."""
    return re.compile(rf"{_BETWEEN} {{{indent}}}- (?:(?:{_VALUE}){_END}|(?={_KEY}:))")
