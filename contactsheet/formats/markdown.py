"""Problems as Markdown, for the comment on a pull request and for the summary of a CI's run."""

from __future__ import annotations

from collections.abc import Iterator

from contactsheet.formats import escape
from contactsheet.formats.report import Report, verdict
from contactsheet.problems import Problem, Severity

COMMENT_LIMIT = 60_000  # bytes; GitHub takes 65,536 characters of a comment
SUMMARY_LIMIT = 1_000_000  # bytes; GitHub takes 1 MiB and drops a longer summary whole


def markdown(report: Report, limit: int = COMMENT_LIMIT) -> Iterator[str]:
    """A heading with the counts and a list of the problems, errors first, in at most ``limit`` bytes of UTF-8."""
    head = f"### Contacts: {verdict(report.problems)}"
    yield head
    if not report.problems:
        return
    yield ""
    ordered = [problem for severity in Severity for problem in report.of(severity)]
    room = limit - len(head) - 200  # for the last line
    for number, problem in enumerate(ordered):
        entry = _entry(problem)
        room -= len(entry.encode()) + 1
        if room < 0:
            yield f"\n… and {len(ordered) - number:,} more; `check --format json` lists all."
            return
        yield entry


def _entry(problem: Problem) -> str:
    place = problem.file if problem.line is None else f"{problem.file}:{problem.line}:{problem.column}"
    told = (
        f"- **{problem.severity}** {escape.markdown_code(place)}: {escape.markdown(problem.message)} (`{problem.rule}`)"
    )
    return f"{told}\\\n  {escape.markdown(problem.fix, escape.LONGEST_FIX)}"
