"""What becomes of each field when records join a contact: which value stays, and which ones lose.

It knows fields and values alone; who joins whom is settled in ``directives``, pictures are the business of ``merge``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date
from typing import Any, NamedTuple, TypeVar

from contactsheet.schema import Labelled, Message, Record
from contactsheet.values import shortened

Value = TypeVar("Value")

_SHOWN = 2_000  # characters of a value that stayed; beside it, thousands may have lost


class Lost(NamedTuple):
    """A value that lost: the field, the value, the value that stayed, and the ID of the record that it came from."""

    field: str
    value: str
    kept: str
    origin: str


class Party(NamedTuple):
    """A record that takes part in a merge: the survivor, or one that joins it.

    ``take`` are the fields in which it wins over what is there, ``keep`` those in which it only yields.
    """

    id: str
    record: Record
    take: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()


class Loss(NamedTuple):
    """A value that lost when the record ``at`` joined."""

    at: str
    lost: Lost


Rule = Callable[[str, Sequence[Party]], tuple[Any, list[Loss]]]
"""How a field merges: from its name and all parties, the survivor first, to the value that stays and what lost."""


def unite(parties: Sequence[Party]) -> tuple[Record, Mapping[str, Sequence[Lost]]]:
    """The survivor's record with what the others bring, and by ID what lost when that record joined.

    ``parties`` are the survivor and then the others in the order in which they join; their IDs differ.
    """
    values: dict[str, Any] = {}
    lost: dict[str, list[Lost]] = {party.id: [] for party in parties}
    for field, rule in RULES.items():
        values[field], losses = rule(field, parties)
        for loss in losses:
            lost[loss.at].append(loss.lost)
    return replace(parties[0].record, **values), lost


# --- fields of one value ---------------------------------------------------------------------------------------------


def _scalar(field: str, parties: Sequence[Party]) -> tuple[object, list[Loss]]:
    """The survivor's value stays; where it has none, the first that is offered."""
    offers = [(party, getattr(party.record, field)) for party in parties]
    return _one(field, field, offers, better=lambda _new, _old: False)


def _earliest(field: str, parties: Sequence[Party]) -> tuple[date | None, list[Loss]]:
    offers: list[tuple[Party, date | None]] = [(party, getattr(party.record, field)) for party in parties]
    return _one(field, field, offers, better=lambda new, old: new < old)


def _custom(field: str, parties: Sequence[Party]) -> tuple[dict[str, str], list[Loss]]:
    """Custom fields, key by key, each as a field of one value."""
    offers: dict[str, list[tuple[Party, str | None]]] = {}
    for party in parties:
        for key, text in getattr(party.record, field).items():
            offers.setdefault(key, []).append((party, text))
    values: dict[str, str] = dict(getattr(parties[0].record, field))
    losses: list[Loss] = []
    for key, offered in offers.items():
        value, lost = _one(field, f"{field}.{key}", offered, better=lambda _new, _old: False)
        losses += lost
        if value:
            values[key] = value
    return values, losses


def _one(
    field: str, name: str, offers: Iterable[tuple[Party, Value | None]], better: Callable[[Value, Value], bool]
) -> tuple[Value | None, list[Loss]]:
    """The one of the offered values that stays. ``name`` is what the ledger calls the field."""
    value, owner = None, ""
    beaten: list[tuple[str, str, Value]] = []
    for party, offer in offers:
        if not offer:
            continue
        if field not in party.keep and (not value or field in party.take or better(offer, value)):
            if value:
                beaten.append((party.id, owner, value))
            value, owner = offer, party.id
        else:
            beaten.append((party.id, party.id, offer))
    kept = "" if value is None else _shown(str(value))
    losses = [Loss(at, Lost(name, str(one), kept, origin)) for at, origin, one in beaten if one != value]
    return value, losses


def _starred(field: str, parties: Sequence[Party]) -> tuple[bool, list[Loss]]:
    """A star that anyone brings stays."""
    starred = any(party.record.starred for party in parties if field not in party.keep)
    without = [party for party in parties if party.record.starred and not starred]
    return starred, [Loss(party.id, Lost(field, "true", "false", party.id)) for party in without]


# --- lists -----------------------------------------------------------------------------------------------------------


def _labelled(field: str, parties: Sequence[Party]) -> tuple[tuple[Labelled, ...], list[Loss]]:
    return _list(field, [(party, getattr(party.record, field)) for party in parties])


def _texts(field: str, parties: Sequence[Party]) -> tuple[tuple[str, ...], list[Loss]]:
    groups = [(party, [Labelled(value=text) for text in getattr(party.record, field)]) for party in parties]
    items, losses = _list(field, groups)
    return tuple(item.value for item in items), losses


