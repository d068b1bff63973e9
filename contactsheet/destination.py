"""Where a site goes: which folders must not be published to, and where its files are made. It writes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from contactsheet.repository import AVATARS, CONTACTS, TEMPLATES

MANIFEST = ".contactsheet-manifest"  # in the output: the paths of all files that this program made there, one a line
WORKSHOP = ".contactsheet"  # beside the output: where files are made; gone when nothing is under way
# What may lie in a folder that counts as empty: git's files, and what file managers leave.
HARMLESS = frozenset((".gitignore", ".gitkeep", ".DS_Store", "Thumbs.db", "desktop.ini", WORKSHOP))


class OutputError(Exception):
    """The output folder is no place to publish to; the text says why and what to do."""


def check_place(root: Path, output: Path) -> None:
    """Raises OutputError for a folder that must not be published to, before anything is written.

    That is: a file or a link; a folder whose parent is missing; the repository, the user's home or anything above
    them; a source folder or anything inside one; a folder that holds files which this program did not make.
    """
    if output.is_symlink():
        raise OutputError(f"{output} is a link; give --output the folder itself")
    if output.exists() and not output.is_dir():
        raise OutputError(f"{output} is a file, not a folder; give --output a folder")
    if not output.parent.is_dir():
        raise OutputError(f"{output.parent} is not there; make it first, or give another --output")
    if any(_holds(output, _above(place)) for place in (root, *_homes())):
        raise OutputError(f"{output} holds more than the site; give --output a folder of its own")
    above = _above(output)
    if any(_holds(root / name, above) for name in (CONTACTS, AVATARS, TEMPLATES, ".git", ".github", WORKSHOP)):
        raise OutputError(f"{output} is for the sources; give --output a folder of its own")
    workshop = workshop_of(output)
    if workshop.is_symlink():
        raise OutputError(f"{workshop} is a link; the site is made there, so take the link away")
    if workshop.exists() and not workshop.is_dir():
        raise OutputError(f"{workshop} is no folder; the site is made there, so take away what stands in its place")
    if output.is_dir() and not (output / MANIFEST).is_file():
        foreign = sorted(entry.name for entry in output.iterdir() if entry.name not in HARMLESS)
        if foreign:
            raise OutputError(
                f"{output} holds files that this program did not make ({foreign[0]}); "
                "give --output an empty folder, or move them away"
            )


def _above(place: Path) -> set[str | tuple[int, int]]:
    """A place and all folders above it, told by their paths and, where they are there, by device and inode."""
    real = Path(os.path.realpath(place))  # resolve() fails where links form a loop
    return {told for one in (real, *real.parents) for told in _told(str(one))}


def _told(real: str) -> Iterator[str | tuple[int, int]]:
    yield real
    with suppress(OSError):
        status = Path(real).stat()
        yield status.st_dev, status.st_ino


def _holds(outer: Path, above_inner: set[str | tuple[int, int]]) -> bool:
    """Whether ``outer`` is that place or above it, whatever the file system thinks of case and links."""
    return not above_inner.isdisjoint(_told(os.path.realpath(outer)))


def _homes() -> Iterator[Path]:
    with suppress(RuntimeError):  # an account without a home folder, as containers have
        yield Path.home()


def workshop_of(output: Path) -> Path:
    """The folder to make files in: on the output's own file system, for files cannot be moved from one to another."""
    is_mounted = output.is_dir() and output.stat().st_dev != output.parent.stat().st_dev
    return (output if is_mounted else output.parent) / WORKSHOP
