"""A build with nothing to do finds that out from the outside of the files, and is never wrong about it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from contactsheet import journal, look, pipeline, receipt, seal
from contactsheet.commands.endings import memo_of
from contactsheet.look import Shelf, changed, packed
from contactsheet.memo import Memo
from contactsheet.outcome import Outcome
from contactsheet.read import SourceFile
from contactsheet.recall import Recall
from contactsheet.second import Second
from contactsheet.settings import load
from contactsheet.standing import Standing
from contactsheet.workers import Workers
from tests.conftest import PROJECT, Site, python
from tests.pictures import quarters, saved

HEAVY = ("jinja2", "PIL", "yaml", "pydantic", "sqlite3", "numpy", "regex", "watchdog", "multiprocessing")
# Of Python's own library: each of these takes as long as a thousand files.
SLOW = ("click", "contextlib", "dataclasses", "enum", "hashlib", "pathlib", "re", "subprocess", "typing")


def settle() -> None:
    """Waits until what was written last is older than the clock's tick, within which a change might not show."""
    until = time.time_ns() + look.TICK + 20_000_000
    while time.time_ns() < until:
        time.sleep(0.01)


def build(site: Site, *, strict: bool = False) -> Outcome:
    """A build as the command does it, in this process."""
    standing = Standing(site.root, site.output, strict=strict)
    with closing(memo_of(site.root)) as remembered, Workers(0) as workers:
        outcome = pipeline.build(
            site.root, site.output, load(site.root), workers, memo=remembered, strict=strict, since=standing.since()
        )
        standing.note(outcome)
    return outcome


def stands(site: Site, *, strict: bool = False) -> bool:
    """Whether the next build would have nothing to do."""
    with closing(Standing(site.root, site.output, strict=strict)) as standing:
        return standing.outcome() is not None


def files(root: Path) -> dict[str, tuple[int, int, int]]:
    """All files below, with what changes when one is written."""
    return {
        path.relative_to(root).as_posix(): (status.st_mtime_ns, status.st_ino, status.st_size)
        for path in sorted(root.rglob("*"))
        for status in (path.lstat(),)
    }


@pytest.fixture
def town(site: Site) -> Site:
    """A built site of two contacts, with a picture, a template of its own and settings; nothing changed since."""
    site.settings('title = "Town"')
    site.contact("ada", name="Ada")
    site.contact("bob", "phone: '0123'", name="Bob")
    site.write("avatars/ada.png", saved(quarters(64, 64), "PNG"))
    site.write("templates/own.css", "p {}\n")
    settle()
    assert build(site).published
    assert stands(site)
    return site


# --- nothing to do ---------------------------------------------------------------------------------------------------


def test_an_unchanged_build_writes_nothing_and_loads_next_to_nothing(town: Site) -> None:
    before = files(town.root)
    script = (
        "import sys; from contactsheet import cli; status = cli.main(sys.argv[1:]);"
        f"print(status, sorted(set(sys.modules) & set({HEAVY!r})))"
    )
    done = python("-c", script, "build", "--root", str(town.root))
    assert done.stdout.strip() == "0 []"
    assert "none changed" in done.stderr
    assert files(town.root) == before


@pytest.mark.skipif(sys.platform == "win32", reason="there, Python's own start needs some of these")
def test_an_unchanged_build_that_tells_nothing_is_not_slowed_by_its_imports(town: Site) -> None:
    script = (
        "import sys; before = set(sys.modules); from contactsheet import cli;"
        f"cli.main(sys.argv[1:]); print(sorted((set(sys.modules) - before) & set({(*HEAVY, *SLOW)!r})))"
    )
    done = python("-c", script, "--quiet", "--root", str(town.root))
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_a_changed_note_needs_no_library_that_judged_the_rest_of_the_record(site: Site) -> None:
    known = "phone: +44 20 7946 0958\nemail: ada@bücher.example\n"
    site.contact("ada", f"{known}notes: before", name="Zoë")
    settle()
    assert build(site).published
    site.contact("ada", f"{known}notes: afterwards", name="Zoë")
    settle()
    judges = ("phonenumbers", "email_validator", "idna", "regex")
    script = (
        "import sys; from contactsheet import cli;"
        f"status = cli.main(sys.argv[1:]); print(status, sorted(set(sys.modules) & set({judges!r})))"
    )
    done = python("-c", script, "--quiet", "--root", str(site.root))
    assert (done.stdout.strip(), done.stderr) == ("0 []", "")
    assert "afterwards" in site.page("contacts/ada.html")
    assert "+44 20 7946 0958" in site.page("contacts/ada.html")


