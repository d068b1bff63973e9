"""The pieces of work in which pages are rendered: what goes to the workers, and what they make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from contactsheet import views
from contactsheet.paging import list_paging, list_path
from contactsheet.plan import (
    AddJob,
    CardJob,
    Common,
    InboxJob,
    Known,
    ListJob,
    MovedJob,
    Plan,
    Planned,
    RecordJob,
    ThreadJob,
    goes_on,
)
from contactsheet.render import TemplateFault, render
from contactsheet.summaries import Packet

if TYPE_CHECKING:
    from contactsheet.former import Past

_PAGES_AT_ONCE = 100

Rendered = list[tuple[str, bytes]]
Record = Callable[[Known], bytes]
"""Gives a contact's pickled SourceRecord."""


@dataclass(frozen=True)
class Material:
    """A contact on its way to where its pages are rendered; ``facts`` are those of its picture's file."""

    packet: Packet
    face: views.Face
    facts: str


@dataclass(frozen=True)
class ListWork:
    """A page of the contact list, with the letter under which each of the contacts stands.

    ``goes_on`` is the letter that began on the page before, ``jumps`` are the letters of the whole list.
    """

    contacts: tuple[Material, ...]
    letters: tuple[str, ...]
    job: ListJob
    total: int
    goes_on: str
    jumps: tuple[views.Letter, ...]


@dataclass(frozen=True)
class RecordWork:
    """A record page, with the contacts before and after it in the list and the history of its picture."""

    contact: Material
    around: tuple[views.Face | None, views.Face | None]
    past: tuple[Past, ...]


@dataclass(frozen=True)
class CardWork:
    """A vCard."""

    contact: Material


@dataclass(frozen=True)
class AddWork:
    """The page that says how a contact is added."""


@dataclass(frozen=True)
class InboxWork:
    """A page of the inbox, if it is ``wanted`` itself, and those of the threads beside it (positions on it) that are.

    ``counts`` are the conversations of each tab, on a tab's first page.
    """

    tab: str
    path: str
    contacts: tuple[Material, ...]
    wanted: bool
    threads: tuple[int, ...]
    counts: Mapping[str, int] | None
    newer: str
    older: str


@dataclass(frozen=True)
class MovedWork:
    """A page at the address of a record that was merged away."""

    path: str
    view: views.MovedPage


Work = ListWork | RecordWork | CardWork | InboxWork | MovedWork | AddWork


Batch = tuple[Work, ...]
"""Pages that are rendered in one piece of work."""


# --- here ------------------------------------------------------------------------------------------------------------


def batches(plan: Plan, wanted: Sequence[Planned], record: Record) -> Iterator[Batch]:
    """The work that makes the ``wanted`` pages of a plan."""
    for job, pages in groupby(wanted, key=lambda page: type(page.job)):
        if job not in (InboxJob, ThreadJob):
            yield from _batched(_work(plan, pages, record), 1 if job is ListJob else _PAGES_AT_ONCE)
    yield from _batched(_inbox_work(plan, wanted, record), 1)


def _batched(work: Iterable[Work], size: int) -> Iterator[Batch]:
    waiting: list[Work] = []
    for one in work:
        waiting.append(one)
        if len(waiting) == size:
            yield tuple(waiting)
            waiting = []
    if waiting:
        yield tuple(waiting)


def _work(plan: Plan, pages: Iterable[Planned], record: Record) -> Iterator[Work]:
    for page in pages:
        job = page.job
        if isinstance(job, ListJob):
            shown = plan.known[job.first : job.end]
            letters = tuple(one.summary.letter for one in shown)
            yield ListWork(
                contacts=tuple(_material(one, record) for one in shown),
                letters=letters,
                job=job,
                total=len(plan.known),
                goes_on=goes_on(plan.known, job.first),
                jumps=plan.letters,
            )
        elif isinstance(job, RecordJob):
            before, after = (
                plan.known[near].face if 0 <= near < len(plan.known) else None
                for near in (job.position - 1, job.position + 1)
            )
            known = plan.known[job.position]
            yield RecordWork(_material(known, record), (before, after), known.past)
        elif isinstance(job, CardJob):
            yield CardWork(_material(plan.known[job.position], record))
        elif isinstance(job, MovedJob):
            yield MovedWork(page.path, job.view)
        elif isinstance(job, AddJob):
            yield AddWork()


