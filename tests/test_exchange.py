"""Two folders change places at once, or nothing changes and the reason is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from contactsheet.exchange import exchange, is_possible


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "one \N{SNOWMAN}", tmp_path / "deep/other"
    for place in (one, other):
        place.mkdir(parents=True)
        (place / place.name).touch()
    return one, other


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="the system cannot exchange folders")
def test_each_folder_is_in_the_place_of_the_other(pair: tuple[Path, Path]) -> None:
    one, other = pair
    inodes = one.stat().st_ino, other.stat().st_ino
    exchange(one, other)
    assert (other.stat().st_ino, one.stat().st_ino) == inodes
    assert [path.name for path in one.iterdir()] == ["other"]


def test_with_one_of_them_missing_it_is_an_error_and_the_other_stays(pair: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(OSError):  # which one depends on the system
        exchange(pair[0], tmp_path / "missing")
    assert [path.name for path in pair[0].iterdir()] == [pair[0].name]


def test_a_system_that_cannot_says_so(pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "freebsd14")
    with pytest.raises(OSError, match="not implemented"):
        exchange(*pair)
    assert not is_possible(pair[0])


def test_the_trial_leaves_nothing_behind(tmp_path: Path) -> None:
    assert is_possible(tmp_path) == (sys.platform in ("linux", "darwin"))
    assert not list(tmp_path.iterdir())
    assert not is_possible(tmp_path / "missing")
