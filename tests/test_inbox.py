"""The tabs of the inbox: what they list, where their pages are, and how few of these a message that is read changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import Site
from tests.links import dead_links
from tests.markup import Element, parsed

NEWEST = datetime(2026, 11, 20, 12, tzinfo=UTC)


def talk(site: Site, number: int, *, read: bool = True, starred: bool = False, text: str = "Hello") -> None:
    """A contact whose one message is as many days old as its number says."""
    at = (NEWEST - timedelta(days=number)).isoformat()
    site.contact(
        f"c{number:03}",
        f"starred: {str(starred).lower()}\nmessages:\n"
        f"  - {{at: {at}, from: contact, text: '{text}', read: {str(read).lower()}}}",
        name=f"C {number}",
    )


def listed(site: Site, path: str) -> list[str]:
    """The contacts of a page's conversation list."""
    nav = parsed(site.page(path)).one("nav", aria_label="Conversations")
    return [one.attributes["data-contact"] for one in nav.all("li", having="conversation")]


def tabs(site: Site, path: str) -> list[Element]:
    return parsed(site.page(path)).all("a", having="tab")


@pytest.fixture
def forty(site: Site) -> Site:
    """Forty conversations on pages of five; all unread, every fourth starred."""
    site.settings("conversations_per_page = 5")
    for number in range(40):
        talk(site, number, read=False, starred=number % 4 == 0)
    assert site.build().published
    return site


@pytest.mark.parametrize(("tab", "count"), [("unread", 40), ("starred", 10)])
def test_the_pages_of_a_tab_list_all_it_has(forty: Site, tab: str, count: int) -> None:
    pages = [path for path in forty.tree() if path.startswith(f"pages/{tab}")]
    assert len(set().union(*(listed(forty, path) for path in pages))) == count
    assert listed(forty, f"pages/{tab}.html")[0] == "c000"
    assert all(len(listed(forty, path)) <= 5 for path in pages)
    assert dead_links(forty.output) == []


@pytest.mark.parametrize("path", ["inbox.html", "pages/unread.html", "pages/starred.html"])
def test_the_first_page_of_each_tab_tells_how_many_there_are(forty: Site, path: str) -> None:
    assert [tab.text for tab in tabs(forty, path)] == ["All 40", "Unread 40", "Starred 10"]
    (current,) = [tab.text for tab in tabs(forty, path) if "aria-current" in tab.attributes]
    assert current.split()[0].lower() == {"inbox.html": "all"}.get(path, path[6:-5])


def test_a_message_that_is_read_changes_few_pages(forty: Site) -> None:
    before = forty.tree()
    talk(forty, 30, read=True, starred=False)
    assert forty.build().published
    after = forty.tree()
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    pages = {path for path in changed if path.startswith("pages/") or path == "inbox.html"}
    # The counts of three tabs, the page that lists it among all, and the pages of the unread around the one it left.
    assert {"inbox.html", "pages/unread.html", "pages/starred.html"} <= pages
    assert len(pages) <= 3 + 1 + 2 * 3
    assert len([path for path in changed if path.startswith("inbox/")]) <= 5


@pytest.mark.parametrize(
    ("path", "words"),
    [("pages/unread.html", "Nothing is unread"), ("pages/starred.html", "Nothing is starred")],
)
def test_a_tab_without_conversations_says_so_in_its_own_words(site: Site, path: str, words: str) -> None:
    talk(site, 1)
    assert site.build().published
    assert listed(site, path) == []
    assert words in parsed(site.page(path)).one("main").text


def test_a_text_of_many_short_lines_is_folded_too(site: Site) -> None:
    talk(site, 1, text="a\n\n" * 20)
    talk(site, 2, text="a\n\n" * 3)
    assert site.build().published
    folds = [len(parsed(site.page(f"inbox/c00{number}.html")).all("details", having="fold")) for number in (1, 2)]
    assert folds == [1, 0]


def test_an_address_in_a_message_is_a_link_that_says_where_it_leads(site: Site) -> None:
    talk(site, 1, text='See https://example.org/?a=1&b="<x> or write to ada@example.org'.replace('"', ""))
    assert site.build().published
    links = parsed(site.page("inbox/c001.html")).one("p", having="lines").all("a")
    assert [(link.text, link.attributes["href"]) for link in links] == [
        ("https://example.org/?a=1&b=", "https://example.org/?a=1&b="),
        ("ada@example.org", "mailto:ada@example.org"),
    ]
    assert {link.attributes["rel"] for link in links} == {"noopener noreferrer nofollow"}
