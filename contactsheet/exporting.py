"""Contacts as other programs take them: those of the site, after the merges, with their pictures. It writes no file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contactsheet import pipeline
from contactsheet.nearest import Nearest
from contactsheet.properties import Version
from contactsheet.run import Run

if TYPE_CHECKING:
    from contactsheet.contacts import Joined
    from contactsheet.gallery import Gallery
    from contactsheet.merge import Contact
    from contactsheet.outcome import Outcome

Form = Literal["vcard", "jcard", "csv"]
FORMS: Mapping[str, Form] = {".vcf": "vcard", ".json": "jcard", ".csv": "csv"}
_ALIKE = 0.6


class UnknownError(Exception):
    """What was asked for is not there; the text says so, and what is."""


@dataclass(frozen=True)
class Leaving:
    """A contact on its way out: opened when it is written, so that no more than one is held.

    ``photo`` gives its picture (JPEG), or nothing. ``rev`` is when it last changed (seconds since 1970), if known.
    """

    joined: Joined
    contact: Callable[[], Contact]
    photo: Callable[[], bytes]
    rev: int | None

    @property
    def has_picture(self) -> bool:
        """Whether it has a picture."""
        return self.joined.picture is not None


def gather(run: Run, *, pictures: bool) -> tuple[Outcome, Sequence[Leaving]]:
    """All contacts in the order of the list, and what is wrong with the contents; with errors there is no contact."""
    from contactsheet.revised import last_change, revisions

    found, outcome = pipeline.contacts(run, encode=pictures)
    if outcome.failed(strict=False):
        return outcome, ()
    changes = revisions(run)

    def leaving(one: Joined) -> Leaving:
        return Leaving(
            one,
            lambda: _contact(one, found),
            lambda: _photo(run, one, found.gallery) if pictures else b"",
            last_change(one, found.records, changes),
        )

    ordered = sorted(found.joined.contacts, key=lambda one: (one.summary.order, one.summary.id))
    return outcome, tuple(map(leaving, ordered))


def _contact(one: Joined, found: pipeline.Found) -> Contact:
    from contactsheet.summaries import Packet

    return Packet(one.record or found.records.record(one.summary.id), one.picture, one.merges).contact()


def _photo(run: Run, one: Joined, gallery: Gallery) -> bytes:
    from contactsheet.gallery import picture_of

    examined = gallery.examined.get(one.summary.id)
    return picture_of(run, examined, "card") if examined else b""


# --- which ------------------------------------------------------------------------------------------------------------


def chosen(contacts: Sequence[Leaving], ids: Collection[str], tags: Collection[str]) -> Sequence[Leaving]:
    """The contacts that have one of the ``ids`` or one of the ``tags``; without any of these, all.

    Raises UnknownError for an ID or a tag that no contact has.
    """
    if not ids and not tags:
        return contacts
    moved = {merged.id: one.joined.summary.id for one in contacts for merged in one.joined.merged}
    by_id = {one.joined.summary.id for one in contacts}
    for wanted in ids:
        if wanted not in by_id:
            raise UnknownError(_no_contact(wanted, by_id, moved))
    tagged = _with_tags(contacts, tags) if tags else frozenset()
    return [one for one in contacts if one.joined.summary.id in ids or one.joined.summary.id in tagged]


def _no_contact(wanted: str, known: Collection[str], moved: Mapping[str, str]) -> str:
    if wanted in moved:
        return f"{wanted} was merged into {moved[wanted]}; export that"
    near = Nearest(known)(wanted, _ALIKE)
    return f"there is no contact {wanted}" + (f"; did you mean {near}?" if near else "")


def _with_tags(contacts: Sequence[Leaving], tags: Collection[str]) -> frozenset[str]:
    """The IDs of the contacts with one of the tags; capitals do not count."""
    of = {one.joined.summary.id: one.contact().record.tags for one in contacts}
    known = {tag.casefold(): tag for some in of.values() for tag in some}
    for wanted in tags:
        if wanted.casefold() not in known:
            near = Nearest(tuple(known.values()))(wanted, _ALIKE)
            raise UnknownError(f"no contact has the tag “{wanted}”" + (f"; did you mean “{near}”?" if near else ""))
    folded = {tag.casefold() for tag in tags}
    return frozenset(one for one, some in of.items() if folded & {tag.casefold() for tag in some})


# --- as what ----------------------------------------------------------------------------------------------------------


def written(contacts: Sequence[Leaving], form: Form, version: Version | None = None) -> Iterator[bytes]:
    """The contacts as a file, piece by piece; ``version`` is that of vCards, by default 3.0."""
    if form == "csv":
        from contactsheet.csv_writing import table

        return table([one.contact().record for one in contacts])
    if form == "jcard":
        from contactsheet.jcard import document, jcard
        from contactsheet.properties import properties

        return document(jcard(properties(one.contact(), "4.0", one.photo(), one.rev)) for one in contacts)
    from contactsheet.vcard import card

    return (card(one.contact(), one.photo(), one.rev, version or "3.0") for one in contacts)
