"""Which names are IDs, which names a picture may have, and what is proposed for those that are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactsheet import ids


@pytest.mark.parametrize(
    "name", ["ada", "ada-lovelace", "Ada", "a", "7", "a_b", "2026-intern", "sales/ada", "a/b/c/d", "x" * 100, "console"]
)
def test_these_are_ids(name: str) -> None:
    assert ids.fault(name) == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "is empty"),
        ("sales//ada", "is empty"),
        ("josé", "has other signs"),
        ("李", "does not begin with an ASCII letter"),
        ("аda", "does not begin with an ASCII letter"),
        ("аdа".replace("а", "a", 1), "has other signs"),
        ("-rf", "does not begin with"),
        ("_ada", "does not begin with"),
        ("ann~1", "has other signs"),
        ("ann lee", "has other signs"),
        ("ann ", "has other signs"),
        ("ann\n", "has other signs"),
        ("ann\u202efdp", "has other signs"),
        ("ann\u200b", "has other signs"),
        ("ann:stream", "has other signs"),
        ("ann\\lee", "has other signs"),
        ("ann.", "has a dot"),
        ("ann.yaml", "has a dot"),
        ("CON", "Windows reserves"),
        ("aux", "Windows reserves"),
        ("com1", "Windows reserves"),
        ("COM¹", "Windows reserves"),
        ("lpt9", "Windows reserves"),
        ("sales/nul/ada", "Windows reserves"),
        ("x" * 101, "has 101 characters; 100 are allowed"),
        ("\udcff", "does not begin with"),
    ],
)
def test_these_are_none_and_the_reason_is_said(name: str, reason: str) -> None:
    assert reason in ids.fault(name)


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("josé", "jose"),
        ("jose\u0301", "jose"),
        ("Łukasz Ørsted", "lukasz-orsted"),
        ("Straße", "strasse"),
        ("李", "contact"),
        ("sales/李", "sales/contact"),
        ("李/ada", "ada"),
        ("CON", "con-contact"),
        ("com¹", "com1-contact"),
        ("-rf", "rf"),
        ("--help", "help"),
        ("ann~1", "ann-1"),
        ("ann.", "ann"),
        ("ann.yaml", "ann-yaml"),
        ("O'Brien, Síobhán", "o-brien-siobhan"),
        ("a\nb", "a-b"),
        ("\udcff", "contact"),
        ("x" * 300, "x" * 90),
    ],
)
def test_the_proposal_is_the_nearest_id(name: str, proposed: str) -> None:
    assert ids.proposal(name) == proposed


def test_a_proposal_that_is_taken_gets_a_number() -> None:
    assert ids.proposal("josé", {"jose", "jose-2"}) == "jose-3"


@given(st.text(max_size=130))
def test_every_proposal_is_an_id(name: str) -> None:
    assert ids.fault(ids.proposal(name)) == ""


@given(st.from_regex(r"[a-z0-9][a-z0-9_]{0,40}", fullmatch=True).filter(lambda name: not ids.fault(name)))
def test_an_id_in_small_letters_is_its_own_proposal(name: str) -> None:
    assert ids.proposal(name) == name.rstrip("_")


@pytest.mark.parametrize(
    "name",
    [
        "ada",
        "logos/acme",
        "IMG 2034",
        "Ada Lovelace (1)",
        "2026.11.20 party",
        "logo-v2.1",
        "_MG_0815",
        "a+b,c=d",
        "[x]",
    ],
)
def test_a_picture_may_keep_the_name_that_a_camera_or_designer_gave_it(name: str) -> None:
    assert ids.picture_fault(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        *("josé", "аda", "ann\u202egnp", "ann\u200b", "李", "\udcff", "a\nb", "a\x1bb"),
        *("-rf", "--help", ".hidden", " ann", "ann ", "ann.", "logos/ann."),
        *("CON", "nul.tar", "logos/aux", "com1 .x", "COM¹"),
        *("ann~1", "ann:stream", "a\\b", "a*b", "a?b", 'a"b', "a<b", "a|b", "a%2eb"),
        *("ann.php", "ann.jpg", "ann.yaml", "ann.SVG", "x" * 101, "a//b"),
    ],
)
def test_a_picture_may_not_have_a_name_that_systems_read_differently(name: str) -> None:
    assert ids.picture_fault(name)


@given(st.text(max_size=130))
def test_every_id_may_be_a_pictures_name(name: str) -> None:
    assert ids.fault(name) or not ids.picture_fault(name)
