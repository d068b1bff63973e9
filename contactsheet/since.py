"""What changed since the last build, file by file: for the build that has little to do.

How each file looked is kept beside the receipt, and believed as far as it has the digests that the receipt says.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from contactsheet import own
from contactsheet.look import Look, Shelf, changed, digest_of_files
from contactsheet.receipt import SEEN, path_of
from contactsheet.repository import CONTACTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contactsheet.look import Files, Folders, Seen, Stamps

_LIMIT = 268_435_456  # bytes
_SIZES = struct.Struct("<QQ")  # the bytes of a folder's names, and of what is taken of its files


class Since(NamedTuple):
    """What there is to know of the last build, as long as its site ``stands`` as it was left.

    ``records`` are the paths (POSIX, relative to the root) of those that changed, where nothing else did that the site
    is made of; else None. ``mark`` is what the build was remembered by, ``seen`` how the files of the site look,
    ``stamps`` how its folders did before that.
    """

    records: tuple[str, ...] | None
    mark: bytes
    seen: Seen
    stamps: Stamps
    stands: Callable[[], bool]


def keep(root: str, output: str, sources: Look, left: Look) -> None:
    """Keeps what a look at the sources saw, and one at the output, for who asks what changed since that build."""
    path = Path(path_of(root, output, SEEN))
    parts: list[bytes | array[int]] = []
    for names, values in (*sources.files.values(), *left.files.values()):
        told = names.encode("utf-8", "surrogatepass")
        parts += (_SIZES.pack(len(told), len(values) * values.itemsize), told, values)
    if path.parent.is_dir():
        own.write(path, b"".join(parts))


def since(
    root: str,
    output: str,
    now: Look,
    sources: Folders,
    left: Folders,
    stamps: Stamps,
    mark: bytes,
    stands: Callable[[], bool],
) -> Since | None:
    """What changed ``now`` since a build that left ``mark``; ``sources`` and ``left`` are what its receipt says, and
    ``stands`` tells whether its site is as it was.

    None where it is not known how the files looked then.
    """
    before = _kept(own.read(path_of(root, output, SEEN), _LIMIT) or b"", {**sources, **left})
    if before is None:
        return None
    records = _records(str(Path(root) / CONTACTS), now, sources, before)
    return Since(records, mark, {folder: Shelf(*before[folder]) for folder in left}, stamps, stands)


def _kept(data: bytes, folders: Folders) -> Mapping[str, Files] | None:
    """How the files of these folders looked; None where what was kept is damaged, or another build's."""
    found: dict[str, Files] = {}
    view, at = memoryview(data), 0
    try:
        for folder, (_, digest) in folders.items():
            of_names, of_values = _SIZES.unpack_from(data, at)
            at += _SIZES.size
            names = str(view[at : at + of_names], "utf-8", "surrogatepass")
            at += of_names
            values = array("q")
            values.frombytes(view[at : at + of_values])
            at += of_values
            found[folder] = names, values
            if digest_of_files(found[folder]) != digest:
                return None
    except (ValueError, struct.error):
        return None
    return found


def _records(contacts: str, now: Look, sources: Folders, before: Mapping[str, Files]) -> tuple[str, ...] | None:
    """The records that changed; None where any file of another kind did, or any came or went."""
    differ = [folder for folder in now.folders if now.folders[folder] != sources.get(folder)]
    if now.folders.keys() != sources.keys() or not all(f"{one}/".startswith(f"{contacts}/") for one in differ):
        return None
    found: list[str] = []
    for folder in differ:
        names = changed(before[folder], now.files[folder])
        if names is None:
            return None
        found += [f"{CONTACTS}{folder[len(contacts) :]}/{name}" for name in names]
    return tuple(found)
