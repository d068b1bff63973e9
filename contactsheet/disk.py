"""Waits until what was written is on the disk, where the system can be told to write, and copies parts of files."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

# From so many files on, one order to the system to write everything is cheaper than one order a file.
SYNCED_ONE_BY_ONE = 64
_BLOCK = 1_048_576  # bytes


def sync(paths: Collection[Path | str]) -> None:
    """Waits until files or folders are on the disk."""
    if len(paths) > SYNCED_ONE_BY_ONE:
        if hasattr(os, "sync"):
            os.sync()
        return
    for path in map(Path, paths):
        if path.is_dir():
            if os.name == "posix":  # Windows cannot open a folder
                _sync_one(path, os.O_RDONLY)
        else:
            _sync_one(path, os.O_RDWR | getattr(os, "O_BINARY", 0))


def begin_sync() -> None:
    """Has the system begin to write to the disk all that was written so far, while this process does something else."""
    if hasattr(os, "sync"):
        threading.Thread(target=os.sync, daemon=True).start()


def copy(source: BinaryIO, target: BinaryIO, start: int, count: int) -> None:
    """Writes ``count`` bytes of ``source`` from ``start`` on to ``target``; within the system, where it can do that.

    There, a file system that shares blocks between files (Btrfs, XFS) copies nothing at all.
    """
    target.flush()
    at, left = start, count
    call = getattr(os, "copy_file_range", None)  # Linux
    while call and left:
        try:
            done = call(source.fileno(), target.fileno(), left, at)
        except OSError:  # not between these file systems, or not on this one
            break
        if not done:
            break
        at, left = at + done, left - done
    source.seek(at)
    target.seek(0, os.SEEK_END)
    while left and (block := source.read(min(left, _BLOCK))):
        target.write(block)
        left -= len(block)
    if left:
        raise OSError(errno.EIO, "the file ends too early", getattr(source, "name", None))


def _sync_one(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # network file systems that know no such order
            raise
    finally:
        os.close(descriptor)
