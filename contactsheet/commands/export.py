"""`export`: contacts for phones and other programs. It writes one new file, or to standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contactsheet import console
from contactsheet.commands.endings import FAILED, RefusedError, refusals, remembered, settings_of
from contactsheet.commands.shared import complete_contact, jobs_option, root_option

if TYPE_CHECKING:
    from contactsheet.exporting import Form
    from contactsheet.properties import Version


@click.command(
    epilog="""\b
Examples:
  build.py export -o contacts.vcf                 all contacts, with pictures
  build.py export ada-lovelace sales/grace        two of them, to standard output
  build.py export --tag vip --version 4.0 -o vip.vcf
  build.py export --no-pictures -o contacts.csv   for a spreadsheet
"""
)
@root_option
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=complete_contact)
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only contacts with this tag; may be repeated.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["vcard", "jcard", "csv"]),
    help="What it is written as [default: what FILE's name says, .vcf, .json or .csv, else vcard].",
)
@click.option(
    "--version", type=click.Choice(["3.0", "4.0"]), help="Of vCard [default: 3.0, which all address books read]."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="A new file [default: standard output]."
)
@click.option("--no-pictures", is_flag=True, help="Leave the pictures out.")
@jobs_option
def export(
    root: Path,
    ids: tuple[str, ...],
    tags: tuple[str, ...],
    form: Form | None,
    version: Version | None,
    output: Path | None,
    no_pictures: bool,
    jobs: int,
) -> int:
    """Export contacts as vCards, jCards or a table.

    All go out with their pictures, or those with these IDs or tags. They are what the site shows, after the merges.
    With errors in the contents nothing is exported.
    """
    from contactsheet import exporting
    from contactsheet.formats import counted
    from contactsheet.outcome import Work
    from contactsheet.problems import Severity
    from contactsheet.run import Run
    from contactsheet.workers import Workers

    chosen = form or exporting.FORMS.get(output.suffix.lower() if output else "", "vcard")
    pictures = not no_pictures and chosen != "csv"
    _refuse(chosen, version, output)
    with (
        refusals(),
        Workers(jobs) as workers,
        console.Progress(wanted=True) as progress,
        closing(remembered(root)) as memo,
    ):
        run = Run(root, settings_of(root), workers, memo, progress, Work())
        outcome, contacts = exporting.gather(run, pictures=pictures)
        errors = [one for one in outcome.problems if one.severity is Severity.ERROR]
        if errors:
            console.tell(errors, root)
            console.say(f"Nothing is exported: {counted(len(errors), 'error')}.")
            return FAILED
        try:
            wanted = exporting.chosen(contacts, ids, tags)
        except exporting.UnknownError as error:
            raise RefusedError(str(error)) from None
        _write(exporting.written(wanted, chosen, version), output)
    pictured = sum(1 for one in wanted if one.has_picture) if pictures else 0
    console.say(f"{counted(len(wanted), 'contact')} exported{f', {pictured} with picture' if pictured else ''}.")
    return 0


def _refuse(form: Form, version: str | None, output: Path | None) -> None:
    """Ends the command where what was typed cannot be done, before any work."""
    if version and form == "csv":
        raise RefusedError(f"--version {version} is for vCards, and this is a table; leave it out")
    if version == "3.0" and form == "jcard":
        raise RefusedError("--version 3.0 is for vCards, and a jCard is always 4.0; leave it out")
    if output and os.path.lexists(output):
        raise _there(output)


def _there(output: Path) -> RefusedError:
    return RefusedError(f"{output} is there already and stays as it is; give another name, or take it away")


def _write(parts: Iterable[bytes], output: Path | None) -> None:
    """Writes to a new file, which is whole or not there, or to standard output."""
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.writelines(parts)
        sys.stdout.buffer.flush()
        return
    try:
        stream = output.open("xb")
    except FileExistsError:
        raise _there(output) from None
    try:
        with stream:
            stream.writelines(parts)
    except BaseException:  # also when it is interrupted
        output.unlink(missing_ok=True)
        raise
