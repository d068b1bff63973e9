"""How long lists are cut into pages, so that a change moves as few pages as it can."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from contactsheet.views import PageLink, Paging

_NEIGHBOURS = 2  # pages named on each side of the current one


class Slice(NamedTuple):
    """A page of the inbox: its address, and its conversations as positions in the list, newest first."""

    path: str
    first: int
    end: int


class InboxPlan(NamedTuple):
    """The inbox's pages, newest first; ``front`` shows the newest and may overlap the first of ``archive``."""

    front: Slice
    archive: tuple[Slice, ...]

    def threads(self, page: Slice) -> range:
        """The positions of the conversations whose threads have the list of ``page`` beside them."""
        return range(page.first if page is self.front else max(page.first, self.front.end), page.end)


def list_path(number: int) -> str:
    """The address of the contact list's page, counted from 1."""
    return "index.html" if number == 1 else f"pages/contacts-{number}.html"


def list_paging(number: int, count: int) -> Paging:
    """The way from page ``number`` of ``count`` to the others: the first, the last and those around it."""
    if count == 1:
        return Paging("", "", ())
    near = range(number - _NEIGHBOURS, number + _NEIGHBOURS + 1)
    shown = sorted({1, count, *(n for n in near if 1 <= n <= count)})
    links: list[PageLink] = []
    for before, n in pairwise((0, *shown)):
        if n - before > 1:
            links.append(PageLink("…", ""))
        links.append(PageLink(str(n), list_path(n), current=n == number))
    return Paging(
        previous=list_path(number - 1) if number > 1 else "",
        next=list_path(number + 1) if number < count else "",
        links=tuple(links),
    )


def inbox_path(tab: str) -> str:
    """The address of the first page of a tab of the inbox: all, unread or starred."""
    return "inbox.html" if tab == "all" else f"pages/{tab}.html"


def inbox_plan(conversations: Sequence[tuple[str, str]], size: int, tab: str = "all") -> InboxPlan:
    """Cuts the conversations, (ID, day of the last message as YYYY-MM-DD) newest first, into pages of at most ``size``.

    The tab's first page shows the newest. Those behind it are cut where the IDs say so (content-defined chunking, as
    gzip's --rsyncable does for files): a conversation that moves up changes the page that it leaves, at most a
    neighbour or two, and the newest. A page that keeps its conversations keeps its number too, for that is made of
    the day and the ID of its oldest conversation.
    """
    total = len(conversations)
    front = Slice(inbox_path(tab), 0, min(size, total))
    if total <= size:
        return InboxPlan(front, ())
    archive: list[Slice] = []
    taken: set[str] = set()
    for first, end in _cut([contact_id for contact_id, _ in conversations], size):
        if end <= size:
            break  # the front shows the rest whole
        path = _inbox_path("inbox" if tab == "all" else tab, *conversations[end - 1], taken)
        taken.add(path)
        archive.append(Slice(path, first, end))
    return InboxPlan(front, tuple(reversed(archive)))


def _cut(ids: Sequence[str], size: int) -> Iterator[tuple[int, int]]:
    """The pages as positions from, to; oldest first.

    A page begins at an ID whose hash is the lowest for a third of a page on both sides, so that whether it does depends
    on these neighbours alone. Where no ID in ``size`` is such, a page ends when it is full.
    """
    hashes = [_hash(contact_id) for contact_id in ids]
    reach = max(1, size // 3)
    lowest = (at for at in range(len(ids) - 1, 0, -1) if hashes[at] == min(hashes[max(0, at - reach) : at + reach + 1]))
    end = len(ids)
    for first in (*lowest, 0):
        while end - first > size:
            yield end - size, end
            end -= size
        yield first, end
        end = first


def _inbox_path(stem: str, contact_id: str, day: str, taken: Collection[str]) -> str:
    """The address of the page whose oldest conversation is that one; none of ``taken``."""
    number = _hash(contact_id)
    while (path := f"pages/{stem}-{day.replace('-', '')}{number % 1_000_000:06}.html") in taken:
        number += 1
    return path


def _hash(contact_id: str) -> int:
    return int.from_bytes(hashlib.sha256(contact_id.encode()).digest()[:8], "big")
