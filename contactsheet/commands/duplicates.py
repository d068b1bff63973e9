"""`duplicates`: pairs of contacts that are likely the same, with the directives that would merge them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contactsheet import console
from contactsheet.commands.endings import FAILED, RefusedError, memo_of, refusals, settings_of
from contactsheet.commands.shared import complete_contact, is_sound, jobs_option, record_text, root_option

if TYPE_CHECKING:
    from contactsheet.duplicates import Match
    from contactsheet.traits import Survey, Traits

_EXAMPLES = """\b
Examples:
  build.py duplicates
  build.py duplicates jane-doe --least 50
  build.py duplicates --least 97 --write
"""


@click.command(epilog=_EXAMPLES)
@click.argument("ids", metavar="[ID]...", nargs=-1, shell_complete=complete_contact)
@click.option("--write", is_flag=True, help="Put the directives into the records.")
@click.option(
    "--least",
    type=click.IntRange(1, 100),
    metavar="SCORE",
    help="Leave out pairs with a lower score [default: 80].",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Give the N best pairs only [default: all].")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How they are told [default: text]."
)
@root_option
@jobs_option
def duplicates(
    ids: tuple[str, ...], write: bool, least: int | None, limit: int | None, form: str, root: Path, jobs: int
) -> int:
    """Find contacts that are likely the same.

    It looks at all contacts, or those with ID, and tells the likeliest first. Each pair has a score from 0 to 100, the
    reasons, and the directive to paste into one of the two records. Merges are checked as ever, and taking the
    directive out undoes one. `distinct_from: [ID]` in one of two records says that they are not the same; the pair is
    not shown again.
    """
    from contactsheet import pipeline
    from contactsheet.duplicates import LEAST, find
    from contactsheet.formats import counted
    from contactsheet.problems import Severity
    from contactsheet.survivors import joins
    from contactsheet.workers import Workers

    settings = settings_of(root)
    with refusals(), closing(memo_of(root)) as memo, Workers(jobs) as workers, console.Progress(wanted=True) as shown:
        outcome, survey = pipeline.survey(root, settings, workers, shown, memo)
    if outcome.failed(strict=False):
        console.tell([one for one in outcome.problems if one.severity is Severity.ERROR], root)
        return FAILED
    about = {_contact(survey, one) for one in ids} or None
    matches = find(survey.contacts, survey.distinct, least=least or LEAST, about=about)[:limit]
    contacts = {contact.id: contact for contact in survey.contacts}
    directives = joins(matches, contacts, survey.distinct)
    console.put(_FORMS[form](matches, contacts, directives))
    console.say(f"{counted(len(matches), 'pair')} of {counted(len(contacts), 'contact')} may be the same.")
    return _write(root, contacts, directives) if write else 0


def _contact(survey: Survey, contact_id: str) -> str:
    """The ID of the contact to which an ID leads; ends the command where there is none."""
    from contactsheet.nearest import Nearest

    known = {contact.id for contact in survey.contacts}
    if (leads := survey.leads.get(contact_id, contact_id)) in known:
        return leads
    near = Nearest(known)(contact_id, 0.5)
    raise RefusedError(f"there is no contact {contact_id}{f'; did you mean {near}?' if near else ''}")


# --- the forms -------------------------------------------------------------------------------------------------------


def _text(matches: Sequence[Match], contacts: Mapping[str, Traits], directives: Mapping[str, str]) -> Iterator[str]:
    from contactsheet.formats import visible

    for match in matches:
        one, other = (contacts[contact_id] for contact_id in match.pair)
        yield f"{match.score:3}  {visible(one.name)} ({one.id}), {one.file}"
        yield f"     {visible(other.name)} ({other.id}), {other.file}"
        yield f"     {visible('; '.join(match.reasons), 1000)}"
        for contact_id, target in _directives(match, directives):
            yield f"     into {contacts[contact_id].file}: merge_into: {target}"
        yield ""


def _json(matches: Sequence[Match], contacts: Mapping[str, Traits], directives: Mapping[str, str]) -> Iterator[str]:
    from contactsheet.formats.escape import ascii_json

    entries = [
        {
            "score": match.score,
            "contacts": [{"id": one, "name": contacts[one].name, "file": contacts[one].file} for one in match.pair],
            "reasons": match.reasons,
            "directives": [
                {"file": contacts[one].file, "merge_into": target} for one, target in _directives(match, directives)
            ],
        }
        for match in matches
    ]
    yield ascii_json({"pairs": entries})


_FORMS = {"text": _text, "json": _json}


def _directives(match: Match, directives: Mapping[str, str]) -> list[tuple[str, str]]:
    """The directives that make one contact of a pair; none where each of the two is more like another contact."""
    if len({directives.get(one, one) for one in match.pair}) > 1:
        return []
    return [(one, directives[one]) for one in match.pair if one in directives]


# --- the files -------------------------------------------------------------------------------------------------------


def _write(root: Path, contacts: Mapping[str, Traits], directives: Mapping[str, str]) -> int:
    """Puts the directives into the records, into all that take one, and tells which; gives the exit status."""
    from contactsheet.amend import AmendError, amended, says
    from contactsheet.edit import save

    files: dict[str, bytes | None] = {}
    refused = 0
    for contact_id, target in directives.items():
        path = contacts[contact_id].file
        text = record_text(root, path)
        try:
            if says(text, "merge_into") is not None:
                raise AmendError("it has a directive already")
            files[path] = amended(text, {"merge_into": target}).encode()
        except AmendError as error:
            refused += 1
            console.say(f"error: {path}: {error}")
    if not files or not is_sound(root, files):
        return FAILED if files or refused else 0
    save(root, files)
    for path in files:
        console.say(f"wrote {path}")
    return FAILED if refused else 0
