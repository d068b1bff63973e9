"""The seven ways to tell problems: each is whole, sound for its reader, and harmless whatever the input says."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from contactsheet.console import SourceLines
from contactsheet.formats import FORMATS, Report, visible
from contactsheet.formats.markdown import SUMMARY_LIMIT, markdown
from contactsheet.problems import Problem, Severity
from tests.conftest import Site

ERROR, WARNING, NOTICE = Severity


def problem(
    message: str = "there is no field “titel”",
    fix: str = "Did you mean “title”?",
    *,
    severity: Severity = ERROR,
    file: str = "contacts/ada.yaml",
    line: int | None = 2,
    column: int | None = 1,
    rule: str = "contact/unknown-field",
    field: str = "titel",
) -> Problem:
    return Problem(rule, severity, file, line, column, field, message, fix)


def picture(number: int, severity: Severity = NOTICE) -> Problem:
    return problem(
        f"it is {number} pixels too wide",
        "Crop it.",
        severity=severity,
        file=f"avatars/{number:03}.png",
        line=None,
        column=None,
        rule="avatar/not-square",
        field="",
    )


def told(name: str, *problems: Problem, **more: Any) -> str:
    return "".join(f"{line}\n" for line in FORMATS[name](Report(problems, **more)))


SOME = (picture(1), problem(), problem("odd", "Mend it.", severity=WARNING, line=7, column=3, rule="contact/phone"))
NASTY = [
    "\x1b[31mred\x07\x08",
    "two\r\nlines",
    "::error::owned",
    "##[set-env name=A]b",
    "##vso[task.setvariable]x",
    "100% sure, a:b",
    "\u202egnp.exe",
    "@everyone #1 GH-7 `code` ``` <img src=x onerror=alert(1)> | a | [x](javascript:y) https://evil.example",
    "& < > \" ' ]]> <!-- -->",
    "\ufffe\uffff\udcff\x00",
    "“quoted” “un`closed",
    "_a_ *b* ~~c~~ $d$ \\",
    '(www.evil.example) “x”www.evil.example (GH-7) (!7) !7 %7 %"a',
]


# --- text ------------------------------------------------------------------------------------------------------------


def marked(source: str, column: int) -> list[str]:
    """The line that text quotes and the line with the mark below it, behind their gutters."""
    lines = told("text", problem(column=column), line=lambda _file, _number: source).splitlines()
    return [line.partition("| ")[2] for line in lines[1:3]]


def test_text_tells_place_severity_message_and_rule_then_the_line_with_a_mark_then_the_remedy() -> None:
    assert told("text", problem(column=3), line=lambda _file, number: f"line {number}") == (
        "contacts/ada.yaml:2:3: error: there is no field “titel” [contact/unknown-field]\n"
        "  2 | line 2\n"
        "    |   ^\n"
        "  fix: Did you mean “title”?\n"
        "\n"
    )


@pytest.mark.parametrize(
    ("source", "column", "before"),
    [
        ("titel: Boss", 8, 7),
        ("\ttitel: Boss", 2, 1),
        ("name: 李小龍 titel", 11, 13),
        ("name: Jose\u0301 titel", 13, 11),
        ("name: 🙂 titel", 9, 9),
        ("\u202ename: x", 2, 6),
    ],
    ids=["plain", "tab", "wide signs", "combining sign", "emoji", "escaped sign"],
)
def test_the_mark_stands_under_its_sign(source: str, column: int, before: int) -> None:
    assert marked(source, column)[1] == f"{' ' * before}^"


def test_of_a_long_line_the_part_around_the_mark_is_shown() -> None:
    line, mark = marked(f"{'a' * 5000}X{'b' * 5000}", 5001)
    assert len(line) < 300
    assert line[mark.index("^")] == "X"
    assert line.startswith("…")
    assert line.endswith("…")


def test_a_line_that_is_not_there_or_blank_is_not_quoted() -> None:
    assert "|" not in told("text", problem())
    assert "|" not in told("text", problem(), line=lambda _file, _number: "  ")


def test_fifty_are_told_in_full_with_every_error_among_them_in_the_given_order() -> None:
    problems = [*(picture(number) for number in range(80)), problem(), problem(line=9)]
    lines = told("text", *problems).splitlines()
    heads = [line for line in lines if re.match(r"(avatars|contacts)/", line)]
    assert len(heads) == 50
    assert heads[0].startswith("avatars/000.png")
    assert heads[-1].startswith("contacts/ada.yaml:9")
    assert lines[-1] == "… and 32 more; `check --format json` lists all (2 errors, 80 notices)."


def test_alike_findings_on_many_pictures_share_one_remedy() -> None:
    assert told("text", *(picture(number) for number in range(3))) == (
        "avatars/000.png: notice: it is 0 pixels too wide [avatar/not-square]\n"
        "avatars/001.png: notice: it is 1 pixels too wide [avatar/not-square]\n"
        "avatars/002.png: notice: it is 2 pixels too wide [avatar/not-square]\n"
        "  fix, for all 3: Crop it.\n"
        "\n"
    )


def test_colours_are_for_terminals_alone() -> None:
    assert "\x1b" not in told("text", *SOME)
    assert "\x1b[1;31merror\x1b[0m" in told("text", *SOME, colour=True)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "github"])
def test_no_format_lets_a_control_or_directing_sign_through(name: str) -> None:
    for nasty in NASTY:
        one = problem(nasty, nasty, file=f"contacts/{nasty}.yaml", field=nasty)
        shown = told(name, one, line=lambda _f, _n, text=nasty: text)
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]", shown
        ), ascii(nasty)
        assert not re.search(r"^\s*::", shown, re.MULTILINE), ascii(nasty)
        assert not re.search(r"##\w*\[", shown), ascii(nasty)


def test_a_text_of_several_pieces_does_not_become_a_command_where_they_meet() -> None:
    assert "##[" not in "\n".join(marked("## [x".replace(" ", ""), 3))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünï 李", "plain ünï 李"),
        ("\x1b[0m", "\\x1b[0m"),
        ("a\nb\tc", "a\\x0ab\\x09c"),
        ("\x9b", "\\x9b"),
        ("\u202e\u200b", "\\u202e\\u200b"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff", "\\xff"),
        ("##[x", "#\\x23[x"),
        ("## heading", "## heading"),
        ("a\u00a0b", "a\\xa0b"),
        ("x" * 300, f"{'x' * 200}…"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_json_lists_every_problem_with_all_that_is_known_of_it_in_ascii() -> None:
    shown = told("json", *SOME)
    assert shown.isascii()
    assert json.loads(shown)["problems"][1] == {
        "rule": "contact/unknown-field",
        "severity": "error",
        "file": "contacts/ada.yaml",
        "line": 2,
        "column": 1,
        "field": "titel",
        "message": "there is no field “titel”",
        "fix": "Did you mean “title”?",
    }
    assert json.loads(told("json")) == {"problems": []}


# --- GitHub ----------------------------------------------------------------------------------------------------------

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def commands(shown: str) -> list[tuple[str, dict[str, str], str]]:
    """What GitHub's runner reads: kind, properties and text of each command, decoded."""
    found = []
    for line in shown.split("\n")[:-1]:
        match = COMMAND.fullmatch(line)
        assert match, line
        properties = dict(part.split("=", 1) for part in match[2].split(","))
        found.append((match[1], {key: unquote(value) for key, value in properties.items()}, unquote(match[3])))
    return found


