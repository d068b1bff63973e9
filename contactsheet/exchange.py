"""Exchanges two folders in one step of the file system, so that neither place is ever empty or half filled.

It never makes do with several steps: where the system or the file system has no such step, it says so.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

# <fcntl.h> and <linux/fs.h>; the flag has the same value in macOS's <sys/stdio.h>, as RENAME_SWAP.
_AT_FDCWD = -100
_EXCHANGE = 2
_CALLS = {"linux": "renameat2", "darwin": "renamex_np"}


def exchange(one: Path, other: Path) -> None:
    """Puts each of two folders in the other's place, at once (renameat2(2) on Linux, renamex_np(2) on macOS).

    Raises OSError, and has done nothing, where that cannot be.
    """
    import ctypes

    name = _CALLS.get(sys.platform)
    # A C library may lack the function, as musl did for long.
    call = getattr(ctypes.CDLL(None, use_errno=True), name, None) if name else None
    if not call:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    here = [_AT_FDCWD] if name == "renameat2" else []
    if call(*here, os.fsencode(one), *here, os.fsencode(other), _EXCHANGE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(one), None, str(other))


def is_possible(folder: Path) -> bool:
    """Whether folders can be exchanged on the file system of ``folder``: two new ones are, and are taken away."""
    pair = (folder / "one", folder / "other")
    try:
        for place in pair:
            place.mkdir()
        exchange(*pair)
    except OSError:
        return False
    finally:
        for place in pair:
            with suppress(OSError):
                place.rmdir()
    return True
