"""`import`: brings contacts in from the files that other programs export, and says what becomes of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contactsheet import console
from contactsheet.commands.endings import FAILED, FailedError, remembered, settings_of, told
from contactsheet.commands.shared import problem_formats, root_option

if TYPE_CHECKING:
    from contactsheet.csv_fields import Target
    from contactsheet.importing import Arrival, Kind

# Files are much faster written together than one by one; and whoever is interrupted loses no more than these.
_WRITTEN_AT_ONCE = 100
_LISTED = 20  # names of properties or headings in the summary


def _chosen(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> Mapping[str, Target]:
    """The headings for which somebody said what they are."""
    from contactsheet.csv_fields import LABELLED, TEXTS, target

    found = {}
    for value in values:
        heading, sign, name = value.rpartition("=")
        wanted = target(name)
        if not sign or not heading.strip():
            raise click.BadParameter(f"write the heading, = and a field, as in --map Kunde=name, not {value}")
        if wanted is None:
            known = ", ".join((*TEXTS, "tags", "do_not_disturb", *LABELLED, "emails:work", "fields.Account"))
            raise click.BadParameter(f"there is no field “{name}”; known are {known}")
        found[heading] = wanted
    return found


def _folder(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    from contactsheet import ids

    folder = value.strip("/").removeprefix("contacts/")
    if folder and (reason := ids.fault(folder)):
        raise click.BadParameter(f"the name {reason}")
    return folder


_EXAMPLES = """\b
Examples:
  build.py import contacts.vcf --dry-run
  build.py import ~/Downloads/contacts.csv --into sales
  build.py import kunden.csv --map Kunde=name --map Telefon=phones:work
"""


@click.command("import", epilog=_EXAMPLES)
@click.argument("sources", metavar="FILE…", nargs=-1, required=True, type=click.Path(allow_dash=True))
@root_option
@click.option(
    "--into", callback=_folder, default="", metavar="FOLDER", help="A folder below contacts/ for new records."
)
@click.option(
    "--map",
    "chosen",
    callback=_chosen,
    multiple=True,
    metavar="HEADING=FIELD",
    help="What a column of a CSV file is, as in Kunde=name, Handy=phones:mobile, Nr=fields.Number; repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@click.option(
    "--format",
    "form",
    type=problem_formats,
    default="text",
    help="How problems are told; other than as text, they go to standard output [default: text].",
)
def import_contacts(
    sources: tuple[str, ...], root: Path, into: str, chosen: Mapping[str, Target], dry_run: bool, form: str
) -> int:
    """Bring contacts in from vCards and CSV files.

    FILE is a .vcf or .csv file as Google, Apple, Outlook, Nextcloud, HighLevel and others export them, a folder of such
    files, or - for standard input. Nothing is ever overwritten: somebody who is known already (by UID, e-mail address
    or phone number) comes in as a new record that joins the contact with merge_into, or not at all if everything is
    there. A card that is wrong is told with its line, and the others come in.
    """
    from contactsheet import foreign, importing
    from contactsheet.machine import cores
    from contactsheet.outcome import Work
    from contactsheet.rules import weighed
    from contactsheet.run import Run
    from contactsheet.workers import Workers

    settings = settings_of(root)
    found: list[Arrival] = []
    with (
        closing(remembered(root)) as memo,
        Workers(cores()) as workers,
        console.Progress(wanted=True) as progress,
    ):
        run = Run(root, settings, workers, memo, progress, Work())
        coming = list(foreign.coming(sources, chosen))
        arrivals = importing.arrivals(run, coming, into)
        while some := [*islice(arrivals, _WRITTEN_AT_ONCE)]:
            if not dry_run:
                try:
                    importing.write(root, some)
                except OSError as error:
                    raise FailedError(f"{told(error)}; {_count(found)} came in before") from None
            # What was written is held no longer.
            found += (replace(arrival, files=dict.fromkeys(arrival.files, b"")) for arrival in some)
            progress("contacts", len(found), len(coming))
    problems = weighed((one for arrival in found for one in arrival.problems), settings.rules)
    lines = (_line(arrival) for arrival in found if arrival.kind != "told")
    if form == "text":
        console.put(lines)
        console.tell(problems, root)
    else:
        from contactsheet.formats import FORMATS, Report

        for line in lines:
            console.say(line)
        console.put(FORMATS[form](Report(tuple(problems), console.SourceLines(root))))
    for line in _summary(found, dry_run=dry_run):
        console.say(line)
    return FAILED if any(arrival.kind == "refused" for arrival in found) else 0


def _line(arrival: Arrival) -> str:
    """What becomes of a card, in a line."""
    from contactsheet.formats import visible

    if arrival.kind == "refused":
        (problem,) = arrival.problems
        what = f"{problem.file}{f':{problem.line}' if problem.line else ''}: {arrival.reason}"
    elif arrival.kind == "known":
        what = f"{arrival.name}: all of it is in {arrival.target}"
    else:
        joined = f", joins {arrival.target} (same {arrival.reason})" if arrival.target else ""
        what = f"{arrival.name}: {' and '.join(arrival.files)}{joined}"
    return f"{arrival.kind:<8} {visible(what, 400)}"


def _summary(found: Sequence[Arrival], *, dry_run: bool) -> Iterator[str]:
    """How many came, what has no field of its own, and what to do next."""
    yield f"{_count(found)}."
    for what, names in (
        ("Kept as custom fields", (name for arrival in found for name in arrival.unplaced)),
        ("Left out", (name for arrival in found for name in arrival.left_out)),
    ):
        if listed := _listed(names):
            yield f"{what}: {listed}."
    if dry_run:
        yield "Nothing is written: this was a dry run."
    elif any(arrival.files for arrival in found):
        yield "Look at the new files, run `python build.py check`, and commit them."


def _count(found: Iterable[Arrival]) -> str:
    numbers = Counter(arrival.kind for arrival in found)
    words: Mapping[Kind, str] = {
        "new": "new",
        "joins": "joining a contact",
        "known": "known already",
        "refused": "refused",
    }
    return ", ".join(f"{numbers[kind]:,} {word}" for kind, word in words.items() if numbers[kind]) or "0 new"


def _listed(names: Iterable[str]) -> str:
    """Names with how often each came, the most frequent first."""
    from contactsheet.formats import visible

    counts = Counter(names).most_common()
    shown = ", ".join(f"{visible(name, 40)} ({number:,})" for name, number in counts[:_LISTED])
    return f"{shown} and {len(counts) - _LISTED:,} more" if len(counts) > _LISTED else shown
