"""What the pages show of a contact: texts, links and dates in their final form."""

from __future__ import annotations

from typing import Any

import pytest

from contactsheet import present, views
from contactsheet.merge import Contact, MergedRecord
from contactsheet.pictures import Picture
from contactsheet.read import SourceFile
from contactsheet.schema import Record, record_of
from contactsheet.settings import Settings
from contactsheet.uniting import Lost

LONDON = Settings(time_zone="Europe/London")


def contact(contact_id: str = "ada", **fields: Any) -> Contact:
    record = record_of({"name": "Ada Lovelace", **fields})
    return Contact(contact_id, f"contacts/{contact_id}.yaml", record, None)


def message(at: str, text: str = "Hello", sender: str = "contact", **fields: Any) -> dict[str, Any]:
    return {"at": at, "from": sender, "text": text, **fields}


def entry(*messages: dict[str, Any], settings: Settings = LONDON, **fields: Any) -> views.Conversation:
    """The contact's entry in the inbox."""
    one = contact(messages=list(messages), **fields)
    return present.conversation(one, present.face(one), settings)


def days(*messages: dict[str, Any], settings: Settings = LONDON) -> list[tuple[str, list[str]]]:
    """The thread as its days with the texts of each."""
    found = present.days(contact(messages=list(messages)), settings)
    return [(day.date.iso, ["".join(piece.text for piece in bubble.pieces) for bubble in day.bubbles]) for day in found]


def details(**fields: Any) -> dict[str, list[views.Item]]:
    one = contact(**fields)
    page = present.record_page(one, present.face(one), "", (None, None), LONDON)
    return {detail.label: list(detail.items) for detail in page.details}


# --- threads ---------------------------------------------------------------------------------------------------------


def test_messages_stand_in_order_of_time_whatever_their_order_in_the_file_and_their_offset() -> None:
    found = days(
        message("2026-11-20T10:00:00+02:00", "first"),
        message("2026-11-20T12:00:00Z", "third"),
        message("2026-11-20T10:30:00+01:00", "second"),
    )
    assert found == [("2026-11-20", ["first", "second", "third"])]


def test_messages_of_one_moment_keep_the_order_of_the_file_and_the_last_is_previewed() -> None:
    same = [message("2026-11-20T10:00:00Z", text) for text in ("one", "two", "three")]
    assert days(*same) == [("2026-11-20", ["one", "two", "three"])]
    assert entry(*same).preview == "three"


def test_the_hour_that_clocks_show_twice_keeps_its_messages_in_order() -> None:
    found = days(
        message("2026-10-25T00:50:00Z", "half past one in summer time, ten to two"),
        message("2026-10-25T01:10:00Z", "ten past one in winter time"),
    )
    assert found == [("2026-10-25", ["half past one in summer time, ten to two", "ten past one in winter time"])]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", ["2026-11-20", "2026-11-21"]),
        ("Asia/Tokyo", ["2026-11-21"]),
        ("America/New_York", ["2026-11-20"]),
        ("Pacific/Kiritimati", ["2026-11-21"]),
    ],
)
def test_days_are_those_of_the_sites_time_zone(zone: str, expected: list[str]) -> None:
    found = days(message("2026-11-20T23:30:00Z"), message("2026-11-21T00:30:00Z"), settings=Settings(time_zone=zone))
    assert [day for day, _ in found] == expected


def test_a_message_has_its_time_in_the_sites_time_zone_for_people_and_machines() -> None:
    (day,) = present.days(contact(messages=[message("2026-07-01T23:05:00Z")]), LONDON)
    assert day.date == views.Stamp("2026-07-02", "2 Jul 2026")
    assert day.bubbles[0].at == views.Stamp("2026-07-02T00:05:00+01:00", "00:05")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "UTC"])
@pytest.mark.parametrize("at", ["0002-01-01T00:00:00+14:00", "9998-12-31T23:59:59-12:00"], ids=["first", "last"])
def test_messages_at_the_ends_of_the_calendar_have_a_day(at: str, zone: str) -> None:
    found = days(message(at), settings=Settings(time_zone=zone))
    assert len(found) == 1
    assert found[0][0] in ("0001-12-30", "0001-12-31", "0002-01-01", "9999-01-01", "9999-01-02")


def test_a_bubble_says_who_spoke_and_how() -> None:
    one = contact(
        messages=[message("2026-11-20T10:00:00Z", channel="sms"), message("2026-11-20T11:00:00Z", sender="Mira")]
    )
    (day,) = present.days(one, LONDON)
    assert [(b.side, b.sender, b.channel) for b in day.bubbles] == [
        ("contact", "Ada Lovelace", "SMS"),
        ("team", "Mira", ""),
    ]


# --- the inbox's entries ---------------------------------------------------------------------------------------------


