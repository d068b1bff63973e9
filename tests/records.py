"""One record's YAML to the checker's verdict, without files: for the tests of reading and checking."""

from __future__ import annotations

from typing import NamedTuple

from contactsheet.check import check
from contactsheet.problems import Problem, Severity
from contactsheet.schema import Record

FILE = "contacts/ada.yaml"


class Verdict(NamedTuple):
    """The record as it was read, or None, and all that was said about it."""

    record: Record | None
    problems: tuple[Problem, ...]

    @property
    def rules(self) -> list[str]:
        """The rules that were broken, in the order of the problems."""
        return [problem.rule for problem in self.problems]

    @property
    def refused(self) -> bool:
        """Whether there is an error."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def only(self) -> Problem:
        """The only problem."""
        (found,) = self.problems
        return found

    @property
    def at(self) -> tuple[int | None, int | None]:
        """Line and column of the only problem."""
        return self.only.line, self.only.column

    @property
    def kept(self) -> Record:
        """The record, which must be there."""
        assert self.record is not None
        return self.record


def judge(text: str | bytes, region: str | None = None) -> Verdict:
    """The verdict on a record's file."""
    data = text if isinstance(text, bytes) else text.encode()
    source, problems = check("ada", FILE, data, region)
    return Verdict(source.record if source else None, problems)


def field(text: str) -> Verdict:
    """The verdict on a record that has a name and this."""
    return judge(f"name: Ada\n{text}\n")
