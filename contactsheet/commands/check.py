"""`check`: everything that is wrong, in the form that its reader wants. It publishes nothing."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contactsheet import console
from contactsheet.commands.endings import FAILED, RefusedError, refusals, remembered, settings_of, told
from contactsheet.commands.shared import jobs_option, problem_formats, root_option, strict_option

if TYPE_CHECKING:
    from contactsheet.formats import Report


@click.command(
    epilog="""\b
Examples:
  build.py check
  build.py check --since origin/main
  build.py check --format sarif > contacts.sarif
""",
)
@root_option
@jobs_option
@strict_option
@click.option(
    "--format",
    "form",
    type=problem_formats,
    help="How problems are told [default: github on GitHub Actions, else text].",
)
@click.option(
    "--since",
    metavar="REV",
    help="Let only problems fail that the changes since REV touch [default: the base of the pull or merge request].",
)
def check(root: Path, jobs: int, strict: bool, form: str | None, since: str | None) -> int:
    """Check everything and write nothing: what CI runs."""
    from contactsheet import pipeline
    from contactsheet.formats import FORMATS, Report, counted, verdict
    from contactsheet.publish import recover
    from contactsheet.touched import softened
    from contactsheet.workers import Workers

    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    chosen = form or ("github" if on_github else "text")
    with Workers(jobs) as workers, console.Progress(wanted=True) as progress:
        with refusals():
            recover(root / "output")
        with refusals(), closing(remembered(root)) as memo:
            outcome = pipeline.check(root, settings_of(root), workers, progress, memo)
    touched = _touched(root, since)
    if touched is not None:
        problems = softened(outcome.problems, touched)
        if chosen == "github":  # of what GitHub shows of each kind, the change's own comes first
            problems.sort(key=lambda problem: problem.file not in touched)
        outcome = outcome._replace(problems=tuple(problems))
    lines = console.SourceLines(root)
    report = Report(outcome.problems, lines, strict, colour=chosen == "text" and console.has_colours(sys.stdout))
    if chosen == "github":
        report = replace(report, summarised=_summarised(report))
    console.put(FORMATS[chosen](report))
    console.say(f"{counted(outcome.contacts, 'contact')} checked: {verdict(outcome.problems)}.")
    return FAILED if outcome.failed(strict) else 0


def _touched(root: Path, since: str | None) -> frozenset[str] | None:
    """The files that the change touches; None where there is no base to compare with, so that every problem counts."""
    from contactsheet.git import GitError
    from contactsheet.touched import base_of_ci, touched_since

    revision = since or base_of_ci(os.environ)
    if revision is None:
        return None
    try:
        return touched_since(root, revision)
    except GitError as error:
        if since:
            raise RefusedError(f"--since {since}: {error}") from None
        console.say(f"warning: {revision} cannot be compared with, so all problems count: {error}")
        return None


def _summarised(report: Report) -> bool:
    """Whether the full list could be added to the summary of the run on GitHub, which names a file for it."""
    from contactsheet.formats.markdown import SUMMARY_LIMIT, markdown

    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        return False
    try:
        with Path(file).open("ab") as stream:
            room = SUMMARY_LIMIT - stream.tell()
            stream.write("".join(f"{line}\n" for line in markdown(report, room)).encode())
    except OSError as error:
        console.say(f"warning: the run's summary could not be written: {told(error)}")
        return False
    return True
