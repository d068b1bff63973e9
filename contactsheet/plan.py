"""Which pages the site has, and what each of them depends on: its fingerprint, which says whether it is still right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from contactsheet import listing, views
from contactsheet.fingerprints import combined, fingerprint
from contactsheet.paging import InboxPlan, Slice, inbox_plan, list_path
from contactsheet.render import Compiled
from contactsheet.settings import Settings
from contactsheet.summaries import Moved, Summary, face

if TYPE_CHECKING:
    from contactsheet.former import Past
    from contactsheet.gallery import Thumb
    from contactsheet.pictures import Picture


# So many pictures the file of all vCards holds, 12 to 18 MB; were there more, no address book would take it, and every
# changed contact would write it anew.
_PICTURES_OF_ALL = 1000


@dataclass(frozen=True, eq=False)
class Common:
    """What all pages of a site share; there is one of it in a run. ``content`` is a fingerprint of all of it."""

    content: bytes
    templates: Compiled
    settings: Settings
    assets: Mapping[str, str]
    logo: views.Logo | None = None


class Known(NamedTuple):
    """A contact as the site needs it: in brief, with its picture and what was merged into it.

    ``content`` is a fingerprint of all that its own pages show, ``listed`` of its entry in contacts.json,
    ``found`` of its row among the results of a search. ``merges`` are the pickled MergedRecords, or empty. ``revised``
    is when it was last committed (seconds since 1970, UTC), where git knows it, ``past`` the history of its picture.
    Nothing of it is kept that can be made: there are as many as contacts.
    """

    summary: Summary
    content: bytes
    listed: bytes
    found: bytes
    picture: Picture | None
    thumb: Thumb | None
    merged: tuple[Moved, ...]
    merges: bytes
    revised: int | None = None
    past: tuple[Past, ...] = ()

    @property
    def card(self) -> bytes:
        """A fingerprint of its vCard."""
        return self.content if self.revised is None else combined((self.content, b"%d" % self.revised))

    @property
    def face(self) -> views.Face:
        """What stands for it wherever it is listed."""
        return face(self.summary, self.thumb.avatar if self.thumb else None)


class Planned(NamedTuple):
    """A page that belongs to the site; it has to be made anew where its ``fingerprint`` is another than before.

    ``job`` makes it, alone or together with others of its kind.
    """

    path: str
    fingerprint: bytes
    job: Job


class ListJob(NamedTuple):
    """Page ``number`` of the ``pages`` of the contact list shows the contacts from position ``first`` to ``end``."""

    number: int
    pages: int
    first: int
    end: int


class RecordJob(NamedTuple):
    """The record page of the contact at ``position`` of the list."""

    position: int


class CardJob(NamedTuple):
    """The vCard of the contact at ``position`` of the list."""

    position: int


class CardsJob(NamedTuple):
    """The file of all vCards, in the order of the list; ``pictured``: with their pictures.

    ``in_place``: it stands with the same contacts in the same order, and with pictures or without as it is to be.
    """

    pictured: bool
    in_place: bool = False


class InboxJob(NamedTuple):
    """The page of that number, from 0, of a tab of the inbox."""

    tab: str
    page: int


class ThreadJob(NamedTuple):
    """The thread of the conversation at ``position``; beside it is the list of a ``page`` of all conversations.

    ``beside`` is a fingerprint of that list.
    """

    position: int
    page: int
    beside: bytes


class MovedJob(NamedTuple):
    """A page at the address of a record that was merged away."""

    view: views.MovedPage


class AddJob(NamedTuple):
    """The page that says how a contact is added."""


Job = ListJob | RecordJob | CardJob | CardsJob | InboxJob | ThreadJob | MovedJob | AddJob


class Tab(NamedTuple):
    """A tab of the inbox: its conversations, newest first, and its pages."""

    talking: Sequence[Known]
    pages: tuple[Slice, ...]


class Plan(NamedTuple):
    """The site's pages, with what they are made of.

    ``known`` are the contacts in the order of the list, ``letters`` those to jump to there, ``tabs`` the inbox's,
    ``pages`` the pages by their addresses.
    """

    common: Common
    known: Sequence[Known]
    letters: tuple[views.Letter, ...]
    tabs: Mapping[str, Tab]
    pages: Mapping[str, Planned]


def plan(known: Sequence[Known], common: Common) -> Plan:
    """All pages of a site; ``known`` are the contacts in the order of the list."""
    shared = common.content
    letters = listing.letters([one.summary.letter for one in known], common.settings.contacts_per_page)
    talking = sorted((one for one in known if one.summary.last), key=_recency, reverse=True)
    size = common.settings.conversations_per_page
    some = {
        "all": talking,
        "unread": [one for one in talking if one.summary.unread],
        "starred": [one for one in talking if one.summary.starred],
    }
    slices = {
        tab: inbox_plan([(one.summary.id, one.summary.day) for one in shown], size, tab) for tab, shown in some.items()
    }
    tabs = {tab: Tab(tuple(some[tab]), (cut.front, *cut.archive)) for tab, cut in slices.items()}
    counts = {tab: len(shown) for tab, shown in some.items()}
    pages = (
        *_lists(known, letters, common),
        *_records(known, shared),
        *_cards(known),
        _all_cards(known),
        *(page for name, tab in tabs.items() for page in _inboxes(name, tab, slices[name], counts, shared)),
        Planned("add.html", shared, AddJob()),
        *_moved(known, shared),
    )
    return Plan(common, tuple(known), letters, tabs, {page.path: page for page in pages})


def own(known: Sequence[Known], position: int, shared: bytes, thread: ThreadJob | None) -> Iterator[Planned]:
    """The pages that show the contact at that position of the list alone; ``shared`` is what all pages share."""
    one = known[position]
    around = [known[near].summary.listed if 0 <= near < len(known) else b"" for near in (position - 1, position + 1)]
    yield _record(one, RecordJob(position), shared, *around)
    yield _card(one, CardJob(position))
    if thread:
        yield _thread(one, thread)


def _recency(known: Known) -> tuple[str, str]:
    return known.summary.last, known.summary.id


def _lists(known: Sequence[Known], letters: Sequence[views.Letter], common: Common) -> Iterator[Planned]:
    size = common.settings.contacts_per_page
    count = max(1, -(-len(known) // size))
    around = fingerprint(common.content, letters, count, len(known))
    for number in range(1, count + 1):
        first = (number - 1) * size
        shown = known[first : first + size]
        rows = [(one.summary.row, one.summary.letter, one.thumb and one.thumb.avatar) for one in shown]
        made_of = fingerprint(around, number, goes_on(known, first), rows)
        yield Planned(list_path(number), made_of, ListJob(number, count, first, first + len(shown)))


def goes_on(known: Sequence[Known], first: int) -> str:
    """The letter that began on the page before that of position ``first``; empty on the first."""
    return known[first - 1].summary.letter if first else ""


def _records(known: Sequence[Known], shared: bytes) -> Iterator[Planned]:
    around = [b"", *(one.summary.listed for one in known), b""]
    for position, one in enumerate(known):
        yield _record(one, RecordJob(position), shared, around[position], around[position + 2])


def _record(one: Known, job: RecordJob, shared: bytes, before: bytes, after: bytes) -> Planned:
    """A record page; ``before`` and ``after`` are fingerprints of its neighbours in the list."""
    return Planned(views.record_path(one.summary.id), combined((shared, one.content, before, b"/", after)), job)


def _thread(one: Known, job: ThreadJob) -> Planned:
    return Planned(views.thread_path(one.summary.id), combined((job.beside, one.content)), job)


def _cards(known: Sequence[Known]) -> Iterator[Planned]:
    for position, one in enumerate(known):
        yield _card(one, CardJob(position))


def _card(one: Known, job: CardJob) -> Planned:
    return Planned(views.card_path(one.summary.id), one.card, job)


def _all_cards(known: Sequence[Known]) -> Planned:
    job = CardsJob(sum(1 for one in known if one.thumb) <= _PICTURES_OF_ALL)
    return all_cards([one.card for one in known], job)


def all_cards(cards: Iterable[bytes], job: CardsJob) -> Planned:
    """The file of all vCards; ``cards`` are their fingerprints in the order of the list."""
    return Planned(views.ALL_CARDS, combined((bytes([job.pictured]), *cards)), job)


def _inboxes(name: str, tab: Tab, slices: InboxPlan, counts: Mapping[str, int], shared: bytes) -> Iterator[Planned]:
    """The pages of a tab of the inbox; those of all conversations with the threads that have their list beside them."""
    for index, page in enumerate(tab.pages):
        around = [tab.pages[near].path if 0 <= near < len(tab.pages) else "" for near in (index - 1, index + 1)]
        entries = [(one.summary.entry, one.thumb and one.thumb.avatar) for one in tab.talking[page.first : page.end]]
        beside = fingerprint(shared, page.path, around, entries)
        # The counts would make every page change with every message, so they stand on the first pages alone.
        yield Planned(page.path, beside if index else fingerprint(beside, counts), InboxJob(name, index))
        for position in slices.threads(page) if name == "all" else ():
            yield _thread(tab.talking[position], ThreadJob(position, index, beside))


def _moved(known: Sequence[Known], shared: bytes) -> Iterator[Planned]:
    """The pages at the addresses of the records that were merged into a contact."""
    for one in known:
        for merged in one.merged:
            face = one.face
            view = views.MovedPage(merged.name, face, face.page)
            yield Planned(views.record_path(merged.id), fingerprint(shared, view), MovedJob(view))
            if merged.had_thread:
                view = view._replace(href=face.thread or face.page)
                yield Planned(views.thread_path(merged.id), fingerprint(shared, view), MovedJob(view))
