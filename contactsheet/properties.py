"""A contact as the properties of a vCard, however they are written. Nothing is escaped here, and no file is read."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from contactsheet.merge import Contact
    from contactsheet.schema import Labelled, Record

Version = Literal["3.0", "4.0"]

_NOT_IN_NAMES = re.compile(r"[^A-Z0-9]+")
# What a record says and no vCard has a property for, with what it is called in one.
_OWN = {
    "type": "X-CONTACTSHEET-TYPE",
    "owner": "X-CONTACTSHEET-OWNER",
    "source": "X-CONTACTSHEET-SOURCE",
    "do_not_disturb": "X-CONTACTSHEET-DO-NOT-DISTURB",
}
_REMEMBERED = 256  # labels and names of custom fields

# The words by which people tell addresses and numbers apart, as types that address books know …
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
# … and of these the words that a type says by itself, so that nothing has to stand beside it.
_PLAIN = frozenset(("work", "home", "mobile", "fax", "pager"))
_TYPED = {"EMAIL": frozenset(("WORK", "HOME")), "TEL": frozenset(_TYPES.values()), "URL": frozenset(("WORK", "HOME"))}


class Property(NamedTuple):
    """A property of a vCard.

    ``values`` are several, or with ``structured`` the components of one (N, ORG, ADR). ``kind`` is what they are, as
    vCard calls it: text, uri, date or date-time (ISO 8601, with its signs), or binary (base64). ``parameters`` are
    names with their values. Properties of one ``group`` belong together.
    """

    name: str
    values: tuple[str, ...]
    kind: str = "text"
    structured: bool = False
    parameters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    group: str = ""


def properties(contact: Contact, version: Version, photo: bytes = b"", rev: int | None = None) -> Iterator[Property]:
    """The properties of a contact's card, but VERSION; ``photo`` is a JPEG or nothing, ``rev`` when the contact last
    changed (seconds since 1970, UTC), if that is known.

    The UID comes from the ID alone, so it stays while the ID does.
    """
    record = contact.record
    yield Property("UID", (f"contactsheet:{contact.id}",), "uri")
    if version == "4.0":
        yield Property("KIND", ("org" if record.name == record.company else "individual",))
    # N is never missing: 3.0 asks for it (RFC 2426, 3.1.2), and address books show it, not FN.
    yield Property("N", (*names(record), "", "", ""), structured=True)
    yield Property("FN", (record.name,))
    yield from _known(record, version)
    if rev is not None:
        yield Property("REV", (f"{datetime.fromtimestamp(rev, UTC):%Y-%m-%dT%H:%M:%SZ}",), "date-time")
    if photo:
        yield _photo(photo, version)


def names(record: Record) -> tuple[str, str]:
    """The family name and the given name. Where the record has one of them, the other is the rest of the name."""
    family, given = record.family_name or "", record.given_name or ""
    if family and not given:
        given = _rest(record.name, family)
    elif given and not family:
        family = _rest(record.name, given)
    return (family, given) if family or given else ("", record.name)


def own_fields(record: Record) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a record says and no vCard has a place for: the field's name and its values."""
    for name in _OWN:
        value = getattr(record, name)
        if value:
            yield name, value if isinstance(value, tuple) else (str(value),)


def _rest(name: str, part: str) -> str:
    rest = name.removesuffix(f" {part}") if name.endswith(f" {part}") else name.removeprefix(f"{part} ")
    return rest if rest != name else ""


def _known(record: Record, version: Version) -> Iterator[Property]:
    """All of a record that a card has a place for, but the name and the picture (PRONOUNS, CREATED: RFC 9554)."""
    if record.company:
        yield Property("ORG", (record.company,), structured=True)
    for name, text in (("TITLE", record.title), ("PRONOUNS", record.pronouns), ("NOTE", record.notes)):
        if text:
            yield Property(name, (text,))
    if record.birthday:
        yield Property("BDAY", (record.birthday.isoformat(),), "date")
    group = 0
    for name, values in (("EMAIL", record.emails), ("TEL", record.phones), ("URL", record.websites)):
        for value in values:
            group += 1
            yield from _labelled(name, value, f"item{group}", version)
    if record.address:
        yield Property("ADR", ("", "", record.address, "", "", "", ""), structured=True)
    if record.time_zone:
        parameters = (("VALUE", ("text",)),) if version == "3.0" else ()
        yield Property("TZ", (record.time_zone,), parameters=parameters)
    if record.tags:
        yield Property("CATEGORIES", record.tags)
    if record.created:
        yield Property("CREATED", (f"{record.created.isoformat()}T00:00:00Z",), "date-time")
    for name, texts in own_fields(record):
        yield Property(_OWN[name], texts)
    yield from _custom(record.fields.items(), group)


def _labelled(name: str, value: Labelled, group: str, version: Version) -> Iterator[Property]:
    """An address or number. A label that no type says stands beside it, as Apple does it and others read it."""
    label = value.label or ""
    parameters, is_said = _kind(name, label, version)
    kind = "uri" if name == "URL" else "text"
    yield Property(name, (value.value,), kind, False, parameters, "" if is_said else group)
    if not is_said:
        yield Property("X-ABLabel", (label,), group=group)


@lru_cache(maxsize=_REMEMBERED)
def _kind(name: str, label: str, version: Version) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], bool]:
    """The parameters that tell of which kind a property of that name is, and whether its label says nothing else."""
    known = _TYPES.get(label.lower(), "")
    types: tuple[str, ...] = (known,) if known in _TYPED[name] else ()
    is_said = not label or (label in _PLAIN and bool(types))
    if version == "4.0":
        types = tuple(one.lower() for one in types)
    elif name == "EMAIL":
        types = ("INTERNET", *types)
    return (("TYPE", types),) if types else (), is_said


def _custom(fields: Iterable[tuple[str, str]], group: int) -> Iterator[Property]:
    """Custom fields, each with its key as it is written beside it, since a property's name has letters alone."""
    for number, (key, value) in enumerate(fields, group + 1):
        yield Property(_custom_name(key), (value,), group=f"item{number}")
        yield Property("X-ABLabel", (key,), group=f"item{number}")


@lru_cache(maxsize=_REMEMBERED)
def _custom_name(key: str) -> str:
    return f"X-CS-{_NOT_IN_NAMES.sub('-', key.upper())[:40].strip('-') or 'FIELD'}"


def _photo(jpeg: bytes, version: Version) -> Property:
    data = base64.b64encode(jpeg).decode("ascii")
    if version == "4.0":
        return Property("PHOTO", (f"data:image/jpeg;base64,{data}",), "uri")
    return Property("PHOTO", (data,), "binary", parameters=(("ENCODING", ("b",)), ("TYPE", ("JPEG",))))
