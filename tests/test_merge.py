"""A record with `merge_into` joins a contact: what carries over, what stays, and that no loss goes unseen."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from contactsheet.check import SourceRecord, check
from contactsheet.merge import FIELDS, Contact, Merged, merge
from contactsheet.pictures import Picture
from contactsheet.read import SourceFile
from contactsheet.schema import Record
from contactsheet.uniting import RULES
from tests.conftest import Site, rules
from tests.pictures import BLUE, GREEN, RED, YELLOW, quarters, saved
from tests.test_pictures import shown, square

TARGET, SOURCE = "jane", "jane-new"


def joined(site: Site, target: str, source: str, directive: str = "jane") -> dict[str, Any]:
    """Builds a contact and a record that joins it; gives what the report says of the merge, once it is built."""
    site.contact(TARGET, f"name: Jane\n{target}\n")
    site.contact(SOURCE, f"name: Jane\n{source}\nmerge_into: {directive}\n")
    outcome = site.build()
    assert not outcome.failed(strict=False), outcome.problems
    (merged,) = site.report()["merges"]
    assert (merged["target"], merged["source"]) == (TARGET, SOURCE)
    return dict(merged)


def lost(merged: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(one["field"], one["value"], one["kept"], one["from"]) for one in merged["lost"]]


def words(page: str) -> str:
    """The text of a page, its pieces divided by bars."""
    return "|".join(html.unescape(piece.strip()) for piece in re.split(r"<[^>]*>", page) if piece.strip())


def record_text(site: Site, contact_id: str = TARGET) -> str:
    """The text of a contact's page above what it tells of merges."""
    return words(site.page(f"contacts/{contact_id}.html")).split("|Merged from|")[0]


def ledger_text(site: Site, contact_id: str = TARGET) -> str:
    return words(site.page(f"contacts/{contact_id}.html")).split("|Merged from|", 1)[1]


# --- 1: the target's ID survives -------------------------------------------------------------------------------------


def test_the_source_leaves_the_list_and_the_inbox_and_its_addresses_lead_to_the_survivor(site: Site) -> None:
    message = "messages: [{at: 2026-11-20T09:30:00Z, from: contact, text: Hello}]"
    joined(site, message, message.replace("09", "10"))
    assert list(site.index()) == [TARGET]
    assert site.index()[TARGET]["merged_from"] == [SOURCE]
    for page in ("index.html", "inbox.html"):
        assert f'data-contact="{SOURCE}"' not in site.page(page)
    assert "../contacts/jane.html" in site.page("contacts/jane-new.html")
    assert "jane.html" in site.page("inbox/jane-new.html")


def test_a_build_edits_no_source_and_without_the_directive_both_are_back(site: Site) -> None:
    joined(site, "title: CTO", "company: Acme")
    source = site.root / "contacts/jane-new.yaml"
    assert source.read_text() == "name: Jane\ncompany: Acme\nmerge_into: jane\n"
    source.write_text("name: Jane\ncompany: Acme\n")
    site.build()
    assert [entry["merged_from"] for entry in site.index().values()] == [[], []]
    assert "Acme" not in record_text(site)
    assert "Acme" in record_text(site, SOURCE)
    assert site.report()["merges"] == []


def test_the_page_at_the_old_address_goes_when_the_source_goes(site: Site) -> None:
    joined(site, "", "")
    (site.root / "contacts/jane-new.yaml").unlink()
    site.build()
    assert not (site.output / "contacts/jane-new.html").exists()


# --- 2: the picture carries over -------------------------------------------------------------------------------------


def test_the_sources_picture_becomes_the_survivors(site: Site) -> None:
    site.write("avatars/jane-new.png", square(BLUE))
    assert joined(site, "", "")["picture"] == "avatars/jane-new.png"
    assert shown(site, TARGET) == BLUE
    assert site.index()[TARGET]["avatar"]["source"] == "avatars/jane-new.png"
    assert "brought the picture" in ledger_text(site)


def test_the_sources_picture_replaces_the_survivors_which_is_a_notice_and_in_the_ledger(site: Site) -> None:
    site.write("avatars/jane.png", square(RED))
    site.write("avatars/jane-new.png", square(BLUE))
    merged = joined(site, "", "")
    assert shown(site, TARGET) == BLUE
    assert lost(merged) == [("avatar", "avatars/jane.png", "avatars/jane-new.png", TARGET)]
    assert "avatars/jane.png" in ledger_text(site)
    (notice,) = site.report()["problems"]
    assert (notice["rule"], notice["severity"]) == ("merge/picture-replaced", "notice")
    assert (notice["file"], notice["line"]) == ("contacts/jane-new.yaml", 3)


