"""The executor of other machines: a Dask cluster. The bytes travel there, since it sees none of this machine's files.

There each call is done in a pool of processes with limits, as on one machine. A cluster whose results could differ
from those of this machine is refused.
"""

from __future__ import annotations

import hashlib
import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial
from typing import Any, Generic, ParamSpec, TypeVar

from contactsheet import __version__
from contactsheet.ahead import in_pool
from contactsheet.appearance import LIBRARIES
from contactsheet.edition import code
from contactsheet.pool import Pool, Task, WorkError

Parameters = ParamSpec("Parameters")
Work = TypeVar("Work")
Result = TypeVar("Result")

_CONNECT = 5  # seconds until a scheduler must have answered
_PATIENCE = 30.0  # seconds to wait for a worker when the last one is gone; one that is started anew takes some five
_LOOK = 2.0  # seconds of waiting after which one looks whether there is still anybody who works
_IDLE = 60.0  # seconds after which a worker's processes without work are ended
_BATCH = 1_000_000  # bytes of pieces that travel together: far more than it costs to tell of them, far less than memory
_MOST = 64  # pieces that travel together, so that many small ones with much work in them are shared out as well
_AHEAD = 2  # batches per thread of the cluster that wait, run or are done
_TASKS = 4  # tasks that the cluster is made to remember

_CODECS = ("jpg", "libjpeg_turbo", "zlib", "webp", "littlecms2")


class ClusterError(Exception):
    """The cluster cannot do the work; the text says why and what to do."""


class Fate(Enum):
    """What comes instead of a result."""

    DEAD = "dead"


DEAD = Fate.DEAD


@dataclass(frozen=True, slots=True)
class Batch(Generic[Work]):
    """Pieces of work that travel together, and the same pickled."""

    pieces: list[Work]
    data: list[bytes]


