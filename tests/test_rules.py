"""The catalogue of rules: complete, true in its examples, and changed by a site as far as that is safe."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from contactsheet.problems import Place, Problem, Severity, in_order
from contactsheet.rules import Rule, catalogue, explanation, problem, weighed
from tests.conftest import PROJECT, Site, rules
from tests.pictures import quarters, saved

GROUPS = ("yaml", "contact", "avatar", "merge", "site", "import")
NAME = re.compile(rf"(?:{'|'.join(GROUPS)})/[a-z-]+")


@cache
def named_in_code() -> frozenset[str]:
    """The rules that the program's sources name, as regular expressions: most are plain names."""
    return frozenset(_named_in_code())


def _named_in_code() -> Iterator[str]:
    for path in sorted((PROJECT / "contactsheet").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.fullmatch(node.value):
                yield node.value
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.FormattedValue):
                pattern = "".join(map(as_pattern, node.values))
                if re.fullmatch(r"\[a-z-\]\+/[a-z(|)-]+", pattern):
                    yield pattern


def other_tests() -> str:
    """The text of all tests but these."""
    paths = sorted(path for path in (PROJECT / "tests").rglob("test_*.py") if path != Path(__file__))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def as_pattern(part: ast.expr) -> str:
    """A part of a formatted string as a regular expression: two constants to choose from, or any word."""
    if isinstance(part, ast.Constant):
        return str(part.value)
    inner = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(inner, ast.IfExp) and isinstance(inner.body, ast.Constant) and isinstance(inner.orelse, ast.Constant):
        return f"({inner.body.value!s}|{inner.orelse.value!s})"
    return "[a-z-]+"


def test_every_rule_is_documented_in_full_sentences() -> None:
    for rule in catalogue().values():
        assert NAME.fullmatch(rule.name), rule
        assert rule.group in GROUPS, rule
        assert rule.summary, rule
        assert not rule.summary.endswith("."), rule
        assert len(rule.why.split()) >= 30, rule
        assert rule.why.strip().endswith("."), rule
        assert rule.wrong.strip(), rule
        assert rule.right.strip(), rule
        assert rule.wrong != rule.right, rule


def test_every_rule_of_the_catalogue_is_named_in_the_code() -> None:
    patterns = re.compile("|".join(f"(?:{pattern})" for pattern in named_in_code()))
    assert [name for name in catalogue() if not patterns.fullmatch(name)] == []


def test_every_rule_that_the_code_names_is_in_the_catalogue() -> None:
    assert {name for name in named_in_code() if NAME.fullmatch(name)} <= set(catalogue())


def test_every_rule_is_tested() -> None:
    tests = other_tests()
    assert [name for name in catalogue() if f'"{name}"' not in tests] == []


def test_the_rules_stand_by_group_and_only_errors_are_firm() -> None:
    groups = [rule.group for rule in catalogue().values()]
    assert groups == sorted(groups, key=GROUPS.index)
    assert all(rule.severity is Severity.ERROR for rule in catalogue().values() if rule.firm)


def test_every_rule_is_explained() -> None:
    for rule in catalogue().values():
        text = "\n".join(explanation(rule))
        assert text.startswith(f"{rule.name}: {rule.summary} ({rule.severity}")
        assert ("cannot be lowered" in text) is rule.firm
        assert "\nWrong:\n    " in text
        assert "\nRight:\n    " in text
        assert max(map(len, text.splitlines())) <= 120, text


# The examples


def example_files(example: str) -> dict[str, str]:
    """The files of an example in YAML by their paths; nothing where it is not in YAML."""
    text = example.strip("\n")
    if not re.match(r"(# |- |[a-z_]+:)", text):
        return {}
    files: dict[str, list[str]] = {}
    here = "contacts/jane-doe-2.yaml" if "jane-doe" in text else "contacts/ada-lovelace.yaml"
    for line in text.splitlines():
        if header := re.fullmatch(r"# (contacts/\S+)", line):
            here = header[1]
        else:
            files.setdefault(here, []).append(line)
    return {path: "\n".join(lines) + "\n" for path, lines in files.items()}


def write_example(site: Site, example: str) -> None:
    """The files of an example, and what it says of others."""
    files = example_files(example)
    for path, text in files.items():
        site.write(path, text)
    if other := re.search(r"the other record is (\S+)", example):
        site.write(other[1], "name: Jane Doe\n")
    elif "merge_into" in example and "contacts/jane-doe.yaml" not in files:
        site.write("contacts/jane-doe.yaml", "name: Jane Doe\n")
    if "avatars/jane-doe.jpg" in example:
        for name in ("jane-doe", "jane-doe-2"):
            site.write(f"avatars/{name}.jpg", saved(quarters(512, 512)))


IN_YAML = [rule for rule in catalogue().values() if example_files(rule.wrong)]
NAMES_ALONE = [catalogue()[name] for name in ("contact/id", "contact/id-clash", "avatar/name")]


