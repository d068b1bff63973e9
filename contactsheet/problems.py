"""Problems are values: what is wrong, where, and how to mend it. Nothing is raised and nothing is printed here."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a problem weighs. An error keeps the site from being published; a warning does so under --strict."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Place(NamedTuple):
    """Where something begins in a text file: line and column, both counted from 1, in characters."""

    line: int
    column: int


class Problem(NamedTuple):
    """One finding.

    ``file`` is a POSIX path relative to the root of the repository. ``line`` and ``column`` count from 1 and are None
    where a file has no lines (a picture) or is wrong as a whole. ``field`` is the path of the field (``emails.0``)
    or empty. ``message`` says what is wrong, ``fix`` how to mend it; both are plain text that may quote the input,
    so whoever shows them escapes them for their reader. ``related`` are the other files that bring the problem about.
    """

    rule: str
    severity: Severity
    file: str
    line: int | None
    column: int | None
    field: str
    message: str
    fix: str
    related: tuple[str, ...] = ()


Plain = tuple[str, str, str, int | None, int | None, str, str, str, tuple[str, ...]]


def plain(problem: Problem) -> Plain:
    """A problem as plain values, for keeping."""
    return (
        problem.rule,
        problem.severity.value,
        problem.file,
        problem.line,
        problem.column,
        problem.field,
        problem.message,
        problem.fix,
        problem.related,
    )


def from_plain(values: Plain) -> Problem:
    """The problem that ``plain`` made the values of."""
    return Problem(values[0], Severity(values[1]), *values[2:])


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """The problems in the order of file, line, column and rule, the same for any order in which they were found."""
    return sorted(
        set(problems),
        key=lambda p: (p.file, p.line or 0, p.column or 0, p.rule, p.field, p.message, p.fix, p.severity, p.related),
    )
