"""Where work is computed: in processes of its own, each with limits of time and memory, or in this one.

Results come in the order of the work, whoever was faster. A process that dies takes its own piece down and no other.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Generic, TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")

_AHEAD = 3  # pieces of work per process that wait, run or are done; more would only hold memory
_MEMORY = 1_073_741_824  # bytes that a process may fill
_SLOW = 6  # how many times longer than its time of computing a piece may take, on a machine with much else to do
_NO_MEMORY = 77  # exit status of a process that came to its limit


class WorkError(Exception):
    """A piece of work raised an exception, which is a fault of the program; the text is the traceback from there."""


def cores() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cyclic garbage within this block.

    A run makes millions of values that live to its end, and hardly a cycle; searching them again and again took a third
    of the time of 10,000 contacts.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass(frozen=True, slots=True)
class _Piece(Generic[Work]):
    """A piece of work with its number in the order, and how many processes it has ended so far."""

    number: int
    work: Work
    deaths: int = 0


class Workers:
    """Up to ``jobs`` processes, started when there is work for them and kept until the end.

    With 0 jobs all work is done in this process, where nothing limits it.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._staff = _Staff()

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._staff.dismiss_all()

    def expect(self, count: int, ready: Callable[[], None]) -> None:
        """Starts the processes for so many pieces of work that are to come, while this one does something else.

        Each calls ``ready`` first, which imports what the work will need.
        """
        while len(self._staff) < min(self.jobs, count):
            self._staff.hire(ready)

    def map(
        self,
        function: Callable[[Work], Result],
        work: Iterable[Work],
        *,
        apart: bool,
        on_death: Callable[[Work], Result],
        seconds: int = 0,
    ) -> Iterator[Result]:
        """The results of ``function`` for each piece of work, in the order of the work.

        ``apart``: whether it is to be done in other processes: because it is much, or because it is risky. Only a few
        pieces are under way at a time, so memory does not grow with their number. A piece may compute for ``seconds``
        (0: without a limit); a process that exceeds them or its memory, or is killed, is replaced. If it died of
        something that may have come from outside, its piece is tried once more; else, or if that fails too, the
        result is ``on_death`` of the piece. Raises WorkError where ``function`` raises, and ChildProcessError where no
        process can be started.
        """
        if not (apart and self.jobs):
            return map(function, work)
        return _Round(self.jobs, self._staff, function, on_death, seconds).results(work)


class _Round(Generic[Work, Result]):
    """One round of work: which pieces wait, which are being done by whom, and which are done but not yet asked for."""

    def __init__(
        self,
        jobs: int,
        staff: _Staff,
        function: Callable[[Work], Result],
        on_death: Callable[[Work], Result],
        seconds: int,
    ) -> None:
        self._jobs, self._staff = jobs, staff
        self._function, self._on_death, self._seconds = function, on_death, seconds
        self._waiting: deque[_Piece[Work]] = deque()
        self._busy: dict[_Worker, _Piece[Work]] = {}
        self._done: dict[int, Result] = {}

    def results(self, work: Iterable[Work]) -> Iterator[Result]:
        pieces = (_Piece(number, one) for number, one in enumerate(work))
        given = 0
        try:
            while True:
                under_way = len(self._waiting) + len(self._busy) + len(self._done)
                for piece in _first(pieces, self._jobs * _AHEAD - under_way):
                    self._waiting.append(piece)
                self._hand_out()
                self._collect(wait=given not in self._done)
                self._hand_out()  # at once, not when the caller has dealt with a result
                if given in self._done:
                    yield self._done.pop(given)
                    given += 1
                elif not (self._waiting or self._busy):
                    return
        finally:
            for worker in (*self._busy, *self._staff.starting):
                self._staff.dismiss(worker)

    def _hand_out(self) -> None:
        while self._waiting and self._staff.idle:
            piece = self._waiting.popleft()
            worker = self._staff.idle.pop()
            self._busy[worker] = piece
            worker.take(self._function, piece.work, self._seconds)
        for _ in range(min(self._jobs - len(self._staff), len(self._waiting) - len(self._staff.starting))):
            self._staff.hire()

    def _collect(self, *, wait: bool) -> None:
        """Takes what the processes have to say; with ``wait``, not before there is something, or a time is up."""
        workers = {worker.line: worker for worker in (*self._busy, *self._staff.starting)}
        if not workers:
            return
        now = time.monotonic()
        pause = max(0.0, min((worker.deadline for worker in self._busy), default=now + 1) - now) if wait else 0
        for line in connection.wait(list(workers), min(pause, 3600)):
            self._hear(workers[line])  # type: ignore[index]  # wait() says less than it gives
        for worker in [worker for worker in self._busy if worker.deadline < time.monotonic()]:
            self._lose(worker, guilty=True)

    def _hear(self, worker: _Worker) -> None:
        try:
            said = worker.line.recv()
        except (EOFError, OSError):
            self._lose(worker, guilty=worker.has_exceeded_limits())
            return
        if worker in self._staff.starting:
            self._staff.starting.remove(worker)
        else:
            piece = self._busy.pop(worker)
            if isinstance(said, WorkError):
                self._staff.idle.append(worker)
                raise said
            self._done[piece.number] = said
        self._staff.idle.append(worker)

    def _lose(self, worker: _Worker, *, guilty: bool) -> None:
        """A process is gone, or has to go, and its piece with it."""
        has_begun = worker not in self._staff.starting
        self._staff.dismiss(worker)
        if not has_begun:
            raise ChildProcessError("no process to compute in could be started")
        piece = self._busy.pop(worker)
        if guilty or piece.deaths:
            self._done[piece.number] = self._on_death(piece.work)
        else:
            self._waiting.appendleft(_Piece(piece.number, piece.work, piece.deaths + 1))


