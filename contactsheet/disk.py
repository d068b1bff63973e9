"""Waits until what was written is on the disk, where the system can be told to write; it writes nothing itself."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection
from pathlib import Path

# From so many files on, one order to the system to write everything is cheaper than one order a file.
SYNCED_ONE_BY_ONE = 64


def sync(paths: Collection[Path]) -> None:
    """Waits until files or folders are on the disk."""
    if len(paths) > SYNCED_ONE_BY_ONE:
        if hasattr(os, "sync"):
            os.sync()
        return
    for path in paths:
        if path.is_dir():
            if os.name == "posix":  # Windows cannot open a folder
                _sync_one(path, os.O_RDONLY)
        else:
            _sync_one(path, os.O_RDWR | getattr(os, "O_BINARY", 0))


def _sync_one(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # network file systems that know no such order
            raise
    finally:
        os.close(descriptor)
