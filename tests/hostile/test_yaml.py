"""HOSTILE.md, group Y: every case writes its record, has the whole repository checked, and looks at the verdict.

Beside each stands a sound record, which must be judged whatever its neighbour holds.
"""

from __future__ import annotations

import time

import pytest
import yaml

from contactsheet.outcome import Outcome
from contactsheet.problems import Problem, Severity
from contactsheet.read import RECORD_LIMIT
from tests.conftest import Site

FILE = "contacts/hostile.yaml"
NEIGHBOUR = "contacts/neighbour.yaml"


def checked(site: Site, content: str | bytes) -> Outcome:
    """The outcome of a check of this record beside one whose only fault is a time without an offset."""
    site.write(FILE, content)
    site.write(NEIGHBOUR, "name: Neighbour\nmessages: {at: 2026-11-20T09:30:00, from: contact, text: Hello}\n")
    began = time.process_time()
    outcome = site.check()
    assert time.process_time() - began < 10
    assert [found.rule for found in outcome.problems if found.file == NEIGHBOUR] == ["contact/time-without-offset"]
    return outcome


def told(outcome: Outcome) -> list[Problem]:
    return [found for found in outcome.problems if found.file == FILE]


def refused(site: Site, content: str | bytes) -> Problem:
    """The one error that refuses the record, with a remedy."""
    outcome = checked(site, content)
    (problem,) = told(outcome)
    assert outcome.failed(strict=False)
    assert problem.severity is Severity.ERROR
    assert problem.message
    assert problem.fix
    return problem


def accepted(site: Site, content: str | bytes) -> None:
    outcome = checked(site, content)
    assert told(outcome) == []
    assert not outcome.failed(strict=False)


def names(site: Site) -> set[str]:
    """The names of all contacts of the built site."""
    assert site.build().published is not None
    return {entry["name"] for entry in site.index().values()}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{this}: &{this} [{','.join([f'*{last}'] * 9)}]\n" for last, this in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line"),
    [(BOMB, 1), ("name: &n Ada\n", 1), ("name: Ada\ntitle: *n\n", 2), ("name: Ada\ntags: &t [a]\n", 2)],
    ids=["bomb", "anchor", "alias", "anchor on a list"],
)
def test_y1_an_alias_bomb_and_any_anchor_or_alias_is_refused(site: Site, text: str, line: int) -> None:
    problem = refused(site, text)
    assert (problem.rule, problem.line) == ("yaml/alias", line)


def test_y2_a_bomb_of_merge_keys_is_refused_at_once(site: Site) -> None:
    bomb = "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 14))
    assert len(bomb) < 420
    site.write(FILE, bomb)
    site.check()  # what is imported for the first time is not the bomb's
    began = time.process_time()
    assert refused(site, bomb).rule == "yaml/alias"
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize("text", ["<<: {name: Ada}\n", "name: Ada\nfields:\n  <<: {a: b}\n", "<<: Ada\n"])
def test_y3_a_merge_key_is_refused(site: Site, text: str) -> None:
    assert refused(site, text).rule == "yaml/merge-key"


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("name: Ada\ntitle: CTO\nname: Bob\n", 1, 3),
        ("name: Ada\n'name': Bob\n", 1, 2),
        ('name: Ada\n"n\\u0061me": Bob\n', 1, 2),
        ("name: Ada\nfields:\n  a: b\n  a: c\n", 3, 4),
        ('{"name": "Ada",\n "name": "Bob"}\n', 1, 2),
        ("name: Ada\nmessages:\n- {at: 2026-11-20T09:30:00Z, from: a, text: b,\n   from: c}\n", 3, 4),
    ],
    ids=["plain", "quoted", "escaped", "nested", "JSON", "in a list"],
)
def test_y4_a_key_given_twice_is_refused_with_both_lines(site: Site, text: str, first: int, second: int) -> None:
    problem = refused(site, text)
    assert (problem.rule, problem.line) == ("yaml/duplicate-key", second)
    assert f"on line {first} and again on line {second}" in problem.message


