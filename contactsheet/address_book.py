"""The file of all vCards: of the cards that were made just now, and for the others of what stands. It renders none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from mmap import ACCESS_READ, mmap
from pathlib import Path

from contactsheet import vcard, views
from contactsheet.memo import ForgottenError
from contactsheet.plan import CardsJob, Known, Planned
from contactsheet.publish import Publication

# From so many changed cards on, taking the file of all apart is faster than copying it for each.
_FEW = 8


def add(site: Publication, known: Sequence[Known], fresh: Mapping[str, bytes], page: Planned, job: CardsJob) -> None:
    """Adds the cards of all ``known``, in their order, each as its own file has it, with its picture or without.

    ``fresh`` are the cards that were made anew, by their paths. All others stand unharmed, so the file of all that was
    published with them holds them too, and one file is read, not one for each. Raises ForgottenError.
    """
    if job.in_place and 0 < len(fresh) < _FEW and (part := _part(site.before.file(page.path), fresh.values())):
        site.splice(page.path, *part, page.fingerprint)
        return
    before = vcard.cards_by_id(site.before.content(page.path) or b"")
    cards = (fresh.get(views.card_path(one.summary.id)) or _as_before(site, one, before, job.pictured) for one in known)
    data = b"".join(cards if job.pictured else map(vcard.without_picture, cards))
    site.add(page.path, data, page.fingerprint)


def _part(standing: Path | None, cards: Iterable[bytes]) -> tuple[int, int, bytes] | None:
    """From where to where the file that stands is another with these cards, and what belongs there."""
    if standing is None:
        return None
    with standing.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as data:
        places = [(vcard.place(data, one), one) for one in cards]
        found = sorted((*place, one) for place, one in places if place)
        if len(found) < len(places):
            return None
        pieces, at = list[bytes](), found[0][0]
        for start, end, one in found:
            pieces += data[at:start], one
            at = end
    return found[0][0], at, b"".join(pieces)


def _as_before(site: Publication, known: Known, before: Mapping[str, bytes], pictured: bool) -> bytes:
    found = before.get(known.summary.id)
    if found and not (pictured and known.thumb and not vcard.has_picture(found)):
        return found
    path = views.card_path(known.summary.id)
    found = site.before.content(path)
    if found is None:
        raise ForgottenError(path)
    return found
