"""Problems as workflow commands, which GitHub shows as annotations at their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contactsheet.formats.escape import LONGEST_FIX, command_data, command_property, visible
from contactsheet.formats.report import Report, counted
from contactsheet.problems import Problem, Severity

# GitHub shows ten annotations of a kind in a step and drops the others without a word.
_SHOWN_OF_A_KIND = 10


def github(report: Report) -> Iterator[str]:
    """At most ten annotations of a kind; where there are more problems, the tenth says where to find the others."""
    where = "the summary of this run lists all" if report.summarised else "`check --format json` lists all"
    for severity in Severity:
        problems = report.of(severity)
        shown = problems if len(problems) <= _SHOWN_OF_A_KIND else problems[: _SHOWN_OF_A_KIND - 1]
        for problem in shown:
            yield _annotation(problem)
        if left := len(problems) - len(shown):
            more = f"{counted(left, f'more {severity}')} not shown here, {len(problems):,} in all; {where}"
            yield _command(severity, {"title": "contactsheet"}, more)


def _annotation(problem: Problem) -> str:
    properties = {"file": problem.file, "line": problem.line, "col": problem.column, "title": problem.rule}
    return _command(
        problem.severity,
        {key: str(value) for key, value in properties.items() if value is not None},
        f"{visible(problem.message)}\n{visible(problem.fix, LONGEST_FIX)}",
    )


def _command(severity: Severity, properties: Mapping[str, str], text: str) -> str:
    shown = ",".join(f"{key}={command_property(visible(value, 1000))}" for key, value in properties.items())
    return f"::{severity} {shown}::{command_data(text)}"
