"""What every format gets: the findings of a run, and what there is to know for telling them. Nothing is told here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from contactsheet.problems import Problem, Severity

SourceLine = Callable[[str, int], str]
"""The text of a line of a source file, counted from 1; empty where there is none."""


def no_line(_file: str, _number: int) -> str:
    """The source of formats that quote no lines."""
    return ""


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of a run.

    ``problems`` are all of them in order, ``line`` gives the lines to quote. ``strict``: warnings fail as errors do.
    ``summarised``: the full list stands in the summary of the CI's run. ``colour``: the reader is a terminal with
    colours.
    """

    problems: tuple[Problem, ...]
    line: SourceLine = no_line
    strict: bool = False
    summarised: bool = False
    colour: bool = False

    def of(self, severity: Severity) -> list[Problem]:
        """The problems that weigh that much."""
        return [problem for problem in self.problems if problem.severity is severity]

    def fails(self, problem: Problem) -> bool:
        """Whether the problem makes the run fail."""
        return problem.severity is Severity.ERROR or (self.strict and problem.severity is Severity.WARNING)


class Format(Protocol):
    """One way to tell a report: a function from the report to the lines to print."""

    def __call__(self, report: Report) -> Iterator[str]:
        """The lines to print."""


def counted(number: int, name: str) -> str:
    """A number of things in words: 1 error, 12 errors."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def verdict(problems: tuple[Problem, ...]) -> str:
    """How many problems there are of each weight: 1 error, 2 warnings; or: no problems."""
    counts = {severity: sum(1 for one in problems if one.severity is severity) for severity in Severity}
    return ", ".join(counted(number, severity.value) for severity, number in counts.items() if number) or "no problems"
