"""Contacts to vCards, version 3.0 (RFC 2426), which Apple's, Google's and Microsoft's address books read with pictures.

Every value was written by strangers: whatever it holds, it stays within its own property. Nothing here reads a file.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contactsheet.merge import Contact
    from contactsheet.schema import Labelled, Record

_OCTETS = 75  # of a line, without its end (RFC 2425, 5.8.1)
_ESCAPED = re.compile(r"[\\;,]")
_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # whatever some reader takes for the end of a line
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
_SPECIAL = re.compile(f"{_ESCAPED.pattern}|{_BREAK.pattern}|{_CONTROL.pattern}")
_NOT_IN_NAMES = re.compile(r"[^A-Z0-9]+")

# The words by which people tell addresses and numbers apart, as types that address books know.
_TYPES = {
    "work": "WORK",
    "office": "WORK",
    "business": "WORK",
    "home": "HOME",
    "private": "HOME",
    "personal": "HOME",
    "mobile": "CELL",
    "cell": "CELL",
    "fax": "FAX",
    "pager": "PAGER",
}
_TYPED = {"EMAIL": frozenset(("WORK", "HOME")), "TEL": frozenset(_TYPES.values()), "URL": frozenset(("WORK", "HOME"))}


def card(contact: Contact, photo: bytes = b"") -> bytes:
    """The contact's card, UTF-8 with CRLF. ``photo`` is a JPEG; without it the card has no picture.

    The UID comes from the ID alone, and there is no REV: the same contact gives the same bytes.
    """
    lines = [*_head(contact.record), *_properties(contact.record)]
    if photo:
        lines.append(f"PHOTO;ENCODING=b;TYPE=JPEG:{base64.b64encode(photo).decode('ascii')}")
    lines += [f"UID:contactsheet:{_text(contact.id)}", "END:VCARD"]
    return b"".join(map(_folded, lines))


def small_card(record: Record, octets: int) -> bytes:
    """A card of at most so many ``octets``, for a QR code: the name, and of the rest what fits, the vital things first.

    A name that alone is too long is cut. Lines are not folded, which not every scanner undoes.
    """
    name, given = record.name, _names(record)
    begin, end = b"BEGIN:VCARD\r\nVERSION:3.0\r\n", b"END:VCARD\r\n"
    room = octets - len(begin) - len(end)
    head = _encoded([f"N:{_text(given[0])};{_text(given[1])}", f"FN:{_text(name)}"])
    while len(head) > room:
        name = name[: max(1, len(name) * 3 // 4)].rstrip()
        head = _encoded([f"N:;{_text(name)}", f"FN:{_text(name)}"])
    found, room = [begin, head], room - len(head)
    for line in _vital(record):
        data = _encoded([line])
        if len(data) <= room:
            found.append(data)
            room -= len(data)
    return b"".join([*found, end])


def _head(record: Record) -> Iterator[str]:
    family, given = _names(record)
    yield from ("BEGIN:VCARD", "VERSION:3.0", f"N:{_text(family)};{_text(given)};;;", f"FN:{_text(record.name)}")


def _names(record: Record) -> tuple[str, str]:
    """The family name and the given name. Where the record has one of them, the other is the rest of the name."""
    family, given = record.family_name or "", record.given_name or ""
    if family and not given:
        given = _rest(record.name, family)
    elif given and not family:
        family = _rest(record.name, given)
    # N must not be empty (RFC 2426, 3.1.2); address books show it, and not FN.
    return (family, given) if family or given else ("", record.name)


def _rest(name: str, part: str) -> str:
    rest = name.removesuffix(f" {part}") if name.endswith(f" {part}") else name.removeprefix(f"{part} ")
    return rest if rest != name else ""


def _properties(record: Record) -> Iterator[str]:
    """All of a record that a card has a place for, but the name and the picture."""
    if record.company:
        yield f"ORG:{_text(record.company)}"
    if record.title:
        yield f"TITLE:{_text(record.title)}"
    if record.birthday:
        yield f"BDAY:{record.birthday.isoformat()}"
    group = 0
    for name, values in (("EMAIL", record.emails), ("TEL", record.phones), ("URL", record.websites)):
        for value in values:
            group += 1
            yield from _labelled(name, value, f"item{group}")
    if record.address:
        yield f"ADR:;;{_text(record.address)};;;;"
    if record.time_zone:
        yield f"TZ;VALUE=text:{_text(record.time_zone)}"
    if record.tags:
        yield f"CATEGORIES:{','.join(map(_text, record.tags))}"
    if record.notes:
        yield f"NOTE:{_text(record.notes)}"
    yield from _custom(record.fields.items(), group)


def _labelled(name: str, value: Labelled, group: str) -> Iterator[str]:
    """An address or number. A label that is no known type stands beside it, as Apple does it and others read it."""
    label = value.label or ""
    kind = _TYPES.get(label.lower(), "")
    types = [kind] if kind in _TYPED[name] else []
    if name == "EMAIL":
        types.insert(0, "INTERNET")
    typed = f"{name};TYPE={','.join(types)}" if types else name
    if label and kind not in _TYPED[name]:
        yield f"{group}.{typed}:{_text(value.value)}"
        yield f"{group}.X-ABLabel:{_text(label)}"
    else:
        yield f"{typed}:{_text(value.value)}"


def _custom(fields: Iterable[tuple[str, str]], group: int) -> Iterator[str]:
    """Custom fields, each with its key as it is written beside it, since a property's name has letters alone."""
    for number, (key, value) in enumerate(fields, group + 1):
        name = _NOT_IN_NAMES.sub("-", key.upper())[:40].strip("-") or "FIELD"
        yield f"item{number}.X-CS-{name}:{_text(value)}"
        yield f"item{number}.X-ABLabel:{_text(key)}"


def _vital(record: Record) -> Iterator[str]:
    """What a phone wants to know of a contact, the most important first."""
    yield from (f"TEL:{_text(phone.value)}" for phone in record.phones[:1])
    yield from (f"EMAIL:{_text(email.value)}" for email in record.emails[:1])
    if record.company:
        yield f"ORG:{_text(record.company)}"
    if record.title:
        yield f"TITLE:{_text(record.title)}"
    yield from (f"TEL:{_text(phone.value)}" for phone in record.phones[1:3])
    yield from (f"EMAIL:{_text(email.value)}" for email in record.emails[1:3])
    yield from (f"URL:{_text(website.value)}" for website in record.websites[:1])


def _text(value: str) -> str:
    r"""A text as a value (RFC 2426, 4): \ ; , and line breaks escaped, and nothing in it that ends a line."""
    if not _SPECIAL.search(value):
        return value
    escaped = _ESCAPED.sub(r"\\\g<0>", value)
    return _CONTROL.sub("", _BREAK.sub(r"\\n", escaped))


def _encoded(lines: Iterable[str]) -> bytes:
    return b"".join(line.encode() + b"\r\n" for line in lines)


def _folded(line: str) -> bytes:
    """The line in UTF-8 with its end; a long one goes on in lines that begin with a space, no character is torn."""
    data = line.encode()
    if len(data) <= _OCTETS:
        return data + b"\r\n"
    parts, at, room = [], 0, _OCTETS
    while len(data) - at > room:
        stop = at + room
        while data[stop] & 0xC0 == 0x80:  # inside a character
            stop -= 1
        parts.append(data[at:stop])
        at, room = stop, _OCTETS - 1
    return b"\r\n ".join([*parts, data[at:]]) + b"\r\n"
