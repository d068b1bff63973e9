"""What lies in the two folders: regular files under names that every system reads alike, and nothing else is opened."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from contactsheet.problems import Problem
from contactsheet.read import Sources, Unread, read_bytes, scan
from tests.conftest import Site

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def found(sources: Sources) -> dict[str, str]:
    return {problem.file: problem.rule for problem in sources.problems}


def only(sources: Sources) -> Problem:
    (problem,) = sources.problems
    return problem


def test_records_and_pictures_are_found_at_every_depth_in_the_order_of_their_paths(site: Site) -> None:
    for path in ("contacts/b.yml", "contacts/a.yaml", "contacts/x/y/c.yaml", "contacts/a.png", "avatars/x/d.JPEG"):
        site.write(path, "")
    sources = scan(site.root)
    assert [(file.path, file.name, file.suffix) for file in sources.records] == [
        ("contacts/a.yaml", "a", ".yaml"),
        ("contacts/b.yml", "b", ".yml"),
        ("contacts/x/y/c.yaml", "x/y/c", ".yaml"),
    ]
    assert [(file.path, file.name, file.suffix) for file in sources.pictures] == [
        ("avatars/x/d.JPEG", "x/d", ".jpeg"),
        ("contacts/a.png", "a", ".png"),
    ]
    assert sources.problems == ()


def test_folders_that_are_not_there_are_empty(tmp_path: Path) -> None:
    assert scan(tmp_path) == Sources((), (), ())


@pytest.mark.parametrize(
    "path",
    ["contacts/README.md", "contacts/.ann.yaml.swp", "contacts/.DS_Store", "contacts/ann.yaml~", "avatars/ann.jpg.xmp"],
)
def test_other_files_are_passed_over_in_silence(site: Site, path: str) -> None:
    site.write(path, "")
    assert scan(site.root) == Sources((), (), ())


@pytest.mark.parametrize("suffix", ["gif", "webp", "svg", "heic", "TIFF"])
def test_a_picture_of_another_kind_is_worth_a_warning(site: Site, suffix: str) -> None:
    site.write(f"avatars/ann.{suffix}", "")
    problem = only(scan(site.root))
    assert (problem.rule, problem.severity) == ("avatar/orphan", "warning")
    assert problem.fix == "Save it as JPEG or PNG."


def test_a_record_whose_name_is_no_id_gets_a_proposal_that_is_free(site: Site) -> None:
    site.write("contacts/jose.yaml", "")
    site.write("contacts/José.yaml", "")
    problem = only(scan(site.root))
    assert (problem.rule, problem.file) == ("contact/id", "contacts/José.yaml")
    assert "contacts/jose-2.yaml" in problem.fix


def test_a_suffix_in_capitals_is_none(site: Site) -> None:
    site.write("contacts/ann.YAML", "")
    problem = only(scan(site.root))
    assert problem.rule == "contact/id"
    assert "ends with .YAML" in problem.message
    assert "contacts/ann.yaml" in problem.fix


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the file system takes both for one file")
def test_a_proposal_is_neither_another_files_name_nor_another_files_proposal(site: Site) -> None:
    for path in ("ann.YAML", "ann.yaml", "bo b.yaml", "bo,b.yaml"):
        site.write(f"contacts/{path}", "")
    fixes = {one.file: one.fix.partition(";")[0] for one in scan(site.root).problems if one.rule == "contact/id"}
    assert fixes == {
        "contacts/ann.YAML": "Rename it to contacts/ann-2.yaml",
        "contacts/bo b.yaml": "Rename it to contacts/bo-b.yaml",
        "contacts/bo,b.yaml": "Rename it to contacts/bo-b-2.yaml",
    }


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the file system takes both for one file")
def test_ids_that_differ_by_case_alone_are_refused_both(site: Site) -> None:
    site.write("contacts/Ann.yaml", "")
    site.write("contacts/ann.yaml", "")
    sources = scan(site.root)
    assert found(sources) == {"contacts/Ann.yaml": "contact/id-clash", "contacts/ann.yaml": "contact/id-clash"}
    assert sources.problems[0].message == "contacts/ann.yaml differs by case alone"
    assert sources.records == ()


def test_two_suffixes_of_one_id_are_refused_both(site: Site) -> None:
    site.write("contacts/ann.yaml", "")
    site.write("contacts/ann.yml", "")
    sources = scan(site.root)
    assert found(sources) == {"contacts/ann.yaml": "contact/id-clash", "contacts/ann.yml": "contact/id-clash"}
    assert sources.problems[0].message == "contacts/ann.yml has the same ID"


def test_a_picture_whose_name_is_none_gets_a_proposal_that_is_free(site: Site) -> None:
    site.write("avatars/jose.png", "")
    site.write("avatars/josé.png", "")
    problem = only(scan(site.root))
    assert (problem.rule, problem.file) == ("avatar/name", "avatars/josé.png")
    assert "avatars/jose-2.png" in problem.fix


@posix_only
def test_links_pipes_and_sockets_are_refused_unopened(site: Site) -> None:
    secret = site.write("secret.yaml", "name: Secret")
    (site.root / "contacts/link.yaml").symlink_to(secret)
    (site.root / "contacts/loop.yaml").symlink_to("loop.yaml")
    (site.root / "contacts/folder").symlink_to(site.root / "avatars")
    os.mkfifo(site.root / "contacts/pipe.yaml")
    os.mkfifo(site.root / "avatars/pipe.png")
    sources = scan(site.root)
    assert found(sources) == {
        "contacts/folder": "contact/not-a-file",
        "contacts/link.yaml": "contact/not-a-file",
        "contacts/loop.yaml": "contact/not-a-file",
        "contacts/pipe.yaml": "contact/not-a-file",
        "avatars/pipe.png": "avatar/not-a-file",
    }
    assert sources.records == sources.pictures == ()


@posix_only
def test_a_socket_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.root / "contacts")  # an address of a socket has 108 bytes at most
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("ann.yaml")
        assert "a socket" in only(scan(site.root)).message


@posix_only
@pytest.mark.parametrize("folder", ["contacts", "avatars"])
def test_a_source_folder_that_is_a_link_is_not_entered(site: Site, tmp_path: Path, folder: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "ann.yaml").write_text("name: Ann")
    (site.root / folder).rmdir()
    (site.root / folder).symlink_to(elsewhere)
    sources = scan(site.root)
    assert found(sources) == {folder: f"{'contact' if folder == 'contacts' else 'avatar'}/not-a-file"}
    assert sources.records == ()


@pytest.mark.skipif(sys.platform != "win32", reason="not on this system: junctions")
@pytest.mark.parametrize("place", ["contacts/folder", "avatars"])
def test_a_junction_is_not_entered(site: Site, tmp_path: Path, place: str) -> None:
    """Python 3.11 takes these links of Windows for folders."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "ann.yaml").write_text("name: Ann")
    if (site.root / place).exists():
        (site.root / place).rmdir()
    subprocess.run(["cmd", "/c", "mklink", "/J", str(site.root / place), str(elsewhere)], check=True)
    sources = scan(site.root)
    assert [one.rpartition("/")[2] for one in found(sources).values()] == ["not-a-file"]
    assert sources.records == ()