def batches(work: Iterable[Work], jobs: int) -> Iterator[Batch[Work]]:
    """The pieces in their order, as many together as make a message of a sensible size.

    The first batches are small, so that little work is shared out among all ``jobs`` as well as much.
    """
    made = size = 0
    batch: Batch[Work] = Batch([], [])
    for piece in work:
        batch.pieces.append(piece)
        batch.data.append(pickle.dumps(piece, 5))
        size += len(batch.data[-1])
        if size >= _BATCH or len(batch.pieces) >= min(_MOST, 1 << min(made // jobs, 16)):
            yield batch
            made, size, batch = made + 1, 0, Batch([], [])
    if batch.pieces:
        yield batch


class Cluster(Executor):
    """A connection to the Dask scheduler at ``address``, such as tcp://host:8786.

    Raises ClusterError where there is none. Whoever can reach a scheduler can run programs on its workers, and the
    workers see what they compute: both have to be trusted.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._client = _client(address)
        self._executor: Executor = self._client.get_executor()
        self._tasks: dict[bytes, Any] = {}

    @property
    def jobs(self) -> int:
        """How many threads the workers have together; waits a while for the first worker."""
        until = time.monotonic() + _PATIENCE
        while not (threads := self._threads()):
            if time.monotonic() > until:
                raise ClusterError(
                    f"the cluster at {self._address} has no workers; start some: dask worker {self._address}"
                )
            time.sleep(0.1)
        return threads

    @property
    def ahead(self) -> int:
        """How many batches should be under way at a time."""
        return self.jobs * _AHEAD

    def submit(
        self, function: Callable[Parameters, Result], /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Future[Result]:
        """Has a function called on a worker, without limits: ``submit_batch`` is what work goes through."""
        with self._told():
            return self._executor.submit(_call, function, args, kwargs)

    def submit_batch(self, task: Task, batch: Batch[Any]) -> Future[list[Any]]:
        """Has a task called with each piece of a batch; ``results`` are to be had from the future.

        What the cluster has already is not sent again: tasks and batches are known there by the hash of their content.
        """
        digest = hashlib.sha256(task.digest)
        for one in batch.data:
            digest.update(hashlib.sha256(one).digest())
        with self._told():
            return self._executor.submit(
                _work_off,
                facts(),
                self._shared(task),
                batch.data,
                key=f"contactsheet-batch-{digest.hexdigest()}",  # type: ignore[call-arg]  # an option of the executor
            )

    def results(self, batch: Batch[Any], future: Future[list[Any]]) -> list[Any]:
        """The results of a batch's pieces; DEAD for each that ended its process.

        Raises WorkError where the task does, and ClusterError where no result is to be expected any more.
        """
        from distributed import KilledWorker

        last_seen = time.monotonic()
        while not wait([future], _LOOK).done:
            if self._threads():
                last_seen = time.monotonic()
            elif time.monotonic() - last_seen > _PATIENCE:
                raise ClusterError(
                    f"the cluster at {self._address} has lost its last worker; "
                    "look there for what ended them, and start new ones"
                )
        with self._told():
            try:
                return future.result()
            except KilledWorker:  # several workers, one after the other, and each time with this batch
                return [DEAD] * len(batch.pieces)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002  # all or nothing
        """Leaves the cluster, which forgets what was not asked for."""
        self._tasks.clear()
        with suppress(Exception):  # a scheduler that is gone cannot be told
            self._client.close(timeout=2)

    def _shared(self, task: Task) -> Any:
        """The task as something that the cluster has, and makes again when the worker that kept it is gone."""
        if task.digest not in self._tasks:
            if len(self._tasks) == _TASKS:
                del self._tasks[next(iter(self._tasks))]
            key = f"contactsheet-task-{task.digest.hex()}"
            self._tasks[task.digest] = self._client.submit(_same, task, key=key)
        return self._tasks[task.digest]

    def _threads(self) -> int:
        with self._told():
            return sum(self._client.nthreads(callback_timeout=_CONNECT).values())

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Makes what may go wrong with a cluster, in this block, a sentence."""
        from distributed.comm.core import CommClosedError

        try:
            yield
        except (ClusterError, WorkError):
            raise
        except (CancelledError, CommClosedError):
            raise ClusterError(
                f"the connection to the scheduler at {self._address} was lost; look whether it runs, and try again"
            ) from None
        except Exception as error:
            raise ClusterError(
                f"the cluster at {self._address} cannot do the work: {type(error).__name__}: {error}; the scheduler "
                "and the workers need the versions of Python, contactsheet and distributed that this machine has"
            ) from error


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError("a cluster needs the package distributed: pip install 'contactsheet[cluster]'") from None
    import gc
    import logging

    # A client that could not connect is closed when it is collected. If that happened while another one starts, both
    # would wait for one lock, for ever.
    gc.collect()
    for name in ("distributed", "distributed.client"):  # what matters is raised, and told once
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return Client(  # type: ignore[no-untyped-call]  # it has no types for its arguments
            address, timeout=_CONNECT, set_as_default=False, name="contactsheet"
        )
    except (OSError, ValueError, ImportError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address} ({error}); look whether it runs and whether the address is right, "
            "or start one: dask scheduler"
        ) from None


# --- what shows in the results ---------------------------------------------------------------------------------------


@cache
def facts() -> tuple[tuple[str, str], ...]:
    """What this process computes with: everything whose version may show in a result, by its name."""
    import platform
    import sys
    from importlib.metadata import PackageNotFoundError, version

    from PIL import features

    found = {"Python": platform.python_version(), "system": sys.platform, "processor": platform.machine()}
    for name in sorted({"distributed", *LIBRARIES}):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    for name in _CODECS:
        found[name] = features.version(name) or "missing"
    return (("contactsheet", f"{__version__} ({code().hex()[:12]})"), *sorted(found.items()))


def refuse_others(theirs: tuple[tuple[str, str], ...]) -> None:
    """Raises ClusterError where this process computes with something else than one whose ``facts`` are ``theirs``."""
    here, there = dict(facts()), dict(theirs)
    differing = [name for name in sorted({*here, *there}) if here.get(name) != there.get(name)]
    if differing:
        told = ", ".join(f"{name} {here.get(name)} instead of {there.get(name)}" for name in differing)
        raise ClusterError(
            f"a worker of the cluster has {told}, so that its results could differ; "
            "install the same versions there as here, and start the workers again"
        )


# --- on a worker of the cluster --------------------------------------------------------------------------------------


def _same(task: Task) -> Task:
    return task


def _call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)


def _dead(_piece: object) -> Fate:
    return DEAD


def _work_off(theirs: tuple[tuple[str, str], ...], task: Task, data: list[bytes]) -> list[Any]:
    """The results of a batch, or DEAD for a piece whose process died of it: this worker itself must not."""
    refuse_others(theirs)
    pieces = (pickle.loads(one) for one in data)  # noqa: S301  # a cluster trusts its clients
    return list(in_pool(partial(_pool_of_worker().submit, task), pieces, _dead, len(data)))


def _pool_of_worker() -> Pool:
    """The pool of processes that this worker has, once it had work."""
    from multiprocessing import current_process

    from distributed import get_worker

    worker = get_worker()
    # Workers are daemons, which may have no children lest these outlive them; those of a pool never do.
    if current_process().daemon:
        current_process().daemon = False
    pool: Pool = worker.__dict__.setdefault("contactsheet", Pool(worker.state.nthreads, _IDLE))
    return pool
