"""The file of all vCards: of the cards that were made just now, and for the others of what stands. It renders none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contactsheet import vcard, views
from contactsheet.memo import ForgottenError
from contactsheet.plan import CardsJob, Known
from contactsheet.publish import Publication

# From so many changed cards on, taking the file of all apart is faster than copying it for each.
_FEW = 8


def content(site: Publication, known: Sequence[Known], fresh: Mapping[str, bytes], job: CardsJob) -> bytes:
    """The cards of all ``known``, in their order, each as its own file has it, with its picture or without.

    ``fresh`` are the cards that were made anew, by their paths. All others stand unharmed, so the file of all that was
    published with them holds them too, and one file is read, not one for each. Raises ForgottenError.
    """
    standing = site.standing_content(views.ALL_CARDS) or b""
    if job.in_place and len(fresh) < _FEW and (replaced := vcard.replaced(standing, fresh.values())):
        return replaced
    before = vcard.cards_by_id(standing)
    cards = (fresh.get(views.card_path(one.summary.id)) or _as_before(site, one, before, job.pictured) for one in known)
    return b"".join(cards if job.pictured else map(vcard.without_picture, cards))


def _as_before(site: Publication, known: Known, before: Mapping[str, bytes], pictured: bool) -> bytes:
    found = before.get(known.summary.id)
    if found and not (pictured and known.thumb and not vcard.has_picture(found)):
        return found
    path = views.card_path(known.summary.id)
    found = site.standing_content(path)
    if found is None:
        raise ForgottenError(path)
    return found
