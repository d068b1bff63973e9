"""Whether the site stands as the last build left it, made of what is still the same: then there is nothing to do."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from contactsheet import receipt, seal
from contactsheet.edition import appearance
from contactsheet.git import head
from contactsheet.outcome import Outcome, again, kept
from contactsheet.read import AVATARS, CONTACTS, SETTINGS, TEMPLATES, own_templates


class Standing:
    """A look at the sources of a site from before it is built, and at the site from after.

    A build publishes what it read after the look, so a source that changed meanwhile is seen the next time, and so is a
    commit, since pages and cards tell what git remembers.
    """

    def __init__(self, root: Path, output: Path, *, strict: bool) -> None:
        self._output, self._strict = output, strict
        self._place = receipt.path_of(root, output)
        self._stage = output.parent / receipt.FOLDER / f"{output.name}.stage"
        self._head = head(root)
        sources = [root / name for name in (CONTACTS, AVATARS, TEMPLATES, SETTINGS)]
        self._sources = receipt.look([*sources, own_templates()])

    def outcome(self) -> Outcome | None:
        """What the last build gave, if another one would give the same; else None."""
        found = receipt.read(self._place, seal.key())
        if not found or self._stage.exists() or found[0] != self._made_of() or found[1] != self._left():
            return None
        outcome = again(found[2])
        return None if outcome.failed(self._strict) else outcome

    def note(self, outcome: Outcome) -> None:
        """Remembers what a build gave."""
        if outcome.published and self._sources.is_settled:
            receipt.write(self._place, seal.key(), (self._made_of(), self._left(outcome.published.seen), kept(outcome)))

    def _made_of(self) -> tuple[bytes, bytes, str]:
        return appearance(), self._sources.digest, self._head

    def _left(self, seen: receipt.Seen = MappingProxyType({})) -> bytes:
        return receipt.look([self._output], seen).digest
