"""What git remembers of records and pictures, told in one pass over real repositories."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from contactsheet.commands.endings import memo_of
from contactsheet.git import blobs
from contactsheet.head import head
from contactsheet.history import MOST, Change, History, history
from contactsheet.memo import Memo
from contactsheet.standing import Standing
from tests.conftest import Site
from tests.repository import Repository
from tests.test_standing import build, settle


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository of contacts."""
    return Repository(tmp_path / "site")


def told(found: History, path: str) -> list[tuple[str, int]]:
    """Author and time of each change of a picture."""
    return [(change.author, change.at) for change in found.pictures.get(path, ())]


# --- records ---------------------------------------------------------------------------------------------------------


def test_a_file_was_revised_when_the_last_commit_touched_it(repository: Repository) -> None:
    repository.contact("ada", name="Ada")
    repository.contact("bob", name="Bob")
    first = repository.commit()
    repository.contact("ada", name="Ada Lovelace")
    second = repository.commit()
    assert history(repository.root, Memo()).changed == {"contacts/ada.yaml": second, "contacts/bob.yaml": first}


def test_a_rename_touches_the_record(repository: Repository) -> None:
    repository.contact("ada", name="Ada")
    repository.commit()
    repository.git("mv", "contacts/ada.yaml", "contacts/ada-l.yaml")
    renamed = repository.commit()
    assert history(repository.root, Memo()).changed == {"contacts/ada-l.yaml": renamed}


