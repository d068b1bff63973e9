"""Records are written anew, and changed in their places: what does not change stays as it is to the byte."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from contactsheet.amend import AmendError, amended, written
from contactsheet.characters import CONTROL
from contactsheet.check import check
from contactsheet.schema import SINGULAR, Record
from contactsheet.shapes import defaults, said
from tests.records import judge


def read(text: str) -> dict[str, Any]:
    """What our own reader makes of a record's text, but for fields that say nothing."""
    record = judge(text).kept
    return {name: value for name, value in vars(record).items() if value != defaults(Record).get(name)}


TRICKY = [
    "NO",
    "null",
    "~",
    "yes",
    "12:30",
    "1:20:30",
    "+4917012345678",
    "007",
    "0x1F",
    "1e3",
    "1_000",
    ".5",
    "2026-01-31",
    "2026-11-20T09:30:00Z",
    "- a",
    "a: b",
    "a #b",
    "#b",
    "a:",
    "[a]",
    "{a}",
    "a, b",
    "@ada",
    "*a",
    "&a",
    "!a",
    "%a",
    "`a`",
    "|",
    ">",
    "?",
    "-",
    "---",
    "...",
    "<<",
    "=",
    "'a'",
    '"a"',
    "a\\b",
    "it's",
    "Zoë–Ω",
    "अनन्या",
    "🙂 a",
    "a\u00a0b",
    "x" * 150,
    "word " * 30 + "end",
]


@pytest.mark.parametrize("text", TRICKY)
def test_any_reader_gives_a_written_text_back(text: str) -> None:
    """A text is a text to YAML 1.1, to YAML 1.2 and to us, alone, in a list and as key and value of a custom field."""
    fields = {"name": text, "tags": [text, "x"], "notes": text, "fields": {text: text}}
    source = written(fields)
    assert yaml.safe_load(source) == fields
    assert YAML(typ="safe").load(source) == fields
    record = judge(source).kept
    assert (record.name, record.tags, record.notes, record.fields) == (text, (text, "x"), text, {text: text})


@pytest.mark.parametrize(
    "text",
    [
        "a\nb",
        "a\n\nb",
        "a\nb\n",
        "a\n  b\nc",
        "# a\nb",
        "- a\nb: c",
        " a\nb",
        "a \nb",
        "a\n\tb",
        "a\n \nb",
        "\na",
        "a\n\n\n",
    ],
)
def test_any_reader_gives_several_lines_back(text: str) -> None:
    """Line breaks and blanks at the ends of lines are kept, in a block where one can hold them."""
    source = written({"name": "Ada", "address": text})
    assert yaml.safe_load(source)["address"] == text
    assert YAML(typ="safe").load(source)["address"] == text


def test_a_new_record_reads_as_a_person_would_write_it() -> None:
    """The order is the schema's; plain where that is safe; one address in the singular; empty fields are left out."""
    assert written(
        {
            "messages": [
                {"at": datetime(2026, 11, 20, 9, 30, tzinfo=UTC), "from": "contact", "text": "Hi\nthere", "read": False}
            ],
            "notes": "Prefers letters.\nReally.",
            "phones": [{"label": "work", "value": "+44 20 7946 0958"}, {"label": None, "value": "+49301234567"}],
            "emails": ["ada@example.org"],
            "company": "",
            "tags": ["vip", "print"],
            "birthday": date(1815, 12, 10),
            "name": "Ada Lovelace",
            "avatar": {"focus": [0.5, 0.3], "fit": "contain"},
            "merge_into": "jane-doe",
            "starred": True,
        }
    ) == (
        "name: Ada Lovelace\n"
        "email: ada@example.org\n"
        "phones:\n"
        "  - label: work\n"
        "    value: +44 20 7946 0958\n"
        '  - "+49301234567"\n'
        "birthday: 1815-12-10\n"
        "tags: [vip, print]\n"
        "notes: |-\n"
        "  Prefers letters.\n"
        "  Really.\n"
        "avatar:\n"
        "  focus: [0.5, 0.3]\n"
        "  fit: contain\n"
        "merge_into: jane-doe\n"
        "starred: true\n"
        "messages:\n"
        "  - at: 2026-11-20T09:30:00Z\n"
        "    from: contact\n"
        "    text: |-\n"
        "      Hi\n"
        "      there\n"
        "    read: false\n"
    )


