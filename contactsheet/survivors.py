"""Who survives where contacts are likely the same: all the others join it, so that no directives lead in a circle."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from contactsheet.distinct import Pair, pair
from contactsheet.namesakes import Kinship, kinship

if TYPE_CHECKING:
    from contactsheet.duplicates import Match
    from contactsheet.traits import Traits


def joins(
    matches: Iterable[Match], contacts: Mapping[str, Traits], distinct: Collection[Pair] = frozenset()
) -> Mapping[str, str]:
    """The ID of the survivor for each contact that is to join one.

    ``matches`` are the pairs that are to be merged, the surest first; ``contacts`` are all by their IDs. What is like
    two contacts that cannot be one, as J. Doe is like Jane and John, joins the one that it is more like.
    """
    groups: dict[str, frozenset[str]] = {}
    for match in matches:
        mine, theirs = (groups.get(one, frozenset((one,))) for one in match.pair)
        strangers = ((one, other) for one in mine for other in theirs if {one, other} != {*match.pair})
        if mine != theirs and all(_may_be_one(contacts[one], contacts[other], distinct) for one, other in strangers):
            groups.update(dict.fromkeys(mine | theirs, mine | theirs))
    survivors = {group: _survivor([contacts[one] for one in sorted(group)]) for group in set(groups.values())}
    return {one: survivors[group] for one, group in sorted(groups.items()) if survivors[group] != one}


def _may_be_one(one: Traits, other: Traits, distinct: Collection[Pair]) -> bool:
    """Whether nothing speaks against it that two contacts are one, though nothing may speak for it."""
    kin = kinship(one.words, other.words, {})
    return pair(one.id, other.id) not in distinct and kin not in (Kinship.SHARED, Kinship.OTHER)


def _survivor(group: Collection[Traits]) -> str:
    """The ID under which people know the contact best: it has the conversation, is the oldest, says the most.

    An age counts only where all have one.
    """
    oldest = min(contact.created for contact in group)
    fullest = max(contact.fullness for contact in group)

    def standing(contact: Traits) -> int:
        is_oldest = bool(oldest) and contact.created == oldest
        return 4 * contact.has_thread + 2 * is_oldest + (contact.fullness == fullest)

    return max(sorted(group, key=lambda contact: contact.id), key=standing).id
