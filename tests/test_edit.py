"""Source files are written all together or not at all, below two folders, through no link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from contactsheet.edit import EditError, put_picture, replace_file, save
from tests.conftest import Site

RECORD, PICTURE = "contacts/ada.yaml", "avatars/ada.jpg"


def files(root: Path) -> dict[str, bytes]:
    """Everything below the root, hidden or not, with its content."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def folders(root: Path) -> set[str]:
    """The folders below the root."""
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_dir()}


class FullError(OSError):
    """The disk is full."""


def fail_at(monkeypatch: pytest.MonkeyPatch, call: int, error: BaseException) -> None:
    """Lets the given one, from 1, of the calls that change the names of files fail; a missing hard link is no error."""
    left = [call]

    def counted(name: str) -> None:
        original = getattr(os, name)

        def called(*arguments: object, **named: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                raise error
            return original(*arguments, **named)

        monkeypatch.setattr(os, name, called)

    for name in ("replace", "rename", "unlink", *(() if isinstance(error, OSError) else ("link",))):
        counted(name)


@pytest.fixture
def stocked(site: Site) -> Site:
    """A contact with a picture and one without."""
    site.contact("ada", name="Ada")
    site.contact("bob", name="Bob")
    site.write(PICTURE, b"old picture")
    return site


def test_several_files_are_written_replaced_and_deleted_at_once(stocked: Site) -> None:
    """New folders are made; nothing is left beside the files."""
    save(
        stocked.root,
        {RECORD: b"name: Ada King\n", "contacts/sales/eve.yaml": b"name: Eve\n", "contacts/bob.yaml": None},
        new=["contacts/sales/eve.yaml"],
    )
    assert files(stocked.root) == {
        RECORD: b"name: Ada King\n",
        "contacts/sales/eve.yaml": b"name: Eve\n",
        PICTURE: b"old picture",
    }


@pytest.mark.parametrize("error", [FullError(28, "No space left"), KeyboardInterrupt()], ids=["full", "interrupted"])
@pytest.mark.parametrize("call", range(1, 4))
def test_a_failure_midway_leaves_everything_as_it_was(
    stocked: Site, monkeypatch: pytest.MonkeyPatch, call: int, error: BaseException
) -> None:
    """Whatever step fails, what was moved is put back, and folders that were made are gone."""
    before = files(stocked.root), folders(stocked.root)
    with monkeypatch.context() as patch:
        fail_at(patch, call, error)
        with pytest.raises(type(error)):
            save(
                stocked.root,
                {PICTURE: b"new", "avatars/a/eve.png": b"p", RECORD: b"name: A\n", "contacts/bob.yaml": None},
                new=["avatars/a/eve.png"],
            )
    assert (files(stocked.root), folders(stocked.root)) == before


def test_a_record_appears_after_its_picture_and_goes_before_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no moment in which a record lacks the picture that was saved or deleted with it."""
    seen: list[tuple[bool, bool]] = []
    for name in ("link", "unlink"):
        original = getattr(os, name)

        def called(*arguments: object, original: object = original) -> None:
            original(*arguments)  # type: ignore[operator]  # a function of os
            seen.append(((site.root / RECORD).exists(), (site.root / PICTURE).exists()))

        monkeypatch.setattr(os, name, called)
    save(site.root, {RECORD: b"name: Ada\n", PICTURE: b"picture"}, new=[RECORD, PICTURE])
    save(site.root, {RECORD: None, PICTURE: None})
    assert (True, True) in seen
    assert (True, False) not in seen


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("contacts/ada.yaml", "exists already"),
        ("contacts/ADA.yaml", "differs by case alone from ada.yaml"),
        ("Contacts/eve.yaml", "neither a record nor a picture"),
    ],
)
def test_a_new_file_takes_no_others_name(stocked: Site, path: str, said: str) -> None:
    """What exists stays, in whatever case its name is written."""
    before = files(stocked.root)
    with pytest.raises(EditError, match=said):
        save(stocked.root, {path: b"name: Eve\n"}, new=[path])
    assert files(stocked.root) == before


def test_a_new_folder_takes_no_others_name(stocked: Site) -> None:
    """Sales/ and sales/ are one folder on some systems."""
    stocked.contact("Sales/eve", name="Eve")
    with pytest.raises(EditError, match="by case alone from Sales"):
        save(stocked.root, {"contacts/sales/bea.yaml": b"name: Bea\n"})


@pytest.mark.parametrize(
    "path",
    [
        "build.py",
        "templates/base.html",
        "contacts/../build.py",
        "contacts/../../x.yaml",
        "/etc/x.yaml",
        "contacts//x.yaml",
        "contacts/./x.yaml",
        "contacts\\x.yaml",
        "contacts/a\\..\\x.yaml",
        "contacts/a\0.yaml",
        "contacts/con.yaml",
        "contacts/.git/x.yaml",
        "contacts/x.html",
        "avatars/x.yaml",
        "avatars/x.png/../../y.png",
        "avatars/-rf.png",
        "avatars/x.php.png",
        "contacts/x.yaml:s.yaml",
    ],
)
def test_nothing_else_is_written(site: Site, path: str) -> None:
    """Records below contacts/ and pictures below both folders, under sound names; no way leads out."""
    with pytest.raises(EditError):
        save(site.root, {path: b"x"})
    assert files(site.root.parent) == {}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("path", ["contacts/ada.yaml", "contacts/sales/ada.yaml", "avatars/ada.png"])
@pytest.mark.parametrize("data", [b"name: Ada\n", None], ids=["written", "deleted"])
def test_no_link_is_followed(site: Site, tmp_path: Path, path: str, data: bytes | None) -> None:
    """Neither the file nor a folder on the way may be one."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "ada.yaml").write_bytes(b"safe")
    (site.root / "contacts/sales").symlink_to(outside)
    (site.root / "contacts/ada.yaml").symlink_to(outside / "ada.yaml")
    (site.root / "avatars").rmdir()
    (site.root / "avatars").symlink_to(outside)
    with pytest.raises(EditError, match="no regular"):
        save(site.root, {path: data})
    assert files(outside) == {"ada.yaml": b"safe"}


def test_a_replaced_file_keeps_its_permissions(stocked: Site) -> None:
    """Whoever could read the file still can."""
    (stocked.root / RECORD).chmod(0o640)
    replace_file(stocked.root, RECORD, b"name: A\n")
    save(stocked.root, {RECORD: b"name: B\n", "contacts/bob.yaml": b"name: C\n"})
    assert (stocked.root / RECORD).stat().st_mode & 0o777 == (0o640 if os.name == "posix" else 0o666)


def test_replacing_what_is_not_there_fails(site: Site) -> None:
    """A file that was there a moment ago is not made anew."""
    with pytest.raises(FileNotFoundError):
        replace_file(site.root, RECORD, b"name: A\n")
    with pytest.raises(EditError, match="does not exist"):
        save(site.root, {RECORD: None})


# --- pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "suffix", "path"),
    [
        (None, ".png", "avatars/ada.png"),
        ("avatars/ada.jpg", ".jpg", "avatars/ada.jpg"),
        ("avatars/ada.JPEG", ".jpg", "avatars/ada.JPEG"),
        ("avatars/ada.png", ".jpg", "avatars/ada.jpg"),
        ("avatars/ada.jpg", ".png", "avatars/ada.png"),
        ("contacts/ada.png", ".jpg", "contacts/ada.jpg"),
    ],
)
def test_a_picture_replaces_the_old_one_at_every_moment(
    site: Site, monkeypatch: pytest.MonkeyPatch, old: str | None, suffix: str, path: str
) -> None:
    """There are never two and, where there was one, never none; each is whole."""
    site.contact("ada", name="Ada")
    old_data, data = b"the old picture", b"the new picture"
    if old:
        site.write(old, old_data)
    seen: list[list[bytes]] = []

    def look() -> None:
        seen.append([content for name, content in files(site.root).items() if "/ada." in name and ".yaml" not in name])

    for name in ("link", "replace", "rename", "unlink"):
        original = getattr(os, name)

        def called(*arguments: object, original: object = original) -> None:
            original(*arguments)  # type: ignore[operator]  # a function of os
            look()

        monkeypatch.setattr(os, name, called)
    assert put_picture(site.root, "ada", data, suffix, old) == path
    assert seen[-1] == [data]
    assert all(pictures in ([old_data], [data]) for pictures in seen)


@pytest.mark.parametrize("call", [1, 2])
def test_a_picture_that_cannot_be_replaced_stays(site: Site, monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    """Also when the new one is there already under the old name."""
    site.write("avatars/ada.png", b"old")
    with monkeypatch.context() as patch:
        fail_at(patch, call, FullError(28, "No space left"))
        with pytest.raises(FullError):
            put_picture(site.root, "ada", b"new", ".jpg", "avatars/ada.png")
    assert files(site.root) == {"avatars/ada.png": b"old"}


def test_no_picture_is_replaced_but_the_contacts_own(site: Site) -> None:
    """A picture that a record chose may belong to others too."""
    site.write("avatars/logo.png", b"logo")
    site.write("avatars/ada.jpg", b"in the way")
    for old in ("avatars/logo.png", "avatars/ada.png", None):
        with pytest.raises(OSError, match=r"logo|ada"):
            put_picture(site.root, "ada", b"new", ".jpg", old)
    assert files(site.root) == {"avatars/logo.png": b"logo", "avatars/ada.jpg": b"in the way"}
