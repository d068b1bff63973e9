"""The known name that is nearest to one that is not known, for the remedy of a problem."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property

# Names compared before it gives up: at worst some two seconds. Thousands of wrong names among thousands of known ones
# would take hours, and nobody reads so many proposals.
_PATIENCE = 10_000


def nearest(name: str, known: Iterable[str], likeness: float) -> str:
    """The known name that is most like ``name``, and at least that much (0 to 1); empty where there is none."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(known), 1, likeness)), "")


class Nearest:
    """Proposals among the names that are known, until the patience for comparing them ends."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self._left = _PATIENCE

    @cached_property
    def _by_folded(self) -> dict[str, str]:
        return {name.casefold(): name for name in sorted(self._known)}

    def __call__(self, name: str, likeness: float, *, but: str = "") -> str:
        """The known name nearest to ``name`` and at least that much like it (0 to 1), or nothing; never ``but``.

        Upper and lower case do not count: a name that differs by them alone is always found.
        """
        folded = name.casefold()
        if self._by_folded.get(folded, but) != but:
            return self._by_folded[folded]
        self._left -= len(self._by_folded)
        if self._left < 0:
            return ""
        from difflib import get_close_matches

        near = get_close_matches(folded, self._by_folded, 2, likeness)
        return next((self._by_folded[one] for one in near if self._by_folded[one] != but), "")
