"""What is decided at first sight, because it is so ordinary, is what the exact checks say of it."""

from __future__ import annotations

import re
from itertools import product
from unittest.mock import patch

import phonenumbers
import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from contactsheet import characters, document, names, ordinary
from contactsheet.check import web_address_fault

NEVER = re.compile(r"(?!)")
CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
KINDS = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
# Signs that mean something to YAML, to its readers or to a terminal, and some that mean nothing.
SIGNS = "abnrx7: -[]{},#&*!|>'\"%@`?~\\\n\r\t\x00\x07\x1b\x7f\x85\xa0é\u2028\ufeff\uffff"

local = st.text("ab09._+-A", min_size=1, max_size=8)
label = st.one_of(st.text("az09-", min_size=1, max_size=6), st.integers(61, 65).map(lambda size: "a" * size))
last = st.sampled_from(["com", "de", "museum", "c", "c0m", "COM", *SPECIAL_USE_DOMAIN_NAMES])
addresses = st.builds(
    lambda name, labels, end: f"{name}@{'.'.join([*labels, end])}", local, st.lists(label, max_size=5), last
)
typed_numbers = st.builds(
    "+{}{}".format, st.sampled_from(CODES) | st.integers(1, 999), st.text("0123456789 -", max_size=20)
)


@given(addresses)
@example("ada@example.org")
@example(f"{'a' * 242}@example.org")
@example(f"{'a' * 243}@example.org")
@example(f"a@{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 56}.org")
@example(f"a@{'a' * 64}.org")
@example("ada@xn--bcher-kva.example")
@example("ada@ab--c.org")
def test_an_ordinary_email_address_is_one_that_the_library_leaves_as_it_is(address: str) -> None:
    if ordinary.is_email(address):
        assert validate_email(address, check_deliverability=False).normalized == address


@pytest.mark.parametrize("ending", SPECIAL_USE_DOMAIN_NAMES)
def test_no_address_is_ordinary_that_ends_with_a_reserved_name(ending: str) -> None:
    assert not ordinary.is_email(f"ada@example.{ending}")
    with pytest.raises(EmailNotValidError):
        validate_email(f"ada@example.{ending}", check_deliverability=False)


@given(st.from_regex(ordinary._WEBSITE, fullmatch=True))
def test_an_ordinary_web_address_has_no_fault(address: str) -> None:
    with patch.object(ordinary, "_WEBSITE", NEVER):
        assert web_address_fault(address) == ""


@given(typed_numbers, st.sampled_from([None, "GB", "US", "IT"]))
@example("+39 06 1234567", None)
@example("+7 8 800 555 35 35", None)
@example("+800 1234 5678", None)
@example("+44 7", "GB")
def test_an_ordinary_phone_number_is_what_the_library_makes_of_it(text: str, region: str | None) -> None:
    if (shown := ordinary.phone(text)) is not None:
        assert shown == international(phonenumbers.parse(text, region))


def test_the_numbers_of_each_country_are_what_the_library_makes_of_them() -> None:
    for region, kind in product(sorted(phonenumbers.SUPPORTED_REGIONS), KINDS):
        if number := phonenumbers.example_number_for_type(region, kind):
            shown = international(number)
            for form in (phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.INTERNATIONAL):
                assert ordinary.phone(phonenumbers.format_number(number, form)) in (None, shown), region


def test_most_numbers_are_ordinary() -> None:
    for region in ("AU", "BR", "CA", "CH", "DE", "FR", "GB", "IN", "JP", "NG", "SE", "US"):
        number = phonenumbers.example_number(region)
        assert number
        assert ordinary.phone(international(number)), region


@given(st.sampled_from(CODES), st.integers(1, 10**12))
def test_a_number_is_ordinary_only_where_the_library_has_nothing_against_it(code: int, national: int) -> None:
    if (shown := ordinary.phone(f"+{code}{national}")) is not None:
        number = phonenumbers.parse(f"+{code}{national}")
        assert phonenumbers.is_possible_number(number)
        assert phonenumbers.is_valid_number(number)
        assert shown == international(number)


def international(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


@given(st.text(SIGNS, max_size=30), st.sampled_from(["", "name: ", "name: '", 'name: "', "name: |\n "]))
def test_ordinary_bytes_are_read_as_all_others_are(text: str, before: str) -> None:
    data = f"{before}{text}{before[6:7].strip('|')}".encode()
    read = document.parse(data, "a.yaml")
    with patch.object(characters, "_ORDINARY", b""):
        assert read == document.parse(data, "a.yaml")


@given(
    st.lists(st.sampled_from(list(SIGNS)), max_size=20).map("".join), st.sampled_from(["", "'", '"', "|\n ", ">\n "])
)
@example("\\r", '"')
@example("\\u0085", '"')
@example("a\r b", ">\n ")
def test_no_text_of_a_tree_has_control_characters_or_the_line_ends_of_other_systems(text: str, style: str) -> None:
    tree, _ = document.parse(f"name: {style}{text}{style.strip('|> ')}\n".encode(), "a.yaml")
    if tree is not None:
        for entry in tree.entries:
            for one in (entry.key, getattr(entry.value, "text", None) or ""):
                assert "\r" not in one
                assert not characters.CONTROL.search(one)


@given(st.text(st.characters(max_codepoint=127)))
def test_the_first_sign_of_a_word_in_ascii_is_that_of_any_word(word: str) -> None:
    signs = (names._capital(names._grapheme(word[index:])) for index, c in enumerate(word) if c.isalnum())
    assert names._first_sign(word) == next(signs, "")
