"""Names as people read them: their order, their initials, their colour; times and sizes in words.

The same on every machine: no locale, no clock.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contactsheet.schema import Record

TONES = 12
_FIRST_MARK = "\u0300"  # before it, and all other characters that join others to a sign
# Scripts whose names are told by two letters, the given name's and the family name's. Elsewhere one sign says more:
# letters that join (Arabic) would be read as a word, and a Chinese family name is one sign.
_TWO_LETTER_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN")
# The consonants with which Korean syllables begin: the signs of which syllables are made draw as half of one when they
# stand alone, so each is given by the letter for that.
_FIRST_JAMO, _LEADING = "\u1100", "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def sort_key(record: Record) -> tuple[bytes, bytes]:
    """What orders the list: the family name, else the name; then the name. Where both are equal, the ID decides.

    Unicode collation (UTS #10, the default table), first level: neither case nor accents count.
    """
    return _packed(_primary(record.family_name or record.name)), _packed(_primary(record.name))


def _packed(weights: str) -> bytes:
    """Weights as bytes that compare as they do. (No weight of the default table has more than 16 bits.)"""
    return weights.encode("utf-16-be", "surrogatepass")


# The weights of ASCII's characters, from the space to the tilde, which never weigh together otherwise than each alone.
# Loading the whole table takes as long as decoding ten photos; a site that needs no more of it is spared that.
_ASCII_TABLE = """
521 608 780 920 7186 921 918 773 791 792 911 1558 546 525 631 916
7229 7230 7231 7232 7233 7234 7235 7236 7237 7238 569 564 1562 1563 1564 614
910 7239 7264 7290 7311 7338 7397 7412 7448 7474 7500 7525 7543 7594 7609 7645
7692 7713 7731 7793 7829 7861 7907 7925 7935 7947 7969 793 917 794 1157 523
1154 7239 7264 7290 7311 7338 7397 7412 7448 7474 7500 7525 7543 7594 7609 7645
7692 7713 7731 7793 7829 7861 7907 7925 7935 7947 7969 795 1566 796 1568
"""
_ASCII_WEIGHTS = dict(enumerate(map(int, _ASCII_TABLE.split()), ord(" ")))
# Letters of Latin names that weigh on the first level what others do; so the names of most of Europe need no more.
_AS_OTHERS = str.maketrans(
    {"Æ": "ae", "æ": "ae", "Œ": "oe", "œ": "oe", "ß": "ss", "Ø": "o", "ø": "o", "Ł": "l", "ł": "l"}
    | {"Đ": "d", "đ": "d", "Ð": "d", "ð": "d", "Ħ": "h", "ħ": "h"}
)
_MARKS = re.compile("[\u0300-\u0345]")  # combining marks of Latin letters; beyond them some are weighed


@cache
def _collator() -> Any:
    from pyuca import Collator

    return Collator()


def _primary(text: str) -> str:
    """The weights of a text on the first level, each as a character."""
    # Marks weigh nothing on this level, so é weighs what e does; only other scripts and letters need the whole table.
    plain = text
    if not text.isascii():
        plain = _MARKS.sub("", unicodedata.normalize("NFD", text)).translate(_AS_OTHERS)
    if plain.isascii() and plain.isprintable():
        return plain.translate(_ASCII_WEIGHTS)
    return _collated(text)


def _collated(text: str) -> str:
    weights = _collator().sort_key(text)
    return "".join(map(chr, weights[: weights.index(0)]))


def letter(record: Record) -> str:
    """The letter under which the list shows a contact; # where what it is sorted by begins with none."""
    text = unicodedata.normalize("NFKC", record.family_name or record.name)
    return next((heading for c in text if (heading := _heading(c))), "#")


@lru_cache(maxsize=4096)
def _heading(c: str) -> str:
    """The letter under which a text that begins with the character stands; empty if it does not count in sorting."""
    weights = _primary(c)
    if not weights:
        return ""
    if weights < _primary("a") or not c.isalpha():
        return "#"  # digits and other signs, which come first
    bare = unicodedata.normalize("NFD", c)[0]
    if _FIRST_JAMO <= bare < chr(ord(_FIRST_JAMO) + len(_LEADING)):
        return _LEADING[ord(bare) - ord(_FIRST_JAMO)]
    # Some letters with marks have a place of their own: Й is not sorted as И.
    return _basic_letters().get(weights[0]) or _capital(bare if _primary(bare)[:1] == weights[:1] else c)


@cache
def _basic_letters() -> Mapping[str, str]:
    """A to Z by their weight: letters that are sorted among those of another (Ł, Ø, Æ) stand under it."""
    return {_primary(c)[0]: c for c in ascii_uppercase}


def initials(record: Record) -> str:
    """One or two user-perceived characters (UAX #29) that stand for a contact without a picture."""
    words = record.name.split()
    signs = _signs([record.given_name, record.family_name] if record.given_name and record.family_name else words)
    if len(signs) > 1 and all(_is_two_letter_script(sign) for sign in (signs[0], signs[-1])):
        return signs[0] + signs[-1]
    # One sign is that of the name as it is written: where it is the family name's, that stands first.
    return next(iter(_signs(words)), "") or _grapheme(record.name) or "?"


def _signs(words: Iterable[str]) -> list[str]:
    return [sign for word in words if (sign := _first_sign(word))]


def _first_sign(word: str) -> str:
    """The first letter, digit or emoji of a word as one whole character, in capitals where that is one sign too."""
    if word.isascii():  # no sign of which has marks
        return next(filter(str.isalnum, word), "").upper()
    for index, c in enumerate(word):
        if unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So":
            return _capital(_grapheme(word[index:]))
    return ""


def _capital(sign: str) -> str:
    """The sign as it begins a name, where that is one sign too. Georgian has capitals, and begins no name with one."""
    capital = sign.title()
    return capital if len(capital) == len(sign) else sign


def _grapheme(text: str) -> str:
    """The first sign of a text, which may be several characters."""
    if text[0] < _FIRST_MARK and text[1:2] < _FIRST_MARK:
        return text[0]
    import regex

    found = regex.match(r"\X", text)
    return found[0] if found else ""


def _is_two_letter_script(sign: str) -> bool:
    return (sign.isascii() and sign.isalpha()) or unicodedata.name(sign[0], "").startswith(_TWO_LETTER_SCRIPTS)


def tone(contact_id: str) -> int:
    """The colour of a contact's initials, 0 to 11; from the ID alone, so that it is the same on every page."""
    return hashlib.sha256(contact_id.encode()).digest()[0] * TONES // 256


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
