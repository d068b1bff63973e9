"""How problems are told: as text for people, as JSON for programs, as annotations for GitHub.

Everything that comes from the input is escaped for its reader.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from contactsheet.ledger import problem_entry
from contactsheet.problems import Problem, Severity

PRINTED_IN_FULL = 50
_LONGEST = 200  # characters of a message or a line that are shown

SourceLine = Callable[[str, int], str]
"""The text of a line of a source file, counted from 1; empty where there is none."""


class Format(Protocol):
    """One way to tell problems: a function from all of them, in order, to the lines to print."""

    def __call__(self, problems: Sequence[Problem], line: SourceLine) -> Iterator[str]:
        """The lines to print."""


def visible(text: str, longest: int = _LONGEST) -> str:
    """A text from the input as a terminal may show it: cut if long, invisible and directing characters as escapes.

    A name thus cannot move the cursor, turn the text round or pass for another line of the report.
    """
    cut = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(c if _is_plain(c) else _escape(c) for c in cut)


def _is_plain(c: str) -> bool:
    return c == " " or unicodedata.category(c)[0] not in "CZ"


def _escape(c: str) -> str:
    code = ord(c)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def text(problems: Sequence[Problem], line: SourceLine) -> Iterator[str]:
    """As a compiler tells them: place, severity and message, the line with a mark under the field, the remedy."""
    for problem in problems[:PRINTED_IN_FULL]:
        yield from _told(problem, line)
    if len(problems) > PRINTED_IN_FULL:
        yield f"… and {len(problems) - PRINTED_IN_FULL} more; --format json lists all {len(problems)}."


def _told(problem: Problem, line: SourceLine) -> Iterator[str]:
    place = visible(problem.file)
    if problem.line is not None:
        place += f":{problem.line}:{problem.column}"
    yield f"{place}: {problem.severity}: {visible(problem.message)} [{problem.rule}]"
    if problem.line is not None and problem.column is not None:
        yield from _marked(line(problem.file, problem.line), problem.line, problem.column)
    yield f"  fix: {visible(problem.fix, 400)}"
    yield ""


def _marked(source: str, number: int, column: int) -> Iterator[str]:
    from rich.cells import cell_len

    if not source.strip():
        return
    # Of a long line, the part around the mark; a tab takes one place so that the mark stands under its sign.
    start = max(0, column - 80)
    before = visible(source[start : column - 1].replace("\t", " "))
    rest = visible(source[column - 1 : start + 160].replace("\t", " "))
    gutter = f"  {number} | "
    yield f"{gutter}{before}{rest}"
    yield f"{' ' * (len(gutter) - 2)}| {' ' * cell_len(before)}^"


def as_json(problems: Sequence[Problem], line: SourceLine) -> Iterator[str]:  # noqa: ARG001
    """All problems as one JSON object. Non-ASCII signs are escaped, so that it survives every terminal and pipe."""
    yield json.dumps({"problems": [problem_entry(problem) for problem in problems]}, indent=1)


def github(problems: Sequence[Problem], line: SourceLine) -> Iterator[str]:  # noqa: ARG001
    """Workflow commands that GitHub shows as annotations at their lines (docs.github.com, “Workflow commands”)."""
    for problem in problems:
        properties = {"file": problem.file, "line": problem.line, "col": problem.column, "title": problem.rule}
        shown = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value is not None)
        command = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "notice"}[problem.severity]
        yield f"::{command} {shown}::{_data(f'{visible(problem.message)}. {visible(problem.fix, 400)}')}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(visible(value, 1000)).replace(":", "%3A").replace(",", "%2C")


FORMATS: Mapping[str, Format] = {"text": text, "github": github, "json": as_json}
