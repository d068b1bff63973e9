"""Contacts to CSV (RFC 4180) under the headings of Google Contacts, which other programs read too. It reads no file.

A spreadsheet takes a cell that begins with = + - or @ for a formula, and every value was written by strangers. Such a
cell gets an apostrophe in front, and our import takes it off. Only a plus with nothing but digits behind it stays: a
telephone number does no harm, and other programs would not know it again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from contactsheet.properties import names, own_fields
from contactsheet.schema import Labelled, Record

# Headings that are always there, in their order, and those of which there may be several.
_FIRST = ("Name", "First Name", "Last Name", "Organization Name", "Organization Title", "Birthday", "Notes", "Labels")
_NUMBERED = ("E-mail", "Phone", "Address", "Website", "Custom Field")
_SEVERAL = " ::: "  # between the labels of a contact

_GUARDED = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"\+[0-9 ()./-]+")


def table(records: Sequence[Record]) -> Iterator[bytes]:
    """The lines of a table of the records, in UTF-8 with CRLF; its headings are those that any of the records needs."""
    rows = [_row(record) for record in records]
    headings = sorted({*_FIRST, *(heading for row in rows for heading in row)}, key=_rank)
    yield _line(headings)
    for row in rows:
        yield _line([row.get(heading, "") for heading in headings])


def _rank(heading: str) -> tuple[int, int, str]:
    found = re.fullmatch(r"(.+) (\d+) - (\w+)", heading)
    if not found:
        return _FIRST.index(heading), 0, ""
    return len(_FIRST) + _NUMBERED.index(found[1]), int(found[2]), found[3]


def _row(record: Record) -> Mapping[str, str]:
    family, given = names(record)
    birthday = record.birthday.isoformat() if record.birthday else ""
    tags = _SEVERAL.join(record.tags)
    first = record.name, given, family, record.company or "", record.title or "", birthday, record.notes or "", tags
    row = dict(zip(_FIRST, first, strict=True))
    for kind, values in (("E-mail", record.emails), ("Phone", record.phones), ("Website", record.websites)):
        row.update(_numbered(kind, values))
    if record.address:
        row["Address 1 - Formatted"] = record.address
    for number, (key, value) in enumerate(_custom(record), 1):
        row[f"Custom Field {number} - Label"] = key
        row[f"Custom Field {number} - Value"] = value
    return row


def _numbered(kind: str, values: Sequence[Labelled]) -> Iterator[tuple[str, str]]:
    for number, one in enumerate(values, 1):
        yield f"{kind} {number} - Label", one.label or ""
        yield f"{kind} {number} - Value", one.value


def _custom(record: Record) -> Iterator[tuple[str, str]]:
    """Custom fields, before them what the table has no heading for."""
    if record.pronouns:
        yield "Pronouns", record.pronouns
    if record.time_zone:
        yield "Time zone", record.time_zone
    if record.created:
        yield "Created", record.created.isoformat()
    for name, values in own_fields(record):
        yield name.capitalize().replace("_", " "), ", ".join(values)
    yield from record.fields.items()


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(map(_cell, cells))
    return out.getvalue().encode()


def _cell(text: str) -> str:
    return f"'{text}" if _GUARDED.match(text) and not _NUMBER.fullmatch(text) else text
