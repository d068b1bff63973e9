"""A watch tells of every real change of the watched files, of nothing else, and goes on when events fail."""

from __future__ import annotations

import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contactsheet import events
from contactsheet import watch as module
from contactsheet.snapshot import Changes, Stamp, describe, difference, snapshot
from contactsheet.watch import Watch

WATCHED = ("contacts", "avatars", "templates", "pyproject.toml")
PATIENCE = 60.0


class Watching:
    """A watch in a thread of its own, as `build.py --watch` has one; the work it does is put aside for the test."""

    def __init__(self, root: Path, *, poll: bool) -> None:
        self.root = root
        self.stop = threading.Event()
        self.yields: queue.Queue[Changes] = queue.Queue()
        self.fallbacks: queue.Queue[str] = queue.Queue()
        self._ready = threading.Event()
        self._poll = poll
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        assert self._ready.wait(PATIENCE)

    def _run(self) -> None:
        with Watch(self.root, WATCHED, poll=self._poll, stop=self.stop, on_fallback=self.fallbacks.put) as watch:
            self._ready.set()
            for changes in watch:
                self.yields.put(changes)

    def next(self) -> Changes:
        return self.yields.get(timeout=PATIENCE)

    def until(self, *paths: str) -> list[Changes]:
        """All that is yielded until each of the paths was named once."""
        missing, seen = set(paths), list[Changes]()
        while missing:
            seen.append(self.next())
            missing -= {*seen[-1].added, *seen[-1].changed, *seen[-1].removed}
        return seen

    def rest(self) -> None:
        """Lets the look that follows each yield pass, so that what is done next is found by an event or not at all."""
        time.sleep(0.15)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    for path in ("contacts/ada.yaml", "contacts/bob.yaml", "avatars/ada.jpg", "output/index.html", "pyproject.toml"):
        write(root / path, "old")
    return root


@pytest.fixture(params=["events", "polling"])
def watching(request: pytest.FixtureRequest, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watching]:
    # Without the looks that happen anyway, only an event can tell of a change. The other two save the tests' time.
    monkeypatch.setattr(module, "_SAFETY", (600.0, 50))
    monkeypatch.setattr(module, "_POLLING", (0.05, 5))
    monkeypatch.setattr(module, "_SLICE", 0.02)
    watching = Watching(root, poll=request.param == "polling")
    yield watching
    watching.end()
    assert watching.fallbacks.empty()


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_save_in_place_is_a_change(watching: Watching, root: Path) -> None:
    write(root / "contacts/ada.yaml", "new text")
    assert watching.next() == Changes(changed=("contacts/ada.yaml",))


def test_a_save_by_rename_is_a_change_of_that_file_alone(watching: Watching, root: Path) -> None:
    write(root / "contacts/.ada.yaml.tmp", "new")
    (root / "contacts/.ada.yaml.tmp").replace(root / "contacts/ada.yaml")
    assert watching.next() == Changes(changed=("contacts/ada.yaml",))


def test_a_save_as_vim_does_it_is_a_change_of_that_file_alone(watching: Watching, root: Path) -> None:
    record = root / "contacts/ada.yaml"
    write(root / "contacts/4913", "")
    (root / "contacts/4913").unlink()
    record.rename(root / "contacts/ada.yaml~")
    write(record, "new")
    (root / "contacts/ada.yaml~").unlink()
    assert {path for seen in watching.until("contacts/ada.yaml") for path in (*seen.added, *seen.changed)} == {
        "contacts/ada.yaml"
    }


def test_new_deleted_and_moved_files_are_changes(watching: Watching, root: Path) -> None:
    write(root / "avatars/bob.png", "picture")
    assert watching.next() == Changes(added=("avatars/bob.png",))
    (root / "avatars/bob.png").unlink()
    assert watching.next() == Changes(removed=("avatars/bob.png",))
    (root / "contacts/bob.yaml").rename(root / "contacts/robert.yaml")
    assert watching.next() == Changes(added=("contacts/robert.yaml",), removed=("contacts/bob.yaml",))


