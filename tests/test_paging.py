"""How lists are cut into pages: every entry is on one, none is too long, and a change moves as little as it can."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactsheet.paging import InboxPlan, inbox_plan, list_paging, list_path

Conversations = list[tuple[str, str]]


def conversations(count: int, seed: int = 1, days: int = 400) -> Conversations:
    """So many conversations over so many days, newest first."""
    rng = random.Random(seed)
    newest = date(2026, 11, 20)
    found = [
        (f"contact-{rng.randrange(10**9)}", (newest - timedelta(int(rng.random() * days))).isoformat())
        for _ in range(count)
    ]
    return sorted(dict(found).items(), key=lambda one: (one[1], one[0]), reverse=True)


def shown(entries: Conversations, size: int) -> dict[str, Conversations]:
    """What each page of the inbox shows, by its address."""
    plan = inbox_plan(entries, size)
    pages = {page.path: entries[page.first : page.end] for page in (plan.front, *plan.archive)}
    assert len(pages) == 1 + len(plan.archive), "two pages have one address"
    return pages


def homes(plan: InboxPlan) -> list[int]:
    """The positions of all threads, page by page."""
    return [position for page in (plan.front, *plan.archive) for position in plan.threads(page)]


PLANS = st.builds(conversations, st.integers(0, 300), seed=st.integers(0, 10**6), days=st.sampled_from([1, 3, 30, 400]))
SIZES = st.integers(2, 60)


@given(PLANS, SIZES)
@settings(max_examples=60)
def test_every_conversation_is_on_a_page_and_no_page_has_more_than_it_may(entries: Conversations, size: int) -> None:
    pages = shown(entries, size)
    assert {one for page in pages.values() for one in page} == set(entries)
    assert all(len(page) <= size for page in pages.values())
    assert all(page for path, page in pages.items() if path != "inbox.html")


@given(PLANS, SIZES)
@settings(max_examples=60)
def test_the_front_shows_the_newest_and_the_rest_follows_without_a_gap(entries: Conversations, size: int) -> None:
    plan = inbox_plan(entries, size)
    assert entries[plan.front.first : plan.front.end] == entries[:size]
    behind = [page.first for page in plan.archive[1:]]
    assert behind == [page.end for page in plan.archive[:-1]]
    if plan.archive:
        assert plan.archive[0].first <= plan.front.end < plan.archive[0].end
        assert plan.archive[-1].end == len(entries)


@given(PLANS, SIZES)
@settings(max_examples=60)
def test_each_thread_has_one_page_beside_it_and_that_page_shows_it(entries: Conversations, size: int) -> None:
    plan = inbox_plan(entries, size)
    assert homes(plan) == list(range(len(entries)))
    for page in (plan.front, *plan.archive):
        assert all(page.first <= position < page.end for position in plan.threads(page))


@pytest.mark.parametrize("days", [1, 30, 4000], ids=["all on one day", "a month", "ten years"])
@pytest.mark.parametrize("size", [10, 50])
def test_a_new_message_in_any_of_2000_conversations_changes_a_handful_of_pages(days: int, size: int) -> None:
    """Measured over 400 moves each: 2 pages in the mean and at most 7, one that is cut anew counts for several."""
    entries = conversations(2000, days=days)
    before = shown(entries, size)
    rng = random.Random(days + size)
    for position in rng.sample(range(len(entries)), 20):
        moved = (entries[position][0], "2026-11-21")
        after = shown([moved, *entries[:position], *entries[position + 1 :]], size)
        changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
        assert len(changed - {"inbox.html"}) <= 8


@pytest.mark.parametrize("days", [1, 30, 4000], ids=["all on one day", "a month", "ten years"])
def test_a_new_message_renumbers_no_page_that_keeps_its_conversations(days: int) -> None:
    entries = conversations(2000, days=days)
    before = {tuple(page): path for path, page in shown(entries, 50).items()}
    rng = random.Random(days)
    for position in rng.sample(range(len(entries)), 20):
        moved = (entries[position][0], "2026-11-21")
        after = {
            tuple(page): path
            for path, page in shown([moved, *entries[:position], *entries[position + 1 :]], 50).items()
        }
        kept = before.keys() & after.keys()
        assert len(kept) > 50
        assert all(after[page] == before[page] for page in kept)


def test_a_year_of_new_messages_leaves_the_old_pages_as_they_were() -> None:
    entries = conversations(1000)
    before = shown(entries, 50)
    new = [(f"new-{number}", "2026-11-21") for number in range(500)]
    after = shown([*reversed(new), *entries], 50)
    kept = sum(1 for path, page in before.items() if after.get(path) == page)
    assert kept >= len(before) - 4


def test_pages_are_not_much_shorter_than_they_may_be() -> None:
    pages = shown(conversations(2000), 50)
    assert sum(map(len, pages.values())) / len(pages) > 25


def test_pages_have_the_day_of_their_oldest_conversation_in_their_address() -> None:
    for path, page in shown(conversations(300), 50).items():
        if path != "inbox.html":
            assert path.startswith(f"pages/inbox-{page[-1][1].replace('-', '')}")


# --- the contact list ------------------------------------------------------------------------------------------------


def test_the_first_page_of_the_list_is_the_sites_own() -> None:
    assert [list_path(number) for number in (1, 2, 11)] == [
        "index.html",
        "pages/contacts-2.html",
        "pages/contacts-11.html",
    ]


def test_a_list_of_one_page_has_no_way_to_others() -> None:
    paging = list_paging(1, 1)
    assert (paging.previous, paging.next, paging.links) == ("", "", ())


@pytest.mark.parametrize(
    ("number", "count", "labels"),
    [
        (1, 2, ["1", "2"]),
        (1, 20, ["1", "2", "3", "20"]),
        (4, 20, ["1", "2", "3", "4", "5", "6", "20"]),
        (10, 20, ["1", "8", "9", "10", "11", "12", "20"]),
        (20, 20, ["1", "18", "19", "20"]),
    ],
)
def test_a_page_names_the_first_the_last_and_those_around_it(number: int, count: int, labels: list[str]) -> None:
    paging = list_paging(number, count)
    assert [link.label for link in paging.links if link.href] == labels
    assert [link.label for link in paging.links if link.current] == [str(number)]
    assert all(link.href == list_path(int(link.label)) for link in paging.links if link.href)


@pytest.mark.parametrize("number", [4, 10, 17])
def test_pages_that_are_left_out_are_marked_between_the_numbers(number: int) -> None:
    links = list_paging(number, 20).links
    for before, after in pairwise(links):
        if before.href and after.href:
            assert int(after.label) - int(before.label) == 1
    assert not any(link.current for link in links if not link.href)


def test_one_gets_from_page_to_page_in_both_directions() -> None:
    assert (list_paging(1, 3).previous, list_paging(1, 3).next) == ("", "pages/contacts-2.html")
    assert (list_paging(2, 3).previous, list_paging(2, 3).next) == ("index.html", "pages/contacts-3.html")
    assert (list_paging(3, 3).previous, list_paging(3, 3).next) == ("pages/contacts-2.html", "")
