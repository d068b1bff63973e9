"""The contact list around its rows: which columns there are, and which letters lead where."""

from __future__ import annotations

import pytest

from contactsheet import listing
from contactsheet.settings import Settings
from tests.conftest import Site


@pytest.mark.parametrize(
    ("chosen", "kinds"),
    [
        (Settings().columns, ["who", "email", "phone", "labels", "owner", "last"]),
        ((), ["who"]),
        (("company",), ["who"]),
        (("owner", "type", "email", "tags"), ["who", "owner", "labels", "email"]),
        (("fields.B", "phone", "fields.A"), ["who", "custom", "phone", "custom"]),
    ],
)
def test_columns_stand_in_the_order_of_the_settings(chosen: tuple[str, ...], kinds: list[str]) -> None:
    assert [column.kind for column in listing.columns(Settings(columns=chosen))] == kinds


def test_a_column_of_types_alone_is_called_so() -> None:
    (_, column) = listing.columns(Settings(columns=("type",)))
    assert (column.label, column.shows, column.sorts) == ("Type", ("type",), "type")


def test_custom_fields_are_numbered_as_rows_have_them() -> None:
    settings = Settings(columns=("fields.B", "phone", "fields.A"))
    assert listing.custom(settings) == ("B", "A")
    assert [(column.label, column.number) for column in listing.columns(settings)[1:]] == [
        ("B", 0),
        ("Phone", 0),
        ("A", 1),
    ]


def test_a_letter_leads_to_the_page_on_which_it_begins() -> None:
    found = listing.letters(["#", "A", "A", "B", "B", "B", "Ж", "陈"], 3)
    assert [(one.letter, one.href) for one in found] == [
        ("#", "index.html#cs-letter-%23"),
        ("A", "index.html#cs-letter-A"),
        ("B", "pages/contacts-2.html#cs-letter-B"),
        ("Ж", "pages/contacts-3.html#cs-letter-%D0%96"),
        ("陈", "pages/contacts-3.html#cs-letter-%E9%99%88"),
    ]


def test_signs_for_words_do_not_make_a_thousand_letters() -> None:
    signs = [chr(0x4E00 + number // 2) for number in range(2000)]
    found = [one.letter for one in listing.letters(["A", "B", *signs], 100)]
    assert found[:2] == ["A", "B"]
    assert 10 < len(found) <= 60


def test_no_contact_has_no_letter() -> None:
    assert listing.letters([], 100) == ()


def test_the_page_has_the_columns_that_the_settings_choose(site: Site) -> None:
    site.settings('columns = ["fields.Account", "email", "title"]')
    site.contact(
        "ada",
        "email: ada@example.org\nphone: +44 20 7946 0018\ncompany: Acme\ntitle: Countess\nfields: {Account: A-17}",
        "Ada",
    )
    assert site.build().published
    page = site.page("index.html").partition("<template")[0]
    assert page.index("A-17") < page.index("ada@example.org")
    assert "Countess" in page
    assert "Acme" not in page
    assert "7946" not in page
