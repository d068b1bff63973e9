"""Makes the stand-in of a folder: another folder with all that the first one is going to hold, as hard links.

So it costs no room and shows the same bytes. Nothing is ever written into a file of either folder: they share it.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path


def make(folder: Path, stand_in: Path, stage: Path, changes: Mapping[str, str]) -> bool:
    """Makes ``stand_in`` what ``folder`` will be; False, and there is none, where files cannot be linked.

    ``changes`` gives, by POSIX paths relative to the folder, the names of the new files in ``stage``, and "" for a file
    that goes. All else stays, whoever made it.
    """
    try:
        _link_all(str(folder), str(stand_in), "", changes)
        new = {path: made for path, made in changes.items() if made}
        for above in {path.rpartition("/")[0] for path in new}:
            (stand_in / above).mkdir(parents=True, exist_ok=True)
        for path, made in new.items():
            os.link(stage / made, stand_in / path)
    except OSError:
        shutil.rmtree(stand_in, ignore_errors=True)
        return False
    return True


def inodes(folder: Path) -> frozenset[int]:
    """The inodes of all files in a folder and in those below it."""
    return frozenset(entry.inode() for entry in _files(folder))


def folders(folder: Path) -> list[Path]:
    """A folder and all below it."""
    return [Path(one) for one, _, _ in os.walk(folder)]


def adopt(shown: Path, real: Path, draft: Path, known: Collection[int], ours: Collection[str]) -> None:
    """Puts into ``real`` what somebody else has put into ``shown`` while that stood in for it.

    ``known`` are the inodes of all that was there when it was made, ``ours`` the paths that are ours to change.
    """
    for entry in _files(shown):
        if entry.inode() in known:
            continue
        path = Path(entry.path).relative_to(shown)
        if path.as_posix() in ours:
            continue
        (real / path).parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        _link(entry, str(draft))
        draft.replace(real / path)


def _files(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    """All that lies in a folder and in those below it and is no folder itself; no link is followed."""
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            else:
                yield entry


def _link_all(source: str, target: str, prefix: str, left_out: Collection[str]) -> None:
    """Links the files of a folder and of those below it into a new folder."""
    os.mkdir(target)  # noqa: PTH102  # ten thousand times with those below: Path takes longer than the system
    with os.scandir(source) as found:
        for entry in found:
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                _link_all(entry.path, f"{target}/{entry.name}", f"{path}/", left_out)
            elif path not in left_out:
                _link(entry, f"{target}/{entry.name}")
    _dress(source, target)


def _link(entry: os.DirEntry[str], target: str) -> None:
    if entry.is_symlink():
        os.symlink(os.readlink(entry.path), target)  # noqa: PTH115, PTH211  # as above
    else:
        os.link(entry.path, target)


def _dress(source: str, target: str) -> None:
    """Gives a folder the owner, mode and attributes of another, so that whoever may read the one may read the other.

    Raises PermissionError where we could not take it away again.
    """
    theirs, made = os.stat(source), os.stat(target)  # noqa: PTH116  # as above
    if theirs.st_mode & stat.S_IRWXU != stat.S_IRWXU:
        raise PermissionError(source)
    if os.name == "posix" and (theirs.st_uid, theirs.st_gid) != (made.st_uid, made.st_gid):
        os.chown(target, theirs.st_uid, theirs.st_gid)
    shutil.copystat(source, target)
