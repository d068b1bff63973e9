"""Values as most people write them, known at first sight, so that the libraries that know all others need not be asked.

Whatever is said here, they would say too. It judges nothing as wrong: what is not ordinary is for them to judge.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

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


def phone(text: str) -> PhoneNumber | None:
    """The phone number in a text of its country's code and digits, with single blanks or hyphens between them.

    None where there is more to look for: a code that no country has, or digits that are dialled at home alone.
    """
    if not _PHONE.fullmatch(text):
        return None
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumber

    digits = text.translate(_WITHOUT_BLANKS)
    code = next((int(digits[:size]) for size in (1, 2, 3) if int(digits[:size]) in COUNTRY_CODE_TO_REGION_CODE), 0)
    national = digits[len(str(code)) :]
    if not code or not 2 <= len(national) <= 17 or national[0] == "0":
        return None
    country = PhoneMetadata.metadata_for_region_or_calling_code(code, COUNTRY_CODE_TO_REGION_CODE[code][0])
    if country is None or re.match(country.national_prefix_for_parsing or r"\Z", national):
        return None
    return PhoneNumber(country_code=code, national_number=int(national))


def is_valid(number: PhoneNumber) -> bool:
    """Whether a phone number is in a range that is in use; ``is_valid_number`` looks through the ranges of most twice.

    It does so to find the country first: of those that share a code, the first in whose ranges the number is, but for
    countries that are known by the number's first digits.
    """
    import phonenumbers

    first = phonenumbers.region_code_for_country_code(number.country_code or 0)
    country = phonenumbers.PhoneMetadata.metadata_for_region(first)
    if country and country.leading_digits is None and phonenumbers.is_valid_number_for_region(number, first):
        return True
    return phonenumbers.is_valid_number(number)
