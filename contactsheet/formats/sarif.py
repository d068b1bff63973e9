"""Problems as SARIF 2.1.0 (OASIS), which GitHub's code scanning and many editors read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from contactsheet import __version__
from contactsheet.formats.escape import LONGEST_FIX, ascii_json, visible
from contactsheet.formats.gitlab import fingerprints
from contactsheet.formats.report import Report
from contactsheet.problems import Problem, Severity
from contactsheet.rules import Rule, catalogue, explanation

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "note"}


def sarif(report: Report) -> Iterator[str]:
    """One run with the rules that were broken and a result for each problem."""
    names = sorted({problem.rule for problem in report.problems})
    numbers = {name: number for number, name in enumerate(names)}
    driver = {"name": "contactsheet", "version": __version__, "rules": [_rule(catalogue()[name]) for name in names]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, numbers, mark) for problem, mark in fingerprints(report.problems)],
    }
    yield ascii_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": " ".join(rule.why.split())},
        "help": {"text": "\n".join(explanation(rule))},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.group]},
    }


def _result(problem: Problem, numbers: dict[str, int], mark: str) -> dict[str, Any]:
    # An address, so that a name with spaces or signs of its own stays one; it is relative to the repository.
    path = quote(problem.file.encode("utf-8", "surrogateescape"))
    location: dict[str, Any] = {"artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%"}}
    if problem.line is not None:
        location["region"] = {"startLine": problem.line, "startColumn": problem.column or 1}
    return {
        "ruleId": problem.rule,
        "ruleIndex": numbers[problem.rule],
        "level": _LEVELS[problem.severity],
        "message": {"text": f"{visible(problem.message)}. {visible(problem.fix, LONGEST_FIX)}"},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"contactsheet/v1": mark},
    }