def _inbox_work(plan: Plan, wanted: Iterable[Planned], record: Record) -> Iterator[InboxWork]:
    """Each page of the inbox with the threads that have its list beside them, as far as they are wanted."""
    themselves: set[tuple[str, int]] = set()
    threads: dict[tuple[str, int], list[int]] = {}
    for page in wanted:
        if isinstance(page.job, InboxJob):
            themselves.add((page.job.tab, page.job.index))
        elif isinstance(page.job, ThreadJob):
            threads.setdefault(("all", page.job.index), []).append(page.job.position)
    counts = {name: len(tab.talking) for name, tab in plan.tabs.items()}
    for name, index in sorted({*themselves, *threads}):
        tab = plan.tabs[name]
        shown = tab.pages[index]
        yield InboxWork(
            tab=name,
            path=shown.path,
            contacts=tuple(_material(one, record) for one in tab.talking[shown.first : shown.end]),
            wanted=(name, index) in themselves,
            threads=tuple(position - shown.first for position in threads.get((name, index), ())),
            counts=None if index else counts,
            newer=tab.pages[index - 1].path if index else "",
            older=tab.pages[index + 1].path if index + 1 < len(tab.pages) else "",
        )


def _material(known: Known, record: Record) -> Material:
    packet = Packet(record(known), known.picture, known.merges)
    return Material(packet, known.face, known.thumb.facts if known.thumb else "")


# --- in the worker ---------------------------------------------------------------------------------------------------


def render_batch(common: Common, batch: Batch) -> Rendered | TemplateFault:
    """The pages of a batch with their addresses, or why one of them could not be made."""
    rendered = []
    for work in batch:
        if isinstance(work, CardWork):
            rendered.append(_card(work))
            continue
        for path, template, view in _views(work, common):
            made = render(common.templates, template, _site(common, path.count("/")), view)
            if isinstance(made, TemplateFault):
                return made
            rendered.append((path, made))
    return rendered


def _card(work: CardWork) -> tuple[str, bytes]:
    from contactsheet import vcard

    contact = work.contact.packet.contact()
    return views.card_path(contact.id), vcard.card(contact)


def died_rendering(batch: Batch) -> TemplateFault:
    """The verdict on pages whose rendering killed its process, twice."""
    return TemplateFault("base.html", None, f"the process that rendered {len(batch)} pages was ended")


@lru_cache(maxsize=16)
def _site(common: Common, depth: int) -> views.Site:
    """What the pages that are so many folders deep share."""
    from contactsheet import present

    return views.Site(
        title=common.settings.title,
        root="../" * depth,
        assets=common.assets,
        logo=common.logo,
        search_engines=common.settings.search_engines,
        adding=present.adding(common.settings),
    )


def _views(
    work: ListWork | RecordWork | InboxWork | MovedWork | AddWork, common: Common
) -> Iterator[tuple[str, str, object]]:
    """The pages of a piece of work: address, template, what it shows."""
    from contactsheet import present

    if isinstance(work, MovedWork):
        yield work.path, "moved.html", work.view
    elif isinstance(work, AddWork):
        yield "add.html", "add.html", present.add_page(common.settings)
    elif isinstance(work, RecordWork):
        one = work.contact
        contact = one.packet.contact()
        view = present.record_page(contact, one.face, one.facts, work.around, common.settings, work.past)
        yield one.face.page, "record.html", view
    elif isinstance(work, ListWork):
        yield _list_view(work, common)
    else:
        yield from _inbox_views(work, common)


def _list_view(work: ListWork, common: Common) -> tuple[str, str, views.ListPage]:
    from contactsheet import listing, present

    rows = [present.row(one.packet.contact(), one.face, common.settings) for one in work.contacts]
    groups: list[views.Group] = []
    for letter, same in groupby(zip(work.letters, rows, strict=True), key=lambda pair: pair[0]):
        anchor = "" if letter == work.goes_on and not groups else listing.anchor(letter)
        groups.append(views.Group(letter, anchor, tuple(row for _, row in same)))
    job = work.job
    view = views.ListPage(
        columns=listing.columns(common.settings),
        letters=work.jumps,
        groups=tuple(groups),
        total=work.total,
        first=job.first + 1,
        last=job.end,
        paging=list_paging(job.number, job.count),
    )
    return list_path(job.number), "list.html", view


def _inbox_views(work: InboxWork, common: Common) -> Iterator[tuple[str, str, object]]:
    from contactsheet import present

    contacts = [one.packet.contact() for one in work.contacts]
    talks = [
        present.conversation(contact, one.face, common.settings)
        for contact, one in zip(contacts, work.contacts, strict=True)
    ]
    beside = present.inbox_page(work.tab, work.path, talks, newer=work.newer, older=work.older)
    if work.wanted:
        yield work.path, "inbox.html", replace(beside, tabs=present.tabs(work.tab, work.counts))
    for position in work.threads:
        contact, face = contacts[position], work.contacts[position].face
        thread = views.ThreadPage(
            inbox=beside,
            current=talks[position],
            days=present.days(contact, common.settings),
            panel=present.panel(contact, face),
        )
        yield views.thread_path(contact.id), "thread.html", thread