def test_the_picture_is_in_every_row_and_entry_that_shows_the_contact(site: Site) -> None:
    site.write("avatars/jane-new.png", square(BLUE))
    joined(site, "messages: [{at: 2026-11-20T09:30:00Z, from: contact, text: Hello}]", "")
    avatar = site.index()[TARGET]["avatar"]
    for page in ("index.html", "inbox.html", "inbox/jane.html"):
        assert avatar["96"] in site.page(page)


def test_keep_avatar_holds_the_survivors_picture_without_a_notice(site: Site) -> None:
    site.write("avatars/jane.png", square(RED))
    site.write("avatars/jane-new.png", square(BLUE))
    merged = joined(site, "", "", "{contact: jane, keep: [avatar]}")
    assert shown(site, TARGET) == RED
    assert merged["picture"] is None
    assert lost(merged) == [("avatar", "avatars/jane-new.png", "avatars/jane.png", SOURCE)]
    assert site.report()["problems"] == []


def test_without_a_picture_of_its_own_the_source_leaves_the_survivors(site: Site) -> None:
    site.write("avatars/jane.png", square(RED))
    assert joined(site, "", "")["picture"] is None
    assert shown(site, TARGET) == RED


def test_the_picture_keeps_its_focus(site: Site) -> None:
    site.write("avatars/jane-new.png", saved(quarters(1200, 600), "PNG"))
    joined(site, "avatar: {focus: left}", "avatar: {focus: right}")
    assert shown(site, TARGET, (10, 100)) == GREEN
    assert shown(site, TARGET, (10, 400)) == YELLOW


def test_the_picture_keeps_its_fit(site: Site) -> None:
    site.write("avatars/wide.png", saved(quarters(1200, 600), "PNG"))
    joined(site, "", "avatar: {file: wide.png, fit: contain}")
    with Image.open(site.output / site.index()[TARGET]["avatar"]["512"]) as thumb:
        corner = thumb.convert("RGBA").getpixel((2, 2))
    assert isinstance(corner, tuple)
    assert corner[3] == 0


def test_the_same_file_with_another_focus_wins_too_and_the_old_focus_is_in_the_ledger(site: Site) -> None:
    site.write("avatars/team.png", saved(quarters(1200, 600), "PNG"))
    merged = joined(site, "avatar: {file: team.png, focus: left}", "avatar: {file: team.png, focus: right}")
    assert shown(site, TARGET, (256, 100)) == GREEN
    assert lost(merged) == [
        (
            "avatar",
            "avatars/team.png (focus 0.0, 0.5; fit cover)",
            "avatars/team.png (focus 1.0, 0.5; fit cover)",
            TARGET,
        )
    ]
    assert "merge/picture-replaced" not in [one["rule"] for one in site.report()["problems"]]


def test_a_picture_that_loses_is_still_judged(site: Site) -> None:
    site.contact("jane", name="Jane")
    site.contact("jane-new", "merge_into: jane", name="Jane")
    site.write("avatars/jane.png", square()[:300])
    site.write("avatars/jane-new.png", square())
    outcome = site.check()
    assert outcome.failed(strict=False)
    assert [one.file for one in outcome.problems if one.severity == "error"] == ["avatars/jane.png"]


# --- 3: fields of one value ------------------------------------------------------------------------------------------

SCALAR_VALUES = {
    "name": ("Jane Doe", "Jane Miller"),
    "given_name": ("Jane", "Janet"),
    "family_name": ("Doe", "Miller"),
    "pronouns": ("she/her", "they/them"),
    "company": ("Acme", "Zenith"),
    "title": ("Editor", "Chief editor"),
    "type": ("lead", "customer"),
    "owner": ("Mira", "Noor"),
    "source": ("Website", "Fair"),
    "address": ("1 Low Road", "2 High Road"),
    "birthday": ("1980-01-02", "1980-02-01"),
    "time_zone": ("Europe/London", "Europe/Rome"),
    "notes": ("Likes tea.", "Likes coffee."),
}


def merged_record(*texts: str) -> tuple[Contact, Merged]:
    """The contact `a` that comes of records called a, b, c, …; all but the first carry their directives."""
    records = [record(chr(ord("a") + number), text) for number, text in enumerate(texts)]
    done = merge(records, {}, frozenset(one.id for one in records))
    assert not [problem for problem in done.problems if problem.severity == "error"], done.problems
    (contact,) = done.contacts
    return contact, done


