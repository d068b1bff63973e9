"""All pages of the site: which there are, and the pieces of work in which they are rendered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from contactsheet import listing, present, views
from contactsheet.merge import Contact
from contactsheet.names import letter
from contactsheet.paging import inbox_plan, list_paging, list_path
from contactsheet.present import Thumb
from contactsheet.render import TemplateFault, Templates, render
from contactsheet.settings import Settings

_PAGES_AT_ONCE = 100

Rendered = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Common:
    """What all pages of a site share."""

    templates: Templates
    settings: Settings
    assets: Mapping[str, str]
    logo: views.Logo | None = None


@dataclass(frozen=True)
class Known:
    """A contact with what is shown of it elsewhere."""

    contact: Contact
    face: views.Face
    thumb: Thumb | None


@dataclass(frozen=True)
class Page:
    """A page whose view is ready: its address, its template, what it shows."""

    path: str
    template: Literal["list.html", "inbox.html", "moved.html", "add.html"]
    view: views.ListPage | views.InboxPage | views.MovedPage | views.AddPage


@dataclass(frozen=True)
class RecordPage:
    """The record page of a contact, with the contacts before and after it in the list."""

    known: Known
    around: tuple[views.Face | None, views.Face | None]


@dataclass(frozen=True)
class ThreadPage:
    """The thread of a contact; the list beside it is its batch's."""

    known: Known
    current: views.Conversation


@dataclass(frozen=True)
class Batch:
    """Pages that are rendered in one piece of work; ``beside`` is the list beside the threads among them."""

    common: Common
    pages: tuple[Page | RecordPage | ThreadPage, ...]
    beside: views.InboxPage | None = None


def render_batch(batch: Batch) -> Rendered | TemplateFault:
    """The pages of a batch with their addresses, or why one of them could not be made."""
    rendered = []
    for page in batch.pages:
        path, template, view = _view(page, batch)
        made = render(batch.common.templates, template, _site(batch.common, path), view)
        if isinstance(made, TemplateFault):
            return made
        rendered.append((path, made))
    return rendered


def died_rendering(batch: Batch) -> TemplateFault:
    """The verdict on pages whose rendering killed its process, twice."""
    return TemplateFault("base.html", None, f"the process that rendered {len(batch.pages)} pages was ended")


def _view(page: Page | RecordPage | ThreadPage, batch: Batch) -> tuple[str, str, object]:
    if isinstance(page, Page):
        return page.path, page.template, page.view
    known, settings = page.known, batch.common.settings
    if isinstance(page, RecordPage):
        view = present.record_page(known.contact, known.face, known.thumb, page.around, settings)
        return present.record_path(known.contact.id), "record.html", view
    assert batch.beside is not None, "a thread has a list beside it"
    thread = views.ThreadPage(
        inbox=batch.beside,
        current=page.current,
        days=present.days(known.contact, settings),
        panel=present.panel(known.contact, known.face),
    )
    return present.thread_path(known.contact.id), "thread.html", thread


def _site(common: Common, path: str) -> views.Site:
    return views.Site(
        title=common.settings.title,
        root="../" * path.count("/"),
        assets=common.assets,
        logo=common.logo,
        search_engines=common.settings.search_engines,
        adding=present.adding(common.settings),
    )


def plan(known: Sequence[Known], common: Common) -> Iterator[Batch]:
    """The work that makes all pages; ``known`` are the contacts in the order of the list."""
    yield from _list_batches(known, common)
    yield from _record_batches(known, common)
    yield from _inbox_batches(known, common)
    yield Batch(common, (Page("add.html", "add.html", present.add_page(common.settings)),))
    moved = tuple(page for one in known for page in _moved_pages(one))
    for start in range(0, len(moved), _PAGES_AT_ONCE):
        yield Batch(common, moved[start : start + _PAGES_AT_ONCE])


