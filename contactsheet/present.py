"""Contacts to what the pages show of them: every text, link and date in its final form.

It knows nothing of templates.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from contactsheet import hosting, listing, qr, vcard, views
from contactsheet.check import web_address_fault
from contactsheet.linking import pieces
from contactsheet.merge import Contact, MergedRecord
from contactsheet.names import day_in_words, initials, size_in_words, time_in_words, tone, zone
from contactsheet.paging import inbox_path
from contactsheet.read import PICTURE_KINDS
from contactsheet.repository import AVATARS
from contactsheet.schema import Labelled, Message, Record
from contactsheet.settings import Settings

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from contactsheet.former import Past

_CODE_BYTES = 180  # of the card in a QR code: what a phone reads at once
_CODE_SIDE = 240  # CSS pixels of a QR code, more or less
_PREVIEW = 140  # characters of the last message in the inbox's list
_LONG, _LONG_LINES = 1200, 15  # a message of more characters or line breaks is folded
_TABS: Mapping[str, tuple[Literal["all", "unread", "starred"], str]] = {
    "all": ("all", "All"),
    "unread": ("unread", "Unread"),
    "starred": ("starred", "Starred"),
}
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


def face(contact: Contact) -> views.Face:
    """What stands for the contact wherever it is listed, without its picture."""
    return views.Face(
        id=contact.id,
        name=contact.record.name,
        initials=initials(contact.record),
        tone=tone(contact.id),
        avatar=None,
        page=views.record_path(contact.id),
        thread=views.thread_path(contact.id) if contact.record.messages else None,
    )


def row(contact: Contact, shown: views.Face, settings: Settings) -> views.Row:
    """The contact's row in the list."""
    record = contact.record
    last = _last(record.messages)
    return views.Row(
        face=shown,
        company=record.company or "",
        title=record.title or "",
        email=_emails(record.emails[:1])[0] if record.emails else None,
        phone=_phones(record.phones[:1])[0] if record.phones else None,
        tags=record.tags,
        type=record.type or "",
        owner=record.owner or "",
        last_activity=_day(_local(last, settings)) if last else None,
        fields=tuple(record.fields.get(name, "") for name in listing.custom(settings)),
    )


def conversation(contact: Contact, shown: views.Face, settings: Settings) -> views.Conversation:
    """The contact's entry in the inbox. The contact has messages."""
    last = _last(contact.record.messages)
    assert last is not None
    return views.Conversation(
        face=shown,
        last=_day(_local(last, settings)),
        preview=_preview(last.text),
        from_contact=last.sender == "contact",
        sender=last.sender,
        channel=_channel(last.channel or ""),
        unread=sum(1 for message in contact.record.messages if message.sender == "contact" and not message.read),
        starred=contact.record.starred,
    )


def inbox_page(
    tab: str, path: str, conversations: Sequence[views.Conversation], newer: str, older: str
) -> views.InboxPage:
    """A page of a tab of the inbox, with the addresses of its neighbours; a page without a newer one has no span."""
    return views.InboxPage(
        path=path,
        tab=_TABS[tab][0],
        tabs=tabs(tab),
        conversations=tuple(conversations),
        span=_span(conversations) if newer else "",
        newer=newer,
        older=older,
    )


def tabs(current: str, counts: Mapping[str, int] | None = None) -> tuple[views.Tab, ...]:
    """The tabs of the inbox, with how many conversations each has where that is to be told."""
    return tuple(
        views.Tab(name, label, inbox_path(name), counts[name] if counts else None, name == current)
        for name, label in _TABS.values()
    )


def _span(conversations: Sequence[views.Conversation]) -> str:
    newest, oldest = conversations[0].last.text, conversations[-1].last.text
    return newest if newest == oldest else f"{oldest} – {newest}"


def _preview(text: str) -> str:
    """The beginning of a text in one line. No sign of several characters (an emoji, a letter with marks) is cut."""
    words = " ".join(text.split())
    if len(words) <= _PREVIEW:
        return words
    beginning = words[: _PREVIEW + 1]
    whole = "" if beginning.isascii() else _whole(beginning)  # no sign of ASCII is made of several characters
    return f"{(whole or words[:_PREVIEW]).rstrip()}…"