def test_what_the_last_build_told_is_told_again(town: Site) -> None:
    again = Standing(town.root, town.output, strict=False).outcome()
    assert again is not None
    made = build(town)
    assert again.problems == made.problems
    assert [one.rule for one in again.problems if one.severity == "warning"] != []
    assert (again.contacts, again.pictures, again.merges) == (2, 1, 0)
    assert again.published and made.published
    assert again.published[:3] == made.published[:3]


def test_warnings_that_were_let_pass_are_not_let_pass_by_a_strict_build(town: Site) -> None:
    assert not stands(town, strict=True)
    assert build(town, strict=True).published is None


def test_a_build_that_failed_leaves_no_receipt(town: Site) -> None:
    town.contact("bob", "titel: Boss", name="Bob")
    settle()
    assert build(town).published is None
    assert not stands(town)


# --- something to do -------------------------------------------------------------------------------------------------

CHANGES: dict[str, Callable[[Site], object]] = {
    "a record": lambda site: site.contact("ada", name="Eve"),  # of the same size
    "a new record": lambda site: site.contact("eve", name="Eve"),
    "a record in a new folder": lambda site: site.write("contacts/a/b/eve.yaml", "name: Eve\n"),
    "a deleted record": lambda site: (site.root / "contacts/bob.yaml").unlink(),
    "a renamed record": lambda site: (site.root / "contacts/bob.yaml").rename(site.root / "contacts/rob.yaml"),
    "a picture": lambda site: site.write("avatars/ada.png", saved(quarters(65, 64), "PNG")),
    "a deleted picture": lambda site: (site.root / "avatars/ada.png").unlink(),
    "a template": lambda site: site.write("templates/own.css", "a {}\n"),
    "a new template": lambda site: site.write("templates/more.css", "a {}\n"),
    "the settings": lambda site: site.settings('title = "Tows"'),
    "no settings": lambda site: (site.root / "pyproject.toml").unlink(),
    "an edited page": lambda site: site.write("output/index.html", "edited"),
    "a deleted page": lambda site: (site.output / "contacts/ada.html").unlink(),
    "a lost site": lambda site: shutil.rmtree(site.output),
    "a page replaced by another of its size and time": lambda site: replace(site.output / "index.html"),
}


def replace(path: Path) -> None:
    """Puts another file of the same size and time in the place of one."""
    status, other = path.stat(), path.with_name("other")
    other.write_bytes(bytes(status.st_size))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(town: Site, change: str) -> None:
    CHANGES[change](town)
    assert not stands(town)


# --- two processes ---------------------------------------------------------------------------------------------------


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that were started to look at a part of a site, however small it is."""
    monkeypatch.setattr("contactsheet.standing._WORTH_SECOND", 0)
    monkeypatch.setattr("contactsheet.standing._BEFORE_SECOND", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    found: list[int] = []

    def spawn(*given: Any, **more: Any) -> int:
        found.append(posix_spawn(*given, **more))
        return found[-1]

    if not hasattr(os, "posix_spawn"):
        pytest.skip("not on this system: a second process would not be faster")
    posix_spawn = os.posix_spawn
    monkeypatch.setattr(os, "posix_spawn", spawn)
    return found


def is_over(process: int) -> bool:
    """Whether a process has ended and nothing is left of it."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


OF_OUTPUT: dict[str, Callable[[Site], object]] = {
    "a page in place of another": lambda site: replace(site.output / "contacts/bob.html"),
    "a link in place of a page": lambda site: linked(site.output / "contacts/bob.html"),
    "a link in place of a folder": lambda site: linked(site.output / "contacts"),
    "a new page": lambda site: site.write("output/contacts/new.html", "new"),
    "a new folder": lambda site: site.write("output/contacts/new/one.html", "new"),
    "a card": lambda site: site.write("output/vcards/bob.vcf", "edited"),
    "no cards": lambda site: shutil.rmtree(site.output / "vcards"),
}


def linked(path: Path) -> None:
    """Puts a link in the place of a file or folder, to the same elsewhere."""
    elsewhere = path.parent.parent.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def test_two_processes_find_that_a_site_stands(town: Site, started: list[int]) -> None:
    assert stands(town)
    assert len(started) == 1
    assert is_over(started[0])


@pytest.mark.parametrize("change", [*CHANGES, *OF_OUTPUT])
def test_two_processes_see_a_change(town: Site, started: list[int], change: str) -> None:
    {**CHANGES, **OF_OUTPUT}[change](town)
    assert not stands(town)
    assert len(started) == 1
    assert is_over(started[0])


@pytest.mark.parametrize("change", OF_OUTPUT)
def test_one_process_sees_a_change(town: Site, change: str) -> None:
    OF_OUTPUT[change](town)
    assert not stands(town)