@pytest.mark.parametrize(
    "value",
    [
        *("!!python/object/apply:os.system ['touch PWNED']", "!!python/name:os.system", "!unknown x", "! x"),
        *("!!binary R0lGODlh", "!!set {a, b}", "!!omap [a: b]", "!!str x", "!<tag:yaml.org,2002:str> x"),
    ],
)
def test_y5_a_tag_is_refused(site: Site, value: str) -> None:
    problem = refused(site, f"name: Ada\nnotes: {value}\n")
    assert (problem.rule, problem.line, problem.column) == ("yaml/tag", 2, 8)
    assert not list(site.root.rglob("PWNED"))


@pytest.mark.parametrize(
    ("text", "place"),
    [("name: Ada\n\ttitle: CTO\n", (2, 1)), ("tags:\n  - a\n\t- b\n", (3, 1)), ("notes: |\n\ttext\n", (2, 1))],
)
def test_y6_a_tab_that_indents_is_refused_with_its_column(site: Site, text: str, place: tuple[int, int]) -> None:
    problem = refused(site, text)
    assert (problem.rule, (problem.line, problem.column)) == ("yaml/syntax", place)
    assert "a tab indents this line" in problem.message


@pytest.mark.parametrize(
    "text", ["\ufeffname: Ada\n", "name: Ada\r\ntitle: CTO\r\n", "\ufeffname: Ada\r\n", "name: Ada"]
)
def test_y7_a_byte_order_mark_and_crlf_are_accepted(site: Site, text: str) -> None:
    accepted(site, text)


@pytest.mark.parametrize(
    "encoding",
    ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "latin-1", "cp1252", "shift-jis"],
)
def test_y8_another_encoding_than_utf_8_is_refused(site: Site, encoding: str) -> None:
    name = "Ada 李 表".replace("李", "") if encoding == "shift-jis" else "Adé"
    problem = refused(site, f"name: {name}\n".encode(encoding))
    assert problem.rule == "yaml/encoding"
    assert "as UTF-8" in problem.fix


@pytest.mark.parametrize("code", [0, 1, 7, 8, 0x0B, 0x0C, 0x1B, 0x1F, 0x7F, 0x80, 0x85, 0x9B, 0x9F, 0xFFFE, 0xFFFF])
def test_y9_a_raw_control_character_is_refused_at_its_place(site: Site, code: int) -> None:
    problem = refused(site, f"name: Ada\nnotes: a{chr(code)}b\n")
    assert (problem.rule, problem.line, problem.column) == ("yaml/control-character", 2, 9)
    assert f"U+{code:04X}" in problem.message


@pytest.mark.parametrize("escape", [r"\0", r"\a", r"\b", r"\v", r"\f", r"\e", r"\x7f", r"\x9b", r"\u0080", r"\N"])
def test_y10_a_control_character_by_escape_is_refused(site: Site, escape: str) -> None:
    problem = refused(site, f'name: Ada\nnotes: "a{escape}b"\n')
    assert (problem.rule, problem.line) == ("yaml/control-character", 2)


@pytest.mark.parametrize("content", [rb'name: "\ud800"', rb'name: "\udfff\ud800"', b'name: "\xed\xa0\x80"'])
def test_y10_a_lone_surrogate_is_refused(site: Site, content: bytes) -> None:
    assert refused(site, content).rule in ("yaml/syntax", "yaml/encoding", "yaml/control-character")


@pytest.mark.parametrize("escape", [r"\n", r"\r", r"\r\n", r"\t"])
def test_y11_a_line_break_in_a_name_by_escape_is_refused(site: Site, escape: str) -> None:
    assert refused(site, f'name: "Ada{escape}Lovelace"\n').rule == "contact/line-break"


@pytest.mark.parametrize("value", ["0123", "+1555", "1_000", "0x1F", "0o17", "1.10", "1e3", "-0"])
def test_y12_what_looks_like_a_number_is_kept_as_it_was_typed(site: Site, value: str) -> None:
    accepted(site, f"name: {value}\ntags: [{value}]\nfields: {{{value}: {value}}}\n")
    assert value in names(site)


