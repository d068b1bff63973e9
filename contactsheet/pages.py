"""The pieces of work in which pages are rendered: what goes to the workers, and what they make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from contactsheet import views
from contactsheet.disk import Looks, put
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
    from contactsheet.merge import Contact

_PAGES_AT_ONCE = 100
_MATERIALS_HELD = 500  # more than a page of the list shows, mostly


class Page(NamedTuple):
    """A file of the site: its path and its bytes; and how it looks in the room, where that is where it was put."""

    path: str
    data: bytes
    there: Looks | None = None


Rendered = list[Page]
RecordOf = Callable[[Known], bytes]
"""Gives a contact's pickled SourceRecord."""
PhotoOf = Callable[[Known], bytes]
"""Gives the picture for a contact's vCard (JPEG), or nothing."""
ContactIn = Callable[[Packet], "Contact"]
"""Gives the contact in a packet, which is opened once for all its pages in a batch."""


class Material(NamedTuple):
    """A contact on its way to where its pages are rendered; ``facts`` are those of its picture's file."""

    packet: Packet
    face: views.Face
    facts: str


class ListWork(NamedTuple):
    """A page of the contact list, with the letter under which each of the contacts stands.

    ``goes_on`` is the letter that began on the page before, ``jumps`` are the letters of the whole list.
    """

    contacts: tuple[Material, ...]
    letters: tuple[str, ...]
    job: ListJob
    total: int
    goes_on: str
    jumps: tuple[views.Letter, ...]


class RecordWork(NamedTuple):
    """A record page, with the contacts before and after it in the list and the history of its picture."""

    around: tuple[views.Face | None, views.Face | None]
    past: tuple[Past, ...]


class CardWork(NamedTuple):
    """A vCard: its picture (JPEG, or nothing), and when it was last committed (seconds since 1970), if ever."""

    photo: bytes
    revised: int | None


class OwnWork(NamedTuple):
    """What shows one contact alone, as far as it is wanted."""

    contact: Material
    page: RecordWork | None
    card: CardWork | None


class AddWork(NamedTuple):
    """The page that says how a contact is added."""


class InboxWork(NamedTuple):
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


class MovedWork(NamedTuple):
    """A page at the address of a record that was merged away."""

    path: str
    view: views.MovedPage


Work = ListWork | OwnWork | InboxWork | MovedWork | AddWork


Batch = tuple[Work, ...]
"""Pages that are rendered in one piece of work."""


# --- here ------------------------------------------------------------------------------------------------------------


def load() -> None:
    """Imports what ``render_batch`` needs."""
    from contactsheet import present, render, sandbox, vcard  # noqa: F401  # imported to be there


def batches(plan: Plan, wanted: Sequence[Planned], record: RecordOf, photo: PhotoOf) -> Iterator[Batch]:
    """The work that makes the ``wanted`` pages of a plan, but the file of all vCards, which is made of them."""
    yield from _cut(_listed_work(plan, wanted, record, photo))
    yield from _cut(_inbox_work(plan, wanted, record))
    yield from _cut(_other_work(wanted))


