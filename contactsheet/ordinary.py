"""Values as most people write them, known at first sight, so that the libraries that know all others need not be asked.

Whatever is said here, they would say too. It judges nothing as wrong: what is not ordinary is for them to judge.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

# Small letters of ASCII alone. No label has two hyphens in a row, which may mean letters in disguise, and the last is
# none of those that no public address ends with (RFC 6761 and others; a test compares them with the library's).
_LABEL = r"[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){0,62}"
_EMAIL = re.compile(
    rf"(?!.{{255}})[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?!.{{254}})(?:{_LABEL}\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,63}"
)
_WEBSITE = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:/[A-Za-z0-9._/-]*)?")
_PHONE = re.compile(r"\+[1-9][0-9]?(?:[ -]?[0-9]){3,30}")
_WITHOUT_BLANKS = str.maketrans("", "", "+ -")


def is_email(text: str) -> bool:
    """Whether it is an e-mail address that is in order as it stands."""
    return _EMAIL.fullmatch(text) is not None


def is_website(text: str) -> bool:
    """Whether it is a web address without anything that has to be looked at twice."""
    return _WEBSITE.fullmatch(text) is not None


def phone(text: str) -> str | None:
    """The phone number in a text of its country's code and digits, with single blanks or hyphens between them, as it is
    written internationally.

    None where there is more to look for, or something to be said: a code that no country has, digits that are dialled
    at home alone, a number that is too long or in no range that is in use.
    """
    if not _PHONE.fullmatch(text):
        return None
    digits = text.translate(_WITHOUT_BLANKS)
    country = _country(digits[:1]) or _country(digits[:2]) or _country(digits[:3])
    if country is None:
        return None
    national = digits[len(country.code) :]
    if national[:1] == "0" or len(national) not in country.lengths or _pattern(country.home).match(national):
        return None
    return f"+{country.code} {_grouped(national, country)}" if _is_used(national, country) else None


class _Country(NamedTuple):
    """What is known of the numbers behind a code.

    ``home`` is what is only dialled at home, ``lengths`` are those of numbers, ``regions`` the countries that share the
    code (ISO 3166, two letters), ``forms`` how numbers are written: what they begin with, the groups, their order.
    """

    code: str
    home: str
    lengths: frozenset[int]
    regions: tuple[str, ...]
    forms: tuple[tuple[str, str, str], ...]


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """A pattern, got ready when it is first needed: a country has dozens, and most numbers need four."""
    return re.compile(text)


@cache
def _country(code: str) -> _Country | None:
    """The country with that code, or the first of those that share it; None where no country has it."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    # Any, here and below: the library's types say of much that it may be missing which never is.
    known: Any = PhoneMetadata.metadata_for_region(regions[0]) if regions else None
    if known is None:
        return None
    forms = known.intl_number_format or known.number_format
    return _Country(
        code,
        known.national_prefix_for_parsing or r"\Z",
        frozenset(known.general_desc.possible_length),
        tuple(regions),
        tuple(((one.leading_digits_pattern or [""])[-1], one.pattern, one.format) for one in forms),
    )


def _is_used(national: str, country: _Country) -> bool:
    """Whether a number is in a range that is in use.

    Of countries that share a code, it belongs to the first in whose ranges it is, but for those that are known by the
    number's first digits.
    """
    for region in country.regions:
        first, whole, kinds = _ranges(region)
        if first is not None and not _pattern(first).match(national):
            continue
        if _pattern(whole).match(national) and any(_pattern(kind).match(national) for kind in kinds):
            return True
        if first is not None:
            return False
    return False


@cache
def _ranges(region: str) -> tuple[str | None, str, tuple[str, ...]]:
    """The first digits that tell a country's numbers from those of others, if they do; what all its numbers are like;
    and the ranges of each kind that is in use.
    """
    from phonenumbers import PhoneMetadata

    known: Any = PhoneMetadata.metadata_for_region(region)
    if known is None:
        return None, "(?!)", ()
    kinds = (
        known.fixed_line,
        known.mobile,
        known.toll_free,
        known.premium_rate,
        known.shared_cost,
        known.voip,
        known.personal_number,
        known.pager,
        known.uan,
        known.voicemail,
    )
    ranges = tuple(_range(kind) for kind in kinds if kind and kind.national_number_pattern)
    return known.leading_digits, _range(known.general_desc), ranges


def _range(kind: Any) -> str:
    """The numbers of a kind as a pattern, from its digits and its lengths, if it tells them."""
    lengths = "|".join(rf".{{{length}}}\Z" for length in kind.possible_length if length > 0)
    if kind.possible_length and not lengths:
        return "(?!)"
    return rf"(?={lengths})(?:{kind.national_number_pattern})\Z"


def _grouped(national: str, country: _Country) -> str:
    """The digits in groups, as they are written in that country."""
    for first, groups, form in country.forms:
        if _pattern(first).match(national) and _pattern(groups).fullmatch(national):
            return _pattern(groups).sub(form, national)
    return national