def record(contact_id: str, text: str) -> SourceRecord:
    found, problems = check(contact_id, f"contacts/{contact_id}.yaml", text.encode(), None)
    assert found is not None, problems
    assert not [problem for problem in problems if problem.severity == "error"], problems
    return found


@pytest.mark.parametrize("field", SCALAR_VALUES)
def test_a_field_that_both_fill_stays_the_survivors_and_the_other_is_in_the_ledger_with_a_warning(field: str) -> None:
    mine, theirs = SCALAR_VALUES[field]
    name = "" if field == "name" else "name: Jane\n"
    contact, done = merged_record(f"{name}{field}: {mine}\n", f"{name}{field}: {theirs}\nmerge_into: a\n")
    assert str(getattr(contact.record, field)) == mine
    assert [(one.field, one.value, one.kept, one.origin) for one in contact.merged[0].lost] == [
        (field, theirs, mine, "b")
    ]
    (warning,) = done.problems
    assert (warning.rule, warning.severity, warning.file) == ("merge/conflict", "warning", "contacts/b.yaml")
    assert field in warning.message


@pytest.mark.parametrize("field", [field for field in SCALAR_VALUES if field != "name"])
def test_a_field_that_the_survivor_leaves_empty_is_filled_by_the_source(field: str) -> None:
    value = SCALAR_VALUES[field][1]
    contact, done = merged_record("name: Jane\n", f"name: Jane\n{field}: {value}\nmerge_into: a\n")
    assert str(getattr(contact.record, field)) == value
    assert contact.merged[0].lost == ()
    assert done.problems == ()


@pytest.mark.parametrize("field", SCALAR_VALUES)
def test_take_turns_the_rule_round_for_its_field_alone(field: str) -> None:
    mine, theirs = SCALAR_VALUES[field]
    other = "title" if field == "company" else "company"
    name = "" if field == "name" else "name: Jane\n"
    contact, done = merged_record(
        f"{name}{field}: {mine}\n{other}: Mine\n",
        f"{name}{field}: {theirs}\n{other}: Theirs\nmerge_into: {{contact: a, take: [{field}]}}\n",
    )
    assert str(getattr(contact.record, field)) == theirs
    assert getattr(contact.record, other) == "Mine"
    told = {(one.field, one.value, one.kept, one.origin) for one in contact.merged[0].lost}
    assert told == {(field, mine, theirs, "a"), (other, "Theirs", "Mine", "b")}
    assert [problem.message.partition(";")[0] for problem in done.problems] == [f"a has another {other}"]


def test_take_of_a_field_that_the_source_leaves_empty_changes_nothing(site: Site) -> None:
    assert lost(joined(site, "title: CTO", "", "{contact: jane, take: [title]}")) == []
    assert "CTO" in record_text(site)


def test_keep_settles_a_field_as_it_is_without_a_warning(site: Site) -> None:
    merged = joined(site, "title: CTO", "title: CEO", "{contact: jane, keep: [title]}")
    assert lost(merged) == [("title", "CEO", "CTO", SOURCE)]
    assert site.report()["problems"] == []


def test_keep_leaves_an_empty_field_empty(site: Site) -> None:
    merged = joined(site, "", "title: CEO", "{contact: jane, keep: [title]}")
    assert "CEO" not in record_text(site)
    assert lost(merged) == [("title", "CEO", "", SOURCE)]


def test_equal_values_are_no_loss(site: Site) -> None:
    assert lost(joined(site, "title: CTO\ncreated: 2026-01-01", "title: CTO\ncreated: 2026-01-01")) == []


# --- 4: lists and custom fields --------------------------------------------------------------------------------------


def values(contact: Contact, field: str) -> list[str]:
    return [item if isinstance(item, str) else item.value for item in getattr(contact.record, field)]


def test_lists_are_united_in_the_survivors_order_and_equal_values_stand_once(site: Site) -> None:
    joined(site, "tags: [vip, print]", "tags: [fair, print, web]")
    text = record_text(site)
    places = [text.index(f"|{tag}") for tag in ("vip", "print", "fair", "web")]
    assert places == sorted(places)
    assert text.count("print") == 1


