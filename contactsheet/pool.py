"""The executor of this machine: a pool of processes, each with limits of memory and of time for a call.

A process that dies takes its own call down and no other. Nothing is shared but what is sent, and no process outlives
the one that started it.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import queue
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from typing import Any, NoReturn, ParamSpec, TypeVar

from contactsheet.machine import keep_freed_memory, limit_memory, limited_time, uncollected

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_MEMORY = 1_073_741_824  # bytes that a process may fill
_SLOW = 6  # how many times longer than its time of computing a call may take, on a machine with much else to do
_NO_MEMORY = 77  # exit status of a process that came to its limit
_PROTOCOL = 5  # of pickle, whose default is older in some versions
_TASKS = 4  # tasks that a process remembers: a run has a few, and the next run of a watcher has mostly the same


class WorkError(Exception):
    """A call raised an exception, which is a fault of the program; the text is the traceback from there."""


class DiedError(Exception):
    """The process of a call is gone; ``guilty``: because the call exceeded its limits, and would do so again."""

    def __init__(self, *, guilty: bool) -> None:
        super().__init__("it came to its limits" if guilty else "it was ended")
        self.guilty = guilty


@dataclass(frozen=True, slots=True)
class Task:
    """A function and the argument that all its calls have in common, pickled once.

    ``digest`` is of the content: a process is sent what it does not have yet. A call may compute for ``seconds`` (0:
    without a limit), where the executor has limits. Every executor can call it.
    """

    data: bytes
    digest: bytes
    seconds: int

    @classmethod
    def of(cls, function: Callable[..., Any], *, common: object = None, seconds: int = 0) -> Task:
        """The task of calling ``function``, with ``common`` before its other arguments unless that is None."""
        data = pickle.dumps((function, common, seconds), _PROTOCOL)
        return cls(data, hashlib.sha256(data).digest(), seconds)

    def load(self) -> Callable[..., Any]:
        """The function as it is to be called."""
        function, common, _ = pickle.loads(self.data)  # noqa: S301  # by ``of``, in a process that this program trusts
        return function if common is None else partial(function, common)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """A call in this process."""
        return self.load()(*args, **kwargs)


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that somebody waits for; ``message`` is what its process is sent."""

    task: Task
    message: bytes
    future: Future[Any]