@pytest.mark.parametrize("program", ["false", "true", "nowhere"])
def test_without_a_second_process_one_finds_that_a_site_stands(
    town: Site, started: list[int], monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which(program) or str(town.root / program))
    assert stands(town)
    assert all(map(is_over, started))
    (town.output / "vcards/bob.vcf").unlink()
    (town.output / "contacts/bob.html").unlink()
    assert not stands(town)


def test_a_second_process_does_not_outlive_a_look_that_is_interrupted(town: Site, started: list[int]) -> None:
    with pytest.raises(KeyboardInterrupt), Second(str(town.output), [str(town.output)]):
        raise KeyboardInterrupt
    assert is_over(started[0])


# --- what the next build does ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", ["an edited page", "a deleted page", "a lost site", "a page replaced by another of its size and time"]
)
def test_the_next_build_restores_the_site(town: Site, change: str) -> None:
    before = town.tree()
    CHANGES[change](town)
    assert town.tree() != before
    build(town)
    assert town.tree() == before


def test_a_publication_that_was_interrupted_is_finished(town: Site) -> None:
    (town.root / ".contactsheet/output.stage").mkdir()
    assert not stands(town)


def test_another_output_has_a_receipt_of_its_own(town: Site) -> None:
    assert Standing(town.root, town.root / "other", strict=False).outcome() is None
    assert stands(town)