def _whole(text: str) -> str:
    """A text without its last sign, which may be cut."""
    import regex

    return "".join(regex.findall(r"\X", text)[:-1])


def days(contact: Contact, settings: Settings) -> tuple[views.Day, ...]:
    """The contact's messages in order of time, by day."""
    timed = ((_local(message, settings), message) for message in _in_order(contact.record.messages))
    found = []
    for _, group in groupby(timed, key=lambda pair: pair[0].date()):
        same_day = list(group)
        bubbles = tuple(_bubble(contact, message, at) for at, message in same_day)
        found.append(views.Day(_day(same_day[0][0]), bubbles))
    return tuple(found)


def _bubble(contact: Contact, message: Message, at: datetime) -> views.Bubble:
    incoming = message.sender == "contact"
    return views.Bubble(
        side="contact" if incoming else "team",
        sender=contact.record.name if incoming else message.sender,
        channel=_channel(message.channel or ""),
        at=views.Stamp(at.isoformat(), time_in_words(at)),
        pieces=pieces(message.text),
        long=len(message.text) > _LONG or message.text.count("\n") > _LONG_LINES,
        read=message.read,
    )


def panel(contact: Contact, shown: views.Face) -> views.Panel:
    """The contact panel beside an open thread."""
    return views.Panel(
        face=shown,
        title=contact.record.title or "",
        company=contact.record.company or "",
        details=_details(contact.record),
        tags=contact.record.tags,
        do_not_disturb=_do_not_disturb(contact.record),
    )


def record_page(
    contact: Contact,
    shown: views.Face,
    facts: str,
    around: tuple[views.Face | None, views.Face | None],
    settings: Settings,
    past: Sequence[Past] = (),
) -> views.RecordPage:
    """The full record, with the facts of its picture's file, the contacts before and after it in the list, and the
    history of its picture.
    """
    at = hosting.repository(settings)
    return views.RecordPage(
        face=shown,
        title=contact.record.title or "",
        company=contact.record.company or "",
        picture_area=_picture_area(contact, facts, settings, at) if settings.detail_page == "picture-area" else None,
        details=_details(contact.record, names=True),
        tags=contact.record.tags,
        do_not_disturb=_do_not_disturb(contact.record),
        merged=tuple(_merged(contact, one, at) for one in contact.merged),
        past=tuple(_past(one, at, settings) for one in past),
        source=_source(contact.file, at),
        card=views.card_path(contact.id),
        qr=_qr(contact.record),
        previous=around[0],
        next=around[1],
    )


def adding(settings: Settings) -> views.Adding:
    """What + Add contact has to know of the site."""
    at = hosting.repository(settings)
    return views.Adding(
        max_bytes=settings.max_picture_bytes,
        region=settings.phone_region,
        host=at.host if at else "",
        host_name=at.host_name if at else "",
        new=hosting.new_page(at) if at else "",
        upload=hosting.upload_root(at) if at else "",
    )


def add_page(settings: Settings) -> views.AddPage:
    """How a contact is added without scripts."""
    at = hosting.repository(settings)
    return views.AddPage(
        hint=_hint(settings),
        host=at.host_name if at else "",
        new=hosting.new_page(at) if at else "",
        upload=hosting.upload_page(at, f"{AVATARS}/") if at else "",
    )


def _hint(settings: Settings) -> str:
    largest = size_in_words(settings.max_picture_bytes)
    return f"A photo or logo, JPG or PNG, at most {largest}; 512 × 512 pixels recommended."


def _picture_area(contact: Contact, facts: str, settings: Settings, at: hosting.Repository | None) -> views.PictureArea:
    file = contact.picture.file if contact.picture else None
    path = file.path if file else f"{AVATARS}/{contact.id}.jpg"
    return views.PictureArea(
        has_picture=file is not None,
        facts=facts,
        path=path,
        kind=PICTURE_KINDS[file.suffix] if file else "",
        href=hosting.upload_page(at, path, exists=file is not None) if at else "",
        host=at.host_name if at else "",
        hint=_hint(settings),
    )


def _source(file: str, at: hosting.Repository | None) -> views.Source:
    if not file:
        return views.Source("", "", "")
    return views.Source(file, hosting.edit_page(at, file) if at else "", at.host_name if at else "")


