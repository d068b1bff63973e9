"""What a build leaves to the next: every contact in a row, and what all pages share. Little of it is opened again.

Rows lie in memory by hundreds, by what they say: a changed record costs one such shelf.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from contactsheet import gallery, site, views
from contactsheet.contacts import Joined
from contactsheet.edition import edition
from contactsheet.fingerprints import fingerprint
from contactsheet.memo import ForgottenError, Memo
from contactsheet.outcome import Kept, Outcome, kept
from contactsheet.pictures import Picture
from contactsheet.plan import CardsJob, Common, Known, Plan, ThreadJob
from contactsheet.read import SourceFile
from contactsheet.run import Run
from contactsheet.summaries import Moved, Summary
from contactsheet.tasks import Examined

if TYPE_CHECKING:
    from contactsheet.former import Past
    from contactsheet.pipeline import Found

SIZE = 16  # bytes of a mark, and of a fingerprint
_TOGETHER = 100  # rows that are remembered as one value


class Row(NamedTuple):
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


class Last(NamedTuple):
    """What a build leaves to the next, as plain values; ``mark`` tells it from what any other build left.

    ``ids`` are those of the contacts in the order of the list, ``rows`` the keys of their rows, which are remembered by
    hundreds, ``cards`` the fingerprints of their vCards, one behind the other; ``pictured``: the file of all cards has
    the pictures. ``involved`` are the IDs of the records that have to do with directives. ``talking`` are the
    conversations, newest first: the ID, the number of the page whose list stands beside it, and a fingerprint of that
    list; ``slices`` are these pages. ``common`` is the fingerprint of what all pages share, and the key by which all of
    that but the settings is remembered.
    """

    mark: bytes
    ids: tuple[str, ...]
    rows: tuple[bytes, ...]
    cards: bytes
    pictured: bool
    involved: tuple[str, ...]
    talking: tuple[tuple[str, int, bytes], ...]
    slices: tuple[tuple[str, int, int], ...]
    common: tuple[bytes, bytes]
    outcome: Kept


# --- leaving it ------------------------------------------------------------------------------------------------------


def remember(run: Run, place: bytes, found: Found, laid_out: Plan, outcome: Outcome) -> Outcome:
    """Remembers for ``place`` what a build left; gives its outcome with the mark."""
    jobs = [page.job for page in laid_out.pages.values()]
    beside = {job.position: (job.page, job.beside) for job in jobs if isinstance(job, ThreadJob)}
    inbox = laid_out.tabs["all"]
    rows = [tuple(_row(one, found)) for one in laid_out.known]
    common = _common_key(laid_out.common)
    run.memo.keep("common", common, _shared(laid_out.common))
    last = Last(
        mark=os.urandom(SIZE),
        ids=tuple(one.summary.id for one in laid_out.known),
        rows=tuple(_shelved(run.memo, rows[at : at + _TOGETHER]) for at in range(0, len(rows), _TOGETHER)),
        cards=b"".join([one.card for one in laid_out.known]),
        pictured=any(isinstance(job, CardsJob) and job.pictured for job in jobs),
        involved=tuple(found.joined.involved),
        talking=tuple((one.summary.id, *beside[at]) for at, one in enumerate(inbox.talking)),
        slices=tuple((cut.path, cut.first, cut.end) for cut in inbox.pages),
        common=(laid_out.common.content, common),
        outcome=kept(outcome),
    )
    return note(run, place, last, outcome)


def note(run: Run, place: bytes, last: Last, outcome: Outcome) -> Outcome:
    """Remembers it; gives the outcome with its mark."""
    run.memo.keep("last", place, tuple(last))
    assert outcome.published is not None
    return outcome._replace(published=outcome.published._replace(mark=last.mark))


def _common_key(common: Common) -> bytes:
    """Not the content alone: the code of templates is of one version of Python and of Jinja."""
    return fingerprint(edition(), common.content)


def _shared(common: Common) -> tuple[Any, ...]:
    logo = common.logo and (common.logo.src, common.logo.width, common.logo.height)
    return common.templates, dict(common.assets), logo


def _row(one: Known, found: Found) -> Row:
    name = one.summary.id
    return Row(
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


def _shelved(memo: Memo, rows: Sequence[tuple[Any, ...]]) -> bytes:
    """Remembers rows as one value, by its content; gives the key."""
    key = fingerprint(*rows)
    memo.keep("rows", key, tuple(rows))
    return key


# --- opening it ------------------------------------------------------------------------------------------------------


class Rows:
    """The rows of all contacts, by their IDs. Raises ForgottenError.

    ``keys`` are those of the shelves, ``places`` the contacts' positions in the list.
    """

    def __init__(self, memo: Memo, keys: tuple[bytes, ...], places: Mapping[str, int]) -> None:
        self._memo, self.keys, self._places = memo, keys, places
        self._shelf = cache(self._remembered)

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> Row:
        number, at = divmod(self._places[name], _TOGETHER)
        return Row(*self._shelf(number)[at])

    def with_changes(self, changes: Mapping[str, Row]) -> Rows:
        """The same, with these in the place of what was there."""
        keys = list(self.keys)
        in_order = sorted(changes, key=self._places.__getitem__)
        for number, names in groupby(in_order, lambda name: self._places[name] // _TOGETHER):
            rows = list(self._shelf(number))
            for name in names:
                rows[self._places[name] % _TOGETHER] = tuple(changes[name])
            keys[number] = _shelved(self._memo, rows)
        return Rows(self._memo, tuple(keys), self._places)

    def _remembered(self, number: int) -> Sequence[tuple[Any, ...]]:
        found: Sequence[tuple[Any, ...]] | None = self._memo.get("rows", self.keys[number])
        if found is None:
            raise ForgottenError("rows")
        return found


class Book:
    """All contacts as they are remembered; each is opened when it is asked for. Raises ForgottenError."""

    def __init__(self, run: Run, rows: Rows) -> None:
        self._run, self._rows, self.settings = run, rows, run.settings
        self.known = cache(self._known)

    def _known(self, name: str) -> Known:
        """A contact by its ID, as the stages made it."""
        row = self._rows[name]
        shown = Picture(SourceFile(*row.file[:-2]), *row.file[-2:]) if row.file else None
        if row.merged:
            summary, content, moved, record, merges = row.merged
            joined = Joined(Summary(*summary), content, shown, tuple(Moved(*one) for one in moved), record, merges)
        else:
            joined = Joined(Summary(*self._remembered("record", row.record)[0][2]), row.record, shown)
        thumb = gallery.thumb(name, self._examined(row.picture)) if row.picture else None
        return site.one_known(joined, thumb, row.picture, _past(row.past), row.revised)

    def common(self, content: bytes, key: bytes) -> Common:
        """What all pages share, by its fingerprint and the key of what is remembered of it."""
        templates, assets, logo = self._remembered("common", key)
        return Common(content, templates, self.settings, assets, logo and views.Logo(*logo))

    def record(self, one: Known) -> bytes:
        """A contact's pickled SourceRecord."""
        row = self._rows[one.summary.id]
        return bytes(row.merged[3] if row.merged else self._remembered("record", row.record)[1])

    def photo(self, one: Known) -> bytes:
        """The picture for a contact's vCard (JPEG), or nothing."""
        picture = self._rows[one.summary.id].picture
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
