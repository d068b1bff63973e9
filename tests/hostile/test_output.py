"""Group O: whatever happens to a build, its output is byte for byte the old site or the new one, never half of each."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from contactsheet import pipeline, publish
from contactsheet.destination import MANIFEST, WORKSHOP, OutputError
from contactsheet.outcome import Outcome
from contactsheet.settings import load
from contactsheet.workers import Workers
from tests import faults
from tests.conftest import PROJECT, Site, clean_environment, leftovers, rules
from tests.faults import FAILED, INTERRUPTED, KILLED, PUBLISHED, Forge, forge
from tests.links import all_dead_links, dead_links
from tests.pictures import quarters, saved
from tests.processes import command, wait_for

MESSAGES = "messages: [{{at: 2026-11-{day:02}T09:30:00Z, from: contact, channel: email, text: Hello}}]"
ERROR = "name: [1, 2]"
posix = pytest.mark.skipif(os.name == "nt", reason="a matter of POSIX systems")
needs_fork = pytest.mark.skipif(not faults.possible, reason="faults are put into a forked process")
needs_mounts = pytest.mark.skipif(
    not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("unshare") and shutil.which("nsenter")),
    reason="mounting a file system needs root on Linux",
)


def old_content(site: Site) -> None:
    """Five contacts on three pages of the list, three conversations on two of the inbox, a picture, a merge."""
    site.settings("contacts_per_page = 2\nconversations_per_page = 2")
    for day, name in enumerate(("Ada", "Bob", "Cleo"), 1):
        site.contact(name.lower(), MESSAGES.format(day=day), name)
    site.contact("dora", name="Dora")
    site.contact("eve", name="Eve")
    site.contact(
        "eve-2",
        "merge_into: eve\nmessages: [{at: 2026-10-01T09:30:00Z, from: contact, channel: chat, text: Hi}]",
        "Eve Adams",
    )
    site.write("avatars/ada.png", saved(quarters(512, 512), "PNG"))


def new_content(site: Site) -> None:
    """Ada has another name and picture, Bob is gone, Fay is new with all she has, Cleo moves into a folder.

    And the list has five pages now, not three.
    """
    site.settings("contacts_per_page = 1\nconversations_per_page = 2")
    site.contact("ada", MESSAGES.format(day=1), "Zoe")
    site.write("avatars/ada.png", saved(quarters(512, 512).rotate(90), "PNG"))
    (site.root / "contacts/bob.yaml").unlink()
    (site.root / "contacts/cleo.yaml").unlink()
    site.contact("sales/cleo", MESSAGES.format(day=3), "Cleo")
    site.contact("fay", MESSAGES.format(day=9), "Fay")
    site.write("avatars/fay.png", saved(quarters(512, 512).rotate(180), "PNG"))


Bytes = dict[str, bytes]


@dataclass(frozen=True)
class Change:
    """A repository whose old content is published and whose new content is not, and both sites' bytes.

    ``made`` is a folder with the new site and nothing else.
    """

    site: Site
    old: Bytes
    new: Bytes
    made: Path

    def copy(self, to: Path) -> Site:
        """The whole repository."""
        shutil.copytree(self.site.root, to)
        return at(to, "output")

    def copy_output(self, to: Path) -> Path:
        """The published site alone, in a folder of its own."""
        to.mkdir(parents=True)
        if self.site.output.exists():
            # Linked, for a publication never writes into a file that is there.
            shutil.copytree(self.site.output, to / "output", copy_function=os.link)
        return to / "output"


def at(root: Path, output: str) -> Site:
    """A repository that is there already."""
    site = Site.__new__(Site)
    site.root, site.output = root, root / output
    return site


def content(output: Path) -> Bytes:
    """Every file of the site; the manifest, which is no page, aside."""
    found = {}
    for folder, _, names in os.walk(output):  # hundreds of times: rglob takes three times as long
        place = Path(folder)
        above = "" if place == output else f"{place.relative_to(output).as_posix()}/"
        found.update({above + name: (place / name).read_bytes() for name in names if name != MANIFEST})
    return found


def built(site: Site) -> Outcome:
    return pipeline.build(site.root, site.output, load(site.root), Workers(0))


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Change:
    """From an old site to a new one."""
    site = Site(tmp_path_factory.mktemp("changed") / "site")
    old_content(site)
    assert built(site).published
    old = content(site.output)
    new_content(site)
    return Change(site, old, *clean_build(site))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Change:
    """From an output that only git's file is in to the first site."""
    site = Site(tmp_path_factory.mktemp("first") / "site")
    old_content(site)
    new, made = clean_build(site)
    site.write("output/.gitignore", "*")
    return Change(site, {".gitignore": b"*"}, {".gitignore": b"*", **new}, made)