@pytest.mark.parametrize(
    ("field", "mine", "theirs", "united"),
    [
        ("emails", "[jane@example.org]", "[JANE@Example.ORG, jd@example.org]", ["jane@example.org", "jd@example.org"]),
        ("email", "jane@example.org", "jane@EXAMPLE.org", ["jane@example.org"]),
        (
            "phones",
            "['+44 20 7946 0958']",
            "['+442079460958', '+44 (0)20 7946-0959']",
            ["+44 20 7946 0958", "+44 20 7946 0959"],
        ),
        (
            "websites",
            "[https://example.org]",
            "[https://example.org/, https://example.org/A]",
            ["https://example.org", "https://example.org/A"],
        ),
        ("tags", "[VIP]", "[vip, new]", ["VIP", "new"]),
    ],
    ids=["e-mail", "in the singular", "phone", "web address", "tag"],
)
def test_values_that_mean_the_same_stand_once(field: str, mine: str, theirs: str, united: list[str]) -> None:
    contact, _ = merged_record(f"name: J\n{field}: {mine}\n", f"name: J\n{field}: {theirs}\nmerge_into: a\n")
    assert values(contact, field if field.endswith("s") else f"{field}s") == united


def test_a_value_that_means_the_same_but_is_written_otherwise_is_in_the_ledger(site: Site) -> None:
    merged = joined(site, "email: jane@example.org", "email: JANE@example.org")
    assert lost(merged) == [("emails", "JANE@example.org", "jane@example.org", SOURCE)]


def test_the_survivors_first_address_stays_first_unless_take_says_otherwise() -> None:
    mine, theirs = (
        "name: J\nemails: [a@example.org, b@example.org]\n",
        "name: J\nemails: [c@example.org, b@example.org]",
    )
    contact, _ = merged_record(mine, f"{theirs}\nmerge_into: a\n")
    assert values(contact, "emails") == ["a@example.org", "b@example.org", "c@example.org"]
    contact, _ = merged_record(mine, f"{theirs}\nmerge_into: {{contact: a, take: [email]}}\n")
    assert values(contact, "emails") == ["c@example.org", "b@example.org", "a@example.org"]


def test_keep_of_a_list_leaves_it_as_it_is_and_tells_what_did_not_come(site: Site) -> None:
    merged = joined(
        site,
        "phone: '+44 20 7946 0958'\ntags: [vip]",
        "phones: ['+44 20 7946 0958', {label: home, value: '+44 20 7946 0959'}]\ntags: [vip, web]",
        "{contact: jane, keep: [phones, tags]}",
    )
    assert "0959" not in record_text(site)
    assert lost(merged) == [
        ("phones", "home: +44 20 7946 0959", "+44 20 7946 0958", SOURCE),
        ("tags", "web", "vip", SOURCE),
    ]


def test_a_label_fills_where_there_is_none_and_loses_where_there_is_one(site: Site) -> None:
    merged = joined(
        site,
        "emails: [a@example.org, {label: work, value: b@example.org}]",
        "emails: [{label: home, value: a@example.org}, {label: private, value: b@example.org}]",
    )
    assert "home" in record_text(site)
    assert lost(merged) == [("emails", "private: b@example.org", "work: b@example.org", SOURCE)]


def test_what_the_survivor_repeats_with_two_labels_stays_as_its_author_wrote_it() -> None:
    twice = "[{label: home, value: a@example.org}, {label: work, value: a@example.org}]"
    contact, _ = merged_record(f"name: J\nemails: {twice}\n", "name: J\nmerge_into: a\n")
    assert [item.label for item in contact.record.emails] == ["home", "work"]


def test_custom_fields_merge_key_by_key(site: Site) -> None:
    merged = joined(site, "fields: {Account: '1', Desk: North}", "fields: {Account: '2', Size: XL}")
    text = record_text(site)
    assert "|Account|1|" in text
    assert "|Desk|North|" in text
    assert "|Size|XL" in text
    assert lost(merged) == [("fields.Account", "2", "1", SOURCE)]
    (warning,) = site.report()["problems"]
    assert warning["rule"] == "merge/conflict"
    assert "fields.Account" in warning["message"]
    assert "take: [fields]" in warning["fix"]


def test_take_of_the_custom_fields_turns_each_key_round(site: Site) -> None:
    merged = joined(
        site, "fields: {Account: '1', Desk: North}", "fields: {Account: '2'}", "{contact: jane, take: fields}"
    )
    text = record_text(site)
    assert "|Account|2|" in text
    assert "|Desk|North|" in text
    assert lost(merged) == [("fields.Account", "1", "2", TARGET)]


def test_an_empty_custom_field_is_filled_and_a_lone_one_stays() -> None:
    contact, _ = merged_record(
        "name: J\nfields: {Account: '', Desk: ''}\n", "name: J\nfields: {Account: '2'}\nmerge_into: a\n"
    )
    assert contact.record.fields == {"Account": "2", "Desk": ""}
    assert contact.merged[0].lost == ()


