"""Which contacts are likely the same: pairs with a score and its reasons, best first.

It compares values; no file is read or written here. Not all pairs are looked at, only those that share something: an
address, a number, a picture, a name, or an organisation and a part of the name.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

from contactsheet.distinct import Pair
from contactsheet.likeness import ALIKE, pairs
from contactsheet.namesakes import Kinship, domain, is_role, kinship, spelling

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

    from contactsheet.traits import Traits

LEAST = 80
# Contacts that share something, above which it tells nothing by itself: what is one's own, and what others have too.
_CROWD, _MANY = 12, 60
_WORDS = 5  # of a name, that are looked for
_LIKE = 76  # of 100 (token_set_ratio), below which names are not looked at word by word; Jane and John Doe have 75
# Evidence in bits: how many times more likely a pair is one contact than two, as the exponent of 2. The figures were
# chosen with benchmarks/duplicates.py. Two contacts that have nothing but their name in common have a score below 70.
_BEFORE = -4.0
_NAMES: Mapping[Kinship, float] = {
    Kinship.SAME: 5.0,
    Kinship.REORDERED: 4.5,
    Kinship.RESPELT: 4.0,
    Kinship.LONGER: 3.5,
    Kinship.TYPO: 3.0,
    Kinship.SHORTENED: 1.5,
    Kinship.PART: 1.0,
    Kinship.UNTOLD: -1.5,
    Kinship.RENAMED: -1.5,
    Kinship.SHARED: -5.0,
    Kinship.OTHER: -8.0,
}
_EMAIL, _ROLE, _PHONE, _SAME_FILE, _SAME_LOOK = 10.0, 3.0, 7.0, 7.0, 6.0
_ORGANISATION, _OTHER_COMPANY = 3.5, -1.5
_BIRTHDAY, _OTHER_BIRTHDAY = 5.0, -6.0
_SMALL = 16  # people of an organisation, up to which it tells most


@dataclass(frozen=True, slots=True)
class Match:
    """Two contacts that may be one, by their IDs in order.

    ``score`` is from 0 to 100; ``reasons`` are in words, the weightiest first.
    """

    score: int
    one: str
    other: str
    reasons: tuple[str, ...]

    @property
    def pair(self) -> Pair:
        """The two IDs."""
        return self.one, self.other


class _Reason(NamedTuple):
    """What speaks for one contact (or against it, with less than no bits), in words with gaps for the values."""

    bits: float
    words: str
    values: tuple[str, ...] = ()
    sharing: int = 0

    def told(self) -> str:
        """The reason in words."""
        return self.words.format(*self.values) + (f", shared by {self.sharing:,} contacts" if self.sharing > 2 else "")


def find(
    contacts: Sequence[Traits],
    distinct: Collection[Pair] = frozenset(),
    *,
    least: int = LEAST,
    about: Collection[str] | None = None,
) -> list[Match]:
    """The pairs of contacts that are likely the same, with a score of at least ``least``, best first.

    ``distinct`` are pairs that are declared to be two, ``about`` the IDs one of which each pair is to have. The order
    of ``contacts`` does not show.
    """
    ordered = sorted(contacts, key=lambda contact: contact.id)
    shares = _Shares(ordered)
    found: list[Match] = []
    for at, to in _candidates(ordered, shares, namesakes=least <= _score(_NAMES[Kinship.SAME])):
        one, other = ordered[at], ordered[to]
        if about is not None and one.id not in about and other.id not in about:
            continue
        if (one.id, other.id) not in distinct:
            reasons = shares.reasons(one, other)
            score = _score(sum(reason.bits for reason in reasons))
            if score >= least:
                told = sorted((reason for reason in reasons if reason.words), key=lambda reason: -reason.bits)
                found.append(Match(score, one.id, other.id, tuple(reason.told() for reason in told)))
    return sorted(found, key=lambda match: (-match.score, match.pair))


def _score(bits: float) -> int:
    return round(100 / (1 + 2 ** -(_BEFORE + bits)))


# --- what two contacts share -----------------------------------------------------------------------------------------


class _Shares:
    """How many contacts have each value, and what it says that two have the same."""

    def __init__(self, contacts: Sequence[Traits]) -> None:
        self.spelt = [_spelt(contact) for contact in contacts]
        self.names = Counter(self.spelt)
        self.words = Counter(word for contact in contacts for word in set(map(spelling, contact.words)))
        self.emails = Counter(email for contact in contacts for email in contact.emails)
        self.phones = Counter(phone for contact in contacts for phone in contact.phones)
        self.organisations = Counter(key for contact in contacts for key in contact.organisations)
        self.looks = _looks(contacts)
        self.pictures = Counter(self.looks.values())

    def reasons(self, one: Traits, other: Traits) -> list[_Reason]:
        """All that speaks for one contact, or against it."""
        kin = kinship(one.words, other.words, self.words)
        ways = [*self._ways(one, other), *self._picture(one, other)]
        alike = [*self._name(one, other, kin)]
        ties = [*ways, *self._organisation(one, other)]
        if _NAMES[kin] <= 0:
            # A family shares telephone and address, a company logo and switchboard: the second says nothing more.
            strongest = max(ties, key=lambda reason: reason.bits, default=None)
            ties = [tie if tie is strongest or tie.bits < 0 else tie._replace(bits=0.0) for tie in ties]
        return [*ties, *alike, *_birthday(one, other)]

    def _ways(self, one: Traits, other: Traits) -> Iterator[_Reason]:
        """The same address or number; of several that they share, the rarest."""
        for count, weight, called, mine, theirs in (
            (self.emails, _EMAIL, "e-mail address", one.emails, other.emails),
            (self.phones, _PHONE, "phone number", one.phones, other.phones),
        ):
            if shared := set(mine) & set(theirs):
                value = min(shared, key=lambda value: (is_role(value), count[value], value))
                yield _shared(_ROLE if is_role(value) else weight, f"the same {called} {{}}", (value,), count[value])

    def _picture(self, one: Traits, other: Traits) -> Iterator[_Reason]:
        group = self.looks.get(one.id)
        if group is None or group != self.looks.get(other.id) or not one.look or not other.look:
            return
        if one.look[0] == other.look[0]:
            yield _shared(_SAME_FILE, "the same picture", (), self.pictures[group])
        elif (one.look[1] ^ other.look[1]).bit_count() <= ALIKE:
            yield _shared(_SAME_LOOK, "nearly the same picture", (), self.pictures[group])

    def _name(self, one: Traits, other: Traits, kin: Kinship) -> Iterator[_Reason]:
        bits = _NAMES[kin]
        if bits <= 0:
            yield _Reason(bits, f"but {kin.value}" if kin.value else "")
            return
        names = dict.fromkeys((one.name, other.name))
        count = min(self.names[_spelt(one)], self.names[_spelt(other)])
        yield _shared(bits, f"{kin.value} ({', '.join(['{}'] * len(names))})", tuple(names), count, least=0.5)

    def _organisation(self, one: Traits, other: Traits) -> Iterator[_Reason]:
        shared = [key for key in one.organisations if key in other.organisations]
        if shared:
            key = min(shared, key=self.organisations.__getitem__)
            count = self.organisations[key]
            bits = max(0.0, _ORGANISATION - 0.5 * max(0.0, math.log2(count / _SMALL)))
            called = one.company if one.company and other.company else _called(one, key)
            yield _Reason(bits, "the same organisation ({})", (called,), count)
        elif one.company and other.company and _are_apart(one.organisations, other.organisations):
            yield _Reason(_OTHER_COMPANY, "but other companies ({}, {})", (one.company, other.company))


def _called(contact: Traits, key: str) -> str:
    """What a contact's organisation of that key is called, by the e-mail address or the company that it comes from."""
    domains = map(domain, contact.emails)
    return next((one for one in domains if spelling(one) == key), contact.company or key)


