"""Tells when the files of a site changed: the system's events say where to look, comparing two looks decides.

What events named is looked at first and told at once; a look at the whole tree follows when nothing happens, and finds
what no event told of.
Never opens a file, never follows a link, never prints: what to do about a change is the caller's affair.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from contactsheet.events import Events
from contactsheet.repository import AVATARS, CONTACTS, TEMPLATES
from contactsheet.revisit import revisit
from contactsheet.settings import FILE
from contactsheet.snapshot import Changes, Stamp, difference, is_young, snapshot

WATCHED = (CONTACTS, AVATARS, TEMPLATES, FILE)  # all that a site is made of
# Durations are in seconds. Who closed, renamed or deleted a file has finished with it: the quiet moment can be short,
# and after the save of one file next to nothing: what is saved together with it follows in the next turn.
_FINISHED_QUIET = 0.02
_SAVED_QUIET = 0.002
_ONE_SAVE = 5  # the most events that one save makes: created, modified some times, closed
_LONGEST_BURST = 2.0
_LONGEST_GIT = 10.0  # an older lock is what a git that died left, or one that waits for its user's editor
# How long an event may lag behind its change: watchdog holds back a file's move out of the tree for 0.5 s.
_LATEST_EVENT = 1.0
# Waiting is cut in slices: on Windows a waiting thread does not hear Ctrl-C, and `stop` belongs to the caller.
_SLICE = 0.1
# (shortest pause between two looks at the whole tree, that pause as a multiple of what a look takes)
_POLLING = (0.25, 5)
_SAFETY = (2.0, 50)
_OVERDUE = 2  # after so many pauses, a look is no longer given up because an event came


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
        self._events: Events | None = None
        self._unannounced: tuple[float, float] | None = None  # (since when no event told of it, until when one may)
        self._cost = 0.0
        self._looked = self._due = 0.0  # when the whole tree was looked at, and is to be if no event comes before
        self._known: Mapping[str, Stamp] = {}
        self._young: frozenset[str] = frozenset()  # told so soon that a further change may leave the same stamp

    @property
    def known(self) -> Mapping[str, Stamp]:
        """The watched files by POSIX path below the root, as ``snapshot`` gives them: how they were when the changes
        that were yielded last were seen. A later change gives a file another stamp, so what was read after the yield
        can be remembered under this one. The mapping itself stays as it is.
        """
        return MappingProxyType(self._known)

    def __enter__(self) -> Self:
        # Events first, then the snapshot: what changes between the two is in the one or in the other.
        if not self._poll:
            self._listen()
        self._known = self._look()
        self._rest()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._deafen()

    def __iter__(self) -> Iterator[Changes]:
        while not self._stop.is_set():
            since = self._looked
            announced = self._wait()
            try:
                tree = None if announced else self._look(self._unless_heard)
            except _HeardError:
                continue
            if tree == self._known:
                self._due = time.monotonic() + self._pause()
                continue
            changes = self._settled(tree)
            if changes and not self._stop.is_set():
                if not announced:
                    self._unannounced = (since, time.monotonic() + _LATEST_EVENT)
                yield changes
            self._rest()

    def _rest(self) -> None:
        """Puts the next look at the whole tree off until it is quiet: whoever saves twice shall not wait for it."""
        self._due = time.monotonic() + (0 if self._events is None else self._quiet)

    def _wait(self) -> bool:
        """Waits until there is a hint (true), or a look at the whole tree is due all the same (false)."""
        while not (self._stop.is_set() or self._heard.is_set()):
            self._doubt_events()
            left = self._due - time.monotonic()
            if left <= 0:
                return False
            self._heard.wait(min(left, _SLICE))
        return True

    def _settled(self, tree: dict[str, Stamp] | None) -> Changes:
        """What changed, after a quiet moment: no event since, or without events two looks in a row that saw the same.

        ``tree`` is what a look at the whole tree gave, if that and no event told of a change.
        """
        began = time.monotonic()
        stirs = 0
        doubted: frozenset[str] = frozenset()
        named: set[str] | None = set() if tree is None and not self._is_overdue() else None
        while True:
            lasted = time.monotonic() - began
            self._heard.clear()
            stirred = self._heard.wait(self._quiet_after(lasted, stirs))
            stirs += stirred
            if self._stop.is_set():
                return Changes()
            over = lasted > _LONGEST_BURST
            if self._git_is_at_work():
                named = None  # it changes many files, and the last of its events may come late
                continue
            if stirred and not over:
                continue
            told = self._events.take() if self._events is not None else None
            named = None if told is None or named is None else named | told
            doubted |= self._young if told is None else self._young & told
            looked_ns = time.time_ns()
            before, (tree, changes) = tree, self._see(named, doubted)
            still = tree == before if self._events is None else not self._heard.is_set()
            if still or over:
                self._young = _young(tree, changes, looked_ns)
                self._known = tree
                return changes

    def _see(self, named: set[str] | None, doubted: frozenset[str]) -> tuple[dict[str, Stamp], Changes]:
        """The tree as it is now where events named something, or all of it, and what differs from what is known.

        What is ``doubted`` was told when it was young, and an event came since: it changed, whatever its stamp says.
        """
        known = {**self._known, **{path: self._known[path]._replace(inode=-1) for path in doubted}}
        if named is not None and (seen := revisit(self._root, named, known)):
            return seen
        tree = self._look()
        return tree, difference(known, tree)

    def _quiet_after(self, lasted: float, stirs: int) -> float:
        """How many seconds of quiet end a burst: short for one save that has finished, longer after a long burst."""
        if self._events is not None and self._events.is_one_save(self._known):
            return min(_SAVED_QUIET, self._quiet)
        if self._events is not None and self._events.finished and stirs <= _ONE_SAVE:
            return min(_FINISHED_QUIET, self._quiet)
        return max(self._quiet, lasted / 4)

    def _git_is_at_work(self) -> bool:
        """Whether git is changing the tree: it holds this lock from the first file of a checkout to the last."""
        try:
            return self._git_lock is not None and abs(time.time() - self._git_lock.lstat().st_mtime) < _LONGEST_GIT
        except OSError:
            return False

    def _look(self, wanted: Callable[[str], bool] | None = None) -> dict[str, Stamp]:
        if self._events is not None:
            try:
                self._events.follow()
            except Exception as error:  # noqa: BLE001 - whatever the library meets on this system, polling works
                self._fall_back(_reason(error))
        began = time.monotonic()
        tree = snapshot(self._root, self._watched, wanted)
        self._looked = began
        self._cost = time.monotonic() - began
        return tree

    def _unless_heard(self, _name: str) -> bool:
        if self._heard.is_set():
            raise _HeardError
        return True

    def _is_overdue(self) -> bool:
        """Whether events kept the whole tree from being looked at for long."""
        return time.monotonic() - self._looked > _OVERDUE * self._pause()

    def _pause(self) -> float:
        """Seconds between two looks; the longer a look takes, the longer, so that it stays a small part of the time."""
        shortest, factor = _POLLING if self._events is None else _SAFETY
        return max(shortest, factor * self._cost)

    def _listen(self) -> None:
        try:
            self._events = Events(self._root, self._watched, self._heard)
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
        self._due = time.monotonic()
        self._on_fallback(f"change events do not work here: {reason}; polling the files instead")

    def _deafen(self) -> None:
        events, self._events = self._events, None
        if events is not None:
            events.close()


class _HeardError(Exception):
    """An event came during a look at the whole tree, and goes before."""


def _young(tree: Mapping[str, Stamp], changes: Changes, looked_ns: int) -> frozenset[str]:
    """The files among the changes that may change once more without another stamp, for all that this look tells."""
    now = time.time_ns()
    return frozenset(path for path in (*changes.added, *changes.changed) if is_young(tree[path], looked_ns, now))


def _git_lock(root: Path) -> Path | None:
    return next((top / ".git" / "index.lock" for top in (root, *root.parents) if (top / ".git").is_dir()), None)


def _reason(error: Exception) -> str:
    text = str(error.strerror if isinstance(error, OSError) and error.strerror else error) or type(error).__name__
    for limit, setting in (("watch limit", "max_user_watches"), ("instance limit", "max_user_instances")):
        if limit in text:
            return f"{text} (an administrator can raise fs.inotify.{setting})"
    return text
