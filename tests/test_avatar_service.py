"""The pictures at the addresses of Libravatar and Gravatar: there when asked for, and gone when not."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from contactsheet import pipeline
from contactsheet.avatar_service import paths
from contactsheet.memo import Memo
from contactsheet.settings import load
from contactsheet.workers import Workers
from tests.conftest import Site
from tests.pictures import BLUE, RED, opened, quarters, saved


def names(address: str) -> set[str]:
    """The names of the files of an address, which is as people write it."""
    plain = address.encode()
    return {hashlib.sha256(plain).hexdigest(), hashlib.md5(plain).hexdigest()}


def served(site: Site) -> dict[str, bytes]:
    """The files of the service by their names."""
    return {path.name: path.read_bytes() for path in (site.output / "avatar").glob("*")}


@pytest.fixture
def town(site: Site) -> Site:
    """Two contacts with a picture and an address, one with an address alone; the service is on."""
    site.settings("avatar_service = true")
    site.contact("ada", "emails: [Ada@Example.org, {label: work, value: lovelace@example.org}]", name="Ada")
    site.write("avatars/ada.jpg", saved(quarters(600, 600)))
    site.contact("bob", "email: bob@example.org", name="Bob")
    site.write("avatars/bob.png", saved(Image.new("RGB", (600, 600), BLUE), "PNG"))
    site.contact("eve", "email: eve@example.org", name="Eve")
    return site


@pytest.mark.parametrize(
    ("address", "sha256"),
    [
        ("MyEmailAddress@example.com ", "84059b07d4be67b806386c0aad8070a23f18836bbaae342275dc0a83414c32ee"),
        (" myemailaddress@example.com", "84059b07d4be67b806386c0aad8070a23f18836bbaae342275dc0a83414c32ee"),
    ],
    ids=["Gravatar's own example", "spaces in front"],
)
def test_an_address_is_taken_without_white_space_and_in_lower_case(address: str, sha256: str) -> None:
    assert [*paths(address)] == [f"avatar/{sha256}", "avatar/0bc83cb571cd1c50ba6f3e8a78ef1346"]


def test_it_is_off_unless_it_is_asked_for(town: Site) -> None:
    town.settings("")
    assert town.build().published
    assert not (town.output / "avatar").exists()


def test_every_address_of_a_contact_with_a_picture_has_it_under_both_names(town: Site) -> None:
    assert town.build().published
    files = served(town)
    ada, work, bob = map(names, ("ada@example.org", "lovelace@example.org", "bob@example.org"))
    assert files.keys() == ada | work | bob
    assert len({files[name] for name in ada | work}) == 1
    image = opened(files[min(ada)])
    assert (image.format, image.size, image.mode) == ("JPEG", (512, 512), "RGB")
    assert image.getpixel((100, 100)) == pytest.approx(RED, abs=8)
    assert opened(files[min(bob)]).getpixel((100, 100)) == pytest.approx(BLUE, abs=8)


def test_a_picture_through_which_something_shows_is_a_png(town: Site) -> None:
    town.contact("bob", "email: bob@example.org\navatar: {fit: contain}", name="Bob")
    town.write("avatars/bob.png", saved(quarters(600, 300), "PNG"))
    assert town.build().published
    image = opened(served(town)[min(names("bob@example.org"))])
    assert (image.format, image.size, image.mode) == ("PNG", (512, 512), "RGBA")
    assert image.getpixel((256, 20)) == (0, 0, 0, 0)


def test_of_two_contacts_with_one_address_the_first_of_the_list_has_it(town: Site) -> None:
    town.contact("bob", "email: ADA@example.org", name="Bob")
    assert town.build().published
    assert opened(served(town)[min(names("ada@example.org"))]).getpixel((100, 100)) == pytest.approx(RED, abs=8)
    town.contact("bob", "email: ADA@example.org", name="Aaron")
    assert town.build().published
    assert opened(served(town)[min(names("ada@example.org"))]).getpixel((100, 100)) == pytest.approx(BLUE, abs=8)


def test_an_address_that_a_merge_brought_has_the_survivor_s_picture(town: Site) -> None:
    town.contact("lead", "email: ada@old.example.org\nmerge_into: ada", name="Ada")
    assert town.build().published
    files = served(town)
    assert files[min(names("ada@old.example.org"))] == files[min(names("ada@example.org"))]


def test_an_address_that_a_contact_lost_is_gone_and_costs_no_picture(town: Site) -> None:
    with closing(Memo()) as memo, Workers(0) as workers:
        assert pipeline.build(town.root, town.output, load(town.root), workers, memo=memo).published
        town.contact("ada", "emails: [ada@example.org, new@example.org]", name="Ada")
        outcome = pipeline.build(town.root, town.output, load(town.root), workers, memo=memo)
    assert outcome.published
    assert outcome.work.pictures == 0
    expected = names("ada@example.org") | names("new@example.org") | names("bob@example.org")
    assert served(town).keys() == expected


def test_switched_off_it_takes_its_own_files_away_and_no_others(town: Site) -> None:
    assert town.build().published
    foreign = town.output / "avatar" / "own.png"
    foreign.write_bytes(b"mine")
    town.settings("avatar_service = false")
    assert town.build().published
    assert [*(town.output / "avatar").iterdir()] == [foreign]


def test_a_file_of_somebody_else_in_its_place_is_told_and_left(town: Site) -> None:
    town.settings("")
    assert town.build().published
    (town.output / "avatar").mkdir()
    place: Path = town.output / "avatar" / min(names("bob@example.org"))
    place.write_bytes(b"mine")
    town.settings("avatar_service = true")
    outcome = town.build()
    assert [problem.rule for problem in outcome.problems if problem.severity == "error"] == ["site/output-conflict"]
    assert place.read_bytes() == b"mine"
