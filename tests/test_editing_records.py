"""A record's form, a change of its fields, a merge foreseen, made and undone: the file changes there and only there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from contactsheet import pipeline
from contactsheet.editing import Form, RefusedEditError, UnknownContactError
from contactsheet.editing_merges import Plan, merge_into, merge_preview, unmerge
from contactsheet.editing_records import MalformedError, OutdatedError, change_record, record_form
from contactsheet.live import Live
from contactsheet.memo import Memo
from contactsheet.problems import Problem
from contactsheet.read import Changes, Sources
from contactsheet.rebuilding import Bench, Crew
from contactsheet.settings import load
from contactsheet.workers import Workers
from tests.conftest import Site
from tests.pictures import quarters, saved
from tests.serving import Answer, Preview, serving

ADA = """\
# The first one.
name: Ada Lovelace   # by which she is known
title: 'Mathematician'
emails:
    - label: work
      value: ada@example.org   # preferred
    - ada@example.net
tags: [vip,  print]
notes: |
  Prefers letters.

fields: {Account: "00123"}
"""


def bench_of(site: Site, kind: type[Bench] = Bench) -> Bench:
    """The builder's bench on a site, in this process."""

    def attempt(workers: Workers, memo: Memo, sources: Sources | None) -> Any:
        return pipeline.build(site.root, site.output, load(site.root), workers, memo=memo, sources=sources)

    crew = Crew(site.root, attempt, Memo, lambda: Workers(0), poll=False, say=lambda _: None)
    return kind(crew, Live(), Workers(0), Memo())


def changing(bench: Bench, contact_id: str, changes: object) -> str:
    """Changes a record as its form does, and gives its text."""
    form = record_form(contact_id, bench)
    fields = (("version", str(form["version"])), ("changes", json.dumps(changes)))
    change_record(contact_id, Form(fields), bench)
    return (bench.root / str(form["file"])).read_text(encoding="utf-8")


# --- the form --------------------------------------------------------------------------------------------------------


def test_a_form_shows_what_the_file_says(site: Site) -> None:
    site.contact("ada", f"{ADA}phone: 020 7946 0958\nstarred: true\ndo_not_disturb: all\nbirthday: 1815-12-10\n")
    fields: Any = record_form("ada", bench_of(site))["fields"]
    assert fields["name"] == "Ada Lovelace"
    assert fields["emails"][0] == {"label": "work", "value": "ada@example.org"}
    assert fields["emails"][1] == {"label": "", "value": "ada@example.net"}
    assert fields["phones"] == [{"label": "", "value": "020 7946 0958"}], "not as the page shows it"
    assert fields["tags"] == ["vip", "print"]
    assert fields["fields"] == [["Account", "00123"]]
    assert (fields["starred"], fields["do_not_disturb"], fields["birthday"]) == (True, ["all"], "1815-12-10")
    assert fields["company"] == ""


def test_a_form_shows_what_is_wrong_so_that_it_can_be_mended(site: Site) -> None:
    site.contact("ada", "birthday: soon\nemail: nonsense\ntags: {a: b}\n", name="Ada")
    form: Any = record_form("ada", bench_of(site))
    assert form["fields"]["birthday"] == "soon"
    assert form["fields"]["emails"] == [{"label": "", "value": "nonsense"}]
    assert form["odd"] == ["tags"]


def test_a_contact_with_an_alias_has_a_form_and_what_joined_it_is_told(site: Site) -> None:
    site.contact("ada", "aliases: [ada-byron]\n", name="Ada")
    site.contact("ada-2", "title: Countess\nmerge_into: ada\n", name="Ada")
    brought: Any = record_form("ada", bench_of(site))["brought"]
    assert [(one["text"], one["id"]) for one in brought] == [("Countess", "ada-2")]


def test_a_form_says_which_record_brings_what_the_page_shows_besides(site: Site) -> None:
    site.contact("ada", "email: ada@example.org\n", name="Ada")
    site.contact("old/ada", "email: a@example.net\ntitle: Countess\nmerge_into: ada\n", name="Ada")
    bench = bench_of(site)
    form = record_form("ada", bench)
    file = "contacts/old/ada.yaml"
    assert form["brought"] == [
        {"field": "title", "text": "Countess", "id": "old/ada", "file": file},
        {"field": "emails", "text": "a@example.net", "id": "old/ada", "file": file},
    ]
    assert record_form("old/ada", bench)["joins"] == {"id": "ada", "name": "Ada"}


