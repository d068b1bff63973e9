"""The text of a CSV file (RFC 4180, and what spreadsheets make of it) to rows with their lines.

Whatever the bytes are, they give rows and problems, never an exception. It knows no headings, and no cell is more than
text: nothing is computed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from contactsheet.problems import Place, Problem
from contactsheet.rules import problem

ROWS_LIMIT = 100_000
COLUMNS_LIMIT = 1_000
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, and the line on which it begins."""

    line: int
    cells: tuple[str, ...]


def rows(data: bytes, file: str) -> Iterator[Row | Problem]:
    """The rows in a file's bytes, the headings first; empty ones are left out.

    In the place of a row that cannot be read stands its problem (import/card). ``file`` is the name that problems give.
    """
    text, guessed = _decoded(data)
    if guessed:
        message = "the file is not UTF-8; it is read as Windows-1252"
        fix = "Compare the names; if they are wrong, save the file again as “CSV UTF-8”."
        yield problem("import/encoding", file, Place(1, 1), message=message, fix=fix)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    found = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            message = f"the row cannot be read ({error}); it and those behind it are left out"
            fix = "Look for a quotation mark that is not closed."
            yield problem("import/card", file, Place(line, 1), message=message, fix=fix)
            return
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        found += 1
        if found > ROWS_LIMIT + 1 or len(cells) > COLUMNS_LIMIT:
            what = f"more than {ROWS_LIMIT:,} rows" if found > ROWS_LIMIT else f"a row of {len(cells):,} cells"
            message = f"the file has {what}; this one and those behind it are left out"
            yield problem("import/card", file, Place(line, 1), message=message, fix="Split the file.")
            return
        yield Row(line, tuple(cells))


def _decoded(data: bytes) -> tuple[str, bool]:
    """The text, and whether its encoding had to be guessed."""
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8")):
        if data.startswith(mark):
            return data.removeprefix(mark).decode(name, "replace"), False
    for name, zero in (("utf-16-le", 1), ("utf-16-be", 0)):
        if data[:4][zero::2] == b"\0\0":
            return data.decode(name, "replace"), False
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), True


def _delimiter(text: str) -> str:
    """The sign that cuts the headings into the most cells."""
    head = next((line for line in io.StringIO(text[:100_000]) if line.strip()), "")

    def cells(delimiter: str) -> int:
        try:
            return len(next(csv.reader([head], delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(_DELIMITERS, key=cells)
