"""The text of vCards, versions 2.1 (versit, 1996), 3.0 (RFC 2426) and 4.0 (RFC 6350), to properties with their lines.

Whatever the bytes are, they give cards and problems, never an exception, in time that grows with their number alone. It
knows no fields of records.
"""

from __future__ import annotations

import binascii
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contactsheet.problems import Place, Problem
from contactsheet.rules import problem
from contactsheet.values import shortened

CARD_LIMIT = 16 * 1024 * 1024  # bytes of one card: a picture of several megabytes, in base64, and the rest
PROPERTIES_LIMIT = 1_000  # of one card
CARDS_LIMIT = 100_000  # of one file
LINES_LIMIT = 3_000_000  # of one file: thirty for each of so many cards
_PARTS_LIMIT = 5_000  # of one value; the last has all the rest
_PARAMETERS_LIMIT = 100  # of one property

_HEAD = re.compile(r"(?:(?P<group>[\w-]+)\.)?(?P<name>[A-Za-z][\w-]*)", re.ASCII)
_PARAMETER = re.compile(
    r'\s*+;\s*+(?:(?P<name>[A-Za-z][\w-]*+)\s*+=\s*+)?(?P<value>(?:"[^"]*+"|[^";:]++)*+)(?=[;:])', re.ASCII
)
_ONE_VALUE = re.compile(r'"([^"]*)"|([^,"]+)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_OLD_ESCAPE = re.compile(r"\\([;,:])")  # of version 2.1, in which a backslash is one by itself
_CIRCUMFLEX = re.compile(r"\^(['n^])")  # in parameters (RFC 6868)
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}\s*")
_CHARSET = re.compile(
    r"utf-?8|(?:us-)?ascii|latin-?1|iso-?8859-?\d\d?|windows-?\d{3,4}|cp\d{3,4}|koi8-?[ru]|shift[-_]?jis|euc-?(?:jp|kr|cn)"
    r"|gb2312|gbk|gb18030|big5|iso-?2022-?(?:jp|kr)|macintosh",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a card, unfolded and decoded; ``line`` counts from 1.

    ``name`` is in capitals, ``group`` in small letters. ``parameters`` have names in capitals; the bare words of
    version 2.1 stand under TYPE. ``value`` still has its escapes: ``text`` and ``parts`` undo them.
    """

    name: str
    group: str
    parameters: Mapping[str, tuple[str, ...]]
    value: str
    line: int
    is_old: bool = False

    @property
    def types(self) -> tuple[str, ...]:
        """What it is said to be (WORK, CELL, …), in capitals."""
        return tuple(one.upper() for one in self.parameters.get("TYPE", ()))

    def parameter(self, name: str) -> str:
        """The first value of a parameter; empty without it."""
        return next(iter(self.parameters.get(name, ())), "")

    @property
    def is_base64(self) -> bool:
        """Whether the value is bytes in base64."""
        return self.parameter("ENCODING").upper() in ("B", "BASE64")

    @property
    def text(self) -> str:
        """The value as one text."""
        return _unescaped(self.value, self.is_old)

    def parts(self, separator: str) -> list[str]:
        """The value in its parts, between which ``separator`` stands without a backslash."""
        found, start = [], 0
        for one in re.finditer(rf"\\.|{separator}", self.value, re.DOTALL):
            if one[0] == separator:
                found.append(self.value[start : one.start()])
                start = one.end()
                if len(found) == _PARTS_LIMIT:
                    break
        return [_unescaped(part, self.is_old) for part in (*found, self.value[start:])]


@dataclass(frozen=True, slots=True)
class Card:
    """A whole card: the line of its BEGIN, its properties in their order, and what is wrong with its text."""

    line: int
    properties: tuple[Property, ...]
    problems: tuple[Problem, ...] = ()


def cards(data: bytes, file: str) -> Iterator[Card | Problem]:
    """The cards in a file's bytes, and in the place of each that cannot be read its problem (import/card).

    A card may have problems of its own, which are warnings. ``file`` is the name that problems give.
    """
    found = stray = first_stray = 0
    text = _as_utf8(data)
    if text.count(b"\n") > LINES_LIMIT:
        yield _refusal(file, 1, f"the file has more than {LINES_LIMIT:,} lines", "Split the file.")
        return
    for one in _raw_cards(text):
        if isinstance(one, int):
            stray, first_stray = stray + 1, first_stray or one
            continue
        found += 1
        if found > CARDS_LIMIT:
            message = f"the file has more than {CARDS_LIMIT:,} cards; this one and those behind it are left out"
            yield _refusal(file, one.line, message, "Split the file.")
            break
        yield _card(one, file)
    if stray and found:
        what = "this line belongs" if stray == 1 else f"{stray:,} lines, of which this is the first, belong"
        yield _warning(file, first_stray, f"{what} to no card: left out")


def is_vcard(data: bytes) -> bool:
    """Whether a file's bytes begin as vCards do."""
    return _as_utf8(data[:2048]).lstrip().upper().startswith(b"BEGIN:VCARD")


# --- lines -----------------------------------------------------------------------------------------------------------


def _as_utf8(data: bytes) -> bytes:
    """The bytes without a mark, with LF behind each line, and in UTF-8 where old versions of Outlook wrote UTF-16."""
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            data = data[2:].decode(name, "replace").encode()
    for start, name in ((b"B\0E\0", "utf-16-le"), (b"\0B\0E", "utf-16-be")):
        if data.startswith(start):
            data = data.decode(name, "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


class _Raw:
    """A card's lines while they are collected, each as the pieces between which it was folded."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.lines: list[tuple[int, list[bytes]]] = []
        self.size = 0
        self.is_whole = False
        self._nested = 0  # cards within this one that are open: a contact's agent (version 2.1)
        self._is_quoted = False  # the last property is quoted-printable,
        self._is_soft = False  # and its line ends in a soft line break
        self._is_base64 = False  # the last property is base64, which some programs do not indent

    @property
    def is_too_much(self) -> bool:
        """Whether it came to a limit; then no more lines are kept."""
        return self.size > CARD_LIMIT or len(self.lines) > PROPERTIES_LIMIT

    def opens(self) -> bool:
        """Whether a card that begins here belongs to this one."""
        if self._nested or (self.lines and self.lines[-1][1][0].upper().startswith(b"AGENT")):
            self._nested += 1
        return self._nested > 0

    def closes(self) -> bool:
        """Whether this card ends where one does."""
        self.is_whole = not self._nested
        self._nested = max(0, self._nested - 1)
        return self.is_whole

    def take(self, number: int, line: bytes) -> None:
        """The next line: one of its own, or a piece of the last."""
        self.size += len(line) + 1
        if self._nested or self.is_too_much:
            return
        if self.lines and (self._is_soft or _is_folded(line) or (self._is_base64 and _BASE64_LINE.fullmatch(line))):
            self.lines[-1][1].append(line)
        elif line.strip():
            head = line.partition(b":")[0].upper()
            self._is_quoted = b"QUOTED-PRINTABLE" in head
            self._is_base64 = b"BASE64" in head or b"ENCODING=B" in head
            self.lines.append((number, [line]))
        else:
            self._is_base64 = False
        self._is_soft = self._is_quoted and line.endswith(b"=")


def _raw_cards(data: bytes) -> Iterator[_Raw | int]:
    """The cards as raw lines; of what belongs to none, the numbers of the lines."""
    card: _Raw | None = None
    for number, ended in enumerate(io.BytesIO(data), 1):
        line = ended.removesuffix(b"\n")
        if card is None:
            if _is(line, b"BEGIN:VCARD"):
                card = _Raw(number)
            elif line.strip():
                yield number
        elif _is(line, b"BEGIN:VCARD") and not card.opens():
            yield card  # its end is missing
            card = _Raw(number)
        elif _is(line, b"END:VCARD") and card.closes():
            yield card
            card = None
        else:
            card.take(number, line)
    if card:
        yield card


def _is(line: bytes, wanted: bytes) -> bool:
    return line[:1] in b"BEbe" and line[:64].rstrip().upper() == wanted


def _is_folded(line: bytes) -> bool:
    return line[:1] in (b" ", b"\t")


# --- cards -----------------------------------------------------------------------------------------------------------


def _card(raw: _Raw, file: str) -> Card | Problem:
    again = "Export the contact again."
    if raw.size > CARD_LIMIT:
        message = f"the card has more than {CARD_LIMIT // 1024**2} MB"
        return _refusal(file, raw.line, message, "Export the contact without its picture.")
    if raw.is_too_much:
        return _refusal(file, raw.line, f"the card has more than {PROPERTIES_LIMIT:,} lines", again)
    if not raw.is_whole:
        return _refusal(file, raw.line, "the card has no end: the line END:VCARD is missing", again)
    is_old = any(pieces[0].strip().upper().replace(b" ", b"") == b"VERSION:2.1" for _, pieces in raw.lines)
    problems: list[Problem] = []
    found: list[Property] = []
    guessed = 0
    for number, pieces in raw.lines:
        one, was_guessed = _property(pieces, number, is_old)
        if one is None:
            quoted = shortened(pieces[0].decode("utf-8", "replace").strip())
            problems.append(_warning(file, number, f"“{quoted}” is no property (NAME:value) and is left out"))
            continue
        found.append(one)
        guessed = guessed or (was_guessed and number)
    if guessed:
        problems.append(
            problem(
                "import/encoding",
                file,
                Place(guessed, 1),
                message="the text is not UTF-8 and does not say what it is; it is read as Windows-1252",
                fix="Compare the names; if they are wrong, export the file again as UTF-8.",
            )
        )
    return Card(raw.line, tuple(found), tuple(problems))


def _property(pieces: list[bytes], number: int, is_old: bool) -> tuple[Property | None, bool]:
    """The property of a line; and whether its letters had to be guessed."""
    data = _unfolded(pieces, is_old)
    head = data.partition(b":")[0].decode("latin-1")  # a first look, for the encoding
    quoted = "QUOTED-PRINTABLE" in head.upper()
    charset = re.search(r"CHARSET=\"?([\w-]+)", head, re.IGNORECASE)
    text, guessed = _decoded(data, charset[1] if charset and not quoted else "")
    start = _HEAD.match(text)
    if start is None:
        return None, False
    parameters: dict[str, list[str]] = {}
    at, count = start.end(), 0
    while count < _PARAMETERS_LIMIT and (parameter := _PARAMETER.match(text, at)):
        count += 1
        _add_parameter(parameters, parameter["name"], parameter["value"].strip())
        at = parameter.end()
    colon = text.find(":", at)
    if colon < 0 or text[at:colon].strip():
        return None, False
    value = text[colon + 1 :]
    if quoted:
        unpacked = binascii.a2b_qp(value.encode())
        value, guessed = _decoded(unpacked, charset[1] if charset else "")
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    frozen = {name: tuple(values) for name, values in parameters.items()}
    name, group = start["name"].upper(), (start["group"] or "").lower()
    one = Property(name, group, frozen, value.strip() if not quoted else value, number, is_old)
    if one.is_base64:
        one = Property(name, group, frozen, re.sub(r"\s+", "", one.value), number, is_old)
    return one, guessed


def _unfolded(pieces: list[bytes], is_old: bool) -> bytes:
    first, *rest = pieces
    if not rest:
        return first
    if b"QUOTED-PRINTABLE" in first.partition(b":")[0].upper():
        soft = [piece.removesuffix(b"=") for piece in pieces[:-1]]
        return b"".join([*soft, pieces[-1]])
    # In version 2.1 a line is folded before a blank that belongs to it, later before one that is added.
    kept = 0 if is_old else 1
    return b"".join([first, *(piece[kept:] if piece[:1] in (b" ", b"\t") else piece for piece in rest)])


def _add_parameter(parameters: dict[str, list[str]], name: str | None, written: str) -> None:
    values = [_parameter_text(quoted or bare) for quoted, bare in _ONE_VALUE.findall(written)]
    if name is None:  # the bare words of version 2.1
        for value in values:
            known = {"BASE64": "ENCODING", "QUOTED-PRINTABLE": "ENCODING"}.get(value.upper(), "TYPE")
            parameters.setdefault(known, []).append(value)
        return
    if name.upper() == "TYPE":  # TYPE="work,voice", which some programs write, are two as well
        values = [part.strip() for value in values for part in value.split(",")]
    parameters.setdefault(name.upper(), []).extend(value for value in values if value)


def _parameter_text(value: str) -> str:
    signs = {"'": '"', "n": "\n", "^": "^"}
    return _CIRCUMFLEX.sub(lambda found: signs[found[1]], value).strip()


def _decoded(data: bytes, charset: str) -> tuple[str, bool]:
    """The bytes as text, and whether what they are had to be guessed."""
    for name in (charset if _CHARSET.fullmatch(charset) else "", "utf-8"):
        try:
            if name:
                return data.decode(name), False
        except (UnicodeError, LookupError):
            continue
    return data.decode("cp1252", "replace"), True


def _unescaped(value: str, is_old: bool) -> str:
    if "\\" not in value:
        return value
    if is_old:
        return _OLD_ESCAPE.sub(r"\1", value)
    return _ESCAPE.sub(_sign, value)


def _sign(escape: re.Match[str]) -> str:
    if escape[1] in "nN":
        return "\n"
    return escape[1] if escape[1] in "\\;,:" else escape[0]


def _refusal(file: str, line: int, message: str, fix: str) -> Problem:
    return problem("import/card", file, Place(line, 1), message=message, fix=fix)


def _warning(file: str, line: int, message: str) -> Problem:
    fix = "If it matters, write it into the record by hand."
    return problem("import/line", file, Place(line, 1), message=message, fix=fix)