# --- 5: conversations ------------------------------------------------------------------------------------------------


def message(at: str, text: str, more: str = "") -> str:
    return f"{{at: {at}, from: contact, channel: email, text: {text}{more}}}"


def test_conversations_are_united_in_the_order_of_time(site: Site) -> None:
    first, second, third = (
        message("2026-11-20T09:00:00Z", "First"),
        message("2026-11-20T11:00:00+01:00", "Second"),
        message("2026-11-20T11:00:00Z", "Third"),
    )
    joined(site, f"messages: [{third}, {first}]", f"messages: [{second}]")
    thread = words(site.page("inbox/jane.html").split("<main", 1)[1])
    places = [thread.index(word) for word in ("First", "Second", "Third")]
    assert places == sorted(places)


def test_an_identical_message_stands_once_whatever_its_offset_and_is_read_if_it_was_read_anywhere() -> None:
    mine = message("2026-11-20T09:00:00Z", "Hello", ", read: false")
    same, later = message("2026-11-20T10:00:00+01:00", "Hello"), message("2026-11-20T09:00:01Z", "Hello")
    contact, _ = merged_record(
        f"name: J\nmessages: [{mine}]\n", f"name: J\nmessages: [{same}, {later}]\nmerge_into: a\n"
    )
    assert [(one.at.second, one.read) for one in contact.record.messages] == [(0, True), (1, True)]
    assert contact.merged[0].lost == ()


def test_messages_that_differ_in_sender_or_channel_are_not_identical() -> None:
    contact, _ = merged_record(
        "name: J\nmessages: [{at: 2026-11-20T09:00:00Z, from: contact, channel: email, text: Hi}]\n",
        "name: J\nmerge_into: a\nmessages:\n"
        "  - {at: 2026-11-20T09:00:00Z, from: contact, channel: sms, text: Hi}\n"
        "  - {at: 2026-11-20T09:00:00Z, from: Mira, channel: email, text: Hi}\n",
    )
    assert len(contact.record.messages) == 3


def test_keep_of_the_messages_leaves_the_conversation_and_tells_each_that_did_not_come(site: Site) -> None:
    merged = joined(
        site,
        f"messages: [{message('2026-11-20T09:00:00Z', 'Mine')}]",
        f"messages: [{message('2026-11-20T08:00:00Z', 'Theirs')}]",
        "{contact: jane, keep: [messages]}",
    )
    assert lost(merged) == [("messages", "2026-11-20T08:00:00+00:00 contact (email): Theirs", "", SOURCE)]
    assert "Theirs" not in site.page("inbox/jane.html")


def test_a_conversation_that_the_source_alone_had_becomes_the_survivors(site: Site) -> None:
    joined(site, "", f"messages: [{message('2026-11-20T09:00:00Z', 'Hello')}]")
    assert site.index()[TARGET]["thread"] == "inbox/jane.html"
    assert "Hello" in site.page("inbox/jane.html")


@pytest.mark.parametrize(
    ("mine", "theirs", "directive", "starred", "told"),
    [
        ("true", "false", "a", True, 0),
        ("false", "true", "a", True, 0),
        ("false", "true", "{contact: a, keep: [starred]}", False, 1),
        ("false", "false", "a", False, 0),
    ],
)
def test_a_star_that_anyone_brings_stays(mine: str, theirs: str, directive: str, starred: bool, told: int) -> None:
    contact, _ = merged_record(f"name: J\nstarred: {mine}\n", f"name: J\nstarred: {theirs}\nmerge_into: {directive}\n")
    assert contact.record.starred is starred
    assert len(contact.merged[0].lost) == told


# --- 6: the most restrictive, the earliest ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "theirs", "directive", "result", "told"),
    [
        ("[sms]", "[email]", "a", ("sms", "email"), []),
        ("[sms]", "all", "a", ("all",), []),
        ("all", "[sms]", "a", ("all",), []),
        ("", "[sms]", "a", ("sms",), []),
        ("[sms]", "", "a", ("sms",), []),
        ("[sms]", "all", "{contact: a, keep: do_not_disturb}", ("sms",), [("all", "sms", "b")]),
        ("all", "[sms]", "{contact: a, take: do_not_disturb}", ("sms",), [("all", "sms", "a")]),
        ("all", "[sms]", "{contact: a, keep: do_not_disturb}", ("all",), []),
    ],
    ids=["two lists", "all wins", "all stays", "fills", "stays", "keep", "take", "keep of all"],
)
def test_do_not_disturb_is_the_most_restrictive(
    mine: str, theirs: str, directive: str, result: tuple[str, ...], told: list[tuple[str, str, str]]
) -> None:
    contact, _ = merged_record(
        f"name: J\ndo_not_disturb: {mine}\n", f"name: J\ndo_not_disturb: {theirs}\nmerge_into: {directive}\n"
    )
    assert contact.record.do_not_disturb == result
    assert [(one.value, one.kept, one.origin) for one in contact.merged[0].lost] == told


