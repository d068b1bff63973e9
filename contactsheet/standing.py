"""Whether the site stands as the last build left it, made of what is still the same: then there is nothing to do."""

from __future__ import annotations

import os

from contactsheet import receipt, seal
from contactsheet.appearance import appearance
from contactsheet.head import head
from contactsheet.look import digest_of, look, stamps_of
from contactsheet.repository import AVATARS, CONTACTS, SETTINGS, TEMPLATES, own_templates
from contactsheet.second import Second

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contactsheet.look import Folders
    from contactsheet.outcome import Outcome
    from contactsheet.since import Since

# From so many files on, two processes look at them. Meanwhile the second one starts, this one looks at some thousands.
_WORTH_SECOND, _BEFORE_SECOND = 20_000, 3_000


class Standing:
    """A look at a site and at its sources, from before it is built.

    A build publishes what it read after the look, so a source that changed meanwhile is seen the next time, and so is a
    commit, since pages and cards tell what git remembers.
    """

    def __init__(self, root: str | os.PathLike[str], output: str | os.PathLike[str], *, strict: bool) -> None:
        here, self._output, self._strict = os.fspath(root), os.fspath(output), strict
        self._made_by = appearance(), head(here)
        self._made_of = [os.path.join(here, name) for name in (CONTACTS, AVATARS, TEMPLATES, SETTINGS)]
        self._made_of.append(own_templates())
        self._root, self._place = here, receipt.path_of(here, self._output)
        self._kept = self._last = self._second = None
        found = receipt.read(self._place, seal.key())
        if not found or found[0] != self._made_by or self._is_unfinished():
            self._sources = look(self._made_of)
            return
        _, sources, left, kept, mark, made_by = found
        apart = _apart(self._output, left, sum(files for files, _ in sources.values()))
        stamps = stamps_of(left)
        self._second = Second(self._output, apart)
        self._sources = look(self._made_of)
        if self._sources.folders == sources:
            self._kept = kept if self._is_left(left) else None
        else:
            self._second.go_on()  # and this one does what has to be done in any case
            self._last = sources, left, stamps, mark
            self._edition = made_by

    @property
    def stands(self) -> bool:
        """Whether another build would give the same as the last one."""
        return self._kept is not None

    @property
    def sources(self) -> tuple[int, int]:
        """About how many records and pictures there are."""
        records, pictures = (
            sum(files for folder, (files, _) in self._sources.folders.items() if f"{folder}/".startswith(f"{place}/"))
            for place in self._made_of[:2]
        )
        return records, pictures

    def outcome(self) -> Outcome | None:
        """What the last build gave, if another one would give the same; else None."""
        if self._kept is None:
            return None
        from contactsheet.outcome import again

        outcome = again(self._kept)
        return None if outcome.failed(self._strict) else outcome

    def since(self) -> Since | None:
        """What changed since the last build; None where there was none."""
        if self._last is None:
            return None
        from functools import cache, partial

        from contactsheet import edition
        from contactsheet.since import since

        edition.believe(self._edition)
        stands = cache(partial(self._is_left, self._last[1]))  # asked late, for the second process may still be looking
        return since(self._root, self._output, self._sources, *self._last, stands)

    def close(self) -> None:
        """Ends the look, if nobody asked what it saw."""
        if self._second:
            self._second.close()

    def note(self, outcome: Outcome) -> None:
        """Remembers what a build gave."""
        done = outcome.published
        if done:
            from contactsheet.edition import edition
            from contactsheet.outcome import kept
            from contactsheet.since import keep

            sources, left = self._sources.doubting(), look([self._output], done.seen)
            keep(self._root, self._output, sources, left)
            made_of = self._made_by, sources.folders, left.folders
            receipt.write(self._place, seal.key(), (*made_of, kept(outcome), done.mark, edition()))

    def _is_unfinished(self) -> bool:
        """Whether a publication was interrupted."""
        parent, name = os.path.split(self._output)
        return os.path.exists(os.path.join(parent, receipt.FOLDER, f"{name}.stage"))

    def _is_left(self, left: Folders) -> bool:
        """Whether the output is as it was ``left``."""
        assert self._second is not None
        with self._second as second:
            below = tuple(f"{folder}/" for folder in second.places)
            theirs = {folder: seen for folder, seen in left.items() if f"{folder}/".startswith(below)}
            rest = {folder: seen for folder, seen in left.items() if folder not in theirs}
            return second.digests() == (digest_of(theirs), digest_of(rest))


def _apart(output: str, left: Folders, files: int) -> list[str]:
    """The folders of an output, as it was ``left``, at which a second process looks, so that both have about as many
    files to look at; this one has others, too.
    """
    if files + sum(number for number, _ in left.values()) < _WORTH_SECOND or os.cpu_count() == 1:
        return []
    sizes: dict[str, int] = {}
    for folder, (number, _) in left.items():
        name = folder[len(output) + 1 :].partition("/")[0]
        if name:
            sizes[f"{output}/{name}"] = sizes.get(f"{output}/{name}", 0) + number
    apart: list[str] = []
    mine, theirs = files, _BEFORE_SECOND
    for folder, number in sorted(sizes.items(), key=lambda size: -size[1]):
        if theirs < mine:
            apart.append(folder)
            theirs += number
        else:
            mine += number
    return apart
