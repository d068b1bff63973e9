"""Tells when the files of a site changed: the system's events are hints, comparing two looks at the tree decides.

Never opens a file, never follows a link, never prints: what to do about a change is the caller's affair.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from contactsheet.snapshot import Changes, Stamp, difference, is_folder, is_temporary, snapshot

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import ObservedWatch

# Durations are in seconds. Who closed, renamed or deleted a file has finished with it: the quiet moment can be short.
_FINISHED_QUIET = 0.02
_ONE_SAVE = 5  # the most events that one save makes: created, modified some times, closed
_LONGEST_BURST = 2.0
_LONGEST_GIT = 10.0  # an older lock is what a git that died left, or one that waits for its user's editor
# How long an event may lag behind its change: watchdog holds back a file's move out of the tree for 0.5 s.
_LATEST_EVENT = 1.0
# Waiting is cut in slices: on Windows a waiting thread does not hear Ctrl-C, and `stop` belongs to the caller.
_SLICE = 0.1
# (shortest pause between two looks, that pause as a multiple of what a look takes)
_POLLING = (0.25, 5)
_SAFETY = (2.0, 50)


class Watch:
    """Yields the changes of a tree, each time it differs from what it was on entering or at the last yield.

    ::

        with Watch(root, ("contacts", "avatars", "templates", "pyproject.toml")) as watch:
            build()
            for changes in watch:
                build()

    The first snapshot is taken on entering, so what changes during the first build is found. ``watched`` are names of
    files and folders below ``root``; they need not exist yet. With ``poll`` no events are asked for. ``quiet`` is for
    how many seconds nothing may happen before the tree is looked at; a burst is waited for at most 2 seconds, a git
    checkout at most 10. ``on_fallback`` gets one line when events do not work and polling begins. The iteration ends
    when ``stop`` is set. One thread uses a watch, once.
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
        self._git_lock = _git_lock(self._root)
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
            if self._stop.is_set():
                return self._seen
            over = lasted > _LONGEST_BURST
            if (stirred and not over) or self._git_is_at_work():
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

    def _git_is_at_work(self) -> bool:
        """Whether git is changing the tree: it holds this lock from the first file of a checkout to the last."""
        try:
            return self._git_lock is not None and abs(time.time() - self._git_lock.lstat().st_mtime) < _LONGEST_GIT
        except OSError:
            return False

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


def _git_lock(root: Path) -> Path | None:
    return next((top / ".git" / "index.lock" for top in (root, *root.parents) if (top / ".git").is_dir()), None)


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
        # The library logs what it loses, and warns on a folder met twice, as when folders are made within each other
        # at once. Both would be printed; the looks at the tree make up for both.
        warnings.filterwarnings("ignore", "Callback with id ", RuntimeWarning)
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
                if is_folder(status):
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
                return not (any(part.startswith(".") for part in parts) or (not is_folder and is_temporary(parts[-1])))
            if inside in {watched, "."} or watched.startswith(inside + "/"):
                return True
        return False
