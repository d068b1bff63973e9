"""What the open pages are told: the number of the last build that changed anything, and what is wrong at present.

One thread tells, the server's loop listens. It knows nothing of pages, and keeps nothing for who is not connected: who
comes back says what they have seen.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from contactsheet.console import SourceLines
from contactsheet.formats.escape import visible
from contactsheet.formats.text import PRINTED_IN_FULL
from contactsheet.ledger import problem_entry
from contactsheet.problems import Problem, Severity


@dataclass(frozen=True, slots=True)
class State:
    """How things stand after build ``number``; ``site`` is the one that changed the site last.

    ``report`` is the JSON of what is wrong.
    """

    number: int
    site: int
    report: str


class Live:
    """The present state, and those who wait for the next one: so many ``listeners``, who count themselves."""

    def __init__(self) -> None:
        self.state = State(0, 0, report_of((), Path()))
        self.is_closed = False
        self.listeners = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bell = asyncio.Event()

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on, who waits on this loop is woken."""
        self._loop = loop

    def tell(self, report: str, *, changed: bool) -> None:
        """A build is over, and ``changed`` the site, or not; one without news does not count. From any thread."""
        number = self.state.number + (changed or report != self.state.report)
        self.state = State(number, number if changed else self.state.site, report)
        self._ring()

    def close(self) -> None:
        """Nobody is to wait any longer. From any thread."""
        self.is_closed = True
        self._ring()

    async def after(self, state: State, seconds: float) -> None:
        """Waits until there is another state, for so long at most."""
        bell = self._bell
        if self.state is state and not self.is_closed:
            try:
                await asyncio.wait_for(bell.wait(), seconds)
            except TimeoutError:
                return

    def _ring(self) -> None:
        def ring() -> None:
            bell, self._bell = self._bell, asyncio.Event()
            bell.set()

        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(ring)


def report_of(problems: Sequence[Problem], root: Path) -> str:
    """Problems as JSON for the pages, each with its line's text: errors first, as many as one reads, and a count."""
    ranks = list(Severity)
    told = [one for one in problems if one.severity is not Severity.NOTICE]
    told.sort(key=lambda one: ranks.index(one.severity))
    lines = SourceLines(root)
    entries = [{**problem_entry(one), "source": _source(one, lines)} for one in told[:PRINTED_IN_FULL]]
    return _report(entries, len(told) - len(entries))


def report_of_failure(sentence: str) -> str:
    """The report where nothing could be built at all, and why: settings that cannot be read, a disk that is full."""
    empty = {"rule": "", "file": "", "line": None, "column": None, "field": "", "fix": "", "source": ""}
    return _report([{**empty, "severity": Severity.ERROR.value, "message": visible(sentence, 1000)}], 0)


def _report(entries: Iterable[dict[str, object]], more: int) -> str:
    return json.dumps({"problems": list(entries), "more": more})


def _source(problem: Problem, lines: SourceLines) -> str:
    return visible(lines(problem.file, problem.line)) if problem.line else ""
