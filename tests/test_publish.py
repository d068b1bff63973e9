"""A publication is whole or not at all, writes only what changed, and touches nothing that it did not make."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from contactsheet import exchange, journal, publish
from contactsheet.destination import MANIFEST, WORKSHOP, OutputError, check_place
from contactsheet.outcome import Published
from contactsheet.publish import publication

posix = pytest.mark.skipif(os.name == "nt", reason="a matter of POSIX systems")
can_exchange = pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="the system cannot exchange folders")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


def published(output: Path, files: Mapping[str, str]) -> Published:
    """What publishing these files did, but for how they look and by what they are remembered."""
    with publication(output) as site:
        for path, text in files.items():
            site.add(path, text.encode())
        return Published(*site.commit()[:3])


def tree(folder: Path) -> dict[str, str]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


def test_what_was_added_is_there_after_the_commit_and_nothing_else(output: Path, tmp_path: Path) -> None:
    files = {"index.html": "home", "contacts/sales/ada.html": "ada"}
    assert published(output, files) == Published(files=2, written=2, deleted=0)
    assert tree(output) == files
    assert [path.name for path in tmp_path.iterdir()] == ["output"], "nothing is left beside the output"


def test_without_a_commit_nothing_happens(output: Path, tmp_path: Path) -> None:
    with publication(output) as site:
        site.add("index.html", b"home")
    assert not list(tmp_path.iterdir())


def test_an_exception_before_the_commit_leaves_the_old_site_and_no_trace(output: Path, tmp_path: Path) -> None:
    published(output, {"index.html": "old"})
    with pytest.raises(RuntimeError), publication(output) as site:
        site.add("index.html", b"new")
        raise RuntimeError
    assert tree(output) == {"index.html": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["output"]


@pytest.mark.parametrize("waits", [1, 2])
def test_a_new_output_that_is_interrupted_as_it_comes_is_not_there(
    output: Path, monkeypatch: pytest.MonkeyPatch, waits: int
) -> None:
    waited = []

    def interrupt(_: object) -> None:
        waited.append(output.exists())
        if len(waited) == waits:
            raise KeyboardInterrupt

    monkeypatch.setattr("contactsheet.journal.sync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        published(output, {"index.html": "one", "contacts/ada.html": "two"})
    assert not output.exists()
    assert not output.with_name(WORKSHOP).exists()
    monkeypatch.undo()
    published(output, {"index.html": "one", "contacts/ada.html": "two"})
    assert tree(output) == {"index.html": "one", "contacts/ada.html": "two"}


def test_a_file_whose_bytes_did_not_change_is_not_written(output: Path) -> None:
    published(output, {"index.html": "home", "a.html": "one"})
    before = (output / "index.html").stat()
    assert published(output, {"index.html": "home", "a.html": "two"}) == Published(files=2, written=1, deleted=0)
    after = (output / "index.html").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_page_of_the_same_length_is_compared_by_its_bytes(output: Path) -> None:
    published(output, {"index.html": "aa"})
    assert published(output, {"index.html": "ab"}).written == 1
    assert tree(output) == {"index.html": "ab"}


def test_what_is_no_longer_made_is_deleted_with_the_folders_that_it_leaves_empty(output: Path) -> None:
    published(output, {"index.html": "home", "contacts/sales/ada.html": "ada", "contacts/bob.html": "bob"})
    assert published(output, {"index.html": "home", "contacts/bob.html": "bob"}).deleted == 1
    assert tree(output) == {"index.html": "home", "contacts/bob.html": "bob"}
    assert not (output / "contacts/sales").exists()


def test_what_somebody_else_put_there_stays(output: Path) -> None:
    published(output, {"index.html": "home", "contacts/ada.html": "ada"})
    (output / "CNAME").write_text("example.org")
    (output / "contacts/note.txt").write_text("mine")
    published(output, {"index.html": "new"})
    assert tree(output) == {"index.html": "new", "CNAME": "example.org", "contacts/note.txt": "mine"}


def test_a_deleted_page_comes_back(output: Path) -> None:
    published(output, {"index.html": "home", "a.html": "a"})
    (output / "a.html").unlink()
    assert published(output, {"index.html": "home", "a.html": "a"}).written == 1
    assert tree(output)["a.html"] == "a"


@pytest.mark.parametrize(
    ("stands", "path"),
    [
        ("contacts/ada.html", "contacts/ada.html"),
        ("contacts", "contacts"),
        ("contacts/ada.html/inside.txt", "contacts/ada.html"),
    ],
    ids=["a file", "a file where a folder belongs", "a folder where a file belongs"],
)
def test_foreign_things_in_the_way_are_conflicts_and_stay(output: Path, stands: str, path: str) -> None:
    published(output, {"index.html": "old"})
    (output / stands).parent.mkdir(parents=True, exist_ok=True)
    (output / stands).write_text("mine")
    with publication(output) as site:
        site.add("index.html", b"new")
        site.add("contacts/ada.html", b"ada")
        site.add("contacts/bob.html", b"bob")
        assert site.conflicts == [path]
    assert tree(output) == {"index.html": "old", stands: "mine"}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
@pytest.mark.parametrize("link", ["contacts", "contacts/ada.html"])
def test_a_link_in_the_output_is_a_conflict_and_nothing_is_written_through_it(
    output: Path, tmp_path: Path, link: str
) -> None:
    published(output, {"index.html": "old"})
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "ada.html").write_text("precious")
    (output / link).parent.mkdir(exist_ok=True)
    (output / link).symlink_to(outside if link == "contacts" else outside / "ada.html")
    with publication(output) as site:
        site.add("contacts/ada.html", b"ada")
        assert site.conflicts == [link]
    assert tree(outside) == {"ada.html": "precious"}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_nothing_is_deleted_through_a_link(output: Path, tmp_path: Path) -> None:
    published(output, {"index.html": "home", "contacts/ada.html": "ada"})
    (output / "contacts").rename(tmp_path / "moved")
    (output / "contacts").symlink_to(tmp_path / "moved")
    published(output, {"index.html": "home"})
    assert tree(tmp_path / "moved") == {"ada.html": "ada"}


@pytest.mark.parametrize(
    "line", ["../precious.txt", "/etc/passwd", "contacts/../../precious.txt", "C:/x", "..\\precious.txt", ".gitignore"]
)
def test_a_forged_manifest_deletes_nothing_elsewhere(output: Path, tmp_path: Path, line: str) -> None:
    (tmp_path / "precious.txt").write_text("precious")
    published(output, {"index.html": "home"})
    (output / ".gitignore").write_text("*")
    with (output / MANIFEST).open("a") as manifest:
        manifest.write(f"{line}\n")
    published(output, {"index.html": "new"})
    assert (tmp_path / "precious.txt").exists()
    assert tree(output) == {"index.html": "new", ".gitignore": "*"}


def test_a_journal_that_came_with_a_checkout_moves_nothing(output: Path, tmp_path: Path) -> None:
    published(output, {"index.html": "home"})
    stage = tmp_path / WORKSHOP / "output.stage"
    stage.mkdir(parents=True)
    (stage / "evil").write_text("evil")
    for path in ("../escaped.html", "planted.html"):
        entry = {"stage": 1, "new_folder": True, "steps": [["add", path, "evil"]]}
        for name in ("forth.json", "back.json"):
            (stage / name).write_text(json.dumps(entry))
    publish.recover(output)
    assert tree(tmp_path) == {"output/index.html": "home"}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
@pytest.mark.parametrize("link", [WORKSHOP, f"{WORKSHOP}/output.stage", f"{WORKSHOP}/output.lock"])
def test_a_linked_workshop_is_refused(output: Path, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    (outside / "output.stage").mkdir(parents=True)
    (outside / "precious.txt").write_text("precious")
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(outside if "lock" not in link else outside / "precious.txt")
    with pytest.raises((OutputError, OSError)):
        check_place(tmp_path, output)
        published(output, {"index.html": "home"})
    assert tree(outside) == {"precious.txt": "precious"}
    assert (outside / "output.stage").is_dir()


def test_a_file_in_the_place_of_the_workshop_is_refused_in_a_sentence(output: Path, tmp_path: Path) -> None:
    (tmp_path / WORKSHOP).write_text("precious")
    with pytest.raises(OutputError, match=r"\.contactsheet is no folder; .*take away"):
        check_place(tmp_path, output)


# --- a part of a large file ------------------------------------------------------------------------------------------

LARGE = b"0" * 100_000 + b"old" + b"1" * 100_000
SPLICED = LARGE.replace(b"old", b"newer")


def begun(output: Path) -> publish.Publication:
    """A publication where index.html and a large file stand: the first is made anew, and a part of the second."""
    with publication(output) as first:
        first.add("index.html", b"old")
        first.add("all.vcf", LARGE, b"before")
        first.commit()
    site = publish.Publication(output, output.parent / WORKSHOP / f"{output.name}.stage")
    site.stage.mkdir(parents=True)
    site.before.retouch({"index.html": b"", "all.vcf": b"before"})
    site.add("index.html", b"new")
    site.splice("all.vcf", 100_000, 100_003, b"newer", b"after")
    return site


def test_a_part_of_a_file_is_replaced_and_the_rest_stays(output: Path) -> None:
    site = begun(output)
    assert site.commit().written == 2
    assert (output / "all.vcf").read_bytes() == SPLICED
    status = (output / "all.vcf").stat()
    assert site.standing["all.vcf"] == (status.st_size, status.st_mtime_ns, status.st_ino, b"after")


def test_a_part_that_is_as_it_was_is_not_written(output: Path) -> None:
    with publication(output) as first:
        first.add("all.vcf", LARGE, b"before")
        first.commit()
    with publication(output) as site:
        site.before.trust(first.standing)
        site.splice("all.vcf", 100_000, 100_003, b"old", b"after")
        assert site.commit().written == 0
    assert site.standing["all.vcf"] == (*first.standing["all.vcf"][:3], b"after")


def test_where_the_system_copies_nothing_within_itself_the_program_does(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    begun(output).commit()
    assert (output / "all.vcf").read_bytes() == SPLICED


def test_a_disk_that_is_full_while_a_file_is_copied_leaves_the_old_site(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = begun(output)
    monkeypatch.setattr(journal, "copy", refuse)
    with pytest.raises(OSError):  # which one does not matter
        site.commit()
    assert (output / "index.html").read_bytes() == b"old"
    assert (output / "all.vcf").read_bytes() == LARGE


@pytest.mark.parametrize("stopped", ["_take", "_spliced", "_wait"])
def test_after_a_power_cut_the_journal_alone_is_enough(
    output: Path, monkeypatch: pytest.MonkeyPatch, stopped: str
) -> None:
    site = begun(output)
    old = {path.stat().st_ino for path in output.iterdir()}

    def cut(*_: object) -> None:
        raise PowerCutError

    with monkeypatch.context() as patched:
        patched.setattr(journal, stopped, cut)
        patched.setattr(journal, "is_open", lambda _stage: False)  # nobody is there to take anything back
        with pytest.raises(PowerCutError):
            site.commit()
    # Of all that was not waited for, the names are there and the bytes are not.
    for path in (*output.iterdir(), *site.stage.iterdir()):
        if path.stat().st_ino not in old and path.name not in ("forth.json", MANIFEST):
            path.write_bytes(b"")
    publish.recover(output)
    assert tree(output) == {"index.html": "new", "all.vcf": SPLICED.decode()}
    assert not site.stage.exists()


def test_a_journal_that_a_power_cut_tore_moves_nothing(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = begun(output)

    def torn(*_: object) -> None:
        whole = (site.stage / "forth.json").read_bytes()
        (site.stage / "forth.json").write_bytes(whole[:-20] + bytes(20))
        raise PowerCutError

    with monkeypatch.context() as patched:
        patched.setattr(journal, "_take", torn)
        patched.setattr(journal, "is_open", lambda _stage: False)
        with pytest.raises(PowerCutError):
            site.commit()
    publish.recover(output)
    assert tree(output) == {"index.html": "old", "all.vcf": LARGE.decode()}


class PowerCutError(BaseException):
    """Ends a publication as a power cut does."""


# --- several new pages at once ---------------------------------------------------------------------------------------

OLD = {"index.html": "old", "a/gone.html": "gone"}
NEW = {"index.html": "new", "a/one.html": "one", "b/two.html": "two"}


def refuse(*_: object, **__: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def exchanges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the folders that change places with another, from now on."""
    done: list[str] = []
    real = exchange.exchange

    def told(one: Path, other: Path) -> None:
        real(one, other)
        done.append(one.name)

    monkeypatch.setattr(exchange, "exchange", told)
    return done


