"""What the command says while it works, on standard error: problems, progress, a summary. Data never goes this way."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from contactsheet.problems import Problem, Severity

if TYPE_CHECKING:
    from rich.progress import Progress

    from contactsheet.pipeline import Outcome

_SILENT_FOR = 1.0  # seconds of work before a progress bar is worth looking at


def say(line: str = "") -> None:
    """A line on standard error."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def put(lines: Iterable[str]) -> None:
    """Lines of data on standard output."""
    for line in lines:
        print(line)  # noqa: T201
    sys.stdout.flush()


def tell(problems: Iterable[Problem], root: Path) -> None:
    """Problems as text on standard error."""
    from contactsheet.formats import text

    for line in text(tuple(problems), source_lines(root)):
        say(line)


@dataclass(frozen=True, slots=True)
class source_lines:  # noqa: N801  # a function that remembers the last file
    """The lines of the source files below ``root``, for the reports that quote them."""

    root: Path
    _read: dict[str, list[str]] = field(default_factory=dict)

    def __call__(self, file: str, number: int) -> str:
        """The text of line ``number`` (from 1) of the file, or nothing."""
        from contactsheet.document import SIZE_LIMIT
        from contactsheet.read import read_bytes

        if file not in self._read:
            data = read_bytes(self.root, file, SIZE_LIMIT)
            self._read.clear()
            self._read[file] = data.decode("utf-8", "replace").splitlines() if isinstance(data, bytes) else []
        lines = self._read[file]
        return lines[number - 1] if number <= len(lines) else ""


class Bar:
    """A progress bar, on a terminal and for work over a second alone."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted and sys.stderr.isatty()
        self._began = time.monotonic()
        self._progress: Progress | None = None
        self._stage = ""

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress:
            self._progress.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` are done in this stage; a total of 0 is not known."""
        if not self._wanted or time.monotonic() - self._began < _SILENT_FOR:
            return
        if self._progress is None:
            self._progress = _progress()
            self._progress.start()
        if stage != self._stage:
            for task in self._progress.task_ids:
                self._progress.remove_task(task)
            self._progress.add_task(stage, total=total or None)
            self._stage = stage
        self._progress.update(self._progress.task_ids[0], completed=done)


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)


def summary(outcome: Outcome, output: Path, seconds: float) -> str:
    """One line: what the site holds, what was written, how long it took."""
    what = [
        _counted(outcome.contacts, "contact"),
        _counted(outcome.conversations, "conversation"),
        _counted(outcome.pictures, "picture"),
        _counted(outcome.merges, "merge"),
    ]
    done = outcome.published
    if done is None:
        return f"{', '.join(what)}. {verdict(outcome)}; {_shown(output)} stays as it was. {seconds:.1f} s"
    changed = [f"{done.written} written"] if done.written else []
    changed += [f"{done.deleted} deleted"] if done.deleted else []
    files = f"{_counted(done.files, 'file')} in {_shown(output)}, {' and '.join(changed) or 'none changed'}"
    return f"{', '.join(what)}: {files}. {verdict(outcome)}. {seconds:.1f} s"


def verdict(outcome: Outcome) -> str:
    """How many problems there are: 1 error, 2 warnings; or: no problems."""
    names = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "notice"}
    counts = [_counted(outcome.count(severity), name) for severity, name in names.items() if outcome.count(severity)]
    return ", ".join(counts) or "no problems"


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def _shown(path: Path) -> str:
    with suppress(ValueError):
        return f"{path.relative_to(Path.cwd()).as_posix()}/"
    return str(path)
