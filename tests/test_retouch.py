"""A change of a few contacts' own pages goes a short way, which leads to the same site, or not at all."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from contactsheet import pipeline, records
from contactsheet.commands.endings import memo_of
from contactsheet.settings import load
from contactsheet.standing import Standing
from contactsheet.workers import Workers
from tests.conftest import Site
from tests.pictures import quarters, saved
from tests.test_incremental import clean
from tests.test_standing import build, settle, stands

TALK = "messages: [{at: 2026-11-0%d T09:00:00Z, from: contact, text: Hello}]"


@pytest.fixture
def town(site: Site) -> Site:
    """A built site of five contacts, one with a picture, two who talk, two who are one; nothing changed since."""
    site.contact("ada", TALK.replace("%d ", "1"), name="Ada")
    site.contact("bob", TALK.replace("%d ", "2"), name="Bob")
    site.contact("cyd", name="Cyd")
    site.contact("dan", TALK.replace("%d ", "3"), name="Dan")
    site.contact("eve", "merge_into: dan", name="Eve")
    site.write("avatars/ada.png", saved(quarters(64, 64), "PNG"))
    settle()
    assert build(site).published
    assert stands(site)
    return site


def note(site: Site, contact_id: str, text: str) -> None:
    """Changes what the contact's own pages alone show."""
    path = site.root / "contacts" / f"{contact_id}.yaml"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("notes")]
    path.write_text("\n".join([*lines, f"notes: {text}", ""]), encoding="utf-8")
    settle()


@pytest.fixture
def only_short(town: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on it fails where all records of the town are gone through."""
    assert stands(town)

    def refuse(*_: object) -> None:
        raise AssertionError("all records were gone through")

    monkeypatch.setattr(records, "read", refuse)


@pytest.mark.usefixtures("only_short")
def test_who_saves_and_builds_at_once_goes_the_short_way_too(town: Site) -> None:
    path = town.root / "contacts/ada.yaml"
    text = path.read_text(encoding="utf-8")
    for word in ("one", "two", "six"):
        path.write_text(f"{text}\nnotes: {word}\n", encoding="utf-8")
        build(town)
        assert word in (town.output / "contacts/ada.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("only_short")
def test_notes_cost_their_own_pages_one_process_after_the_other(town: Site) -> None:
    for number, names in enumerate((("ada",), ("bob", "cyd"), ("ada",), ("cyd",))):
        for name in names:
            note(town, name, f"note {number}")
        outcome = build(town)
        assert outcome.published
        assert outcome.work.records == len(names)
        assert outcome.work.pages == outcome.published.written == sum(2 if one == "cyd" else 3 for one in names) + 1
        assert stands(town)
        assert outcome.published.files == len(town.tree()) - 1  # the list of them


def test_the_way_through_all_goes_on_from_there(town: Site, tmp_path: Path) -> None:
    note(town, "ada", "short")
    assert build(town).work.pages == 4
    town.contact("cyd", name="Cydney")
    settle()
    outcome = build(town)
    assert outcome.work.records == 1
    assert outcome.published
    assert outcome.published.written < len(town.tree())
    assert town.tree() == clean(town, tmp_path / "clean")[0]
    note(town, "ada", "short again")
    assert build(town).work.pages == 4
    assert town.tree() == clean(town, tmp_path / "clean again")[0]


@pytest.mark.usefixtures("only_short")
def test_a_record_that_says_the_same_as_before_costs_nothing(town: Site) -> None:
    note(town, "ada", "some")
    build(town)
    before = town.tree()
    path = town.root / "contacts" / "ada.yaml"
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    settle()
    outcome = build(town)
    assert outcome.published
    assert (outcome.work.pages, outcome.published.written) == (0, 0)
    assert town.tree() == before
    assert stands(town)


@pytest.mark.parametrize("change", ["a survivor", "a source", "a name", "a problem", "a claim", "a picture", "a page"])
def test_what_changes_more_goes_the_way_through_all(town: Site, tmp_path: Path, change: str) -> None:
    if change == "a survivor":
        note(town, "dan", "who was joined")
    elif change == "a source":
        note(town, "eve", "who joins")
    elif change == "a name":
        town.contact("cyd", name="Cy")
    elif change == "a problem":
        town.contact("cyd", "websites: ['javascript:x']", name="Cyd")
    elif change == "a claim":
        town.contact("cyd", "avatar: ada.png", name="Cyd")
    elif change == "a picture":
        note(town, "cyd", "and a picture")
        town.write("avatars/bob.png", saved(quarters(64, 64), "PNG"))
    else:
        note(town, "cyd", "and a page that is not as it was")
        (town.output / "index.html").write_text("spoilt", encoding="utf-8")
    settle()
    outcome = build(town)
    expected, clean_outcome = clean(town, tmp_path / "clean")
    assert outcome.problems == clean_outcome.problems
    if clean_outcome.published:
        assert town.tree() == expected


def test_what_another_build_left_meanwhile_is_not_believed(town: Site, tmp_path: Path) -> None:
    note(town, "ada", "one")
    standing = Standing(town.root, town.output, strict=False)
    since = standing.since()
    note(town, "bob", "two")
    build(town)
    with closing(memo_of(town.root)) as memo, Workers(0) as workers:
        assert pipeline.build(town.root, town.output, load(town.root), workers, memo=memo, since=since).published
    assert town.tree() == clean(town, tmp_path / "clean")[0]


def test_what_is_remembered_of_another_build_is_not_believed(town: Site, tmp_path: Path) -> None:
    (town.root / ".contactsheet" / "memo.db").replace(tmp_path / "memo.db")
    note(town, "ada", "forgotten")
    build(town)
    (tmp_path / "memo.db").replace(town.root / ".contactsheet" / "memo.db")  # as it was before that
    note(town, "bob", "after that")
    assert build(town).published
    assert town.tree() == clean(town, tmp_path / "clean")[0]


def test_how_files_looked_is_believed_as_far_as_the_receipt_says_so(town: Site, tmp_path: Path) -> None:
    (kept,) = (town.root / ".contactsheet").glob("*.seen")
    whole = kept.read_bytes()
    assert b"ada.yaml" in whole
    damaged = (b"", whole[:7], whole[:-1], whole[:-8] + bytes(8), whole[:16] + b"\xff" + whole[17:])
    for number, data in enumerate((*damaged, b"\xff" * len(whole), whole.replace(b"ada.yaml", b"adb.yaml"))):
        kept.write_bytes(data)
        note(town, "ada", f"note {number}")
        assert build(town).work.records == 1
        assert town.tree() == clean(town, tmp_path / f"clean-{number}")[0]


def test_after_warnings_that_are_not_let_pass_nothing_is_published(town: Site) -> None:
    note(town, "ada", "strictly")
    before = town.tree()
    outcome = build(town, strict=True)
    assert outcome.failed(strict=True)
    assert not outcome.published
    assert town.tree() == before