@pytest.fixture(scope="module")
def removed(tmp_path_factory: pytest.TempPathFactory) -> Change:
    """From a site to one without some of its contacts and their conversations."""
    site = Site(tmp_path_factory.mktemp("removed") / "site")
    old_content(site)
    assert built(site).published
    old = content(site.output)
    for path in sorted((site.root / "contacts").rglob("*.yaml"))[1:]:
        path.unlink()
    return Change(site, old, *clean_build(site))


@pytest.fixture(scope="module")
def fresh(first: Change, tmp_path_factory: pytest.TempPathFactory) -> Change:
    """From no output at all to the first site."""
    new = {path: data for path, data in first.new.items() if path != ".gitignore"}
    return Change(Site(tmp_path_factory.mktemp("fresh") / "site"), {}, new, first.made)


def clean_build(site: Site) -> tuple[Bytes, Path]:
    """The bytes that a build into an empty folder gives, and the folder."""
    clean = at(site.root, "../clean")
    assert built(clean).published
    (clean.output / MANIFEST).unlink()
    return content(clean.output), clean.output


@pytest.fixture(params=["changed", "first"])
def change(request: pytest.FixtureRequest) -> Change:
    value: Change = request.getfixturevalue(request.param)
    return value


@pytest.fixture(scope="module")
def forged() -> Iterator[Forge]:
    with forge() as made:
        yield made


def strikes(
    change: Change, forged: Forge, folder: Path, *events: str, fault: faults.Fault = "none"
) -> list[tuple[int, str]]:
    """The changes (of some events) at which to strike, with their numbers: one for each distinct step.

    A step is a kind of change that follows upon a kind. The program does the same with each file of a kind, so that to
    strike at one more or one less leaves the same work half done: the first stands for all, and where they are many,
    one from the middle. The last one needs no strike of its own, since the next step finds all of them done.
    """
    alike: dict[tuple[str, str], list[tuple[int, str]]] = {}
    before = ""
    for number, one in enumerate(forged.publish(change.made, change.copy_output(folder / "dry"), fault).changes, 1):
        kind = kind_of(one)
        if not events or one.split()[0] in events:
            alike.setdefault((before, kind), []).append((number, one))
        before = kind
    return sorted({one for group in alike.values() for one in (group[0], *group[6::24])})


def kind_of(change: str) -> str:
    """A change of the file system without what tells it from others of its kind."""
    event, *paths = change.split()
    places = [re.sub(r"\d|(?<=/aside/).*|(?<=/output/).*|(?<=/whole/).*", "", path) for path in paths if "/" in path]
    return " ".join([event, *places])


def assert_sound(output: Path, change: Change, struck: str) -> Bytes:
    """At the address each file is the old or the new one, no link is dead, and no file is taken for somebody else's.

    Gives all files that are there.
    """
    now = content(output)
    assert not [path for path in now if now[path] not in (change.old.get(path), change.new.get(path))], struck
    assert not all_dead_links(output), struck
    manifest = output / MANIFEST
    named = manifest.read_text(encoding="utf-8").splitlines() if manifest.exists() else []
    assert set(now) <= {".gitignore", *named}, struck
    return now


def is_whole(output: Path, change: Change) -> bool:
    return content(output) in (change.old, change.new)


def has_leftovers(output: Path) -> bool:
    return bool(leftovers(output.parent) or leftovers(output))


# --- O1 to O4: where the output goes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place", ["/", "~", ".", "..", "contacts", "avatars/new", "templates", ".git", "contacts/../contacts"]
)
def test_o1_an_output_that_is_more_than_the_site_is_refused_before_any_write(site: Site, place: str) -> None:
    site.contact("ada", name="Ada")
    before = sorted(site.root.parent.rglob("*"))
    output = Path(place).expanduser() if place in ("/", "~") else site.root / place
    ran = site.command("build", "--output", str(output))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "give --output a folder of its own" in ran.stderr
    assert sorted(site.root.parent.rglob("*")) == before


