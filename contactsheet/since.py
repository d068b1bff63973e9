"""What changed since the last build, file by file: for the build that has little to do.

How each file looked is kept beside the receipt, sealed as that is.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from contactsheet import receipt, seal
from contactsheet.look import Look, Shelf, changed
from contactsheet.repository import CONTACTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contactsheet.look import Files, Folders, Seen, Stamps


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


def keep(root: str, output: str, sources: Look, left: Look, mark: bytes) -> None:
    """Keeps what a look at the sources saw, and one at the output, for who asks what changed since that build."""
    receipt.write(receipt.path_of(root, output, receipt.SEEN), seal.key(), (mark, {**sources.files, **left.files}))


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
    kept = receipt.read(receipt.path_of(root, output, receipt.SEEN), seal.key())
    if not kept or kept[0] != mark:
        return None
    before: Mapping[str, Files] = {folder: (names, array("q", values)) for folder, (names, values) in kept[1].items()}
    records = _records(str(Path(root) / CONTACTS), now, sources, before)
    return Since(records, mark, {folder: Shelf(*before[folder]) for folder in left}, stamps, stands)


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