def _list(field: str, groups: Sequence[tuple[Party, Sequence[Labelled]]]) -> tuple[tuple[Labelled, ...], list[Loss]]:
    """All items once, the survivor's first; ``take`` puts a party's items first instead.

    Of items that are equal but written otherwise, or with another label, the first stays and the other is a loss.
    """
    survivor = groups[0][0]
    rank = {party.id: number for number, (party, _) in enumerate(groups)}
    kept: list[tuple[Party, Labelled]] = []
    first: dict[str, int] = {}  # of those that are equal, the place among the kept
    said: set[Labelled] = set()
    losses: list[Loss] = []
    for party, item in _in_order(field, groups):
        if item in said:
            continue
        place = first.setdefault(comparable(field, item.value), len(kept))
        # The survivor's own repetitions stay as their author wrote them.
        if place == len(kept) or party is survivor is kept[place][0]:
            kept.append((party, item))
            said.update(_said_by(item))
            continue
        owner, known = kept[place]
        if item.label and not known.label:
            known = replace(known, label=item.label)
            kept[place] = owner, known
            said.update(_said_by(known))
        if item not in said:
            at = max(party.id, owner.id, key=rank.__getitem__)
            losses.append(Loss(at, Lost(field, _text(item), _text(known), party.id)))
    items = tuple(item for _, item in kept)
    return items, [*losses, *_refused(field, groups, items)]


def _in_order(field: str, groups: Iterable[tuple[Party, Sequence[Labelled]]]) -> Iterator[tuple[Party, Labelled]]:
    """The items that may enter the list, each with whose it is, in the order in which they do."""
    ordered: deque[tuple[Party, Sequence[Labelled]]] = deque()
    for party, items in groups:
        if field in party.take:
            ordered.appendleft((party, items))
        elif field not in party.keep:
            ordered.append((party, items))
    for party, items in ordered:
        yield from ((party, item) for item in items)


def _shown(kept: str) -> str:
    """As much of what stayed as is told beside each value that lost; all of it stands in the contact."""
    return shortened(kept, _SHOWN)


def _refused(
    field: str, groups: Iterable[tuple[Party, Sequence[Labelled]]], kept: Sequence[Labelled]
) -> Iterator[Loss]:
    """What the parties lose that yield in this field."""
    whole = _shown(", ".join(item.value for item in kept))
    said = {one for item in kept for one in _said_by(item)}
    first: dict[str, Labelled] = {}
    for item in kept:
        first.setdefault(comparable(field, item.value), item)
    for party, items in groups:
        for item in items if field in party.keep else ():
            if item not in said:
                same = first.get(comparable(field, item.value))
                yield Loss(party.id, Lost(field, _text(item), _text(same) if same else whole, party.id))


def _said_by(item: Labelled) -> tuple[Labelled, Labelled]:
    """What is known once an item is: itself, and its value without the label."""
    return item, Labelled(value=item.value)


def _text(item: Labelled) -> str:
    return f"{item.label}: {item.value}" if item.label else item.value


def comparable(field: str, value: str) -> str:
    """What makes two items the same: numbers by their digits, all else without regard to upper and lower case.

    Web addresses have paths, in which the case counts.
    """
    if field == "phones":
        return "".join(c for c in value if c.isalnum() or c == "+").casefold()
    return value.rstrip("/") if field == "websites" else value.casefold()


# --- the rest --------------------------------------------------------------------------------------------------------


def _channels(field: str, parties: Sequence[Party]) -> tuple[tuple[str, ...], list[Loss]]:
    """All channels on which anyone is not to be disturbed; ``all`` stands for every one of them."""
    owners: dict[str, str] = {}
    beaten: list[tuple[str, str, str]] = []
    for party in parties:
        offered = party.record.do_not_disturb
        if field in party.keep:
            beaten += [(party.id, party.id, channel) for channel in offered]
        elif field in party.take and offered:
            beaten += [(party.id, owner, channel) for channel, owner in owners.items()]
            owners = dict.fromkeys(offered, party.id)
        else:
            for channel in offered:
                owners.setdefault(channel, party.id)
    channels = ("all",) if "all" in owners else tuple(owners)
    kept = _shown(", ".join(channels))
    return channels, [
        Loss(at, Lost(field, channel, kept, origin))
        for at, origin, channel in beaten
        if channel not in owners and "all" not in owners
    ]


def _messages(field: str, parties: Sequence[Party]) -> tuple[tuple[Message, ...], list[Loss]]:
    """All messages in the order of time, identical ones once; one that was read anywhere is read."""
    united: dict[tuple[object, ...], Message] = {}
    losses: list[Loss] = []
    for party in sorted(parties, key=lambda party: field in party.keep):
        for message in party.record.messages:
            key = (message.at.astimezone(UTC), message.sender, message.channel, message.text)
            known = united.get(key)
            if known and message.read and not known.read:
                united[key] = message
            elif not known and field in party.keep:
                losses.append(Loss(party.id, Lost(field, _quoted(message), "", party.id)))
            elif not known:
                united[key] = message
    return tuple(sorted(united.values(), key=lambda message: message.at.astimezone(UTC))), losses


def _quoted(message: Message) -> str:
    channel = f" ({message.channel})" if message.channel else ""
    return f"{message.at.isoformat()} {message.sender}{channel}: {message.text}"


SCALARS = (
    "name",
    "given_name",
    "family_name",
    "pronouns",
    "company",
    "title",
    "type",
    "owner",
    "source",
    "address",
    "birthday",
    "time_zone",
    "notes",
)
# Every field of a record but avatar, merge_into and aliases, in the order in which the ledger tells what they lost.
RULES: Mapping[str, Rule] = {
    **dict.fromkeys(SCALARS, _scalar),
    "created": _earliest,
    "emails": _labelled,
    "phones": _labelled,
    "websites": _labelled,
    "tags": _texts,
    "fields": _custom,
    "do_not_disturb": _channels,
    "distinct_from": _texts,
    "starred": _starred,
    "messages": _messages,
}
