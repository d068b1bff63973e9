"""Who is known already: finds the contact that somebody who comes in is, and says whether they bring anything new.

It reads no file and changes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contactsheet.folding import words
from contactsheet.ids import proposal, suggestion
from contactsheet.incoming import UID
from contactsheet.likeness import ALIKE
from contactsheet.schema import Record
from contactsheet.uniting import SCALARS, comparable

_NAMES = ("given_name", "family_name")
_LABELLED = ("emails", "phones", "websites")
_SAME_NAME = 20  # of so many contacts of one name it is looked whether they are the one
Fact = tuple[str, str, str]
"""A field, a value of it, and its label, or the key and the value of a custom field."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a picture: the SHA-256 of its file, its fingerprint (see ``likeness``), its shorter side."""

    digest: str
    fingerprint: int
    side: int

    def is_no_better(self, other: Look) -> bool:
        """Whether it is the same picture as the other, or looks like it and is no larger."""
        looks = self.fingerprint and other.fingerprint and (self.fingerprint ^ other.fingerprint).bit_count() <= ALIKE
        return self.digest == other.digest or bool(looks and self.side <= other.side)


@dataclass(frozen=True, slots=True)
class Match:
    """The contact that somebody is, and why: UID, e-mail or phone. ``is_own``: the card is one of this program's."""

    id: str
    reason: str
    is_own: bool = False


class Known:
    """All contacts there are, and those that come in one after the other. IDs are never given twice."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.casefold() for name in taken}
        self._numbers: dict[str, int] = {}
        self._records: dict[str, Record] = {}
        self._survivors: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}
        self._looks: dict[str, Look] = {}
        self._by_trait: dict[tuple[str, str], str] = {}
        self._said: dict[str, set[Fact]] = {}
        self._by_name: dict[str, list[str]] = {}

    def add(self, contact_id: str, record: Record, survivor: str = "") -> None:
        """A record, and the ID of the contact that it joins; of equal traits the first to come counts."""
        survivor = survivor or contact_id
        self._taken.add(contact_id.casefold())
        self._records[contact_id] = record
        self._survivors[contact_id] = survivor
        self._members.setdefault(survivor, []).append(contact_id)
        for trait in _traits(record):
            self._by_trait.setdefault(trait, contact_id)
        self._said.setdefault(survivor, set()).update(_facts(record), _implied(record))
        self._by_name.setdefault(record.name.casefold(), []).append(contact_id)

    def lead(self, alias: str, contact_id: str) -> None:
        """An ID that a contact had before: nobody else gets it, and whoever has it is that contact."""
        self._taken.add(alias.casefold())
        self._survivors.setdefault(alias, self._survivors[contact_id])

    def show(self, contact_id: str, look: Look) -> None:
        """What the picture of a record is like."""
        self._looks[contact_id] = look

    def members(self, contact_id: str) -> list[str]:
        """The record, or those of the contact that it joins: all that make one contact."""
        return self._members.get(self._survivors.get(contact_id, ""), [])

    def of_name(self, name: str) -> list[str]:
        """The contacts of the very same name, or some of many."""
        same = self._by_name.get(name.casefold(), ())[:_SAME_NAME]
        return list(dict.fromkeys(self._survivors[one] for one in same))

    def match(self, own_id: str, record: Record) -> Match | None:
        """The contact that this is: the one of its ID, or one with the same UID, e-mail address or phone number.

        ``own_id`` is the ID that a card of this program's own says.
        """
        if own_id in self._survivors:
            return Match(self._survivors[own_id], "UID", is_own=True)
        for name, value in _traits(record):
            found = self._by_trait.get((name, value))
            if found and not (name == "phone" and _are_two(record, self._records[found])):
                return Match(self._survivors[found], name)
        return None

    def says_it_all(self, found: Match | None, record: Record, look: Look | None) -> str:
        """The ID of the contact that holds everything that the record says, its picture included; empty without one.

        That is the contact ``found``, or else one of the very same name.
        """
        facts = set(_facts(record))
        for survivor in [found.id] if found else self.of_name(record.name):
            if facts <= self._said[survivor] and not (look and self.is_new(look, survivor, found)):
                return survivor
        return ""

    def is_new(self, look: Look, contact_id: str, found: Match | None) -> bool:
        """Whether a picture is one that the contact does not have yet, not even larger.

        The pictures in this program's own cards are small copies, cropped to a square, whatever they look like.
        """
        known = [self._looks[one] for one in self.members(contact_id) if one in self._looks]
        is_copy = found is not None and found.is_own
        return not any(look.is_no_better(one) or (is_copy and look.side <= one.side) for one in known)

    def free_id(self, own_id: str, folder: str, names: Iterable[str]) -> str:
        """An ID that nobody has: ``own_id`` if free, else made of the first of ``names`` that ASCII can spell."""
        if own_id and own_id.casefold() not in self._taken:
            self._taken.add(own_id.casefold())
            return own_id
        some = list(names)
        stem = next(filter(None, map(suggestion, some)), "") or proposal(some[0].replace("/", " "))
        stem = f"{folder}/{stem}" if folder else stem
        free, number = stem, self._numbers.get(stem, 1)
        while free in self._taken:
            number += 1
            free = f"{stem}-{number}"
        self._numbers[stem] = number
        self._taken.add(free)
        return free


def _traits(record: Record) -> Iterator[tuple[str, str]]:
    """What tells a contact from all others, the surest first. A number without its country is no such thing."""
    if uid := record.fields.get(UID):
        yield "UID", uid
    yield from (("e-mail", comparable("emails", one.value)) for one in record.emails)
    yield from (("phone", comparable("phones", one.value)) for one in record.phones if one.value.startswith("+"))


def _are_two(one: Record, other: Record) -> bool:
    """Whether two that have a phone number in common are two all the same, as colleagues with one switchboard.

    Each has an e-mail address of their own, and their names have no word in common.
    """
    emails = [{comparable("emails", email.value) for email in record.emails} for record in (one, other)]
    return all(emails) and not emails[0] & emails[1] and not words(one.name) & words(other.name)


def _facts(record: Record) -> Iterator[Fact]:
    """All that a record says of its contact, each in the form in which it is compared."""
    for name in (*SCALARS, "created"):
        if value := getattr(record, name):
            yield name, str(value), ""
    for name in _LABELLED:
        yield from ((name, comparable(name, one.value), one.label or "") for one in getattr(record, name))
    yield from (("tags", comparable("tags", tag), "") for tag in record.tags)
    yield from (("do_not_disturb", channel, "") for channel in record.do_not_disturb)
    yield from (("fields", name, text) for name, text in record.fields.items())


def _implied(record: Record) -> Iterator[Fact]:
    """What its facts say besides: an address without its label, and the parts of the name, which cards always have."""
    for name in _LABELLED:
        yield from ((name, comparable(name, one.value), "") for one in getattr(record, name))
    pieces = record.name.split(" ")
    for cut in range(len(pieces) + 1):
        yield from ((name, " ".join(part), "") for name in _NAMES for part in (pieces[:cut], pieces[cut:]))