def _first(pieces: Iterator[_Piece[Work]], count: int) -> Iterator[_Piece[Work]]:
    for _ in range(count):
        with suppress(StopIteration):
            yield next(pieces)


class _Staff:
    """All processes there are; those that are not there yet are ``starting``, those without work ``idle``."""

    def __init__(self) -> None:
        self.starting: list[_Worker] = []
        self.idle: list[_Worker] = []
        self._all: list[_Worker] = []

    def __len__(self) -> int:
        return len(self._all)

    def hire(self, ready: Callable[[], None] | None = None) -> None:
        """Starts a new process."""
        worker = _Worker(ready)
        self._all.append(worker)
        self.starting.append(worker)

    def dismiss(self, worker: _Worker) -> None:
        """Ends a process at once; nothing is lost, for it gives values back and changes nothing."""
        for group in (self.starting, self.idle):
            if worker in group:
                group.remove(worker)
        if worker in self._all:
            self._all.remove(worker)
            worker.end()

    def dismiss_all(self) -> None:
        """Ends all processes."""
        self.starting.clear()
        self.idle.clear()
        while self._all:
            self._all.pop().end()


class _Worker:
    """A process, seen from this one: it says that it is there, and then answers each piece of work with its result."""

    def __init__(self, ready: Callable[[], None] | None) -> None:
        # Spawned on every system alike: a fork would copy the threads' locks of a watcher or a server.
        context = get_context("spawn")
        self.line, theirs = context.Pipe()
        self.deadline = float("inf")
        self._process = context.Process(target=_serve, args=(theirs, ready), daemon=True)
        with _deaf_to_interrupts():
            self._process.start()
        theirs.close()

    def take(self, function: Callable[[Any], Any], work: object, seconds: int) -> None:
        self.deadline = time.monotonic() + seconds * _SLOW if seconds else float("inf")
        with suppress(OSError):  # it died while it had nothing to do, which will be heard
            self.line.send((function, work, seconds))

    def has_exceeded_limits(self) -> bool:
        """Whether the process, which has ended, was ended by its limits."""
        self._process.join()
        by_time = -getattr(signal, "SIGXCPU", 0) or None
        return self._process.exitcode in (_NO_MEMORY, by_time)

    def end(self) -> None:
        self.line.close()
        self._process.kill()
        self._process.join()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """What is started in this block never hears Ctrl-C, not even in its first moments: its parent handles that."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # it comes with the first process, and lifts what is blocked when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- in the other process --------------------------------------------------------------------------------------------


def _serve(line: Connection, ready: Callable[[], None] | None) -> None:
    """Does one piece of work after the other until nobody is there to give any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A linear algebra that nobody uses would start a thread a core, with memory of its own.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit_memory()
    if ready:
        ready()
    with suppress(EOFError, OSError):
        line.send(None)
        while True:
            function, work, seconds = line.recv()
            _limit_time(seconds)
            with uncollected():
                outcome = _outcome(function, work)
            line.send(outcome)


def _end_with_parent() -> None:
    """Ends this process, whatever it is busy with, as soon as nobody waits for its results."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _outcome(function: Callable[[Any], Any], work: object) -> object:
    try:
        return function(work)
    except MemoryError:
        os._exit(_NO_MEMORY)
    except Exception:  # noqa: BLE001  # whatever it is, it is told in the process that asked
        return WorkError(traceback.format_exc())


def _limit_memory() -> None:
    with suppress(ImportError, AttributeError, ValueError, OSError):  # Windows has no such limits, macOS keeps few
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _limit_time(seconds: int) -> None:
    """From now on the process may compute for ``seconds`` more; what it waits does not count."""
    with suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        most = resource.getrlimit(resource.RLIMIT_CPU)[1]
        limit = int(used.ru_utime + used.ru_stime) + 1 + seconds if seconds else resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_CPU, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))
