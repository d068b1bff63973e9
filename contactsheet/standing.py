"""Whether the site stands as the last build left it, made of what is still the same: then there is nothing to do.

Where not, it tells what of it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from contactsheet import own, receipt, seal
from contactsheet.edition import appearance
from contactsheet.git import head
from contactsheet.outcome import Outcome, again, kept
from contactsheet.read import AVATARS, CONTACTS, SETTINGS, TEMPLATES, own_templates

_SOURCES = "sources"  # the file beside the receipt that says what the build saw of each source
_LIMIT = 268_435_456  # bytes


@dataclass(frozen=True, slots=True)
class Since:
    """What there is to know of the last build and of what became of its site since.

    ``records`` are the paths (POSIX, relative to the root) of those that changed, where the site stands as it was left
    and nothing else changed that it is made of; else None. ``mark`` is what the build was remembered by, ``seen`` how
    the files of the site look, ``folders`` how its folders did before that.
    """

    records: tuple[str, ...] | None
    mark: bytes
    seen: receipt.Seen
    folders: receipt.Folders


class Standing:
    """A look at the sources of a site from before it is built, and at the site from after.

    A build publishes what it read after the look, so a source that changed meanwhile is seen the next time, and so is a
    commit, since pages and cards tell what git remembers.
    """

    def __init__(self, root: Path, output: Path, *, strict: bool) -> None:
        self._root, self._output, self._strict = root, output, strict
        self._place = receipt.path_of(root, output)
        self._stage = output.parent / receipt.FOLDER / f"{output.name}.stage"
        self._head = head(root)
        sources = [root / name for name in (CONTACTS, AVATARS, TEMPLATES, SETTINGS)]
        self._sources = receipt.look([*sources, own_templates()])

    def outcome(self) -> Outcome | None:
        """What the last build gave, if another one would give the same; else None."""
        found = self._found
        if not found or found[0] != self._made_of or not self._is_left(found[1]):
            return None
        outcome = again(found[2])
        return None if outcome.failed(self._strict) else outcome

    def since(self) -> Since | None:
        """What became of the last build; None where there is no receipt of one."""
        if not self._found:
            return None
        _, left, _, mark = self._found
        records = self._records() if self._is_left(left) else None
        return Since(records, mark, receipt.seen_in(self._site.data), self._site.folders)

    def _records(self) -> tuple[str, ...] | None:
        """The records that changed; None where anything else did."""
        edition, sources, commit = self._found[0]
        before = own.read(self._place.with_suffix(f".{_SOURCES}"), _LIMIT)
        if (edition, commit) != (self._made_of[0], self._head) or receipt.digest_of(before or b"") != sources:
            return None
        changed = receipt.changed(before or b"", self._sources.data)
        above = f"{self._root / CONTACTS}/"
        if changed is None or not all(path.startswith(above) for path in changed):
            return None
        return tuple(f"{CONTACTS}/{path.removeprefix(above)}" for path in changed)

    def note(self, outcome: Outcome) -> None:
        """Remembers what a build gave."""
        done = outcome.published
        if done and self._sources.is_settled:
            left = receipt.look([self._output], done.seen).digest
            own.write(self._place.with_suffix(f".{_SOURCES}"), self._sources.data)
            receipt.write(self._place, seal.key(), (self._made_of, left, kept(outcome), done.mark))

    @cached_property
    def _found(self) -> Any:
        return receipt.read(self._place, seal.key())

    @cached_property
    def _made_of(self) -> tuple[bytes, bytes, str]:
        return appearance(), self._sources.digest, self._head

    @cached_property
    def _site(self) -> receipt.Look:
        return receipt.look([self._output])

    def _is_left(self, digest: bytes) -> bool:
        """Whether the site is as it was left, and no other publication began since."""
        return not self._stage.exists() and self._site.digest == digest