# --- changes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "before", "after"),
    [
        ({"title": "Countess"}, "title: 'Mathematician'", "title: Countess"),
        ({"company": "Acme"}, "title: 'Math", "company: Acme\ntitle: 'Math"),
        ({"title": ""}, "title: 'Mathematician'\n", ""),
        ({"title": None}, "title: 'Mathematician'\n", ""),
        (
            {"emails": [{"label": "work", "value": "ada@example.com"}, {"label": "", "value": "ada@example.net"}]},
            "ada@example.org ",
            "ada@example.com ",
        ),
        ({"tags": ["vip", "print", "new"]}, "[vip,  print]", "[vip,  print, new]"),
        ({"starred": True}, '"00123"}\n', '"00123"}\nstarred: true\n'),
        ({"fields": [["Account", "7"], ["", ""]]}, '"00123"', '"7"'),
        ({"notes": "Prefers\nletters."}, "Prefers letters.\n", "Prefers\n  letters.\n"),
        ({"do_not_disturb": ["all"]}, "notes: |", "do_not_disturb: all\nnotes: |"),
    ],
    ids=["value", "new field", "emptied", "taken out", "item", "list", "flag", "own field", "block", "channels"],
)
def test_a_change_leaves_all_else_as_it_is(site: Site, changes: object, before: str, after: str) -> None:
    site.contact("ada", ADA)
    assert changing(bench_of(site), "ada", changes) == ADA.replace(before, after)


def test_what_is_said_already_writes_nothing(site: Site) -> None:
    place = site.contact("ada", ADA)
    stamp = place.stat().st_mtime_ns
    changing(bench_of(site), "ada", {"title": "Mathematician"})
    assert place.stat().st_mtime_ns == stamp


def test_a_change_is_on_the_page_when_it_is_answered(site: Site) -> None:
    site.contact("ada", ADA)
    changing(bench_of(site), "ada", {"title": "Countess"})
    assert "Countess" in site.page("contacts/ada.html")


def test_a_form_of_another_state_of_the_file_writes_nothing_and_tells_the_present_one(site: Site) -> None:
    site.contact("ada", ADA)
    bench = bench_of(site)
    old = record_form("ada", bench)["version"]
    later = ADA.replace("Mathematician", "Countess")
    site.contact("ada", later)
    with pytest.raises(OutdatedError) as caught:
        change_record("ada", Form((("version", str(old)), ("changes", '{"title": "Poet"}'))), bench)
    now: Any = caught.value.now
    assert now["fields"]["title"] == "Countess"
    assert (site.root / "contacts/ada.yaml").read_text(encoding="utf-8") == later


def test_what_is_saved_while_a_change_is_judged_is_not_written_over(site: Site) -> None:
    site.contact("ada", ADA)
    later = f"{ADA}source: Website\n"

    class Meanwhile(Bench):
        def judge(self, changes: Changes) -> tuple[Problem, ...]:
            found = super().judge(changes)
            site.contact("ada", later)
            return found

    with pytest.raises(OutdatedError):
        changing(bench_of(site, Meanwhile), "ada", {"title": "Poet"})
    assert (site.root / "contacts/ada.yaml").read_text(encoding="utf-8") == later


@pytest.mark.parametrize(
    ("changes", "rule", "field"),
    [
        ({"name": " "}, "contact/name", "name"),
        ({"birthday": "1815-13-10"}, "contact/date", "birthday"),
        (
            {"emails": [{"label": "", "value": "a@example.org"}, {"label": "", "value": "b"}]},
            "contact/email",
            "emails.1",
        ),
        ({"time_zone": "Atlantis"}, "contact/time-zone", "time_zone"),
    ],
    ids=["name", "date", "address", "zone"],
)
def test_what_check_refuses_is_refused_at_its_field(site: Site, changes: object, rule: str, field: str) -> None:
    place = site.contact("ada", ADA)
    with pytest.raises(RefusedEditError) as caught:
        changing(bench_of(site), "ada", changes)
    assert [(one.rule, one.field) for one in caught.value.problems] == [(rule, field)]
    assert place.read_text(encoding="utf-8") == ADA


@pytest.mark.parametrize(
    "changes",
    [
        "",
        "[]",
        "{}",
        '{"title": 1}',
        '{"title": ["a"]}',
        '{"avatar": "x.png"}',
        '{"merge_into": "bob"}',
        '{"messages": []}',
        '{"starred": "true"}',
        '{"emails": ["a@example.org"]}',
        '{"emails": [{"value": "a@example.org"}]}',
        '{"tags": "vip"}',
        '{"fields": {"a": "b"}}',
        '{"fields": [["a"]]}',
        "[" * 30_000,
        '{"title": NaN}',
    ],
)
def test_what_can_be_no_change_is_malformed(site: Site, changes: str) -> None:
    site.contact("ada", ADA)
    with pytest.raises(MalformedError):
        change_record("ada", Form((("changes", changes),)), bench_of(site))