SOURCE = """\
# The founder.
name: 'Ada Lovelace'   # as she writes it

# How to reach her
emails:   # the first is the best
  - ada@example.org  # private
  # - old@example.org
  - {label: work, value: ada@engines.example}
phone: +44 20 7946 0958

notes: >-
   Prefers
   letters.

tags: [ "vip",  print ]  # for the card
fields:
    Account: 00123   # with zeros
    Room: "4"
avatar:
  focus: top
"""


@pytest.mark.parametrize(
    ("changes", "old", "new"),
    [
        ({"name": "Ada King"}, "'Ada Lovelace'   #", "Ada King   #"),
        ({"notes": "Short"}, ">-\n   Prefers\n   letters.\n", "Short\n"),
        ({"notes": None}, "notes: >-\n   Prefers\n   letters.\n\n", ""),
        ({"phones": ["+44 20 7946 0959"]}, "0958", "0959"),
        (
            {"phones": ["+44 20 7946 0958", "+44 20 7946 0959"]},
            "phone: +44 20 7946 0958\n",
            "phones:\n  - +44 20 7946 0958\n  - +44 20 7946 0959\n",
        ),
        ({"phones": None}, "phone: +44 20 7946 0958\n\n", "\n"),
        (
            {"emails": ["ada@example.org", {"label": "work", "value": "ada@engines.example"}, "a@b.example"]},
            "ada@engines.example}\n",
            "ada@engines.example}\n  - a@b.example\n",
        ),
        (
            {"emails": [{"label": "work", "value": "ada@engines.example"}]},
            "  - ada@example.org  # private\n",
            "",
        ),
        (
            {"emails": ["x@example.org"]},
            SOURCE[SOURCE.index("  - ada") : SOURCE.index("phone:")],
            "  - x@example.org\n",
        ),
        ({"tags": ["vip", "print", "new"]}, "print ]", "print, new ]"),
        ({"tags": ["print"]}, '"vip",  ', ""),
        ({"tags": ["first", "vip", "print"]}, '"vip"', 'first, "vip"'),
        ({"fields": {"Account": "00123", "Room": "5", "Car": "no"}}, 'Room: "4"\n', 'Room: "5"\n    Car: "no"\n'),
        ({"fields": {"Room": "4"}}, "    Account: 00123   # with zeros\n", ""),
        ({"avatar": {"focus": "top", "fit": "contain"}}, "focus: top\n", "focus: top\n  fit: contain\n"),
        ({"company": "Engines"}, "\n# How to reach", "company: Engines\n\n# How to reach"),
        ({"starred": True}, "focus: top\n", "focus: top\nstarred: true\n"),
        ({"emails": None}, SOURCE[SOURCE.index("# How") : SOURCE.index("phone:")], ""),
        ({"name": "Ada Lovelace", "tags": ["vip", "print"], "company": None}, "", ""),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_change_moves_nothing_else(changes: dict[str, object], old: str, new: str, newline: str) -> None:
    """A field changes where it stands, with its remark, in its style; with either kind of line end."""
    assert not old or SOURCE.count(old) == 1
    wanted = SOURCE.replace(old, new, 1)
    assert amended(SOURCE.replace("\n", newline), changes) == wanted.replace("\n", newline)


@pytest.mark.parametrize(
    ("source", "changes", "wanted"),
    [
        pytest.param("name: Ada", {"title": "CTO"}, "name: Ada\ntitle: CTO", id="open end"),
        pytest.param(
            "name: Ada\nnotes: |\n  a", {"starred": True}, "name: Ada\nnotes: |\n  a\nstarred: true", id="open block"
        ),
        pytest.param("\ufeffname: Ada\n", {"title": "CTO"}, "\ufeffname: Ada\ntitle: CTO\n", id="byte order mark"),
        pytest.param("name: Ada\n", {"fields": {"value": "x"}}, "name: Ada\nfields:\n  value: x\n", id="a key"),
        pytest.param("---\nname: Ada\n...\n", {"title": "CTO"}, "---\nname: Ada\ntitle: CTO\n...\n", id="marks"),
        pytest.param("  name: Ada\n  notes: x\n", {"title": "C"}, "  name: Ada\n  title: C\n  notes: x\n", id="set in"),
        pytest.param(
            "name: Ada\nnotes: |+\n  a\n\n\n",
            {"starred": True},
            "name: Ada\nnotes: |+\n  a\n\n\nstarred: true\n",
            id="kept lines",
        ),
        pytest.param(
            "name: Ada\ntitle:   # none yet\n", {"title": "CTO"}, "name: Ada\ntitle: CTO   # none yet\n", id="empty"
        ),
        pytest.param(
            '{"name": "Ada", "email": "a@b.example"}\n',
            {"title": "CTO", "emails": None},
            '{"name": "Ada", "title": "CTO"}\n',
            id="JSON",
        ),
        pytest.param(
            '{"name": "Ada"}',
            {"created": "2026-01-31", "tags": ["a", "b"]},
            '{"name": "Ada", "created": "2026-01-31", "tags": ["a", "b"]}',
            id="more JSON",
        ),
        pytest.param(
            "name: Ada\nemails:\n- a@b.example\n- c@d.example\n",
            {"emails": ["c@d.example"]},
            "name: Ada\nemails:\n- c@d.example\n",
            id="dashes not set in",
        ),
        pytest.param(
            "name: Ada\nemails:\n- a@b.example\n",
            {"emails": ["a@b.example", "c@d.example"]},
            "name: Ada\nemails:\n- a@b.example\n- c@d.example\n",
            id="dashes not set in, more",
        ),
        pytest.param(
            "name: Ada\nemail: a@b.example\nemails: [c@d.example]\n",
            {"emails": ["x@b.example"]},
            "name: Ada\nemail: x@b.example\n",
            id="both numbers",
        ),
        pytest.param(
            "name: Ada\nmerge_into: bob\n",
            {"merge_into": {"contact": "bob", "take": ["title"]}},
            "name: Ada\nmerge_into:\n  contact: bob\n  take: [title]\n",
            id="a map for a text",
        ),
        pytest.param(
            "name: Ada\n\n# why\nmerge_into: bob  # yes\n\nstarred: true\n",
            {"merge_into": None},
            "name: Ada\n\nstarred: true\n",
            id="remarks go too",
        ),
    ],
)
def test_records_are_changed_however_they_are_laid_out(source: str, changes: dict[str, object], wanted: str) -> None:
    """Marks, indentation, brackets and open ends stay."""
    assert amended(source, changes) == wanted


def test_one_message_changes_in_its_place() -> None:
    """Of a conversation, the message that changes is changed, and the others stay as they are."""
    source = (
        "name: Ada\nmessages:\n  - at: 2026-11-20T09:30:00Z # first\n    from: contact\n    text: Hi\n    read: false\n"
        "  - {at: 2026-11-20 09:31+01:00, from: Mira, text: Ho}\n"
    )
    source = source.replace("20 09:31", "20T09:31")
    messages = [said(message) for message in judge(source).kept.messages]
    messages[0]["read"] = True
    messages.append({"at": "2026-11-21T09:30:00Z", "from": "contact", "text": "New"})
    assert amended(source, {"messages": messages}) == source.replace("read: false", "read: true") + (
        "  - at: 2026-11-21T09:30:00Z\n    from: contact\n    text: New\n"
    )


@pytest.mark.parametrize("source", ["- a\n", "name: [\n", "name: &a Ada\n", "", "? name\n: Ada\n? title\n: CTO\n"])
def test_what_cannot_be_changed_safely_is_refused(source: str) -> None:
    """What is no record, or written in a way of which nobody thinks, is left to its author."""
    with pytest.raises(AmendError):
        amended(source, {"name": "Bob", "title": None})


# --- any record ------------------------------------------------------------------------------------------------------

chars = st.characters(codec="utf-8", exclude_characters="\r").filter(lambda c: not CONTROL.match(c))
words = st.sampled_from(TRICKY[:43]) | st.text(chars.filter(lambda c: c not in "\n\t"), min_size=1, max_size=12).filter(
    lambda text: bool(text.strip())
)
lines = (
    st.lists(st.text(chars, max_size=8) | st.sampled_from(["", " a", "- b", "# c", "d: e"]), min_size=1, max_size=4)
    .map("\n".join)
    .filter(lambda text: bool(text.strip()))
)
labelled = words | st.fixed_dictionaries({"value": words}, optional={"label": words})
moments = st.integers(946_684_800, 1_893_456_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
message = st.fixed_dictionaries(
    {"at": moments, "from": words, "text": lines}, optional={"channel": words, "read": st.booleans()}
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "company": words,
    "title": words,
    "emails": st.lists(labelled, max_size=3),
    "phones": st.lists(labelled, max_size=3),
    "address": lines,
    "birthday": st.dates(date(1900, 1, 1), date(2030, 1, 1)),
    "tags": st.lists(words, max_size=3),
    "notes": lines,
    "fields": st.dictionaries(words.map(str.strip), words, max_size=3),
    "avatar": st.fixed_dictionaries({"fit": st.just("contain")}, optional={"file": words}),
    "merge_into": words | st.fixed_dictionaries({"contact": words, "take": st.lists(words, min_size=1, max_size=2)}),
    "starred": st.booleans(),
    "messages": st.lists(message, max_size=3),
}
fields = st.fixed_dictionaries({"name": words}, optional=VALUES)
changes = st.fixed_dictionaries({}, optional={name: st.none() | one for name, one in VALUES.items()})
newlines = st.sampled_from(["\n", "\r\n"])
remarks = st.sampled_from(["", "# a remark", "\n# two\n# lines", ""])


def blocks(text: str) -> dict[str, list[str]]:
    """The lines of each field, by its plural name, from its key to its last line that shows something."""
    found: dict[str, list[str]] = {}
    field = ""
    for line in text.splitlines(keepends=True):
        key = line.partition(":")[0]
        if not line[:1].isspace() and SINGULAR.get(key, key) in vars(Record("?")):
            field = SINGULAR.get(key, key)
        if not line.startswith("#"):
            found.setdefault(field, []).append(line.rstrip("\n"))
    return {name: list("\n".join(some).rstrip().split("\n")) for name, some in found.items()}


def typed(contents: dict[str, Any]) -> dict[str, Any]:
    """What the schema makes of fields, as ``read`` gives it."""
    return read(written(contents))


@settings(max_examples=30)
@given(fields, changes, newlines, st.lists(remarks, min_size=20, max_size=20), st.booleans())
def test_an_amended_record_reads_as_the_changed_one(
    before: dict[str, Any], change: dict[str, Any], newline: str, above: list[str], ended: bool
) -> None:
    """Whatever is changed in whatever record: it says what was asked for, and all other fields stand as they stood."""
    parts = [written({key: value}) for key, value in before.items()]
    source = "".join(f"{remark}\n" * bool(remark) + part for remark, part in zip(above, parts, strict=False))
    source = source.replace("\n", newline) if ended else source.replace("\n", newline).removesuffix(newline)
    result = amended(source, change)
    merged = {key: value for key, value in {**before, **change}.items() if value is not None}
    assert read(result) == typed(merged)
    old, new = blocks(source), blocks(result)
    assert {key: new[key] for key in old.keys() - change.keys()} == {
        key: old[key] for key in old.keys() - change.keys()
    }
    assert amended(result, change) == result


def test_the_checker_is_the_reader() -> None:
    """The property above speaks of the reading that the build does."""
    assert check("ada", "contacts/ada.yaml", written({"name": "NO"}).encode(), None)[1] == ()