@can_exchange
@pytest.mark.parametrize(
    ("files", "moved"),
    [
        (NEW, ["one", "output", "output"]),
        ({"index.html": "new", "a/one.html": "one", "one.webp": "", "two.webp": ""}, []),
        ({"index.html": "new"}, []),
    ],
    ids=["two new pages", "one new page", "no new page"],
)
def test_the_output_is_exchanged_for_a_stand_in_only_while_several_pages_are_new(
    output: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], moved: list[str]
) -> None:
    published(output, OLD)
    done = exchanges(monkeypatch)
    published(output, files)
    assert tree(output) == files
    assert done == moved


@pytest.mark.parametrize("before", [{}, OLD], ids=["the first", "a later one"])
@pytest.mark.parametrize(
    ("module", "name"),
    [(exchange, "exchange"), (os, "link")],
    ids=["folders cannot be exchanged", "files cannot be linked"],
)
def test_where_a_stand_in_cannot_be_the_pages_come_one_after_the_other(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str, before: dict[str, str]
) -> None:
    if before:
        published(output, before)
    monkeypatch.setattr(module, name, refuse)
    published(output, NEW)
    assert tree(output) == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["output"]


def test_an_exchange_that_is_refused_only_for_the_output_is_done_without(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(output, OLD)
    monkeypatch.setattr(exchange, "is_possible", lambda _folder: True)
    monkeypatch.setattr(exchange, "exchange", refuse)
    published(output, NEW)
    assert tree(output) == NEW


@posix
def test_a_server_that_sits_in_the_output_sees_the_new_site(output: Path) -> None:
    published(output, OLD)
    script = "import pathlib; input(); print(*(path.read_text() for path in sorted(pathlib.Path().rglob('*.html'))))"
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=output, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        published(output, NEW)
        assert server.communicate("\n")[0] == "one two new\n"


@posix
def test_what_is_not_ours_outlives_the_exchange_as_it_is(output: Path, tmp_path: Path) -> None:
    published(output, OLD)
    (output / "CNAME").write_text("example.org")
    (output / "a/note.txt").write_text("mine")
    (output / "empty").mkdir()
    (output / "latest").symlink_to("nowhere")
    (tmp_path / "outside").mkdir()
    (output / "outside").symlink_to(tmp_path / "outside")
    os.mkfifo(output / "pipe")
    (output / "a").chmod(0o750)
    kept = ("CNAME", "a/note.txt", "empty", "latest", "outside", "pipe", "a", ".")
    before = {name: ((output / name).lstat().st_ino, (output / name).lstat().st_mode) for name in kept}
    published(output, NEW)
    assert {name: ((output / name).lstat().st_ino, (output / name).lstat().st_mode) for name in kept} == before
    assert {path: text for path, text in tree(output).items() if path.endswith("html")} == NEW


@can_exchange
def test_what_a_stranger_puts_into_the_stand_in_is_in_the_output_afterwards(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(output, OLD)
    (output / "CNAME").write_text("old")
    real = exchange.exchange

    def exchanged(one: Path, other: Path) -> None:
        real(one, other)
        if (one / "b/two.html").exists() and not (one / "mine").exists():  # the stand-in is there
            (one / "mine/deep").mkdir(parents=True)
            (one / "mine/deep/note.txt").write_text("mine")
            (one / "CNAME").unlink()
            (one / "CNAME").write_text("new")

    monkeypatch.setattr(exchange, "exchange", exchanged)
    published(output, NEW)
    assert tree(output) == {**NEW, "CNAME": "new", "mine/deep/note.txt": "mine"}


@can_exchange
def test_a_folder_that_we_could_not_take_away_again_is_not_imitated(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(output, OLD)
    (output / "locked").mkdir(mode=0o500)
    done = exchanges(monkeypatch)
    published(output, NEW)
    assert tree(output) == NEW
    assert done == ["one"], "the trial alone"


def test_two_publications_take_turns(output: Path) -> None:
    order: list[str] = []
    entered = threading.Event()

    def second() -> None:
        entered.set()
        with publication(output) as site:
            order.append("second")
            site.add("index.html", b"second")
            site.commit()

    other = threading.Thread(target=second)
    with publication(output) as site:
        other.start()
        entered.wait()
        other.join(0.2)  # time enough for it to go wrong
        order.append("first")
        site.add("index.html", b"first")
        site.commit()
    other.join()
    assert order == ["first", "second"]
    assert tree(output) == {"index.html": "second"}
    assert not (output.parent / WORKSHOP).exists()


def test_many_waiting_publications_all_get_their_turn(output: Path) -> None:
    def publish_one(number: int) -> None:
        published(output, {"index.html": f"{number}"})

    threads = [threading.Thread(target=publish_one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tree(output)["index.html"] in {f"{number}" for number in range(8)}
    assert not (output.parent / WORKSHOP).exists()


def test_a_workshop_that_goes_while_one_waits_for_it_is_made_again(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever had it may take it away between the look that finds it and the next one."""
    workshop, real = output.parent / WORKSHOP, os.mkdir
    workshop.mkdir()

    def gone(path: Any, *arguments: Any, **named: Any) -> None:
        try:
            real(path, *arguments, **named)
        finally:
            if os.fspath(path) == os.fspath(workshop):
                monkeypatch.undo()
                workshop.rmdir()

    monkeypatch.setattr(os, "mkdir", gone)
    published(output, {"index.html": "home"})
    assert tree(output) == {"index.html": "home"}
    assert not workshop.exists()


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_a_workshop_that_is_a_link_to_nowhere_is_an_error(output: Path) -> None:
    (output.parent / WORKSHOP).symlink_to(output.parent / "nowhere")
    with pytest.raises(FileExistsError):
        published(output, {"index.html": "home"})
    assert not output.exists()


def test_recovery_leaves_a_publication_alone_that_is_under_way(output: Path) -> None:
    with publication(output) as site:
        site.add("index.html", b"home")
        publish.recover(output)
        site.commit()
    assert tree(output) == {"index.html": "home"}


@pytest.mark.parametrize("name", ["contacts", "contacts/deep", "avatars", "templates", ".git", ".github/x", ".", ".."])
def test_sources_and_what_is_above_them_are_no_place_for_the_output(tmp_path: Path, name: str) -> None:
    root = tmp_path / "site"
    (root / "contacts/deep").mkdir(parents=True)
    (root / ".github/x").mkdir(parents=True)
    with pytest.raises(OutputError, match="of its own"):
        check_place(root, root / name)


@pytest.mark.parametrize("place", [Path.home(), Path.home().parent, Path(Path.cwd().anchor)], ids=str)
def test_a_home_and_the_whole_disk_are_no_place_for_the_output(tmp_path: Path, place: Path) -> None:
    with pytest.raises(OutputError):
        check_place(tmp_path, place)


def test_a_folder_with_foreign_files_is_refused_by_the_name_of_one(tmp_path: Path) -> None:
    (tmp_path / "site/thesis").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"\(thesis\)"):
        check_place(tmp_path / "repository", tmp_path / "site")


def test_a_folder_that_holds_only_what_git_needs_counts_as_empty(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/.gitignore").write_text("*")
    check_place(tmp_path / "repository", tmp_path / "site")


def test_a_missing_parent_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is not there"):
        check_place(tmp_path, tmp_path / "missing/site")
    assert not (tmp_path / "missing").exists()