@pytest.mark.parametrize("value", ["NO", "on", "yes", "Off", "y", "true", "FALSE", "Null", "NULL", "Mr No", "Ms Null"])
def test_y13_what_looks_like_yes_no_or_null_is_kept_as_it_was_typed(site: Site, value: str) -> None:
    accepted(site, f"name: {value}\ntitle: {value}\n")
    assert value in names(site)


@pytest.mark.parametrize("value", ["~", "null", ""])
def test_y13_null_as_a_value_is_no_value(site: Site, value: str) -> None:
    accepted(site, f"name: Ada\ntitle: {value}\n")


@pytest.mark.parametrize("value", ["2026-01-31", "2026-01-31T09:30:00Z", "1:30", "190:20:30", "12:30:45.5"])
def test_y14_what_looks_like_a_date_or_a_time_is_kept_as_it_was_typed(site: Site, value: str) -> None:
    accepted(site, f"name: {value}\nnotes: {value}\n")
    assert value in names(site)


def test_y15_an_impossible_date_is_refused_where_a_date_belongs(site: Site) -> None:
    problem = refused(site, "name: Ada\nbirthday: 2026-13-45\n")
    assert (problem.rule, problem.line) == ("contact/date", 2)


def test_y15_an_impossible_date_and_a_number_of_5000_digits_are_texts_elsewhere(site: Site) -> None:
    accepted(site, f"name: 2026-13-45\nnotes: {'7' * 5000}\n")
    assert "2026-13-45" in names(site)


@pytest.mark.parametrize("value", [".nan", ".NaN", ".inf", "-.INF", "="])
def test_y16_what_looks_like_no_number_is_kept_as_it_was_typed(site: Site, value: str) -> None:
    accepted(site, f"name: {value}\ntitle: {value}\n")
    assert value in names(site)


@pytest.mark.parametrize("depth", [21, 300, 5_000, 100_000])
@pytest.mark.parametrize("form", ["[", "{a: ", "- ", "? "], ids=["lists", "maps", "block lists", "keys"])
def test_y17_nesting_is_refused_at_depth_20(site: Site, depth: int, form: str) -> None:
    head = "name: Ada\nnotes: " if form in ("[", "{a: ") else ""
    assert refused(site, head + form * depth).rule == "yaml/too-deep"


def test_y18_a_file_over_1_mib_is_refused_by_its_size(site: Site) -> None:
    problem = refused(site, "name: Ada\n" + "# filler\n" * 116_600)
    assert problem.rule == "yaml/too-large"


def test_y18_a_file_of_100_mb_is_refused_unopened(site: Site) -> None:
    with site.write(FILE, "name: Ada\n").open("r+b") as stream:
        stream.truncate(100_000_000)
    outcome = site.check()
    assert [found.rule for found in outcome.problems] == ["yaml/too-large"]
    assert "100,000,000 bytes" in outcome.problems[0].message
    assert f"{RECORD_LIMIT:,} are allowed" in outcome.problems[0].message


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "# only a comment\n", "~", "---\n", "- name: Ada\n", "Ada\n", '"name: Ada"', "[]"],
)
def test_y19_a_file_that_is_no_map_is_refused(site: Site, text: str) -> None:
    problem = refused(site, text)
    assert problem.rule == "yaml/document"
    assert "name: …" in problem.fix


@pytest.mark.parametrize(
    "text", ["name: Ada\n---\nname: Bob\n", "--- {name: Ada}\n--- {name: Bob}\n", "name: Ada\n---\n"]
)
def test_y19_two_documents_are_refused(site: Site, text: str) -> None:
    problem = refused(site, text)
    assert (problem.rule, problem.line) == ("yaml/document", 2)


