"""What is remembered between commands hides nothing that is true; machines share it, an interrupted build keeps it."""

from __future__ import annotations

import marshal
import os
import re
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from contactsheet import cli, pipeline, store
from contactsheet import cluster as clusters
from contactsheet.commands.endings import memo_of
from contactsheet.memo import Memo
from contactsheet.outcome import Work
from contactsheet.settings import load
from contactsheet.workers import Workers
from tests.conftest import Site
from tests.pictures import quarters, saved

Said = Callable[[], str]
pytestmark = pytest.mark.usefixtures("no_ci")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """What the command has said on standard error since it was asked last."""
    return lambda: capsys.readouterr().err


def command(site: Site, *arguments: str) -> int:
    """The command in this process."""
    return cli.main([*arguments, "--jobs", "1"], root=site.root)


def work(site: Site) -> Work:
    """What the next build has to do, done in this process."""
    with closing(memo_of(site.root)) as memo, Workers(0) as workers:
        outcome = pipeline.build(site.root, site.output, load(site.root), workers, memo=memo)
    assert outcome.published, outcome.problems
    return outcome.work


def pictured(site: Site, count: int) -> Site:
    """Contacts with a picture each."""
    for number in range(count):
        site.contact(f"c{number}", name=f"Name {number}")
        site.write(f"avatars/c{number}.png", saved(quarters(64 + number, 64), "PNG"))
    return site


# --- --verify --------------------------------------------------------------------------------------------------------


def test_verify_says_that_a_clean_build_gives_the_same(site: Site, said: Said) -> None:
    site.contact("ada", name="Ada")
    assert command(site, "build") == 0
    assert command(site, "build", "--verify") == 0
    assert "byte for byte" in said()


def test_verify_finds_a_memory_that_lies_and_deletes_it(site: Site, said: Said) -> None:
    site.contact("ada", name="Ada")
    site.contact("bob", name="Bob")
    assert command(site, "build") == 0
    lie(site, b"Ada", b"Eve")
    site.contact("bob", name="Rob")
    said()
    assert command(site, "build", "--verify") == 3
    assert re.search(r"error: not the same as a clean build: \d files, .*contacts/ada\.html", said())
    assert not (site.output / "contacts/ada.html").exists()
    assert command(site, "build", "--verify") == 0
    assert "Ada" in site.page("contacts/ada.html")


def lie(site: Site, true: bytes, false: bytes) -> None:
    """Puts wrong results into the memory, of the same length, and under the right seal."""
    assert len(true) == len(false)
    with closing(sqlite3.connect(site.root / ".contactsheet/memo.db")) as database:
        rows = database.execute("SELECT kind, key, value FROM results").fetchall()
    lies = [(kind, key, value.replace(true, false)) for kind, key, value in rows if true in value]
    assert lies
    with closing(memo_of(site.root)) as memo:
        for kind, key, value in lies:
            memo.keep(kind, key, marshal.loads(value))


def test_verify_compares_nothing_after_an_error(site: Site, said: Said) -> None:
    site.contact("ada", "titel: Boss", name="Ada")
    assert command(site, "build", "--verify") == 1
    assert "Verified" not in said()


# --- a database that is damaged, or a stranger's ---------------------------------------------------------------------


def some_results(place: Path) -> Path:
    """A memory of many results that lie on many pages of its database; gives the database."""
    with closing(Memo(place, b"key")) as memo:
        for number in range(500):
            memo.keep("kind", bytes([number // 256, number % 256]), "x" * 500)
    return place / "memo.db"


def is_remembered_again(place: Path) -> bool:
    """Whether nothing is believed of what is remembered there, and what is kept now is found by the next one."""
    with closing(Memo(place, b"key")) as memo:
        believed = [key for key in (b"\0\0", b"\1\7", b"\1\xf0") if memo.get("kind", key)]
        memo.keep("kind", b"\0\0", "new")
    with closing(Memo(place, b"key")) as memo:
        return not believed and memo.get("kind", b"\0\0") == "new"


@pytest.mark.parametrize("whole", [0, 100, 4096], ids=["all of it", "behind its header", "behind its first page"])
def test_a_damaged_database_is_made_anew_wherever_the_damage_lies(tmp_path: Path, whole: int) -> None:
    database = some_results(tmp_path)
    data = database.read_bytes()
    database.write_bytes(data[:whole] + b"\xa5" * (len(data) - whole))
    assert is_remembered_again(tmp_path)


def test_damage_that_shows_when_results_are_written_loses_none_of_them(tmp_path: Path) -> None:
    database = some_results(tmp_path)
    with closing(Memo(tmp_path, b"key")) as memo:
        memo.keep("kind", b"\0\0", "new")
        data = database.read_bytes()
        database.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))
    with closing(Memo(tmp_path, b"key")) as memo:
        assert memo.get("kind", b"\0\0") == "new"


@pytest.mark.parametrize(
    "change",
    ["UPDATE results SET value = 5", "UPDATE results SET seal = NULL", "UPDATE results SET value = CAST(seal AS TEXT)"],
)
def test_values_of_other_types_are_not_believed(tmp_path: Path, change: str) -> None:
    with closing(sqlite3.connect(some_results(tmp_path))) as database, database:
        database.execute(change)
    assert is_remembered_again(tmp_path)


@pytest.mark.parametrize(
    "layout",
    [
        "CREATE TRIGGER more AFTER INSERT ON results BEGIN INSERT INTO results VALUES (NEW.kind, 1, 2, 3); END",
        "CREATE VIEW view AS SELECT * FROM results",
        "ALTER TABLE results ADD COLUMN more AS (abs(0))",
    ],
    ids=["a trigger", "a view", "a column"],
)
def test_a_database_that_holds_more_than_the_table_is_made_anew(tmp_path: Path, layout: str) -> None:
    place = some_results(tmp_path)
    with closing(sqlite3.connect(place)) as database, database:
        database.execute(layout)
    assert is_remembered_again(tmp_path)
    with closing(sqlite3.connect(place)) as database:
        assert database.execute("SELECT name FROM sqlite_master WHERE sql IS NOT NULL").fetchall() == [("results",)]


def test_a_database_that_another_process_is_writing_to_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_BUSY", 0.01)
    with closing(sqlite3.connect(some_results(tmp_path))) as database:
        database.execute("BEGIN EXCLUSIVE")
        with closing(Memo(tmp_path, b"key")) as memo:
            assert not memo.is_kept
    with closing(Memo(tmp_path, b"key")) as memo:
        assert memo.get("kind", b"\0\0")


def test_of_receipts_of_many_outputs_the_last_ones_are_kept(site: Site) -> None:
    site.contact("ada", name="Ada")
    folder = site.root / ".contactsheet"
    folder.mkdir()
    for number in range(100):
        os.utime(site.write(f".contactsheet/{number:016x}.receipt", "old"), (number, number))
    assert command(site, "build") == 0
    assert command(site, "build", "--output", str(site.root / "other")) == 0
    kept = sorted(path.name for path in folder.glob("*.receipt"))
    assert len(kept) <= 34
    assert f"{99:016x}.receipt" in kept


# --- --timings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "stages"),
    [
        ("name: Eve\n", ["records", "look", "merge", "pictures", "pages", "publish"]),
        ("name: Ada\nnotes: Hi\n", ["records", "pages"]),
    ],
    ids=["a name", "a note"],
)
def test_timings_say_how_long_each_stage_took(site: Site, said: Said, change: str, stages: list[str]) -> None:
    site.contact("ada", name="Ada")
    assert command(site, "build") == 0
    site.contact("ada", change)
    said()
    assert command(site, "build", "--timings") == 0
    assert re.findall(r"^(\w+) +\d+\.\d\d s$", said(), re.MULTILINE) == stages


