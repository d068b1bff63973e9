"""The same input gives the same bytes, wherever, whenever and in whatever surroundings the build runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from contactsheet import seal
from tests.conftest import PROJECT, Site, clean_environment
from tests.pictures import quarters, saved, textured

TREE = dict[str, str]


def fill(site: Site, order: int = 1) -> None:
    """A repository in which order could show: messages at one moment, names that sort alike, merges, pictures.

    ``order`` is 1 or -1: the files are made forwards or backwards, so that folders list them differently.
    """
    contacts = {f"person-{number}": f"name: Person {number % 5}\n{messages(number)}" for number in range(12)}
    contacts |= {f"also-{n}": f"name: Also\nmerge_into: person-1\nnotes: note {n}\n{messages(n)}" for n in range(3)}
    contacts["elan"] = "name: Élan\ntags: [b, a, c]\nfields: {z: 1, a: 2}\n"
    for name, text in list(contacts.items())[::order]:
        site.contact(name, text)
    pictures = {"person-1": saved(quarters(600, 700), "PNG"), "also-2": saved(textured(700, 600))}
    for name, data in list(pictures.items())[::order]:
        site.write(f"avatars/{name}.{'png' if data[:1] == bytes([0x89]) else 'jpg'}", data)
    site.write("avatars/nobody.png", saved(quarters(520, 520), "PNG"))


def messages(number: int) -> str:
    text = f"{{at: 2026-11-20T09:30:00+02:00, from: contact, channel: email, text: Number {number}}}"
    return f"messages: [{text}, {{at: 2026-10-2{number % 3}T23:30:00Z, from: Mia, channel: chat, text: Late}}]\n"


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, TREE]:
    """A site and what a build in usual surroundings makes of it."""
    site = Site(tmp_path_factory.mktemp("usual") / "site")
    fill(site)
    assert site.build().published
    return site, site.tree()


def built(root: Path, output: Path, *arguments: str, env: Mapping[str, str] | None = None, **options: object) -> TREE:
    """What the command makes, with nothing that another build remembers: its seal is its own."""
    command = [sys.executable, str(PROJECT / "build.py"), "build", "--quiet", "--root", str(root)]
    ran = subprocess.run(
        [*command, "--output", str(output), *arguments],
        env=clean_environment({seal.VARIABLE: str(output), **(env or {})}),
        capture_output=True,
        text=True,
        check=False,
        **options,  # type: ignore[call-overload]  # those of Popen
    )
    assert ran.returncode == 0, ran.stderr
    site = Site.__new__(Site)
    site.root, site.output = root, output
    return site.tree()


# Each run has all of its own: the zone, the seed of hashes, the language, the mode, the umask, the number of jobs.
SURROUNDINGS: dict[str, tuple[dict[str, str], int, int]] = {
    "far east, everything open, optimised, without a home, 1 job": (
        {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "PYTHONOPTIMIZE": "2", "HOME": "/nonexistent"},
        0o000,
        1,
    ),
    "half hours and Turkish, everything shut, 2 jobs": (
        {"TZ": "America/St_Johns", "PYTHONHASHSEED": "2", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
        0o077,
        2,
    ),
    "plain C, 5 jobs": (
        {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONHASHSEED": "3"},
        0o022,
        5,
    ),
}


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_o13_surroundings_do_not_show(usual: tuple[Site, TREE], tmp_path: Path, surroundings: str) -> None:
    site, tree = usual
    env, umask, jobs = SURROUNDINGS[surroundings]
    options = {} if os.name == "nt" else {"umask": umask}
    assert built(site.root, tmp_path / "output", "--jobs", str(jobs), env=env, **options) == tree


def test_o13_the_current_folder_and_the_repositorys_do_not_show(usual: tuple[Site, TREE], tmp_path: Path) -> None:
    site, tree = usual
    moved = shutil.copytree(site.root, tmp_path / "ein anderer Ort" / "séance")
    shutil.rmtree(moved / ".contactsheet", ignore_errors=True)
    shutil.rmtree(moved / "output")
    ran = subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "--quiet", "--root", "séance"],
        cwd=moved.parent,
        env=clean_environment(),
        check=False,
    )
    assert ran.returncode == 0
    copied = Site.__new__(Site)
    copied.root, copied.output = moved, moved / "output"
    assert copied.tree() == tree


def test_o13_several_processes_give_the_pages_that_one_gives(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contactsheet.run._WORTH_PROCESSES", 20)
    monkeypatch.setattr("contactsheet.records._RECORDS_AT_ONCE", 10)
    monkeypatch.setattr("contactsheet.pages._PAGES_AT_ONCE", 10)
    for number in range(60):
        site.contact(f"person-{number}", f"name: Person {number % 7}\n{messages(number)}")
    assert site.build(jobs=1).published
    alone = site.tree()
    shutil.rmtree(site.output)
    assert site.build(jobs=3).published
    assert site.tree() == alone


def test_o13_the_order_in_which_files_were_made_does_not_show(usual: tuple[Site, TREE], tmp_path: Path) -> None:
    _, tree = usual
    backwards = Site(tmp_path / "site")
    fill(backwards, order=-1)
    assert backwards.build().published
    assert backwards.tree() == tree


def test_o14_the_clock_does_not_show(usual: tuple[Site, TREE], tmp_path: Path) -> None:
    site, tree = usual
    seconds = (2100 - 1970) * 31_556_952
    script = tmp_path / "other_time.py"
    script.write_text(
        _OTHER_TIME.format(seconds=seconds, project=str(PROJECT), root=str(site.root), output=str(tmp_path / "output"))
    )
    environment = clean_environment({seal.VARIABLE: str(tmp_path)})
    ran = subprocess.run(
        [sys.executable, str(script)], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    copied = Site.__new__(Site)
    copied.root, copied.output = site.root, tmp_path / "output"
    assert copied.tree() == tree


# The clock that every module sees, in the workers' processes too: they import this file again.
_OTHER_TIME = """
import sys, time, datetime
sys.path.insert(0, {project!r})
time.time = lambda: {seconds}.0
time.time_ns = lambda: {seconds} * 10**9
real = datetime.datetime

class Other(real):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp({seconds}, tz)
    @classmethod
    def today(cls):
        return cls.now()

datetime.datetime = Other
if __name__ == "__main__":
    from contactsheet.cli import main
    sys.exit(main(["build", "--quiet", "--root", {root!r}, "--output", {output!r}]))
"""


def test_a_build_over_an_old_site_gives_the_bytes_of_a_clean_one(usual: tuple[Site, TREE], tmp_path: Path) -> None:
    _, tree = usual
    other = Site(tmp_path / "site")
    other.contact("gone", f"name: Gone\n{messages(3)}")
    other.contact("person-1", "name: Former name")
    other.write("avatars/person-1.png", saved(quarters(512, 512).rotate(90), "PNG"))
    assert other.build().published
    (other.root / "contacts/gone.yaml").unlink()
    fill(other)
    assert other.build().published
    assert other.tree() == tree