def test_o2_an_output_with_foreign_files_is_refused_and_stays(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("output/index.html", "mine")
    ran = site.command()
    assert ran.returncode == 2
    assert "index.html" in ran.stderr
    assert content(site.output) == {"index.html": b"mine"}


def test_o2_a_foreign_file_where_a_page_belongs_is_a_problem_with_its_name(site: Site) -> None:
    site.contact("ada", name="Ada")
    assert site.build().published
    old = content(site.output)
    site.write("output/contacts/bob.html", "mine")
    site.contact("bob", name="Bob")
    outcome = site.build()
    assert outcome.failed(strict=False)
    assert [(one.rule, one.file) for one in outcome.problems] == [("site/output-conflict", "output/contacts/bob.html")]
    assert content(site.output) == {**old, "contacts/bob.html": b"mine"}


@posix
@pytest.mark.parametrize("link", ["output", "output/contacts", "output/index.html", WORKSHOP])
def test_o3_a_link_out_of_the_output_is_refused_and_nothing_goes_through_it(
    site: Site, tmp_path: Path, link: str
) -> None:
    site.contact("ada", name="Ada")
    assert site.build().published
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "index.html").write_text("mine")
    shutil.rmtree(site.root / link) if (site.root / link).is_dir() else (site.root / link).unlink(missing_ok=True)
    (site.root / link).symlink_to(outside / "index.html" if link.endswith("html") else outside)
    site.contact("ada", name="Ada Lovelace")
    try:
        assert rules(site.build()) == ["site/output-conflict"]
    except OutputError as error:
        assert "link" in str(error)
    assert content(outside) == {"index.html": b"mine"}


def test_o3_a_link_to_itself_in_the_place_of_the_workshop_is_refused(site: Site) -> None:
    site.contact("ada", name="Ada")
    (site.root / ".contactsheet").symlink_to(".contactsheet")
    done = site.run("build")
    assert done.returncode == 2, done.stderr
    assert ".contactsheet is a link" in done.stderr
    assert not site.output.exists()


def test_o4_a_missing_parent_is_refused(site: Site) -> None:
    site.contact("ada", name="Ada")
    ran = site.command("build", "--output", str(site.root / "no/where"))
    assert ran.returncode == 2
    assert "is not there" in ran.stderr
    assert not (site.root / "no").exists()


# --- O5: a disk that is full, or fails -------------------------------------------------------------------------------


@needs_fork
@pytest.mark.parametrize(("fault", "kinds"), [("error", ()), ("full", ("open", "os.mkdir", "os.link"))], ids=str)
def test_o5_a_write_that_fails_leaves_the_site_whole_wherever_it_happens(
    change: Change, forged: Forge, tmp_path: Path, fault: faults.Fault, kinds: tuple[str, ...]
) -> None:
    for number, struck in strikes(change, forged, tmp_path, *kinds)[::4]:
        output = change.copy_output(tmp_path / f"{number}")
        stopped = forged.publish(change.made, output, fault, number)
        if stopped.status == PUBLISHED:
            assert content(output) == change.new, struck
        else:
            assert stopped.status == FAILED, struck
            assert content(output) == change.old, struck
            assert not has_leftovers(output) or "output.stage/new-" not in struck, struck
        assert forged.publish(change.made, output).status == PUBLISHED
        assert content(output) == change.new, struck
        assert not has_leftovers(output)


class Disk:
    """A file system of its own in memory, of so many bytes, that only this test's processes see."""

    def __init__(self, folder: Path, size: int) -> None:
        folder.mkdir()
        script = f"mount -t tmpfs -o size={size} none {folder} && echo mounted && exec cat"
        self._keeper = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._keeper.stdout
        if self._keeper.stdout.readline() != "mounted\n":
            self.close()
            pytest.skip("this machine does not let us mount a file system")
        self.inside = folder
        self.folder = Path(f"/proc/{self._keeper.pid}/root{folder}")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["nsenter", "--mount", f"--target={self._keeper.pid}", "--", *command],
            capture_output=True,
            text=True,
            cwd="/",
            env=clean_environment(),
            timeout=60,
            check=False,
        )

    def build(self, site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
        root = self.inside / site.root.relative_to(self.folder)
        return self.run(sys.executable, str(PROJECT / "build.py"), *arguments, "--jobs", "1", "--root", str(root))

    def close(self) -> None:
        assert self._keeper.stdin
        assert self._keeper.stdout
        self._keeper.stdin.close()
        self._keeper.stdout.close()
        self._keeper.wait()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "disk", 1_048_576)
    yield made
    made.close()


