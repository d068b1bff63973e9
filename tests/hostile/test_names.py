"""HOSTILE.md, group P: names and paths that strangers choose, as files of a real repository that is really checked.

P13 (which branch CI takes its program from) is a matter of the workflow and tested with it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys

import pytest
from PIL import Image

from contactsheet.problems import Problem, Severity, from_plain
from contactsheet.read import scan
from contactsheet.settings import Settings
from contactsheet.tasks import RecordWork, read_records
from tests.conftest import PROJECT, Site, clean_environment
from tests.pictures import saved

PNG = saved(Image.new("RGB", (512, 512), (200, 30, 30)), "PNG")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot hold such a file")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the file system cannot hold such names")


def refusals(site: Site) -> dict[str, str]:
    """The rules that refuse files, by file; the sound record beside them must be judged and nothing published."""
    site.write("contacts/neighbour.yaml", "name: Neighbour\nphone: 020 7946 0958\n")
    outcome = site.build()
    assert [found.rule for found in outcome.problems if found.file == "contacts/neighbour.yaml"] == [
        "contact/phone-doubtful"
    ]
    errors = [found for found in outcome.problems if found.severity is Severity.ERROR]
    assert all(found.message and found.fix for found in errors)
    assert outcome.failed(strict=False)
    assert not (site.output / "contacts").exists()
    assert len({found.file for found in errors}) == len(errors)
    return {found.file: found.rule for found in errors}


def only_refusal(site: Site) -> Problem:
    assert len(refusals(site)) == 1
    return next(found for found in site.check().problems if found.severity is Severity.ERROR)


@linux_only
def test_p1_names_that_differ_by_case_alone_are_refused_both(site: Site) -> None:
    site.contact("Ann", name="Ann")
    site.contact("ann", name="Ann")
    assert refusals(site) == {"contacts/Ann.yaml": "contact/id-clash", "contacts/ann.yaml": "contact/id-clash"}


@linux_only
def test_p2_two_ways_to_write_one_accented_name_are_refused_both(site: Site) -> None:
    composed, decomposed = "jos\u00e9", "jose\u0301"
    for name in (composed, decomposed):
        site.contact(name, name="José")
        site.write(f"avatars/{name}.png", PNG)
    assert refusals(site) == {
        f"contacts/{composed}.yaml": "contact/id",
        f"contacts/{decomposed}.yaml": "contact/id",
        f"avatars/{composed}.png": "avatar/name",
        f"avatars/{decomposed}.png": "avatar/name",
    }


@posix_only
@pytest.mark.parametrize(
    "target", ["/etc/passwd", "neighbour.yaml", "link.yaml", "/", ".", "nowhere"], ids=lambda target: f"to {target}"
)
@pytest.mark.parametrize("place", ["contacts/link.yaml", "avatars/link.png", "contacts/folder"])
def test_p3_a_link_is_refused_wherever_it_leads(site: Site, place: str, target: str) -> None:
    (site.root / place).symlink_to(target)
    assert refusals(site) == {place: f"{'avatar' if place.startswith('avatars') else 'contact'}/not-a-file"}


@posix_only
@pytest.mark.parametrize("place", ["contacts/x.yaml", "avatars/x.png"])
def test_p4_a_pipe_is_refused_without_waiting_for_it(site: Site, place: str) -> None:
    os.mkfifo(site.root / place)
    assert "this is a pipe" in only_refusal(site).message


@posix_only
def test_p4_a_socket_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.root / "contacts")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("x.yaml")
        assert "this is a socket" in only_refusal(site).message


@linux_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make a device")
def test_p4_a_device_is_refused(site: Site) -> None:
    try:
        os.mknod(site.root / "avatars/zero.png", 0o020666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("this machine lets nobody make a device")
    assert "this is a device" in only_refusal(site).message


@pytest.mark.parametrize(
    "path",
    [
        *("../secret.png", "a/../../secret.png", "/etc/secret.png", "C:/secret.png", "C:secret.png", "./secret.png"),
        *(
            "..\\\\secret.png",
            "a\\\\b.png",
            "%2e%2e/secret.png",
            "a%00.png",
            "https://evil.example/a.png",
            "//evil/a.png",
        ),
        *(
            "file:///etc/secret.png",
            "a//b.png",
            "secret",
            "secret.svg",
            ".png/",
            "a.png/..",
            "a.png?x",
            "a\\u202egnp.png",
        ),
    ],
)
@pytest.mark.parametrize("form", ['avatar: "{}"', 'avatar: {{file: "{}"}}'], ids=["text", "map"])
def test_p5_an_avatar_outside_its_folder_is_refused_at_its_line(site: Site, path: str, form: str) -> None:
    site.write("secret.png", PNG)
    site.contact("ada", form.format(path) + "\n", name="Ada")
    problem = only_refusal(site)
    assert (problem.rule, problem.file, problem.line) == ("avatar/path", "contacts/ada.yaml", 2)


def test_p5_a_nul_in_an_avatars_name_is_refused(site: Site) -> None:
    site.contact("ada", r'avatar: "a\0.png"', name="Ada")
    assert only_refusal(site).rule == "yaml/control-character"


BAD_NAMES = {
    "p6 an option": "-rf",
    "p6 a long option": "--help",
    "p7 a device": "CON",
    "p7 a device in small letters": "aux",
    "p7 a port": "com1",
    "p7 a port by another digit": "COM\u00b9",
    "p7 a dot at the end": "ann.",
    "p7 a blank at the end": "ann ",
    "p7 a stream": "ann:stream",
    "p7 a short name": "ann~1",
    "p8 a long name": "x" * 101,
    "p9 right to left": "ann\u202egpj",
    "p9 zero width": "ann\u200b",
    "p9 another script's letter": "\u0430nn",
    "p10 a line feed": "ann\nlee",
    "p10 a carriage return": "ann\rlee",
    "p10 an escape": "ann\x1b[2Jlee",
    "p10 a bell": "ann\x07",
    "p10 no UTF-8": "ann\udcff",
}
PLACES = ("contacts/{}.yaml", "avatars/{}.png", "contacts/{}/ada.yaml", "avatars/{}/ada.png")


@linux_only
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_p6_to_p10_a_name_that_systems_read_differently_is_refused_with_a_better_one(
    site: Site, name: str, place: str
) -> None:
    path = place.format(name)
    site.write(path, PNG if path.endswith(".png") else "name: Ada\n")
    problem = only_refusal(site)
    assert problem.file == path
    assert problem.rule == ("avatar/name" if path.endswith(".png") else "contact/id")
    assert problem.fix.startswith(f"Rename it to {path.partition('/')[0]}/")
    assert problem.fix.isascii() or "“name”" in problem.fix


@linux_only
@pytest.mark.parametrize("form", ["text", "github", "json"])
@pytest.mark.parametrize(
    ("name", "shown"),
    [("a\nb", "a\\x0ab"), ("a\rb", "a\\x0db"), ("a\x1bb", "a\\x1bb"), ("a\x07b", "a\\x07b"), ("a\udcffb", "a\\xffb")],
    ids=["line feed", "carriage return", "escape", "bell", "no UTF-8"],
)
def test_p10_a_name_with_control_characters_is_printed_escaped(site: Site, name: str, shown: str, form: str) -> None:
    site.write(f"contacts/{name}.yaml", "name: Ada\n")
    run = site.command("check", "--format", form)
    assert run.returncode == 1
    assert not set(run.stdout + run.stderr) & set("\r\x1b\x07")
    assert "Traceback" not in run.stderr
    if form == "text":
        assert f"contacts/{shown}.yaml: error:" in run.stdout
    if form == "github":
        assert len([line for line in run.stdout.splitlines() if line.startswith("::error")]) == 1


@pytest.mark.parametrize(
    "path",
    [
        *("contacts/ann.yaml.yaml", "contacts/ann.yml.yaml", "contacts/ann.png.yaml", "contacts/ann.yaml.txt"),
        *("avatars/ann.jpg.png", "avatars/ann.png.png", "avatars/ann.php.png", "avatars/ann.html.jpg"),
        *("avatars/ann.png.php", "avatars/ann.jpg.html", "avatars/ann.png.exe", "contacts/ann.yaml.png"),
    ],
)
def test_p11_a_double_suffix_is_refused(site: Site, path: str) -> None:
    site.write(path, PNG if ".png" in path else "name: Ann\n")
    assert list(refusals(site)) == [path]


@linux_only
@pytest.mark.parametrize(
    "path",
    ["contacts/ann.yaml ", "contacts/ann.yaml.", "contacts/ann.yaml:x", "avatars/ann.png ", "avatars/ann.jpg\u202e"],
)
def test_p7_something_behind_the_suffix_is_refused(site: Site, path: str) -> None:
    site.write(path, "name: Ann\n")
    problem = only_refusal(site)
    assert problem.file == path
    assert "behind the suffix" in problem.message


@pytest.mark.parametrize(
    "name", ["index", "404", "inbox", "assets", "pages", "contacts", "avatars", "vcards", "report"]
)
def test_p12_a_contact_called_like_a_page_of_the_site_overwrites_none(site: Site, name: str) -> None:
    message = "messages: {at: 2026-11-20T09:30:00Z, from: contact, text: Hello}\n"
    site.contact("ada", message, name="Ada")
    site.build()
    pages = {path for path in site.tree() if not path.startswith("assets/")}
    site.contact(name, message, name="Somebody")
    site.contact(f"{name}/{name}", message, name="Somebody else")
    site.write(f"avatars/{name}.png", PNG)
    assert site.build().published is not None
    assert pages <= set(site.tree())
    assert "Somebody" in site.page(f"contacts/{name}.html")
    assert "Somebody else" in site.page(f"contacts/{name}/{name}.html")
    assert "Contacts" in site.page("index.html")
    assert list(site.index()) != []


def without_roots_rights() -> list[str]:
    """What to put before a command so that root, too, may not read what its mode forbids."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root may read everything, and setpriv is not there to change that")
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search"]