def test_unread_are_the_contacts_messages_that_nobody_read() -> None:
    shown = entry(
        message("2026-11-20T10:00:00Z", read=False),
        message("2026-11-20T11:00:00Z", read=False),
        message("2026-11-20T12:00:00Z", read=True),
        message("2026-11-20T13:00:00Z", sender="Mira", read=False),
    )
    assert shown.unread == 2
    assert not shown.starred


def test_an_entry_shows_the_last_message_and_whose_it_was() -> None:
    shown = entry(
        message("2026-11-20T23:30:00-05:00", "The last\n\n  word", sender="Mira", channel="whatsapp"),
        message("2026-11-20T10:00:00Z", "The first"),
        starred=True,
    )
    assert (shown.preview, shown.sender, shown.from_contact) == ("The last word", "Mira", False)
    assert (shown.channel, shown.starred) == ("WhatsApp", True)
    assert shown.last == views.Stamp("2026-11-21", "21 Nov 2026")


def test_a_channel_that_is_not_known_keeps_its_name() -> None:
    assert entry(message("2026-11-20T10:00:00Z", channel="Carrier pigeon")).channel == "Carrier pigeon"


@pytest.mark.parametrize(
    ("text", "preview"),
    [
        ("x" * 140, "x" * 140),
        ("x" * 141, "x" * 140 + "…"),
        ("word " * 40, ("word " * 28).rstrip() + "…"),
        ("x" * 138 + "👩\u200d🚀 and on", "x" * 138 + "…"),
        ("x" * 139 + "e\u0301e\u0301", "x" * 139 + "…"),
        ("", ""),
    ],
    ids=["fits", "too long", "ends with a word", "an emoji is not cut", "an accent is not cut", "empty"],
)
def test_a_preview_is_the_texts_beginning_in_whole_characters(text: str, preview: str) -> None:
    assert entry(message("2026-11-20T10:00:00Z", text)).preview == preview


def test_a_letter_with_ten_thousand_marks_does_not_make_a_preview_of_ten_thousand() -> None:
    assert len(entry(message("2026-11-20T10:00:00Z", "a" + "\u0301" * 10_000)).preview) <= 141


# --- fields ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "href"),
    [
        ("+44 20 7946 0958", "tel:+442079460958"),
        ("+1 202-555-0143 ext. 77", "tel:+12025550143;ext=77"),
        ("020 7946 0958", ""),
        ("+", ""),
        ("call me", ""),
    ],
)
def test_a_phone_number_is_a_link_where_it_names_its_country(number: str, href: str) -> None:
    assert [item.href for item in details(phones=number)["Phone"]] == [href]


@pytest.mark.parametrize(
    ("address", "href"),
    [
        ("ada@example.org", "mailto:ada@example.org"),
        ("a+b&c?d@example.org", "mailto:a%2Bb%26c%3Fd@example.org"),
        ("grüße@example.org", "mailto:gr%C3%BC%C3%9Fe@example.org"),
        ("nothing", ""),
    ],
)
def test_an_e_mail_address_is_a_link_that_adds_no_headers(address: str, href: str) -> None:
    assert [item.href for item in details(emails=address)["E-mail"]] == [href]


@pytest.mark.parametrize(
    ("address", "text", "href"),
    [
        ("https://example.org/", "example.org", "https://example.org/"),
        ("http://example.org/a/b?c=d", "example.org/a/b?c=d", "http://example.org/a/b?c=d"),
        ("javascript:alert(1)", "javascript:alert(1)", ""),
        ("data:text/html,x", "data:text/html,x", ""),
        ("//example.org", "//example.org", ""),
        ("https:\\\\example.org", "https:\\\\example.org", ""),
    ],
)
def test_a_web_address_is_a_link_where_it_is_one_of_the_web(address: str, text: str, href: str) -> None:
    (item,) = details(websites=address)["Web"]
    assert (item.text, item.href) == (text, href)


def test_fields_stand_in_the_order_in_which_people_look_for_them_and_empty_ones_not_at_all() -> None:
    found = details(
        notes="Up at four.\nAsleep by nine.",
        fields={"Account": "0042", "Shoe size": "38"},
        birthday="1815-12-10",
        emails={"label": "work", "value": "ada@example.org"},
        company="Analytical",
    )
    assert list(found) == ["E-mail", "Birthday", "Account", "Shoe size", "Notes"]
    assert found["E-mail"][0].label == "work"
    assert found["Birthday"][0].text == "10 Dec 1815"


