"""`clean-avatar ID`: the committed picture without its metadata, from the command to the file."""

from __future__ import annotations

import stat

import pytest

from tests.conftest import Site, rules
from tests.pictures import exif_position, opened, saved, textured, with_exif


@pytest.fixture
def located(site: Site) -> Site:
    """A contact whose picture says where it was taken."""
    site.contact("ada", name="Ada")
    site.write("avatars/ada.jpg", with_exif(saved(textured()), exif_position()))
    return site


def test_the_position_is_gone_and_the_pixels_are_the_same(located: Site) -> None:
    file = located.root / "avatars/ada.jpg"
    before = opened(file.read_bytes()).tobytes()
    assert "avatar/location" in rules(located.check())
    done = located.command("clean-avatar", "ada")
    assert done.returncode == 0
    assert "bytes of metadata taken out; commit the file" in done.stderr
    assert rules(located.check()) == []
    assert opened(file.read_bytes()).tobytes() == before
    assert [entry.name for entry in file.parent.iterdir()] == ["ada.jpg"]


def test_the_file_s_permissions_stay(located: Site) -> None:
    file = located.root / "avatars/ada.jpg"
    file.chmod(0o640)
    located.command("clean-avatar", "ada")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_clean_picture_is_not_written(located: Site) -> None:
    located.command("clean-avatar", "ada")
    file = located.root / "avatars/ada.jpg"
    stamp = file.stat().st_mtime_ns
    assert "holds nothing but the picture" in located.command("clean-avatar", "ada").stderr
    assert file.stat().st_mtime_ns == stamp


def test_a_picture_as_programs_save_it_is_clean_whatever_its_density(site: Site) -> None:
    site.contact("ada", name="Ada")
    file = site.write("avatars/ada.jpg", saved(textured(), dpi=(300, 300)))
    before = file.read_bytes()
    assert "holds nothing but the picture" in site.command("clean-avatar", "ada").stderr
    assert file.read_bytes() == before


def test_the_picture_that_the_record_chooses_is_cleaned(located: Site) -> None:
    located.contact("logo", "avatar: brand/mark.jpg\n", name="Logo")
    located.write("avatars/brand/mark.jpg", with_exif(saved(textured(seed=2)), exif_position()))
    assert "avatars/brand/mark.jpg: " in located.command("clean-avatar", "logo").stderr


@pytest.mark.parametrize("contact_id", ["nobody", "../ada", ""], ids=["unknown", "outside", "empty"])
def test_a_contact_without_a_picture_is_a_usage_error(located: Site, contact_id: str) -> None:
    done = located.command("clean-avatar", contact_id)
    assert done.returncode == 2
    assert done.stderr == f"error: no contact {contact_id} has a picture\n"


def test_a_damaged_picture_is_left_as_it_is(located: Site) -> None:
    file = located.write("avatars/ada.jpg", saved(textured())[:500])
    done = located.command("clean-avatar", "ada")
    assert done.returncode == 1
    assert done.stderr.startswith("error: avatars/ada.jpg: ")
    assert len(file.read_bytes()) == 500
