"""What the publication before this one left in an output: which files are its own, and whether each is as it was."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from contactsheet import journal, own
from contactsheet.destination import HARMLESS, MANIFEST
from contactsheet.disk import looks
from contactsheet.look import Entries, Shelf, joined, packed, stamps_of, values_of

if TYPE_CHECKING:
    from contactsheet.look import Seen, Stamps

_MANIFEST_LIMIT = 1_073_741_824  # bytes

Imprint = tuple[int, int, int, bytes]
"""Of a file: its size, its time of modification in nanoseconds, its inode, and the fingerprint of what it was made of.
"""


class Before:
    """The files that were published to an output before.

    ``trusted`` are those of which it is known how they were left; nothing of the others is believed.
    """

    def __init__(self, output: Path) -> None:
        self.output = output
        self.trusted: Mapping[str, Imprint] = {}
        self._unseen = False
        self._looked: dict[str, Shelf] = {}

    @cached_property
    def files(self) -> Set[str]:
        """The files that were published before."""
        # Reading the manifest of 20,000 files takes as long as all else that one changed record costs.
        return self.trusted.keys() if self._unseen else published_files(self.output, self.trusted.keys())

    def trust(self, standing: Mapping[str, Imprint], *, unseen: bool = False) -> None:
        """What an earlier publication left as ``standing``: files that are as they were then need not be made again.

        With ``unseen`` they are believed to be as they were: for who has just published them, and saw that since then
        nothing was put into a folder or taken out of one.
        """
        self.trusted, self._unseen = standing, unseen

    def see(self, seen: Seen, stamps: Stamps) -> bool:
        """Takes over how the files of the output were ``seen`` a moment ago; False where somebody published since.

        ``stamps`` are those of the folders from before that.
        """
        if stamps_of(stamps) != stamps:
            return False
        top = len(str(self.output)) + 1
        self._looked = {folder[top:]: files for folder, files in seen.items()}
        return True

    def retouch(self, made_of: Mapping[str, bytes]) -> None:
        """Says that the files of these paths alone are made anew, with the fingerprint of what they were made of.

        They stand as they were published, and so do all others of the site, which stay.
        """
        self.trust({path: (*looks((self.output / path).lstat()), was) for path, was in made_of.items()}, unseen=True)

    def standing(self, path: str, fingerprint: bytes) -> Imprint | None:
        """How the file of that path was left, if it stands unharmed and was made of what has that fingerprint."""
        before = self.trusted.get(path)
        return before if before and before[3] == fingerprint and self._stands(path, before) else None

    def _stands(self, path: str, before: Imprint) -> bool:
        return path in self.files and (self._unseen or self._is_unharmed(path, before))

    def _is_unharmed(self, path: str, before: Imprint) -> bool:
        folder, _, name = path.rpartition("/")
        if folder not in self._looked:
            self._looked[folder] = _files(f"{self.output}/{folder}")
        found = self._looked[folder].get(name)
        return found is not None and (found[3], found[0], found[4]) == before[:3]

    def content(self, path: str) -> bytes | None:
        """The bytes of a file that stands unharmed as it was published, whatever becomes of it now; else None."""
        file = self.file(path)
        with suppress(OSError):
            return file.read_bytes() if file else None
        return None

    def file(self, path: str) -> Path | None:
        """A file that stands unharmed as it was published, whatever becomes of it now; None where it does not.

        It is looked at again, since it is going to be read and not merely left alone.
        """
        before = self.trusted.get(path)
        if before is None or not self._stands(path, before):
            return None
        file = self.output / path
        with suppress(OSError):
            return file if looks(file.lstat()) == before[:3] else None
        return None

    def made_of(self, path: str) -> bytes:
        """The fingerprint of what a file was made of when it was published; empty where that is not known."""
        before = self.trusted.get(path)
        return before[3] if before else b""

    @cached_property
    def _files_by_folded(self) -> Mapping[str, str]:
        return {path.casefold(): path for path in self.files}

    def recased_from(self, path: str, target: Path) -> str:
        """The path of a file of ours that stands here under a name of other case, where a file system sees no other."""
        if path in self.files:
            return ""
        former = self._files_by_folded.get(path.casefold(), "")
        return former if former and target.samefile(self.output / former) else ""

    def seen_without(self, paths: Iterable[str]) -> Seen:
        """How the files looked when they were looked at, but for those of these paths, which changed since."""
        changed: dict[str, set[str]] = {}
        for path in paths:
            folder, _, name = path.rpartition("/")
            changed.setdefault(folder, set()).add(name)
        return {
            f"{self.output}/{folder}".rstrip("/"): files.without(changed.get(folder, ()))
            for folder, files in self._looked.items()
        }


def _files(folder: str) -> Shelf:
    """How the regular files in a folder look: faster than asking for one by one."""
    names: list[str] = []
    values: list[int] = []
    with suppress(OSError), Entries(folder) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                names.append(entry.name)
                values += values_of(status)
    return Shelf(joined(names), packed(values))


def manifest(paths: Set[str]) -> bytes:
    """The file that names all files of a site, by their paths in the output."""
    return "".join(f"{path}\n" for path in sorted(paths)).encode()


def published_files(output: Path, known: Set[str] = frozenset()) -> set[str]:
    """The paths of the files that were made before; whoever wrote the manifest, only those that stay inside.

    Of those that are ``known`` that is known too.
    """
    try:
        lines = (own.read(output / MANIFEST, _MANIFEST_LIMIT) or b"").decode().splitlines()
    except ValueError:
        return set()
    found = set(lines)
    if found <= known:
        return found
    return {line for line in lines if journal.is_inside(line) and line not in (*HARMLESS, MANIFEST)}