def test_github_gets_a_command_for_each_problem_errors_first() -> None:
    assert commands(told("github", *SOME)) == [
        (
            "error",
            {"file": "contacts/ada.yaml", "line": "2", "col": "1", "title": "contact/unknown-field"},
            "there is no field “titel”\nDid you mean “title”?",
        ),
        ("warning", {"file": "contacts/ada.yaml", "line": "7", "col": "3", "title": "contact/phone"}, "odd\nMend it."),
        ("notice", {"file": "avatars/001.png", "title": "avatar/not-square"}, "it is 1 pixels too wide\nCrop it."),
    ]


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_a_value_cannot_leave_its_place_in_a_github_command(nasty: str) -> None:
    ((kind, properties, text),) = commands(told("github", problem(nasty, nasty, file=f"contacts/{nasty}.yaml")))
    assert kind == "error"
    assert properties["file"] == visible(f"contacts/{nasty}.yaml")
    assert set(properties) == {"file", "line", "col", "title"}
    assert text == f"{visible(nasty)}\n{visible(nasty)}"


def test_ten_of_a_kind_are_all_annotated() -> None:
    assert len(commands(told("github", *(picture(number) for number in range(10))))) == 10


@pytest.mark.parametrize(
    ("summarised", "where"), [(True, "the summary of this run lists all"), (False, "`check --format json` lists all")]
)
def test_of_more_than_ten_of_a_kind_the_tenth_says_how_many_there_are_and_where(summarised: bool, where: str) -> None:
    problems = [*(picture(number) for number in range(25)), *(picture(number, ERROR) for number in range(11))]
    found = commands(told("github", *problems, summarised=summarised))
    assert [kind for kind, _, _ in found] == ["error"] * 10 + ["notice"] * 10
    assert found[9][2] == f"2 more errors not shown here, 11 in all; {where}"
    assert found[19][2] == f"16 more notices not shown here, 25 in all; {where}"
    assert "file" not in found[19][1]


