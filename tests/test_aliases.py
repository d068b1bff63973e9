"""An alias is an ID that a contact had: its pages lead to the contact, and nobody else may have it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import Site, rules
from tests.repository import Repository
from tests.test_incremental import Builder

MESSAGE = "messages: [{at: 2026-11-20T09:30:00Z, from: contact, text: Hello}]\n"
HISTORY = """\
aliases:
  - plain
  - id: sales/jane-new
    name: Jane Doe
    thread: false
    picture: true
    lost:
      - field: title
        value: Chief editor
        kept: Editor
      - {field: birthday, value: long ago, from: other}
"""


def test_the_pages_of_an_alias_lead_to_the_contact(site: Site) -> None:
    """Both its record's page and, unless it had none, its conversation's."""
    site.contact("jane", f"{HISTORY}{MESSAGE}", name="Jane")
    assert not site.build().failed(strict=False)
    assert "../contacts/jane.html" in site.page("contacts/plain.html")
    assert "../inbox/jane.html" in site.page("inbox/plain.html")
    assert "../../contacts/jane.html" in site.page("contacts/sales/jane-new.html")
    assert not (site.output / "inbox/sales/jane-new.html").exists()
    assert site.index()["jane"]["merged_from"] == ["plain", "sales/jane-new"]


def test_what_lost_in_a_merge_for_good_is_still_told(site: Site) -> None:
    """On the contact's page and in the report, as for a directive; whatever was typed there."""
    site.contact("jane", HISTORY, name="Jane")
    site.build()
    page = site.page("contacts/jane.html")
    assert page.index("Merged from <bdi>plain") < page.index("Merged from <bdi>Jane Doe")
    assert "Chief editor" in page
    assert "long ago" in page
    assert site.report()["merges"][1] == {
        "target": "jane",
        "source": "sales/jane-new",
        "file": None,
        "picture": None,
        "lost": [
            {"field": "title", "value": "Chief editor", "kept": "Editor", "from": "sales/jane-new"},
            {"field": "birthday", "value": "long ago", "kept": "", "from": "other"},
        ],
    }


def test_a_directive_may_name_an_alias(site: Site) -> None:
    """The record joins the contact that has the ID now."""
    site.contact("jane", "aliases: jane-old\n", name="Jane")
    site.contact("new", "merge_into: jane-old\ntitle: Editor\n", name="Jane")
    assert not site.build().failed(strict=False)
    assert list(site.index()) == ["jane"]
    assert site.index()["jane"]["merged_from"] == ["jane-old", "new"]


def test_the_aliases_of_a_record_move_with_it(site: Site) -> None:
    """What led to a record that is merged away leads to the survivor, also at the end of a chain."""
    site.contact("a", "aliases: [a-old]\nmerge_into: b\n", name="A")
    site.contact("b", "merge_into: c-old\n", name="B")
    site.contact("c", "aliases: [c-old]\n", name="C")
    assert not site.check().failed(strict=False)
    site.build()
    assert site.index()["c"]["merged_from"] == ["c-old", "a-old", "a", "b"]
    assert "../contacts/c.html" in site.page("contacts/a-old.html")


@pytest.mark.parametrize(
    ("aliases", "said"),
    [
        ("aliases: [bob]", "bob has a record"),
        ("aliases: [BOB]", "bob has a record"),
        ("aliases: [ada]", "ada has a record"),
        ("aliases: [x, x]", "an alias twice"),
        ("aliases: [x, X]", "an alias twice"),
        ("aliases: [taken]", "an alias also of aaron"),
        ("aliases: [../x]", "cannot be an alias"),
        ("aliases: [con]", "cannot be an alias"),
        ("aliases: [x.yaml]", "cannot be an alias"),
    ],
)
def test_an_alias_that_leads_elsewhere_is_refused_at_its_line(site: Site, aliases: str, said: str) -> None:
    """It is an ID, of no record, in whatever case, and of one contact."""
    site.contact("aaron", "aliases: [taken]\n", name="Aaron")
    site.contact("bob", name="Bob")
    site.contact("eve", name="Eve")
    site.contact("ada", f"title: CTO\n{aliases}\n", name="Ada")
    outcome = site.check()
    assert outcome.failed(strict=False)
    (found,) = outcome.problems
    assert (found.rule, found.file) == ("contact/alias", "contacts/ada.yaml")
    assert found.line == 3
    assert said in found.message


def test_a_record_that_merges_into_its_own_alias_merges_into_itself(site: Site) -> None:
    """The alias is the record."""
    site.contact("ada", "aliases: [old]\nmerge_into: old\n", name="Ada")
    assert rules(site.check()) == ["merge/self"]


def test_aliases_that_change_are_built_as_by_a_clean_build(site: Site) -> None:
    """They come, change, move to another contact and go, and nothing of before is remembered."""
    build = Builder(site)
    site.contact("ada", MESSAGE, name="Ada")
    site.contact("bob", name="Bob")
    for ada, bob in (
        ("", ""),
        ("aliases: [old]\n", ""),
        ("aliases: [{id: old, name: Old One}]\n", ""),
        ("aliases: [{id: old, name: Old One, lost: [{field: title, value: CTO}]}]\n", ""),
        ("aliases: [old, older]\n", ""),
        ("", "aliases: [old]\n"),
        ("merge_into: old\n", "aliases: [old]\n"),
        ("", ""),
    ):
        site.contact("ada", ada + MESSAGE, name="Ada")
        site.contact("bob", bob, name="Bob")
        assert not build().failed(strict=False)
        kept = site.tree()
        shutil.rmtree(site.output)
        site.build()
        assert kept == site.tree(), (ada, bob)
    build.memo.close()


def test_where_git_knows_the_records_an_alias_has_none_to_look_up(tmp_path: Path) -> None:
    """A card tells when its contact was committed last; the record of an alias is no more."""
    repository = Repository(tmp_path / "site")
    repository.contact("jane", HISTORY, name="Jane")
    repository.commit()
    assert not repository.build().failed(strict=False)
    assert "REV:2023-11-14T22:14:20Z" in (repository.output / "vcards/jane.vcf").read_text(encoding="utf-8")


def test_what_is_merged_for_good_in_git_is_built_after_the_commit(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "site")
    repository.contact("jane", name="Jane")
    repository.contact("jane-2", "title: Boss\nmerge_into: jane\n", name="Jane")
    repository.commit()
    assert repository.command("merge", "--apply").returncode == 0
    assert repository.run().returncode == 0
    repository.commit()
    assert repository.run("--verify").returncode == 0
