"""Tells when the files of a site changed: the system's events are hints, comparing two looks at the tree decides.

Never opens a file, never follows a link, never prints: what to do about a change is the caller's affair.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import ObservedWatch

# Durations are in seconds. Who closed, renamed or deleted a file has finished with it: the quiet moment can be short.
_FINISHED_QUIET = 0.02
_ONE_SAVE = 5  # the most events that one save makes: created, modified some times, closed
_LONGEST_BURST = 2.0
# How long an event may lag behind its change: watchdog holds back a file's move out of the tree for 0.5 s.
_LATEST_EVENT = 1.0
# Waiting is cut in slices: on Windows a waiting thread does not hear Ctrl-C, and `stop` belongs to the caller.
_SLICE = 0.2
# (shortest pause between two looks, that pause as a multiple of what a look takes)
_POLLING = (0.25, 5)
_SAFETY = (2.0, 50)

_TEMPORARY_ENDINGS = ("~", ".swp", ".swo", ".swx", ".tmp", ".temp", ".bak", ".part", ".partial", ".crdownload")
_MOUNT_POINT = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT, a Windows junction: Python 3.11 takes it for a plain folder


class Stamp(NamedTuple):
    """What tells that a file changed without reading it.

    ``size`` in bytes, times in nanoseconds, ``kind`` as ``stat.S_IFMT`` gives it. A named tuple, because a snapshot of
    20,000 files makes 20,000 of them and a dataclass would take half as long again.
    """

    size: int
    mtime_ns: int
    inode: int
    ctime_ns: int
    kind: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two snapshots: POSIX paths relative to the root, sorted. False when nothing does."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def describe(changes: Changes) -> str:
    """One short line for a person: ``contacts/ada.yaml changed, 3 files added``. Control characters are escaped."""
    groups = ((changes.changed, "changed"), (changes.added, "added"), (changes.removed, "removed"))
    return ", ".join(f"{_named(paths)} {verb}" for paths, verb in groups if paths) or "nothing changed"


def _named(paths: Sequence[str]) -> str:
    return _printable(paths[0]) if len(paths) == 1 else f"{len(paths)} files"


def _printable(path: str, longest: int = 100) -> str:
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in path)
    return shown if len(shown) <= longest else "…" + shown[1 - longest :]


def snapshot(root: Path, watched: Sequence[str]) -> dict[str, Stamp]:
    """A stamp for every file at or below the ``watched`` names (files or folders below ``root``, ``/`` between parts).

    The keys are POSIX paths relative to ``root``. Links are stamped, never followed; hidden files and editors'
    temporary files are left out; what vanishes meanwhile or cannot be read is not there. A folder is there only if its
    name could be a file's (``ada.yaml/``), with a stamp that says no more than that: temporary files change its times.
    """
    found: dict[str, Stamp] = {}
    folders: list[str] = []
    for name in watched:
        with contextlib.suppress(OSError):
            status = (root / name).lstat()
            if _is_folder(status):
                folders.append(name)
            else:
                found[name] = _stamp(status)
    while folders:
        with contextlib.suppress(OSError):
            _scan(root, folders.pop(), found, folders)
    return found


def _scan(root: Path, folder: str, found: dict[str, Stamp], folders: list[str]) -> None:
    with os.scandir(root / folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith(".") or (status := _status(entry)) is None:
                continue
            path = f"{folder}/{name}"
            if not _is_folder(status):
                if not _temporary(name):
                    found[path] = _stamp(status)
                continue
            folders.append(path)
            if "." in name:
                found[path] = Stamp(0, 0, 0, 0, stat.S_IFDIR)


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:
        return None


def _stamp(status: os.stat_result) -> Stamp:
    # The time of a file's status is in it because a copy may keep size and time of modification, and because a file
    # that could not be read may have been given back its permissions.
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns, stat.S_IFMT(status.st_mode))


def _is_folder(status: os.stat_result) -> bool:
    return stat.S_ISDIR(status.st_mode) and getattr(status, "st_reparse_tag", 0) != _MOUNT_POINT


def _temporary(name: str) -> bool:
    """Whether a file's name is hidden, a download's, or an editor's: Vim's 4913 and .swp, Emacs' #a#, ___jb_tmp___."""
    return (
        name.startswith((".", "~$"))
        or name.endswith(_TEMPORARY_ENDINGS)
        or "___jb_" in name
        or name == "4913"
        or name[0] == name[-1] == "#"
    )


def difference(before: Mapping[str, Stamp], after: Mapping[str, Stamp]) -> Changes:
    """What changed from one snapshot to a later one."""
    if before == after:
        return Changes()
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(path for path in after.keys() & before.keys() if after[path] != before[path])),
        removed=tuple(sorted(before.keys() - after.keys())),
    )


