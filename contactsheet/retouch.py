"""The short way: where a few records changed, and nothing that lists show of them, their own pages are made anew.

What that takes of all other contacts is remembered of the last build; each is opened when it is asked for. Where more
changed than that, the stages go through all contacts, as ever.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contactsheet import plan, read, records, site, views
from contactsheet.last import SIZE, Book, Last, Opened, Row, Rows, note
from contactsheet.outcome import Outcome, again
from contactsheet.paging import Slice
from contactsheet.plan import CardsJob, Plan, Planned, Tab, ThreadJob
from contactsheet.publish import publication
from contactsheet.run import Run
from contactsheet.summaries import Packet

if TYPE_CHECKING:
    from contactsheet.check import Settled
    from contactsheet.since import Since

FEW = 7  # changed records: their cards are put into the file of all cards, which is not taken apart for that


def retouch(run: Run, output: Path, place: bytes, since: Since, *, strict: bool) -> Outcome | None:
    """Publishes the pages of what changed ``since`` the last build; None where that is more than a few own pages."""
    left = run.memo.get("last", place)
    last = Last(*left) if left else None
    if last is None or last.mark != since.mark or again(last.outcome).failed(strict):
        return None
    rows = Rows(run.memo, last.rows, {name: at for at, name in enumerate(last.ids)})
    changed = _changed(run, rows, last.involved, since.records or ())
    if changed is None:
        return None
    rows = rows.with_changes(changed)
    book = Book(run, rows)
    laid_out, now = _planned(last._replace(mark=os.urandom(SIZE), rows=rows.keys), book, list(changed))
    with publication(output) as publishing:
        if not (since.stands() and publishing.before.see(since.seen, since.stamps)):
            return None
        made_of = {path: _all_cards(last).fingerprint if path == views.ALL_CARDS else b"" for path in laid_out.pages}
        publishing.before.retouch(made_of)
        if not site.remake(run, publishing, laid_out, book.record, book.photo):
            return None
        done = publishing.commit()._replace(files=last.outcome[-1])
    run.memo.amend_table("site", place, publishing.standing)
    run.memo.spare()
    return note(run, place, now, again(last.outcome)._replace(work=run.work, published=done))


def _changed(run: Run, last: Rows, involved: Collection[str], paths: Sequence[str]) -> dict[str, Row] | None:
    """The contacts whose records these are, as they are now; None where one says something else in brief."""
    files = read.some(run.root, paths)
    if files is None or any(file.name not in last or file.name in involved for file in files):
        return None
    were = {file.path: last[file.name] for file in files}
    before = run.memo.find("record", [row.record for row in were.values()])
    readings = records.some(run, files, _settled(list(before.values())))
    rows: dict[str, Row] = {}
    for file in files:
        row = were[file.path]
        if file.path not in readings or row.record not in before:
            return None
        content, answer = readings[file.path]
        if answer != before[row.record][0]:
            return None
        rows[file.name] = row._replace(record=content)
    return rows


def _settled(before: Sequence[Any]) -> Settled:
    """The values that these readings found in order: most stay as they are, and to judge a new phone number takes the
    library that knows all countries.
    """
    from contactsheet.check import settled

    kept = [Packet(record).contact().record for (problems, *_), record in before if record and not problems]
    return frozenset[tuple[str, str]]().union(*map(settled, kept))


def _planned(last: Last, book: Book, names: Sequence[str]) -> tuple[Plan, Last]:
    """The own pages of these contacts, as far as they show anything new, and what is left then."""
    common = book.common(*last.common)
    known, cards, wanted = Opened(book, last.ids), bytearray(last.cards), list[Planned]()
    for name in names:
        at = last.ids.index(name)
        card = slice(at * SIZE, (at + 1) * SIZE)
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