@pytest.mark.parametrize(
    ("mine", "theirs", "directive", "result", "told"),
    [
        ("2026-02-01", "2026-01-01", "a", "2026-01-01", [("2026-02-01", "a")]),
        ("2026-01-01", "2026-02-01", "a", "2026-01-01", [("2026-02-01", "b")]),
        ("", "2026-02-01", "a", "2026-02-01", []),
        ("2026-02-01", "2026-01-01", "{contact: a, keep: created}", "2026-02-01", [("2026-01-01", "b")]),
        ("2026-01-01", "2026-02-01", "{contact: a, take: created}", "2026-02-01", [("2026-01-01", "a")]),
    ],
    ids=["source's is earlier", "survivor's is earlier", "fills", "keep", "take"],
)
def test_created_is_the_earliest(
    mine: str, theirs: str, directive: str, result: str, told: list[tuple[str, str]]
) -> None:
    contact, _ = merged_record(f"name: J\ncreated: {mine}\n", f"name: J\ncreated: {theirs}\nmerge_into: {directive}\n")
    assert str(contact.record.created) == result
    assert [(one.value, one.origin) for one in contact.merged[0].lost] == told


# --- 7: nothing disappears unseen ------------------------------------------------------------------------------------


def test_every_value_that_lost_is_in_the_report_and_on_the_survivors_page(site: Site) -> None:
    merged = joined(site, "title: CTO\ncreated: 2026-01-01", "title: <CEO> & co\ncreated: 2026-05-05")
    assert lost(merged) == [
        ("title", "<CEO> & co", "CTO", SOURCE),
        ("created", "2026-05-05", "2026-01-01", SOURCE),
    ]
    text = ledger_text(site)
    for word in ("Jane", "contacts/jane-new.yaml", "Title", "<CEO> & co", "CTO", "Created", "5 May 2026"):
        assert word in text


def test_the_ledger_names_the_value_that_stayed_in_the_end_and_a_value_that_came_back_is_no_loss() -> None:
    contact, _ = merged_record(
        "name: J\ntitle: One\n",
        "name: J\ntitle: Two\nmerge_into: a\n",
        "name: J\ntitle: Two\nmerge_into: {contact: a, take: [title]}\n",
        "name: J\ntitle: Three\nmerge_into: a\n",
    )
    assert contact.record.title == "Two"
    assert [[(one.value, one.kept, one.origin) for one in merged.lost] for merged in contact.merged] == [
        [],
        [("One", "Two", "a")],
        [("Three", "Two", "d")],
    ]


def test_every_field_of_a_record_has_a_rule_for_merging() -> None:
    assert set(Record.model_fields) - {"merge_into", "aliases"} == FIELDS
    assert set(RULES) == FIELDS - {"avatar"}


# --- 8: several sources, chains, wrong directives --------------------------------------------------------------------


def test_several_sources_apply_in_the_order_of_created_then_id(site: Site) -> None:
    site.contact("jane", name="Jane")
    site.contact("x", "created: 2026-01-01\ntitle: From x\nmerge_into: jane", name="Jane")
    site.contact("b", "created: 2026-02-02\ntitle: From b\nmerge_into: jane", name="Jane")
    site.contact("a", "created: 2026-02-02\ntitle: From a\nmerge_into: jane", name="Jane")
    site.contact("undated", "title: From undated\nmerge_into: jane", name="Jane")
    site.build()
    assert site.index()["jane"]["merged_from"] == ["undated", "x", "a", "b"]
    assert "From undated" in record_text(site)


def test_of_several_pictures_the_last_wins(site: Site) -> None:
    site.contact("jane", name="Jane")
    for contact, created, colour in (("a", "2026-03-03", GREEN), ("b", "2026-01-01", BLUE), ("c", "2026-02-02", RED)):
        site.contact(contact, f"created: {created}\nmerge_into: jane", name="Jane")
        site.write(f"avatars/{contact}.png", square(colour))
    site.write("avatars/jane.png", square(YELLOW))
    site.build()
    assert shown(site, "jane") == GREEN
    report = site.report()["merges"]
    assert [(merged["source"], merged["picture"]) for merged in report] == [
        ("b", None),
        ("c", None),
        ("a", "avatars/a.png"),
    ]
    told = [(one["value"], one["kept"]) for merged in report for one in merged["lost"] if one["field"] == "avatar"]
    assert told == [(f"avatars/{name}.png", "avatars/a.png") for name in ("jane", "b", "c")]