def _past(past: Past, at: hosting.Repository | None, settings: Settings) -> views.PastPicture:
    moment = datetime.fromtimestamp(past.at, UTC).astimezone(_zone(settings))
    return views.PastPicture(
        day=_day(moment),
        author=past.author,
        commit=past.commit[:8],
        href=hosting.commit_page(at, past.commit) if at else "",
        thumb=past.thumb,
    )


def _qr(record: Record) -> views.Qr:
    """The code that brings the contact to a phone."""
    data = vcard.small_card(record, _CODE_BYTES)
    picture, side = qr.png(data)
    src = f"data:image/png;base64,{b64encode(picture).decode()}"
    return views.Qr(src, side, side * max(4, _CODE_SIDE // side), data)


def _merged(contact: Contact, merged: MergedRecord, at: hosting.Repository | None) -> views.MergedRecord:
    names = {contact.id: contact.record.name, **{one.id: one.name for one in contact.merged}}
    return views.MergedRecord(
        id=merged.id,
        name=merged.name,
        source=_source(merged.file, at),
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


def label(field: str) -> str:
    """A field's name for people; of a custom one its key."""
    top, _, key = field.partition(".")
    return key or _LABELS.get(top, top.capitalize())


def _do_not_disturb(record: Record) -> tuple[str, ...]:
    return tuple(_channel(name) for name in record.do_not_disturb)


def _channel(name: str) -> str:
    return _CHANNELS.get(name.lower(), name)


def _details(record: Record, *, names: bool = False) -> tuple[views.Detail, ...]:
    """The record's fields that have a value, in the order in which people look for them; with ``names``, those too."""
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
    found = [
        views.Detail("emails", _LABELS["emails"], _emails(record.emails)),
        views.Detail("phones", _LABELS["phones"], _phones(record.phones)),
        views.Detail("websites", _LABELS["websites"], _websites(record.websites)),
        views.Detail("address", "Address", _texts(record.address), multiline=True),
        *(views.Detail(name, label(name), _texts(value)) for name, value in plain if value),
        *(views.Detail("fields", key, _texts(value)) for key, value in record.fields.items()),
        views.Detail("notes", "Notes", _texts(record.notes), multiline=True),
    ]
    return tuple(detail for detail in found if detail.items)


def _texts(value: str | None) -> tuple[views.Item, ...]:
    return (views.Item(value),) if value else ()


def _emails(emails: Iterable[Labelled]) -> tuple[views.Item, ...]:
    return tuple(
        views.Item(
            email.value, f"mailto:{quote(email.value, safe='@')}" if "@" in email.value else "", email.label or ""
        )
        for email in emails
    )


def _phones(phones: Iterable[Labelled]) -> tuple[views.Item, ...]:
    """Phone numbers with their links (RFC 3966); one without a country has none, since it leads elsewhere abroad."""
    items = []
    for phone in phones:
        number, _, extension = phone.value.partition(" ext. ")
        digits = "".join(c for c in number if c.isascii() and c.isdigit())
        href = f"tel:+{digits}" if number.startswith("+") and digits else ""
        if href and extension.isdigit():
            href += f";ext={extension}"
        items.append(views.Item(phone.value, href, phone.label or ""))
    return tuple(items)


def _websites(websites: Iterable[Labelled]) -> tuple[views.Item, ...]:
    return tuple(
        views.Item(
            site.value.partition("://")[2].rstrip("/") or site.value,
            "" if web_address_fault(site.value) else site.value,
            site.label or "",
        )
        for site in websites
    )


def _in_order(messages: Iterable[Message]) -> list[Message]:
    """The messages in order of time; of one moment, in the order of the record."""
    # Not by local time: clocks that go back show an hour twice.
    return sorted(messages, key=lambda message: message.at)


def _last(messages: Sequence[Message]) -> Message | None:
    return _in_order(messages)[-1] if messages else None


def last_moment(contact: Contact) -> datetime:
    """When the contact's last message was. The contact has messages."""
    return max(message.at for message in contact.record.messages)


def _local(message: Message, settings: Settings) -> datetime:
    return message.at.astimezone(_zone(settings))


def _zone(settings: Settings) -> ZoneInfo:
    found = zone(settings.time_zone)
    assert found is not None, "the settings were checked"
    return found


def _day(moment: datetime) -> views.Stamp:
    return views.Stamp(moment.date().isoformat(), day_in_words(moment))
