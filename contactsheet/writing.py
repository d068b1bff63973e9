"""Values as YAML: every text is written so that this program and any other reader of YAML give the same text back.

It knows no fields and no files.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

STEP = "  "

# What some reader of YAML takes for no text (YAML 1.1, types bool, null, float, value and merge; JSON has fewer).
_WORD = re.compile(r"(?i:y|n|yes|no|on|off|true|false|null|nan|inf)")
_INSIDE = frozenset(" ._'\"()/+@&;=,!?%$*-:#")  # ASCII signs that mean nothing within a text in block style
_IN_BRACKETS = frozenset(",?:#")  # of those, what means something between brackets
_NUMBER = re.compile(r"\+[0-9()-]+(?: [0-9()-]+)+")  # a phone number in groups, which no reader takes for a number
# What a literal block cannot hold, or some reader would not give back: see YAML 1.2.2, 8.1.1.1 and 8.1.1.2.
_NO_BLOCK = re.compile(
    r"\A[ \t\n]|^\t|[ \t]$|\n\n\Z"
    r"|[^\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]",
    re.MULTILINE,
)


def scalar(value: object, *, bracketed: bool = False) -> str:
    """A text, date, truth or number on one line; ``bracketed`` where it stands between brackets."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        written = value.isoformat()
        return f"{written[:-6]}Z" if value.utcoffset() == timedelta(0) else written
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    if value is None:
        return "null"
    assert isinstance(value, str), f"{type(value).__name__} is no value of a record"
    return value if _is_plain(value, bracketed) else _quoted(value)


def _is_plain(text: str, bracketed: bool) -> bool:
    """Whether a text needs no quotes; where that is a question, it needs them."""
    if _NUMBER.fullmatch(text):
        return True
    if not text or unicodedata.category(text[0])[0] != "L" or text[-1] == " " or _WORD.fullmatch(text):
        return False
    if bracketed and _IN_BRACKETS & set(text):
        return False
    if re.search(r":(?!\S)|\W#", text):
        return False
    return all(_is_harmless(c) for c in text)


def _is_harmless(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in _INSIDE
    return unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Pd", "Pi", "Pf", "Po")


def _quoted(text: str) -> str:
    """A text in double quotes, in the escapes that YAML and JSON share."""
    written = json.dumps(text, ensure_ascii=False)
    return re.sub(
        "[\x7f-\x9f\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]", lambda c: f"\\u{ord(c[0]):04x}", written
    )


def in_json(value: object) -> str:
    """A value on one line as JSON writes it, which is YAML too; dates are texts there."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{in_json(key)}: {in_json(one)}" for key, one in filled(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(in_json, value)) + "]"
    return scalar(value) if isinstance(value, bool | int | float) or value is None else _quoted(_text(value))


def _text(value: object) -> str:
    return value if isinstance(value, str) else scalar(value)


def in_brackets(value: object) -> str:
    """A value on one line, as it stands between the brackets of a list or map or in their place."""
    if isinstance(value, Mapping):
        pairs = (f"{scalar(key, bracketed=True)}: {in_brackets(one)}" for key, one in filled(value))
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(in_brackets, value)) + "]"
    return scalar(value, bracketed=True)


def filled(pairs: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """The pairs that say something."""
    return ((key, value) for key, value in pairs.items() if value is not None)


def value_lines(value: object, indent: str, newline: str) -> tuple[str, str]:
    """A value behind a key or dash: what stands on the same line, and the lines below it with their line ends.

    ``indent`` are the blanks before that key, or before what follows the dash.
    """
    inner = indent + STEP
    if isinstance(value, str) and "\n" in value and not _NO_BLOCK.search(value):
        lines = value.removesuffix("\n").split("\n")
        return "|" if value.endswith("\n") else "|-", "".join(f"{inner * bool(one)}{one}{newline}" for one in lines)
    if isinstance(value, Mapping) and value:
        return "", pair_lines(value, inner, newline)
    if isinstance(value, list | tuple) and value and not _is_short(value):
        return "", "".join(item_lines(item, inner, newline) for item in value)
    return (in_brackets(value) if isinstance(value, Mapping | list | tuple) else scalar(value)), ""


def _is_short(items: Sequence[object]) -> bool:
    """Whether a list is one of words or numbers, which stand on one line."""
    if any(isinstance(item, str) and re.search(r"[@:/+\n]", item) for item in items):
        return False
    return all(isinstance(item, str | int | float) for item in items) and sum(len(str(item)) for item in items) <= 60


def item_lines(item: object, indent: str, newline: str) -> str:
    """An item of a list, with the dash."""
    if isinstance(item, Mapping) and item:
        lines = pair_lines(item, indent + STEP, newline)
        return f"{indent}- {lines[len(indent) + len(STEP) :]}"
    head, body = value_lines(item, indent, newline)
    return f"{indent}- {head}{newline}{body}"


def pair_lines(pairs: Mapping[str, object], indent: str, newline: str) -> str:
    """A map's pairs, one below the other."""
    return "".join(pair(key, value, indent, newline) for key, value in filled(pairs))


def pair(key: str, value: object, indent: str, newline: str) -> str:
    """A key and its value."""
    head, body = value_lines(value, indent, newline)
    return f"{indent}{scalar(key)}:{head and ' '}{head}{newline}{body}"


def texts(value: Any) -> Any:
    """A value as this program reads it back: in texts."""
    if isinstance(value, dict):
        return {key: texts(one) for key, one in value.items()}
    if isinstance(value, list):
        return [texts(one) for one in value]
    return value if isinstance(value, str) else scalar(value)
