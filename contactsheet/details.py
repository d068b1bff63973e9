"""The details of a record with labels and links: fields, channels not to use, its file, the records merged into it.

Every text, link and date is in its final form. It knows neither settings nor templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from urllib.parse import quote

from contactsheet import hosting, views
from contactsheet.check import web_address_fault
from contactsheet.merge import Contact, MergedRecord
from contactsheet.names import day_in_words
from contactsheet.schema import Labelled, Record

_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._~-]+@[A-Za-z0-9._~@-]*")  # in which nothing is quoted
_NO_DIGITS = re.compile("[^0-9]+")
_LABELS = {
    "emails": "E-mail",
    "phones": "Phone",
    "websites": "Web",
    "time_zone": "Time zone",
    "do_not_disturb": "Do not disturb",
    "given_name": "Given name",
    "family_name": "Family name",
    "avatar": "Picture",
}
_CHANNELS = {
    "email": "E-mail",
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "phone": "Phone",
    "chat": "Chat",
    "all": "all channels",
}


def details(record: Record, *, names: bool = False) -> tuple[views.Detail, ...]:
    """The record's fields that have a value, in the order in which people look for them; with ``names``, those too."""
    found: list[views.Detail] = []
    if record.emails:
        found.append(views.Detail("emails", _LABELS["emails"], emails(record.emails)))
    if record.phones:
        found.append(views.Detail("phones", _LABELS["phones"], phones(record.phones)))
    if record.websites:
        found.append(views.Detail("websites", _LABELS["websites"], _websites(record.websites)))
    if record.address:
        found.append(views.Detail("address", "Address", (views.Item(record.address),), multiline=True))
    plain = (
        ("given_name", record.given_name if names else None),
        ("family_name", record.family_name if names else None),
        ("birthday", day_in_words(record.birthday) if record.birthday else None),
        ("pronouns", record.pronouns),
        ("time_zone", record.time_zone),
        ("type", record.type),
        ("owner", record.owner),
        ("source", record.source),
        ("created", day_in_words(record.created) if record.created else None),
    )
    found += [views.Detail(name, label(name), (views.Item(value),)) for name, value in plain if value]
    found += [views.Detail("fields", key, (views.Item(value),)) for key, value in record.fields.items() if value]
    if record.notes:
        found.append(views.Detail("notes", "Notes", (views.Item(record.notes),), multiline=True))
    return tuple(found)


def emails(addresses: Iterable[Labelled]) -> tuple[views.Item, ...]:
    """E-mail addresses in their order with their links (RFC 6068), each to one address and with no header added."""
    return tuple([views.Item(email.value, _mail_to(email.value), email.label or "") for email in addresses])


def _mail_to(address: str) -> str:
    """The link by which one writes to an address, or nothing where it is none."""
    if _PLAIN_ADDRESS.fullmatch(address):  # which is known in a fifth of the time
        return f"mailto:{address}"
    return f"mailto:{quote(address, safe='@')}" if "@" in address else ""


def phones(numbers: Iterable[Labelled]) -> tuple[views.Item, ...]:
    """Phone numbers with their links (RFC 3966); one without a country has none, since it leads elsewhere abroad."""
    items = []
    for phone in numbers:
        number, _, extension = phone.value.partition(" ext. ")
        digits = _NO_DIGITS.sub("", number)
        href = f"tel:+{digits}" if number.startswith("+") and digits else ""
        if href and extension.isdigit():
            href += f";ext={extension}"
        items.append(views.Item(phone.value, href, phone.label or ""))
    return tuple(items)


def _websites(websites: Iterable[Labelled]) -> tuple[views.Item, ...]:
    return tuple(
        [
            views.Item(
                site.value.partition("://")[2].rstrip("/") or site.value,
                "" if web_address_fault(site.value) else site.value,
                site.label or "",
            )
            for site in websites
        ]
    )


def label(field: str) -> str:
    """A field's name for people; of a custom one its key."""
    top, _, key = field.partition(".")
    return key or _LABELS.get(top, top.capitalize())


def do_not_disturb(record: Record) -> tuple[str, ...]:
    """The channels on which the contact is not to be disturbed, in the record's order and named for people."""
    return tuple(channel(name) for name in record.do_not_disturb)


def channel(name: str) -> str:
    """A channel's name for people, in whatever case it is written; one that is not known keeps the name it has."""
    return _CHANNELS.get(name.lower(), name)


def merged_record(contact: Contact, merged: MergedRecord, at: hosting.Repository | None) -> views.MergedRecord:
    """One of the records merged into the contact, with the values that lost, in words; ``at`` is where its file is."""
    names = {contact.id: contact.record.name, **{one.id: one.name for one in contact.merged}}
    return views.MergedRecord(
        id=merged.id,
        name=merged.name,
        source=source(merged.file, at),
        brought_picture=merged.picture is not None,
        lost=tuple(
            views.LostValue(
                label(lost.field),
                _in_words(lost.field, lost.value),
                _in_words(lost.field, lost.kept),
                names.get(lost.origin, lost.origin),
                lost.origin,
            )
            for lost in merged.lost
        ),
    )


def _in_words(field: str, value: str) -> str:
    with suppress(ValueError):  # in an alias, whatever someone typed
        return day_in_words(date.fromisoformat(value)) if field in ("birthday", "created") else value
    return value


def source(file: str, at: hosting.Repository | None) -> views.Source:
    """A record's file, with the page of ``at`` where it is edited. All is empty for an empty name: the file is gone."""
    if not file:
        return views.Source("", "", "")
    return views.Source(file, hosting.edit_page(at, file) if at else "", at.host_name if at else "")