# --- GitLab ----------------------------------------------------------------------------------------------------------


def test_gitlab_gets_the_fields_of_a_code_quality_report() -> None:
    entries = json.loads(told("gitlab", *SOME))
    assert [entry["severity"] for entry in entries] == ["info", "major", "minor"]
    assert entries[1] == {
        "description": "there is no field “titel”. Did you mean “title”?",
        "check_name": "contact/unknown-field",
        "fingerprint": entries[1]["fingerprint"],
        "severity": "major",
        "location": {"path": "contacts/ada.yaml", "lines": {"begin": 2}},
    }
    assert entries[0]["location"] == {"path": "avatars/001.png", "lines": {"begin": 1}}
    assert json.loads(told("gitlab")) == []


def test_fingerprints_are_unique_and_stay_while_lines_and_words_change() -> None:
    def prints(*problems: Problem) -> list[str]:
        return [entry["fingerprint"] for entry in json.loads(told("gitlab", *problems))]

    same = [problem(), problem(line=5), problem(file="contacts/b.yaml"), problem(field="other")]
    assert len(set(prints(*same))) == 4
    assert prints(problem(line=90, message="in other words")) == prints(problem())


# --- SARIF -----------------------------------------------------------------------------------------------------------


def test_sarif_has_a_run_with_the_broken_rules_and_a_result_for_each_problem() -> None:
    log = json.loads(told("sarif", *SOME))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == ["avatar/not-square", "contact/phone", "contact/unknown-field"]
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert [result["level"] for result in run["results"]] == ["note", "error", "warning"]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
    assert len({result["partialFingerprints"]["contactsheet/v1"] for result in run["results"]}) == 3
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert "region" not in places[0]
    assert places[1]["region"] == {"startLine": 2, "startColumn": 1}
    assert places[1]["artifactLocation"] == {"uri": "contacts/ada.yaml", "uriBaseId": "%SRCROOT%"}
    assert json.loads(told("sarif"))["runs"][0]["results"] == []


def test_a_files_name_in_sarif_is_an_address_that_leads_to_its_bytes() -> None:
    log = json.loads(told("sarif", problem(file="avatars/a b%#?ü\udcff.png")))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "avatars/a%20b%25%23%3F%C3%BC%FF.png"


# --- JUnit -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("strict", "failures"), [(False, 1), (True, 2)])
def test_junit_has_a_suite_a_file_and_a_case_a_problem_of_which_those_fail_that_fail_the_run(
    strict: bool, failures: int
) -> None:
    top = Xml.fromstring(told("junit", *SOME, strict=strict))
    assert (top.tag, top.get("tests"), top.get("failures")) == ("testsuites", "3", str(failures))
    assert [(suite.get("name"), suite.get("tests")) for suite in top] == [
        ("avatars/001.png", "1"),
        ("contacts/ada.yaml", "2"),
    ]
    assert len(top.findall(".//failure")) == failures
    failure = top.find(".//failure")
    assert failure is not None
    assert failure.get("message") == "there is no field “titel”"
    assert failure.text == "contacts/ada.yaml at 2:1: error: there is no field “titel”\nfix: Did you mean “title”?"
    assert len(top.findall(".//system-out")) == 3 - failures


def test_junit_without_a_problem_has_one_case_that_passed() -> None:
    top = Xml.fromstring(told("junit"))
    assert [case.get("name") for case in top.iter("testcase")] == ["check"]
    assert not top.findall(".//failure")


def test_each_case_has_a_name_of_its_own() -> None:
    top = Xml.fromstring(told("junit", *[problem()] * 3))
    assert len({case.get("name") for case in top.iter("testcase")}) == 3


