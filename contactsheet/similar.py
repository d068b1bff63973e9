"""Which contacts are like one that is about to be added: by e-mail, by telephone number, by name.

It compares one with all, while someone types. It reads no file and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contactsheet.folding import fold, is_number

if TYPE_CHECKING:
    from contactsheet.summaries import Summary

SHOWN = 4  # contacts: more than that is no help to anyone
_SIMILAR = 88.0  # of 100: Anna and Anne Schmidt are, Anna and Emma Schmidt are not
_LEAST_WORDS = 2  # of a name that is part of a longer one: every second Anna is no duplicate


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known so far of a contact that is about to be added."""

    name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Like:
    """The ID of a contact that is like the draft, and in what.

    ``same`` are ``e-mail``, ``phone`` and ``name``; ``near`` is whether its name is similar.
    """

    id: str
    same: tuple[str, ...]
    near: bool = False

    @property
    def reason(self) -> str:
        """In words that follow “has”: the same e-mail and phone; a similar name."""
        if not self.same:
            return "a similar name"
        if self.near:
            return f"the same {', '.join(self.same)} and a similar name"
        *most, last = self.same
        return f"the same {', '.join(most)} and {last}" if most else f"the same {last}"


@dataclass(frozen=True, slots=True)
class Card:
    """A contact as it is compared: its name as sorted words, and its addresses and numbers, each behind its field."""

    summary: Summary
    name: str
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Register:
    """The cards of all contacts by ID, their names in the same order, and who has an address or a number.

    ``region`` is the country of telephone numbers that name none.
    """

    cards: Mapping[str, Card]
    names: Sequence[str]
    owners: Mapping[tuple[str, str], Sequence[str]]
    region: str | None


def register(summaries: Iterable[Summary], region: str | None, before: Register | None = None) -> Register:
    """The register of all contacts, from what the search knows of them; cards of ``before`` are not made again."""
    known = before.cards if before else {}
    cards: dict[str, Card] = {}
    owners: dict[tuple[str, str], list[str]] = {}
    for summary in summaries:
        card = known.get(summary.id)
        if card is None or card.summary is not summary:
            card = _card(summary)
        cards[summary.id] = card
        for key in card.keys:
            owners.setdefault(key, []).append(summary.id)
    return Register(cards, [card.name for card in cards.values()], owners, region)


def _card(summary: Summary) -> Card:
    from contactsheet.search import reached
    from contactsheet.summaries import findings_of
    from contactsheet.uniting import comparable

    values = ((_field(value), value) for value in reached(findings_of(summary)))
    keys = tuple((field, comparable(field, value)) for field, value in values if field)
    return Card(summary, _words(summary.name), keys)


def _field(value: str) -> str:
    return "emails" if "@" in value else "phones" if is_number(value) else ""


def like(known: Register, draft: Draft) -> tuple[Like, ...]:
    """The contacts that the draft may be, the likeliest first; ``SHOWN`` at most."""
    from contactsheet.uniting import comparable

    same: dict[str, dict[str, None]] = {}
    keys = [("emails", comparable("emails", one.strip()), "e-mail") for one in draft.emails]
    keys += [("phones", comparable("phones", _international(one, known.region)), "phone") for one in draft.phones]
    for field, key, what in keys:
        for contact_id in known.owners.get((field, key), ()):
            same.setdefault(contact_id, {})[what] = None
    ids = list(known.cards)
    names = {ids[number]: is_same for number, is_same in _alike(known.names, _words(draft.name)).items()}
    for contact_id, is_same in names.items():
        same.setdefault(contact_id, {}).update({"name": None} if is_same else {})
    found = [Like(one, tuple(what), near=not names.get(one, True)) for one, what in same.items()]
    return tuple(sorted(found, key=lambda one: (-len(one.same), one.same == ("name",), one.id))[:SHOWN])


def _alike(names: Sequence[str], name: str) -> dict[int, bool]:
    """Positions of names that are this one or nearly so, or contain it or lie in it, and whether they are the same."""
    from rapidfuzz import fuzz, process

    if not name:
        return {}
    near = process.extract(name, names, scorer=fuzz.ratio, processor=None, score_cutoff=_SIMILAR, limit=SHOWN)
    found = {number: other == name for other, _, number in near}
    if len(name.split()) >= _LEAST_WORDS:
        around = process.extract(
            name, names, scorer=fuzz.token_set_ratio, processor=None, score_cutoff=100, limit=2 * SHOWN
        )
        for other, _, number in around:
            if len(other.split()) >= _LEAST_WORDS:
                found.setdefault(number, False)
    return found


def _words(name: str) -> str:
    """A name's words in one order, so that Lovelace, Ada is Ada Lovelace."""
    return " ".join(sorted("".join(c if c.isalnum() else " " for c in fold(name)).split()))


def _international(phone: str, region: str | None) -> str:
    """A number as the check writes it, so that both are compared in the same form."""
    import phonenumbers

    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
