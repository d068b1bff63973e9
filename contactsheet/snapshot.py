"""A look at the tree of a site, and what differs between two of them. No file is opened, no link followed."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_TEMPORARY_ENDINGS = ("~", ".swp", ".swo", ".swx", ".tmp", ".temp", ".bak", ".part", ".partial", ".crdownload")
_MOUNT_POINT = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT, a Windows junction: Python 3.11 takes it for a plain folder


class Stamp(NamedTuple):
    """What tells that a file changed without reading it.

    ``size`` in bytes, times in nanoseconds, ``kind`` as ``stat.S_IFMT`` gives it. A named tuple, because a snapshot of
    20,000 files makes 20,000 of them and a dataclass would take half as long again.
    """

    size: int
    mtime_ns: int
    inode: int
    ctime_ns: int
    kind: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two snapshots: POSIX paths relative to the root, sorted. False when nothing does."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def describe(changes: Changes) -> str:
    """One short line for a person: ``contacts/ada.yaml changed, 3 files added``. Control characters are escaped."""
    groups = ((changes.changed, "changed"), (changes.added, "added"), (changes.removed, "removed"))
    return ", ".join(f"{_named(paths)} {verb}" for paths, verb in groups if paths) or "nothing changed"


def _named(paths: Sequence[str]) -> str:
    return _printable(paths[0]) if len(paths) == 1 else f"{len(paths)} files"


def _printable(path: str, longest: int = 100) -> str:
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in path)
    return shown if len(shown) <= longest else "…" + shown[1 - longest :]


def snapshot(root: Path, watched: Sequence[str]) -> dict[str, Stamp]:
    """A stamp for every file at or below the ``watched`` names (files or folders below ``root``, ``/`` between parts).

    The keys are POSIX paths relative to ``root``. Links are stamped, never followed; hidden files and editors'
    temporary files are left out; what vanishes meanwhile or cannot be read is not there. A folder is there only if its
    name could be a file's (``ada.yaml/``), with a stamp that says no more than that: temporary files change its times.
    """
    found: dict[str, Stamp] = {}
    folders: list[str] = []
    for name in watched:
        with contextlib.suppress(OSError):
            status = (root / name).lstat()
            if is_folder(status):
                folders.append(name)
            else:
                found[name] = _stamp(status)
    while folders:
        with contextlib.suppress(OSError):
            _scan(root, folders.pop(), found, folders)
    return found


def _scan(root: Path, folder: str, found: dict[str, Stamp], folders: list[str]) -> None:
    with os.scandir(root / folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith(".") or (status := _status(entry)) is None:
                continue
            path = f"{folder}/{name}"
            if not is_folder(status):
                if not is_temporary(name):
                    found[path] = _stamp(status)
                continue
            folders.append(path)
            if "." in name:
                found[path] = Stamp(0, 0, 0, 0, stat.S_IFDIR)


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:
        return None


def _stamp(status: os.stat_result) -> Stamp:
    # The time of a file's status is in it because a copy may keep size and time of modification, and because a file
    # that could not be read may have been given back its permissions.
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns, stat.S_IFMT(status.st_mode))


def is_folder(status: os.stat_result) -> bool:
    """Whether it is a real folder, not a link or a junction."""
    return stat.S_ISDIR(status.st_mode) and getattr(status, "st_reparse_tag", 0) != _MOUNT_POINT


def is_temporary(name: str) -> bool:
    """Whether a file's name is hidden, a download's, or an editor's: Vim's 4913 and .swp, Emacs' #a#, ___jb_tmp___."""
    return (
        name.startswith((".", "~$"))
        or name.endswith(_TEMPORARY_ENDINGS)
        or "___jb_" in name
        or name == "4913"
        or name[0] == name[-1] == "#"
    )


def difference(before: Mapping[str, Stamp], after: Mapping[str, Stamp]) -> Changes:
    """What changed from one snapshot to a later one."""
    if before == after:
        return Changes()
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(path for path in after.keys() & before.keys() if after[path] != before[path])),
        removed=tuple(sorted(before.keys() - after.keys())),
    )
