"""Where work is computed: in this process, in a pool of processes of this machine, or on a cluster of machines.

Results come in the order of the work, whoever was faster, and are the same wherever they were computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from contactsheet.ahead import ahead, in_pool

if TYPE_CHECKING:
    from concurrent.futures import Future

    from contactsheet.cluster import Cluster
    from contactsheet.pool import Pool, Task

Common = TypeVar("Common")
Work = TypeVar("Work")
Result = TypeVar("Result")

# Pieces of work per process that wait, run or are done: as many as take longer than what this process does meanwhile.
# More would only hold memory.
_AHEAD = 6
_BEGUN = 24  # the same for work that is begun before anybody asks for its results


class Workers:
    """Up to ``jobs`` processes, started when there is work for them and kept until the end.

    With 0 jobs all work is done in this process, where nothing limits it. With the address of a Dask scheduler, such
    as tcp://host:8786, it is done on that cluster, however many jobs there are; the connection is made with the first
    work.
    """

    def __init__(self, jobs: int, cluster: str = "") -> None:
        self._jobs, self._address = jobs, cluster
        self._pool: Pool | None = None
        self._cluster: Cluster | None = None
        self._begun: dict[bytes, dict[Any, Future[Any]]] = {}  # by the task and the piece of work

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.kill_workers()
        self._pool = None
        self._leave()

    @property
    def remote(self) -> bool:
        """Whether the work goes to other machines, which do not see the files of this one."""
        return bool(self._address)

    @property
    def jobs(self) -> int:
        """How many pieces of work are done at a time; raises ClusterError for a cluster that cannot be reached."""
        return self._connected().jobs if self.remote else self._jobs

    def expect(self, count: int, ready: Callable[[], None]) -> None:
        """Starts the processes for so many pieces of work that are to come, while this one does something else.

        Each calls ``ready`` first, which imports what the work will need. A cluster needs no such help.
        """
        if self._jobs and count and not self.remote:
            self._started().expect(count, ready)

    def prepare(self, ready: Callable[[], None]) -> None:
        """As ``expect``, for the processes that are there, when they have done what they have; none is started."""
        if self._pool:
            self._pool.prepare(ready)

    def begin(
        self, function: Callable[..., Result], work: Iterable[Work], *, seconds: int = 0, common: object = None
    ) -> None:
        """Begins with the first pieces of work that ``map`` is about to be asked for, as far as that can be foreseen.

        They are done while this process does something else, in the order in which they are begun. What the next
        ``map`` of the function does not ask for after all is dropped. The pieces have to be hashable. A cluster begins
        nothing.
        """
        some = [] if self.remote else list(islice(work, self._jobs * _BEGUN))
        if not some:
            return
        from contactsheet.pool import Task

        task = Task.of(function, common=common, seconds=seconds)
        submit = partial(self._started().submit, task)
        self._begun[task.digest] = {piece: submit(piece) for piece in some}

    def drop_begun(self) -> None:
        """Drops what was begun and not asked for: the files of its pieces may have changed since."""
        for pieces in self._begun.values():
            for future in pieces.values():
                future.cancel()
        self._begun.clear()

    def rest(self) -> None:
        """Lets the processes go, with the memory that they hold: for now there is no more work that is worth them."""
        self.drop_begun()
        if self._pool:
            self._pool.kill_workers()
            self._pool = None

    @overload
    def map(
        self,
        function: Callable[[Work], Result],
        work: Iterable[Work],
        *,
        apart: bool,
        on_death: Callable[[Work], Result],
        seconds: int = 0,
    ) -> Iterator[Result]: ...

    @overload
    def map(
        self,
        function: Callable[[Common, Work], Result],
        work: Iterable[Work],
        *,
        apart: bool,
        on_death: Callable[[Work], Result],
        seconds: int = 0,
        common: Common,
    ) -> Iterator[Result]: ...

    def map(
        self,
        function: Callable[..., Result],
        work: Iterable[Work],
        *,
        apart: bool,
        on_death: Callable[[Work], Result],
        seconds: int = 0,
        common: object = None,
    ) -> Iterator[Result]:
        """The results of ``function`` for each piece of work, in the order of the work.

        ``common`` is given to the function before each piece, and sent to each process once, by its content.
        ``apart``: whether it is to be done in other processes: because it is much, or because it is risky. Only a few
        pieces are under way at a time, so memory does not grow with their number. A piece may compute for ``seconds``
        (0: without a limit); a process that exceeds them or its memory, or is killed, is replaced. If it died of
        something that may have come from outside, its piece is tried once more; else, or if that fails too, the
        result is ``on_death`` of the piece. Raises WorkError where ``function`` raises, ChildProcessError where no
        process can be started, and ClusterError where the cluster cannot do the work.
        """
        if not apart or not (self._jobs or self.remote):
            return _here(function if common is None else partial(function, common), work)
        from contactsheet.pool import Task

        task = Task.of(function, common=common, seconds=seconds)
        if self.remote:
            return self._on_cluster(task, work, on_death)
        return self._in_pool(task, work, on_death)

    def _in_pool(self, task: Task, work: Iterable[Work], on_death: Callable[[Work], Result]) -> Iterator[Result]:
        pool, begun = self._started(), self._begun.pop(task.digest, {})

        def submit(piece: Work) -> Future[Result]:
            return begun.pop(piece) if begun and piece in begun else pool.submit(task, piece)

        try:
            yield from in_pool(submit, work, on_death, self._jobs * _AHEAD)
        finally:
            for future in begun.values():
                future.cancel()

    def _on_cluster(self, task: Task, work: Iterable[Work], on_death: Callable[[Work], Result]) -> Iterator[Result]:
        """As in a pool, but pieces travel in batches, and the cluster does again by itself what its machines lost."""
        from contactsheet.cluster import DEAD, ClusterError, batches

        try:
            cluster = self._connected()
            submit = partial(cluster.submit_batch, task)
            for batch, future in ahead(submit, batches(work, cluster.jobs), cluster.ahead):
                for piece, result in zip(batch.pieces, cluster.results(batch, future), strict=True):
                    yield on_death(piece) if result is DEAD else result
        except ClusterError:
            self._leave()  # the next round may find another one at the same address
            raise

    def _started(self) -> Pool:
        from contactsheet.pool import Pool

        self._pool = self._pool or Pool(self._jobs)
        return self._pool

    def _connected(self) -> Cluster:
        from contactsheet.cluster import Cluster

        self._cluster = self._cluster or Cluster(self._address)
        return self._cluster

    def _leave(self) -> None:
        if self._cluster:
            self._cluster.shutdown(cancel_futures=True)
        self._cluster = None


def _here(function: Callable[[Work], Result], work: Iterable[Work]) -> Iterator[Result]:
    """One piece after the other, each when its result is asked for."""
    from contactsheet.inline import Inline

    inline = Inline()
    for _, future in ahead(lambda piece: inline.submit(function, piece), work, 1):
        yield future.result()
