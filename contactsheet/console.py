"""What the command says: talk and problems on standard error, data on standard output, a bar on a terminal."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from contactsheet.problems import Problem

if TYPE_CHECKING:
    from rich.progress import Progress

    from contactsheet.outcome import Outcome

_SILENT_FOR = 1.0  # seconds of work before a progress bar is worth looking at
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


class Bar:
    """A progress bar, on a terminal and for work over a second alone."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted and sys.stderr is not None and sys.stderr.isatty()
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
