"""Contacts to vCards: version 3.0 (RFC 2426), which Apple's, Google's and Microsoft's address books read, or 4.0.

Every value was written by strangers: whatever it holds, it stays within its own property. Nothing here reads a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from contactsheet.properties import Property, Version, names, properties

if TYPE_CHECKING:
    from mmap import mmap

    from contactsheet.merge import Contact
    from contactsheet.schema import Record

_OCTETS = 75  # of a line, without its end (RFC 2425, 5.8.1; RFC 6350, 3.2)
_ESCAPED = "\\;,"  # the backslash first, since one comes before each
_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # whatever some reader takes for the end of a line
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
_BEGIN, _END = "BEGIN:VCARD", "END:VCARD"
_SMALL_BEGIN, _SMALL_END = b"BEGIN:VCARD\r\nVERSION:3.0\r\n", b"END:VCARD\r\n"
# What a card of version 3.0 is taken apart by. A line of a value's own never begins so: breaks in values are escaped.
_UID, _AFTER_UID = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:contactsheet:", b"\r\nN:"
_PHOTO, _LAST = b"\r\nPHOTO;", b"\r\nEND:VCARD\r\n"


def card(contact: Contact, photo: bytes = b"", rev: int | None = None, version: Version = "3.0") -> bytes:
    """The contact's card, UTF-8 with CRLF. ``photo`` is a JPEG or nothing, ``rev`` when the contact last changed
    (seconds since 1970, UTC), if that is known. The same contact gives the same bytes.
    """
    lines = [*_head(version), *[_line(one, version) for one in properties(contact, version, photo, rev)], _END]
    short = [f"{line}\r\n" if len(line) <= _OCTETS and line.isascii() else _folded(line) for line in lines]
    return "".join(short).encode()


def has_picture(data: bytes) -> bool:
    """Whether a card that ``card`` made in version 3.0 has a picture."""
    return _PHOTO in data


def without_picture(data: bytes) -> bytes:
    """A card that ``card`` made in version 3.0, without its picture."""
    start = data.find(_PHOTO)
    return data if start < 0 else data[:start] + _LAST


def cards_by_id(data: bytes) -> Mapping[str, bytes]:
    """The cards that ``card`` made in version 3.0 and that lie one behind another, by their contacts' IDs."""
    return {_id_of(one): one + _LAST for one in data.split(_LAST)[:-1]}


def place(data: bytes | mmap, one: bytes) -> tuple[int, int] | None:
    """Where, in cards one behind another, that of the same contact begins and ends; None where there is none."""
    start = data.find(one[: one.index(_AFTER_UID) + len(_AFTER_UID)])
    last = data.find(_LAST, start) if start >= 0 else -1
    return (start, last + len(_LAST)) if last >= 0 else None


def _id_of(data: bytes) -> str:
    return data.removeprefix(_UID).partition(_AFTER_UID)[0].replace(b"\r\n ", b"").decode()


def small_card(record: Record, octets: int) -> bytes:
    """A card of at most so many ``octets``, for a QR code: the name, and of the rest what fits, the vital things first.

    A name that alone is too long is cut. Lines are not folded, which not every scanner undoes.
    """
    name, given = record.name, names(record)
    room = octets - len(_SMALL_BEGIN) - len(_SMALL_END)
    shown = _encoded([f"N:{_text(given[0])};{_text(given[1])}", f"FN:{_text(name)}"])
    while len(shown) > room:
        name = name[: max(1, len(name) * 3 // 4)].rstrip()
        shown = _encoded([f"N:;{_text(name)}", f"FN:{_text(name)}"])
    found, room = [_SMALL_BEGIN, shown], room - len(shown)
    for line in _vital(record):
        data = f"{line}\r\n".encode()
        if len(data) <= room:
            found.append(data)
            room -= len(data)
    return b"".join([*found, _SMALL_END])


def _vital(record: Record) -> list[str]:
    """What a phone wants to know of a contact, the most important first."""
    found = [f"TEL:{_text(phone.value)}" for phone in record.phones[:1]]
    found += [f"EMAIL:{_text(email.value)}" for email in record.emails[:1]]
    if record.company:
        found.append(f"ORG:{_text(record.company)}")
    if record.title:
        found.append(f"TITLE:{_text(record.title)}")
    found += [f"TEL:{_text(phone.value)}" for phone in record.phones[1:3]]
    found += [f"EMAIL:{_text(email.value)}" for email in record.emails[1:3]]
    found += [f"URL:{_text(website.value)}" for website in record.websites[:1]]
    return found


def _head(version: Version) -> tuple[str, str]:
    return _BEGIN, f"VERSION:{version}"


def _line(one: Property, version: Version) -> str:
    name, values, kind, structured, parameters, group = one
    if parameters:
        name = "".join([name, *[f";{parameter}={','.join(settings)}" for parameter, settings in parameters]])
    if group:
        name = f"{group}.{name}"
    if len(values) == 1 and version == "3.0" and kind != "binary":  # which most are
        return f"{name}:{_text(values[0])}"
    written = [_value(value, kind, version) for value in values]
    return f"{name}:{(';' if structured else ',').join(written)}"


def _value(value: str, kind: str, version: Version) -> str:
    """A value as its version writes it."""
    if version == "4.0":
        if kind == "uri":  # in which no sign is escaped (RFC 6350, 4.2)
            return _CONTROL.sub("", _BREAK.sub("", value))
        if kind in ("date", "date-time"):  # of ISO 8601 the basic format (RFC 6350, 4.3)
            return value.replace("-", "").replace(":", "")
    return value if kind == "binary" else _text(value)


def _text(value: str) -> str:
    r"""A text as a value (RFC 2426, 4; RFC 6350, 3.4): \ ; , and line breaks escaped, and nothing that ends a line."""
    for sign in _ESCAPED:
        if sign in value:
            value = value.replace(sign, f"\\{sign}")
    if value.isprintable():
        return value
    if not value.replace("\n", " ").isprintable():
        value = _CONTROL.sub("", _BREAK.sub("\n", value))
    return value.replace("\n", "\\n")


def _encoded(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


def _folded(line: str) -> str:
    """The line with its end; a long one goes on in lines that begin with a space, no character is torn."""
    if line.isascii():  # an octet a character
        rest = (line[at : at + _OCTETS - 1] for at in range(_OCTETS, len(line), _OCTETS - 1))
        return "\r\n ".join([line[:_OCTETS], *rest]) + "\r\n"
    data = line.encode()
    parts, at, room = [], 0, _OCTETS
    while len(data) - at > room:
        stop = at + room
        while data[stop] & 0xC0 == 0x80:  # inside a character
            stop -= 1
        parts.append(data[at:stop])
        at, room = stop, _OCTETS - 1
    return (b"\r\n ".join([*parts, data[at:]]) + b"\r\n").decode()
