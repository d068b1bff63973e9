"""The short way: where a few records changed, and nothing that lists show of them, their own pages are made anew.

What that takes of all other contacts is remembered of the last build; each is opened when it is asked for. Where more
changed than that, the stages go through all contacts, as ever.
"""

from __future__ import annotations

import marshal
import os
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from contactsheet import gallery, plan, read, records, site, views
from contactsheet.contacts import Joined
from contactsheet.memo import ForgottenError
from contactsheet.outcome import Kept, Outcome, again, kept
from contactsheet.paging import Slice
from contactsheet.pictures import Picture
from contactsheet.plan import CardsJob, Common, Known, Plan, Planned, Tab, ThreadJob
from contactsheet.publish import publication
from contactsheet.read import SourceFile
from contactsheet.run import Run
from contactsheet.summaries import Moved, Summary
from contactsheet.tasks import Examined

if TYPE_CHECKING:
    from contactsheet.check import Settled, SourceRecord
    from contactsheet.former import Past
    from contactsheet.pipeline import Found
    from contactsheet.since import Since

FEW = 7  # changed records: their cards are put into the file of all cards, which is not taken apart for that
_SIZE = 16  # bytes of a mark, and of a fingerprint


class _Row(NamedTuple):
    """A contact, as plain values: the key of its ``record``; its picture's ``file``, with focus and fit; the key of
    what that ``picture`` is; when it was committed last; the history of its picture; and what became of it where others
    were ``merged`` into it.
    """

    record: bytes
    file: tuple[Any, ...]
    picture: bytes
    revised: int | None
    past: tuple[Any, ...]
    merged: tuple[Any, ...]

    @property
    def packed(self) -> bytes:
        """As it is remembered: ten thousand rows are one value, of which few are opened."""
        return marshal.dumps(tuple(self))


def _opened(packed: bytes) -> _Row:
    return _Row(*marshal.loads(packed))  # noqa: S302  # this program packed it; what is stored is sealed


class Last(NamedTuple):
    """What a build leaves to the next, as plain values; ``mark`` tells it from what any other build left.

    ``rows`` are the contacts, packed, by their IDs in the order of the list, ``cards`` the fingerprints of their
    vCards, one behind the other, ``pictured``: the file of all cards has the pictures. ``involved`` are the IDs of the
    records that have to do with directives. ``talking`` are the conversations, newest first: the ID, the number of the
    page whose list stands beside it, and a fingerprint of that list; ``slices`` are these pages. ``common`` is what all
    pages share, but for the settings.
    """

    mark: bytes
    rows: dict[str, bytes]
    cards: bytes
    pictured: bool
    involved: tuple[str, ...]
    talking: tuple[tuple[str, int, bytes], ...]
    slices: tuple[tuple[str, int, int], ...]
    common: tuple[Any, ...]
    outcome: Kept


# --- what a build leaves ---------------------------------------------------------------------------------------------


def remember(run: Run, place: bytes, found: Found, laid_out: Plan, outcome: Outcome) -> Outcome:
    """Remembers for ``place`` what a build left; gives its outcome with the mark."""
    jobs = [page.job for page in laid_out.pages.values()]
    beside = {job.position: (job.page, job.beside) for job in jobs if isinstance(job, ThreadJob)}
    inbox = laid_out.tabs["all"]
    last = Last(
        mark=os.urandom(_SIZE),
        rows={one.summary.id: _row(one, found).packed for one in laid_out.known},
        cards=b"".join([one.card for one in laid_out.known]),
        pictured=any(isinstance(job, CardsJob) and job.pictured for job in jobs),
        involved=tuple(found.joined.involved),
        talking=tuple((one.summary.id, *beside[at]) for at, one in enumerate(inbox.talking)),
        slices=tuple((cut.path, cut.first, cut.end) for cut in inbox.pages),
        common=_shared(laid_out.common),
        outcome=kept(outcome),
    )
    return _noted(run, place, last, outcome)


def _noted(run: Run, place: bytes, last: Last, outcome: Outcome) -> Outcome:
    run.memo.keep("last", place, tuple(last))
    assert outcome.published is not None
    return replace(outcome, published=replace(outcome.published, mark=last.mark))


def _shared(common: Common) -> tuple[Any, ...]:
    logo = common.logo and (common.logo.src, common.logo.width, common.logo.height)
    return common.content, common.templates, dict(common.assets), logo


def _row(one: Known, found: Found) -> _Row:
    name = one.summary.id
    return _Row(
        record=found.records.content(name),
        file=_file(one.picture) if one.picture else (),
        picture=found.gallery.contents.get(name, b""),
        revised=one.revised,
        past=tuple(map(tuple, one.past)),
        merged=_merged(one, found.joined.contacts[found.joined.at[name]]) if one.merged else (),
    )


def _file(picture: Picture) -> tuple[Any, ...]:
    return picture.file.path, picture.file.name, picture.file.suffix, picture.file.size, picture.focus, picture.fit


def _merged(one: Known, joined: Joined) -> tuple[Any, ...]:
    return tuple(one.summary), joined.content, tuple(map(tuple, one.merged)), joined.record, one.merges


# --- what becomes of it ----------------------------------------------------------------------------------------------