def test_another_edition_of_the_program_builds_anew(town: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contactsheet.standing.appearance", lambda: b"another")
    assert not stands(town)


def test_a_page_is_not_made_with_what_another_edition_left_in_the_same_memory(
    town: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code of templates is of one version of Python; machines that share a memory may have several."""
    with monkeypatch.context() as other, closing(memo_of(town.root)) as memo, Workers(0) as workers:
        other.setattr("contactsheet.last.edition", lambda: b"another")
        other.setattr("contactsheet.last._shared", lambda _: ((("record.html", b"code of another Python"),), {}, None))
        assert pipeline.build(town.root, town.root / "other", load(town.root), workers, memo=memo).published
    town.contact("ada", "notes: new", name="Ada")
    settle()
    made: list[Outcome | None] = []
    way = pipeline._retouched

    def retouched(*given: Any, strict: bool) -> Outcome | None:
        made.append(way(*given, strict=strict))
        return made[-1]

    monkeypatch.setattr(pipeline, "_retouched", retouched)
    assert build(town).published
    assert made[0] is not None, "the short way did not lead there"
    assert "new" in town.page("contacts/ada.html")


def test_a_site_stands_after_each_of_several_changes(town: Site) -> None:
    """So what is noted of files that a build left alone is how they look."""
    for name in ("Eve", "Eve Ada", "Ada"):
        town.contact("ada", name=name)
        settle()
        assert build(town).published
        assert stands(town)
    town.contact("eve", name="Eve")  # a page comes, which leads to others
    town.contact("zoe", name="Zoe")
    settle()
    assert build(town).published
    assert stands(town)


def test_a_page_that_is_edited_while_a_build_runs_is_seen_by_the_next(
    town: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out = journal.carry_out

    def meddling(*given: Any, **more: Any) -> None:
        carry_out(*given, **more)
        town.write("output/contacts/bob.html", "edited")

    monkeypatch.setattr(journal, "carry_out", meddling)
    town.contact("ada", "notes: a word", name="Ada")
    settle()
    assert build(town).published
    assert not stands(town)


# --- what changed in a table -----------------------------------------------------------------------------------------


def test_of_a_table_what_changed_is_written_beside_it(tmp_path: Path) -> None:
    table = {str(number): number for number in range(1000)}
    for number, changes in enumerate(
        ({}, {"7": -7}, {"7": -8, "9": -9}, {"1000": 0}, dict.fromkeys(map(str, range(500)), 1))
    ):
        with closing(Memo(tmp_path, b"key")) as memo:
            before = dict(memo.table("some", b"one"))
            table = {**table, **changes}
            table.pop(str(600 + number))
            memo.set_table("some", b"one", table)
        with closing(Memo(tmp_path, b"key")) as memo:
            assert memo.table("some", b"one") == table != before


def test_what_changed_in_a_table_that_is_lost_is_not_believed(tmp_path: Path) -> None:
    with closing(Memo(tmp_path, b"key")) as memo:
        memo.set_table("some", b"one", dict.fromkeys(range(100), 0))
    with closing(Memo(tmp_path, b"key")) as memo:
        memo.set_table("some", b"one", {**dict.fromkeys(range(100), 0), 7: 1})
    with closing(sqlite3.connect(tmp_path / "memo.db")) as database, database:
        assert database.execute("DELETE FROM results WHERE kind = 'somes'").rowcount == 1
    with closing(Memo(tmp_path, b"key")) as memo:
        assert memo.table("some", b"one") == {}


# --- what is not believed --------------------------------------------------------------------------------------------


def test_a_receipt_of_another_key_is_not_believed(town: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(seal.VARIABLE, "another")
    assert not stands(town)


@pytest.mark.parametrize("damage", [b"", b"nonsense" * 20], ids=["empty", "nonsense"])
def test_a_damaged_receipt_is_not_believed(town: Site, damage: bytes) -> None:
    (path,) = (town.root / receipt.FOLDER).glob("*.receipt")
    path.write_bytes(damage)
    assert not stands(town)


def test_without_a_key_no_receipt_is_believed(town: Site) -> None:
    place = receipt.path_of(town.root, town.output)
    receipt.write(place, b"", ("anything",))
    assert receipt.read(place, b"") is None


def test_a_file_that_was_touched_within_the_clock_s_tick_counts_as_changed(town: Site) -> None:
    town.contact("ada", name="Eve")
    build(town)
    settle()
    since = Standing(town.root, town.output, strict=False).since()
    assert since and since.records == ("contacts/ada.yaml",)
    build(town)
    assert stands(town)


def test_a_change_within_the_clock_s_tick_is_seen(town: Site) -> None:
    path = town.root / "contacts/ada.yaml"
    path.write_text("name: Eve\n", encoding="utf-8")
    written = path.stat()
    build(town)
    path.write_text("name: Eva\n", encoding="utf-8")
    os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns))
    build(town)
    assert "Eva" in (town.output / "contacts/ada.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("age", "is_believed"),
    [(50_000_000, False), (150_000_000, True)],
    ids=["within the tick", "settled"],
)
def test_a_stamp_is_believed_only_where_a_change_would_show(tmp_path: Path, age: int, is_believed: bool) -> None:
    began = 1_700_000_000_500_000_000
    file = SourceFile("one.yaml", "", ".yaml", 1, (began - age, began - age, 7))
    (tmp_path / "one.yaml").write_bytes(b"a")
    remembered = Memo(tmp_path / receipt.FOLDER, b"k" * 32)
    recall = Recall(remembered, "kind", b"common", tmp_path, began)
    recall.learn((file, ()), b"digest of a", "what a said")
    recall.finish()
    (tmp_path / "one.yaml").write_bytes(b"b")  # of the same size, and as far as can be seen of the same time
    later = Recall(remembered, "kind", b"common", tmp_path, began + 10**9)
    assert later.answers([(file, ())], 10) == ({("one.yaml", ()): "what a said"} if is_believed else {})
    remembered.close()


def test_where_the_clock_counts_whole_seconds_two_of_them_have_to_pass(tmp_path: Path) -> None:
    path = tmp_path / "one"
    path.write_bytes(b"a")
    whole = time.time_ns() // 1_000_000_000 * 1_000_000_000 + 1_000_000_000
    os.utime(path, ns=(whole, whole))
    assert look.look([path]).doubting().digest != look.look([path]).digest


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "place").symlink_to("elsewhere")
    before = look.look([tmp_path / "place"])
    (tmp_path / "elsewhere/new").write_text("new")
    assert look.look([tmp_path / "place"]).digest == before.digest


def test_where_nothing_can_be_written_the_build_is_merely_slower(town: Site) -> None:
    receipt.write(town.root / "nowhere" / "one.receipt", b"k" * 32, ("anything",))
    assert receipt.read(town.root / "nowhere" / "one.receipt", b"k" * 32) is None


def test_this_repository_s_templates_are_among_what_is_looked_at() -> None:
    from contactsheet.repository import own_templates

    assert (PROJECT / "templates").samefile(own_templates())


def test_files_that_changed_are_found_in_whatever_order_the_system_tells_of_them() -> None:
    before = "a/b", packed([1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
    assert changed(before, ("a/b", packed([1, 1, 1, 1, 1, 2, 3, 2, 2, 2]))) == ["b"]
    assert changed(before, ("b/a", packed([2, 2, 2, 2, 2, 1, 1, 1, 1, 3]))) == ["a"]
    assert changed(before, ("b/a", packed([2, 2, 2, 2, 2, 1, 1, 1, 1, 1]))) == []
    assert changed(before, ("a/c", before[1])) is None
    assert changed(before, ("a", packed([1, 1, 1, 1, 1]))) is None


def test_a_shelf_knows_how_files_looked_with_inodes_of_eight_bytes_and_times_before_1970() -> None:
    values = [(-1, 5, 0o100644, 7, 2**64 - 1), (2**62, 5, 0o100644, 7, 3)]
    shelf = Shelf("a/b", packed([one for file in values for one in file]))
    assert [shelf.get("a"), shelf.get("b"), shelf.get("c")] == [*values, None]
    assert shelf.without({"a"}).get("a") is None
