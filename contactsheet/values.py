"""How each kind of value of a record is read from the texts and lists of YAML: one function a kind.

It gives the value, or raises the rule that it breaks; it knows no fields and no files.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime

NAME_LIMIT = 200
SIDES = {
    "center": (0.5, 0.5),
    "top": (0.5, 0.0),
    "bottom": (0.5, 1.0),
    "left": (0.0, 0.5),
    "right": (1.0, 0.5),
    "top-left": (0.0, 0.0),
    "top-right": (1.0, 0.0),
    "bottom-left": (0.0, 1.0),
    "bottom-right": (1.0, 1.0),
}

FITS = ("cover", "contain")
EMPTY = ("is empty", "Write a text there, or take the line out.")

NAMES_OF_SIDES = ("center", "centre", *list(SIDES)[1:])

# Characters that show nothing though Unicode calls them letters, marks or symbols.
BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")
ANSWERS = frozenset(("true", "false", "yes", "no", "on", "off"))  # no names of channels


class RuleError(ValueError):
    """A value breaks a named rule: what is wrong, and how to mend it.

    ``message`` is said of the field: it continues a sentence that begins with the field's name.
    """

    def __init__(self, rule: str, message: str, fix: str) -> None:
        super().__init__(message)
        self.rule, self.message, self.fix = rule, message, fix


def is_visible(text: str) -> bool:
    """Whether at least one character of ``text`` shows on a screen (Unicode general categories L, M, N, P and S)."""
    return any(unicodedata.category(c)[0] in "LNPS" and c not in BLANK_LETTERS for c in text)


def shortened(text: str, longest: int = 60) -> str:
    """A text from the input as a message quotes it."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def shape(value: object) -> str:
    """What a value of YAML is, in words."""
    return "a map" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a text"


def one_line(text: str) -> str:
    """A text of one line, without the blanks around it."""
    if "\n" in text or "\t" in text:
        raise RuleError(
            "contact/line-break",
            "has a line break or a tab, but is a text of one line",
            "Write it on one line; only address, notes and a message's text have several.",
        )
    return text.strip()


def line_or_nothing(text: str) -> str | None:
    """A text of one line, or None where it is blank."""
    return one_line(text) or None


def text_or_nothing(text: str) -> str | None:
    """A text without the blanks around it, or None where nothing is left of it."""
    return text.strip() or None


def filled(text: str) -> str:
    """A text of one line that is not blank."""
    found = one_line(text)
    if not found:
        raise RuleError("contact/type", *EMPTY)
    return found


def name(text: str) -> str:
    """A name that shows something and is not too long."""
    text = one_line(text)
    if not is_visible(text):
        raise RuleError("contact/name", "shows nothing", "Write the name by which people know the contact.")
    if len(text) > NAME_LIMIT:
        raise RuleError(
            "contact/name",
            f"has {len(text):,} characters; {NAME_LIMIT} are allowed",
            "Shorten the name; the rest can stand in notes.",
        )
    return text


def day(value: object) -> date:
    """A day of the calendar, from year-month-day (ISO 8601)."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise RuleError(
                "contact/date", f"is {value.strip()}, a day that no calendar has", "Write the day as year-month-day."
            ) from None
    raise RuleError("contact/date", "is not a date", "Write it as year-month-day, for example 2026-11-20.")


def moment(value: object) -> datetime:
    """A date with a time, from ISO 8601; without an offset where none was written."""
    if isinstance(value, datetime):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:", text):
        with suppress(ValueError):
            found = datetime.fromisoformat(text.upper())
            if 1 < found.year < 9999:  # at the ends of the calendar some time zones cannot show a moment
                return found
    raise RuleError(
        "contact/date", "is not a date with a time", "Write it as in ISO 8601, for example 2026-11-20T09:30:00Z."
    )


def flag(value: object) -> bool:
    """True or false, from the words of YAML."""
    if isinstance(value, bool):
        return value
    if value in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return value in ("true", "True", "TRUE")
    raise RuleError("contact/type", "is neither true nor false", "Write true or false.")


def unit(value: object) -> float:
    """A number from 0 to 1."""
    try:
        number = float(value) if isinstance(value, str | int | float) else -1.0
    except ValueError:
        number = -1.0
    if not 0.0 <= number <= 1.0:
        raise RuleError(
            "contact/focus",
            "is not a number from 0 to 1",
            "Write focus as two numbers from 0 to 1, from the left and from the top, for example [0.5, 0.3].",
        )
    return number


def fit(value: object) -> str:
    """How a picture becomes a square."""
    if value in FITS:
        return str(value)
    if isinstance(value, str) and not value.strip():
        raise RuleError("contact/type", *EMPTY)
    given = f"“{shortened(value)}”" if isinstance(value, str) else shape(value)
    known = " or ".join(FITS)
    raise RuleError("contact/type", f"is {given}, not {known}", f"Write {known}.")


def focus(value: object) -> object:
    """A point of the picture: two numbers, or those of a side's name."""
    if isinstance(value, str):
        side = "center" if value == "centre" else value
        if side not in SIDES:
            raise RuleError(
                "contact/focus",
                f"is “{shortened(side)}”, which is no side of a picture",
                f"Write one of {', '.join(SIDES)}, or two numbers from 0 to 1.",
            )
        return SIDES[side]
    if not (isinstance(value, list | tuple) and len(value) == 2):
        raise RuleError(
            "contact/focus",
            "is not a point of the picture",
            "Write focus as two numbers from 0 to 1, from the left and from the top, for example [0.5, 0.3].",
        )
    return value


def some(value: object) -> object:
    """A list of what was given: nothing is none, one is a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list | tuple) else [value]


def labelled(value: object) -> object:
    """An address or number; a bare one has no label."""
    return {"value": value} if isinstance(value, str) else value


def contact(value: object) -> object:
    """A merge directive; a bare text names the contact."""
    return {"contact": value} if isinstance(value, str) else value


def alias(value: object) -> object:
    """An ID that led here before; a bare text is the ID."""
    return {"id": value} if isinstance(value, str) else value


def file(value: object) -> object:
    """The choice of a picture; a bare text names the file."""
    return {"file": value} if isinstance(value, str) else value


def channels(value: object) -> object:
    """The channels not to use, or `all` alone."""
    channels = some(value)
    if not isinstance(channels, list | tuple):
        return channels
    # Taken for names of channels, these would let through what someone meant to hold back.
    answer = next((c for c in channels if isinstance(c, str) and c.strip().lower() in ANSWERS), None)
    if answer is not None:
        raise RuleError(
            "contact/type",
            f"is “{answer}”, which is no channel",
            "Write all, or the names of the channels, for example [sms, phone]; for none, take the line out.",
        )
    return ["all"] if "all" in channels else channels


def pairs(value: object) -> object:
    """The custom fields that are filled."""
    if not isinstance(value, dict):
        return value
    keys = [key.strip() for key in value]
    if len(set(keys)) < len(keys):
        twice = next(key for index, key in enumerate(keys) if key in keys[:index])
        raise RuleError("yaml/duplicate-key", f"has the key “{shortened(twice)}” twice", "Keep one of the two.")
    return {k: v for k, v in value.items() if v is not None}
