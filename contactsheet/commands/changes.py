"""`changes`: what this branch does to the contacts, beside what they were. It changes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contactsheet import console
from contactsheet.commands.endings import FAILED, FailedError, RefusedError, refusals, remembered
from contactsheet.commands.shared import jobs_option, root_option

if TYPE_CHECKING:
    from contactsheet.review import Reviewed

_PAGE = "changes.html"
_EXAMPLES = """\b
Examples:
  build.py changes
  build.py changes main --format page
  build.py changes v1.0 --to v1.1 --format json
"""


@click.command(epilog=_EXAMPLES)
@click.argument("base", default="", metavar="[BASE]")
@root_option
@jobs_option
@click.option("--to", metavar="REV", help="Look at this revision instead of the working tree.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "page", "markdown", "json"]),
    default="text",
    help="How the changes are told [default: text].",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=f"Where it goes [default: standard output; a page to {_PAGE}].",
)
@click.option("--fail-on-problems", is_flag=True, help="End with status 1 where errors are introduced.")
def changes(
    base: str, root: Path, jobs: int, to: str | None, form: str, output: Path | None, fail_on_problems: bool
) -> int:
    """Show what changed since the branch left BASE.

    That is contacts, pictures before and after, and problems. BASE is a branch, tag or commit; by default the base of
    the pull or merge request, else the main branch.
    """
    from contactsheet.problems import Severity

    place = output or (Path(_PAGE) if form == "page" else None)
    _check_place(place)
    reviewed = _reviewed(root, base, to, jobs)
    told = _told(reviewed, form)
    if place:
        place.write_bytes(told.encode("utf-8", "backslashreplace"))
        console.say(f"{place} written.")
    else:
        console.put(iter(told.splitlines()))
    found = reviewed.changes.introduced
    return FAILED if fail_on_problems and any(one.severity is Severity.ERROR for one in found) else 0


def _reviewed(root: Path, base: str, to: str | None, jobs: int) -> Reviewed:
    from contactsheet.git import GitError
    from contactsheet.review import review
    from contactsheet.settings import SettingsError
    from contactsheet.workers import Workers

    since = base or _base(root)
    try:
        with (
            Workers(jobs) as workers,
            console.Progress(wanted=True) as progress,
            refusals(),
            closing(remembered(root)) as memo,
        ):
            return review(root, since, to, workers, progress, memo)
    except GitError as error:
        raise RefusedError(f"{since} cannot be compared with: {error}{_hint(root)}") from None
    except SettingsError as error:
        raise RefusedError(str(error)) from None


def _hint(root: Path) -> str:
    from contactsheet.head import head

    is_shallow = head(root).endswith(" shallow")
    return (
        "; this clone is shallow, fetch the whole history (fetch-depth: 0 in GitHub's checkout)" if is_shallow else ""
    )


def _base(root: Path) -> str:
    from contactsheet.revision import usual_base
    from contactsheet.touched import base_of_ci

    base = base_of_ci(os.environ) or usual_base(root)
    if base is None:
        raise RefusedError("there is nothing to compare with: no git repository, or no branch main; say which BASE")
    return base


def _check_place(place: Path | None) -> None:
    """Refuses to write over what this command did not make."""
    from contactsheet.changes_page import is_own

    if place and os.path.lexists(place) and not is_own(place):
        raise RefusedError(f"{place} is there already and was not made by this command; choose another with --output")


def _told(reviewed: Reviewed, form: str) -> str:
    if form == "page":
        from contactsheet.changes_page import PageError, page

        try:
            return page(reviewed)
        except PageError as error:
            raise FailedError(f"{error} (as {reviewed.changes.base} has it)") from None
    if form == "json":
        from contactsheet.changes_json import changes_json

        return f"{changes_json(reviewed.changes)}\n"
    return "".join(f"{line}\n" for line in _lines(reviewed, form))


def _lines(reviewed: Reviewed, form: str) -> Iterator[str]:
    from contactsheet.changes_text import markdown, text

    if form == "text":
        return text(reviewed.changes)
    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    where = f"The pictures are on the page `{_PAGE}`, among the artifacts of this run." if on_github else ""
    return markdown(reviewed.changes, where)