def _cut(work: Iterable[Work]) -> Iterator[Batch]:
    """Batches of about so many pages; a page of the list begins one, so that its contacts' own pages are in it too."""
    waiting: list[Work] = []
    for one in work:
        is_full = len(waiting) >= (_PAGES_AT_ONCE // 2 if isinstance(one, ListWork) else _PAGES_AT_ONCE)
        if waiting and (is_full or isinstance(one, InboxWork)):
            yield tuple(waiting)
            waiting = []
        waiting.append(one)
    if waiting:
        yield tuple(waiting)


def _listed_work(
    plan: Plan, wanted: Iterable[Planned], record: RecordOf, photo: PhotoOf
) -> Iterator[ListWork | OwnWork]:
    """The pages of the list, each before the own pages of the contacts on it, so that a contact is at hand for both."""
    lists: dict[int, ListJob] = {}
    pages: set[int] = set()
    cards: set[int] = set()
    for job in (page.job for page in wanted):
        if isinstance(job, ListJob):
            lists[job.first] = job
        elif isinstance(job, RecordJob):
            pages.add(job.position)
        elif isinstance(job, CardJob):
            cards.add(job.position)

    @lru_cache(maxsize=_MATERIALS_HELD)  # so that it travels once to all pages of a batch that show it
    def face(position: int) -> views.Face | None:
        return plan.known[position].face if 0 <= position < len(plan.known) else None

    @lru_cache(maxsize=_MATERIALS_HELD)
    def material(position: int) -> Material:
        return _material(plan.known[position], record, face(position))

    card = lru_cache(maxsize=1)(CardWork)  # without pictures, all are the same and travel once
    for position in sorted({*lists, *pages, *cards}):
        if position in lists:
            yield _list_work(plan, lists[position], material)
        if position in pages or position in cards:
            one = plan.known[position]
            yield OwnWork(
                contact=material(position),
                page=RecordWork((face(position - 1), face(position + 1)), one.past) if position in pages else None,
                card=card(photo(one), one.revised) if position in cards else None,
            )


def _list_work(plan: Plan, job: ListJob, material: Callable[[int], Material]) -> ListWork:
    shown = plan.known[job.first : job.end]
    return ListWork(
        contacts=tuple(map(material, range(job.first, job.end))),
        letters=tuple(one.summary.letter for one in shown),
        job=job,
        total=len(plan.known),
        goes_on=goes_on(plan.known, job.first),
        jumps=plan.letters,
    )


def _other_work(wanted: Iterable[Planned]) -> Iterator[MovedWork | AddWork]:
    for page in wanted:
        if isinstance(page.job, MovedJob):
            yield MovedWork(page.path, page.job.view)
        elif isinstance(page.job, AddJob):
            yield AddWork()


def _inbox_work(plan: Plan, wanted: Iterable[Planned], record: RecordOf) -> Iterator[InboxWork]:
    """Each page of the inbox with the threads that have its list beside them, as far as they are wanted."""
    themselves: set[tuple[str, int]] = set()
    threads: dict[tuple[str, int], list[int]] = {}
    for page in wanted:
        if isinstance(page.job, InboxJob):
            themselves.add((page.job.tab, page.job.page))
        elif isinstance(page.job, ThreadJob):
            threads.setdefault(("all", page.job.page), []).append(page.job.position)
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


def _material(known: Known, record: RecordOf, face: views.Face | None = None) -> Material:
    packet = Packet(record(known), known.picture, known.merges)
    return Material(packet, face or known.face, known.thumb.facts if known.thumb else "")


# --- in the worker ---------------------------------------------------------------------------------------------------


def render_batch(room: str, common: Common, batch: Batch) -> Rendered | TemplateFault | OSError:
    """The pages of a batch, or why one of them could not be made. With a ``room`` they are put there, not given back;
    then the cards are both, since all of them make another file.
    """
    rendered = _rendered(common, batch)
    if not room or isinstance(rendered, TemplateFault):
        return rendered
    try:
        there = [(page.path, put(f"{room}/{page.path}", page.data)) for page in rendered]
    except OSError as error:  # which is not a fault of the program, and is told where the site is published
        return error
    cards = {page.path: page.data for page in rendered if page.path.endswith(views.CARD_SUFFIX)}
    return [Page(path, cards.get(path, b""), looks) for path, looks in there]


def _rendered(common: Common, batch: Batch) -> Rendered | TemplateFault:
    from contactsheet import vcard

    opened = cache(Packet.contact)
    # Each step is taken for all of them: a processor holds the code of one step at a time, and waits for that of all.
    shown = [view for work in batch for view in _views(work, common, opened)]
    rendered = []
    for path, template, view in shown:
        made = render(common.templates, template, _site(common, path.count("/")), view)
        if isinstance(made, TemplateFault):
            return made
        rendered.append(Page(path, made))
    for work in batch:
        if isinstance(work, OwnWork) and work.card:
            contact = opened(work.contact.packet)
            card = vcard.card(contact, work.card.photo, work.card.revised)
            rendered.append(Page(views.card_path(contact.id), card))
    return rendered


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


def _views(work: Work, common: Common, opened: ContactIn) -> Iterator[tuple[str, str, object]]:
    """The pages of a piece of work: address, template, what it shows."""
    from contactsheet import present

    if isinstance(work, OwnWork):
        if work.page:
            one = work.contact
            contact = opened(one.packet)
            view = present.record_page(contact, one.face, one.facts, work.page.around, common.settings, work.page.past)
            yield one.face.page, "record.html", view
    elif isinstance(work, ListWork):
        yield _list_view(work, common, opened)
    elif isinstance(work, InboxWork):
        yield from _inbox_views(work, common, opened)
    elif isinstance(work, MovedWork):
        yield work.path, "moved.html", work.view
    else:
        yield "add.html", "add.html", present.add_page(common.settings)


def _list_view(work: ListWork, common: Common, opened: ContactIn) -> tuple[str, str, views.ListPage]:
    from contactsheet import listing, present

    rows = [present.row(opened(one.packet), one.face, common.settings) for one in work.contacts]
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
        paging=list_paging(job.number, job.pages),
    )
    return list_path(job.number), "list.html", view


def _inbox_views(work: InboxWork, common: Common, opened: ContactIn) -> Iterator[tuple[str, str, object]]:
    from contactsheet import present

    contacts = [opened(one.packet) for one in work.contacts]
    talks = [
        present.conversation(contact, one.face, common.settings)
        for contact, one in zip(contacts, work.contacts, strict=True)
    ]
    beside = present.inbox_page(work.tab, work.path, talks, newer=work.newer, older=work.older)
    if work.wanted:
        yield work.path, "inbox.html", beside._replace(tabs=present.tabs(work.tab, work.counts))
    for position in work.threads:
        contact, face = contacts[position], work.contacts[position].face
        thread = views.ThreadPage(
            inbox=beside,
            current=talks[position],
            days=present.days(contact, common.settings),
            panel=present.panel(contact, face),
        )
        yield views.thread_path(contact.id), "thread.html", thread
