"""Group G of the hostile cases: what a CI, its log and a terminal make of names and values that try to command them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import PROJECT, Site, clean_environment

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="file names and pipes of POSIX")
INJECTED = ["::error::owned", "::set-env name=PATH::/tmp", "##[error]owned", "##vso[task.complete]", "a%0A::error::b"]


@pytest.mark.parametrize("form", ["text", "github", "gitlab", "sarif", "junit", "json", "markdown"])
def test_g1_no_value_becomes_a_command_of_the_log(site: Site, form: str) -> None:
    for number, injected in enumerate(INJECTED):
        site.contact(f"c{number}", f"'{injected}': x\nemail: '{injected}'\nmerge_into: '{injected}'", name="C")
    done = site.command("check", "--format", form)
    assert done.returncode == 1
    own = re.compile(r"::(error|warning|notice) (file=contacts/|title=contactsheet::)")
    for line in (done.stdout + done.stderr).splitlines():
        assert not line.lstrip().startswith("::") or own.match(line), line
        assert not re.search(r"##\w*\[", line), line


@POSIX
def test_g1_a_files_name_stays_inside_its_property(site: Site) -> None:
    site.write("avatars/a,line=9::b%\n::error::c.png", b"")
    site.contact("ada", name="Ada")
    done = site.command("check", "--format", "github")
    lines = done.stdout.splitlines()
    assert lines
    for line in lines:
        assert re.match(r"::(error|warning) file=avatars/a%2Cline=9%3A%3Ab%25\\x0a%3A%3Aerror%3A%3Ac\.png,title=", line)


@POSIX
@pytest.mark.parametrize("verb", ["check", "build"])
def test_g2_what_commands_a_terminal_is_shown_as_an_escape(site: Site, verb: str) -> None:
    signs = {"\x1b]8;;x\x07": "\\x1b]8;;x\\x07", "\r": "\\x0d", "\x08": "\\x08", "\x9b31m": "\\x9b31m"}
    for sign in signs:
        site.write(f"contacts/a{sign}b.yaml", "name: A\n")
        site.write(f"avatars/a{sign}b.png", b"x")
    done = site.command(verb)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    for shown in signs.values():
        assert f"contacts/a{shown}b.yaml" in said
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", said)


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200f", "\u061c"])
def test_g3_what_turns_text_round_is_shown_as_an_escape(site: Site, sign: str) -> None:
    site.contact("ada", f"'tit{sign}el': x\nemail: 'x{sign}y'", name="Ada")
    done = site.command("check")
    assert done.returncode == 1
    assert sign not in done.stdout
    assert f"\\u{ord(sign):04x}" in done.stdout


@pytest.mark.parametrize("form", ["text", "github", "gitlab", "sarif", "junit", "json", "markdown"])
def test_g4_a_value_of_200_000_bytes_is_cut_at_200(site: Site, form: str) -> None:
    site.contact("ada", f"merge_into: {'a' * 200_000}\n{'k' * 900}: x", name="Ada")
    done = site.command("check", "--format", form)
    assert done.returncode == 1
    assert "a" * 201 not in done.stdout
    assert "k" * 201 not in done.stdout
    assert len(done.stdout) < 8_000


def test_g5_of_many_errors_fifty_are_told_and_all_are_counted(site: Site) -> None:
    # A hundred thousand errors need no hundred thousand files.
    for number in range(20):
        fields = "".join(f"wrong_{field}: x\n" for field in range(500))
        site.contact(f"c{number:02}", fields, name="C")
    done = site.command("check")
    assert done.returncode == 1
    assert len(re.findall(r": error: ", done.stdout)) == 50
    assert "… and 9,950 more; " in done.stdout
    assert done.stderr.endswith("20 contacts checked: 10,000 errors.\n")


@pytest.mark.parametrize("form", ["text", "github"])
def test_g8_an_output_that_knows_ascii_alone_is_no_reason_to_fail(site: Site, form: str) -> None:
    site.contact("ada", "‘тест’: x", name="Ада")
    done = site.run("check", "--format", form, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"})
    assert done.returncode == 1
    assert done.stdout.isascii()
    assert "Traceback" not in done.stderr


@POSIX
@pytest.mark.parametrize(("text", "status"), [("wrong: x", 1), ("phone: '0123'", 0)], ids=["an error", "a warning"])
def test_g8_a_reader_that_leaves_changes_neither_the_verdict_nor_the_talk(site: Site, text: str, status: int) -> None:
    site.contact("ada", text, name="Ada")
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, PROJECT / "build.py", "check", "--root", site.root],
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        text=True,
        check=False,
    )
    os.close(theirs)
    assert done.returncode == status
    assert re.fullmatch(r"1 contact checked: 1 (error|warning)\.\n", done.stderr)


@POSIX
def test_g8_without_any_output_the_site_is_built_all_the_same(site: Site) -> None:
    site.contact("ada", "phone: '0123'", name="Ada")
    closed = f"import os, runpy, sys; sys.argv = {['build.py', '--root', str(site.root)]!r}; os.close(1); os.close(2)"
    run = (
        f"{closed}; sys.stdout = sys.stderr = None; runpy.run_path({str(PROJECT / 'build.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", run], env=clean_environment(), check=False)
    assert done.returncode == 0
    assert list(site.index()) == ["ada"]


@pytest.mark.parametrize(
    ("text", "settings", "arguments", "status"),
    [
        ("", "", ["check"], 0),
        ("wrong: x", "", ["check"], 1),
        ("", "", ["check", "--wrong"], 2),
        ("", "wrong = 1", ["check"], 2),
        ("", "", ["build", "--output", "."], 2),
    ],
    ids=["clean", "refused input", "usage", "settings", "output"],
)
def test_g9_a_ci_can_tell_the_ends_apart(
    site: Site, text: str, settings: str, arguments: list[str], status: int
) -> None:
    site.contact("ada", text, name="Ada")
    site.settings(settings)
    done = site.command(*arguments)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr


@POSIX
def test_g10_no_name_and_no_value_reaches_a_shell(site: Site, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    payloads = [f"$(touch {trap})", f"`touch {trap}`", f"; touch {trap} ;", f"| touch {trap}", f"& touch {trap}"]
    for number, payload in enumerate(payloads):
        site.contact(f"c{number}", f"name: {json.dumps(payload)}\nnotes: {json.dumps(payload)}\n")
        site.write(f"avatars/{payload.replace('/', '_')}.png", b"x")
        site.write(f"contacts/{payload.replace('/', '_')}.yaml", "name: X\n")
    assert site.command().returncode == 1
    assert site.command("check", "--format", "github").returncode == 1
    assert not trap.exists()
    assert not list(site.root.rglob("trap"))


def test_a_check_of_much_that_is_wrong_ends_in_good_time(site: Site) -> None:
    for number in range(400):
        site.contact(f"c{number:03}", f"avatar: nobody-{number}.png\nmerge_into: nobody-{number}", name="C")
        site.write(f"avatars/orphan-{number:03}.png", b"x")
    began = time.monotonic()
    outcome = site.check()
    assert len(outcome.problems) == 1600
    assert time.monotonic() - began < 20
