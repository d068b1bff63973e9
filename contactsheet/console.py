"""What the command says: talk and problems on standard error, data on standard output, a bar on a terminal."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from contactsheet.problems import Problem, Severity

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from contactsheet.outcome import Outcome

_SILENT_FOR = 1.0  # seconds of work before a progress bar is worth looking at
_SILENT_BETWEEN = 5.0  # seconds between two lines where there is no terminal
_LINE_END = re.compile(r"\r\n|\r|\n")


def say(line: str = "") -> None:
    """A line on standard error."""
    _write(sys.stderr, line)


def put(lines: Iterable[str]) -> None:
    """Lines of data on standard output."""
    for line in lines:
        _write(sys.stdout, line, flush=False)
    _write(sys.stdout, "", end="")


def _write(stream: TextIO | None, line: str, *, end: str = "\n", flush: bool = True) -> None:
    """Writes to a stream; when its reader has gone, as in `check | head`, it falls silent and the work goes on."""
    if stream is None:  # the process was started without it
        return
    try:
        print(line, end=end, file=stream, flush=flush)
    except BrokenPipeError:
        # Python would complain once more when it flushes on the way out.
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  # a device, no path of ours
            os.dup2(nowhere.fileno(), stream.fileno())


def has_colours(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal that shows colours and nobody asked for none (no-color.org)."""
    if stream is None or not stream.isatty():
        return False
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and sys.platform != "win32"


def tell(problems: Iterable[Problem], root: Path) -> None:
    """Problems as text on standard error."""
    from contactsheet.formats import Report, text

    for line in text(Report(tuple(problems), SourceLines(root), colour=has_colours(sys.stderr))):
        say(line)


class SourceLines:
    """The lines of the source files below ``root``, for reports that quote them; the last file is remembered."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file = ""
        self._lines: list[str] = []

    def __call__(self, file: str, number: int) -> str:
        """The text of line ``number`` (from 1) of the file; nothing where there is none."""
        if file != self._file:
            self._file, self._lines = file, self._read(file)
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def _read(self, file: str) -> list[str]:
        from contactsheet.read import RECORD_LIMIT, read_bytes

        data = read_bytes(self._root, file, RECORD_LIMIT)
        # Lines as YAML counts them: a form feed or a Unicode separator ends none.
        return _LINE_END.split(data.decode("utf-8-sig", "replace")) if isinstance(data, bytes) else []


class Progress:
    """Shows long work: a bar on a terminal, elsewhere a line every few seconds; and knows how long each stage took."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted
        self._on_terminal = sys.stderr is not None and sys.stderr.isatty()
        self._began = self._told = time.monotonic()
        self._bar: Bar | None = None
        self._stages: dict[str, float] = {}

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._stages.setdefault("", time.monotonic())
        if self._bar:
            self._bar.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` are done in this stage; a total of 0 is not known."""
        now = time.monotonic()
        since = self._stages.setdefault(stage, now)
        if not self._wanted or now - self._began < _SILENT_FOR:
            return
        if self._on_terminal:
            self._show(stage, done, total)
        elif now - self._told > _SILENT_BETWEEN and (0 < done < total or not total):
            self._told = now
            say(_line(stage, done, total, now - since))

    def _show(self, stage: str, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = _bar()
            self._bar.start()
        if not self._bar.tasks or self._bar.tasks[0].description != stage:
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task(stage, total=total or None)
        self._bar.update(self._bar.task_ids[0], completed=done)

    def timings(self) -> Iterator[str]:
        """How long each stage took, line by line, in their order."""
        moments = [*self._stages.values()]
        for stage, (began, ended) in zip(self._stages, pairwise(moments), strict=False):
            yield f"{stage:<10} {ended - began:7.2f} s"


def _line(stage: str, done: int, total: int, seconds: float) -> str:
    """How far a stage is: pictures: 120 of 300, 11 a second, 16 s left."""
    rate = done / seconds if seconds else 0.0
    if not total:
        return f"{stage}: {done:,}" if done else f"{stage} …"
    left = f", {_rate(rate)} a second, {(total - done) / rate:.0f} s left" if rate else ""
    return f"{stage}: {done:,} of {total:,}{left}"


def _rate(rate: float) -> str:
    """How many a second; of what takes seconds, 0 would say nothing."""
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many are done in a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{_rate(task.speed)}/s" if task.speed else "")

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)


def tell_outcome(outcome: Outcome, root: Path, output: Path, least: Severity, seconds: float) -> None:
    """What came of a build: the problems that weigh as much as ``least`` or more, and a line in brief."""
    ranks = list(Severity)
    told = [one for one in outcome.problems if ranks.index(one.severity) <= ranks.index(least)]
    if told:
        tell(told, root)
    if least is not Severity.ERROR:
        say(summary(outcome, output, seconds))


def summary(outcome: Outcome, output: Path, seconds: float) -> str:
    """One line: what the site holds, what was written, how long it took."""
    from contactsheet.formats import counted, verdict

    what = [
        counted(outcome.contacts, "contact"),
        counted(outcome.conversations, "conversation"),
        counted(outcome.pictures, "picture"),
        counted(outcome.merges, "merge"),
    ]
    found = verdict(outcome.problems)
    done = outcome.published
    if done is None:
        return f"{', '.join(what)}. {found}; {_shown(output)} stays as it was. {seconds:.1f} s"
    changed = [f"{done.written} written"] if done.written else []
    changed += [f"{done.deleted} deleted"] if done.deleted else []
    files = f"{counted(done.files, 'file')} in {_shown(output)}, {' and '.join(changed) or 'none changed'}"
    return f"{', '.join(what)}: {files}. {found}. {seconds:.1f} s"


def _shown(path: Path) -> str:
    with suppress(ValueError, OSError):
        return f"{path.relative_to(Path.cwd()).as_posix()}/"
    return str(path)