@needs_mounts
def test_o5_a_disk_that_is_really_full_is_told_and_the_site_stays_whole(disk: Disk) -> None:
    site = Site(disk.folder / "site")
    old_content(site)
    assert disk.build(site).returncode == 0
    old = content(site.output)
    new_content(site)
    shutil.rmtree(site.root / WORKSHOP)  # what is remembered would be given up, and make room
    filler = disk.folder / "filler"
    with filler.open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space"):
        while True:
            stream.write(bytes(4096))
    ran = disk.build(site)
    assert ran.returncode == 1
    assert "No space left on device" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert content(site.output) == old
    assert not has_leftovers(site.output)
    filler.unlink()
    assert disk.build(site).returncode == 0
    assert not dead_links(site.output)


@needs_mounts
def test_o4_a_read_only_disk_is_told_and_the_site_stays_whole(disk: Disk) -> None:
    site = Site(disk.folder / "site")
    old_content(site)
    assert disk.build(site).returncode == 0
    old = content(site.output)
    new_content(site)
    disk.run("mount", "-o", "remount,ro", str(disk.inside))
    ran = disk.build(site)
    assert ran.returncode == 1
    assert "Read-only file system" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert content(site.output) == old


@needs_mounts
def test_an_output_that_is_a_mounted_disk_of_its_own_works(disk: Disk, tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    old_content(site)
    output = str(disk.inside)
    for _ in range(2):
        ran = disk.run(sys.executable, str(PROJECT / "build.py"), "build", "--root", str(site.root), "--output", output)
        assert ran.returncode == 0, ran.stderr
    assert not dead_links(disk.folder)
    assert not (disk.folder / WORKSHOP).exists()


@posix
def test_o5_a_limit_to_the_size_of_files_is_told_and_the_site_stays_whole(changed: Change, tmp_path: Path) -> None:
    site = changed.copy(tmp_path / "site")
    build = f"import sys; from contactsheet.cli import main; sys.exit(main(['build', '--root', {str(site.root)!r}]))"
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); {build}"
    ran = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 1
    assert "File too large" in ran.stderr
    assert content(site.output) == changed.old
    assert not has_leftovers(site.output)


# --- O6, O7, O15: killed, interrupted --------------------------------------------------------------------------------


@needs_fork
@pytest.mark.parametrize("name", ["changed", "removed", "first", "fresh"])
def test_o6_killed_anywhere_each_page_is_old_or_new_and_no_link_of_any_is_dead(
    name: str, request: pytest.FixtureRequest, forged: Forge, tmp_path: Path
) -> None:
    change: Change = request.getfixturevalue(name)
    # Three of them meet the same kinds of changes, so that a few are enough where one of them meets all.
    for number, struck in strikes(change, forged, tmp_path)[:: 4 if name in ("removed", "first") else 1]:
        output = change.copy_output(tmp_path / f"{number}")
        assert forged.publish(change.made, output, "kill", number).status == KILLED
        assert assert_sound(output, change, struck) in (change.old, change.new), struck
        publish.recover(output)
        assert is_whole(output, change), struck
        assert not has_leftovers(output), struck


@needs_fork
def test_o6_killed_where_folders_cannot_be_exchanged_no_link_that_leads_from_the_entry_is_dead(
    changed: Change, forged: Forge, tmp_path: Path
) -> None:
    fault: faults.Fault = "kill without exchange"
    for number, struck in strikes(changed, forged, tmp_path, "os.rename", "os.rmdir", fault=fault):
        output = changed.copy_output(tmp_path / f"{number}")
        assert forged.publish(changed.made, output, fault, number).status == KILLED
        now = content(output)
        assert not [path for path in now if now[path] not in (changed.old.get(path), changed.new.get(path))], struck
        assert not dead_links(output), struck
        publish.recover(output)
        assert is_whole(output, changed), struck
        assert not has_leftovers(output), struck


