"""Problems as JUnit's XML, which most services that run tests show: a suite for each file, a case for each problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from contactsheet.formats.escape import LONGEST_FIX, visible
from contactsheet.formats.report import Report
from contactsheet.problems import Problem

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def junit(report: Report) -> Iterator[str]:
    """One XML document in ASCII. What does not fail the run is a passed case that says so in its output."""
    from xml.etree import ElementTree as Xml

    failed = sum(1 for problem in report.problems if report.fails(problem))
    number = max(len(report.problems), 1)
    top = Xml.Element("testsuites", name="contactsheet", tests=f"{number}", failures=f"{failed}", errors="0")
    for file, found in groupby(report.problems, key=lambda problem: problem.file):
        _suite(top, file, list(found), report)
    if not report.problems:
        # A report without any case counts as a broken one.
        suite = Xml.SubElement(top, "testsuite", name="contacts", tests="1", failures="0", errors="0")
        Xml.SubElement(suite, "testcase", classname="contacts", name="check")
    Xml.indent(top, " ")
    yield Xml.tostring(top, encoding="us-ascii", xml_declaration=True).decode("ascii")


def _suite(top: Element, file: str, problems: list[Problem], report: Report) -> None:
    from xml.etree import ElementTree as Xml

    name = visible(file, 4096)  # also free of the characters that XML 1.0 forbids
    failed = sum(1 for problem in problems if report.fails(problem))
    suite = Xml.SubElement(top, "testsuite", name=name, tests=f"{len(problems)}", failures=f"{failed}", errors="0")
    seen: Counter[str] = Counter()
    for problem in problems:
        at = f" at {problem.line}:{problem.column}" if problem.line is not None else ""
        case_name = f"{problem.rule}{at}"
        seen[case_name] += 1
        again = f" ({seen[case_name]})" if seen[case_name] > 1 else ""
        case = Xml.SubElement(suite, "testcase", classname=name, name=f"{case_name}{again}", file=name)
        message, fix = visible(problem.message), visible(problem.fix, LONGEST_FIX)
        if report.fails(problem):
            failure = Xml.SubElement(case, "failure", type=problem.rule, message=message)
            failure.text = f"{name}{at}: {problem.severity}: {message}\nfix: {fix}"
        else:
            Xml.SubElement(case, "system-out").text = f"{problem.severity}: {message}\nfix: {fix}"
