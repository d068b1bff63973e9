"""Group M of the hostile cases: directives that lead nowhere, in circles, or through thousands of records."""

from __future__ import annotations

import random
import time

import pytest

from contactsheet.check import SourceRecord
from contactsheet.merge import merge
from contactsheet.schema import record_of
from tests.conftest import Site, rules
from tests.merging import merged_record
from tests.test_pictures import square


def refused(site: Site, rule: str, file: str, line: int) -> str:
    """Checks and builds the site with a sound contact beside the others; gives the message and fix of the refusal."""
    site.contact("bystander", "phone: '0123'", name="Bystander")
    outcome = site.build()
    assert outcome.failed(strict=False)
    assert outcome.published is None
    assert not site.output.exists()
    assert "contact/phone-doubtful" in rules(outcome), "other records are still judged"
    (found,) = [problem for problem in outcome.problems if problem.severity == "error"]
    assert (found.rule, found.file, found.line) == (rule, file, line)
    assert found.fix
    return f"{found.message} {found.fix}"


def test_m1_a_record_that_merges_into_itself_is_refused(site: Site) -> None:
    site.contact("a", "merge_into: a", name="A")
    refused(site, "merge/self", "contacts/a.yaml", 2)


@pytest.mark.parametrize("length", [2, 3, 300])
def test_m2_a_cycle_is_refused_and_named_once(site: Site, length: int) -> None:
    for number in range(length):
        site.contact(f"r{number:05}", f"merge_into: r{(number + 1) % length:05}", name="R")
    told = refused(site, "merge/cycle", "contacts/r00000.yaml", 2)
    assert f"{length} records" in told
    assert told.index("r00000 → r00001") < told.index("→ r00000 ")
    assert len(told) < 300


def linked(length: int, *, closed: bool) -> list[SourceRecord]:
    """Records each of which merges into the next; the last into the first, or into none."""
    found = []
    for number in range(length):
        last = number == length - 1
        target = None if last and not closed else {"contact": f"r{0 if last else number + 1:05}"}
        fields = {"name": "R", "title": f"t{number}", "emails": [f"r{number}@example.org"], "merge_into": target}
        name = f"r{number:05}"
        found.append(SourceRecord(name, f"contacts/{name}.yaml", record_of(fields), {}))
    return found


def test_m2_a_cycle_of_ten_thousand_is_found_at_once() -> None:
    records = linked(10_000, closed=True)
    began = time.process_time()
    merged = merge(records, {}, frozenset(record.id for record in records))
    assert time.process_time() - began < 2
    assert [problem.rule for problem in merged.problems] == ["merge/cycle"]
    assert merged.moved == {}


def test_m3_a_chain_of_three_gives_the_same_in_any_order_of_the_files(site: Site) -> None:
    # The order of the files is that of their names: every permutation of the names is another order.
    trees = []
    for names in (("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")):
        other = Site(site.root / "-".join(names))
        first, second, third = names
        other.contact(first, f"merge_into: {second}\ncreated: 2026-01-01\ntitle: T\nowner: One", name="N")
        other.contact(second, f"merge_into: {third}\ncreated: 2026-01-02\nowner: Two", name="N")
        other.contact(third, "", name="N")
        other.build()
        (survivor,) = other.index()
        trees.append([[lost["value"] for lost in merge["lost"]] for merge in other.report()["merges"]])
        assert survivor == third
    assert trees == [[[], ["Two", "2026-01-02"]]] * 3


def test_m4_a_chain_of_ten_thousand_ends_without_recursion() -> None:
    records = linked(10_000, closed=False)
    began = time.process_time()
    merged = merge(records, {}, frozenset(record.id for record in records))
    assert time.process_time() - began < 2
    (contact,) = merged.contacts
    assert contact.id == "r09999"
    assert len(contact.merged) == 9_999
    assert len(contact.record.emails) == 10_000
    assert set(merged.moved.values()) == {"r09999"}


