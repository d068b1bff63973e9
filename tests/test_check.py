"""What a record may say: every field of it, its forms, its kinds of values, and what is said where it is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from contactsheet.check import web_address_fault
from contactsheet.problems import Problem, Severity
from contactsheet.schema import Labelled
from tests.conftest import Site, rules
from tests.records import field, judge

TEXTS = (
    *("given_name", "family_name", "pronouns", "company", "title"),
    *("type", "owner", "source", "address", "notes"),
)
LABELLED = {"email": "ada@example.org", "phone": "+44 20 7946 0958", "website": "https://example.org/"}
LONG = {"address", "notes"}
APOSTROPHE = "'"


def values(labelled: tuple[Labelled, ...]) -> list[tuple[str | None, str]]:
    return [(one.label, one.value) for one in labelled]


def wrong(text: str) -> Problem:
    """The only problem of a record with a name and this, which must be an error."""
    problem = field(text).only
    assert problem.severity is Severity.ERROR
    assert problem.fix
    return problem


# The name


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "李小龍",
        "No",
        "Null",
        "NULL",
        "true",
        "12:30",
        "007",
        "2026-13-45",
        "=",
        ".inf",
        "🎈",
        "'  Ada  '",
        "x" * 200,
    ],
    ids=lambda name: name[:12],
)
def test_a_name_is_any_text_that_shows_something(name: str) -> None:
    verdict = judge(f"name: {name}")
    assert verdict.rules == []
    assert verdict.kept.name == name.strip("' ")


@pytest.mark.parametrize(
    "blank",
    ['""', '"   "', r'"\u200b"', r'"\u00ad\u2060"', r'"\u3164"', r'"\u2800"', r'"\u202e"', r'"\ue000"'],
)
def test_a_name_that_shows_nothing_is_refused(blank: str) -> None:
    found = judge(f"title: CTO\nname: {blank}")
    assert found.only.rule == "contact/name"
    assert found.only.message == "“name” shows nothing"
    assert found.at == (2, 7)


def test_a_name_over_200_characters_is_refused() -> None:
    problem = judge(f"name: {'é' * 201}").only
    assert (problem.rule, problem.message) == ("contact/name", "“name” has 201 characters; 200 are allowed")


@pytest.mark.parametrize("text", ["title: CTO", "name:\ntitle: CTO", "name: ~", "name: null", "name: # Ada"])
def test_a_record_without_a_name_is_refused(text: str) -> None:
    problem = judge(text).only
    assert (problem.rule, problem.message, problem.line) == ("contact/missing", "“name” is missing", 1)
    assert problem.fix == "Write “name: …” with a text behind the colon."


@pytest.mark.parametrize(("value", "what"), [("[Ada]", "a list"), ("{first: Ada}", "a map")])
def test_a_name_is_one_text(value: str, what: str) -> None:
    problem = judge(f"name: {value}").only
    assert (problem.rule, problem.message) == ("contact/type", f"“name” is {what}, not one text")
    assert problem.fix == "Write it as in “name: Ada Lovelace”."


# Texts


@pytest.mark.parametrize(
    "value", ["NO", "0123", "+1555", "1.10", "0x1F", "yes", "Null", "1:30", "2026-01-31", "a # b"[:1]]
)
def test_every_plain_text_stays_as_it_was_typed(value: str) -> None:
    verdicts = {key: field(f"{key}: {value}") for key in TEXTS}
    assert {key: verdict.rules for key, verdict in verdicts.items() if verdict.rules} == {}
    assert {key: getattr(verdict.kept, key) for key, verdict in verdicts.items()} == dict.fromkeys(TEXTS, value)


@pytest.mark.parametrize("value", ["", "~", "null", '""', '"  "'])
def test_an_optional_text_may_be_empty_or_blank(value: str) -> None:
    verdicts = {key: field(f"{key}: {value}") for key in TEXTS}
    assert {key: verdict.rules for key, verdict in verdicts.items() if verdict.rules} == {}
    assert {key: getattr(verdict.kept, key) for key, verdict in verdicts.items()} == dict.fromkeys(TEXTS)


@pytest.mark.parametrize("value", ["[a, b]", "{a: b}", "[]", "{}"])
def test_a_list_or_a_map_is_no_text(value: str) -> None:
    for key in TEXTS:
        problem = wrong(f"{key}: {value}")
        assert (problem.rule, problem.field) == ("contact/type", key)
        assert "not one text" in problem.message


@pytest.mark.parametrize("key", TEXTS)
@pytest.mark.parametrize("text", [r'"a\nb"', r'"a\rb"', "|\n  a\n  b"], ids=["LF", "CR", "block"])
def test_only_address_and_notes_have_line_breaks(key: str, text: str) -> None:
    verdict = field(f"{key}: {text}")
    if key in LONG:
        assert verdict.rules == []
        assert getattr(verdict.kept, key) == "a\nb"
    else:
        assert verdict.rules == ["contact/line-break"]
        assert verdict.only.message == f"“{key}” has a line break or a tab, but is a text of one line"


def test_a_messages_text_has_line_breaks_but_not_its_sender() -> None:
    message = "messages:\n  - at: 2026-11-20T09:30:00Z\n    from: {}\n    text: {}"
    assert field(message.format("contact", r'"a\nb"')).kept.messages[0].text == "a\nb"
    problem = wrong(message.format(r'"a\nb"', "Hello"))
    assert (problem.rule, problem.field, problem.line) == ("contact/line-break", "messages.0.from", 4)


@pytest.mark.parametrize("escape", [r"\0", r"\x1b", r"\b", r"\x7f", r"\x9b", r"\N", r"\L", r"\P", r"\ufeff", r"\uffff"])
@pytest.mark.parametrize("key", ["name", "title", "notes"])
def test_no_text_holds_control_characters(key: str, escape: str) -> None:
    verdict = judge(f'{key}: "a{escape}b"')
    assert verdict.rules == ["yaml/control-character"]
    assert verdict.at == (1, len(key) + 3)


# Addresses and numbers


@pytest.mark.parametrize(("singular", "value"), LABELLED.items())
@pytest.mark.parametrize(
    ("form", "labels"),
    [
        ("{one}: {value}", [None]),
        ("{one}s: {value}", [None]),
        ("{one}s: [{value}]", [None]),
        ("{one}: [{value}]", [None]),
        ("{one}: {{value: {value}}}", [None]),
        ("{one}: {{label: work, value: {value}}}", ["work"]),
        ("{one}s:\n  - {{label: work, value: {value}}}\n  - {value}", ["work", None]),
        ("{one}s:\n  - label:\n    value: {value}", [None]),
    ],
    ids=["text", "plural of one", "list of one", "singular list", "map", "label", "mixed", "empty label"],
)
def test_singular_and_plural_text_and_label_say_the_same(
    singular: str, value: str, form: str, labels: list[str | None]
) -> None:
    verdict = field(form.format(one=singular, value=value))
    assert verdict.rules == []
    assert values(getattr(verdict.kept, f"{singular}s")) == [(label, value) for label in labels]


@pytest.mark.parametrize("singular", LABELLED)
@pytest.mark.parametrize("empty", ["", "~", "[]"])
def test_addresses_and_numbers_may_be_missing(singular: str, empty: str) -> None:
    verdict = field(f"{singular}: {empty}")
    assert verdict.rules == []
    assert getattr(verdict.kept, f"{singular}s") == ()


@pytest.mark.parametrize(("singular", "value"), LABELLED.items())
def test_both_numbers_of_a_field_in_one_record_are_an_error_at_the_second(singular: str, value: str) -> None:
    problem = wrong(f"{singular}: {value}\n{singular}s: {value}")
    assert (problem.rule, problem.line, problem.field) == ("contact/singular-and-plural", 3, f"{singular}s")
    assert f"under “{singular}s”" in problem.fix


@pytest.mark.parametrize("order", ["email: nobody\nemails: [b@example.org]", "emails: nobody\nemail: b@example.org"])
def test_with_both_numbers_the_first_is_judged_at_its_place(order: str) -> None:
    assert [(problem.rule, problem.line) for problem in field(order).problems] == [
        ("contact/singular-and-plural", 3),
        ("contact/email", 2),
    ]


@pytest.mark.parametrize("singular", LABELLED)
@pytest.mark.parametrize(
    ("value", "rule", "message"),
    [
        ('""', "contact/type", "“{}” is empty"),
        ('["  "]', "contact/type", "an item of “{}” is empty"),
        ("[~]", "contact/type", "an item of “{}” is empty"),
        ("[[a]]", "contact/type", "an item of “{}” is a list, not a text or a map of label, value"),
        ("{label: work}", "contact/missing", "“{}.value” is missing"),
        ("{value: }", "contact/missing", "“{}.value” is missing"),
        ("{value: [a]}", "contact/type", "“{}.value” is a list, not one text"),
        ('"a\\nb"', "contact/line-break", "“{}” has a line break or a tab, but is a text of one line"),
    ],
)
def test_an_address_of_the_wrong_shape_is_told_in_plain_words(
    singular: str, value: str, rule: str, message: str
) -> None:
    problem = wrong(f"{singular}: {value}")
    assert (problem.rule, problem.message) == (rule, message.format(singular))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada.Lovelace@EXAMPLE.org", "Ada.Lovelace@example.org"),
        ("ada+tag@example.org", "ada+tag@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("jose\u0301@example.org", "josé@example.org"),
        ("ada@münchen.example.org", "ada@münchen.example.org"),
        ("'  ada@example.org '", "ada@example.org"),
    ],
)
def test_an_email_address_is_kept_in_its_normal_form(typed: str, kept: str) -> None:
    verdict = field(f"email: {typed}")
    assert verdict.rules == []
    assert values(verdict.kept.emails) == [(None, kept)]


@pytest.mark.parametrize(
    "address",
    ["ada", "ada@", "'@example.org'", "ada@example", "a@b@example.org", "Ada <ada@example.org>", "a b@example.org"],
)
def test_what_is_no_email_address_is_named_and_stays_as_typed(address: str) -> None:
    verdict = field(f"email: {address}")
    assert (verdict.only.rule, verdict.only.severity, verdict.at) == ("contact/email", "error", (2, 8))
    assert verdict.only.message.startswith(f"“{address.strip(APOSTROPHE)}” is not an e-mail address: ")
    assert values(verdict.kept.emails) == [(None, address.strip(APOSTROPHE))]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("+442079460958", "+44 20 7946 0958"),
        ("+44 (0)20 7946-0958", "+44 20 7946 0958"),
        ("+1 202-555-0123", "+1 202-555-0123"),
        ("+49 30 901820 ext. 12", "+49 30 901820 ext. 12"),
        ("+390612345678", "+39 06 1234 5678"),
        ("\uff0b442079460958", "+44 20 7946 0958"),
    ],
)
def test_a_phone_number_is_shown_in_the_international_form(typed: str, shown: str) -> None:
    verdict = field(f"phone: {typed}")
    assert verdict.rules == []
    assert values(verdict.kept.phones) == [(None, shown)]


@pytest.mark.parametrize("number", ["call the office", "+999 1", "+44 1", "+44 20 7946 0958 0958 0958", "+0 12345678"])
def test_an_impossible_phone_number_is_an_error(number: str) -> None:
    problem = wrong(f"phone: {number}")
    assert problem.rule == "contact/phone"
    assert f"“{number}”" in problem.message


def test_a_number_in_no_known_range_is_kept_with_a_warning() -> None:
    verdict = field("phone: +1 555 000 0000")
    assert (verdict.only.rule, verdict.only.severity) == ("contact/phone-doubtful", "warning")
    assert verdict.only.message == "“+1 555 000 0000” is in no known range of the numbers of +1"
    assert values(verdict.kept.phones) == [(None, "+1 555-000-0000")]


def test_a_number_without_a_country_is_kept_as_typed_with_a_warning() -> None:
    verdict = field("phone: 020 7946 0958")
    assert (verdict.only.rule, verdict.only.severity) == ("contact/phone-doubtful", "warning")
    assert values(verdict.kept.phones) == [(None, "020 7946 0958")]


def test_the_sites_own_country_is_assumed_where_it_is_set() -> None:
    verdict = judge("name: Ada\nphone: 020 7946 0958", region="GB")
    assert verdict.rules == []
    assert values(verdict.kept.phones) == [(None, "+44 20 7946 0958")]


@pytest.mark.parametrize(
    "address",
    [
        *("https://example.org", "http://example.org/a?b=c#d", "HTTPS://EXAMPLE.ORG/", "https://münchen.example/ä"),
        *("https://example.org:8080/", "https://[2001:db8::1]/", "https://localhost/x", "https://example.org/a%20b"),
    ],
)
def test_http_and_https_are_web_addresses(address: str) -> None:
    verdict = field(f'website: "{address}"')
    assert verdict.rules == []
    assert values(verdict.kept.websites) == [(None, address)]


@pytest.mark.parametrize(
    ("address", "remedy"),
    [
        ("example.org", "Write https://example.org."),
        ("www.example.org/a", "Write https://www.example.org/a."),
        ("javascript:alert(1)", "Only addresses with https:// or http://"),
        ("JaVaScRiPt://example.org/%0aalert(1)", "Only addresses with"),
        ("data:text/html,x", "Only addresses with"),
        ("ftp://example.org", "Only addresses with"),
        ("mailto:ada@example.org", "Only addresses with"),
        ("ada@example.org", "Only addresses with"),
        ("//example.org", "Only addresses with"),
        ("https:example.org", "Write a whole address"),
        ("https:///example.org", "Write a whole address"),
        ("https://", "Write a whole address"),
        ("https://[::1", "Write a whole address"),
        ("https://example.org:x/", "Write a whole address"),
        (r"https:\\example.org", "Write a whole address"),
        (r"https://example.org\@evil.example", "Write a whole address"),
        ("https://user:password@example.org", "Take the user name and the password"),
        ("https://example.org@evil.example", "Take the user name"),
        ("https://example.org/a b", "Take out spaces"),
        ('https://example.org/"onclick="', "Take out spaces"),
        ("https://example.org/<script>", "Take out spaces"),
        ("https://example.org/\u202egpj", "invisible signs"),
        ("https://exam\u200bple.org/", "invisible signs"),
        ("https://example.org/\u00a0", "invisible signs"),
    ],
)
def test_anything_else_is_no_web_address(address: str, remedy: str) -> None:
    assert remedy in web_address_fault(address)


def test_a_web_address_that_is_none_is_an_error_at_the_value() -> None:
    verdict = field("websites:\n  - https://example.org\n  - {label: shop, value: example.org}")
    assert (verdict.only.rule, verdict.at, verdict.only.field) == ("contact/website", (4, 26), "websites.1.value")


# Dates, times, time zones


@pytest.mark.parametrize("key", ["birthday", "created"])
def test_a_date_is_year_month_and_day(key: str) -> None:
    verdict = field(f"{key}: 2024-02-29")
    assert verdict.rules == []
    assert getattr(verdict.kept, key) == date(2024, 2, 29)
    assert getattr(field(f"{key}:").kept, key) is None


@pytest.mark.parametrize("key", ["birthday", "created"])
@pytest.mark.parametrize(
    "value",
    [
        *("2026-02-30", "2026-13-01", "0000-01-01", "10.12.1815", "12/10/1815", "2026-1-5", "20260105"),
        *("2026-01-31T10:00:00", "--12-10", "yesterday", '""', "[2026-01-31]", "٢٠٢٦-01-01"),
    ],
)
def test_what_is_no_day_of_the_calendar_is_no_date(key: str, value: str) -> None:
    problem = wrong(f"{key}: {value}")
    assert (problem.rule, problem.line, problem.column) == ("contact/date", 2, len(key) + 3)
    assert "year-month-day" in problem.fix


def message(at: str) -> str:
    return f"messages:\n  - {{at: {at}, from: contact, text: Hello}}"


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-11-20T09:30:00Z", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
        ("2026-11-20T09:30:00z", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
        ("2026-11-20 09:30:00+05:30", datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=5.5)))),
        ("2026-11-20T09:30-08:00", datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=-8)))),
        ("2026-11-20t09:30:00.5Z", datetime(2026, 11, 20, 9, 30, 0, 500000, tzinfo=UTC)),
    ],
)
def test_a_time_says_its_offset(typed: str, moment: datetime) -> None:
    verdict = field(message(typed))
    assert verdict.rules == []
    assert verdict.kept.messages[0].at == moment


def test_a_time_without_an_offset_counts_as_utc_with_a_notice() -> None:
    verdict = field(message("2026-11-20T09:30:00"))
    assert (verdict.only.rule, verdict.only.severity) == ("contact/time-without-offset", "notice")
    assert verdict.at == (3, 10)
    assert verdict.kept.messages[0].at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed",
    [
        *("2026-11-20", "09:30", "2026-11-31T09:30:00Z", "2026-11-20T25:00:00Z", "2026-11-20T09:30:00+25:00"),
        *("yesterday", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59", "[2026]"),
    ],
)
def test_what_is_no_moment_that_every_time_zone_can_show_is_no_time(typed: str) -> None:
    problem = wrong(message(typed))
    assert (problem.rule, problem.field, problem.line) == ("contact/date", "messages.0.at", 3)


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kolkata", "UTC", "America/Argentina/Buenos_Aires"])
def test_a_time_zone_has_its_iana_name(zone: str) -> None:
    verdict = field(f"time_zone: {zone}")
    assert verdict.rules == []
    assert verdict.kept.time_zone == zone


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("europe/london", "Did you mean Europe/London?"),
        ("Europe/Lundon", "Did you mean Europe/London?"),
        ("London", "Did you mean Europe/London?"),
        ("Buenos Aires", "Did you mean America/Argentina/Buenos_Aires?"),
        ("IST", "Write an IANA name such as Europe/London."),
        ("+01:00", "Write an IANA name such as Europe/London."),
        ("../../etc/passwd", "Write an IANA name such as Europe/London."),
    ],
)
def test_an_unknown_time_zone_is_an_error_with_the_nearest_one(typed: str, remedy: str) -> None:
    problem = wrong(f"time_zone: {typed}")
    assert (problem.rule, problem.fix) == ("contact/time-zone", remedy)
    assert f"“{typed}”" in problem.message


# Lists, maps, switches


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("vip", ("vip",)),
        ("[vip, print]", ("vip", "print")),
        ("\n  - vip\n  - 2026\n  - NO", ("vip", "2026", "NO")),
        ("", ()),
        ("[]", ()),
    ],
)
def test_tags_are_a_list_of_texts_or_one(typed: str, tags: tuple[str, ...]) -> None:
    verdict = field(f"tags: {typed}")
    assert verdict.rules == []
    assert verdict.kept.tags == tags


@pytest.mark.parametrize(
    ("typed", "place", "message"),
    [
        ("{vip: yes}", (2, 7), "“tags” is a map, not a text or a list of texts"),
        ("[vip, [print]]", (2, 13), "an item of “tags” is a list, not one text"),
        ("[vip, ~]", (2, 13), "an item of “tags” is empty"),
        ('\n  - vip\n  - " "', (4, 5), "an item of “tags” is empty"),
    ],
)
def test_tags_of_another_shape_are_refused_at_the_item(typed: str, place: tuple[int, int], message: str) -> None:
    verdict = field(f"tags: {typed}")
    assert (verdict.only.rule, verdict.only.message, verdict.at) == ("contact/type", message, place)


@pytest.mark.parametrize(
    ("typed", "channels"),
    [
        ("all", ("all",)),
        ("sms", ("sms",)),
        ("[sms, phone]", ("sms", "phone")),
        ("[sms, all]", ("all",)),
        ("", ()),
        ("[]", ()),
    ],
)
def test_do_not_disturb_is_all_or_channels(typed: str, channels: tuple[str, ...]) -> None:
    verdict = field(f"do_not_disturb: {typed}")
    assert verdict.rules == []
    assert verdict.kept.do_not_disturb == channels


@pytest.mark.parametrize("answer", ["true", "yes", "on", "false", "No", "OFF", "[sms, yes]"])
def test_do_not_disturb_is_not_answered_by_yes_or_no(answer: str) -> None:
    problem = wrong(f"do_not_disturb: {answer}")
    assert problem.rule == "contact/type"
    assert "which is no channel" in problem.message
    assert "Write all" in problem.fix


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "false", "False", "FALSE", '"true"'])
def test_a_switch_is_true_or_false(word: str) -> None:
    verdict = field(f"starred: {word}")
    assert verdict.rules == []
    assert verdict.kept.starred is (word.strip('"').lower() == "true")


def test_an_empty_switch_is_as_it_is_without_it() -> None:
    text = "messages: [{at: 2026-11-20T09:30:00Z, from: contact, text: Hello, read: }]\nstarred:"
    assert field(text).kept.starred is False
    assert field(text).kept.messages[0].read is True


@pytest.mark.parametrize("word", ["yes", "1", "on", "very much", "[true]", '""'])
def test_a_switch_is_nothing_else(word: str) -> None:
    problem = wrong(f"starred: {word}")
    assert (problem.rule, problem.message) == ("contact/type", "“starred” is neither true nor false")


def test_custom_fields_are_a_map_of_text_to_text() -> None:
    verdict = field("fields:\n  Account: 00123\n  Größe: 38\n  VIP: yes\n  Empty:\n  Blank: ''")
    assert verdict.rules == []
    assert verdict.kept.fields == {"Account": "00123", "Größe": "38", "VIP": "yes", "Blank": ""}


@pytest.mark.parametrize(
    ("typed", "rule", "place", "message"),
    [
        ("[a]", "contact/type", (2, 9), "“fields” is a list, not a map of texts"),
        ("a", "contact/type", (2, 9), "“fields” is a text, not a map of texts"),
        ("{a: [b]}", "contact/type", (2, 13), "“fields.a” is a list, not one text"),
        ('{"": b}', "contact/type", (2, 10), "a key of “fields” is empty"),
        (r'{"a\nb": c}', "contact/line-break", (2, 10), "a key of “fields” has a line break or a tab, but is a text"),
        (r'{a: "b\nc"}', "contact/line-break", (2, 13), "“fields.a” has a line break or a tab, but is a text"),
        ('{a: b, "a ": c}', "yaml/duplicate-key", (2, 9), "“fields” has the key “a” twice"),
        ("{? [a] : b}", "yaml/key", (2, 12), "this key is not a text"),
        ("{~: b}", "yaml/key", (2, 10), "this key is not a text"),
    ],
)
def test_custom_fields_of_another_shape_are_refused(
    typed: str, rule: str, place: tuple[int, int], message: str
) -> None:
    verdict = field(f"fields: {typed}")
    assert (verdict.only.rule, verdict.at) == (rule, place)
    assert verdict.only.message.startswith(message)


# The picture and the directive


def test_the_avatar_is_a_file_or_a_map() -> None:
    short, long = field("avatar: logos/acme.png").kept.avatar, field("avatar: {file: logos/acme.png}").kept.avatar
    assert short == long
    assert short is not None
    assert (short.file, short.focus, short.fit) == ("logos/acme.png", (0.5, 0.5), "cover")


@pytest.mark.parametrize(
    ("typed", "point"),
    [
        ("[0.5, 0.3]", (0.5, 0.3)),
        ("[0, 1]", (0, 1)),
        ("[.25, 1.0]", (0.25, 1)),
        ("top", (0.5, 0)),
        ("bottom", (0.5, 1)),
        ("left", (0, 0.5)),
        ("right", (1, 0.5)),
        ("center", (0.5, 0.5)),
        ("centre", (0.5, 0.5)),
        ("top-left", (0, 0)),
        ("bottom-right", (1, 1)),
        ("", (0.5, 0.5)),
    ],
)
def test_the_focus_is_a_point_or_a_side(typed: str, point: tuple[float, float]) -> None:
    verdict = field(f"avatar: {{focus: {typed}}}")
    assert verdict.rules == []
    assert verdict.kept.avatar is not None
    assert verdict.kept.avatar.focus == point


@pytest.mark.parametrize(
    ("typed", "column"),
    [
        *(("[640, 200]", 18), ("[0.5, 1.01]", 23), ("[-0.1, 0]", 18), ("[nan, 0]", 18), ("[0, inf]", 21)),
        *(("[0.5]", 17), ("[0, 0, 0]", 17), ("[[0], 0]", 18), ("middle", 17), ("50%", 17), ("{x: 0, y: 0}", 17)),
        *(('""', 17), ("[0, ~]", 21), ("1", 17)),
    ],
)
def test_a_focus_outside_the_picture_is_refused(typed: str, column: int) -> None:
    problems = field(f"avatar: {{focus: {typed}}}").problems
    assert {problem.rule for problem in problems} == {"contact/focus"}
    assert (problems[0].line, problems[0].column) == (2, column)


@pytest.mark.parametrize(
    ("typed", "rule", "message"),
    [
        ("[a.png]", "contact/type", "“avatar” is a list, not a text or a map of file, focus, fit"),
        ('""', "contact/type", "“avatar” is empty"),
        ("{fit: crop}", "contact/type", "“avatar.fit” is “crop”, not cover or contain"),
        ("{fit: [cover]}", "contact/type", "“avatar.fit” is a list, not cover or contain"),
        ("{file: [a.png]}", "contact/type", "“avatar.file” is a list, not one text"),
        ("{fil: a.png}", "contact/unknown-field", "there is no field “fil”"),
    ],
)
def test_an_avatar_of_another_shape_is_refused(typed: str, rule: str, message: str) -> None:
    problem = wrong(f"avatar: {typed}")
    assert (problem.rule, problem.message) == (rule, message)


def test_the_directive_is_an_id_or_a_map() -> None:
    short = field("merge_into: jane-doe").kept.merge_into
    long = field("merge_into: {contact: jane-doe, take: title, keep: [avatar, notes]}").kept.merge_into
    assert short is not None
    assert long is not None
    assert (short.contact, short.take, short.keep) == ("jane-doe", (), ())
    assert (long.contact, long.take, long.keep) == ("jane-doe", ("title",), ("avatar", "notes"))


@pytest.mark.parametrize(
    ("typed", "rule", "message"),
    [
        ("", "merge/unknown-target", "“merge_into” names no contact"),
        ("~", "merge/unknown-target", "“merge_into” names no contact"),
        ('""', "contact/type", "“merge_into” is empty"),
        ("[jane-doe]", "contact/type", "“merge_into” is a list, not a text or a map of contact, take, keep"),
        ("{take: title}", "contact/missing", "“merge_into.contact” is missing"),
        ("{contact: }", "contact/missing", "“merge_into.contact” is missing"),
        ("{contact: [a]}", "contact/type", "“merge_into.contact” is a list, not one text"),
        ("{contact: a, take: {b: c}}", "contact/type", "“merge_into.take” is a map, not a text or a list of texts"),
        ("{contact: a, takes: b}", "contact/unknown-field", "there is no field “takes”"),
    ],
)
def test_a_directive_that_names_nobody_or_has_another_shape_is_refused_once(
    typed: str, rule: str, message: str
) -> None:
    problem = wrong(f"merge_into: {typed}")
    assert (problem.rule, problem.message) == (rule, message)


# Messages


def test_a_message_is_told_with_all_it_has() -> None:
    (found,) = field(
        "messages:\n  - at: 2026-11-20T09:30:00Z\n    from: Mira\n    channel: sms\n    text: Hi\n    read: false"
    ).kept.messages
    assert (found.sender, found.channel, found.text, found.read) == ("Mira", "sms", "Hi", False)


def test_one_message_is_a_list_of_one() -> None:
    assert len(field("messages: {at: 2026-11-20T09:30:00Z, from: contact, text: Hi}").kept.messages) == 1


@pytest.mark.parametrize("missing", ["at", "from", "text"])
@pytest.mark.parametrize("empty", [True, False], ids=["empty", "absent"])
def test_a_message_has_its_time_sender_and_text(missing: str, empty: bool) -> None:
    parts = {"at": "2026-11-20T09:30:00Z", "from": "contact", "text": "Hi"}
    lines = [f"{key}: {'' if key == missing else value}" for key, value in parts.items() if key != missing or empty]
    problem = wrong("messages:\n  - " + "\n    ".join(lines))
    assert (problem.rule, problem.message) == ("contact/missing", f"“messages.0.{missing}” is missing")


@pytest.mark.parametrize("typed", ["Hello", "[Hello]", "[~]", "[[Hello]]"])
def test_messages_of_another_shape_are_refused(typed: str) -> None:
    assert wrong(f"messages: {typed}").rule == "contact/type"


# Unknown fields


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("compnay", "company"),
        ("Title", "title"),
        ("e-mail", "email"),
        ("mail", "email"),
        ("phone_number", "phone"),
        ("mobile", "phone"),
        ("given-name", "given_name"),
        ("first_name", "given_name"),
        ("surname", "family_name"),
        ("Time Zone", "time_zone"),
        ("timezone", "time_zone"),
        ("photo", "avatar"),
        ("organisation", "company"),
        ("mergeinto", "merge_into"),
        ("note", "notes"),
        ("tag", "tags"),
        ("adress", "address"),
        ("job_title", "title"),
    ],
)
def test_an_unknown_field_is_an_error_at_its_name_with_the_nearest_known_one(typed: str, meant: str) -> None:
    verdict = field(f"title: CTO\n{typed}: x" if typed != "Title" else f"\n{typed}: x")
    assert (verdict.only.rule, verdict.only.message) == ("contact/unknown-field", f"there is no field “{typed}”")
    assert verdict.at == (3, 1)
    assert verdict.only.fix == f"Did you mean “{meant}”? A field of your own belongs under “fields”."


@pytest.mark.parametrize("typed", ["shoe_size", "1", "yes", '"<<"', '""', "李"])
def test_a_field_like_none_gets_the_list_of_all(typed: str) -> None:
    problem = wrong(f"{typed}: x")
    assert problem.rule == "contact/unknown-field"
    assert problem.fix.startswith("Known are: name, given_name,")


@pytest.mark.parametrize(
    ("text", "place", "path", "meant"),
    [
        ("email: {labl: work, value: a@example.org}", (2, 9), "email.labl", "label"),
        ("phones:\n  - value: +44 20 7946 0958\n    lable: work", (4, 5), "phones.0.lable", "label"),
        ("avatar: {focal: top}", (2, 10), "avatar.focal", "focus"),
        ("merge_into:\n  contact: jane\n  keeps: [title]", (4, 3), "merge_into.keeps", "keep"),
        ("messages: [{at: 2026-11-20T09:30Z, from: a, text: b, chanel: c}]", (2, 54), "messages.0.chanel", "channel"),
        ("messages: {at: 2026-11-20T09:30Z, form: a, text: b, from: c}", (2, 35), "messages.form", "from"),
        ("aliases: [{id: a, lost: [{field: b, value: c, kpt: d}]}]", (2, 47), "aliases.0.lost.0.kpt", "kept"),
    ],
)
def test_an_unknown_field_is_found_at_every_level(text: str, place: tuple[int, int], path: str, meant: str) -> None:
    verdict = field(text)
    assert (verdict.only.rule, verdict.at, verdict.only.field) == ("contact/unknown-field", place, path)
    assert verdict.only.fix == f"Did you mean “{meant}”?"


@pytest.mark.parametrize(
    ("lost", "message", "fix"),
    [
        ("title", "an item of “aliases.0.lost” is a text, not a map of field, value, kept, from", "lost: [{"),
        ("{field: a, value: [b]}", "“aliases.0.lost.0.value” is a list, not one text", "value: Chief editor"),
    ],
)
def test_a_wrong_shape_is_told_of_the_innermost_field(lost: str, message: str, fix: str) -> None:
    problem = wrong(f"aliases: [{{id: a, lost: [{lost}]}}]")
    assert (problem.rule, problem.message) == ("contact/type", message)
    assert problem.fix.startswith(f"Write it as in “{fix}")


def test_an_unknown_field_that_is_empty_is_unknown_all_the_same() -> None:
    assert wrong("compnay:").rule == "contact/unknown-field"


# All at once, each at its place


def test_all_problems_of_a_record_are_told_in_one_run() -> None:
    verdict = judge(
        "title: [CTO]\n"
        "compnay: Acme\n"
        "emails: [~, nobody, {labl: work, value: me}]\n"
        "phone: call me\n"
        "birthday: never\n"
        "time_zone: Moon\n"
        "website: example.org\n"
        "avatar: {focus: [7, 0]}\n"
        "messages:\n"
        "  - {at: never, from: contact, text: x}\n"
        "  - {at: 2026-11-20T09:30:00, from: contact, text: x}\n"
    )
    assert sorted((problem.line, problem.rule, problem.field) for problem in verdict.problems) == [
        (1, "contact/missing", "name"),
        (1, "contact/type", "title"),
        (2, "contact/unknown-field", "compnay"),
        (3, "contact/email", "emails.1"),
        (3, "contact/email", "emails.2.value"),
        (3, "contact/type", "emails.0"),
        (3, "contact/unknown-field", "emails.2.labl"),
        (4, "contact/phone", "phone"),
        (5, "contact/date", "birthday"),
        (6, "contact/time-zone", "time_zone"),
        (7, "contact/website", "website"),
        (8, "contact/focus", "avatar.focus.0"),
        (10, "contact/date", "messages.0.at"),
        (11, "contact/time-without-offset", "messages.1.at"),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("email: nobody", (2, 8)),
        ("email:\n  nobody", (3, 3)),
        ("emails: [a@example.org, nobody]", (2, 25)),
        ("emails:\n  - a@example.org\n  - label: 李小龍\n    value: nobody", (5, 12)),
        ("tags: [李, 🎈]\nemail: nobody", (3, 8)),
        ("emails: [{label: 李小龍 🎈, value: nobody}]", (2, 32)),
        ("notes: |\n  a\n\n  b\nemail: 'nobody'", (6, 8)),
    ],
    ids=["flat", "next line", "flow", "block", "after other scripts", "behind other scripts", "after a block"],
)
@pytest.mark.parametrize("shape", ["plain", "CRLF", "BOM", "CRLF and BOM"])
def test_a_problem_stands_at_the_value(text: str, place: tuple[int, int], shape: str) -> None:
    whole = f"name: Ada\n{text}\n"
    if "CRLF" in shape:
        whole = whole.replace("\n", "\r\n")
    if "BOM" in shape:
        whole = f"\ufeff{whole}"
    verdict = judge(whole)
    assert (verdict.only.rule, verdict.at) == ("contact/email", place)


def test_a_long_value_is_cut_in_the_message() -> None:
    for text in (f"time_zone: {'x' * 5000}", f"website: {'x' * 5000}", f"phone: {'x' * 300}", f"{'x' * 900}: y"):
        problem = wrong(text)
        assert len(problem.message) < 300
        assert "…" in problem.message


def test_the_other_records_are_judged_and_the_places_of_the_directive_are_known(site: Site) -> None:
    site.contact("ada", "email: nobody", name="Ada")
    site.contact("broken", "name: [")
    site.contact("bob", "merge_into:\n  contact: nobody\n  take:\n    - title\n    - titel\n", name="Bob")
    outcome = site.check()
    assert [(problem.file, problem.rule, problem.line) for problem in outcome.problems] == [
        ("contacts/ada.yaml", "contact/email", 2),
        ("contacts/bob.yaml", "merge/unknown-target", 3),
        ("contacts/bob.yaml", "merge/unknown-field", 6),
        ("contacts/broken.yaml", "yaml/syntax", 1),
    ]
    assert outcome.failed(strict=False)
    assert len(rules(outcome)) == 4
