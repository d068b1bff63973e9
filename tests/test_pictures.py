"""Whose a picture is: by its name, by what the record chooses, or nobody's."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PIL import Image

from contactsheet.nearest import Nearest
from tests.conftest import Site, rules
from tests.pictures import BLUE, GREEN, RED, YELLOW, quarters, saved, textured


def square(colour: tuple[int, int, int] = RED) -> bytes:
    return saved(Image.new("RGB", (512, 512), colour), "PNG")


def shown(site: Site, contact_id: str, at: tuple[int, int] = (256, 256)) -> tuple[int, int, int]:
    """The colour at a point of the contact's large thumbnail, to the nearest of the colours that the tests use."""
    avatar = site.index()[contact_id]["avatar"]
    with Image.open(site.output / avatar["512"]) as thumb:
        pixel = thumb.convert("RGB").getpixel(at)
    assert isinstance(pixel, tuple)
    return min((RED, GREEN, BLUE, YELLOW), key=lambda c: sum((a - b) ** 2 for a, b in zip(c, pixel, strict=True)))


@pytest.mark.parametrize(
    "path",
    ["avatars/ada.png", "avatars/ada.PNG", "contacts/ada.png"],
    ids=["below avatars", "suffix in capitals", "beside the record"],
)
def test_a_picture_named_after_its_contact_is_the_contacts(site: Site, path: str) -> None:
    site.contact("ada", name="Ada")
    site.write(path, square())
    assert rules(site.build()) == []
    assert site.index()["ada"]["avatar"]["source"] == path


@pytest.mark.parametrize("suffix", ["jpg", "jpeg", "JPG", "Jpeg"])
def test_jpeg_is_found_under_each_of_its_suffixes(site: Site, suffix: str) -> None:
    site.contact("ada", name="Ada")
    site.write(f"avatars/ada.{suffix}", saved(quarters(512, 512)))
    assert rules(site.build()) == []
    assert site.index()["ada"]["avatar"] is not None


def test_a_contact_in_a_folder_has_its_picture_in_the_same_folder(site: Site) -> None:
    site.contact("sales/ada", name="Ada")
    site.contact("ada", name="Another Ada")
    site.write("avatars/sales/ada.png", square())
    site.build()
    assert {contact: entry["avatar"] is not None for contact, entry in site.index().items()} == {
        "sales/ada": True,
        "ada": False,
    }


def test_the_avatar_field_names_a_picture_of_another_name(site: Site) -> None:
    site.contact("ada", "avatar: logos/acme.png", name="Ada")
    site.write("avatars/logos/acme.png", square())
    assert rules(site.build()) == []
    assert site.index()["ada"]["avatar"]["source"] == "avatars/logos/acme.png"


def test_several_contacts_may_show_one_picture(site: Site) -> None:
    for contact in ("ada", "bob"):
        site.contact(contact, "avatar: acme.png", name=contact)
    site.write("avatars/acme.png", square())
    outcome = site.build()
    assert not outcome.failed(strict=False)
    assert {entry["avatar"]["source"] for entry in site.index().values()} == {"avatars/acme.png"}


def test_focus_without_a_file_holds_for_the_picture_of_the_contacts_name(site: Site) -> None:
    site.contact("ada", "avatar: {focus: right}", name="Ada")
    site.write("avatars/ada.png", saved(quarters(1200, 600), "PNG"))
    site.build()
    assert shown(site, "ada", (256, 100)) == GREEN


def test_a_contact_without_a_picture_is_nothing_to_speak_of(site: Site) -> None:
    site.contact("ada", name="Ada")
    assert rules(site.build()) == []
    assert site.index()["ada"]["avatar"] is None


@pytest.mark.parametrize(
    ("record", "first", "second"),
    [
        ("", "avatars/ada.jpg", "avatars/ada.png"),
        ("", "avatars/ada.png", "contacts/ada.png"),
        ("avatar: acme.png", "avatars/acme.png", "avatars/ada.png"),
    ],
    ids=["two suffixes", "two folders", "one chosen and one by its name"],
)
def test_two_pictures_for_one_contact_are_an_error_at_the_second(
    site: Site, record: str, first: str, second: str
) -> None:
    site.contact("ada", record, name="Ada")
    for path in (first, second):
        site.write(path, saved(quarters(512, 512), "PNG" if path.endswith("png") else "JPEG"))
    outcome = site.check()
    assert outcome.failed(strict=False)
    (found,) = [problem for problem in outcome.problems if problem.rule == "avatar/two-pictures"]
    assert found.file == second
    assert first in found.message


