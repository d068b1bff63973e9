"""What changed since the last build, file by file: for the build that has little to do.

How each file looked is kept beside the receipt, sealed as that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from contactsheet import receipt, seal
from contactsheet.look import Look, Shelf, by_name
from contactsheet.repository import CONTACTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contactsheet.look import Files, Folders, Seen, Stamps


class Since(NamedTuple):
    """What there is to know of the last build, whose site stands as it was left.

    ``records`` are the paths (POSIX, relative to the root) of those that changed, where nothing else did that the site
    is made of; else None. ``mark`` is what the build was remembered by, ``seen`` how the files of the site look,
    ``stamps`` how its folders did before that.
    """

    records: tuple[str, ...] | None
    mark: bytes
    seen: Seen
    stamps: Stamps


def keep(root: str, output: str, sources: Look, left: Look, mark: bytes) -> None:
    """Keeps what a look at the sources saw, and one at the output, for who asks what changed since that build."""
    receipt.write(receipt.path_of(root, output, receipt.SEEN), seal.key(), (mark, {**sources.files, **left.files}))


def since(
    root: str, output: str, now: Look, sources: Folders, left: Folders, stamps: Stamps, mark: bytes
) -> Since | None:
    """What changed ``now`` since a build that left ``mark``; ``sources`` and ``left`` are what its receipt says.

    None where it is not known how the files looked then.
    """
    kept = receipt.read(receipt.path_of(root, output, receipt.SEEN), seal.key())
    if not kept or kept[0] != mark:
        return None
    before: Mapping[str, Files] = kept[1]
    records = _records(str(Path(root) / CONTACTS), now, sources, before)
    return Since(records, mark, {folder: Shelf(*before[folder]) for folder in left}, stamps)


def _records(contacts: str, now: Look, sources: Folders, before: Mapping[str, Files]) -> tuple[str, ...] | None:
    """The records that changed; None where any file of another kind did, or any came or went."""
    differ = [folder for folder in now.folders if now.folders[folder] != sources.get(folder)]
    if now.folders.keys() != sources.keys() or not all(f"{one}/".startswith(f"{contacts}/") for one in differ):
        return None
    found: list[str] = []
    for folder in differ:
        files, were = by_name(*now.files[folder]), by_name(*before[folder])
        if files.keys() != were.keys():
            return None
        below = f"{CONTACTS}{folder[len(contacts) :]}"
        found += [f"{below}/{name}" for name, values in files.items() if were[name] != values]
    return tuple(found)
