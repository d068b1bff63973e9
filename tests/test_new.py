"""`new` adds a contact: its files are checked before they are written, and none is written over."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from contactsheet import ids
from contactsheet.romanising import letters
from tests.conftest import PROJECT, Site, clean_environment
from tests.pictures import quarters, saved


def files(site: Site) -> dict[str, bytes]:
    """The sources of a site."""
    return {
        path.relative_to(site.root).as_posix(): path.read_bytes()
        for folder in ("contacts", "avatars")
        for path in (site.root / folder).rglob("*")
        if path.is_file()
    }


def test_a_contact_is_added_with_all_that_is_said(site: Site, tmp_path: Path) -> None:
    """The paths of the files go to standard output, what to do next to standard error."""
    picture = tmp_path / "me.JPG"
    picture.write_bytes(saved(quarters(512, 512)))
    done = site.command(
        *("new", "José Núñez", "--email", "jose@example.org", "--email", "j@example.org", "--phone", "+34911234567"),
        *("--company", "NO", "--title", "CTO", "--tag", "vip", "--type", "lead", "--owner", "Mira"),
        *("--field", "Account=00123", "--avatar", str(picture)),
    )
    assert (done.returncode, done.stdout) == (0, "avatars/jose-nunez.jpg\ncontacts/jose-nunez.yaml\n"), done.stderr
    assert "git add avatars/jose-nunez.jpg contacts/jose-nunez.yaml" in done.stderr
    assert files(site) == {
        "avatars/jose-nunez.jpg": picture.read_bytes(),
        "contacts/jose-nunez.yaml": (
            'name: José Núñez\ncompany: "NO"\ntitle: CTO\ntype: lead\nowner: Mira\n'
            'emails:\n  - jose@example.org\n  - j@example.org\nphone: "+34911234567"\n'
            'tags: [vip]\nfields:\n  Account: "00123"\n'
        ).encode(),
    }
    assert not site.check().failed(strict=True)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["Ada", "--email", "ada@"], 1, "contact/email"),
        (["Ada", "--tag", ""], 1, "contact/"),
        (["Ada", "--merge-into", "eve"], 1, "merge/unknown-target"),
        (["\u200b", "--id", "x"], 1, "contact/name"),
        (["Bob"], 1, "there is a contact bob already"),
        (["BOB"], 1, "--merge-into bob"),
        (["Ada", "--id", "Bob"], 1, "there is a contact bob already"),
        (["Ada", "--id", "../x"], 2, "did you mean"),
        (["张伟"], 2, "say one with --id"),
        ([], 2, "say the name"),
        (["Ada", "--field", "Account"], 2, "KEY=VALUE"),
        (["Ada", "--avatar", "missing.jpg"], 1, "missing.jpg"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(site: Site, arguments: list[str], status: int, said: str) -> None:
    """With the rules of the check, or as a wrong use of the command."""
    site.contact("bob", name="Bob")
    before = files(site)
    done = site.command("new", *arguments)
    assert done.returncode == status, done.stdout + done.stderr
    assert said in done.stdout + done.stderr
    assert files(site) == before


def test_a_picture_that_the_check_refuses_is_not_written(site: Site, tmp_path: Path) -> None:
    """Neither is the record, then."""
    broken = tmp_path / "ada.jpg"
    broken.write_bytes(saved(quarters(512, 512))[:-300])
    done = site.command("new", "Ada", "--avatar", str(broken))
    assert done.returncode == 1
    assert "avatars/ada.jpg: error:" in done.stdout
    assert files(site) == {}


def test_a_new_record_may_join_a_contact_of_the_same_name(site: Site, tmp_path: Path) -> None:
    """It gets a free ID, and its picture carries over."""
    site.contact("jane-doe", name="Jane Doe")
    picture = tmp_path / "jane.webp"
    picture.write_bytes(saved(quarters(600, 600), "WEBP", lossless=True))
    done = site.command("new", "Jane Doe", "--merge-into", "jane-doe", "--avatar", str(picture))
    assert (done.returncode, done.stdout) == (0, "avatars/jane-doe-2.jpg\ncontacts/jane-doe-2.yaml\n"), done.stderr
    assert "WEBP of 600 × 600 pixels, written as JPEG" in done.stderr
    site.build()
    assert site.index()["jane-doe"]["avatar"]["source"] == "avatars/jane-doe-2.jpg"


@pytest.mark.skipif(os.name == "nt", reason="there are no such terminals")
def test_on_a_terminal_it_asks_for_what_is_missing(site: Site) -> None:
    """An empty line leaves a field out."""
    import pty

    mine, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, str(PROJECT / "build.py"), "new", "--company", "Acme", "--root", str(site.root)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=clean_environment(),
    ) as process:
        os.write(mine, "张伟\nzhang@example.org\n\n\nzhang-wei\n".encode())
        assert process.stdout is not None
        assert process.stdout.read() == b"contacts/zhang-wei.yaml\n"
    os.close(theirs)
    os.close(mine)
    assert process.returncode == 0
    assert files(site)["contacts/zhang-wei.yaml"].decode() == "name: 张伟\ncompany: Acme\nemail: zhang@example.org\n"


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("José", "jose"),
        ("Łukasz Ørsted", "lukasz-orsted"),
        ("Олена Коваленко", "olena-kovalenko"),
        ("Ελένη Παπαδάκη", "eleni-papadaki"),
        ("Нгуен й", "nguen-i"),
        ("O'Neil, Dr.", "o-neil-dr"),
        ("Con", "con-contact"),
        ("张伟", ""),
        ("अनन्या", ""),
        ("!!", ""),
        ("Подъезд", "podezd"),
    ],
)
def test_names_suggest_ids_as_the_page_does(name: str, proposed: str) -> None:
    """Letters of other scripts are spelt out where that is common; elsewhere someone has to say."""
    assert ids.suggestion(name) == proposed


def test_the_page_spells_the_same_letters_out() -> None:
    """templates/drawer.js has the same table."""
    script = (PROJECT / "templates/drawer.js").read_text(encoding="utf-8")
    pairs = re.findall(r'\.\.\.pairs\("([^"]*)", "([^"]*)"\)', script)
    there = {
        one: latin for letters, spelt in pairs for one, latin in zip(letters.split(" "), spelt.split(" "), strict=True)
    }
    assert there.items() <= letters().items()
