"""The end where files go out: everything is made beside the output and moved in only when all of it is there.

A file whose bytes did not change is not written. What was made before and is not made now is deleted; nothing else is
touched. A publication that was killed while it moved files in is finished by the next run.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from contactsheet.read import AVATARS, CONTACTS, TEMPLATES

MANIFEST = ".contactsheet-manifest"  # in the output: the paths of all files that this program made there, one a line
WORKSHOP = ".contactsheet"  # beside the output: where files are made
_JOURNAL = "journal.json"
# What may lie in a folder that counts as empty: git's files, and what file managers leave.
_HARMLESS = frozenset((".gitignore", ".gitkeep", ".DS_Store", "Thumbs.db", "desktop.ini"))
# Files with their content's hash in the name come first and go last, so that a page never shows what is not there.
_HASHED = ("assets/", "avatars/")


class OutputError(Exception):
    """The output folder is no place to publish to; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did: files in all, and how many of them were written or deleted."""

    files: int
    written: int
    deleted: int


def check_place(root: Path, output: Path) -> None:
    """Raises OutputError for a folder that must not be published to, before anything is written.

    That is: a file or a link; the file system's root, a home folder, the repository or anything above it, a source
    folder or anything inside one; a folder that holds files which this program did not make.
    """
    if output.is_symlink():
        raise OutputError(f"{output} is a link; give --output the folder itself")
    if output.exists() and not output.is_dir():
        raise OutputError(f"{output} is a file, not a folder; give --output a folder")
    place, top = output.resolve(), root.resolve()
    if place in (Path(place.anchor), Path.home().resolve()) or place == top or place in top.parents:
        raise OutputError(f"{output} holds more than the site; give --output a folder of its own")
    for name in (CONTACTS, AVATARS, TEMPLATES, ".git", ".github", WORKSHOP):
        if place == top / name or top / name in place.parents:
            raise OutputError(f"{output} is for the sources; give --output a folder of its own")
    if output.is_dir() and not (output / MANIFEST).is_file():
        foreign = sorted(entry.name for entry in output.iterdir() if entry.name not in _HARMLESS)
        if foreign:
            raise OutputError(
                f"{output} holds files that this program did not make ({foreign[0]}); "
                "give --output an empty folder, or move them away"
            )


@contextmanager
def publication(output: Path) -> Iterator[Publication]:
    """A publication to ``output``, alone: another one waits until this one is over.

    Files are added to it; ``commit`` moves them in. Left without a commit, it leaves everything as it was.
    """
    from filelock import FileLock

    workshop = output.parent / WORKSHOP
    workshop.mkdir(parents=True, exist_ok=True)
    with FileLock(workshop / f"{output.name}.lock"):
        stage = workshop / f"{output.name}.stage"
        _recover(output, stage)
        stage.mkdir()
        try:
            yield Publication(output, stage)
        finally:
            # Before the journal is written nothing has moved; after it, only the next run may clean up.
            if not (stage / _JOURNAL).exists():
                shutil.rmtree(stage, ignore_errors=True)


def recover(output: Path) -> None:
    """Finishes a publication that was killed while it moved files in, if there was one."""
    if (output.parent / WORKSHOP / f"{output.name}.stage").exists():
        with publication(output):
            pass


class Publication:
    """The files of one site on their way to the output."""

    def __init__(self, output: Path, stage: Path) -> None:
        self.output, self.stage = output, stage
        self.before = _manifest(output)
        self.paths: set[str] = set()
        self.staged: dict[str, str] = {}
        self._folders: set[Path] = set()

    def add(self, path: str, data: bytes) -> None:
        """A file of the site: ``path`` is POSIX and relative to the output.

        Raises OutputError where a file stands that this program did not make, or a link leads out.
        """
        if path in self.paths:
            return
        self.paths.add(path)
        target = self.output / path
        self._check_folder(target.parent)
        try:
            if target.read_bytes() == data and not target.is_symlink():
                return
            foreign = path not in self.before
        except FileNotFoundError:
            foreign = False
        except OSError:  # a folder stands there, or a file where a folder belongs
            foreign = True
        if foreign:
            raise OutputError(f"{target} was not made by this program and stands where a page belongs; move it away")
        name = f"{len(self.staged)}"
        (self.stage / name).write_bytes(data)
        self.staged[path] = name

    def _check_folder(self, folder: Path) -> None:
        while folder != self.output and folder not in self._folders:
            if folder.is_symlink():
                raise OutputError(f"{folder} is a link; take it out of the output")
            self._folders.add(folder)
            folder = folder.parent

    def commit(self) -> Published:
        """Moves everything in, and deletes what was made before and is not made now."""
        deleted = self.before - self.paths
        written = len(self.staged)
        moves = self._in_order()
        if self.before != self.paths or not (self.output / MANIFEST).is_file():
            # While files move, the manifest names the old and the new ones: none is ever taken for somebody else's.
            moves.insert(0, [MANIFEST, self._stage_manifest("manifest-during", self.before | self.paths)])
            moves.append([MANIFEST, self._stage_manifest("manifest-after", self.paths)])
        if moves or deleted:
            journal: dict[str, list[Any]] = {"moved": moves[:-1], "deleted": _pages_first(deleted), "last": moves[-1:]}
            draft = self.stage / f"{_JOURNAL}.new"
            draft.write_text(json.dumps(journal), encoding="utf-8")
            draft.replace(self.stage / _JOURNAL)
            _finish(self.output, self.stage, journal)
        return Published(len(self.paths), written, len(deleted))

    def _stage_manifest(self, name: str, paths: set[str]) -> str:
        (self.stage / name).write_bytes("".join(f"{path}\n" for path in sorted(paths)).encode())
        return name

    def _in_order(self) -> list[list[str]]:
        """The moves, so that at every moment what a page links to is there: hashed files, new pages, changed pages."""

        def rank(path: str) -> tuple[int, str]:
            return (0 if path.startswith(_HASHED) else 2 if path in self.before else 1), path

        return [[path, self.staged[path]] for path in sorted(self.staged, key=rank)]


def _pages_first(paths: Iterable[str]) -> list[str]:
    return sorted(paths, key=lambda path: (path.startswith(_HASHED), path))


def _manifest(output: Path) -> set[str]:
    """The paths of the files that were made before; whoever wrote the manifest, only those that stay inside."""
    try:
        lines = (output / MANIFEST).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return set()
    return {line for line in lines if _is_inside(line)}


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\\" not in path and ":" not in path


def _recover(output: Path, stage: Path) -> None:
    """Finishes what a killed publication began to move in; what was only being made is thrown away."""
    try:
        journal = json.loads((stage / _JOURNAL).read_text(encoding="utf-8"))
        _finish(output, stage, journal)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    if stage.exists():
        shutil.rmtree(stage)


def _finish(output: Path, stage: Path, journal: Mapping[str, Sequence[Any]]) -> None:
    _move(output, stage, journal["moved"])
    for path in journal["deleted"]:
        (output / path).unlink(missing_ok=True)
    _remove_empty(output, {(output / path).parent for path in journal["deleted"]})
    _move(output, stage, journal["last"])
    shutil.rmtree(stage)


def _move(output: Path, stage: Path, moves: Iterable[Sequence[str]]) -> None:
    made: set[Path] = set()
    for path, name in moves:
        target = output / path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        try:
            (stage / name).replace(target)
        except FileNotFoundError:
            if (stage / name).exists():
                raise
            # It was moved in already, before the process was killed.


def _remove_empty(output: Path, folders: Iterable[Path]) -> None:
    """Removes the folders that the deletions left empty, up to the output itself."""
    for folder in sorted(folders, key=lambda one: len(one.parts), reverse=True):
        here = folder
        while here != output:
            try:
                here.rmdir()
            except OSError:
                break
            here = here.parent