@pytest.mark.parametrize("key", ["? [a]\n: b", "? {a: b}\n: c", "[a]: b", "{a: b}: c", "~: a", "?\n: a", "null: a"])
def test_y20_a_list_a_map_or_nothing_as_a_key_is_refused(site: Site, key: str) -> None:
    assert refused(site, f"name: Ada\n{key}\n").rule == "yaml/key"


@pytest.mark.parametrize("key", ["1", "1.5", "yes", "2026-01-31"])
def test_y20_a_number_or_yes_as_a_key_is_an_unknown_field(site: Site, key: str) -> None:
    problem = refused(site, f"name: Ada\n{key}: a\n")
    assert (problem.rule, problem.message) == ("contact/unknown-field", f"there is no field “{key}”")


@pytest.mark.parametrize(("key", "meant"), [("nmae", "name"), ("emial", "email"), ("merge-into", "merge_into")])
def test_y21_an_unknown_key_is_refused_with_the_one_that_was_meant(site: Site, key: str, meant: str) -> None:
    problem = refused(site, f"name: Ada\n{key}: a\n")
    assert problem.rule == "contact/unknown-field"
    assert f"Did you mean “{meant}”?" in problem.fix


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("[Ada]", "contact/type"),
        ("{first: Ada}", "contact/type"),
        ("", "contact/missing"),
        ("null", "contact/missing"),
        ('""', "contact/name"),
        ('"   "', "contact/name"),
        (r'"\u200b\u200d"', "contact/name"),
        (r'"\u2800"', "contact/name"),
    ],
)
def test_y22_a_name_that_is_no_text_or_shows_nothing_is_refused(site: Site, value: str, rule: str) -> None:
    assert refused(site, f"name: {value}\n").rule == rule


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
def test_y23_a_separator_that_splits_a_line_for_some_readers_is_refused(site: Site, separator: str) -> None:
    problem = refused(site, f"name: Ada{separator}title: CEO\n")
    assert (problem.rule, problem.line, problem.column) == ("yaml/control-character", 1, 10)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [("title: Boss: big", 12, "a colon and a space stand inside"), ("owner: @bob", 8, "cannot begin with “@”")],
)
def test_y24_a_text_that_needs_quotes_is_refused_with_a_helpful_line(
    site: Site, text: str, column: int, words: str
) -> None:
    problem = refused(site, f"name: Ada\n{text}\n")
    assert (problem.rule, problem.line, problem.column) == ("yaml/syntax", 2, column)
    assert words in problem.message
    assert "in quotes" in problem.fix


def test_the_usual_loader_would_have_fallen_for_some_of_these() -> None:
    assert yaml.safe_load("name: NO") == {"name": False}
    with pytest.raises(ValueError, match="month must be in"):
        yaml.safe_load("name: 2026-13-45")


# A mebibyte of what costs most to judge: none takes long, and none is judged only in part and then accepted.
FLOODS = {
    "unknown fields": "name: Ada\n" + "".join(f"k{n}: v\n" for n in range(90_000)),
    "wrong items": f"name: Ada\ntags: [{'[],' * 24_999}]\n",
    "wrong addresses": f"name: Ada\nemails: [{'a,' * 24_999}]\n",
    "wrong messages": f"name: Ada\nmessages: [{'~,' * 24_999}]\n",
    "unknown fields in messages": "name: Ada\nmessages:\n"
    + "".join("- {" + ",".join(f"k{n}x{m}: 1" for m in range(999)) + "}\n" for n in range(90)),
    "empty items": f"name: Ada\ntags: [{'a,' * 300_000}]\n",
    "duplicates": "name: Ada\n" + "a: b\n" * 150_000,
    "brackets": f"name: Ada\nnotes: {'[],' * 300_000}\n",
    "time zones": f"name: Ada\ntime_zone: {'Europe/' * 100_000}\n",
}


@pytest.mark.parametrize("text", FLOODS.values(), ids=FLOODS)
def test_a_mebibyte_of_faults_is_refused_in_time(site: Site, text: str) -> None:
    outcome = checked(site, text)
    assert outcome.failed(strict=False)
    assert told(outcome)