def test_most_rules_about_records_have_examples_in_yaml() -> None:
    assert len(IN_YAML) >= 30


@pytest.mark.parametrize("rule", IN_YAML, ids=lambda rule: rule.name)
def test_the_wrong_example_breaks_its_rule_and_the_right_one_does_not(rule: Rule, tmp_path: Path) -> None:
    wrong, right = Site(tmp_path / "wrong"), Site(tmp_path / "right")
    write_example(wrong, rule.wrong)
    write_example(right, rule.right)
    found = {problem.rule: problem.severity for problem in wrong.check().problems}
    assert found.get(rule.name) == rule.severity
    allowed = {"avatar/missing"} if rule.name == "avatar/path" else set()
    assert set(rules(right.check())) <= allowed


@pytest.mark.parametrize("rule", NAMES_ALONE, ids=lambda rule: rule.name)
def test_the_names_in_an_example_are_refused_and_accepted(rule: Rule, tmp_path: Path) -> None:
    if rule.name == "contact/id-clash" and sys.platform in ("win32", "darwin"):
        pytest.skip("the file system takes both names for one")
    for example in (rule.wrong, rule.right):
        site = Site(tmp_path / ("wrong" if example is rule.wrong else "right"))
        paths = example.split()
        for path in paths:
            site.write(path, "name: Ada\n" if path.startswith("contacts") else saved(quarters(512, 512)))
        broken = {found.file for found in site.check().problems if found.rule == rule.name}
        assert broken == (set(paths) if example is rule.wrong else set())


# What a site changes

LOWERED = {
    "contact/unknown-field": "compnay: Acme",
    "contact/time-zone": "time_zone: Moon",
    "contact/email": "email: nobody",
    "contact/phone": "phone: call me",
}
RAISED = {
    "contact/phone-doubtful": "phone: 020 7946 0958",
    "contact/time-without-offset": "messages: {at: 2026-11-20T09:30:00, from: contact, text: Hello}",
}


@pytest.mark.parametrize(("rule", "text"), LOWERED.items(), ids=LOWERED)
@pytest.mark.parametrize("weight", ["warning", "notice", "off"])
def test_an_error_that_is_lowered_lets_the_site_build_with_the_rest_of_the_record(
    site: Site, rule: str, text: str, weight: str
) -> None:
    site.contact("ada", f"title: Engineer of engines\n{text}\n", name="Ada Lovelace")
    assert site.build().failed(strict=False)
    site.settings(f'rules."{rule}" = "{weight}"')
    outcome = site.build()
    assert outcome.published is not None
    assert [(found.rule, found.severity) for found in outcome.problems] == ([] if weight == "off" else [(rule, weight)])
    assert "Engineer of engines" in site.page("contacts/ada.html")


def test_an_unknown_field_that_is_let_through_shows_nowhere(site: Site) -> None:
    site.contact("ada", "email: {value: ada@example.org, labl: secret-one}\nsecret: secret-two\n", name="Ada")
    site.settings('rules."contact/unknown-field" = "notice"')
    assert site.build().published is not None
    page = site.page("contacts/ada.html")
    assert "ada@example.org" in page
    assert "secret-one" not in page
    assert "secret-two" not in page


@pytest.mark.parametrize(("rule", "text"), RAISED.items(), ids=RAISED)
def test_a_warning_or_notice_that_is_raised_keeps_the_site_from_being_built(site: Site, rule: str, text: str) -> None:
    site.contact("ada", f"{text}\n", name="Ada")
    assert site.build().published is not None
    before = site.tree()
    site.contact("bob", name="Bob")
    site.settings(f'rules."{rule}" = "error"')
    outcome = site.build()
    assert rules(outcome) == [rule]
    assert outcome.published is None
    assert site.tree() == before


def test_the_weights_of_a_site_change_nothing_but_the_severity() -> None:
    found = problem("contact/email", "a.yaml", Place(1, 2), field="email", message="m", fix="f")
    other = problem("contact/phone", "a.yaml", message="m", fix="f")
    assert weighed([found, other], {}) == [found, other]
    (lowered,) = weighed([found, other], {"contact/email": "notice", "contact/phone": "off"})
    assert lowered == Problem("contact/email", Severity.NOTICE, "a.yaml", 1, 2, "email", "m", "f")


def test_a_rule_that_the_catalogue_lacks_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        problem("contact/nonsense", "a.yaml", message="m", fix="f")


def test_problems_stand_in_one_order_however_they_were_found() -> None:
    found = [
        problem(rule, file, place, message="m", fix="f")
        for file in ("a.yaml", "b.yaml")
        for place in (None, Place(1, 1), Place(1, 2), Place(10, 1), Place(2, 1))
        for rule in ("contact/email", "contact/phone")
    ]
    ordered = in_order(found)
    assert in_order(reversed(found)) == ordered
    assert in_order([*found, *found]) == ordered
    assert [one.line for one in ordered[:10:2]] == [None, 1, 1, 2, 10]
