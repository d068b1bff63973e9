"""Prints pages: has them rendered, by the workers where they are many, and adds them to the site as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from contactsheet import pages, plan, vcard, views
from contactsheet.pages import Batch, Page, PhotoOf, RecordOf
from contactsheet.render import TemplateFault

if TYPE_CHECKING:
    from contactsheet.plan import Plan, Planned
    from contactsheet.publish import Publication
    from contactsheet.run import Run

_BUSY = 8  # batches of pages after which the workers have enough to do for a while


class Order(NamedTuple):
    """The ``wanted`` pages of a plan, and what gives the records and photos of the contacts on them.

    While the workers render, ``others`` goes on in this process, step by step.
    """

    plan: Plan
    wanted: Sequence[Planned]
    record: RecordOf
    photo: PhotoOf
    others: Iterator[None] = iter(())


def printed(run: Run, site: Publication, order: Order) -> dict[str, bytes] | TemplateFault:
    """Adds the pages to the site; gives the vCards among them, by their paths and as the file of all of them has them.

    Gives why a page cannot be made, if one cannot.
    """
    apart = run.spread(len(order.wanted) // 2)  # for most contacts have a page and a card
    room = site.room(page.path for page in order.wanted) if apart and not run.workers.remote else ""
    fingerprints = {page.path: page.fingerprint for page in order.wanted}
    pictured = any(isinstance(page.job, plan.CardsJob) and page.job.pictured for page in order.wanted)
    cards: dict[str, bytes] = {}
    run.work.pages += len(order.wanted)
    done = 0
    try:
        for rendered in run.workers.map(
            partial(pages.render_batch, room),
            _batches(run, site, order, apart=apart),
            apart=apart,
            on_death=pages.died_rendering,
            common=order.plan.common,
        ):
            if isinstance(rendered, TemplateFault):
                return rendered
            if isinstance(rendered, OSError):
                raise rendered
            for page in rendered:
                _add(site, page, fingerprints[page.path])
            cards.update(_cards(rendered, pictured=pictured))
            done += len(rendered)
            run.progress("pages", done, len(order.wanted))
            next(order.others, None)
    finally:
        if apart:  # for a while there is no more work that is worth them; and when it ends early, none puts pages there
            run.workers.rest()
    return cards


def _batches(run: Run, site: Publication, order: Order, *, apart: bool) -> Iterator[Batch]:
    for number, batch in enumerate(pages.batches(order.plan, order.wanted, order.record, order.photo)):
        if number == _BUSY:
            run.memo.save(hold=True)  # while the workers have enough to do; records are asked for still
        yield batch
    if apart:  # while the workers have the last of them
        site.settle()
        run.memo.save()


def _add(site: Publication, page: Page, fingerprint: bytes) -> None:
    if page.there:
        site.take(page.path, page.there, fingerprint)
    else:
        site.add(page.path, page.data, fingerprint)


def _cards(rendered: Sequence[Page], *, pictured: bool) -> dict[str, bytes]:
    return {
        page.path: page.data if pictured else vcard.without_picture(page.data)
        for page in rendered
        if page.path.endswith(views.CARD_SUFFIX)
    }