class Watch:
    """Yields the changes of a tree, each time it differs from what it was on entering or at the last yield.

    ::

        with Watch(root, ("contacts", "avatars", "templates", "pyproject.toml")) as watch:
            build()
            for changes in watch:
                build()

    The first snapshot is taken on entering, so what changes during the first build is found. ``watched`` are names of
    files and folders below ``root``; they need not exist yet. With ``poll`` no events are asked for. ``quiet`` is for
    how many seconds nothing may happen before the tree is looked at; a burst is waited for at most 2 seconds.
    ``on_fallback`` gets one line when events do not work and polling begins. The iteration ends when ``stop`` is
    set. One thread uses a watch, once.
    """

    def __init__(
        self,
        root: Path,
        watched: Sequence[str],
        *,
        poll: bool = False,
        quiet: float = 0.05,
        on_fallback: Callable[[str], None] = lambda _sentence: None,
        stop: threading.Event | None = None,
    ) -> None:
        self._root = Path(os.path.realpath(root))  # as macOS names files in its events
        self._watched = tuple(watched)
        self._poll = poll
        self._quiet = quiet
        self._on_fallback = on_fallback
        self._stop = stop or threading.Event()
        self._heard = threading.Event()
        self._events: _Events | None = None
        self._unannounced: tuple[float, float] | None = None  # (since when no event told of it, until when one may)
        self._cost = 0.0
        self._seen: dict[str, Stamp] = {}

    def __enter__(self) -> Self:
        # Events first, then the snapshot: what changes between the two is in the one or in the other.
        if not self._poll:
            self._listen()
        self._seen = self._look()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._deafen()

    def __iter__(self) -> Iterator[Changes]:
        looked_since_work = False
        while not self._stop.is_set():
            began = time.monotonic()
            announced = self._wait() if looked_since_work else self._heard.is_set()
            looked_since_work = True
            tree = None if announced else self._look()
            if tree == self._seen:
                continue
            tree = self._settled(tree)
            changes = difference(self._seen, tree)
            self._seen = tree
            if changes and not self._stop.is_set():
                if not announced:
                    self._unannounced = (began, time.monotonic() + _LATEST_EVENT)
                yield changes
                looked_since_work = False

    def _wait(self) -> bool:
        """Waits until there is a hint (true), or a look at the tree is due all the same (false)."""
        until = time.monotonic() + self._pause()
        while not self._stop.is_set():
            self._doubt_events()
            left = until - time.monotonic()
            if left <= 0:
                return False
            if self._heard.wait(min(left, _SLICE)):
                return True
        return False

    def _settled(self, tree: dict[str, Stamp] | None) -> dict[str, Stamp]:
        """The tree after a quiet moment: no event since, or without events two looks in a row that saw the same."""
        began = time.monotonic()
        stirs = 0
        while True:
            lasted = time.monotonic() - began
            self._heard.clear()
            stirred = self._heard.wait(self._quiet_after(lasted, stirs))
            stirs += stirred
            over = lasted > _LONGEST_BURST or self._stop.is_set()
            if stirred and not over:
                continue
            before, tree = tree, self._look()
            still = tree == before if self._events is None else not self._heard.is_set()
            if still or over:
                return tree

    def _quiet_after(self, lasted: float, stirs: int) -> float:
        """How many seconds of quiet end a burst: short for one save that has finished, longer after a long burst."""
        if self._events is not None and self._events.finished and stirs <= _ONE_SAVE:
            return min(_FINISHED_QUIET, self._quiet)
        return max(self._quiet, lasted / 4)

    def _look(self) -> dict[str, Stamp]:
        if self._events is not None:
            try:
                self._events.follow()
            except Exception as error:  # noqa: BLE001 - whatever the library meets on this system, polling works
                self._fall_back(_reason(error))
        began = time.monotonic()
        tree = snapshot(self._root, self._watched)
        self._cost = time.monotonic() - began
        return tree

    def _pause(self) -> float:
        """Seconds between two looks; the longer a look takes, the longer, so that it stays a small part of the time."""
        shortest, factor = _POLLING if self._events is None else _SAFETY
        return max(shortest, factor * self._cost)

    def _listen(self) -> None:
        try:
            self._events = _Events(self._root, self._watched, self._heard)
        except Exception as error:  # noqa: BLE001 - whatever the library meets on this system, polling works
            self._fall_back(_reason(error))

    def _doubt_events(self) -> None:
        """Gives events up when a change was found and none announced it: a network mount, a container, a full limit."""
        if self._unannounced is None or self._events is None:
            return
        since, deadline = self._unannounced
        if self._events.last > since:
            self._unannounced = None
        elif time.monotonic() > deadline:
            self._fall_back("a file changed and the system did not tell, as on network drives and in containers")

    def _fall_back(self, reason: str) -> None:
        self._deafen()
        self._on_fallback(f"change events do not work here: {reason}; polling the files instead")

    def _deafen(self) -> None:
        events, self._events = self._events, None
        if events is not None:
            events.close()