def test_text_that_no_file_can_hold_is_refused(site: Site) -> None:
    place = site.contact("ada", ADA)
    with pytest.raises((RefusedEditError, ValueError)):
        changing(bench_of(site), "ada", {"title": "\ud800"})
    assert place.read_text(encoding="utf-8") == ADA


# --- merges ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(site: Site) -> Site:
    """Ada, with a picture, and Bob, who is to join her, with another."""
    site.settings('rules = {"avatar/alike" = "off", "avatar/small" = "off"}')
    site.contact("ada", "title: Countess\nemail: ada@example.org\n", name="Ada Lovelace")
    site.contact("bob", "# Bob\ntitle: Baker\ncompany: Acme\nemail: bob@example.org\ntags: [a]\n", name="Bob")
    site.write("avatars/ada.png", saved(quarters(64, 64), "PNG"))
    site.write("avatars/bob.png", saved(quarters(96, 96), "PNG"))
    return site


def rows(told: Any) -> dict[str, list[list[str]]]:
    return {row["field"]: [row["own"], row["joining"], row["result"]] for row in told["fields"]}


def test_a_merge_is_foreseen_field_by_field_and_nothing_is_written(pair: Site) -> None:
    before = (pair.root / "contacts/bob.yaml").read_bytes()
    told: Any = merge_preview("bob", Plan("ada"), bench_of(pair))
    assert rows(told)["title"] == [["Countess"], ["Baker"], ["Countess"]]
    assert rows(told)["company"] == [[], ["Acme"], ["Acme"]]
    assert rows(told)["emails"][2] == ["ada@example.org", "bob@example.org"]
    assert told["picture"] == {"own": "avatars/ada.png", "joining": "avatars/bob.png", "result": "avatars/bob.png"}
    assert {one["field"]: one["value"] for one in told["lost"]} == {
        "name": "Bob",
        "title": "Baker",
        "avatar": "avatars/ada.png",
    }
    assert (pair.root / "contacts/bob.yaml").read_bytes() == before


def test_undecided_the_survivor_keeps_what_both_have_and_check_has_nothing_to_say(pair: Site) -> None:
    told = merge_preview("bob", Plan("ada"), bench_of(pair))
    assert (told["take"], told["keep"], told["problems"]) == ([], ["name", "title"], [])


def test_a_decision_turns_a_field_round(pair: Site) -> None:
    told: Any = merge_preview("bob", Plan("ada", ("title",), ("avatar", "name", "company")), bench_of(pair))
    assert rows(told)["title"][2] == ["Baker"]
    assert rows(told)["company"][2] == []
    assert told["picture"]["result"] == "avatars/ada.png"


def test_a_merge_writes_the_directive_alone_and_is_undone_to_the_byte(pair: Site) -> None:
    bench = bench_of(pair)
    place = pair.root / "contacts/bob.yaml"
    before = place.read_text(encoding="utf-8")
    saved_ = merge_into("bob", Plan("ada", (), ("name", "title")), bench)
    assert (saved_.id, saved_.page) == ("ada", "contacts/ada.html")
    directive = "merge_into:\n  contact: ada\n  keep: [name, title]\n"
    assert place.read_text(encoding="utf-8") == before + directive
    assert "Merged from" in pair.page("contacts/ada.html")
    unmerge("bob", bench)
    assert place.read_text(encoding="utf-8") == before
    assert "bob" in pair.index()


def test_undoing_what_was_no_merge_changes_nothing(pair: Site) -> None:
    assert unmerge("ada", bench_of(pair)).files == ()


def test_what_joined_a_record_before_comes_along(pair: Site) -> None:
    pair.contact("cy", "phone: +44 20 7946 0958\nmerge_into: bob\n", name="Cy")
    told: Any = merge_preview("bob", Plan("ada", (), ()), bench_of(pair))
    assert told["along"] == [{"id": "cy", "name": "Cy"}]
    assert rows(told)["phones"][2] == ["+44 20 7946 0958"]


def test_who_survives_is_the_root_of_the_chain(pair: Site) -> None:
    pair.contact("cy", "merge_into: ada\n", name="Cy")
    told: Any = merge_preview("bob", Plan("cy", (), ()), bench_of(pair))
    assert told["into"] == {"id": "ada", "name": "Ada Lovelace"}


