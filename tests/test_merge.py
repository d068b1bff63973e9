"""A record with `merge_into` joins a contact: who survives, which picture carries over, which directives are wrong."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from contactsheet.check import SourceRecord
from contactsheet.merge import FIELDS, Contact, Merged, merge
from contactsheet.pictures import Picture
from contactsheet.read import SourceFile
from contactsheet.schema import Record, record_of
from contactsheet.shapes import fields
from contactsheet.uniting import RULES
from tests.conftest import Site, rules
from tests.merging import SOURCE, TARGET, joined, ledger_text, lost, merged_record, record_text
from tests.pictures import BLUE, GREEN, RED, YELLOW, quarters, saved
from tests.test_pictures import shown, square

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
    assert set(fields(Record)) - {"merge_into", "aliases"} == FIELDS
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
        SourceRecord(f"r{number}", f"contacts/r{number}.yaml", record_of(draw(a_record(number))), {})
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
@settings(max_examples=60)
def test_the_result_is_the_same_for_any_order_of_the_files(
    forest: tuple[list[SourceRecord], dict[str, Picture]], chance: random.Random
) -> None:
    records, pictures = forest
    shuffled = records[:]
    chance.shuffle(shuffled)
    assert merged_in_order(shuffled, pictures) == merged_in_order(records, pictures)


@given(a_forest())
@settings(max_examples=100)
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