def test_paths_are_relative_to_a_root_in_a_subfolder(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    repository = Repository(tmp_path / "top/team", tmp_path / "top")
    repository.contact("zoë\n", name="Zoë")
    (tmp_path / "top/contacts").mkdir()
    (tmp_path / "top/contacts/beside.yaml").write_text("name: Beside\n")
    at = repository.commit()
    assert history(repository.root, Memo()).changed == {"contacts/zoë\n.yaml": at}


@pytest.mark.skipif(os.name == "nt", reason="names there are Unicode")
def test_a_name_that_is_no_utf_8_does_not_disturb(repository: Repository) -> None:
    (repository.root / os.fsdecode(b"contacts/\xff.yaml")).write_text("name: X\n")
    at = repository.commit()
    assert history(repository.root, Memo()).changed == {os.fsdecode(b"contacts/\xff.yaml"): at}


def test_uncommitted_files_are_unknown(repository: Repository) -> None:
    repository.commit()
    repository.contact("ada", name="Ada")
    assert history(repository.root, Memo()) == History()


# --- pictures --------------------------------------------------------------------------------------------------------


def test_a_picture_s_changes_come_newest_first_with_the_bytes_of_each(repository: Repository) -> None:
    repository.write("avatars/ada.png", b"one")
    first = repository.commit("Ann")
    repository.write("avatars/ada.png", b"two")
    second = repository.commit("Ben")
    found = history(repository.root, Memo())
    assert told(found, "avatars/ada.png") == [("Ben", second), ("Ann", first)]
    ids = [change.blob for change in found.pictures["avatars/ada.png"]]
    assert list(blobs(repository.root, ids, 100)) == [(ids[0], b"two"), (ids[1], b"one")]


def test_a_renamed_picture_keeps_its_history_and_the_rename_is_no_change(repository: Repository) -> None:
    repository.write("avatars/ada.png", b"one")
    first = repository.commit("Ann")
    repository.git("mv", "avatars/ada.png", "avatars/ada-l.png")
    repository.commit("Ben")
    changes = history(repository.root, Memo()).pictures["avatars/ada-l.png"]
    assert [(change.author, change.at, change.path) for change in changes] == [("Ann", first, "avatars/ada.png")]


def test_a_png_that_takes_a_jpeg_s_place_goes_on_with_its_history(repository: Repository) -> None:
    repository.write("avatars/ada.jpg", b"one")
    repository.commit("Ann")
    (repository.root / "avatars/ada.jpg").unlink()
    repository.write("avatars/ada.png", b"two")
    repository.commit("Ben")
    assert [author for author, _ in told(history(repository.root, Memo()), "avatars/ada.png")] == ["Ben", "Ann"]


def test_a_picture_that_came_back_shows_each_time(repository: Repository) -> None:
    for data in (b"one", b"two", b"one"):
        repository.write("avatars/ada.png", data)
        repository.commit()
    assert len(told(history(repository.root, Memo()), "avatars/ada.png")) == 3


def test_a_change_of_the_mode_alone_is_no_change_of_the_picture(repository: Repository) -> None:
    repository.write("avatars/ada.png", b"one")
    first = repository.commit("Ann")
    repository.git("update-index", "--chmod=+x", "avatars/ada.png")
    repository.git("commit", "--quiet", "--message", "mode")
    assert told(history(repository.root, Memo()), "avatars/ada.png") == [("Ann", first)]


def test_at_most_so_many_changes_are_told(repository: Repository) -> None:
    for number in range(MOST + 2):
        repository.write("avatars/ada.png", str(number))
        repository.commit()
    assert len(told(history(repository.root, Memo()), "avatars/ada.png")) == MOST


def test_what_a_merge_threw_away_is_not_told(repository: Repository) -> None:
    repository.write("avatars/ada.png", b"one")
    repository.commit("Ann")
    repository.git("switch", "--quiet", "--create", "side")
    repository.write("avatars/ada.png", b"lost")
    repository.commit("Side")
    repository.git("switch", "--quiet", "main")
    repository.write("avatars/ada.png", b"two")
    repository.commit("Ben")
    repository.git("merge", "--quiet", "--strategy=ours", "--no-edit", "side")
    assert [author for author, _ in told(history(repository.root, Memo()), "avatars/ada.png")] == ["Ben", "Ann"]


@pytest.mark.parametrize("nested", [False, True], ids=["at the top", "in a subfolder"])
def test_what_a_merge_decided_is_told_with_both_sides(tmp_path: Path, nested: bool) -> None:
    (tmp_path / "top").mkdir()
    repository = Repository(tmp_path / "top/team", tmp_path / "top") if nested else Repository(tmp_path / "top/team")
    repository.write("avatars/ada.png", b"one")
    repository.commit("Ann")
    repository.git("switch", "--quiet", "--create", "side")
    repository.write("avatars/ada.png", b"theirs")
    repository.commit("Side")
    repository.git("switch", "--quiet", "main")
    repository.write("avatars/ada.png", b"ours")
    repository.commit("Ben")
    repository.git("merge", "--quiet", "--no-commit", "side", check=False)
    repository.write("avatars/ada.png", b"neither")
    repository.commit("Mira")
    authors = [author for author, _ in told(history(repository.root, Memo()), "avatars/ada.png")]
    assert (authors[0], sorted(authors[1:3]), authors[3:]) == ("Mira", ["Ben", "Side"], ["Ann"])


def test_a_hostile_author_is_text_like_any_other(repository: Repository) -> None:
    repository.write("avatars/ada.png", b"one")
    repository.commit("commit 0 0 <b>:100644 %H \x1b[31m")
    (change,) = history(repository.root, Memo()).pictures["avatars/ada.png"]
    assert change.author.startswith("commit 0 0 b:100644 %H")  # git itself takes the angle brackets out


def test_a_link_in_a_picture_s_place_has_no_history(repository: Repository) -> None:
    (repository.root / "avatars/ada.png").symlink_to("/etc/passwd")
    repository.commit()
    assert history(repository.root, Memo()) == History()


# --- where git cannot tell -------------------------------------------------------------------------------------------


def test_without_git_nothing_is_claimed(site: Site) -> None:
    site.contact("ada", name="Ada")
    assert (head(site.root), history(site.root, Memo())) == ("", History())


def test_before_the_first_commit_nothing_is_claimed(repository: Repository) -> None:
    assert (head(repository.root), history(repository.root, Memo())) == ("", History())


def test_where_git_cannot_be_run_nothing_is_claimed(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.contact("ada", name="Ada")
    repository.commit()
    monkeypatch.setenv("PATH", "")
    assert history(repository.root, Memo()) == History()


def test_a_shallow_clone_claims_nothing_until_it_is_whole(repository: Repository, tmp_path: Path) -> None:
    repository.contact("ada", name="Ada")
    repository.commit()
    repository.contact("ada", name="Ada L")
    at = repository.commit()
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.root}", str(clone))
    shallow = head(clone)
    assert history(clone, Memo()) == History()
    repository.git("-C", str(clone), "fetch", "--quiet", "--unshallow")
    assert head(clone) != shallow
    assert history(clone, Memo()).changed == {"contacts/ada.yaml": at}


def test_a_blob_that_is_not_there_or_too_large_is_none(repository: Repository) -> None:
    repository.write("avatars/ada.png", b"12345")
    repository.commit()
    (change,) = history(repository.root, Memo()).pictures["avatars/ada.png"]
    tree = repository.git("rev-parse", "HEAD^{tree}").strip()
    ids = ["0" * 40, change.blob, tree]
    assert dict(blobs(repository.root, ids, 4)) == dict.fromkeys(ids)
    assert dict(blobs(repository.root, ids, 5))[change.blob] == b"12345"


# --- HEAD without a process ------------------------------------------------------------------------------------------


def test_head_changes_with_every_commit_and_with_nothing_else(repository: Repository) -> None:
    repository.commit()
    first = head(repository.root)
    repository.contact("ada", name="Ada")
    assert head(repository.root) == first
    repository.commit()
    assert head(repository.root) != first
    assert repository.git("rev-parse", "HEAD").strip() == head(repository.root).split(" ")[0]


def test_head_is_found_among_packed_refs_in_worktrees_and_where_it_is_detached(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit()
    expected = head(repository.root)
    repository.git("pack-refs", "--all")
    assert head(repository.root) == expected
    repository.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "tree"))
    assert head(tmp_path / "tree") == expected
    repository.git("switch", "--quiet", "--detach")
    assert head(repository.root) == expected


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in its file system")
def test_a_pipe_in_the_place_of_the_packed_refs_keeps_nobody_waiting(repository: Repository) -> None:
    repository.commit()
    repository.git("pack-refs", "--all")
    (repository.root / ".git/packed-refs").unlink()
    os.mkfifo(repository.root / ".git/packed-refs")
    assert head(repository.root) == ""


