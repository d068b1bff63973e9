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
    """The ID of a contact that is like the draft, and in what: ``same e-mail``, ``similar name``."""

    id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """All contacts as they are compared: names as sorted words, and who has an address or a number.

    ``region`` is the country of telephone numbers that name none.
    """

    ids: Sequence[str]
    names: Sequence[str]
    owners: Mapping[tuple[str, str], Sequence[int]]
    region: str | None


def register(summaries: Iterable[Summary], region: str | None) -> Register:
    """The register of all contacts, from what the search knows of them; about 0.1 s for ten thousand."""
    from contactsheet.search import Findings
    from contactsheet.uniting import identity

    ids: list[str] = []
    names: list[str] = []
    owners: dict[tuple[str, str], list[int]] = {}
    for number, summary in enumerate(summaries):
        found = Findings(*summary.findings)
        ids.append(summary.id)
        names.append(_words(summary.name))
        for value in (*found.shown[2:4], *found.more):
            if field := "emails" if "@" in value else "phones" if is_number(value) else "":
                owners.setdefault((field, identity(field, value)), []).append(number)
    return Register(ids, names, owners, region)


def like(known: Register, draft: Draft) -> tuple[Like, ...]:
    """The contacts that the draft may be, the likeliest first; ``SHOWN`` at most."""
    from contactsheet.uniting import identity

    reasons: dict[int, list[str]] = {}
    keys = [("emails", identity("emails", one.strip()), "same e-mail") for one in draft.emails]
    keys += [("phones", identity("phones", _international(one, known.region)), "same phone") for one in draft.phones]
    for field, key, reason in keys:
        for number in known.owners.get((field, key), ()):
            if reason not in reasons.setdefault(number, []):
                reasons[number].append(reason)
    for number, score in _alike(known.names, _words(draft.name)):
        reasons.setdefault(number, []).append("same name" if score == 100 else "similar name")
    ranked = sorted(reasons, key=lambda number: (-_weight(reasons[number]), known.ids[number]))
    return tuple(Like(known.ids[number], tuple(reasons[number])) for number in ranked[:SHOWN])


def _weight(reasons: Sequence[str]) -> int:
    worth = {"same e-mail": 4, "same phone": 4, "same name": 3, "similar name": 1}
    return sum(worth[reason] for reason in reasons)


def _alike(names: Sequence[str], name: str) -> list[tuple[int, float]]:
    """Positions of the names that are this one or nearly, 100 where they are the same, and of those that contain it."""
    from rapidfuzz import fuzz, process

    if not name:
        return []
    near = process.extract(name, names, scorer=fuzz.ratio, processor=None, score_cutoff=_SIMILAR, limit=SHOWN)
    found = {number: float(score) for _, score, number in near}
    if len(name.split()) >= _LEAST_WORDS:
        around = process.extract(
            name, names, scorer=fuzz.token_set_ratio, processor=None, score_cutoff=100, limit=2 * SHOWN
        )
        for other, _, number in around:
            if len(other.split()) >= _LEAST_WORDS:
                found.setdefault(number, _SIMILAR)
    return list(found.items())


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
