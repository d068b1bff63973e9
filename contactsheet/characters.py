"""The bytes of a record to its text: the encoding, and the characters that no text may hold."""

from __future__ import annotations

import re

from contactsheet.problems import Place
from contactsheet.read import RECORD_LIMIT

# What no text may hold: the control characters but tab, line feed and carriage return, the separators that only some
# readers take for line breaks, and what XML and so the reports cannot hold (surrogates, U+FFFE, U+FFFF).
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
# What most records are made of alone, the bytes of ASCII that no pattern needs to look at.
_ORDINARY = bytes((*b"\t\n\r", *range(0x20, 0x7F)))


class Refused(Exception):  # noqa: N818  # not an error of the program: the way out of the reading
    """A record that cannot be read: the rule that it breaks, where, what is wrong and how to mend it."""

    def __init__(self, rule: str, place: Place | None, message: str, fix: str) -> None:
        super().__init__(message)
        self.rule, self.place, self.message, self.fix = rule, place, message, fix


def decoded(data: bytes) -> str:
    """The text that a record's bytes are. Raises Refused."""
    if len(data) > RECORD_LIMIT:
        raise Refused(
            "yaml/too-large",
            None,
            f"the file has {len(data):,} bytes; {RECORD_LIMIT:,} are allowed",
            "Keep long texts elsewhere and link to them.",
        )
    if not data.translate(None, _ORDINARY):
        return data.decode("ascii")
    if _is_wide(data):
        raise Refused("yaml/encoding", None, "the file is UTF-16 or UTF-32, not UTF-8", "Save it as UTF-8.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace").removeprefix("\ufeff")
        raise Refused(
            "yaml/encoding",
            _place_of(before, len(before)),
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            "Save the file as UTF-8; an editor may call what it is now Latin-1, ANSI or Windows-1252.",
        ) from None
    text = text.removeprefix("\ufeff")
    if found := CONTROL.search(text):
        raise Refused(
            "yaml/control-character",
            _place_of(text, found.start()),
            f"the control character U+{ord(found[0]):04X} stands in the text",
            "Delete it; it was probably pasted along with something else.",
        )
    return text


def text_of(data: bytes) -> str | None:
    """The text that a record's bytes are; None where they are none that a record may have."""
    try:
        return decoded(data)
    except Refused:
        return None


def _is_wide(data: bytes) -> bool:
    """Whether the text has two or four bytes a character: a mark says so, or zeros in the first character or two."""
    zeros = tuple(byte == 0 for byte in data[:4])
    patterns = (
        (False, True, False, True),
        (True, False, True, False),
        (False, True, True, True),
        (True,) * 3 + (False,),
    )
    return data.startswith((b"\xff\xfe", b"\xfe\xff")) or zeros in patterns


def _place_of(text: str, index: int) -> Place:
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
