"""What the preview's picture area asks for, in this process: looking at a picture, replacing it, taking it out."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from contactsheet import editing, portrait, suggesting
from contactsheet.commands.building import Builder
from contactsheet.editing import Form, RefusedEditError, UnknownContactError
from contactsheet.live import Live
from contactsheet.memo import Memo
from contactsheet.problems import Severity
from contactsheet.rebuilding import Bench, Crew
from contactsheet.workers import Workers
from tests.conftest import Site
from tests.pictures import quarters, saved, textured

JPEG = saved(quarters(512, 512))
PNG = saved(textured(512, 512), "PNG")
WIDE = saved(textured(900, 600, seed=3))


@pytest.fixture
def bench(site: Site) -> Iterator[Bench]:
    """Where changes are made, of a site with Ada and her picture and Bob without one; built when it is asked for."""
    site.contact("ada", "title: Countess\n", name="Ada Lovelace")
    site.contact("bob", name="Bob")
    site.write("avatars/ada.jpg", JPEG)
    with Workers(0) as workers:
        builder = Builder(site.root, site.output, Severity.ERROR, strict=False, timings=False)
        crew = Crew(site.root, builder.attempt, Memo, lambda: workers, poll=False, say=print)
        made = Bench(crew, Live(), workers, Memo())
        made.build()
        yield made


def git(site: Site, *arguments: str) -> str:
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    return subprocess.run(
        ["git", "-C", str(site.root), *who, *arguments], check=True, capture_output=True, text=True
    ).stdout


def in_git(site: Site) -> None:
    git(site, "init", "--quiet")
    site.write(".gitignore", "output/\n.contactsheet/\n")
    git(site, "add", ".")
    git(site, "commit", "--quiet", "-m", "all")


def test_a_picture_is_told_with_what_stays_in_view(site: Site, bench: Bench) -> None:
    site.contact("ada", "avatar: {focus: top, fit: contain}\n", name="Ada Lovelace")
    bench.build()
    found = portrait.look("ada", bench)
    assert found == portrait.Portrait("avatars/ada.jpg", (0.5, 0.0), "contain", "contacts/ada.yaml", "")
    assert portrait.source("ada", bench) == (JPEG, "image/jpeg")
    assert portrait.look("bob", bench) is None
    assert portrait.source("bob", bench) is None


@pytest.mark.parametrize("contact_id", ["nobody", "", "../ada", "ada/../bob", "output/contacts.json", "a\0b"])
def test_of_a_stranger_there_is_nothing_to_see(bench: Bench, contact_id: str) -> None:
    for act in (portrait.look, portrait.source, portrait.remove):
        with pytest.raises(UnknownContactError):
            act(contact_id, bench)


def test_what_became_a_link_or_no_picture_is_not_shown(site: Site, bench: Bench) -> None:
    secret = site.write("secret.jpg", JPEG)
    (site.root / "avatars/ada.jpg").unlink()
    (site.root / "avatars/ada.jpg").symlink_to(secret)
    assert portrait.source("ada", bench) is None
    (site.root / "avatars/ada.jpg").unlink()
    site.write("avatars/ada.jpg", b"SECRET")
    assert portrait.source("ada", bench) is None


def test_a_picture_is_taken_out_with_what_its_record_says_of_it(site: Site, bench: Bench) -> None:
    site.contact("ada", "avatar: {focus: top} # her face\ntitle: Countess # of Lovelace\n", name="Ada Lovelace")
    bench.build()
    saved_ = portrait.remove("ada", bench)
    assert sorted(saved_.files) == ["avatars/ada.jpg", "contacts/ada.yaml"]
    assert not (site.root / "avatars/ada.jpg").exists()
    text = (site.root / "contacts/ada.yaml").read_text(encoding="utf-8")
    assert "avatar" not in text
    assert "title: Countess # of Lovelace\n" in text
    assert site.index()["ada"]["avatar"] is None


def test_a_picture_that_another_record_names_is_not_taken_out(site: Site, bench: Bench) -> None:
    site.contact("bob", "avatar: ada.jpg\n", name="Bob")
    bench.build()
    with pytest.raises(RefusedEditError) as refused:
        portrait.remove("ada", bench)
    assert [one.rule for one in refused.value.problems] == ["avatar/missing"]
    assert (site.root / "avatars/ada.jpg").read_bytes() == JPEG


def test_a_picture_that_others_show_too_stays_for_them(site: Site, bench: Bench) -> None:
    site.contact("bob", "avatar: ada.jpg\n", name="Bob")
    bench.build()
    assert portrait.remove("bob", bench).files == ("contacts/bob.yaml",)
    assert site.index()["bob"]["avatar"] is None
    assert site.index()["ada"]["avatar"]["source"] == "avatars/ada.jpg"


def test_what_a_merge_brought_is_what_is_meant(site: Site, bench: Bench) -> None:
    site.contact("ada-2", "merge_into: ada\n", name="Ada L.")
    site.write("avatars/ada-2.png", PNG)
    bench.build()
    found = portrait.look("ada", bench)
    assert found
    assert (found.path, found.record) == ("avatars/ada-2.png", "contacts/ada-2.yaml")
    saved_ = portrait.change("ada", Form(picture=WIDE), bench)
    assert (saved_.id, saved_.page) == ("ada", "contacts/ada.html")
    assert (site.root / "avatars/ada-2.jpg").read_bytes() == WIDE
    assert not (site.root / "avatars/ada-2.png").exists()
    portrait.change("ada", Form((("focus", "0.2,0.5"),)), bench)
    assert "focus" in (site.root / "contacts/ada-2.yaml").read_text(encoding="utf-8")
    portrait.remove("ada", bench)
    assert portrait.look("ada", bench) == portrait.Portrait(
        "avatars/ada.jpg", (0.5, 0.5), "cover", "contacts/ada.yaml", ""
    )


def test_what_a_merge_brought_is_meant_where_there_is_an_alias_too(site: Site, bench: Bench) -> None:
    site.contact("bob", "aliases: [rob]\n", name="Bob")
    site.contact("bob-2", "merge_into: bob\n", name="Bob")
    site.write("avatars/bob-2.png", PNG)
    bench.build()
    found = portrait.look("bob", bench)
    assert found
    assert found.path == "avatars/bob-2.png"


def test_the_middle_and_cover_are_not_written_down(site: Site, bench: Bench) -> None:
    before = (site.root / "contacts/ada.yaml").read_bytes()
    portrait.change("ada", Form((("focus", "0.5,0.5"), ("fit", "cover")), WIDE), bench)
    assert (site.root / "contacts/ada.yaml").read_bytes() == before
    portrait.change("ada", Form((("focus", "0.25,0.5"), ("fit", "contain"))), bench)
    found = portrait.look("ada", bench)
    assert found
    assert (found.focus, found.fit) == ((0.25, 0.5), "contain")
    portrait.change("ada", Form((("focus", "0.5,0.5"), ("fit", "cover"))), bench)
    assert (site.root / "contacts/ada.yaml").read_bytes() == before


def test_a_contact_added_as_an_update_leads_to_whom_it_joins(site: Site, bench: Bench) -> None:
    form = Form((("id", "ada-2"), ("name", "Ada L."), ("merge_into", "ada")), PNG)
    assert editing.add_contact(form, bench).page == "contacts/ada.html"
    assert site.index()["ada"]["avatar"]["source"] == "avatars/ada-2.png"
    assert "ada-2" not in site.index()


# --- git -------------------------------------------------------------------------------------------------------------


def test_git_brings_back_what_was_taken_out(site: Site, bench: Bench) -> None:
    site.contact("ada", "avatar: {focus: top}\n", name="Ada Lovelace")
    in_git(site)
    bench.build()
    found = portrait.look("ada", bench)
    assert found
    assert found.undo == "git restore avatars/ada.jpg contacts/ada.yaml"
    portrait.remove("ada", bench)
    git(site, *found.undo.split()[1:])
    assert git(site, "status", "--porcelain") == ""


def test_what_git_does_not_have_it_does_not_promise_to_bring_back(site: Site, bench: Bench) -> None:
    in_git(site)
    site.write("avatars/bob.png", PNG)
    bench.build()
    found = portrait.look("bob", bench)
    assert found
    assert found.undo == ""


def test_the_command_commits_what_came_changed_and_went(site: Site, bench: Bench) -> None:
    in_git(site)
    files = portrait.change("ada", Form(picture=PNG), bench).files
    command = suggesting.keeping(site.root, files, "Replace the picture of ada")
    assert command == 'git add avatars/ada.png avatars/ada.jpg && git commit -m "Replace the picture of ada"'
    git(site, "add", *files)
    git(site, "commit", "--quiet", "-m", "x")
    assert git(site, "status", "--porcelain") == ""


def test_a_file_that_came_and_went_needs_no_commit(site: Site, bench: Bench) -> None:
    in_git(site)
    site.write("avatars/bob.png", PNG)
    bench.build()
    files = portrait.remove("bob", bench).files
    assert suggesting.keeping(site.root, files, "x") == ""


def test_names_are_quoted_and_without_a_repository_nothing_is_said(site: Site) -> None:
    site.write("avatars/team photo.jpg", JPEG)
    assert suggesting.keeping(site.root, ["avatars/team photo.jpg"], "x") == ""
    in_git(site)
    assert suggesting.keeping(site.root, ["avatars/team photo.jpg"], "x").startswith(
        "git add 'avatars/team photo.jpg' "
    )
