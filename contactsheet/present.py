"""Contacts to what the pages show of them: rows, conversations, threads, the panel, a record's page, + Add contact.

Every text, link and date is in its final form; those of a record's fields are from `details`. It knows nothing of
templates.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from contactsheet import hosting, listing, qr, vcard, views
from contactsheet.details import channel, details, do_not_disturb, emails, merged_record, phones, source
from contactsheet.linking import pieces
from contactsheet.merge import Contact
from contactsheet.names import day_in_words, initials, size_in_words, time_in_words, tone
from contactsheet.paging import inbox_path
from contactsheet.read import PICTURE_KINDS
from contactsheet.repository import AVATARS
from contactsheet.schema import Message, Record
from contactsheet.settings import Settings
from contactsheet.zones import zone

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
        email=emails(record.emails[:1])[0] if record.emails else None,
        phone=phones(record.phones[:1])[0] if record.phones else None,
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
        channel=channel(last.channel or ""),
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
        channel=channel(message.channel or ""),
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
        details=details(contact.record),
        tags=contact.record.tags,
        do_not_disturb=do_not_disturb(contact.record),
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
        details=details(contact.record, names=True),
        tags=contact.record.tags,
        do_not_disturb=do_not_disturb(contact.record),
        merged=tuple(merged_record(contact, one, at) for one in contact.merged),
        past=tuple(_past(one, at, settings) for one in past),
        source=source(contact.file, at),
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