@pytest.mark.parametrize(
    ("into", "take", "rule"),
    [
        ("bob", (), "merge/self"),
        ("nobody", (), "merge/unknown-target"),
        ("cy", (), "merge/cycle"),
        ("ada", ("titel",), "merge/unknown-field"),
        ("../ada", (), "merge/unknown-target"),
    ],
    ids=["itself", "nobody", "circle", "field", "path"],
)
def test_a_merge_that_check_refuses_is_told_and_not_written(
    pair: Site, into: str, take: Sequence[str], rule: str
) -> None:
    pair.contact("cy", "merge_into: bob\n", name="Cy")
    before = (pair.root / "contacts/bob.yaml").read_bytes()
    bench = bench_of(pair)
    plan = Plan(into, tuple(take), ())
    told: Any = merge_preview("bob", plan, bench)
    assert rule in [one["rule"] for one in told["problems"]]
    with pytest.raises(RefusedEditError) as caught:
        merge_into("bob", plan, bench)
    assert rule in [one.rule for one in caught.value.problems]
    assert (pair.root / "contacts/bob.yaml").read_bytes() == before


@pytest.mark.parametrize("plan", [Plan(""), Plan("a" * 1001), Plan("ada", ("title",) * 101, ())])
def test_what_can_be_no_merge_is_malformed(pair: Site, plan: Plan) -> None:
    with pytest.raises(MalformedError):
        merge_preview("bob", plan, bench_of(pair))


def test_who_is_unknown_cannot_be_edited_or_merged(pair: Site) -> None:
    bench = bench_of(pair)
    for act in (
        lambda: record_form("nobody", bench),
        lambda: merge_preview("nobody", Plan("ada"), bench),
        lambda: unmerge("../ada", bench),
    ):
        with pytest.raises(UnknownContactError):
            act()


# --- over the wire ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Preview]]:
    site = Site(tmp_path_factory.mktemp("records") / "site")
    site.contact("team/ada", ADA)
    site.contact("bob", name="Bob")
    with serving(site.root) as preview:
        yield site.root, preview


def sent(preview: Preview, path: str, fields: Iterable[tuple[str, str]] = (), **headers: str) -> Answer:
    return preview.post(path, [*fields, ("x", "")], **headers)


def test_a_record_is_read_and_changed_over_the_wire(served: tuple[Path, Preview]) -> None:
    root, preview = served
    form = preview.ask("/_edit/record/team/ada").json
    change = [("version", form["version"]), ("changes", '{"title": "Poet"}')]
    answer = sent(preview, "/_edit/record/team/ada", change)
    assert (answer.status, answer.json) == (
        200,
        {"id": "team/ada", "page": "contacts/team/ada.html", "files": ["contacts/team/ada.yaml"]},
    )
    assert "Poet" in preview.ask("/contacts/team/ada.html").text
    again = sent(preview, "/_edit/record/team/ada", change)
    assert (again.status, again.json["fields"]["title"]) == (409, "Poet")
    refused = sent(preview, "/_edit/record/team/ada", [("version", again.json["version"]), ("changes", '{"name": ""}')])
    assert (refused.status, refused.json["problems"][0]["field"]) == (422, "name")
    assert "Poet" in (root / "contacts/team/ada.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_edit/record/nobody", 404),
        ("GET", "/_edit/record/", 404),
        ("GET", "/_edit/record/..%2f..%2fpyproject", 404),
        ("GET", "/_edit/merge/nobody?into=bob", 404),
        ("GET", "/_edit/merge/bob", 400),
        ("POST", "/_edit/record/bob", 400),
        ("POST", "/_edit/record/nobody", 400),
        ("POST", "/_edit/merge/bob", 400),
        ("POST", "/_edit/unmerge/nobody", 404),
        ("POST", "/_edit/commit", 400),
        ("GET", "/_changes/before/contacts/bob.yaml", 404),
        ("GET", "/_changes/before/..%2f..%2fsecret.png", 404),
    ],
)
def test_what_is_foreign_or_malformed_is_refused(
    served: tuple[Path, Preview], method: str, path: str, status: int
) -> None:
    preview = served[1]
    assert (sent(preview, path) if method == "POST" else preview.ask(path)).status == status


@pytest.mark.parametrize(
    "path", ["/_edit/record/bob", "/_edit/merge/bob", "/_edit/unmerge/bob", "/_edit/commit"], ids=str
)
def test_without_the_token_nothing_is_changed(served: tuple[Path, Preview], path: str) -> None:
    assert sent(served[1], path, [("into", "team/ada")], X_CSRF_Token="wrong").status == 403
    assert "merge_into" not in (served[0] / "contacts/bob.yaml").read_text(encoding="utf-8")


def test_a_link_is_no_record(served: tuple[Path, Preview]) -> None:
    root, preview = served
    (root / "contacts" / "link.yaml").symlink_to(root / "contacts" / "bob.yaml")
    try:
        assert preview.ask("/_edit/record/link").status == 404
    finally:
        (root / "contacts" / "link.yaml").unlink()
