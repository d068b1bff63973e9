"""YAML to a tree of texts with their places, and a syntax error in words that a person understands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactsheet.document import parse
from contactsheet.read import RECORD_LIMIT
from contactsheet.tree import DEPTH_LIMIT, ITEMS_LIMIT, KEYS_LIMIT, Items, Map, Node, Scalar
from tests.records import FILE, field, judge


def tree(text: str | bytes) -> Map:
    """The tree of a file that nothing is wrong with."""
    found, problems = parse(text if isinstance(text, bytes) else text.encode(), FILE)
    assert problems == ()
    assert found is not None
    return found


def value(text: str, key: str = "a") -> Node:
    entry = tree(text).get(key)
    assert entry is not None
    return entry.value


@pytest.mark.parametrize(
    "plain",
    [
        *("NO", "on", "yes", "True", "Null", "NULL", "NaN", ".nan", "-.inf", "=", "y"),
        *("0123", "+44 20", "1_000", "0x1F", "1.10", "1e3", "12:30", "12:30:45", "190:20:30"),
        *("2026-01-31", "2026-13-45", "2026-01-31T10:00:00Z", "9" * 5000, "!".join("ab"), "a#b", "http://a/b"),
    ],
    ids=lambda text: text[:20],
)
def test_a_plain_scalar_is_the_text_that_was_typed(plain: str) -> None:
    scalar = value(f"a: {plain}")
    assert isinstance(scalar, Scalar)
    assert scalar.text == plain


@pytest.mark.parametrize("nothing", ["", "~", "null"])
def test_only_nothing_a_tilde_and_null_are_empty(nothing: str) -> None:
    scalar = value(f"a: {nothing}")
    assert isinstance(scalar, Scalar)
    assert scalar.text is None


@pytest.mark.parametrize("quoted", ["''", '""', "'~'", '"null"'])
def test_what_is_quoted_is_never_empty(quoted: str) -> None:
    scalar = value(f"a: {quoted}")
    assert isinstance(scalar, Scalar)
    assert scalar.text == quoted[1:-1]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: b", (1, 4)),
        ("a:\n  b", (2, 3)),
        ('x: y\n\na:   "b"', (3, 6)),
        ("{x: 李小龍, a: b}", (1, 13)),
        ("x: 李小龍 🎈\na: b", (2, 4)),
        ("x: y\r\na: b\r\n", (2, 4)),
        ("x: y\ra: b\r", (2, 4)),
        ("\ufeffa: b", (1, 4)),
        ("# comment\n---\na: b", (3, 4)),
        ("a: |\n  b\n", (1, 4)),
    ],
    ids=["flat", "next line", "quoted", "flow", "after emoji", "CRLF", "CR", "BOM", "comment", "block"],
)
def test_a_value_knows_its_line_and_column(text: str, place: tuple[int, int]) -> None:
    assert value(text).place == place


def test_every_key_and_every_item_knows_its_place() -> None:
    found = tree("a: [x, {b: y}]\nc:\n  - d\n  - e: f\n")
    listed, second = found.entries[0].value, found.entries[1].value
    assert isinstance(listed, Items)
    assert isinstance(second, Items)
    assert [entry.place for entry in found.entries] == [(1, 1), (2, 1)]
    assert [item.place for item in listed.items] == [(1, 5), (1, 8)]
    assert [item.place for item in second.items] == [(3, 5), (4, 5)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_ends_of_every_system_are_one_in_the_text(end: str) -> None:
    scalar = value(f"a: |{end}  one{end}  two{end}")
    assert isinstance(scalar, Scalar)
    assert scalar.text == "one\ntwo\n"


def test_line_ends_written_as_escapes_are_one_in_the_text_too() -> None:
    scalar = value(r'a: "one\r\ntwo\rthree\nfour"')
    assert isinstance(scalar, Scalar)
    assert scalar.text == "one\ntwo\nthree\nfour"


def test_depth_is_counted_from_the_records_own_map() -> None:
    deepest = "[" * (DEPTH_LIMIT - 1) + "]" * (DEPTH_LIMIT - 1)
    tree(f"a: {deepest}")
    assert judge(f"a: [{deepest}]").rules == ["yaml/too-deep"]


def test_size_is_counted_in_bytes() -> None:
    name = "name: Ada\n"
    assert judge(name + "#" * (RECORD_LIMIT - len(name))).rules == []
    assert judge(name + "#" * (RECORD_LIMIT - len(name) + 1)).rules == ["yaml/too-large"]
    assert judge(name + "#" + "é" * (RECORD_LIMIT // 2)).rules == ["yaml/too-large"]


def test_a_list_of_countless_items_is_refused() -> None:
    tree(f"a: [{'b,' * ITEMS_LIMIT}]")
    assert judge(f"a: [{'b,' * (ITEMS_LIMIT + 1)}]").rules == ["yaml/too-many"]


def test_a_map_of_countless_keys_is_refused() -> None:
    keys = [f"  k{number}: v\n" for number in range(KEYS_LIMIT + 1)]
    tree("a:\n" + "".join(keys[:-1]))
    assert judge("a:\n" + "".join(keys)).rules == ["yaml/too-many"]


def test_countless_keys_given_twice_end_the_reading() -> None:
    rules = judge("name: Ada\n" + "a: b\n" * 200_000).rules
    assert rules == ["yaml/duplicate-key"] * KEYS_LIMIT + ["yaml/too-many"]


def test_keys_given_twice_are_all_found_and_the_rest_is_judged() -> None:
    verdict = judge("name: Ada\ntitle: CTO\ntitle: CEO\nemail: nobody\nfields:\n  x: 1\n  x: 2\n")
    assert [(problem.rule, problem.line) for problem in verdict.problems] == [
        ("yaml/duplicate-key", 3),
        ("yaml/duplicate-key", 7),
        ("contact/email", 4),
    ]
    assert "line 2 and again on line 3" in verdict.problems[0].message


# What a person wrote, where the mistake is, and what the message and the remedy must say.
MISTAKES = {
    "a colon in the text": ("title: Boss: big", (1, 12), "colon and a space stand inside a text", "in quotes"),
    "a colon behind a quoted text": ('title: "Boss": big', (1, 14), "colon and a space", "in quotes"),
    "no space behind the colon": ("name: Ada\ntitle:Boss\ntype: lead", (2, 1), "space is missing", "field: value"),
    "no space behind the first colon": ("name:Ada\ntitle: Boss", (1, 1), "space is missing", "field: value"),
    "no space, a single line": ("name:Ada", (1, 1), "a single text", "space behind the colon"),
    "no colon": ("name: Ada\nBoss\ntitle: Boss", (2, 1), "no colon", "field: value"),
    "no colon in the first line": ("name Ada\ntitle: Boss", (1, 1), "no colon", "field: value"),
    "no field": (": Ada\ntitle: Boss", (1, 1), "no field stands before the colon", "field: value"),
    "a conflict": (
        "name: Ada\n<<<<<<< HEAD\ntitle: Boss\n=======\ntitle: Chief\n>>>>>>> theirs\n",
        *((2, 1), "git marked a conflict", "<<<<<<<, ======= and >>>>>>>"),
    ),
    "a conflict from the first line on": ("<<<<<<< HEAD\nname: Ada\n=======\n", (1, 1), "a conflict", "both sides"),
    "a conflict in a block": ("notes: |\n  Hello\n<<<<<<< HEAD\n  you\n=======\n", (3, 1), "a conflict", "both sides"),
    "a tab before a field": ("name: Ada\n\ttitle: Boss", (2, 1), "a tab indents", "spaces"),
    "a tab before a list": ("tags:\n\t- vip", (2, 1), "a tab indents", "spaces"),
    "a tab in a block": ("notes: |\n\tHello", (2, 1), "a tab indents", "spaces"),
    "indented too far": ("name: Ada\n  title: Boss", (2, 3), "indented too far", "Indent it like"),
    "indented too little": ("fields:\n  a: b\n c: d", (3, 2), "not indented like", "Indent"),
    "a double quote not closed": ('name: "Ada\ntitle: Boss', (1, 7), 'quotation mark " opens', r"written \""),
    "a single quote not closed": ("name: 'Ada\ntitle: Boss", (1, 7), "quotation mark ' opens", "written twice, ''"),
    "an apostrophe in single quotes": ("name: 'O'Brien'", (1, 10), "goes on behind its closing", "one pair of quotes"),
    "a text behind a quoted one": ('name: "Ada" Lovelace', (1, 13), "goes on behind its closing", "one pair"),
    "a bracket not closed": ("tags: [vip, print\nname: Ada", (1, 7), "“[” opens here", "“]”"),
    "a bracket that opens at the end": ("name: Ada\ntags: [\n\n", (2, 7), "ends inside brackets", "Close them"),
    "a brace not closed": ("fields: {a: b\nname: Ada", (1, 9), "“{” opens here", "“}”"),
    "a bracket too many": ("tags: [vip]]", (1, 12), "“]” closes what was not opened", "Take it out"),
    "two commas": ("tags: [a,,b]", (1, 10), "“,” stands where a value belongs", "take the sign out"),
    "an at sign": ("owner: @bob", (1, 8), "cannot begin with “@”", "in quotes"),
    "a backtick": ("name: `ada`", (1, 7), "cannot begin with “`”", "in quotes"),
    "a percent sign": ("title: %", (1, 8), "cannot begin with “%”", "in quotes"),
    "a star": ("title: * star", (1, 9), "cannot begin with * or &", "in quotes"),
    "a hyphen": ("title: - Boss", (1, 8), "cannot begin with “- ”", "in quotes"),
    "a question mark": ("title: ? Boss", (1, 8), "cannot begin with “? ”", "in quotes"),
    "an exclamation mark": ("title: !e!boss", (1, 8), "cannot begin with “!”", "in quotes"),
    "a bar": ("title: | Boss", (1, 10), "same line as its | or >", "next line"),
    "an unknown escape": (r'name: "C:\quiet"', (1, 7), "backslash", "Double the backslash"),
    "a broken escape": (r'name: "\xZZ"', (1, 7), "backslash", "Double the backslash"),
    "a directive": ("%PAGE 1\n---\nname: Ada", (1, 6), "%", "Take the line out"),
    "another YAML": ("%YAML 3.0\n---\nname: Ada", (1, 1), "version of YAML", "Take the line out"),
    "fields behind the end": ("name: Ada\n...\ntitle: Boss", (3, 1), "no field of the record", "lines of dots"),
}


@pytest.mark.parametrize(("text", "place", "message", "fix"), MISTAKES.values(), ids=MISTAKES)
def test_a_slip_is_told_where_it_is_in_words_for_people(
    text: str, place: tuple[int, int], message: str, fix: str
) -> None:
    found = judge(text)
    assert found.at == place
    assert message in found.only.message
    assert fix in found.only.fix
    assert found.only.rule in ("yaml/syntax", "yaml/document")


@given(st.binary(max_size=400))
def test_any_bytes_give_a_verdict(data: bytes) -> None:
    verdict = judge(data)
    assert verdict.refused or verdict.record is not None


YAML_SIGNS = st.lists(
    st.sampled_from([*"abname: \n\t-?[]{},\"'|>%@`!&*#~<=.\\x0\r", "name: ", "\n- ", "\n  ", "é", "李"])
).map("".join)


@given(YAML_SIGNS)
def test_any_heap_of_yamls_signs_gives_a_verdict_with_a_place(text: str) -> None:
    verdict = judge(text)
    assert verdict.refused or verdict.record is not None
    for problem in verdict.problems:
        assert problem.message
        assert problem.fix
        assert problem.line is None or 1 <= problem.line <= text.count("\n") + text.count("\r") + 2


SINGLE = ("name", "title", "given_name", "family_name", "pronouns", "company", "type", "owner", "source", "time_zone")
OTHERS = ("email", "phone", "website", "address", "birthday", "created", "tags", "do_not_disturb", "notes", "avatar")


def as_scalar(text: str) -> str:
    """A text as YAML's double-quoted scalar, every sign but plain letters as an escape."""
    signs = (c if c.isascii() and c.isalnum() else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(signs)}"'


@pytest.mark.parametrize("key", [*SINGLE, *OTHERS, "merge_into", "starred"])
@settings(max_examples=30)
@given(text=st.text(alphabet=st.characters(codec="utf-8", exclude_categories=()), max_size=40))
def test_any_text_in_any_field_is_kept_or_refused_on_its_line(key: str, text: str) -> None:
    verdict = judge(f"{'type' if key == 'name' else 'name'}: Ada\n{key}: {as_scalar(text)}\n")
    for problem in verdict.problems:
        assert (problem.line, problem.column) == (2, len(key) + 3)
    if not verdict.problems and key in SINGLE:
        assert getattr(verdict.kept, key) == (text.strip() or None)


def test_a_heap_of_wrong_values_is_told_up_to_a_thousand_and_counted() -> None:
    verdict = field(f"tags: [{'[],' * 3000}]")
    assert len(verdict.problems) == 1001
    assert "2,000 more values" in verdict.problems[-1].message
