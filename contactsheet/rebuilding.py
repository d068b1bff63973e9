"""The preview's builder: one thread that builds, rebuilds what changed, and makes the changes that pages ask for.

One after the other, so that two changes never meet and no change meets a build. A second thread watches. Neither serves
a page, and neither writes to the site but by a build.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from contactsheet import pipeline, read, tasks
from contactsheet.contacts import Joined, latest
from contactsheet.live import Live, report_of, report_of_failure
from contactsheet.memo import Memo
from contactsheet.outcome import Outcome
from contactsheet.pictures import Picture
from contactsheet.problems import Problem
from contactsheet.read import Sources
from contactsheet.settings import load
from contactsheet.snapshot import Changes
from contactsheet.trial import judged
from contactsheet.watch import WATCHED, Watch
from contactsheet.workers import Workers

if TYPE_CHECKING:
    from contactsheet.merge import Merged

Result = TypeVar("Result")
Attempt = Callable[[Workers, Memo, Sources | None], Outcome | str]
"""A build, and its outcome or in a sentence why there is none; it tells the terminal what came of it."""


@dataclass(frozen=True)
class Crew:
    """What the builder works with; ``memo`` and ``workers`` are made in its own thread."""

    root: Path
    attempt: Attempt
    memo: Callable[[], Memo]
    workers: Callable[[], Workers]
    poll: bool
    say: Callable[[str], None]


class Bench:
    """What a change can do in the builder's thread: have itself judged, and build."""

    def __init__(self, crew: Crew, live: Live, workers: Workers, memo: Memo) -> None:
        self.root = crew.root
        self._crew, self._live, self._workers, self._memo = crew, live, workers, memo

    def judge(self, changes: read.Changes) -> tuple[Problem, ...]:
        """What ``check`` would say of changes if they were written. Raises SettingsError."""
        return judged(self.root, load(self.root), changes, self._workers, self._memo)

    def merges(self, changes: read.Changes, also: Iterable[str]) -> Merged:
        """What the directives would make of the records if the changes were written, and of the records ``also``.

        Raises SettingsError.
        """
        return pipeline.merges(self.root, load(self.root), self._workers, self._memo, also=also, changes=changes)

    def examine(self, picture: Picture, data: bytes) -> tasks.Examined:
        """What an examination of these bytes says of the picture, with its thumbnails. Raises SettingsError."""
        work = tasks.PictureWork(self.root, picture, load(self.root).max_picture_bytes, encode=True, content=data)
        seconds = tasks.PICTURE_SECONDS
        return next(
            self._workers.map(tasks.examine_picture, [work], apart=True, on_death=tasks.died_examining, seconds=seconds)
        )

    def contacts(self) -> tuple[Joined, ...]:
        """The contacts as they were when they were read last."""
        return latest(self._memo)

    def build(self, sources: Sources | None = None) -> None:
        """Builds, and tells the pages."""
        outcome = self._crew.attempt(self._workers, self._memo, sources)
        if isinstance(outcome, str):
            self._live.tell(report_of_failure(outcome), changed=False)
        else:
            done = outcome.published
            changed = done is not None and bool(done.written or done.deleted)
            self._live.tell(report_of(outcome.problems, self.root), changed=changed)


class Rebuilding:
    """The two threads, from ``start`` to ``end``; with ``stop``, which ``end`` sets, a build under way ends itself.

    ``fault`` is the error that ended them otherwise, if one did, which is a fault of the program.
    """

    def __init__(self, crew: Crew, live: Live, stop: threading.Event, on_fault: Callable[[], None]) -> None:
        self._crew, self._live, self._on_fault = crew, live, on_fault
        self.root = crew.root
        self.fault: BaseException | None = None
        self.is_ready = threading.Event()  # the first build is over, or nothing more is to come
        self._stop = stop
        self._is_watching = threading.Event()
        self._todo: SimpleQueue[Changes | Callable[[Bench], None] | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._attempt, args=(work,)) for work in (self._watch, self._work)]

    def start(self) -> None:
        """Begins with the first build."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Ends both threads."""
        self._stop.set()
        self._todo.put(None)
        for thread in self._threads:
            thread.join()

    def ask(self, change: Callable[[Bench], Result]) -> Future[Result]:
        """Has a change made when it is its turn; the future gives what it gave, or raises what it raised."""
        future: Future[Result] = Future()

        def make(bench: Bench) -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(change(bench))
            except BaseException as error:  # noqa: BLE001  # it is raised where the result is asked for
                future.set_exception(error)

        self._todo.put(make)
        return future

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # told by the main thread, which ends the program
            if not self._stop.is_set():
                self.fault = self.fault or error
                self._on_fault()
        finally:
            self._is_watching.set()
            self.is_ready.set()

    def _watch(self) -> None:
        crew = self._crew
        with Watch(crew.root, WATCHED, poll=crew.poll, on_fallback=crew.say, stop=self._stop) as watch:
            self._is_watching.set()  # what changes from now on is seen, also during the first build
            for changes in watch:
                self._todo.put(changes)

    def _work(self) -> None:
        self._is_watching.wait()
        with ExitStack() as stack:
            memo = stack.enter_context(closing(self._crew.memo()))
            bench = Bench(self._crew, self._live, stack.enter_context(self._crew.workers()), memo)
            bench.build()
            self.is_ready.set()
            sources: Sources | None = read.scan(self._crew.root)
            while not self._stop.is_set() and (todo := self._todo.get()) is not None:
                if isinstance(todo, Changes):
                    root = self._crew.root
                    sources = read.brought_up(root, sources, todo) if sources else read.scan(root)
                    bench.build(sources)
                else:
                    todo(bench)
                    sources = None
