"""What becomes of each field when records join a contact: which value stays, which ones lose and are told."""

from __future__ import annotations

import pytest

from contactsheet.merge import Contact
from tests.conftest import Site
from tests.merging import SOURCE, TARGET, joined, lost, merged_record, record_text, words

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
    assert [problem.message.partition(";")[0] for problem in done.problems] == [f"a has another {other}, and keeps it"]


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
    assert "under “Merged from”" in warning["message"]
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
