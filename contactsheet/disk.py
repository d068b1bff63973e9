"""Puts files on the disk, copies parts of them, and waits until what was written is there, where that can be told."""

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
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

Looks = tuple[int, int, int]
"""Of a file: its size, its time of modification in nanoseconds, its inode."""


def looks(status: os.stat_result) -> Looks:
    """What is taken of a file's status."""
    return status.st_size, status.st_mtime_ns, status.st_ino


def put(path: str, data: bytes) -> Looks:
    """Makes a file, and tells how it looks."""
    # Ten thousand times: a stream and Path take longer than the system.
    descriptor = os.open(path, _NEW, 0o666)
    try:
        written = os.write(descriptor, data)
        while written < len(data):
            written += os.write(descriptor, memoryview(data)[written:])
        return looks(os.fstat(descriptor))
    finally:
        os.close(descriptor)


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
