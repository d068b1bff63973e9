"""The files that other programs export, told apart by their content, to who comes in. It fetches and writes nothing."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from contactsheet import csv_fields, csv_reading, kinds, vcard_fields, vcard_reading
from contactsheet.csv_fields import Target
from contactsheet.incoming import Incoming
from contactsheet.problems import Place, Problem, Severity
from contactsheet.rules import problem
from contactsheet.values import shortened
from contactsheet.vcard_reading import Card

FILE_LIMIT = 100_000_000  # bytes
STANDARD_INPUT = "-"
_SUFFIXES = (".vcf", ".vcard", ".csv")
_HEADINGS_SHOWN = 40


def coming(sources: Iterable[str], chosen: Mapping[str, Target]) -> Iterator[Incoming | Problem]:
    """Who comes in from the ``sources``: files, folders of files, or - for standard input.

    ``chosen`` says what columns of CSV files are, by their headings. In the place of a card, a row or a file that
    cannot be read stands its problem.
    """
    for source in sources:
        if source == STANDARD_INPUT:
            yield from _read("standard input", sys.stdin.buffer, chosen)
            continue
        for path in _files(Path(source)):
            try:
                with path.open("rb") as stream:
                    yield from _read(path.as_posix(), stream, chosen)
            except OSError as error:
                message = f"it cannot be read: {error.strerror or error}"
                yield _unfit(path.as_posix(), message, "Give the name of a file or folder that is there.")


def _files(source: Path) -> Iterator[Path]:
    """The file itself, or those of a folder that are vCards or CSV files by their names; there, no link is followed."""
    if not source.is_dir():
        yield source
        return
    for folder, folders, names in os.walk(source):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if name.lower().endswith(_SUFFIXES) and stat.S_ISREG(path.lstat().st_mode):
                yield path


def _read(file: str, stream: BinaryIO, chosen: Mapping[str, Target]) -> Iterator[Incoming | Problem]:
    data = stream.read(FILE_LIMIT + 1)
    if len(data) > FILE_LIMIT:
        yield _unfit(file, f"it has more than {FILE_LIMIT:,} bytes", "Export fewer contacts at a time.")
    elif vcard_reading.is_vcard(data) or file.lower().endswith((".vcf", ".vcard")):
        yield from _counted(file, _from_cards(data, file))
    elif kind := _other_kind(data):
        yield _unfit(file, f"it is {kind}, neither vCard nor CSV", "Export the contacts as vCard or CSV.")
    else:
        yield from _counted(file, _from_rows(data, file, chosen))


def _counted(file: str, found: Iterator[Incoming | Problem]) -> Iterator[Incoming | Problem]:
    """What was found; if that is nothing, a word about it."""
    nothing = True
    for one in found:
        nothing = nothing and isinstance(one, Problem) and one.severity is not Severity.ERROR
        yield one
    if nothing:
        yield _unfit(file, "there is no contact in it", "Export the contacts again, as vCard or CSV.")


def _from_cards(data: bytes, file: str) -> Iterator[Incoming | Problem]:
    for one in vcard_reading.cards(data, file):
        yield vcard_fields.incoming(one, file) if isinstance(one, Card) else one


def _from_rows(data: bytes, file: str, chosen: Mapping[str, Target]) -> Iterator[Incoming | Problem]:
    headings: tuple[str, ...] = ()
    columns: list[Target] = []
    for row in csv_reading.rows(data, file):
        if isinstance(row, Problem):
            yield row
        elif headings:
            yield csv_fields.incoming(row, headings, columns, file)
        else:
            headings = row.cells
            columns = csv_fields.targets(headings, chosen)
            if message := _headings_fault(headings, columns, chosen):
                fix = "Say what the columns are, as in `--map HEADING=name --map HEADING=emails:work`."
                yield problem("import/headings", file, Place(row.line, 1), message=message, fix=fix)
                return


def _headings_fault(headings: Iterable[str], columns: list[Target], chosen: Mapping[str, Target]) -> str:
    """Why rows under these headings cannot be imported; empty where they can."""
    found = ", ".join(f"“{shortened(heading.strip(), 30)}”" for heading in [*headings][:_HEADINGS_SHOWN])
    if missing := [heading for heading in chosen if csv_fields.folded(heading) not in map(csv_fields.folded, headings)]:
        return f"there is no column “{missing[0]}”; its headings are {found}"
    if not csv_fields.can_name(columns):
        return f"no column says who a contact is; its headings are {found}"
    return ""


def _other_kind(data: bytes) -> str:
    """What the bytes are if they are no text, in words."""
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:2] or data[1:2] == b"\0"
    if is_wide and data[:2] not in (b"PK", b"\0\0"):
        return ""
    kind = kinds.kind_of(data[:10_000])
    if kind:
        return f"of the kind {kind}"
    return "no text" if b"\0" in data[:10_000] else ""


def _unfit(file: str, message: str, fix: str) -> Problem:
    return problem("import/file", file, message=message, fix=fix)