def test_a_chain_goes_to_the_root_with_all_that_its_links_bring(site: Site) -> None:
    site.contact("a", "merge_into: b\ntitle: From a", name="A")
    site.contact("b", "merge_into: c\ncompany: From b", name="B")
    site.contact("c", "owner: From c", name="C")
    site.write("avatars/a.png", square(BLUE))
    site.build()
    assert list(site.index()) == ["c"]
    assert site.index()["c"]["merged_from"] == ["a", "b"]
    assert shown(site, "c") == BLUE
    for word in ("From a", "From b", "From c"):
        assert word in record_text(site, "c")
    for moved in ("a", "b"):
        assert "../contacts/c.html" in site.page(f"contacts/{moved}.html")


def test_a_target_in_a_folder_is_named_by_its_whole_id(site: Site) -> None:
    site.contact("sales/jane", name="Jane")
    site.contact("leads/new/jane", "merge_into: sales/jane\ntitle: CTO", name="Jane")
    site.build()
    assert list(site.index()) == ["sales/jane"]
    assert "../../../contacts/sales/jane.html" in site.page("contacts/leads/new/jane.html")
    assert "CTO" in record_text(site, "sales/jane")


@pytest.mark.parametrize(
    ("directive", "rule", "line", "column", "fix"),
    [
        ("merge_into: jane-new", "merge/self", 2, 13, "take the directive out"),
        ("merge_into: jane-doe", "merge/unknown-target", 2, 13, "Did you mean jane?"),
        ("merge_into:\n  contact: contacts/jane.yaml", "merge/unknown-target", 3, 12, "Did you mean jane?"),
        ("merge_into: {contact: jane, take: [titel]}", "merge/unknown-field", 2, 36, "Did you mean “title”?"),
        ("merge_into:\n  contact: jane\n  keep:\n    - xyz", "merge/unknown-field", 5, 7, "Known are: address"),
        ("merge_into: {contact: jane, take: [title], keep: [title]}", "merge/take-and-keep", 2, 50, "one of the two"),
        ("merge_into: {contact: jane, take: [email], keep: [emails]}", "merge/take-and-keep", 2, 50, "one of the two"),
        ("merge_into: {contact: jane, take: [merge_into]}", "merge/unknown-field", 2, 36, "Known are"),
    ],
)
def test_a_directive_that_cannot_be_carried_out_is_an_error_at_its_line(
    site: Site, directive: str, rule: str, line: int, column: int, fix: str
) -> None:
    site.contact("jane", name="Jane")
    site.contact("jane-new", directive, name="Jane")
    outcome = site.check()
    assert outcome.failed(strict=False)
    (found,) = outcome.problems
    assert (found.rule, found.file, found.line, found.column) == (rule, "contacts/jane-new.yaml", line, column)
    assert fix in found.fix


def test_a_circle_is_named_once_at_its_first_record_and_nothing_of_it_merges(site: Site) -> None:
    for name, target in (("b", "c"), ("c", "a"), ("a", "b"), ("tail", "a")):
        site.contact(name, f"merge_into: {target}", name=name)
    (found,) = site.check().problems
    assert (found.rule, found.file, found.line) == ("merge/cycle", "contacts/a.yaml", 2)
    assert "a → b → c → a" in found.message


def test_a_record_that_merges_into_one_that_cannot_be_read_is_not_wrong_for_that(site: Site) -> None:
    site.contact("jane", "name: [Jane\n")
    site.contact("jane-new", "merge_into: jane", name="Jane")
    assert rules(site.check()) == ["yaml/syntax"]


# --- over random forests of directives -------------------------------------------------------------------------------

WORDS = st.sampled_from(["red", "green", "blue"])
SOME = st.lists(WORDS, max_size=2, unique=True)
RULED = sorted(FIELDS)


