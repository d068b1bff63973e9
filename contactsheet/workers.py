"""Where work is computed: in this process, or in a pool of processes.

Results come in the order of the work, whoever was faster.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from types import TracebackType
from typing import TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")

_AHEAD = 3  # pieces of work per process that wait or run; more would only hold memory


def cores() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """Up to ``jobs`` processes, started when the first work that is worth it arrives."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(kind is not None)

    def map(
        self,
        function: Callable[[Work], Result],
        work: Iterable[Work],
        *,
        worth: bool,
        on_death: Callable[[Work], Result],
    ) -> Iterator[Result]:
        """The results of ``function`` for each piece of work, in the order of the work.

        ``worth``: whether the whole is worth a pool of processes. Only a few pieces are under way at a time, so memory
        does not grow with their number. A process that dies (killed, out of memory) is replaced and its work tried once
        more, alone; if that kills it again, the result is ``on_death`` of the piece.
        """
        if self.jobs == 1 or not worth:
            yield from map(function, work)
            return
        pieces = iter(work)
        waiting: deque[tuple[Work, Future[Result]]] = deque()
        for piece in pieces:
            waiting.append((piece, self._submit(function, piece)))
            if len(waiting) >= self.jobs * _AHEAD:
                yield self._next(function, waiting, on_death)
        while waiting:
            yield self._next(function, waiting, on_death)

    def _next(
        self,
        function: Callable[[Work], Result],
        waiting: deque[tuple[Work, Future[Result]]],
        on_death: Callable[[Work], Result],
    ) -> Result:
        piece, future = waiting.popleft()
        try:
            return future.result()
        except BrokenProcessPool:
            # Whose fault it was cannot be told: everything under way is done again, this piece by itself.
            self._close(True)
            result = self._alone(function, piece, on_death)
            again = [(other, self._submit(function, other)) for other, _ in waiting]
            waiting.clear()
            waiting.extend(again)
            return result

    def _alone(self, function: Callable[[Work], Result], piece: Work, on_death: Callable[[Work], Result]) -> Result:
        try:
            return self._submit(function, piece).result()
        except BrokenProcessPool:
            self._close(True)
            return on_death(piece)

    def _submit(self, function: Callable[[Work], Result], piece: Work) -> Future[Result]:
        if self._pool is None:
            # Spawned on every system alike: a fork would copy the threads' locks of a watcher or a server.
            self._pool = ProcessPoolExecutor(self.jobs, mp_context=get_context("spawn"), initializer=_prepare)
        try:
            return self._pool.submit(function, piece)
        except BrokenProcessPool as broken:
            failed: Future[Result] = Future()
            failed.set_exception(broken)
            return failed

    def _close(self, at_once: bool) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=not at_once, cancel_futures=True)
            self._pool = None


def _prepare() -> None:
    """In a new process: Ctrl-C is the parent's to handle; it ends its processes in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
