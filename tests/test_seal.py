"""The key that seals what is remembered: one for each user, kept from others, or shared by an environment variable."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest

from contactsheet import seal


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the tests' own, without a key yet; gives the file where the key will lie."""
    monkeypatch.delenv(seal.VARIABLE)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    file = Path(click.get_app_dir("contactsheet")) / "seal"
    assert file.is_relative_to(tmp_path)
    return file


def test_the_first_key_is_made_and_then_stays(home: Path) -> None:
    first = seal.key()
    assert len(first) == 32
    assert home.read_bytes() == first
    assert seal.key() == first


def test_a_variable_that_says_nothing_leaves_the_key_where_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "")  # not in the current folder, which a checkout may have filled
    first = seal.key()
    assert home.read_bytes() == first


def test_no_two_users_have_the_same_key(home: Path) -> None:
    first = seal.key()
    home.unlink()
    assert seal.key() != first


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a user's folder from others by itself")
def test_others_cannot_read_the_key(home: Path) -> None:
    seal.key()
    assert home.stat().st_mode & 0o777 == 0o600


def test_no_draft_of_the_key_stays_behind(home: Path) -> None:
    seal.key()
    assert [path.name for path in home.parent.iterdir()] == ["seal"]


def test_a_draft_that_a_killed_process_left_is_no_obstacle(home: Path) -> None:
    home.parent.mkdir(parents=True)
    (home.parent / f"seal.{os.getpid()}").write_bytes(b"half")
    assert len(seal.key()) == 32


@pytest.mark.parametrize("found", [b"", b"short", bytes(33)], ids=["empty", "short", "long"])
def test_a_damaged_key_is_replaced(home: Path, found: bytes) -> None:
    home.parent.mkdir(parents=True)
    home.write_bytes(found)
    made = seal.key()
    assert len(made) == 32
    assert home.read_bytes() == made


def test_where_no_key_can_be_kept_there_is_none(home: Path) -> None:
    home.parent.parent.mkdir(parents=True, exist_ok=True)
    home.parent.write_text("a file where the folder would be")
    assert seal.key() == b""


def test_machines_that_share_the_variable_share_the_key_and_keep_none(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(seal.VARIABLE, "a secret")
    shared = seal.key()
    assert len(shared) == 32
    assert seal.key() == shared
    assert not home.exists()
    monkeypatch.setenv(seal.VARIABLE, "another secret")
    assert seal.key() != shared


def test_an_empty_variable_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(seal.VARIABLE, "")
    assert seal.key() == home.read_bytes()