@st.composite
def a_record(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """A record of small values, so that they clash; its directive leads to a record of a lower number."""
    fields: dict[str, Any] = {
        "name": draw(WORDS),
        "title": draw(st.none() | WORDS),
        "notes": draw(st.none() | WORDS),
        "created": draw(st.none() | st.sampled_from(["2026-01-01", "2026-01-02", "2026-01-03"])),
        "emails": [
            {"value": f"{draw(st.sampled_from(['a', 'A', 'b']))}@example.org", "label": draw(st.none() | WORDS)}
            for _ in range(draw(st.integers(0, 2)))
        ],
        "tags": draw(SOME),
        "do_not_disturb": draw(st.just(["all"]) | SOME),
        "fields": draw(st.dictionaries(WORDS, WORDS, max_size=2)),
        "messages": [
            {"at": f"2026-01-0{draw(st.integers(1, 3))}T00:00:00Z", "from": draw(WORDS), "text": draw(WORDS)}
            for _ in range(draw(st.integers(0, 2)))
        ],
    }
    target = draw(st.none() | st.integers(0, number - 1)) if number else None
    if target is not None:
        take = draw(st.lists(st.sampled_from(RULED), max_size=4, unique=True))
        keep = draw(st.lists(st.sampled_from([one for one in RULED if one not in take]), max_size=4, unique=True))
        fields["merge_into"] = {"contact": f"r{target}", "take": take, "keep": keep}
    return fields


@st.composite
def a_forest(draw: st.DrawFn) -> tuple[list[SourceRecord], dict[str, Picture]]:
    count = draw(st.integers(1, 6))
    records = [
        SourceRecord(f"r{number}", f"contacts/r{number}.yaml", Record.model_validate(draw(a_record(number))), {})
        for number in range(count)
    ]
    with_picture = draw(st.sets(st.integers(0, count - 1)))
    pictures = {
        f"r{number}": Picture(SourceFile(f"avatars/r{number}.png", f"r{number}", ".png", 1)) for number in with_picture
    }
    return records, pictures


def merged_in_order(records: Sequence[SourceRecord], pictures: Mapping[str, Picture]) -> Merged:
    return merge(records, pictures, frozenset(one.id for one in records))


@given(a_forest(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_result_is_the_same_for_any_order_of_the_files(
    forest: tuple[list[SourceRecord], dict[str, Picture]], chance: random.Random
) -> None:
    records, pictures = forest
    shuffled = records[:]
    chance.shuffle(shuffled)
    assert merged_in_order(shuffled, pictures) == merged_in_order(records, pictures)


@given(a_forest())
@settings(max_examples=100, deadline=None)
def test_no_value_of_any_record_disappears_unseen(
    forest: tuple[list[SourceRecord], dict[str, Picture]],
) -> None:
    records, pictures = forest
    by_id = {one.id: one for one in records}
    for contact in merged_in_order(records, pictures).contacts:
        parties = [by_id[contact.id], *(by_id[one.id] for one in contact.merged)]
        lost_values = {(one.field, one.value, one.origin) for merged in contact.merged for one in merged.lost}
        ledger = {(field, value) for field, value, _ in lost_values}
        for party in parties:
            for field, value in told(party, pictures.get(party.id)):
                assert value in stays(contact, field) or (field, value) in ledger, (field, value)
        for field, value, origin in lost_values:
            assert (field, value) in told(by_id[origin], pictures.get(origin))
            assert value not in stays(contact, field)
    assert {one for contact in merged_in_order(records, pictures).contacts for one in all_ids(contact)} == set(by_id)


def all_ids(contact: Contact) -> Iterable[str]:
    return contact.id, *(one.id for one in contact.merged)


def told(source: SourceRecord, picture: Picture | None) -> list[tuple[str, str]]:
    """Every value of a record, in the words of the ledger."""
    return [*_values(source.record), *([("avatar", picture.file.path)] if picture else [])]


def _values(one: Record) -> list[tuple[str, str]]:
    return [
        *((field, str(getattr(one, field))) for field in ("name", "title", "notes", "created") if getattr(one, field)),
        *(("emails", f"{item.label}: {item.value}" if item.label else item.value) for item in one.emails),
        *(("tags", tag) for tag in one.tags),
        *(("do_not_disturb", channel) for channel in one.do_not_disturb),
        *((f"fields.{key}", value) for key, value in one.fields.items()),
        *(("messages", f"{item.at.isoformat()} {item.sender}: {item.text}") for item in one.messages),
    ]


def stays(contact: Contact, field: str) -> set[str]:
    """The values that a merged contact shows in a field, and those that are implied in what it shows."""
    shown_now = {value for name, value in _values(contact.record) if name == field}
    if field == "emails":  # an address whose label came from elsewhere is there, with more
        shown_now |= {item.value for item in contact.record.emails}
    if field == "do_not_disturb" and "all" in shown_now:
        shown_now |= {"red", "green", "blue"}
    if field == "avatar" and contact.picture:
        shown_now |= {contact.picture.file.path}
    return shown_now
