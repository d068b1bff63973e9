"""Names as people read them: their order, their initials, their colour; times and sizes in words.

The same on every machine: no locale, no clock.
"""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from contactsheet.schema import Record

TONES = 12
# Scripts whose names are told by two letters, the given name's and the family name's. Elsewhere one sign says more:
# letters that join (Arabic) would be read as a word, and a Chinese family name is one sign.
_TWO_LETTER_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

SortKey = tuple[tuple[int, ...], tuple[int, ...], str]


def sort_key(record: Record, contact_id: str) -> SortKey:
    """The place of a contact in the list: by family name, else by name; then by name, then by ID.

    Unicode collation (UTS #10, the default table), first level: neither case nor accents count.
    """
    by_name = _primary(record.name)
    return (_primary(record.family_name) if record.family_name else by_name), by_name, contact_id


@cache
def _collator() -> Any:
    from pyuca import Collator

    return Collator()


def _primary(text: str) -> tuple[int, ...]:
    weights = _collator().sort_key(text)
    return tuple(weights[: weights.index(0)])


def letter(record: Record) -> str:
    """The letter under which the list shows a contact; # where its name begins with none."""
    text = record.family_name or record.name
    first = next((c for c in unicodedata.normalize("NFKD", text) if c.isalpha()), "#")
    upper = first.upper()
    return upper if len(upper) == 1 else first


def initials(record: Record) -> str:
    """One or two user-perceived characters (UAX #29) that stand for a contact without a picture."""
    if record.given_name and record.family_name:
        words = [record.given_name, record.family_name]
    else:
        words = record.name.split()
    signs = [sign for word in words if (sign := _first_sign(word))]
    if not signs:
        return _grapheme(record.name.strip()) or "?"
    if len(signs) > 1 and all(_is_two_letter_script(sign) for sign in (signs[0], signs[-1])):
        return signs[0] + signs[-1]
    return signs[0]


def _first_sign(word: str) -> str:
    """The first letter, digit or emoji of a word as one whole character, in capitals where that is one sign too."""
    for index, c in enumerate(word):
        if unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So":
            sign = _grapheme(word[index:])
            return sign.upper() if len(sign.upper()) == len(sign) else sign
    return ""


def _grapheme(text: str) -> str:
    import regex

    found = regex.match(r"\X", text)
    return found[0] if found else ""


def _is_two_letter_script(sign: str) -> bool:
    return unicodedata.name(sign[0], "").startswith(_TWO_LETTER_SCRIPTS)


def tone(contact_id: str) -> int:
    """The colour of a contact's initials, 0 to 11; from the ID alone, so that it is the same on every page."""
    return hashlib.sha256(contact_id.encode()).digest()[0] * TONES // 256


@cache
def zone(name: str) -> ZoneInfo | None:
    """The time zone of that IANA name, or None.

    From the tzdata package on every machine: systems differ in their data, and some file systems ignore case.
    """
    from importlib import resources

    folder = resources.files("tzdata")
    if name not in folder.joinpath("zones").read_text(encoding="utf-8").split():
        return None
    with folder.joinpath("zoneinfo", *name.split("/")).open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)


def day_in_words(day: date) -> str:
    """A date for people: 20 Nov 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def time_in_words(moment: datetime) -> str:
    """A time of day for people: 09:30."""
    return f"{moment.hour:02}:{moment.minute:02}"


def size_in_words(count: int) -> str:
    """A number of bytes for people, in units of 1024: 820 kB, 1.2 MB."""
    if count < 1024:
        return f"{count} bytes"
    if count < 1024 * 1000:
        return f"{count / 1024:.0f} kB"
    return f"{count / 1024 / 1024:.1f} MB"
