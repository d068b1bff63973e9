"""The bytes of a regular file, and what is a folder. No link is followed, no pipe or device opened or waited for."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Kind = Literal["not-a-file", "too-large", "unreadable"]

_ATTEMPTS = 3
_MOUNT_POINT = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT, a Windows junction: Python 3.11 takes it for a plain folder
# A pipe put in the file's place would block an ordinary open, a link would lead elsewhere.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


def content(path: str, limit: int) -> bytes | tuple[Kind, str]:
    """The bytes of a regular file, at most ``limit`` of them; or why there are none, in a word and in a sentence.

    The size is judged by stat before anything is read. A file that changes while it is read is read again, a few times.
    """
    for _ in range(_ATTEMPTS):
        try:
            found = os.lstat(path)
            if not stat.S_ISREG(found.st_mode):
                return "not-a-file", "this is no regular file"
            if found.st_size > limit:
                return too_large(found.st_size, limit)
            data = _whole(path, found)
        except OSError as error:
            return "unreadable", f"it cannot be read: {error.strerror or error}"
        if data is not None:
            return data
    return "unreadable", "it changes while it is read"


def is_folder(status: os.stat_result) -> bool:
    """Whether it is really a folder, of a status that followed no link: a junction of Windows leads elsewhere."""
    return stat.S_ISDIR(status.st_mode) and getattr(status, "st_reparse_tag", 0) != _MOUNT_POINT


def too_large(size: int, limit: int) -> tuple[Kind, str]:
    """That a file of so many bytes is not read."""
    return "too-large", f"it has {size:,} bytes; {limit:,} are allowed"


def _whole(path: str, expected: os.stat_result) -> bytes | None:
    """The file's bytes, or None if it is not, or no longer, the file that was looked at."""
    descriptor = os.open(path, _FLAGS)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode) or before.st_size != expected.st_size:
            return None
        data = os.read(descriptor, before.st_size + 1)
        while len(data) < before.st_size and (more := os.read(descriptor, before.st_size + 1 - len(data))):
            data += more  # systems may give it in pieces
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return data if same and len(data) == before.st_size else None
