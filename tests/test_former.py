"""A picture's history on the record page, from real git to the published page."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from contactsheet import pipeline
from contactsheet.commands.endings import memo_of
from contactsheet.outcome import Outcome
from contactsheet.settings import load
from contactsheet.workers import Workers
from tests.pictures import quarters, saved
from tests.repository import Repository

FIRST = saved(quarters(), "PNG")
SECOND = saved(quarters().rotate(90), "PNG")
THIRD = saved(quarters().rotate(180), "PNG")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with one contact, whose picture was replaced once."""
    repository = Repository(tmp_path / "site")
    repository.contact("ada", name="Ada")
    repository.write("avatars/ada.png", FIRST)
    repository.commit("Ann")
    repository.write("avatars/ada.png", SECOND)
    repository.commit("Ben")
    return repository


def build(repository: Repository) -> Outcome:
    """A build that remembers."""
    with closing(memo_of(repository.root)) as memo, Workers(0) as workers:
        return pipeline.build(repository.root, repository.output, load(repository.root), workers, memo=memo)


def section(repository: Repository) -> str:
    """What the record page says of the picture's history; empty where it says nothing."""
    found = re.findall(r'<section class="past".*?</section>', repository.page("contacts/ada.html"), re.DOTALL)
    return found[0] if found else ""


def told(repository: Repository) -> list[tuple[str, bool]]:
    """Who made each change, and whether the picture that it brought is shown."""
    items = re.findall(r"<li>(.*?)</li>", section(repository), re.DOTALL)
    return [(re.findall(r"<bdi[^>]*>(.*?)</bdi>", item)[0], "<img" in item) for item in items]


def test_the_record_tells_each_change_and_shows_the_earlier_pictures(repository: Repository) -> None:
    repository.build()
    assert told(repository) == [("Ben", False), ("Ann", True)]
    assert '<time datetime="2023-11-14">14 Nov 2023</time>' in section(repository)
    assert repository.git("rev-parse", "--short=8", "HEAD").strip() in section(repository)


def test_an_earlier_picture_is_the_thumbnail_that_the_site_had_then(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "HEAD~1")
    repository.build()
    (then,) = (path.name for path in (repository.output / "avatars").glob("ada-96.*"))
    repository.git("checkout", "--quiet", "main")
    repository.build()
    assert f'src="../avatars/{then}"' in section(repository)
    assert (repository.output / "avatars" / then).is_file()


def test_a_picture_that_is_not_committed_yet_is_no_entry_and_the_committed_one_is_earlier(
    repository: Repository,
) -> None:
    repository.write("avatars/ada.png", THIRD)
    repository.build()
    assert told(repository) == [("Ben", True), ("Ann", True)]


def test_an_earlier_picture_that_is_refused_is_left_out(repository: Repository) -> None:
    repository.write("avatars/ada.png", b"GIF89a")
    repository.commit("Cleo")
    repository.write("avatars/ada.png", SECOND)
    repository.commit("Dora")
    outcome = repository.build()
    assert outcome.problems == ()
    assert [author for author, _ in told(repository)] == ["Dora", "Ben", "Ann"]


def test_a_setting_leaves_it_out(repository: Repository) -> None:
    repository.settings("picture_history = false")
    repository.build()
    assert section(repository) == ""
    assert len(list((repository.output / "avatars").glob("ada-96.*"))) == 1


def test_git_makes_no_other_difference_to_a_site(repository: Repository) -> None:
    repository.settings("picture_history = false")
    repository.build()
    with_git = repository.tree()
    (repository.root / ".git").rename(repository.root / "elsewhere")
    repository.build()
    differing = {path for path, digest in repository.tree().items() if with_git[path] != digest}
    assert differing == {"vcards/ada.vcf", "contacts.vcf"}, "which tell when they were committed"


def test_a_commit_leads_to_its_page_on_the_host(repository: Repository) -> None:
    repository.settings('repository = "https://github.com/acme/people"')
    repository.build()
    commit = repository.git("rev-parse", "HEAD").strip()
    assert f'href="https://github.com/acme/people/commit/{commit}"' in section(repository)


def test_a_hostile_author_is_text(repository: Repository) -> None:
    repository.write("avatars/ada.png", THIRD)
    repository.commit("{{7*7}} & \u202e`x`")
    repository.build()
    assert told(repository)[0][0] == "{{7*7}} &amp; \u202e`x`"


def test_what_was_made_is_not_made_again_and_a_commit_makes_its_contact_s_page_anew(repository: Repository) -> None:
    repository.contact("bob", name="Bob")
    repository.write("avatars/ada.png", THIRD)
    first = build(repository)
    assert first.published
    again = build(repository)
    assert again.published
    assert (again.published.written, again.work.pictures) == (0, 0)
    repository.commit("Cleo")
    after = build(repository)
    assert after.published
    # The record, and the cards of both and of all, which tell when they were committed.
    assert (after.published.written, after.work.pages, after.work.pictures) == (4, 4, 0)
    assert told(repository)[0] == ("Cleo", False)
    incremental = repository.tree()
    repository.build()
    assert repository.tree() == incremental