def test_a_file_moved_out_of_the_tree_and_back_is_a_change(watching: Watching, root: Path, tmp_path: Path) -> None:
    (root / "contacts/bob.yaml").rename(tmp_path / "bob.yaml")
    assert watching.next() == Changes(removed=("contacts/bob.yaml",))
    (tmp_path / "bob.yaml").rename(root / "contacts/bob.yaml")
    assert watching.next() == Changes(added=("contacts/bob.yaml",))


def test_the_settings_at_the_root_are_watched(watching: Watching, root: Path) -> None:
    write(root / "pyproject.toml", "[tool.contactsheet]")
    assert watching.next() == Changes(changed=("pyproject.toml",))


def test_files_made_at_once_with_their_new_folders_are_seen_and_so_are_their_later_changes(
    watching: Watching, root: Path
) -> None:
    write(root / "contacts/sales/north/eve.yaml", "new")
    watching.until("contacts/sales/north/eve.yaml")
    watching.rest()
    write(root / "contacts/sales/north/eve.yaml", "newer")
    assert watching.next() == Changes(changed=("contacts/sales/north/eve.yaml",))


def test_a_watched_folder_may_come_later(watching: Watching, root: Path) -> None:
    (root / "templates").mkdir()
    write(root / "templates/row.html", "new")
    watching.until("templates/row.html")
    watching.rest()
    write(root / "templates/row.html", "newer")
    assert watching.next() == Changes(changed=("templates/row.html",))


def test_a_watched_folder_removed_and_made_again_is_still_watched(watching: Watching, root: Path) -> None:
    shutil.rmtree(root / "contacts")
    watching.until("contacts/ada.yaml", "contacts/bob.yaml")
    write(root / "contacts/ada.yaml", "again")
    watching.until("contacts/ada.yaml")
    watching.rest()
    shutil.rmtree(root / "contacts")
    write(root / "contacts/ada.yaml", "at once")
    watching.until("contacts/ada.yaml")
    watching.rest()
    write(root / "contacts/ada.yaml", "and again")
    assert watching.next() == Changes(changed=("contacts/ada.yaml",))