@pytest.mark.parametrize("target", ["nobody", "jane-do", "jane_doe"])
def test_m5_a_target_that_does_not_exist_is_refused_with_the_nearest_name(site: Site, target: str) -> None:
    site.contact("jane-doe", name="Jane")
    site.contact("new", f"merge_into: {target}", name="Jane")
    told = refused(site, "merge/unknown-target", "contacts/new.yaml", 2)
    assert f"there is no contact {target}" in told
    assert ("Did you mean jane-doe?" in told) is (target != "nobody")


def test_m6_two_into_one_is_accepted_and_has_one_order(site: Site) -> None:
    site.contact("jane", name="Jane")
    for name in ("z", "a"):
        site.contact(name, f"merge_into: jane\ntitle: From {name}", name="Jane")
        site.write(f"avatars/{name}.png", square())
    outcome = site.build()
    assert not outcome.failed(strict=False)
    assert site.index()["jane"]["merged_from"] == ["a", "z"]
    assert site.index()["jane"]["avatar"]["source"] == "avatars/z.png"


def test_m7_a_diamond_counts_each_record_once(site: Site) -> None:
    site.contact("root", name="N")
    site.contact("left", "merge_into: root\ntags: [l]", name="N")
    site.contact("right", "merge_into: root\ntags: [r]", name="N")
    site.contact("tip", "merge_into: left\ntags: [l, r, t]", name="N")
    assert not site.build().failed(strict=False)
    assert site.index()["root"]["merged_from"] == ["left", "right", "tip"]
    assert site.page("contacts/root.html").count("Merged from") == 3


def test_m8_a_record_that_merges_into_a_merged_one_goes_to_the_root(site: Site) -> None:
    site.contact("root", name="N")
    site.contact("middle", "merge_into: root", name="N")
    site.contact("late", "merge_into: middle\ntitle: Late", name="N")
    assert not site.build().failed(strict=False)
    assert list(site.index()) == ["root"]
    assert "Late" in site.page("contacts/root.html")
    assert "../contacts/root.html" in site.page("contacts/late.html")


def test_m9_of_values_that_differ_the_documented_one_wins_with_one_warning(site: Site) -> None:
    site.contact("jane", "title: Editor\ncompany: Acme", name="Jane")
    site.contact("new", "merge_into: jane\ntitle: Chief\ncompany: Zenith", name="Jane")
    outcome = site.build()
    assert not outcome.failed(strict=False)
    (warning,) = outcome.problems
    assert (warning.rule, warning.severity, warning.line) == ("merge/conflict", "warning", 2)
    assert "company, title" in warning.message
    kept = {lost["field"]: lost["kept"] for lost in site.report()["merges"][0]["lost"]}
    assert kept == {"title": "Editor", "company": "Acme"}


@pytest.mark.parametrize(
    ("directive", "rule"),
    [
        ("", "merge/unknown-target"),
        ("''", "contact/type"),
        ("~", "merge/unknown-target"),
        ("[jane]", "contact/type"),
        ("[]", "contact/type"),
        ("{}", "contact/missing"),
        ("{contact: [jane]}", "contact/type"),
        ("{contact: jane, tak: [title]}", "contact/unknown-field"),
        ("42", "merge/unknown-target"),
        ("contacts/jane.yaml", "merge/unknown-target"),
        ("../jane", "merge/unknown-target"),
        ("/jane", "merge/unknown-target"),
        ("JANE", "merge/unknown-target"),
    ],
    ids=[
        "nothing",
        "empty",
        "null",
        "list",
        "empty list",
        "empty map",
        "list inside",
        "slip",
        "number",
        "path",
        "up",
        "root",
        "case",
    ],
)
def test_m10_a_directive_that_names_no_id_is_refused(site: Site, directive: str, rule: str) -> None:
    site.contact("jane", name="Jane")
    site.contact("new", f"merge_into: {directive}", name="Jane")
    outcome = site.check()
    assert outcome.failed(strict=False)
    (found,) = outcome.problems
    assert (found.rule, found.file, found.line) == (rule, "contacts/new.yaml", 2)
    assert found.fix
    if directive in ("JANE", "contacts/jane.yaml", "/jane", "../jane"):
        assert "Did you mean jane?" in found.fix