@given(st.text())
@settings(max_examples=100)
def test_any_text_makes_well_formed_xml_that_gives_it_back(text: str) -> None:
    failure = Xml.fromstring(told("junit", problem(text))).find(".//failure")
    assert failure is not None
    assert failure.get("message") == visible(text)


# --- Markdown --------------------------------------------------------------------------------------------------------

RENDERER = MarkdownIt("gfm-like", {"linkify": False, "html": True}).enable("strikethrough")


def rendered(shown: str) -> str:
    return str(RENDERER.render(shown))


def test_markdown_has_the_counts_and_then_the_problems_errors_first() -> None:
    assert told("markdown", *SOME) == (
        "### Contacts: 1 error, 1 warning, 1 notice\n"
        "\n"
        "- **error** `contacts/ada.yaml:2:1`: there is no field `titel` (`contact/unknown-field`)\\\n"
        "  Did you mean `title`?\n"
        "- **warning** `contacts/ada.yaml:7:3`: odd (`contact/phone`)\\\n"
        "  Mend it.\n"
        "- **notice** `avatars/001.png`: it is 1 pixels too wide (`avatar/not-square`)\\\n"
        "  Crop it.\n"
    )
    assert told("markdown") == "### Contacts: no problems\n"


def test_what_ends_a_sentence_is_no_part_of_the_code_in_it() -> None:
    shown = told(
        "markdown", problem("odd", "Rename it to contacts/ann-b.yaml; call +44 20 7946 0958, or add +01:00_x.")
    )
    assert "Rename it to `contacts/ann-b.yaml`; call +44 20 7946 0958, or add `+01:00_x`.\n" in shown


def is_harmless_markdown(shown: str) -> bool:
    """Whether nothing in it is live: only our own elements, and mentions and links in code alone."""
    page = rendered(shown)
    tags = set(re.findall(r"<(/?\w+)[^>]*>", page))
    outside = html.unescape(re.sub(r"<code>.*?</code>", "", page, flags=re.DOTALL))
    allowed = {f"{slash}{tag}" for tag in ("h3", "ul", "li", "strong", "code", "br", "p") for slash in ("", "/")}
    return tags <= allowed and not re.search(r"[@#`]|://|www\.|GH-\d|[!%][\"\w]", re.sub(r"<[^>]*>", "", outside))


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_nothing_from_the_input_is_live_in_markdown(nasty: str) -> None:
    shown = told("markdown", problem(nasty, nasty, file=f"contacts/{nasty}.yaml"))
    assert is_harmless_markdown(shown), rendered(shown)


@given(st.text(st.sampled_from("a1 `“”@#<>&|*_~[]()!:/.\\-+\n\t$"), max_size=40))
@settings(max_examples=300)
def test_no_mix_of_markup_is_live_in_markdown(text: str) -> None:
    shown = told("markdown", problem(text, f"Did you mean {text}?", file=f"contacts/{text}.yaml"))
    assert is_harmless_markdown(shown), rendered(shown)


def test_markdown_stays_below_its_limit_and_says_what_is_left_out() -> None:
    problems = tuple(problem("ü" * 200, line=number) for number in range(20_000))
    shown = "".join(f"{line}\n" for line in markdown(Report(problems), SUMMARY_LIMIT))
    assert 900_000 < len(shown.encode()) < 1_048_576
    told_of = shown.count("- **error**")
    assert shown.endswith(f"\n\n… and {20_000 - told_of:,} more; `check --format json` lists all.\n")
    assert len(told("markdown", *problems).encode()) < 65_536


# --- the lines that are quoted ---------------------------------------------------------------------------------------


def test_lines_are_counted_as_yaml_counts_them(site: Site) -> None:
    site.write("contacts/a.yaml", b"\xef\xbb\xbfname: A\r\nnotes: x\x0cy\rtags: [b]\n")
    lines = SourceLines(site.root)
    assert [lines("contacts/a.yaml", number) for number in range(6)] == [
        "",
        "name: A",
        "notes: x\x0cy",
        "tags: [b]",
        "",
        "",
    ]


def test_a_file_that_is_gone_or_no_text_quotes_nothing_or_its_signs(site: Site) -> None:
    site.write("contacts/b.yaml", b"n\xe4me: B\n")
    lines = SourceLines(site.root)
    assert lines("contacts/none.yaml", 1) == ""
    assert lines("contacts/b.yaml", 1) == "n\ufffdme: B"