def test_a_watched_folder_replaced_by_another_is_still_watched(watching: Watching, root: Path) -> None:
    write(root / "contacts.new/cleo.yaml", "new")
    (root / "contacts").rename(root / "contacts.old")
    (root / "contacts.new").rename(root / "contacts")
    watching.until("contacts/ada.yaml", "contacts/bob.yaml", "contacts/cleo.yaml")
    watching.rest()
    write(root / "contacts/cleo.yaml", "newer")
    assert watching.next() == Changes(changed=("contacts/cleo.yaml",))


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "core.hooksPath=", "-c", "gc.auto=0"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def test_a_git_checkout_of_a_thousand_files_is_one_change_or_two(root: Path) -> None:
    git(root, "init", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--message=Few contacts")
    git(root, "checkout", "-b", "many")
    paths = [f"contacts/{number % 10}/{number}.yaml" for number in range(1000)]
    for path in paths:
        write(root / path, "new")
    git(root, "add", "--all")
    git(root, "commit", "--message=Many contacts")
    for poll in (False, True):
        git(root, "checkout", "main")
        watching = Watching(root, poll=poll)
        try:
            git(root, "checkout", "many")
            assert len(watching.until(*paths)) <= 2
            git(root, "checkout", "main")
            assert len(watching.until(*paths)) <= 2
        finally:
            watching.end()


@pytest.mark.parametrize("poll", [False, True], ids=["events", "polling"])
def test_a_lock_that_a_dead_git_left_delays_nothing(root: Path, poll: bool) -> None:
    write(root / ".git/index.lock", "")
    os.utime(root / ".git/index.lock", (1_000_000_000, 1_000_000_000))
    with Watch(root, WATCHED, poll=poll) as watch:
        began = time.monotonic()
        write(root / "contacts/ada.yaml", "new text")
        assert next(iter(watch)) == Changes(changed=("contacts/ada.yaml",))
        assert time.monotonic() - began < module._LONGEST_GIT / 2


@pytest.mark.parametrize("poll", [False, True], ids=["events", "polling"])
def test_nothing_is_told_while_git_holds_its_lock(root: Path, poll: bool) -> None:
    (root / ".git").mkdir()
    watching = Watching(root, poll=poll)
    try:
        write(root / ".git/index.lock", "")
        write(root / "contacts/ada.yaml", "first file of a slow checkout")
        time.sleep(0.6)  # without the lock, it would have been told of long ago
        write(root / "contacts/bob.yaml", "last file of a slow checkout")
        (root / ".git/index.lock").unlink()
        assert watching.next() == Changes(changed=("contacts/ada.yaml", "contacts/bob.yaml"))
    finally:
        watching.end()


def test_a_stream_of_changes_does_not_put_the_work_off_for_ever(
    watching: Watching, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LONGEST_BURST", 0.5)
    end = time.monotonic() + PATIENCE
    number = 0
    while watching.yields.empty() and time.monotonic() < end:
        number += 1
        write(root / "contacts/ada.yaml", f"{number}")
        time.sleep(0.002)
    assert watching.yields.get_nowait() == Changes(changed=("contacts/ada.yaml",))


def test_temporary_hidden_and_foreign_files_are_no_change(watching: Watching, root: Path) -> None:
    temporary = [
        "4913",
        ".ada.yaml.swp",
        "ada.yaml~",
        "ada.yaml.tmp",
        "#ada.yaml#",
        ".#ada.yaml",
        "~$ada.yaml",
        "4ada.yaml~",
    ]
    temporary += ["ada.yaml___jb_tmp___", "ada.jpg.crdownload", ".git/index", ".hidden/eve.yaml"]
    for name in temporary:
        write(root / "contacts" / name, "temporary")
        (root / "contacts" / name).unlink()
        write(root / "contacts" / name, "temporary")
    for name in ("output/index.html", "output/contacts/ada.html", ".git/HEAD", "README.md", "output.new/a.html"):
        write(root / name, "not watched")
    (root / "contacts/empty").mkdir()
    write(root / "contacts/ada.yaml", "new text")
    assert watching.next() == Changes(changed=("contacts/ada.yaml",))


def test_reading_is_no_change(watching: Watching, root: Path) -> None:
    for path in root.rglob("*.yaml"):
        path.read_bytes()
    write(root / "avatars/ada.jpg", "new picture")
    assert watching.next() == Changes(changed=("avatars/ada.jpg",))


def test_a_new_time_of_modification_alone_is_a_change(watching: Watching, root: Path) -> None:
    os.utime(root / "contacts/ada.yaml", (1_000_000_000, 1_000_000_000))
    assert watching.next() == Changes(changed=("contacts/ada.yaml",))


@pytest.mark.parametrize("poll", [False, True], ids=["events", "polling"])
def test_changes_during_the_caller_s_work_are_found_on_the_next_turn(root: Path, poll: bool) -> None:
    with Watch(root, WATCHED, poll=poll) as watch:
        write(root / "contacts/ada.yaml", "changed during the first build")
        turns = iter(watch)
        assert next(turns) == Changes(changed=("contacts/ada.yaml",))
        write(root / "contacts/bob.yaml", "changed during the second build")
        assert next(turns) == Changes(changed=("contacts/bob.yaml",))


@pytest.mark.parametrize("poll", [False, True], ids=["events", "polling"])
def test_it_ends_within_a_second_and_leaves_no_thread(root: Path, poll: bool) -> None:
    before = set(threading.enumerate())
    lasted: list[float] = []
    while min(lasted, default=9) >= 1 and len(lasted) < 5:  # a machine with much to do may take longer once
        watching = Watching(root, poll=poll)
        began = time.monotonic()
        watching.end()
        lasted.append(time.monotonic() - began)
        assert set(threading.enumerate()) == before
    assert min(lasted) < 1


class Looks:
    """Counts the looks at the whole tree that a watch takes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        monkeypatch.setattr(module, "snapshot", self)
        monkeypatch.setattr(module, "_SAFETY", (600.0, 50))

    def __call__(
        self, root: Path, watched: tuple[str, ...], wanted: Callable[[str], bool] | None = None
    ) -> dict[str, Stamp]:
        self.times += 1
        return snapshot(root, watched, wanted)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    return Looks(monkeypatch)


NEVER_QUIET = 600.0  # no look at the whole tree follows


def test_a_save_is_told_without_a_look_at_the_whole_tree(root: Path, looks: Looks) -> None:
    with Watch(root, WATCHED, quiet=NEVER_QUIET) as watch:
        turns = iter(watch)
        write(root / "contacts/ada.yaml", "new text")
        assert next(turns) == Changes(changed=("contacts/ada.yaml",))
        write(root / "contacts/.bob.tmp", "new text")
        (root / "contacts/.bob.tmp").replace(root / "contacts/bob.yaml")
        assert next(turns) == Changes(changed=("contacts/bob.yaml",))
        write(root / "contacts/cleo.yaml", "new")
        assert next(turns) == Changes(added=("contacts/cleo.yaml",))
    assert looks.times == 1, "the one on entering"


def test_a_look_at_the_whole_tree_follows_and_finds_what_no_event_told(
    root: Path, tmp_path: Path, looks: Looks
) -> None:
    os.link(root / "contacts/bob.yaml", tmp_path / "elsewhere")
    with Watch(root, WATCHED) as watch:
        turns = iter(watch)
        write(root / "contacts/ada.yaml", "new text")
        assert next(turns) == Changes(changed=("contacts/ada.yaml",))
        write(tmp_path / "elsewhere", "new text")
        assert next(turns) == Changes(changed=("contacts/bob.yaml",))


def test_more_events_than_are_kept_are_one_look_at_the_whole_tree(
    root: Path, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_MOST_NAMES", 5)
    with Watch(root, WATCHED, quiet=1) as watch:
        for number in range(10):
            write(root / f"avatars/{number}.png", "new")
        assert next(iter(watch)) == Changes(added=tuple(f"avatars/{number}.png" for number in range(10)))
    assert looks.times == 2


def test_lost_events_are_a_look_at_the_whole_tree_at_once(root: Path, tmp_path: Path, looks: Looks) -> None:
    os.link(root / "contacts/bob.yaml", tmp_path / "elsewhere")
    with Watch(root, WATCHED, quiet=1) as watch:
        write(tmp_path / "elsewhere", "new text")
        logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed")
        assert watch._heard.is_set()
        assert next(iter(watch)) == Changes(changed=("contacts/bob.yaml",))


def test_a_save_during_a_look_at_the_whole_tree_goes_before(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looking = threading.Event()

    def endless(root: Path, watched: tuple[str, ...], wanted: Callable[[str], bool] | None = None) -> dict[str, Stamp]:
        while wanted is not None and wanted("ada.yaml"):
            looking.set()
            time.sleep(0.001)
        return snapshot(root, watched)

    monkeypatch.setattr(module, "snapshot", endless)
    watching = Watching(root, poll=False)
    try:
        assert looking.wait(PATIENCE)
        write(root / "contacts/ada.yaml", "new text")
        assert watching.next() == Changes(changed=("contacts/ada.yaml",))
    finally:
        write(root / "contacts/bob.yaml", "ends the look")
        watching.stop.set()
        watching.end()


def test_events_without_end_do_not_keep_the_whole_tree_from_being_looked_at(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SAFETY", (0.1, 0))
    os.link(root / "contacts/bob.yaml", tmp_path / "elsewhere")
    with Watch(root, WATCHED, quiet=NEVER_QUIET) as watch:
        write(tmp_path / "elsewhere", "new text")
        write(root / "contacts/ada.yaml", "new text")
        seen, end = Changes(), time.monotonic() + PATIENCE
        for number, seen in enumerate(watch):
            if "contacts/bob.yaml" in seen.changed or time.monotonic() > end:
                break
            write(root / "contacts/ada.yaml", f"text {number}")
        assert "contacts/bob.yaml" in seen.changed


@pytest.mark.parametrize("poll", [False, True], ids=["events", "polling"])
def test_what_is_known_at_a_yield_is_the_tree_and_stays_as_it_is(root: Path, poll: bool) -> None:
    with Watch(root, WATCHED, poll=poll) as watch:
        first = watch.known
        write(root / "contacts/cleo.yaml", "new")
        (root / "contacts/ada.yaml").unlink()
        for _ in watch:
            if watch.known == snapshot(root, WATCHED):
                break
        assert "contacts/cleo.yaml" in watch.known
        assert "contacts/cleo.yaml" not in first
        with pytest.raises(TypeError):
            watch.known["contacts/bob.yaml"] = first["contacts/bob.yaml"]  # type: ignore[index]  # it is read-only


def test_a_change_of_the_same_size_right_after_the_look_is_told(watching: Watching, root: Path) -> None:
    for number in range(10, 18):
        write(root / "contacts/ada.yaml", f"{number}")
        assert watching.next() == Changes(changed=("contacts/ada.yaml",))


def test_a_file_is_told_of_at_once_and_again_where_its_stamp_does_not_show_a_further_change(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contactsheet.snapshot._TICK", 600_000_000_000)
    frozen = Stamp(1, time.time_ns(), 1, 1, 0o100000)
    with Watch(root, WATCHED, quiet=NEVER_QUIET) as watch:
        monkeypatch.setattr("contactsheet.revisit.stamp_of", lambda _status: frozen)
        turns = iter(watch)
        for _ in range(3):
            write(root / "contacts/ada.yaml", "new text")
            assert next(turns) == Changes(changed=("contacts/ada.yaml",))


# Says when it watches, and by which threads it is left.
INTERRUPTED = """
import sys, threading
from pathlib import Path
from contactsheet.watch import Watch
try:
    with Watch(Path(sys.argv[1]), ("contacts",)) as watch:
        print("ready", flush=True)
        for _ in watch:
            pass
except KeyboardInterrupt:
    print("interrupted", [thread.name for thread in threading.enumerate()], flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_it_cleanly(root: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (out, err, process.returncode) == (b"interrupted ['MainThread']\n", b"", 0)


def test_reading_and_foreign_files_wake_nobody(root: Path) -> None:
    class Count(threading.Event):
        times = 0

        def set(self) -> None:
            self.times += 1
            super().set()

    heard = Count()
    hearing = events.Events(root, WATCHED, heard)
    try:
        for number in range(200):
            (root / "contacts/ada.yaml").read_bytes()
            write(root / f"{number}.txt", "not watched")
            write(root / f"output/{number}.html", "not watched")
        (root / "contacts/sales").mkdir()  # events come in order: when this one is here, all were
        assert heard.wait(PATIENCE)
    finally:
        hearing.close()
    assert heard.times <= 5


def test_a_change_without_an_event_is_found_and_polling_takes_over(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SAFETY", (0.5, 50))
    # Written through a name outside the tree: as on a network mount, no event names the watched file.
    os.link(root / "contacts/ada.yaml", tmp_path / "elsewhere")
    watching = Watching(root, poll=False)
    try:
        write(tmp_path / "elsewhere", "new text")
        assert watching.next() == Changes(changed=("contacts/ada.yaml",))
        assert "the system did not tell" in watching.fallbacks.get(timeout=PATIENCE)
        write(tmp_path / "elsewhere", "newer text")
        assert watching.next() == Changes(changed=("contacts/ada.yaml",))
    finally:
        watching.end()


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the limits of inotify")

# Takes a limit from the process, enters the watch, gives it back, and says what it hears of one change.
LIMITED = """
import resource, sys
from pathlib import Path
from contactsheet.events import Events
from contactsheet.snapshot import describe
from contactsheet.watch import Watch
root, limit = Path(sys.argv[1]), sys.argv[2]
import watchdog.events, watchdog.observers.polling
if limit == "files":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
else:
    Path("/proc/sys/user", limit).write_text("0")
def fell_back(line):
    print(line)
    if limit == "files":
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
with Watch(root, ("contacts",), on_fallback=fell_back) as watch:
    (root / "contacts/ada.yaml").write_text("new text")
    print(describe(next(iter(watch))))
"""


def limited(root: Path, limit: str, *command: str) -> list[str]:
    arguments = [*command, sys.executable, "-c", LIMITED, str(root), limit]
    run = subprocess.run(arguments, check=False, capture_output=True, text=True, timeout=PATIENCE)
    assert (run.stderr, run.returncode) == ("", 0)
    return run.stdout.splitlines()


@LINUX
def test_polling_takes_over_when_events_cannot_begin(root: Path) -> None:
    fallback, change = limited(root, "files")
    assert fallback.startswith("change events do not work here: inotify instance limit reached")
    assert change == "contacts/ada.yaml changed"


@LINUX
@pytest.mark.parametrize(
    ("limit", "setting"),
    [("max_inotify_instances", "max_user_instances"), ("max_inotify_watches", "max_user_watches")],
)
def test_polling_takes_over_at_the_system_s_limit_and_names_the_setting(root: Path, limit: str, setting: str) -> None:
    unshare = [shutil.which("unshare") or "unshare", "--user", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*unshare, "true"], check=False).returncode:
        pytest.skip("no user namespace with limits of its own can be made here")
    fallback, change = limited(root, limit, *unshare)
    assert f"fs.inotify.{setting}" in fallback
    assert change == "contacts/ada.yaml changed"


def test_a_snapshot_has_the_watched_files_and_links_by_posix_path(root: Path) -> None:
    (root / "contacts/ada.yaml").chmod(0o600)
    (root / "contacts/folder.yaml").mkdir()
    write(root / "contacts/sales/eve.yaml", "")
    assert sorted(snapshot(root, WATCHED)) == [
        "avatars/ada.jpg",
        "contacts/ada.yaml",
        "contacts/bob.yaml",
        "contacts/folder.yaml",
        "contacts/sales/eve.yaml",
        "pyproject.toml",
    ]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_links_are_stamped_and_never_followed(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/eve.yaml", "")
    (root / "contacts/loop").symlink_to(root / "contacts")
    (root / "contacts/eve.yaml").symlink_to(tmp_path / "elsewhere/eve.yaml")
    (root / "templates").symlink_to(tmp_path / "elsewhere")
    before = snapshot(root, WATCHED)
    assert {"contacts/loop", "contacts/eve.yaml", "templates"} < before.keys()
    assert not [path for path in before if path.startswith(("contacts/loop/", "templates/"))]
    write(tmp_path / "elsewhere/eve.yaml", "changed")
    assert snapshot(root, WATCHED) == before


def test_a_folder_as_deep_as_the_system_allows_does_not_stop_a_snapshot(root: Path) -> None:
    write(root / "contacts" / "/".join("d" * 400) / "deep.yaml", "")
    assert f"contacts/{'d/' * 400}deep.yaml" in snapshot(root, WATCHED)


def test_a_file_with_the_same_size_and_time_is_told_from_the_one_it_replaced(root: Path) -> None:
    before = snapshot(root, WATCHED)
    times = (root / "contacts/ada.yaml").stat()
    write(root / "new", "NEW")
    os.utime(root / "new", ns=(times.st_atime_ns, times.st_mtime_ns))
    (root / "new").replace(root / "contacts/ada.yaml")
    assert difference(before, snapshot(root, WATCHED)) == Changes(changed=("contacts/ada.yaml",))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (Changes(changed=("contacts/ada.yaml",)), "contacts/ada.yaml changed"),
        (
            Changes(changed=("contacts/ada.yaml",), added=("a", "b", "c")),
            "contacts/ada.yaml changed, 3 files added",
        ),
        (Changes(added=("b",), removed=("a",)), "b added, a removed"),
        (Changes(changed=tuple(map(str, range(1000)))), "1000 files changed"),
        (Changes(added=("contacts/a\n\x1b[31m\udcff\u202e.yaml",)), r"contacts/a\n\x1b[31m\udcff\u202e.yaml added"),
        (Changes(added=("contacts/josé.yaml",)), "contacts/josé.yaml added"),
        (Changes(added=("x" * 4000,)), "…" + "x" * 99 + " added"),
    ],
)
def test_changes_are_described_in_one_short_line(changes: Changes, line: str) -> None:
    assert describe(changes) == line


def test_no_changes_are_false() -> None:
    assert not Changes()
    assert Changes(removed=("a",))