def test_of_three_pictures_each_that_is_too_many_is_named(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("avatars/ada.png", square())
    site.write("contacts/ada.png", square())
    site.write("avatars/ada.jpg", saved(quarters(512, 512)))
    found = [problem.file for problem in site.check().problems if problem.rule == "avatar/two-pictures"]
    assert found == ["avatars/ada.png", "contacts/ada.png"]


def test_a_picture_of_nobody_is_a_warning_with_the_nearest_contact(site: Site) -> None:
    site.contact("ada-lovelace", name="Ada")
    site.write("avatars/ada-lovelase.png", square())
    outcome = site.build()
    assert not outcome.failed(strict=False)
    assert outcome.failed(strict=True)
    (found,) = outcome.problems
    assert (found.rule, found.file) == ("avatar/orphan", "avatars/ada-lovelase.png")
    assert "ada-lovelace.png" in found.fix


def test_a_picture_that_differs_by_case_is_nobodys_and_the_fix_names_the_contact(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("avatars/Ada.png", square())
    (found,) = site.check().problems
    assert found.rule == "avatar/orphan"
    assert "(ada.png)" in found.fix


def test_the_picture_of_a_record_that_is_wrong_is_no_orphan(site: Site) -> None:
    site.contact("ada", "name: [Ada\n")
    site.write("avatars/ada.png", square())
    assert rules(site.check()) == ["yaml/syntax"]


def test_a_picture_of_nobody_is_judged_too(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("avatars/nobody.png", b"no picture at all")
    assert rules(site.check()) == ["avatar/not-a-picture", "avatar/orphan"]


def test_the_picture_of_a_record_that_is_wrong_is_judged_in_the_same_run(site: Site) -> None:
    site.contact("ada", "name: [Ada\n")
    site.write("avatars/ada.png", b"no picture at all")
    assert rules(site.check()) == ["avatar/not-a-picture", "yaml/syntax"]


def test_a_picture_that_is_too_many_is_judged_too(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("avatars/ada.jpg", saved(quarters(512, 512)))
    site.write("avatars/ada.png", b"no picture at all")
    assert rules(site.check()) == ["avatar/not-a-picture", "avatar/two-pictures"]


def test_a_picture_that_the_record_names_and_nobody_committed_is_an_error_at_its_line(site: Site) -> None:
    site.contact("ada", "avatar:\n  file: acme-logo.png", name="Ada")
    site.contact("bob", "avatar: Acme-Logos.png", name="Bob")
    site.write("avatars/acme-logos.png", square())
    outcome = site.check()
    missing = [problem for problem in outcome.problems if problem.rule == "avatar/missing"]
    assert [(one.file, one.line, one.column) for one in missing] == [
        ("contacts/ada.yaml", 3, 9),
        ("contacts/bob.yaml", 2, 9),
    ]
    assert all("Did you mean acme-logos.png?" in one.fix for one in missing)


@pytest.mark.parametrize(
    "name",
    [
        "../contacts/ada.png",
        "/etc/passwd.png",
        "./ada.png",
        "logos//ada.png",
        "logos\\ada.png",
        "C:ada.png",
        "%2e%2e/ada.png",
        "https://example.org/ada.png",
        "ada.png\u202e",
        "ada.gif",
        "ada",
        "ada.png/",
        "ada*.png",
    ],
)
def test_an_avatar_that_is_no_plain_path_is_refused_at_its_line(site: Site, name: str) -> None:
    site.contact("ada", f'avatar: "{name}"'.replace("\\", "\\\\"), name="Ada")
    site.write("avatars/ada.png", square())
    outcome = site.check()
    assert outcome.failed(strict=False)
    (found,) = [problem for problem in outcome.problems if problem.rule == "avatar/path"]
    assert (found.file, found.line) == ("contacts/ada.yaml", 2)
    assert "forward slashes" in found.fix


def test_a_file_outside_avatars_is_not_reached_by_its_path(site: Site, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(square())
    site.contact("ada", "avatar: ../../secret.png", name="Ada")
    assert rules(site.check()) == ["avatar/path"]


def test_a_proposal_ignores_case_and_the_nearest_name_wins() -> None:
    nearest = Nearest(["ada-lovelace", "grace-hopper", "ada-byron"])
    assert nearest("ADA-LOVELACE", 0.9) == "ada-lovelace"
    assert nearest("ada-lovelase", 0.6) == "ada-lovelace"
    assert nearest("zz", 0.6) == ""


def test_thousands_of_names_without_a_near_one_take_no_long_time() -> None:
    nearest = Nearest([f"contact-{number:05}" for number in range(3000)])
    began = time.process_time()
    for number in range(3000):
        nearest(f"kontakt-{number:05}-x", 0.6)
    assert time.process_time() - began < 10


# --- pictures that look the same -------------------------------------------------------------------------------------


def test_the_same_picture_on_two_contacts_is_a_warning_at_the_second(site: Site) -> None:
    picture = saved(textured(600, 600), "JPEG")
    for contact_id in ("ada", "grace"):
        site.contact(contact_id, name=contact_id)
        site.write(f"avatars/{contact_id}.jpg", picture)
    (problem,) = site.check().problems
    assert (problem.rule, problem.severity, problem.file) == ("avatar/alike", "warning", "avatars/grace.jpg")
    assert problem.message == "the picture of grace is the same as avatars/ada.jpg, the picture of ada"


def test_a_copy_in_another_size_and_format_is_found_too(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.contact("grace", name="Grace")
    site.write("avatars/ada.jpg", saved(textured(900, 900), "JPEG"))
    site.write("avatars/grace.png", saved(textured(900, 900).resize((520, 520)), "PNG"))
    (problem,) = site.check().problems
    assert problem.message == "the picture of grace looks like avatars/ada.jpg, the picture of ada"


def test_a_picture_that_a_merge_replaced_is_not_compared(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.contact("ada-new", "merge_into: {contact: ada, keep: [name]}", name="Ada")
    for contact_id in ("ada", "ada-new"):
        site.write(f"avatars/{contact_id}.jpg", saved(textured(600, 600), "JPEG"))
    assert "avatar/alike" not in rules(site.check())
