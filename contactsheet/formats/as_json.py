"""Problems as one JSON object, for programs."""

from __future__ import annotations

from collections.abc import Iterator

from contactsheet.formats.escape import ascii_json
from contactsheet.formats.report import Report


def as_json(report: Report) -> Iterator[str]:
    """``{"problems": [...]}`` with all problems."""
    from contactsheet.ledger import problem_entry

    yield ascii_json({"problems": [problem_entry(problem) for problem in report.problems]})
