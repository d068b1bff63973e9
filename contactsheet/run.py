"""What all stages of a run are given, and what they count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from contactsheet.edition import edition
from contactsheet.fingerprints import fingerprint
from contactsheet.memo import Memo
from contactsheet.outcome import Work
from contactsheet.read import UNCHANGED, Changes, Unread, content
from contactsheet.settings import Settings
from contactsheet.workers import Workers

# From so many records on, several processes are faster than this one alone, although they have to be started first.
_WORTH_PROCESSES = 400

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and how much there is."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody sees."""


def spread(workers: Workers, count: int) -> bool:
    """Whether work on so many contacts is worth several processes."""
    return workers.remote or (workers.jobs > 1 and count >= _WORTH_PROCESSES)


class Run(NamedTuple):
    """What all stages of a run are given.

    ``began`` is the time before anything was looked at, in nanoseconds since 1970. ``changes`` are judged as if they
    were written.
    """

    root: Path
    settings: Settings
    workers: Workers
    memo: Memo
    progress: Progress
    work: Work
    began: int = 0
    changes: Changes = UNCHANGED

    def spread(self, count: int) -> bool:
        """Whether work on so many contacts is worth several processes."""
        return spread(self.workers, count)

    def travelling(self, path: str, limit: int) -> bytes | Unread | None:
        """A file's content where the work cannot read it: on another machine, or not yet written; else None."""
        away = self.workers.remote or path in self.changes
        return content(self.root, path, limit, self.changes) if away else None

    @property
    def judging(self) -> bytes:
        """A fingerprint of what the reading of a record depends on besides its file."""
        # How much a rule weighs is decided at the end.
        return fingerprint(edition(), replace(self.settings, rules={}))