def half_way(change: Change, forged: Forge, folder: Path) -> int:
    """The number of a change at which a stand-in is in the output's place and half of the steps are taken."""
    changes = forged.publish(change.made, change.copy_output(folder / "half")).changes
    moves = [n for n, one in enumerate(changes, 1) if one.startswith("os.rename") and "/aside/" in one]
    return moves[len(moves) // 2]


@needs_fork
def test_o6_killed_again_while_the_next_run_finishes_no_link_is_dead_either(
    changed: Change, forged: Forge, tmp_path: Path
) -> None:
    half = half_way(changed, forged, tmp_path)

    def killed(name: str) -> Path:
        output = changed.copy_output(tmp_path / name)
        assert forged.publish(changed.made, output, "kill", half).status == KILLED
        return output

    count = len(forged.recover(killed("dry")).changes)
    for number in range(1, count + 1, 10):
        output = killed(f"{number}")
        assert forged.recover(output, "kill", number).status == KILLED
        assert_sound(output, changed, f"{number}")
        publish.recover(output)
        assert content(output) == changed.new
        assert not has_leftovers(output)


@needs_fork
def test_o6_what_somebody_puts_into_the_output_after_a_kill_stays(
    changed: Change, forged: Forge, tmp_path: Path
) -> None:
    output = changed.copy_output(tmp_path / "killed")
    (output / "CNAME").write_bytes(b"old")
    inode = output.stat().st_ino
    forged.publish(changed.made, output, "kill", half_way(changed, forged, tmp_path))
    assert output.stat().st_ino != inode, "the stand-in is there"
    mine = {"CNAME": b"new", "notes/deep/mine.txt": b"mine"}
    (output / "CNAME").unlink()
    for path, data in mine.items():
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_bytes(data)
    publish.recover(output)
    assert content(output) == {**changed.new, **mine}
    assert output.stat().st_ino == inode
    assert not has_leftovers(output)


@needs_fork
def test_o6_an_output_that_somebody_deletes_after_a_kill_comes_back_whole(
    changed: Change, forged: Forge, tmp_path: Path
) -> None:
    output = changed.copy_output(tmp_path / "killed")
    forged.publish(changed.made, output, "kill", half_way(changed, forged, tmp_path))
    shutil.rmtree(output)
    publish.recover(output)
    assert content(output) == changed.new
    assert not has_leftovers(output)


@needs_fork
def test_o6_the_build_after_a_killed_one_ends_with_the_bytes_of_a_clean_one(
    changed: Change, forged: Forge, tmp_path: Path
) -> None:
    count = len(forged.build(changed.copy(tmp_path / "dry").root).changes)
    for number in range(4, count, count // 2):
        site = changed.copy(tmp_path / f"{number}")
        assert forged.build(site.root, "kill", number).status == KILLED
        assert forged.build(site.root).status == PUBLISHED
        assert content(site.output) == changed.new
        assert not has_leftovers(site.output)


@needs_fork
def test_o6_killed_while_it_takes_a_failed_publication_back_the_next_run_ends_that_too(
    changed: Change, forged: Forge, tmp_path: Path
) -> None:
    last_move = max(number for number, one in strikes(changed, forged, tmp_path) if one.startswith("os.rename"))
    count = len(forged.publish(changed.made, changed.copy_output(tmp_path / "error"), "error", last_move).changes)
    # The next change after the error turns the journal round.
    for later in range(last_move + 2, count + 1, 7):
        output = changed.copy_output(tmp_path / f"{later}")
        assert forged.publish(changed.made, output, "error then kill", last_move, later).status == KILLED
        assert_sound(output, changed, f"{later}")
        publish.recover(output)
        assert content(output) == changed.old
        assert not has_leftovers(output)


@needs_fork
def test_o6_a_build_with_errors_also_finishes_what_was_killed(changed: Change, forged: Forge, tmp_path: Path) -> None:
    site = changed.copy(tmp_path / "site")
    forged.publish(changed.made, site.output, "kill", half_way(changed, forged, tmp_path))
    assert has_leftovers(site.output)
    site.contact("bad", ERROR)
    assert built(site).failed(strict=False)
    assert content(site.output) == changed.new


@needs_fork
@pytest.mark.parametrize(("fault", "kinds"), [("interrupt", ()), ("terminate", ("os.rename", "os.remove"))], ids=str)
def test_o7_interrupted_anywhere_the_site_is_the_old_one_or_already_the_new_one(
    changed: Change, forged: Forge, tmp_path: Path, fault: faults.Fault, kinds: tuple[str, ...]
) -> None:
    places = strikes(changed, forged, tmp_path, *kinds)
    last_chance = next(number for number, one in places if one.startswith("os.remove") and "forth.json" in one)
    for number, struck in places[::2]:
        output = changed.copy_output(tmp_path / f"{number}")
        assert forged.publish(changed.made, output, fault, number).status == INTERRUPTED
        assert content(output) == (changed.new if number > last_chance else changed.old), struck


@posix
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_o7_a_real_signal_ends_the_command_with_its_status_and_the_old_site(
    changed: Change, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    site = changed.copy(tmp_path / "site")
    site.slow_pages()
    for index in range(300):
        site.contact(f"many/contact-{index}", name=f"Contact {index}")
    with command(site.root) as building:
        wait_for((site.root / WORKSHOP / "output.stage").exists)
        building.signal(number)
        assert building.status() == status, building.said
    assert "Traceback" not in building.said
    assert content(site.output) == changed.old
    assert not has_leftovers(site.output)


@needs_fork
def test_o15_all_is_on_the_disk_before_the_first_file_moves_and_before_the_journal_goes(
    changed: Change, forged: Forge, tmp_path: Path
) -> None:
    changes = forged.publish(changed.made, changed.copy_output(tmp_path / "site")).changes
    into = [number for number, one in enumerate(changes) if one.startswith("os.rename") and "/aside/" in one]
    laid_ready = [one.split()[1] for one in changes[: into[0]] if one.startswith("open") and one.endswith(" w")]
    synced = [one.split()[1] for one, after in pairwise(changes) if one.startswith("open") and after == "fsync "]
    assert set(laid_ready) <= set(synced)
    journal = next(n for n, one in enumerate(changes) if one.startswith("os.rename") and "forth.json" in one)
    assert changes[journal + 1] == "fsync ", "the journal's folder, before the first move"
    away, back = (number for number, one in enumerate(changes) if one.startswith("exchange") and "/aside" in one)
    assert journal + 1 < away < into[0] < into[-1] < back
    assert {*changes[away + 1 : away + 3], changes[back - 1], *changes[back + 1 : back + 3]} == {"fsync "}
    assert changes[into[-1] :].index("fsync ") < [one.split()[0] for one in changes[into[-1] :]].index("os.remove")


# --- O8 to O12, O16: other builds, other changes ---------------------------------------------------------------------


@posix
def test_o8_two_builds_at_once_wait_for_each_other(changed: Change, tmp_path: Path) -> None:
    site = changed.copy(tmp_path / "site")
    quietly = ("--quiet", "--jobs", "1")
    with command(site.root, *quietly) as one, command(site.root, *quietly) as two, command(site.root) as three:
        assert [building.status() for building in (one, two, three)] == [0, 0, 0]
        assert "error" not in one.said + two.said + three.said
    assert content(site.output) == changed.new
    assert not has_leftovers(site.output)


def test_o8_the_build_that_waited_publishes_what_was_there_when_its_turn_came(site: Site) -> None:
    site.contact("ada", name="Ada")
    waiting = threading.Thread(target=built, args=(site,))
    with publish.publication(site.output):
        waiting.start()
        waiting.join(0.3)  # it has begun and waits
        site.contact("ada", name="Ada Lovelace")
    waiting.join()
    assert site.index()["ada"]["name"] == "Ada Lovelace"


@posix
def test_o9_a_build_beside_a_watching_one_leaves_the_same_site(changed: Change, tmp_path: Path) -> None:
    site = changed.copy(tmp_path / "site")
    with command(site.root, "--watch", "--jobs", "1") as watching:
        wait_for(lambda: (site.output / "report.json").read_bytes() == changed.new["report.json"])
        assert site.run("--quiet").returncode == 0
        assert content(site.output) == changed.new
        watching.signal(signal.SIGINT)
        assert watching.status() == 130


def test_o10_a_record_that_changes_all_the_time_is_read_whole_or_refused(site: Site) -> None:
    sizes = {"short": "name: Ada\n", "long": f"name: Ada\nnotes: {'x' * 300_000}\n"}
    over = threading.Event()

    def keep_changing() -> None:
        while not over.is_set():
            for text in sizes.values():
                (site.root / "contacts/ada.yaml").write_text(text)

    site.contact("ada", sizes["short"])
    writer = threading.Thread(target=keep_changing)
    writer.start()
    try:
        for _ in range(15):
            outcome = site.check()
            # An empty file is what a writer that writes in place leaves for a moment; it is told as such.
            assert set(rules(outcome)) <= {"contact/unreadable", "contact/missing", "yaml/document"}
    finally:
        over.set()
        writer.join()


def test_o11_a_template_that_fails_on_the_last_page_leaves_the_old_site(changed: Change, tmp_path: Path) -> None:
    site = changed.copy(tmp_path / "site")
    own = (PROJECT / "templates/moved.html").read_text(encoding="utf-8")
    site.write("templates/moved.html", own.replace("{% block content %}", "{% block content %}{{ page.no.such }}"))
    outcome = built(site)
    assert outcome.failed(strict=False)
    assert [(one.rule, one.file) for one in outcome.problems if one.severity == "error"] == [
        ("site/template", "templates/moved.html")
    ]
    assert content(site.output) == changed.old
    assert not has_leftovers(site.output)


def test_o11_an_error_in_one_record_leaves_the_old_site(changed: Change, tmp_path: Path) -> None:
    site = changed.copy(tmp_path / "site")
    site.contact("bad", ERROR)
    assert built(site).failed(strict=False)
    assert content(site.output) == changed.old


def test_o12_of_a_removed_contact_neither_page_nor_thumbnail_stays(changed: Change, tmp_path: Path) -> None:
    site = changed.copy(tmp_path / "site")
    built(site)
    (site.root / "contacts/fay.yaml").unlink()
    (site.root / "avatars/fay.png").unlink()
    built(site)
    assert not [path for path in content(site.output) if "fay" in path]
    assert not dead_links(site.output)


def test_o16_an_unchanged_rebuild_touches_no_file(site: Site) -> None:
    old_content(site)
    site.build()
    before = {path: path.stat() for path in site.output.rglob("*")}
    outcome = site.build()
    assert outcome.published
    assert (outcome.published.written, outcome.published.deleted) == (0, 0)
    after = {path: path.stat() for path in site.output.rglob("*")}
    assert {path: (s.st_ino, s.st_mtime_ns, s.st_ctime_ns) for path, s in before.items()} == {
        path: (s.st_ino, s.st_mtime_ns, s.st_ctime_ns) for path, s in after.items()
    }


def test_a_manifest_that_is_too_large_or_a_link_names_no_file(site: Site, tmp_path: Path) -> None:
    site.contact("ada", name="Ada")
    assert site.build().published
    manifest = site.output / ".contactsheet-manifest"
    whole = manifest.read_bytes()
    with manifest.open("r+b") as stream:
        stream.truncate(2**30 + 1)  # most of which takes no room on the disk
    site.contact("ada", name="Ada Lovelace")
    assert "site/output-conflict" in rules(site.build())
    manifest.unlink()
    (tmp_path / "elsewhere").write_bytes(whole)
    manifest.symlink_to(tmp_path / "elsewhere")
    assert "site/output-conflict" in rules(site.build())
    assert (tmp_path / "elsewhere").read_bytes() == whole
    manifest.unlink()
    manifest.write_bytes(whole)
    assert site.build().published


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in its file system")
@pytest.mark.parametrize("command", ["build", "check"])
def test_a_pipe_in_the_place_of_the_stage_is_told_without_waiting_for_it(site: Site, command: str) -> None:
    site.contact("ada", name="Ada")
    (site.root / ".contactsheet").mkdir()
    os.mkfifo(site.root / ".contactsheet/output.stage")
    done = site.run(command)
    assert done.returncode == 2, done.stderr
    assert "output.stage is no folder" in done.stderr


@pytest.mark.parametrize("name", ["forth.json", "back.json"])
def test_a_journal_that_is_a_link_to_an_endless_device_is_not_read(site: Site, name: str) -> None:
    site.contact("ada", name="Ada")
    stage = site.root / ".contactsheet/output.stage"
    stage.mkdir(parents=True)
    (stage / name).symlink_to("/dev/zero")
    assert site.run("build").returncode == 0
    assert not stage.exists()
    stage.mkdir(parents=True)
    (stage / name).write_bytes(b"")
    assert site.run("build").returncode == 0
    assert site.index().keys() == {"ada"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in its file system")
@pytest.mark.parametrize("name", ["memo.db", "memo.db-journal", "memo.db-wal"])
def test_a_pipe_in_the_place_of_what_is_remembered_keeps_nobody_waiting(site: Site, name: str) -> None:
    site.contact("ada", name="Ada")
    assert site.run("build").returncode == 0
    (site.root / ".contactsheet" / name).unlink(missing_ok=True)
    os.mkfifo(site.root / ".contactsheet" / name)
    site.contact("bob", name="Bob")
    assert site.run("build").returncode == 0
    assert site.index().keys() == {"ada", "bob"}