@pytest.mark.parametrize("path", ["contacts/ann.yaml", "contacts/ANN.YML", "avatars/ann.jpg"])
def test_a_folder_called_like_a_file_is_refused(site: Site, path: str) -> None:
    (site.root / path).mkdir()
    assert "this is a folder" in only(scan(site.root)).message


def test_the_bytes_of_a_file_are_read_whole(site: Site) -> None:
    data = bytes(range(256)) * 1000
    site.write("avatars/ann.jpg", data)
    assert read_bytes(site.root, "avatars/ann.jpg", len(data)) == data


def test_a_file_over_the_limit_is_refused_by_its_size(site: Site) -> None:
    target = site.write("contacts/ann.yaml", "")
    with target.open("r+b") as stream:
        stream.truncate(100_000_000_000)  # a hole: it takes no place on the disk, and reading it would take hours
    assert read_bytes(site.root, "contacts/ann.yaml", 10) == Unread(
        "too-large", "it has 100,000,000,000 bytes; 10 are allowed"
    )


def test_a_file_that_vanished_is_unreadable(site: Site) -> None:
    gone = read_bytes(site.root, "contacts/ann.yaml", 10)
    assert isinstance(gone, Unread)
    assert gone.kind == "unreadable"


@posix_only
def test_a_pipe_or_link_put_in_a_files_place_is_not_opened(site: Site) -> None:
    os.mkfifo(site.root / "contacts/pipe.yaml")
    (site.root / "contacts/link.yaml").symlink_to(site.write("secret", "secret"))
    for name in ("pipe", "link"):
        refused = read_bytes(site.root, f"contacts/{name}.yaml", 10)
        assert isinstance(refused, Unread)
        assert refused.kind == "not-a-file"


def test_a_file_that_changes_all_the_time_is_read_whole_or_refused(site: Site) -> None:
    target = site.write("contacts/ann.yaml", "a" * 300_000)
    done = threading.Event()

    def rewrite() -> None:
        letters = 0
        while not done.is_set():
            letters += 1
            fresh = target.with_suffix(".new")
            fresh.write_bytes(b"ab"[letters % 2 : letters % 2 + 1] * (300_000 + letters % 7))
            fresh.replace(target)

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        seen = [read_bytes(site.root, "contacts/ann.yaml", 1_000_000) for _ in range(50)]
    finally:
        done.set()
        writer.join()
    for data in seen:
        assert isinstance(data, Unread) or len(set(data)) == 1


def test_templates_of_the_site_stand_over_those_of_the_program(site: Site) -> None:
    from contactsheet.read import read_templates

    site.write("templates/style.css", "body {}")
    site.write("templates/.hidden.html", "x")
    files = read_templates(site.root)
    assert files["style.css"] == b"body {}"
    assert "list.html" in files
    assert ".hidden.html" not in files
