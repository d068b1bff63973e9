"""The JSON Schema for editors: valid itself, told in words, and of one mind with the checker."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]  # it has no types

from contactsheet.check import check
from contactsheet.schema import SINGULAR, Record, json_schema
from contactsheet.shapes import fields, keys
from tests.conftest import PROJECT, Site
from tests.records import judge


class TextLoader(yaml.SafeLoader):
    """Loads YAML as the checker does: every plain scalar is text, but for nothing."""


TextLoader.yaml_implicit_resolvers = {}
TextLoader.add_implicit_resolver(
    "tag:yaml.org,2002:null", yaml.SafeLoader.yaml_implicit_resolvers["~"][0][1], ["~", "n", ""]
)


class EditorLoader(yaml.SafeLoader):
    """Loads YAML 1.2 as editors do: numbers, true and false, but no dates and no yes and no."""


EditorLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in found
        if tag.rpartition(":")[2] in ("null", "int", "float") or (tag.endswith("bool") and first in "tTfF")
    ]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

VALIDATOR = Draft7Validator(json_schema(), format_checker=Draft7Validator.FORMAT_CHECKER)


def errors(text: str, loader: type[yaml.SafeLoader]) -> list[str]:
    data: Any = yaml.load(text, Loader=loader)  # both are safe loaders
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in VALIDATOR.iter_errors(data)]


def parts() -> list[tuple[str, dict[str, Any]]]:
    schema = json_schema()
    return [("record", schema), *schema["definitions"].items()]


def test_it_is_a_valid_schema_of_draft_07() -> None:
    schema = json_schema()
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(schema)


def test_it_uses_no_word_of_later_drafts() -> None:
    text = json.dumps(json_schema())
    assert not [word for word in ("$defs", "prefixItems", "unevaluated", "dependentRequired") if f'"{word}' in text]


def test_nothing_stands_beside_a_reference_where_draft_07_would_not_read_it() -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            assert "$ref" not in node or len(node) == 1
            if "$ref" in node:
                assert node["$ref"].removeprefix("#/definitions/") in json_schema()["definitions"]
        for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            walk(inner)

    walk(json_schema())


@pytest.mark.parametrize(("part", "schema"), parts(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_field_is_described_with_an_example_that_it_allows(part: str, schema: dict[str, Any]) -> None:
    whole = json_schema()
    assert schema["description"]
    for name, field in schema["properties"].items():
        assert field["description"], name
        assert field["examples"], name
        alone = {"definitions": whole["definitions"], **field}
        for example in field["examples"]:
            Draft7Validator(alone).validate(example)


def test_every_field_of_a_record_is_there_in_both_numbers() -> None:
    assert set(json_schema()["properties"]) == {*keys(Record), *SINGULAR}


@pytest.mark.parametrize("field", sorted(fields(Record)))
def test_every_example_of_a_field_is_one_that_the_checker_takes(field: str) -> None:
    for example in fields(Record)[field].examples:
        record = json.dumps({"name": "Ada", field: example} if field != "name" else {field: example})
        assert judge(record).rules == []


GOOD = {
    "a name": "name: Ada",
    "a number for a name": "name: 1234",
    "texts that look like other things": "name: Ada\ntitle: 007\ntype: true\nnotes: 1.5\ntags: [2026, false, vip]",
    "empty fields": "name: Ada\ntitle:\nemails: ~\ntags:\nstarred:\nbirthday: null\nfields:\navatar:\nmessages:",
    "blank texts": "name: Ada\ntitle: ''\nnotes: ' '",
    "one of each": "name: Ada\nemail: ada@example.org\nphone: '+442079460958'\nwebsite: https://example.org/",
    "lists of each": "name: Ada\nemails: [a@example.org, {value: b@example.org, label: work}]\nphones: []",
    "a label left empty": "name: Ada\nemail: {label: , value: a@example.org}",
    "a phone like a number": "name: Ada\nphone: 442079460958",
    "dates": "name: Ada\nbirthday: 1815-12-10\ncreated: 2026-01-31",
    "a time zone": "name: Ada\ntime_zone: Europe/London",
    "do not disturb": "name: Ada\ndo_not_disturb: all",
    "channels": "name: Ada\ndo_not_disturb: [sms, phone]",
    "custom fields": "name: Ada\nfields: {Account: 00123, VIP: true, Size: 38.5, Empty: , Blank: ''}",
    "an avatar": "name: Ada\navatar: logos/acme.png",
    "a point": "name: Ada\navatar: {file: a.png, focus: [0.5, 1], fit: contain}",
    "a side": "name: Ada\navatar: {focus: top-left, fit: cover}",
    "a directive": "name: Ada\nmerge_into: jane-doe",
    "a long directive": "name: Ada\nmerge_into: {contact: jane, take: title, keep: [avatar, notes]}",
    "a star": "name: Ada\nstarred: true",
    "messages": "name: Ada\nmessages:\n- {at: 2026-11-20T09:30:00Z, from: contact, text: 'a\n\n  b', read: false}",
    "one message": "name: Ada\nmessages: {at: 2026-11-20 09:30:00+01:00, from: Mira, text: 12, channel: sms}",
    "a time without an offset": "name: Ada\nmessages: {at: '2026-11-20T09:30:00', from: Mira, text: Hi}",
}
BAD = {
    "no name": "title: CTO",
    "an empty name": "name:",
    "a blank name": "name: ' '",
    "a list for a name": "name: [Ada]",
    "two lines in a title": 'name: Ada\ntitle: "a\\nb"',
    "a map for a title": "name: Ada\ntitle: {a: b}",
    "an unknown field": "name: Ada\ncompnay: Acme",
    "an unknown field below": "name: Ada\nemail: {labl: work, value: a@example.org}",
    "no value": "name: Ada\nphone: {label: work}",
    "both numbers": "name: Ada\nemail: a@example.org\nemails: [b@example.org]",
    "an empty item": "name: Ada\ntags: [vip, ~]",
    "a blank item": "name: Ada\ntags: [vip, '']",
    "a list in a list": "name: Ada\nphones: [[a]]",
    "a map for tags": "name: Ada\ntags: {a: b}",
    "no day": "name: Ada\nbirthday: 2026-02-30",
    "no date": "name: Ada\ncreated: 31.1.2026",
    "a yes for channels": "name: Ada\ndo_not_disturb: true",
    "a no among channels": "name: Ada\ndo_not_disturb: [sms, 'no']",
    "a word for a star": "name: Ada\nstarred: very",
    "a number for a star": "name: Ada\nstarred: 1",
    "a list for custom fields": "name: Ada\nfields: [a]",
    "a list in custom fields": "name: Ada\nfields: {a: [b]}",
    "a nameless custom field": "name: Ada\nfields: {'': b}",
    "a list for an avatar": "name: Ada\navatar: [a.png]",
    "a point outside": "name: Ada\navatar: {focus: [640, 200]}",
    "half a point": "name: Ada\navatar: {focus: [0.5]}",
    "no side": "name: Ada\navatar: {focus: middle}",
    "no fit": "name: Ada\navatar: {fit: crop}",
    "no target": "name: Ada\nmerge_into:",
    "no contact": "name: Ada\nmerge_into: {take: [title]}",
    "a text for messages": "name: Ada\nmessages: Hello",
    "no sender": "name: Ada\nmessages: [{at: 2026-11-20T09:30:00Z, text: Hi}]",
    "no time": "name: Ada\nmessages: [{at: yesterday, from: contact, text: Hi}]",
    "a day for a time": "name: Ada\nmessages: [{at: 2026-11-20, from: contact, text: Hi}]",
    "maybe read": "name: Ada\nmessages: [{at: 2026-11-20T09:30:00Z, from: contact, text: Hi, read: maybe}]",
    "a list for a record": "[name, Ada]",
}


@pytest.mark.parametrize("loader", [TextLoader, EditorLoader], ids=["all text", "as editors load it"])
def test_what_the_checker_takes_the_schema_takes(loader: type[yaml.SafeLoader]) -> None:
    assert [name for name, text in GOOD.items() if judge(text).refused] == []
    assert {name: found for name, text in GOOD.items() if (found := errors(text, loader))} == {}


@pytest.mark.parametrize("loader", [TextLoader, EditorLoader], ids=["all text", "as editors load it"])
def test_what_the_schema_can_tell_is_wrong_both_refuse(loader: type[yaml.SafeLoader]) -> None:
    assert [name for name, text in BAD.items() if not judge(text).refused] == []
    assert [name for name, text in BAD.items() if not errors(text, loader)] == []


@pytest.mark.parametrize("path", sorted((PROJECT / "contacts").rglob("*.y*ml")), ids=lambda path: path.stem)
def test_the_sample_agrees_with_the_schema(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    assert check("x", "x", text.encode(), None)[0]
    assert errors(text, EditorLoader) == []


def test_the_command_prints_it(site: Site) -> None:
    import subprocess
    import sys

    printed = subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "schema"], capture_output=True, check=True, timeout=60
    )
    assert json.loads(printed.stdout) == json_schema()