class Pool(Executor):
    """Up to ``jobs`` processes, started when there is work for them and kept until the end.

    Each is attended to by a thread of this process, which needs no other's help: so a process is busy again before
    anybody looks at its last result. Processes without work for ``idle`` seconds are ended until there is some.
    """

    def __init__(self, jobs: int, idle: float | None = None) -> None:
        self._jobs, self._idle = jobs, idle
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._attendants: list[threading.Thread] = []
        self._staff = _Staff()
        self._lock = threading.Lock()
        self._open = 0  # calls that nobody has done yet
        self._is_shut = False

    def expect(self, count: int, ready: Callable[[], None]) -> None:
        """Starts the processes for so many calls that are to come; each calls ``ready`` first."""
        with self._lock:
            self._attend(count, ready)

    def prepare(self, ready: Callable[[], None]) -> None:
        """Has the processes that are there call ``ready``: whichever is free does, which mostly is each of them."""
        for _ in self._attendants:
            self.submit(ready)

    def submit(
        self, function: Callable[Parameters, Result], /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Future[Result]:
        """Has a function, or a ``Task``, called in a process. All is pickled at once, and so may be changed afterwards.

        The future raises WorkError where the function does, DiedError where its process is gone, which is then
        replaced, and ChildProcessError where none can be started.
        """
        task = function if isinstance(function, Task) else Task.of(function)
        call = _Call(task, pickle.dumps((task.digest, args, kwargs), _PROTOCOL), Future())
        with self._lock:
            if self._is_shut:
                raise RuntimeError("the pool is shut down")
            self._open += 1
            self._calls.put(call)
            self._attend(self._open)
        return call.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Takes no more calls, and ends the processes when those that were submitted are done or cancelled."""
        with self._lock:
            self._is_shut = True
        with suppress(queue.Empty):
            while cancel_futures:
                if call := self._calls.get_nowait():
                    call.future.cancel()
        for _ in self._attendants:
            self._calls.put(None)
        if wait:
            for attendant in self._attendants:
                attendant.join()

    def kill_workers(self) -> None:
        """Ends all processes at once; nothing is lost, for they give values back and change nothing."""
        self._staff.dismiss()
        self.shutdown(cancel_futures=True)

    def _attend(self, count: int, ready: Callable[[], None] | None = None) -> None:
        while len(self._attendants) < min(self._jobs, count):
            thread = threading.Thread(target=self._serve_calls, args=(ready,), daemon=True)
            self._attendants.append(thread)
            thread.start()

    def _serve_calls(self, ready: Callable[[], None] | None) -> None:
        """The life of an attendant: it hands one call after the other to its process, until there are no more."""
        post = _Post(self._staff)
        if ready:
            with suppress(ChildProcessError, DiedError):  # which the first call is told, if there is one
                post.fill(ready)
        while True:
            try:
                call = self._calls.get(timeout=self._idle)
            except queue.Empty:
                post.clear()
                continue
            if call is None:
                break
            self._do(call, post)
            del call  # and with it a result, which may be large
        post.clear()

    def _do(self, call: _Call, post: _Post) -> None:
        is_wanted = call.future.set_running_or_notify_cancel()
        result, error = None, None
        try:
            result = post.answer(call) if is_wanted else None
        except Exception as raised:  # noqa: BLE001  # whatever it is, it is raised where the result is asked for
            error = raised
        with self._lock:
            self._open -= 1
        if error:
            call.future.set_exception(error)
        elif is_wanted:
            call.future.set_result(result)


class _Staff:
    """All processes there are, so that they can be ended from anywhere."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: set[_Process] = set()
        self._is_dismissed = False

    def hire(self, ready: Callable[[], None] | None) -> _Process:
        with self._lock:  # one after the other: what multiprocessing keeps of its processes is not made for threads
            if self._is_dismissed:
                raise DiedError(guilty=False)
            process = _Process(ready)
            self._all.add(process)
        return process

    def bury(self, process: _Process) -> None:
        process.end()
        with self._lock:
            self._all.discard(process)

    def dismiss(self) -> None:
        with self._lock:
            self._is_dismissed = True
            for process in self._all:
                process.kill()


class _Post:
    """The place of one process, with or without somebody in it."""

    def __init__(self, staff: _Staff) -> None:
        self._staff = staff
        self._process: _Process | None = None

    def fill(self, ready: Callable[[], None] | None = None) -> _Process:
        """The process at this post, a new one if there is none; raises ChildProcessError where none can be started."""
        if self._process is None:
            self._process = self._staff.hire(ready)
            if not self._process.is_there():
                self.clear()
                raise ChildProcessError("no process to compute in could be started")
        return self._process

    def clear(self) -> None:
        """Ends the process, if there is one."""
        if self._process:
            self._staff.bury(self._process)
            self._process = None

    def answer(self, call: _Call) -> object:
        """What came of a call; raises as ``Pool.submit`` says."""
        try:
            answer = self.fill().answer(call)
        except DiedError:
            self.clear()
            raise
        if isinstance(answer, WorkError):
            raise answer
        return answer


class _Process:
    """A process, seen from this one: it says that it is there, and then answers each call with its result."""

    def __init__(self, ready: Callable[[], None] | None) -> None:
        # Spawned on every system alike: a fork would copy the threads' locks of a watcher or a server.
        context = get_context("spawn")
        self._line, theirs = context.Pipe()
        self._known: deque[bytes] = deque(maxlen=_TASKS)
        self._process = context.Process(target=_serve, args=(theirs, ready), daemon=True)
        with _deaf_to_interrupts():
            self._process.start()
        theirs.close()

    def is_there(self) -> bool:
        """Waits until the process is ready for work, or dead."""
        try:
            self._line.recv()
        except (EOFError, OSError):
            return False
        return True

    def answer(self, call: _Call) -> object:
        task = call.task
        try:
            if task.digest not in self._known:
                self._line.send(task)
                self._line.recv()
                self._known.append(task.digest)
            self._line.send_bytes(call.message)
            if task.seconds and not self._line.poll(task.seconds * _SLOW):
                raise DiedError(guilty=True)
            return self._line.recv()
        except (EOFError, OSError):
            raise DiedError(guilty=self._has_exceeded_limits()) from None

    def _has_exceeded_limits(self) -> bool:
        """Whether the process, which has ended, was ended by its limits."""
        self._process.join()
        by_time = -getattr(signal, "SIGXCPU", 0) or None
        return self._process.exitcode in (_NO_MEMORY, by_time)

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        self._line.close()
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
    """Does one call after the other until nobody is there to ask for any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A linear algebra that nobody uses would start a thread a core, with memory of its own.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    threading.Thread(target=_end_with_parent, daemon=True).start()
    limit_memory(_MEMORY)
    keep_freed_memory()
    with uncollected():  # a seventh of the time that it takes to import things
        if ready:
            ready()
        gc.freeze()
    with suppress(EOFError, OSError):
        line.send(None)
        _do_calls(line)


def _do_calls(line: Connection) -> NoReturn:
    known: dict[bytes, tuple[int, Callable[[], Callable[..., Any]]]] = {}
    while True:
        match line.recv():
            case Task() as task:
                if len(known) == _TASKS:
                    del known[next(iter(known))]  # as the other side does, which knows what is known here
                known[task.digest] = (task.seconds, cache(task.load))
                with suppress(Exception):  # which the calls will tell
                    known[task.digest][1]()
                line.send(None)  # what was imported for it is not on the time of the first call
            case digest, args, kwargs:
                seconds, load = known[digest]
                with uncollected(), limited_time(seconds):
                    answer = _answer(load, args, kwargs)
                line.send_bytes(answer)


def _end_with_parent() -> None:
    """Ends this process, whatever it is busy with, as soon as nobody waits for its results."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(load: Callable[[], Callable[..., Any]], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    """The pickled result of a call, or the pickled WorkError."""
    try:
        return pickle.dumps(load()(*args, **kwargs), _PROTOCOL)
    except MemoryError:
        os._exit(_NO_MEMORY)
    except Exception:  # noqa: BLE001  # whatever it is, it is told in the process that asked
        return pickle.dumps(WorkError(traceback.format_exc()))
