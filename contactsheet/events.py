"""What the system's events say of the files of a site: that something happened, and at which names.

Hints, never truth: events come late, are lost, and name what is gone again. Never opens a file.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Container, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from contactsheet.regular import is_folder
from contactsheet.snapshot import is_temporary

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import ObservedWatch

# More names are not kept. To look at as many one by one takes a tenth of what a look at a tree of 20,000 takes, and
# what happens to so many at once (a checkout, a copied folder) is told best by the whole tree.
_MOST_NAMES = 1000
# No file's names: an event that concerns none that is watched, and one that does not tell which.
_NOWHERE, _SOMEWHERE = "/", "//"
# What the last event at a place leaves to expect: nothing; nothing, if a file was there that another was moved over;
# the end of what has begun.
_SAVED, _MADE, _OPEN = "saved", "made", "open"


class Events:
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
        self._named: dict[str, str] = {}
        self._taking = threading.Lock()
        self._watches: dict[str, tuple[ObservedWatch, tuple[int, int]]] = {}
        self._observer = Observer()
        # The library logs what it loses, and warns on a folder met twice, as when folders are made within each other
        # at once. Both would be printed; the looks at the tree make up for both.
        warnings.filterwarnings("ignore", "Callback with id ", RuntimeWarning)
        self._losses = _Losses(lambda: self._note({_SOMEWHERE}, _OPEN))
        logging.getLogger("watchdog").addHandler(self._losses)
        try:
            self._observer.start()
            self.follow()
        except BaseException:
            self.close()
            raise

    def take(self) -> set[str] | None:
        """What events named since the last call: POSIX paths below the root. ``None`` when they cannot say where
        something happened, or named too much to look at one by one: the whole tree is to be looked at.
        """
        with self._taking:
            named, self._named = set(self._named), {}
        return None if _SOMEWHERE in named else named

    def is_one_save(self, known: Container[str]) -> bool:
        """Whether all that was named since is one file, and whoever saved it has finished; ``known`` were there."""
        with self._taking:
            named = dict(self._named)
        return len(named) == 1 and all(
            state == _SAVED or (state == _MADE and place in known) for place, state in named.items()
        )

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
        logging.getLogger("watchdog").removeHandler(self._losses)

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
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        places = {self._place(path, is_folder=event.is_directory) for path in paths} - {_NOWHERE}
        if places:
            self._note(places, event.event_type)

    def _note(self, places: set[str], kind: str) -> None:
        with self._taking:
            for place in places:
                is_saved = kind == "closed" or (kind == "moved" and len(places) == 1)
                is_first = kind == "created" and place not in self._named
                self._named[place] = _SAVED if is_saved else _MADE if is_first else _OPEN
            if len(self._named) > _MOST_NAMES:
                self._named = {_SOMEWHERE: _OPEN}
        self.last = time.monotonic()
        self.finished = kind in {"closed", "moved", "deleted"}
        self._heard.set()

    def _place(self, path: str, *, is_folder: bool) -> str:
        """The place below the root where an event at ``path`` may concern a watched file."""
        inside = self._inside(path)
        if inside is None:
            return _SOMEWHERE
        for name in self._watched:
            # Where case does not count, the event may write the name otherwise: then it is not a place to look at.
            folded, watched = inside.casefold(), name.casefold()
            if folded.startswith(watched + "/"):
                parts = inside.split("/")[name.count("/") + 1 :]
                if any(part.startswith(".") for part in parts) or (not is_folder and is_temporary(parts[-1])):
                    return _NOWHERE
                return inside if inside.startswith(name + "/") else _SOMEWHERE
            if folded == watched:
                return inside if inside == name and not is_folder else _SOMEWHERE
            if not inside or watched.startswith(folded + "/"):
                return _SOMEWHERE
        return _NOWHERE

    def _inside(self, path: str) -> str | None:
        """The POSIX path below the root, empty for the root itself; ``None`` outside of it."""
        root = str(self._root)
        if path == root:
            return ""
        top = root if root.endswith(os.sep) else root + os.sep
        return path.removeprefix(top).replace(os.sep, "/") if path.startswith(top) else None


class _Losses(logging.Handler):
    """Hears that the library lost events: it tells so in its log alone."""

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._lost = lost

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002  # that there is one says all
        self._lost()