# --- several machines ------------------------------------------------------------------------------------------------


def test_machines_that_make_a_part_each_spare_the_build_every_picture(site: Site, tmp_path: Path, said: Said) -> None:
    pictured(site, 5)
    machines = []
    for number in (1, 2):
        machine = Site.__new__(Site)
        machine.root = shutil.copytree(site.root, tmp_path / f"machine{number}")
        assert command(machine, "thumbnails", "--shard", f"{number}/2") == 0
        machines.append(machine)
    assert re.findall(r"(\d) pictures made, 0 known", said()) == ["3", "2"]
    for machine in machines:  # as artifacts are unpacked into one folder, one after the other
        shutil.copytree(machine.root / ".contactsheet", site.root / ".contactsheet", dirs_exist_ok=True)
    assert work(site).pictures == 0
    assert len(list((site.output / "avatars").iterdir())) == 10


def test_a_machine_that_makes_a_part_forgets_none_of_the_others(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_LEAST", 0)
    pictured(site, 5)
    assert command(site, "thumbnails") == 0
    site.write("avatars/c0.png", saved(quarters(99, 64), "PNG"))
    assert command(site, "thumbnails", "--shard", "1/5") == 0
    assert work(site).pictures == 0


def test_a_part_of_a_machine_with_another_seal_is_not_believed(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictured(site, 1)
    assert command(site, "thumbnails", "--shard", "1/1") == 0
    monkeypatch.setenv("CONTACTSHEET_SEAL", "another")
    assert work(site).pictures == 1


def test_thumbnails_alone_spare_the_build_every_picture_too(site: Site, said: Said) -> None:
    pictured(site, 1)
    assert command(site, "thumbnails") == 0
    assert "1 picture made, 0 known" in said()
    assert command(site, "thumbnails") == 0
    assert "0 pictures made, 1 known" in said()
    assert not site.output.exists()
    assert work(site).pictures == 0


@pytest.mark.parametrize("shard", ["0/2", "3/2", "2", "1/0", "a/b", "-1/2", "1/99999"])
def test_a_part_that_cannot_be_is_refused(site: Site, said: Said, shard: str) -> None:
    assert command(site, "thumbnails", f"--shard={shard}") == 2
    assert "as in 3/8" in said()


# --- a cluster -------------------------------------------------------------------------------------------------------


def test_a_scheduler_that_is_not_there_leaves_the_site_as_it_was(
    site: Site, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "_CONNECT", 1)
    site.contact("ada", name="Ada")
    assert command(site, "build") == 0
    before = site.tree()
    site.contact("ada", name="Eve")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    said()
    assert command(site, "build", "--cluster", address) == 1
    assert re.search(rf"error: no Dask scheduler answers at {address}.*; the site stays as it was", said())
    assert site.tree() == before


# --- a build that is interrupted -------------------------------------------------------------------------------------


def test_a_first_build_that_is_interrupted_goes_on_where_it_was(site: Site) -> None:
    pictured(site, 6)

    def interrupt(stage: str, done: int, _total: int) -> None:
        if stage == "pictures" and done == 4:
            raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        closing(memo_of(site.root)) as memo,
        Workers(0) as workers,
    ):
        pipeline.build(site.root, site.output, load(site.root), workers, interrupt, memo)
    assert not site.output.exists()
    left = work(site)
    assert (left.records, left.pictures) == (0, 2)
