"""Changes to source files: each is whole or not at all, and goes to a regular file below the root alone."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def replace_file(root: Path, path: str, data: bytes) -> None:
    """Puts ``data`` in the place of the regular file ``path`` (POSIX, relative to ``root``), in one step.

    Its permissions stay. Raises OSError; the old file is there then.
    """
    target = root.joinpath(*path.split("/"))
    mode = os.lstat(target).st_mode
    if not stat.S_ISREG(mode):
        raise OSError(0, "it is no regular file", str(target))
    draft = target.with_name(f".{target.name}.new")  # hidden: neither the build nor a watcher takes it for a source
    try:
        with draft.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.chmod(stat.S_IMODE(mode))
        draft.replace(target)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
