"""How long lists are cut into pages, so that a change moves as few pages as it can."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from contactsheet.views import PageLink, Paging

_NEIGHBOURS = 2  # pages named on each side of the current one


@dataclass(frozen=True, slots=True)
class Slice:
    """A page of the inbox: its address, and its conversations as positions in the list, newest first."""

    path: str
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class InboxPlan:
    """The inbox's pages, newest first; ``front`` shows the newest and may overlap the first of ``archive``."""

    front: Slice
    archive: tuple[Slice, ...]

    def home(self, position: int) -> Slice:
        """The page whose list stands beside the thread at that position."""
        if position < self.front.end:
            return self.front
        return next(page for page in self.archive if page.first <= position < page.end)


def list_path(number: int) -> str:
    """The address of the contact list's page, counted from 1."""
    return "index.html" if number == 1 else f"pages/contacts-{number}.html"


def list_paging(number: int, count: int) -> Paging:
    """The way from page ``number`` of ``count`` to the others: the first, the last and those around it."""
    if count == 1:
        return Paging("", "", ())
    near = range(number - _NEIGHBOURS, number + _NEIGHBOURS + 1)
    shown = sorted({1, count, *(n for n in near if 1 <= n <= count)})
    return Paging(
        previous=list_path(number - 1) if number > 1 else "",
        next=list_path(number + 1) if number < count else "",
        links=tuple(PageLink(str(n), list_path(n), current=n == number) for n in shown),
    )


def inbox_plan(conversations: Sequence[tuple[str, str]], size: int) -> InboxPlan:
    """Cuts the conversations, (ID, day of the last message as YYYY-MM-DD) newest first, into pages of at most ``size``.

    inbox.html shows the newest. Behind it the pages are cut from the oldest on, and the cuts follow from the IDs: a
    page ends when it is full, or when it is half full and the next ID says so (content-defined chunking, as gzip's
    --rsyncable does for files). A conversation that moves up thus changes the page that it leaves and the newest one, while the
    others keep their conversations. They keep their numbers too, for a page is numbered by the day of its oldest
    conversation: inbox-20261120, and inbox-2026112002 for the second page of that day.
    """
    total = len(conversations)
    archive: list[Slice] = []
    numbers: dict[str, int] = {}
    end = total
    while end > size or (archive and end > 0):
        first = _start(conversations, end, size)
        day = conversations[end - 1][1].replace("-", "")
        numbers[day] = numbers.get(day, 0) + 1
        suffix = f"{numbers[day]:02}" if numbers[day] > 1 else ""
        archive.append(Slice(f"pages/inbox-{day}{suffix}.html", first, end))
        end = first
    # A page that the front shows whole is not needed.
    beyond = tuple(page for page in reversed(archive) if page.end > size)
    return InboxPlan(Slice("inbox.html", 0, min(size, total)), beyond)


def _start(conversations: Sequence[tuple[str, str]], end: int, size: int) -> int:
    """Where the page begins that ends before the position ``end``."""
    for first in range(end - 1, 0, -1):
        length = end - first
        if length == size or (length >= size // 2 and _is_cut(conversations[first - 1][0], size)):
            return first
    return 0


def _is_cut(contact_id: str, size: int) -> bool:
    return hashlib.sha256(contact_id.encode()).digest()[0] % max(1, size // 4) == 0
