"""Problems as a Code Quality report, which GitLab shows in a merge request (docs.gitlab.com, “Code Quality”)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from contactsheet.formats.escape import LONGEST_FIX, ascii_json, visible
from contactsheet.formats.report import Report
from contactsheet.problems import Problem, Severity

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTICE: "info"}


def gitlab(report: Report) -> Iterator[str]:
    """A JSON list with an entry for each problem."""
    entries = [
        {
            "description": f"{visible(problem.message)}. {visible(problem.fix, LONGEST_FIX)}",
            "check_name": problem.rule,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[problem.severity],
            "location": {"path": visible(problem.file, 4096), "lines": {"begin": problem.line or 1}},
        }
        for problem, fingerprint in fingerprints(report.problems)
    ]
    yield ascii_json(entries)


def fingerprints(problems: tuple[Problem, ...]) -> Iterator[tuple[Problem, str]]:
    """Each problem with a hexadecimal name of its own, which stays the same while lines move and numbers change."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for problem in problems:
        same = problem.rule, problem.file, problem.field
        seen[same] += 1
        name = "\0".join((*same, str(seen[same]))).encode("utf-8", "backslashreplace")
        yield problem, hashlib.sha256(name).hexdigest()