@pytest.mark.parametrize("told", ["ref: ../../secret", "ref: refs/../../x", "nonsense", ""], ids=repr)
def test_a_head_that_leads_elsewhere_is_none(repository: Repository, told: str) -> None:
    (repository.root / ".git/HEAD").write_text(told)
    assert head(repository.root) == ""


# --- remembered ------------------------------------------------------------------------------------------------------


def test_it_is_remembered_until_the_next_commit(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.write("avatars/ada.png", b"one")
    repository.commit()
    (repository.root / ".contactsheet").mkdir()
    with closing(memo_of(repository.root)) as memo:
        found = history(repository.root, memo)
    with monkeypatch.context() as without, closing(memo_of(repository.root)) as memo:
        without.setenv("PATH", "")
        again = history(repository.root, memo)
        assert again == found
        assert isinstance(again.pictures["avatars/ada.png"][0], Change)
    repository.write("avatars/ada.png", b"two")
    repository.commit()
    assert len(history(repository.root, Memo()).pictures["avatars/ada.png"]) == 2


def test_a_new_commit_is_noticed_by_the_build_that_has_nothing_else_to_do(repository: Repository) -> None:
    repository.contact("ada", name="Ada")
    repository.git("add", "contacts")
    repository.git("commit", "--quiet", "--message", "one")
    settle()
    assert build(repository).published
    assert Standing(repository.root, repository.output, strict=False).outcome()
    repository.git("commit", "--quiet", "--allow-empty", "--message", "two")
    assert Standing(repository.root, repository.output, strict=False).outcome() is None
