"""What the last build saw and what it left: while both are as they were, there is nothing to do.

Finding that out is the whole of an unchanged build, so this imports next to nothing and opens hardly a file.
"""

from __future__ import annotations

import hashlib
import hmac
import marshal
import os
import stat
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

from contactsheet import own
from contactsheet.snapshot import entries_of

FOLDER = ".contactsheet"
RECEIPT = "receipt"
_LIMIT = 268_435_456  # bytes
_SEAL = 16  # bytes
# Nanoseconds within which a file system may give two changes of a file the same time …
TICK = 100_000_000
COARSE_TICK = 2_000_000_000  # … and where it counts whole seconds, as FAT does
# What is taken of a file's status. All of a folder stand in one list: forty thousand tuples would keep the search for
# garbage busy.
_VALUES = attrgetter("st_mtime_ns", "st_ctime_ns", "st_mode", "st_size", "st_ino")
_WIDTH = 5


Folders = Mapping[str, tuple[int, int]]
"""Folders with the time at which something was last put in or taken out (nanoseconds since 1970), and their inodes."""
Values = tuple[int, ...]
"""What is taken of a file's status."""
Seen = Mapping[str, Mapping[str, Values]]
"""By the path of a folder and the name of a file in it, how the file looked."""


@dataclass(frozen=True, slots=True)
class Look:
    """How files look from outside: a digest of their names, kinds, sizes, times and inodes.

    ``is_settled``: none was touched so shortly before that it could change once more without showing. ``data`` is what
    the digest is of, ``folders`` how the folders were before it was looked into them.
    """

    digest: bytes
    is_settled: bool
    data: bytes
    folders: Folders


def digest_of(data: bytes) -> bytes:
    """The digest of what a look saw."""
    return hashlib.blake2b(data, digest_size=32).digest()


def seen_in(data: bytes) -> Seen:
    """What a look saw, file by file; ``data`` is the look's own, or has its digest."""
    return {folder: _by_name(*seen) for folder, seen in _folders(data).items()}


def changed(before: bytes, now: bytes) -> list[str] | None:
    """The paths of the files that changed from one look to the next; None where files or folders came or went."""
    old, new = _folders(before), _folders(now)
    if list(old) != list(new):
        return None
    found: list[str] = []
    for folder in (folder for folder in new if new[folder] != old[folder]):
        files, were = _by_name(*new[folder]), _by_name(*old[folder])
        if files.keys() != were.keys():
            return None
        found += (f"{folder}/{name}" for name, values in files.items() if were[name] != values)
    return found


def _folders(data: bytes) -> dict[str, tuple[list[str], list[int]]]:
    parts = iter(marshal.loads(data))  # noqa: S302  # the digest says that this program wrote it
    return {folder: (names, values) for folder, names, values in zip(parts, parts, parts, strict=True)}


def _by_name(names: list[str], values: list[int]) -> Mapping[str, Values]:
    return dict(zip(names, zip(*[iter(values)] * _WIDTH, strict=True), strict=True))


def values_of(status: os.stat_result) -> Values:
    """What is taken of a file's status: times of modification and of status in nanoseconds, mode, size and inode."""
    return _VALUES(status)


def look(places: Iterable[Path], seen_before: Seen = MappingProxyType({})) -> Look:
    """Looks at files, and at all that lies below folders; no link is followed, and what is not there is no error.

    Files ``seen_before`` count as they looked then, if they are still there.
    """
    began = time.time_ns()
    seen: list[object] = []
    newest = 0
    stamps: dict[str, tuple[int, int]] = {}
    folders = [str(place) for place in places]
    for folder in folders:  # which grows on the way
        names: list[str] = []
        values: list[int] = []
        with suppress(OSError):
            status = os.lstat(folder)
            if stat.S_ISDIR(status.st_mode):
                stamps[folder] = status.st_mtime_ns, status.st_ino
                if known := seen_before.get(folder):
                    _look_again(folder, known, names, values, folders)
                else:
                    _look_into(folder, names, values, folders)
            else:
                names.append(folder)
                values += _VALUES(status)
        seen += folder, names, values
        newest = max(newest, max(values[::_WIDTH], default=0), max(values[1::_WIDTH], default=0))
    is_settled = newest < began - (COARSE_TICK if newest % 1_000_000_000 == 0 else TICK)
    # Of the first version: a later one depends on which of the values are the same object.
    data = marshal.dumps(seen, 0)
    return Look(digest_of(data), is_settled, data, stamps)


def _look_into(folder: str, names: list[str], values: list[int], folders: list[str]) -> None:
    with entries_of(folder) as entries:
        for entry in entries:  # the one loop that counts: a call for each would take as long as asking the system
            status = entry.stat(follow_symlinks=False)
            if status.st_mode & 0o170000 == stat.S_IFDIR:
                folders.append(f"{folder}/{entry.name}")
            else:
                names.append(entry.name)
                values += _VALUES(status)


def _look_again(
    folder: str, known: Mapping[str, Values], names: list[str], values: list[int], folders: list[str]
) -> None:
    """As ``_look_into``, in the same order, where most files are ``known``."""
    for name in os.listdir(folder):  # noqa: PTH208  # ten thousand names, no use for paths
        found = known.get(name)
        if found is None:
            status = os.lstat(f"{folder}/{name}")
            if stat.S_ISDIR(status.st_mode):
                folders.append(f"{folder}/{name}")
                continue
            found = values_of(status)
        names.append(name)
        values += found


def path_of(root: Path, output: Path, suffix: str = RECEIPT) -> Path:
    """Where the receipt of the builds of ``root`` to ``output`` is kept, or what belongs to it."""
    name = hashlib.blake2b(os.fsencode(output), digest_size=8).hexdigest()
    return root / FOLDER / f"{name}.{suffix}"


def read(path: Path, key: bytes) -> Any:
    """The receipt, as it was written with that key, or None."""
    data = own.read(path, _LIMIT)
    if data and key and hmac.compare_digest(data[:_SEAL], _seal(data[_SEAL:], key)):
        return marshal.loads(data[_SEAL:])  # noqa: S302  # the seal says that this program wrote it
    return None


def write(path: Path, key: bytes, receipt: Any) -> None:
    """Writes a receipt (plain values). Where that fails, the next build is merely slower."""
    data = marshal.dumps(receipt)
    if key and path.parent.is_dir():
        own.write(path, _seal(data, key) + data)


def _seal(data: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_SEAL, key=key, person=b"receipt").digest()
