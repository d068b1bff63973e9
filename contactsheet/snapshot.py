"""A look at the tree of a site, and what differs between two of them. No file is opened, no link followed."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from contactsheet.look import Entries
from contactsheet.regular import is_folder

_TEMPORARY_ENDINGS = ("~", ".swp", ".swo", ".swx", ".tmp", ".temp", ".bak", ".part", ".partial", ".crdownload")
_KIND = stat.S_IFMT(0xFFFF)
# In nanoseconds, how long the clock of a file system may stand still: that of Windows ticks every 15.6 ms, that of
# Linux every 10 at most; some file systems count whole seconds, FAT two at a time.
_TICK, _COARSE_TICK, _SECOND = 16_000_000, 2_000_000_000, 1_000_000_000


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


FOLDER = Stamp(0, 0, 0, 0, stat.S_IFDIR)  # of every folder that has a stamp


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


def snapshot(root: Path, watched: Sequence[str], wanted: Callable[[str], bool] | None = None) -> dict[str, Stamp]:
    """A stamp for every file at or below the ``watched`` names (files or folders below ``root``, ``/`` between parts).

    The keys are POSIX paths relative to ``root``. Links are stamped, never followed; hidden files and editors'
    temporary files are left out; what vanishes meanwhile or cannot be read is not there. A folder is there only if its
    name could be a file's (``ada.yaml/``), with a stamp that says no more than that: temporary files change its times.
    ``wanted`` is asked about the name of everything in the watched folders; an exception of it ends the look.
    """
    found: dict[str, Stamp] = {}
    folders: list[str] = []
    for name in watched:
        with contextlib.suppress(OSError):
            status = (root / name).lstat()
            if is_folder(status):
                folders.append(name)
            else:
                found[name] = stamp_of(status)
    walk(root, folders, found, wanted)
    return found


def walk(root: Path, folders: list[str], found: dict[str, Stamp], wanted: Callable[[str], bool] | None = None) -> None:
    """Puts all that ``snapshot`` tells of the files below the ``folders`` into ``found``; empties ``folders``."""
    while folders:
        with contextlib.suppress(OSError):
            scan(root, folders.pop(), found, folders, wanted)


def scan(
    root: Path,
    folder: str,
    found: dict[str, Stamp],
    folders: list[str],
    wanted: Callable[[str], bool] | None = None,
) -> None:
    """Puts the files in one folder into ``found`` and the folders in it into ``folders``; raises ``OSError``."""
    with Entries(root / folder) as entries:
        for entry in entries:
            name = entry.name
            if (wanted is not None and not wanted(name)) or name[0] == ".":
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            path = f"{folder}/{name}" if folder else name
            if is_folder(status):
                folders.append(path)
                if "." in name:
                    found[path] = FOLDER
            elif not is_temporary(name):
                found[path] = stamp_of(status)


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of a file or link with this status."""
    # The time of a file's status is in it because a copy may keep size and time of modification, and because a file
    # that could not be read may have been given back its permissions. Made past `Stamp.__new__`, which takes as long
    # again as all the rest here.
    return tuple.__new__(
        Stamp, (status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns, status.st_mode & _KIND)
    )


def is_young(stamp: Stamp, began_ns: int, ended_ns: int) -> bool:
    """Whether a look at this time (by the clock, in nanoseconds) was so soon after the file's last change that a
    further one could leave the same stamp. Git calls such a file racily clean.
    """
    coarse = not (stamp.mtime_ns % _SECOND or stamp.ctime_ns % _SECOND)
    tick = _COARSE_TICK if coarse else _TICK
    return any(began_ns - tick < time < ended_ns + tick for time in (stamp.mtime_ns, stamp.ctime_ns))


def is_temporary(name: str) -> bool:
    """Whether a file's name is hidden, a download's, or an editor's: Vim's 4913 and .swp, Emacs' #a#, ___jb_tmp___."""
    return (
        name.endswith(_TEMPORARY_ENDINGS)
        or name[0] == "."
        or name[:2] == "~$"
        or "___jb_" in name
        or name == "4913"
        or name[0] == "#" == name[-1]
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