def _list_batches(known: Sequence[Known], common: Common) -> Iterator[Batch]:
    size = common.settings.contacts_per_page
    count = max(1, -(-len(known) // size))
    initials = [letter(one.contact.record) for one in known]
    columns, letters = listing.columns(common.settings), listing.letters(initials, size)
    begun: set[str] = set()
    for number in range(1, count + 1):
        first = (number - 1) * size
        shown = known[first : first + size]
        view = views.ListPage(
            columns=columns,
            letters=letters,
            groups=tuple(_groups(shown, initials[first : first + size], begun, common.settings)),
            total=len(known),
            first=first + 1,
            last=first + len(shown),
            paging=list_paging(number, count),
        )
        yield Batch(common, (Page(list_path(number), "list.html", view),))


def _groups(
    shown: Sequence[Known], initials: Sequence[str], begun: set[str], settings: Settings
) -> Iterator[views.Group]:
    """A page's rows by letter. ``begun`` are the letters that began on a page before; those of this one are added."""
    for initial, same in groupby(zip(shown, initials, strict=True), key=lambda pair: pair[1]):
        anchor = "" if initial in begun else listing.anchor(initial)
        begun.add(initial)
        yield views.Group(initial, anchor, tuple(present.row(one.contact, one.face, settings) for one, _ in same))


def _record_batches(known: Sequence[Known], common: Common) -> Iterator[Batch]:
    faces = (None, *(one.face for one in known), None)
    pages = [RecordPage(one, (faces[index], faces[index + 2])) for index, one in enumerate(known)]
    for start in range(0, len(pages), _PAGES_AT_ONCE):
        yield Batch(common, tuple(pages[start : start + _PAGES_AT_ONCE]))


def _inbox_batches(known: Sequence[Known], common: Common) -> Iterator[Batch]:
    """The inbox's pages, each with the threads that have its list beside them."""
    entries = [
        (one, present.conversation(one.contact, one.face, common.settings))
        for one in known
        if one.contact.record.messages
    ]
    entries.sort(key=lambda entry: (present.last_moment(entry[0].contact), entry[0].contact.id), reverse=True)
    threads = [ThreadPage(one, conversation) for one, conversation in entries]
    shown = {
        "all": threads,
        "unread": [thread for thread in threads if thread.current.unread],
        "starred": [thread for thread in threads if thread.current.starred],
    }
    counts = {tab: len(some) for tab, some in shown.items()}
    for tab, some in shown.items():
        yield from _tab_batches(tab, some, counts, common)


def _tab_batches(tab: str, threads: Sequence[ThreadPage], counts: Mapping[str, int], common: Common) -> Iterator[Batch]:
    """The pages of a tab of the inbox; each of all conversations' with the threads that have its list beside them."""
    slices = inbox_plan(
        [(t.current.face.id, t.current.last.iso) for t in threads], common.settings.conversations_per_page, tab
    )
    pages = (slices.front, *slices.archive)
    for index, page in enumerate(pages):
        view = present.inbox_page(
            tab,
            page.path,
            [thread.current for thread in threads[page.first : page.end]],
            newer=pages[index - 1].path if index else "",
            older=pages[index + 1].path if index + 1 < len(pages) else "",
        )
        # The counts would make every page change with every message, so they stand on the first pages alone.
        shown = view if index else replace(view, tabs=present.tabs(tab, counts))
        yield Batch(common, (Page(page.path, "inbox.html", shown),))
        if tab == "all":
            yield Batch(common, tuple(threads[position] for position in slices.threads(page)), view)


def _moved_pages(known: Known) -> Iterator[Page]:
    """The pages at the addresses of the records that were merged into a contact."""
    for merged in known.contact.merged:
        yield Page(
            present.record_path(merged.id), "moved.html", views.MovedPage(merged.name, known.face, known.face.page)
        )
        if merged.had_thread:
            href = known.face.thread or known.face.page
            yield Page(present.thread_path(merged.id), "moved.html", views.MovedPage(merged.name, known.face, href))