def test_a_contact_with_nothing_but_a_name_has_no_fields_and_no_role() -> None:
    one = contact()
    page = present.record_page(one, present.face(one), "", (None, None), LONDON)
    assert (page.details, page.title, page.company) == ((), "", "")
    assert (page.tags, page.do_not_disturb, page.merged) == ((), (), ())
    row = present.row(one, present.face(one), LONDON)
    assert (row.email, row.phone, row.last_activity) == (None, None, None)
    assert row.face.thread is None


def test_do_not_disturb_names_the_channels_as_people_do() -> None:
    assert present.panel(contact(do_not_disturb="all"), _face()).do_not_disturb == ("all channels",)
    assert present.panel(contact(do_not_disturb=["sms", "Fax"]), _face()).do_not_disturb == ("SMS", "Fax")


def _face() -> views.Face:
    return present.face(contact())


# --- the picture -----------------------------------------------------------------------------------------------------


def pictured(path: str) -> Contact:
    name, _, suffix = path.rpartition(".")
    file = SourceFile(path, name.partition("/")[2], f".{suffix}", 1000)
    return Contact("sales/ada", "contacts/sales/ada.yaml", Record(name="Ada"), Picture(file))


def area(one: Contact, settings: Settings = LONDON) -> views.PictureArea:
    facts = "JPEG, 3024 × 4032 pixels, 1.2 MB" if one.picture else ""
    page = present.record_page(one, present.face(one), facts, (None, None), settings)
    assert page.picture_area is not None
    return page.picture_area


def test_the_picture_area_tells_of_the_present_picture_and_where_it_is() -> None:
    found = area(pictured("avatars/sales/ada.png"))
    assert (found.has_picture, found.path) == (True, "avatars/sales/ada.png")
    assert found.facts == "JPEG, 3024 × 4032 pixels, 1.2 MB"


def test_the_picture_area_without_a_picture_says_where_one_belongs() -> None:
    found = area(contact("sales/ada"))
    assert (found.has_picture, found.path, found.facts) == (False, "avatars/sales/ada.jpg", "")


def test_the_picture_area_says_what_is_accepted_with_the_sites_own_limit() -> None:
    assert "at most 2.5 MB" in area(contact()).hint
    assert "at most 500 kB" in area(contact(), Settings(max_picture_bytes=512_000)).hint


@pytest.mark.parametrize(
    ("repository", "href"),
    [
        ("https://github.com/acme/contacts", "https://github.com/acme/contacts/upload/main/avatars/sales"),
        ("https://gitlab.com/acme/contacts", "https://gitlab.com/acme/contacts/-/blob/main/avatars/sales/ada.png"),
        ("https://gitea.acme.example/acme/c", "https://gitea.acme.example/acme/c/_upload/main/avatars/sales"),
        ("https://bitbucket.org/acme/contacts", "https://bitbucket.org/acme/contacts/src/main/avatars/sales"),
        ("", ""),
    ],
    ids=["github", "gitlab", "gitea", "bitbucket", "none"],
)
def test_the_picture_area_leads_to_the_hosts_upload_page_of_the_pictures_folder(repository: str, href: str) -> None:
    assert area(pictured("avatars/sales/ada.png"), Settings(repository=repository)).href == href


def test_a_picture_beside_its_record_is_replaced_there() -> None:
    found = area(pictured("contacts/sales/ada.jpg"), Settings(repository="https://github.com/a/b", branch="trunk"))
    assert found.href == "https://github.com/a/b/upload/trunk/contacts/sales"


def test_a_classic_record_page_has_no_picture_area() -> None:
    one = pictured("avatars/sales/ada.png")
    page = present.record_page(one, _face(), "", (None, None), Settings(detail_page="classic"))
    assert page.picture_area is None


# --- merges ----------------------------------------------------------------------------------------------------------


def test_what_lost_in_a_merge_is_told_in_the_words_of_the_page() -> None:
    lost = (
        Lost("birthday", "1815-12-10", "1815-12-11", "lead"),
        Lost("emails", "old@example.org", "", "lead"),
        Lost("fields.Account", "1", "2", "lead"),
        Lost("avatar", "avatars/lead.jpg", "avatars/ada.jpg", "lead"),
    )
    merged = MergedRecord("lead", "Ada L.", "contacts/lead.yaml", "avatars/lead.jpg", False, lost)
    one = Contact("ada", "contacts/ada.yaml", Record(name="Ada"), None, (merged,))
    (shown,) = present.record_page(one, _face(), "", (None, None), LONDON).merged
    assert (shown.name, shown.source.file, shown.brought_picture) == ("Ada L.", "contacts/lead.yaml", True)
    assert [(value.label, value.value, value.kept) for value in shown.lost] == [
        ("Birthday", "10 Dec 1815", "11 Dec 1815"),
        ("E-mail", "old@example.org", ""),
        ("Account", "1", "2"),
        ("Picture", "avatars/lead.jpg", "avatars/ada.jpg"),
    ]