def test_m11_every_address_of_a_merged_away_record_leads_to_the_survivor(site: Site) -> None:
    message = "messages: [{at: 2026-11-20T09:30:00Z, from: contact, text: Hi}]"
    site.contact("sales/jane", message, name="Jane")
    site.contact("new/jane", f"merge_into: sales/jane\n{message}", name="Jane")
    site.build()
    for page, link in (("contacts/new/jane.html", "contacts/"), ("inbox/new/jane.html", "inbox/")):
        assert f"../../{link}sales/jane.html" in site.page(page)
        assert (site.output / page).parent.joinpath(f"../../{link}sales/jane.html").is_file()


def test_m12_twenty_shuffles_give_identical_results() -> None:
    chance = random.Random(12)
    records = linked(40, closed=False)
    for number in range(40, 80):
        target = {"contact": f"r{chance.randrange(40):05}", "take": ["title"] if number % 3 else []}
        fields = {"name": "R", "title": f"t{number}", "tags": [f"g{number % 7}"], "merge_into": target}
        name = f"r{number:05}"
        records.append(SourceRecord(name, f"contacts/{name}.yaml", record_of(fields), {}))
    ids = frozenset(record.id for record in records)
    expected = merge(records, {}, ids)
    for _ in range(20):
        chance.shuffle(records)
        assert merge(records, {}, ids) == expected


def test_m12_files_written_in_another_order_give_identical_bytes(site: Site) -> None:
    trees: list[dict[str, str]] = []
    for order in (range(6), reversed(range(6))):
        other = Site(site.root / f"{len(trees)}")
        for number in order:
            directive = f"merge_into: r{number // 2}" if number else ""
            other.contact(f"r{number}", f"{directive}\ntitle: t{number}", name="R")
            other.write(f"avatars/r{number}.png", square())
        assert not other.build().failed(strict=False)
        trees.append(other.tree())
    assert trees[0] == trees[1]


def test_thousands_of_unknown_targets_are_told_in_good_time() -> None:
    records = [
        SourceRecord(
            f"r{n:05}",
            f"contacts/r{n:05}.yaml",
            record_of({"name": "R", "merge_into": {"contact": f"x{n:05}y"}}),
            {},
        )
        for n in range(4_000)
    ]
    began = time.process_time()
    merged = merge(records, {}, frozenset(record.id for record in records))
    assert time.process_time() - began < 10
    assert len(merged.problems) == 4_000


@pytest.mark.parametrize("field", ["emails", "phones", "websites"])
def test_lists_of_thousands_that_are_equal_but_for_their_labels_are_united_in_good_time(field: str) -> None:
    value = {"emails": "ada@example.org", "phones": "+44 20 7946 0018", "websites": "https://example.org/"}[field]

    def many(label: str) -> str:
        return "".join(f"- {{label: {label}{number}, value: {value}}}\n" for number in range(10_000))

    began = time.process_time()
    contact, _ = merged_record(f"name: Ada\n{field}:\n{many('a')}", f"name: Ada\nmerge_into: a\n{field}:\n{many('b')}")
    assert time.process_time() - began < 10
    assert len(getattr(contact.record, field)) == 10_000
    assert len(contact.merged[0].lost) == 10_000


@pytest.mark.parametrize("field", ["emails", "do_not_disturb"])
def test_what_stays_is_told_in_brief_beside_each_of_thousands_that_lost(field: str) -> None:
    def many(name: str) -> str:
        return "".join(f"- {name}{number}@example.org\n" for number in range(5000))

    theirs = f"name: Ada\nmerge_into: {{contact: a, keep: [{field}]}}\n{field}:\n{many('b')}"
    began = time.process_time()
    contact, _ = merged_record(f"name: Ada\n{field}:\n{many('a')}", theirs)
    assert time.process_time() - began < 10
    assert len(contact.merged[0].lost) == 5000
    assert sum(len(one.kept) for one in contact.merged[0].lost) < 20_000_000