def _shared(bits: float, words: str, values: tuple[str, ...], count: int, least: float = 0.0) -> _Reason:
    """A reason that says less the more contacts share the value."""
    return _Reason(max(least, bits - 2 * math.log2(max(1, count - 1))), words, values, count)


def _are_apart(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether no name begins with one of the others, which may be a department or a short form of it."""
    both = [(one, other) for one in some for other in others]
    return bool(both) and not any(one.startswith(other) or other.startswith(one) for one, other in both)


def _birthday(one: Traits, other: Traits) -> Iterator[_Reason]:
    if one.birthday and other.birthday:
        if one.birthday == other.birthday:
            yield _Reason(_BIRTHDAY, "the same birthday ({})", (one.birthday,))
        else:
            yield _Reason(_OTHER_BIRTHDAY, "but other birthdays ({}, {})", (one.birthday, other.birthday))


def _spelt(contact: Traits) -> str:
    return " ".join(sorted(map(spelling, contact.words)))


def _looks(contacts: Sequence[Traits]) -> Mapping[str, int]:
    """A number for each look, the same for pictures that look alike, by the ID of the contact."""
    pictured = [(contact.id, contact.look) for contact in contacts if contact.look]
    group = list(range(len(pictured)))
    for first, second in pairs([look for _, look in pictured]):
        group[second] = group[first]
    return {contact_id: group[at] for at, (contact_id, _) in enumerate(pictured)}


# --- which pairs are looked at ---------------------------------------------------------------------------------------


def _candidates(contacts: Sequence[Traits], shares: _Shares, *, namesakes: bool) -> Iterator[tuple[int, int]]:
    """The positions of contacts that share something, the smaller first, each pair once.

    ``namesakes``: little is enough, as the same name alone, or an initial at the same company.
    """
    import numpy

    sure: dict[str, list[int]] = defaultdict(list)
    doubtful: dict[str, list[int]] = defaultdict(list)
    for at, contact in enumerate(contacts):
        spelt = sorted(map(spelling, contact.words))
        for key in _own(contact, spelt, shares):
            sure[key].append(at)
        for key in _common(contact, spelt, namesakes=namesakes):
            doubtful[key].append(at)
    likely = _pairs(doubtful, _MANY, len(contacts))
    if not namesakes:
        likely = _with_like_names(likely, shares.spelt)
    for code in numpy.union1d(_pairs(sure, _CROWD, len(contacts)), likely).tolist():
        yield divmod(code, len(contacts))


def _own(contact: Traits, spelt: Sequence[str], shares: _Shares) -> Iterator[str]:
    """What belongs to a contact alone, if nobody is there twice."""
    yield from (f"email {email}" for email in contact.emails)
    yield from (f"phone {phone}" for phone in contact.phones)
    if contact.id in shares.looks:
        yield f"look {shares.looks[contact.id]}"
    if contact.birthday:
        yield f"{contact.birthday} {_initials(spelt)}"


def _common(contact: Traits, spelt: Sequence[str], *, namesakes: bool) -> Iterator[str]:
    """What a contact has in common with its double and others: a word of the name may differ, but not every word."""
    whole = {"".join(spelt), "".join(map(spelling, contact.words))} - {""}
    for place in (*contact.organisations, *([""] if namesakes else [])):
        yield from (f"{place} {name}" for name in whole)
    for organisation in contact.organisations:
        yield f"{organisation}  {_initials(spelt)}"
        yield from {f"{organisation} {word} {other[0]}" for word, other in permutations(spelt[:_WORDS], 2)}


def _initials(spelt: Sequence[str]) -> str:
    return "".join(word[0] for word in spelt)


def _pairs(blocks: Mapping[str, Sequence[int]], most: int, count: int) -> NDArray[int64]:
    """All pairs within the blocks of at ``most`` so many, once and in order; a pair is first * count + second."""
    import numpy

    by_size: dict[int, list[Sequence[int]]] = defaultdict(list)
    for block in blocks.values():
        if 1 < len(block) <= most:
            by_size[len(block)].append(block)
    found = [numpy.empty(0, numpy.int64)]
    for size, some in by_size.items():
        members = numpy.array(some, numpy.int64)
        first, second = numpy.triu_indices(size, 1)
        found.append((members[:, first] * count + members[:, second]).ravel())
    return numpy.unique(numpy.concatenate(found))


def _with_like_names(pairs: NDArray[int64], names: Sequence[str]) -> NDArray[int64]:
    """The pairs whose names are so alike that it is worth looking at them word by word."""
    from rapidfuzz import fuzz, process

    one, other = ([names[at] for at in some.tolist()] for some in (pairs // len(names), pairs % len(names)))
    alike = process.cpdist(one, other, scorer=fuzz.token_set_ratio, score_cutoff=_LIKE)
    return pairs[alike > 0]