@posix_only
def test_p14_what_may_not_be_read_is_refused(site: Site) -> None:
    refused = {
        "contacts/ada.yaml": "contact/unreadable",
        "avatars/bob.png": "avatar/unreadable",
        "contacts/sales": "contact/unreadable",
        "avatars/logos": "avatar/unreadable",
    }
    site.contact("ada", name="Ada")
    site.contact("bob", "phone: 020 7946 0958\n", name="Bob")
    site.contact("sales/carol", name="Carol")
    site.write("avatars/bob.png", PNG)
    site.write("avatars/logos/x.png", PNG)
    for path in refused:
        (site.root / path).chmod(0)
    run = subprocess.run(
        [*without_roots_rights(), sys.executable, str(PROJECT / "build.py"), "check", "--root", str(site.root)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=clean_environment(),
        timeout=60,
        check=False,
    )
    for path in refused:
        (site.root / path).chmod(0o755)
    assert run.returncode == 1, run.stderr
    for path, rule in refused.items():
        assert f"{path}: error: it cannot be read: Permission denied [{rule}]" in run.stdout
    assert "contacts/bob.yaml:2:8: warning:" in run.stdout
    assert "Traceback" not in run.stderr


def test_p14_a_file_that_vanishes_between_the_list_and_the_reading_is_refused(site: Site) -> None:
    site.contact("ada", name="Ada")
    gone = site.contact("gone", name="Gone")
    sources = scan(site.root)
    gone.unlink()
    files = tuple((file.name, file.path) for file in sources.records)
    ada, lost = read_records(Settings(), RecordWork(site.root, files, (None, None)))
    _, (problems, claim, _), _ = ada
    assert claim is not None
    assert (claim[0], problems) == ("ada", ())
    digest, (problems, claim, _), record = lost
    assert (digest, record, claim) == (b"", b"", None)
    found = [from_plain(one) for one in problems]
    assert [(one.file, one.rule) for one in found] == [("contacts/gone.yaml", "contact/unreadable")]


@pytest.mark.parametrize("path", ["contacts/x.yaml", "contacts/x.yml", "avatars/x.png", "contacts/x.jpg"])
def test_p14_a_folder_called_like_a_file_is_refused(site: Site, path: str) -> None:
    (site.root / path).mkdir()
    assert refusals(site) == {path: f"{path.partition('/')[0][:-1]}/not-a-file"}


def test_p15_very_many_files_are_listed_without_being_opened(site: Site) -> None:
    count = 5_000
    for folder in range(count // 500):
        (site.root / f"contacts/f{folder}").mkdir()
        for number in range(500):
            (site.root / f"contacts/f{folder}/c{number}.yaml").touch()
    sources = scan(site.root)
    assert len(sources.records) == count
    assert sources.problems == ()
