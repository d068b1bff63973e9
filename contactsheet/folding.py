"""Texts to what the search compares: words without accents and case, and the digits of telephone numbers.

templates/search.js does the same to what a visitor types; a test holds the two together in a browser.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

WORD_LIMIT = 16  # characters of a word that the index tells apart
_STARTS = 16  # places in a word or number at which a search may begin

# Letters with strokes and the like, which Unicode does not decompose; people without the key type these.
_PLAIN = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ŧ": "t",
    "ŋ": "n",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ς": "σ",
}
_LETTERS = str.maketrans(
    _PLAIN | {chr(zero + digit): str(digit) for zero in (0x660, 0x6F0, 0x966) for digit in range(10)}
)
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_APOSTROPHE = re.compile("['’ʼ]")
_NUMBER = re.compile(r"[0-9]+")
# Latin letters with or without accents: taken apart, they have these marks and no others.
_LATIN = re.compile(r"[\x00-\x7f\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]*")
_LATIN_MARKS = re.compile(r"[\u0300-\u036f]")


def fold(text: str) -> str:
    """The text without accents and case, in compatibility forms (UAX #15, NFKD).

    Marks stay in the scripts of India and of South-East Asia, where they are vowels.
    """
    if text.isascii():
        return text.lower()
    marks = _LATIN_MARKS if _LATIN.fullmatch(text) else _patterns()["marks"]
    # Capitals first: ß and SS, ı and I are the same then.
    bare = marks.sub("", unicodedata.normalize("NFKD", text)).upper().lower()
    bare = marks.sub("", unicodedata.normalize("NFKD", bare)).translate(_LETTERS)
    return unicodedata.normalize("NFKD", bare)


def words(text: str) -> set[str]:
    """The words by which a text is found, each from every place where one may begin to type it.

    O'Rourke is found as orourke and rourke; in a script without spaces a word begins at every sign.
    """
    folded = fold(text)
    if not folded.isascii():
        patterns = _patterns()
        return {word for whole in patterns["word"].findall(folded) for word in _beginnings(whole, patterns["start"])}
    found = set(_ASCII_WORD.findall(folded))
    for whole in [word for word in found if "'" in word or word[0] == "0"]:
        found.remove(whole)
        found.update(_beginnings(whole, _APOSTROPHE))
    return found


def _beginnings(word: str, start: Any) -> Iterator[str]:
    starts = sorted({0, *(found.end() for found in start.finditer(word))})
    for first in starts[:_STARTS]:
        rest = _APOSTROPHE.sub("", word[first:])
        # Telephone numbers are kept without zeros in front, so other numbers are too.
        yield (rest.lstrip("0") or "0") if rest.isdecimal() else rest


def numbers(phone: str) -> Iterator[str]:
    """The digits by which a telephone number is found: from each of its groups to the end, without zeros in front.

    So +44 20 7946 0018 is found by 44 20 7946, 020 7946, 7946 0018 and 0018. An extension does not count.
    """
    groups = _NUMBER.findall(phone.partition(" ext. ")[0])
    for first in range(min(len(groups), _STARTS)):  # a number has 15 digits (ITU-T E.164)
        if digits := "".join(groups[first:]).lstrip("0"):
            yield digits


def is_number(text: str) -> bool:
    """Whether a text among others is meant as a telephone number."""
    return "@" not in text and re.match(r"[+(]?[0-9]", text) is not None


@cache
def _patterns() -> dict[str, Any]:
    """Patterns by properties of characters; for names that are not Latin, since loading them takes a while."""
    import regex

    return {
        "marks": regex.compile(r"[[\p{M}\p{Cf}\u0640]--[\u0900-\u109F\u1780-\u17FF]]", regex.V1),
        "word": regex.compile(r"[\p{L}\p{N}\p{M}]+(?:['’ʼ][\p{L}\p{N}\p{M}]+)*"),
        "start": regex.compile(
            r"['’ʼ]|(?=[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u1100-\u115F])"
        ),
    }
