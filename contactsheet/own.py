"""Files of the program's own, in a folder that a checkout may have filled: no link is followed, no pipe is opened."""

from __future__ import annotations

import os

from contactsheet import regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def read(path: str | os.PathLike[str], limit: int) -> bytes | None:
    """The bytes of a regular file of at most ``limit`` bytes; None where there is none."""
    place = os.fspath(path)
    if os.path.islink(os.path.dirname(place)):
        return None
    data = regular.content(place, limit)
    return data if isinstance(data, bytes) else None


def write(path: Path, data: bytes) -> bool:
    """Puts a file there, whole or not at all, and says whether it could; its folder is made if it is not there."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        if path.parent.is_symlink():
            return False
        draft.unlink(missing_ok=True)
        with draft.open("xb") as stream:
            stream.write(data)
        draft.replace(path)
    except OSError:
        return False
    finally:  # also when it is interrupted
        try:
            draft.unlink(missing_ok=True)
        except OSError:
            pass
    return True