def retouch(run: Run, output: Path, place: bytes, since: Since, *, strict: bool) -> Outcome | None:
    """Publishes the pages of what changed ``since`` the last build; None where that is more than a few own pages."""
    left = run.memo.get("last", place)
    last = Last(*left) if left else None
    if last is None or last.mark != since.mark or again(last.outcome).failed(strict):
        return None
    changed = _changed(run, last, since.records or ())
    if changed is None:
        return None
    now = last._replace(mark=os.urandom(_SIZE), rows={**last.rows, **changed})
    book = Book(run, now.rows)
    laid_out, now = _planned(now, book, list(changed))
    with publication(output) as publishing:
        if not (since.stands() and publishing.see(since.seen, since.stamps)):
            return None
        made_of = {path: _all_cards(last).fingerprint if path == views.ALL_CARDS else b"" for path in laid_out.pages}
        publishing.retouch(made_of)
        if not site.remake(run, publishing, laid_out, book.record, book.photo):
            return None
        done = replace(publishing.commit(), files=last.outcome[-1])
    run.memo.amend_table("site", place, publishing.standing)
    run.memo.spare()
    return _noted(run, place, now, replace(again(last.outcome), work=run.work, published=done))


def _changed(run: Run, last: Last, paths: Sequence[str]) -> dict[str, bytes] | None:
    """The contacts whose records these are, as they are now; None where one says something else in brief."""
    files = read.some(run.root, paths)
    if files is None or any(file.name not in last.rows or file.name in last.involved for file in files):
        return None
    were = {file.path: _opened(last.rows[file.name]) for file in files}
    before = run.memo.find("record", [row.record for row in were.values()])
    recall, answers = records.some(run, files, _settled(list(before.values())))
    rows: dict[str, bytes] = {}
    for file in files:
        row = were[file.path]
        if file.path not in answers or row.record not in before or answers[file.path] != before[row.record][0]:
            return None
        rows[file.name] = row._replace(record=recall.key((file.path, (file.path,)))).packed
    return rows


def _settled(before: Sequence[Any]) -> Settled:
    """The values that these readings found in order: most stay as they are, and to judge a new phone number takes the
    library that knows all countries.
    """
    from contactsheet.check import settled

    kept: list[SourceRecord] = [pickle.loads(record) for (problems, *_), record in before if record and not problems]  # noqa: S301  # this program pickled it; a stored one is sealed
    return frozenset[tuple[str, str]]().union(*(settled(one.record) for one in kept))


def _planned(last: Last, book: Book, names: Sequence[str]) -> tuple[Plan, Last]:
    """The own pages of these contacts, as far as they show anything new, and what is left then."""
    content, templates, assets, logo = last.common
    common = Common(content, templates, book.settings, assets, logo and views.Logo(*logo))
    ids = list(last.rows)
    known, cards, wanted = Opened(book, ids), bytearray(last.cards), list[Planned]()
    for name in names:
        at = ids.index(name)
        card = slice(at * _SIZE, (at + 1) * _SIZE)
        if cards[card] != book.known(name).card:
            cards[card] = book.known(name).card
            wanted += plan.own(known, at, common.content, _thread(last, name))
    last = last._replace(cards=bytes(cards))
    if wanted:
        wanted.append(_all_cards(last))
    talking = Opened(book, [one[0] for one in last.talking])
    tabs = {"all": Tab(talking, tuple(Slice(*one) for one in last.slices))}
    return Plan(common, known, (), tabs, {page.path: page for page in wanted}), last


def _thread(last: Last, name: str) -> ThreadJob | None:
    found = (ThreadJob(at, page, beside) for at, (talker, page, beside) in enumerate(last.talking) if talker == name)
    return next(found, None)


def _all_cards(last: Last) -> Planned:
    return plan.all_cards([last.cards], CardsJob(last.pictured, in_place=True))


# --- all contacts ----------------------------------------------------------------------------------------------------


class Book:
    """All contacts as they are remembered; each is opened when it is asked for. Raises ForgottenError."""

    def __init__(self, run: Run, rows: Mapping[str, bytes]) -> None:
        self._run, self._rows, self.settings = run, rows, run.settings
        self.known = cache(self._known)

    def _known(self, name: str) -> Known:
        """A contact by its ID, as the stages made it."""
        row = _opened(self._rows[name])
        shown = Picture(SourceFile(*row.file[:-2]), *row.file[-2:]) if row.file else None
        if row.merged:
            summary, content, moved, record, merges = row.merged
            joined = Joined(Summary(*summary), content, shown, tuple(Moved(*one) for one in moved), record, merges)
        else:
            joined = Joined(Summary(*self._remembered("record", row.record)[0][2]), row.record, shown)
        thumb = gallery.thumb(name, self._examined(row.picture)) if row.picture else None
        return site.one_known(joined, thumb, row.picture, _past(row.past), row.revised)

    def record(self, one: Known) -> bytes:
        """A contact's pickled SourceRecord."""
        row = _opened(self._rows[one.summary.id])
        return bytes(row.merged[3] if row.merged else self._remembered("record", row.record)[1])

    def photo(self, one: Known) -> bytes:
        """The picture for a contact's vCard (JPEG), or nothing."""
        picture = _opened(self._rows[one.summary.id]).picture
        return gallery.picture_of(self._run, self._examined(picture), "card") if picture else b""

    def _examined(self, key: bytes) -> Examined:
        return Examined(*self._remembered("picture", key)[0])

    def _remembered(self, kind: str, key: bytes) -> Any:
        found = self._run.memo.get(kind, key)
        if found is None:
            raise ForgottenError(kind)
        return found


def _past(kept: tuple[Any, ...]) -> tuple[Past, ...]:
    if not kept:
        return ()
    from contactsheet.former import Past

    return tuple(Past(*one) for one in kept)


class Opened(Sequence[Known]):
    """Some contacts of a book, by their IDs in their order."""

    def __init__(self, book: Book, ids: Sequence[str]) -> None:
        self._book, self._ids = book, ids

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, at: int) -> Known: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Known]: ...
    def __getitem__(self, at: int | slice) -> Known | Sequence[Known]:
        return Opened(self._book, self._ids[at]) if isinstance(at, slice) else self._book.known(self._ids[at])
