"""What + Add contact asks the preview while someone types: a free ID for the name, and who the contact may be already.

It answers from what the last build knew, held in memory, and changes nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contactsheet import ids, own, similar
from contactsheet.settings import SettingsError, load
from contactsheet.views import INDEX, record_path

if TYPE_CHECKING:
    from contactsheet.contacts import Joined
    from contactsheet.live import Live
    from contactsheet.rebuilding import Bench, Rebuilding
    from contactsheet.similar import Draft, Like, Register

_INDEX_LIMIT = 134_217_728  # bytes
_NAME_LIMIT = 400  # characters: of a longer one no more is looked at
_VALUES = 20
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Known:
    """Who was known after build ``number``: the register, all IDs in small letters, and the pictures' addresses."""

    number: int
    register: Register
    taken: frozenset[str]
    pictures: Mapping[str, str]


class Proposer:
    """Answers for the ``site``; what it knows is renewed when it is asked after a build that changed something."""

    def __init__(self, site: Path, live: Live, rebuilding: Rebuilding) -> None:
        self._site, self._live, self._rebuilding = site, live, rebuilding
        self._known: Known | None = None

    async def answer(self, draft: Draft) -> dict[str, object]:
        """The ID and the duplicates for a draft, as JSON has them. Raises TimeoutError while a build takes long."""
        number, known = self._live.state.number, self._known
        if known is None or known.number != number:
            asked = self._rebuilding.ask(_look)
            contacts, region = await asyncio.wait_for(asyncio.wrap_future(asked), _SECONDS)
            known = self._known = await asyncio.to_thread(_knowing, number, contacts, region, self._site, known)
        draft = _limited(draft)
        found = similar.like(known.register, draft)
        return {"id": _proposal(draft, known.taken), "duplicates": [_entry(known, one) for one in found]}


def _look(bench: Bench) -> tuple[Sequence[Joined], str | None]:
    try:
        return bench.contacts(), load(bench.root).phone_region
    except SettingsError:  # which the pages tell
        return bench.contacts(), None


def _knowing(number: int, contacts: Sequence[Joined], region: str | None, site: Path, before: Known | None) -> Known:
    known = similar.register((one.summary for one in contacts), region, before.register if before else None)
    merged = (moved.id for one in contacts for moved in one.merged)
    return Known(number, known, frozenset(one.casefold() for one in chain(known.cards, merged)), _pictures(site))


def _pictures(site: Path) -> dict[str, str]:
    """The small pictures of the site as it was built last, by ID: their addresses below its top."""
    index: Any = json.loads(own.read(site / INDEX, _INDEX_LIMIT) or b'{"contacts": []}')
    return {one["id"]: one["avatar"]["96"] for one in index["contacts"] if one["avatar"]}


def _limited(draft: Draft) -> Draft:
    emails, phones = (tuple(one[:_NAME_LIMIT] for one in values[:_VALUES]) for values in (draft.emails, draft.phones))
    return similar.Draft(draft.name[:_NAME_LIMIT], emails, phones)


def _proposal(draft: Draft, taken: frozenset[str]) -> str:
    """A free ID from the name; from the e-mail address where the name has no spelling in ASCII; empty without any."""
    if not draft.name.strip():
        return ""
    texts = (draft.name, *(email.partition("@")[0] for email in draft.emails))
    suggested = next(filter(None, map(ids.suggestion, texts)), "contact")
    return ids.proposal(suggested, taken)


def _entry(known: Known, found: Like) -> dict[str, object]:
    summary = known.register.cards[found.id].summary
    return {
        "id": found.id,
        "name": summary.name,
        "page": record_path(found.id),
        "avatar": known.pictures.get(found.id),
        "initials": summary.initials,
        "tone": summary.tone,
        "reason": found.reason,
    }
