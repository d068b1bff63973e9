"""Problems as a good compiler tells them: place, severity and message, the line with a mark, how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from contactsheet.formats.escape import LONGEST_FIX, no_log_command, visible
from contactsheet.formats.report import Report, verdict
from contactsheet.problems import Problem, Severity

PRINTED_IN_FULL = 50
_BEFORE, _BEHIND = 80, 160  # characters of a long line that are shown before its mark and behind it
_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTICE: "\x1b[1;36m"}
_PLAIN = "\x1b[0m"


def text(report: Report) -> Iterator[str]:
    """At most 50 problems in full, the errors before all others; then how many more there are."""
    shown = _most_severe(report.problems)
    for _, alike in groupby(shown, key=_remedy):
        yield from _told(list(alike), report)
    left = len(report.problems) - len(shown)
    if left:
        yield f"… and {left:,} more; `check --format json` lists all ({verdict(report.problems)})."


def _most_severe(problems: Sequence[Problem]) -> list[Problem]:
    """As many problems as are told in full, in the order in which they were given."""
    if len(problems) <= PRINTED_IN_FULL:
        return list(problems)
    ranks = list(Severity)
    numbers = sorted(range(len(problems)), key=lambda number: ranks.index(problems[number].severity))
    return [problems[number] for number in sorted(numbers[:PRINTED_IN_FULL])]


def _remedy(problem: Problem) -> tuple[object, ...]:
    """What makes problems in a row share one remedy: the same rule and words, and no line to quote in between."""
    return (problem.rule, problem.fix) if problem.line is None else (problem,)


def _told(alike: Sequence[Problem], report: Report) -> Iterator[str]:
    for problem in alike:
        yield from _head(problem, report)
    label = "fix" if len(alike) == 1 else f"fix, for all {len(alike)}"
    yield f"  {label}: {visible(alike[0].fix, LONGEST_FIX)}"
    yield ""


def _head(problem: Problem, report: Report) -> Iterator[str]:
    place = visible(problem.file)
    if problem.line is not None:
        place += f":{problem.line}:{problem.column}"
    severity = _painted(problem.severity, problem.severity, report)
    yield f"{place}: {severity}: {visible(problem.message)} [{problem.rule}]"
    if problem.line is not None and problem.column is not None:
        source = report.line(problem.file, problem.line)
        yield from _marked(source, problem.line, problem.column, _painted("^", problem.severity, report))


def _marked(source: str, number: int, column: int, mark: str) -> Iterable[str]:
    """The line and below it the mark, under the right sign also behind wide and combining ones."""
    from rich.cells import cell_len

    if not source.strip():
        return ()
    start = max(0, column - 1 - _BEFORE)
    before = "…" if start else ""
    # A tab is as wide as the terminal likes; as one space it keeps the mark in its place.
    before += visible(source[start : column - 1].replace("\t", " "))
    rest = visible(source[column - 1 :].replace("\t", " "), _BEHIND)
    gutter = f"  {number} | "
    return (
        f"{gutter}{no_log_command(before + rest)}",
        f"{' ' * (len(gutter) - 2)}| {' ' * cell_len(before)}{mark}",
    )


def _painted(word: str, severity: Severity, report: Report) -> str:
    return f"{_COLOURS[severity]}{word}{_PLAIN}" if report.colour else word
