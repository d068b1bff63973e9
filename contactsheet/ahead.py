"""Work that is submitted ahead of its results: some pieces are under way at a time, and results come in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

Work = TypeVar("Work")
Result = TypeVar("Result")

_BREATH = 1.0  # seconds; on Windows, Ctrl-C is not heard while one waits for longer


def ahead(
    submit: Callable[[Work], Future[Result]], work: Iterable[Work], count: int
) -> Iterator[tuple[Work, Future[Result]]]:
    """The pieces in their order, each with its future; up to ``count`` are submitted when the first is given."""
    pieces = iter(work)
    under_way: deque[tuple[Work, Future[Result]]] = deque()
    try:
        while True:
            for piece in islice(pieces, count - len(under_way)):
                under_way.append((piece, submit(piece)))
            if not under_way:
                return
            yield under_way.popleft()
    finally:
        for _, future in under_way:
            future.cancel()


def in_pool(
    submit: Callable[[Work], Future[Result]], work: Iterable[Work], on_death: Callable[[Work], Result], count: int
) -> Iterator[Result]:
    """The results for each piece of work, as ``Workers.map`` gives them; ``count`` pieces are under way in a pool."""
    from contactsheet.pool import DiedError

    for piece, future in ahead(submit, work, count):
        try:
            result = _result(future)
        except DiedError as died:
            result = on_death(piece) if died.guilty else _once_more(submit, piece, on_death)
        yield result


def _once_more(submit: Callable[[Work], Future[Result]], piece: Work, on_death: Callable[[Work], Result]) -> Result:
    from contactsheet.pool import DiedError

    try:
        return _result(submit(piece))
    except DiedError:
        return on_death(piece)


def _result(future: Future[Result]) -> Result:
    """What the future gives, once it does; meanwhile an interrupt is heard."""
    while not future.done():
        with suppress(TimeoutError):
            return future.result(_BREATH)
    return future.result()
