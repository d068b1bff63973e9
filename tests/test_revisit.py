"""A look at the named places of a tree gives what a look at the whole tree gives, and looks nowhere else."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from contactsheet.revisit import revisit
from contactsheet.snapshot import Changes, Stamp, difference, is_young, snapshot

WATCHED = ("contacts", "avatars", "pyproject.toml")
LINKS = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    for path in ("contacts/ada.yaml", "contacts/bob.yaml", "contacts/sales/eve.yaml", "avatars/ada.jpg"):
        write(root / path)
    write(root / "contacts/sales/north/fay.yaml")
    write(root / "pyproject.toml")
    return root


def write(path: Path, text: str = "text") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def replace_by_folder(path: Path) -> None:
    path.unlink()
    write(path / "inside.yaml")


def replace_by_file(path: Path) -> None:
    shutil.rmtree(path)
    write(path)


def replace_by_link(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere")
    path.symlink_to(path.parent.parent / "elsewhere")


CASES: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "changed": (lambda root: write(root / "contacts/ada.yaml", "other"), ("contacts/ada.yaml",)),
    "added": (lambda root: write(root / "contacts/cleo.yaml"), ("contacts/cleo.yaml",)),
    "removed": (lambda root: (root / "contacts/ada.yaml").unlink(), ("contacts/ada.yaml",)),
    "renamed": (
        lambda root: (root / "contacts/ada.yaml").rename(root / "contacts/Ada.yaml"),
        ("contacts/ada.yaml", "contacts/Ada.yaml"),
    ),
    "settings": (lambda root: write(root / "pyproject.toml", "other"), ("pyproject.toml",)),
    "a folder added": (lambda root: write(root / "contacts/a/b/c.yaml"), ("contacts/a",)),
    "a folder removed": (lambda root: shutil.rmtree(root / "contacts/sales"), ("contacts/sales",)),
    "a folder renamed": (
        lambda root: (root / "contacts/sales").rename(root / "contacts/Sales.yaml"),
        ("contacts/sales", "contacts/Sales.yaml", "contacts/Sales.yaml/north/fay.yaml"),
    ),
    "a file in a folder that is gone": (
        lambda root: shutil.rmtree(root / "contacts/sales"),
        ("contacts/sales/north/fay.yaml",),
    ),
    "a file that became a folder": (
        lambda root: replace_by_folder(root / "contacts/ada.yaml"),
        ("contacts/ada.yaml",),
    ),
    "a folder that became a file": (lambda root: replace_by_file(root / "contacts/sales"), ("contacts/sales",)),
    "a file in a folder that became a file": (
        lambda root: replace_by_file(root / "contacts/sales"),
        ("contacts/sales/north/fay.yaml",),
    ),
    "what came and went": (lambda _root: None, ("contacts/new.yaml", "contacts/new/one.yaml")),
    "a hidden folder": (lambda root: write(root / "contacts/sales/.git/index"), ("contacts/sales",)),
    "nothing named": (lambda _root: None, ()),
}


@pytest.mark.parametrize(("change", "named"), CASES.values(), ids=CASES.keys())
def test_it_gives_what_a_snapshot_gives(root: Path, change: Callable[[Path], object], named: tuple[str, ...]) -> None:
    before = snapshot(root, WATCHED)
    change(root)
    after = snapshot(root, WATCHED)
    assert revisit(root, named, before) == (after, difference(before, after))


@LINKS
@pytest.mark.parametrize("named", ["contacts/sales", "contacts/sales/eve.yaml"])
def test_a_folder_that_became_a_link_is_not_followed(root: Path, named: str) -> None:
    before = snapshot(root, WATCHED)
    replace_by_link(root / "contacts/sales")
    seen = revisit(root, [named], before)
    assert seen is not None
    assert seen[0] == snapshot(root, WATCHED)
    assert seen[1].added == ("contacts/sales",)


@pytest.mark.parametrize("seed", range(8))
def test_after_any_edits_it_gives_what_a_snapshot_gives(root: Path, seed: int) -> None:
    chance = random.Random(seed)
    known = snapshot(root, WATCHED)
    for _ in range(25):
        named = {path for _ in range(chance.randint(1, 4)) for path in edit(root, chance)}
        after = snapshot(root, WATCHED)
        assert revisit(root, named, known) == (after, difference(known, after)), named
        known = after


def edit(root: Path, chance: random.Random) -> list[str]:
    """One random edit, and the paths that an event of it would name."""
    here = sorted(path for path in (root / "contacts").rglob("*"))
    target = root / "contacts" / "/".join(chance.choice(("a", "b.yaml", "c")) for _ in range(chance.randint(1, 3)))
    chosen = chance.choice(here) if here else target
    named = [chosen]
    match chance.choice(("write", "write", "remove", "rename")):
        case "remove" if chosen.is_dir():
            shutil.rmtree(chosen)
        case "remove":
            chosen.unlink(missing_ok=True)
        case "rename" if chosen.exists() and target.parent.is_dir() and not target.exists() and free(chosen, target):
            chosen.rename(target)
            named.append(target)
        case _ if not target.is_dir() and not any(above.is_file() for above in target.parents):
            named = [target, *(above for above in target.parents if not above.exists())]
            write(target, "x" * chance.randint(1, 99))
    return [path.relative_to(root).as_posix() for path in named]


def free(source: Path, target: Path) -> bool:
    return source not in target.parents and source != target


def test_what_is_not_named_is_not_looked_at(root: Path) -> None:
    known = {**snapshot(root, WATCHED), "contacts/ghost.yaml": Stamp(1, 2, 3, 4, 5)}
    write(root / "avatars/ada.jpg", "other")
    write(root / "contacts/ada.yaml", "other")
    seen = revisit(root, ["contacts/ada.yaml"], known)
    assert seen is not None
    assert seen[1] == Changes(changed=("contacts/ada.yaml",))
    assert seen[0]["avatars/ada.jpg"] == known["avatars/ada.jpg"]
    assert "contacts/ghost.yaml" in seen[0]


def test_what_is_known_stays_as_it_is(root: Path) -> None:
    known = snapshot(root, WATCHED)
    copy = dict(known)
    (root / "contacts/ada.yaml").unlink()
    revisit(root, ["contacts/ada.yaml"], known)
    assert known == copy


def test_a_name_that_its_folder_does_not_list_is_for_a_look_at_the_whole_tree(root: Path) -> None:
    write(root / "contacts/.hidden")
    assert revisit(root, ["contacts/.hidden"], snapshot(root, WATCHED)) is None


SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND + 123


@pytest.mark.parametrize(
    ("mtime", "ctime", "young"),
    [
        pytest.param(NOW, NOW, True, id="changed now"),
        pytest.param(NOW - 1_000_000, NOW - 1_000_000, True, id="a millisecond ago"),
        pytest.param(NOW + 5_000_000, NOW + 5_000_000, True, id="during the look"),
        pytest.param(NOW - 17_000_000, NOW - 17_000_000, False, id="more than a tick ago"),
        pytest.param(NOW - 900 * SECOND, NOW, True, id="an old time, set now"),
        pytest.param(NOW + 900 * SECOND, NOW - SECOND, False, id="a time in the future, set a second ago"),
        pytest.param(NOW - 123, NOW - 123, True, id="whole seconds, now"),
        pytest.param(NOW - 123 - SECOND, NOW - 123 - SECOND, True, id="whole seconds, one ago"),
        pytest.param(NOW - 123 - 3 * SECOND, NOW - 123 - 3 * SECOND, False, id="whole seconds, three ago"),
    ],
)
def test_a_file_is_young_when_a_further_change_could_leave_the_same_stamp(mtime: int, ctime: int, young: bool) -> None:
    assert is_young(Stamp(9, mtime, 1, ctime, 0o100000), NOW, NOW + 1_000_000) is young