def _reason(error: Exception) -> str:
    text = str(error.strerror if isinstance(error, OSError) and error.strerror else error) or type(error).__name__
    for limit, setting in (("watch limit", "max_user_watches"), ("instance limit", "max_user_instances")):
        if limit in text:
            return f"{text} (an administrator can raise fs.inotify.{setting})"
    return text


class _Events:
    """The system's events below the watched names: sets ``heard``, and follows folders that come and go.

    The watched folders are observed with all below them, the folders above (the root) alone, so that a big ``output/``
    or ``.git/`` beside them costs nothing. Raises what the system raises when it has no events or no more of them.
    """

    def __init__(self, root: Path, watched: Sequence[str], heard: threading.Event) -> None:
        from watchdog.observers import Observer
        from watchdog.observers.polling import PollingObserver

        if Observer is PollingObserver:
            raise OSError("this system has none that can be used")
        self.last = float("-inf")  # when the last event came, by the monotonic clock
        self.finished = False  # whether it was the last of a save, as far as one event can tell
        self._root = root
        self._watched = tuple(watched)
        self._heard = heard
        self._watches: dict[str, tuple[ObservedWatch, tuple[int, int]]] = {}
        self._observer = Observer()
        # The library logs what it loses, and logging prints it when nobody listens. The looks at the tree find it.
        self._silence = logging.NullHandler()
        logging.getLogger("watchdog").addHandler(self._silence)
        try:
            self._observer.start()
            self.follow()
        except BaseException:
            self.close()
            raise

    def follow(self) -> None:
        """Makes what is observed match the folders that are there now: another folder of the same name is a new one."""
        alive = {emitter.watch for emitter in self._observer.emitters if emitter.is_alive()}
        wanted = {path: (recursive, identity) for path, recursive, identity in self._folders()}
        for path, (watch, identity) in list(self._watches.items()):
            if watch not in alive or path not in wanted or wanted[path][1] != identity:
                del self._watches[path]
                self._observer.unschedule(watch)
        for path, (recursive, identity) in wanted.items():
            if path not in self._watches:
                # It may have gone since; the folder above will tell when it is back.
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    self._watches[path] = (self._schedule(path, recursive=recursive), identity)

    def close(self) -> None:
        """Ends the library's threads and waits for them."""
        self._observer.stop()
        if self._observer.is_alive():
            self._observer.join()
        logging.getLogger("watchdog").removeHandler(self._silence)

    def _folders(self) -> Iterator[tuple[str, bool, tuple[int, int]]]:
        above = {self._root / parent for name in self._watched for parent in Path(name).parents}
        below = {self._root / name for name in self._watched}
        for path in sorted(above | below):
            with contextlib.suppress(OSError):
                status = path.lstat()
                if _is_folder(status):
                    yield str(path), path in below, (status.st_dev, status.st_ino)

    def _schedule(self, path: str, *, recursive: bool) -> ObservedWatch:
        from watchdog import events

        heard = self._hear

        class Handler(events.FileSystemEventHandler):
            def dispatch(self, event: FileSystemEvent) -> None:
                heard(event)

        # Not among them: files opened and closed unread, which a build does to every file, and folders modified,
        # which only repeats what happened to a file in them.
        telling: list[type[FileSystemEvent]] = [
            events.FileCreatedEvent,
            events.FileModifiedEvent,
            events.FileAttribEvent,
            events.FileClosedEvent,
            events.FileMovedEvent,
            events.FileDeletedEvent,
            events.DirCreatedEvent,
            events.DirMovedEvent,
            events.DirDeletedEvent,
        ]
        return self._observer.schedule(Handler(), path, recursive=recursive, event_filter=telling)

    def _hear(self, event: FileSystemEvent) -> None:
        """Takes one event, in the library's thread."""
        paths = (os.fsdecode(event.src_path), os.fsdecode(event.dest_path))
        if any(self._concerns(path, is_folder=event.is_directory) for path in paths if path):
            self.last = time.monotonic()
            self.finished = event.event_type in {"closed", "moved", "deleted"}
            self._heard.set()

    def _concerns(self, path: str, *, is_folder: bool) -> bool:
        """Whether an event at ``path`` may be one of a watched file; in doubt it is."""
        try:
            inside = Path(path).relative_to(self._root).as_posix().casefold()
        except ValueError:
            return True
        for name in self._watched:
            watched = name.casefold()
            if inside.startswith(watched + "/"):
                parts = inside.removeprefix(watched + "/").split("/")
                return not (any(part.startswith(".") for part in parts) or (not is_folder and _temporary(parts[-1])))
            if inside in {watched, "."} or watched.startswith(inside + "/"):
                return True
        return False
