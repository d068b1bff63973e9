"""A look at the named places of a tree alone: it brings an older snapshot up to date without looking at the rest.

Gives exactly what a snapshot of the whole tree would, or says that it cannot. Never opens a file or follows a link.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from contactsheet.regular import is_folder
from contactsheet.snapshot import FOLDER, Changes, Stamp, difference, scan, stamp_of, walk

# On Windows a folder's listing tells no inode, and size and times as of the last close: there, stamps of two looks
# compare only if both come from listings.
_ONLY_LISTINGS = os.name == "nt"


def revisit(root: Path, paths: Collection[str], known: Mapping[str, Stamp]) -> tuple[dict[str, Stamp], Changes] | None:
    """The snapshot ``known`` brought up to date at and below the ``paths`` alone, and what changed there.

    The paths are POSIX paths below ``root`` of files or folders that may have changed, come or gone; those of temporary
    files are not among them. ``None`` where only a snapshot can tell: a path is another name of what is there, as
    where upper and lower case are one. What it costs grows with the paths; of the tree, ``known`` alone is copied.
    """
    looked = _outermost(_reachable(root, paths))
    found: dict[str, Stamp] = {}
    folders: list[str] = []
    for folder, names in _by_folder(looked).items():
        if not _look_in(root, folder, names, known, found, folders):
            return None
    walk(root, folders, found)
    before = {path: known[path] for path in (*(looked & known.keys()), *_below(looked, known))}
    changes = difference(before, found)
    tree = dict(known)
    for path in changes.removed:
        del tree[path]
    tree.update(found)
    return tree, changes


def _reachable(root: Path, paths: Collection[str]) -> set[str]:
    """The paths; instead of each that lies in no folder now, what is there in place of the folder, or was."""
    gone = {folder: _gone(root, folder) for folder in {path.rpartition("/")[0] for path in paths}}
    return {gone[path.rpartition("/")[0]] or path for path in paths}


def _gone(root: Path, folder: str) -> str | None:
    """The outermost of the folder and those above it that is gone or no longer a folder."""
    for above in reversed([folder, *_above(folder)] if folder else []):
        try:
            if not is_folder((root / above).lstat()):
                return above
        except OSError:
            return above
    return None


def _outermost(paths: set[str]) -> set[str]:
    """The paths without those below another: a folder is looked at with all that is below it."""
    return {path for path in paths if not any(folder in paths for folder in _above(path))}


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _by_folder(paths: Collection[str]) -> dict[str, set[str]]:
    grouped: dict[str, set[str]] = {}
    for path in sorted(paths):
        folder, _, name = path.rpartition("/")
        grouped.setdefault(folder, set()).add(name)
    return grouped


def _look_in(
    root: Path,
    folder: str,
    names: set[str],
    known: Mapping[str, Stamp],
    found: dict[str, Stamp],
    folders: list[str],
) -> bool:
    """Puts the named entries of a folder into ``found`` and ``folders``; whether each name is what the folder says."""
    paths = [f"{folder}/{name}" if folder else name for name in names]
    if not _ONLY_LISTINGS and _are_files(paths, known):
        _look_at(root, paths, found, folders)
        return True
    # A new name makes the folder be listed: where case does not count, the old name of a renamed file answers too.
    with contextlib.suppress(OSError):
        scan(root, folder, found, folders, names.__contains__)
    return not any(path not in found and path not in folders and os.path.lexists(root / path) for path in paths)


def _look_at(root: Path, paths: list[str], found: dict[str, Stamp], folders: list[str]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            status = os.lstat(f"{root}/{path}")
            if not is_folder(status):
                found[path] = stamp_of(status)
                continue
            folders.append(path)
            if "." in path.rpartition("/")[2]:
                found[path] = FOLDER


def _below(paths: set[str], known: Mapping[str, Stamp]) -> list[str]:
    """What is known below the paths; of files that are known there is nothing."""
    if _are_files(paths, known):
        return []
    known_folders = {path.rpartition("/")[0] for path in known}
    below = {folder for folder in known_folders if folder in paths or any(above in paths for above in _above(folder))}
    return [path for path in known if path.rpartition("/")[0] in below] if below else []


def _are_files(paths: Collection[str], known: Mapping[str, Stamp]) -> bool:
    return all(path in known and known[path].kind != FOLDER.kind for path in paths)
