"""How files look from outside: their names, kinds, sizes, times and inodes. No file is opened, no link followed.

It imports next to nothing, for looking is the whole of a build with nothing to do.
"""

from __future__ import annotations

import marshal
import os
import stat
import time
from array import array
from operator import attrgetter

from contactsheet.digest import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    Values = tuple[int, ...]
    """What is taken of a file's status."""
    Files = tuple[str, array[int]]
    """The files of a folder: their names with slashes between, and the values of all of them, one behind the other."""
    Seen = Mapping[str, "Shelf"]
    """By the path of a folder, how the files in it looked."""
    Folders = Mapping[str, tuple[int, bytes]]
    """By the path of a folder, how many files lie in it, and a digest of how they look."""
    Stamps = Mapping[str, tuple[int, int]]
    """Folders with the time at which something was last put in or taken out (nanoseconds since 1970), and their
    inodes."""

# Nanoseconds within which a file system may give two changes of a file the same time …
TICK = 100_000_000
COARSE_TICK = 2_000_000_000  # … and where it counts whole seconds, as FAT does
# What is taken of a file's status. All of a folder stand in one array, as their names do in one text: forty thousand
# tuples would keep the search for garbage busy, and forty thousand texts take long to read and to write.
_VALUES = attrgetter("st_mtime_ns", "st_ctime_ns", "st_mode", "st_size", "st_ino")
_WIDTH = 5
_STRETCH = 100 * _WIDTH  # of a hundred files, which are compared at once, since mostly they are the same
_SIGNED = 1 << 63  # an array holds numbers below; some file systems have inodes beyond
# Through a descriptor of the folder, the system need not find the folder anew for every file in it.
_BY_DESCRIPTOR = os.scandir in os.supports_fd
_FOLDER_ALONE = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class Look:
    """How files look: by folder, the files that lie in it; a file that was itself to be looked at counts as a folder.

    ``files`` are those of each folder, one by one. One that was touched ``since`` then (nanoseconds since 1970) could
    change once more without showing.
    """

    __slots__ = ("files", "folders", "since")

    def __init__(self, folders: Folders, files: Mapping[str, Files], since: int) -> None:
        self.folders = folders
        self.files = files
        self.since = since

    def doubting(self) -> Look:
        """The same look, in which a file that could change without showing looks as none does: it has changed by the
        next look, whatever becomes of it.
        """
        folders, files = dict(self.folders), dict(self.files)
        for folder, (names, values) in self.files.items():
            if _newest(values) >= self.since:
                doubted = values[:]
                for at in range(0, len(values), _WIDTH):
                    if max(values[at : at + 2]) >= self.since:
                        doubted[at : at + _WIDTH] = array("q", [0] * _WIDTH)
                files[folder] = names, doubted
                folders[folder] = _count(values), digest_of_files(files[folder])
        return Look(folders, files, self.since)

    @property
    def digest(self) -> bytes:
        """A digest of all of it."""
        return digest_of(self.folders)


class Shelf:
    """How the files of a folder looked, one by one, but for those that have changed since and were ``forgotten``.

    Which file is where is found out when one is asked for: mostly none is.
    """

    __slots__ = ("_at", "forgotten", "names", "values")

    def __init__(self, names: str, values: array[int], forgotten: frozenset[str] = frozenset()) -> None:
        self.names, self.values, self.forgotten = names, values, forgotten
        self._at: dict[str, int] = {}

    def get(self, name: str) -> Values | None:
        """How that file looked; None where that is not known."""
        if not self._at:
            self._at = {name: at * _WIDTH for at, name in enumerate(names_of(self.names))}
        at = self._at.get(name)
        if at is None or name in self.forgotten:
            return None
        *others, inode = self.values[at : at + _WIDTH]
        return (*others, inode % (2 * _SIGNED))

    def without(self, names: Collection[str]) -> Shelf:
        """The same without those files."""
        return Shelf(self.names, self.values, self.forgotten.union(names))


class Entries:
    """What lies in a folder, in no order; where it can, the system looks each up from there and not from the root."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._descriptor = os.open(folder, _FOLDER_ALONE) if _BY_DESCRIPTOR else None
        try:
            self._entries = os.scandir(folder if self._descriptor is None else self._descriptor)
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Iterator[os.DirEntry[str]]:
        return self._entries

    def __exit__(self, *_: object) -> None:
        self._entries.close()
        self._close()

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


def digest_of(folders: Folders) -> bytes:
    """A digest of how the files of folders look."""
    # Of the first version: a later one depends on which of the values are the same object.
    return blake2b(marshal.dumps(sorted(folders.items()), 0), digest_size=32).digest()


def digest_of_files(files: Files) -> bytes:
    """A digest of how the files of a folder look."""
    names, values = files
    digest = blake2b(f"{names}\0".encode("utf-8", "surrogatepass"), digest_size=32)  # no name has a zero in it
    digest.update(values)
    return digest.digest()


def changed(before: Files, now: Files) -> list[str] | None:
    """The names of a folder's files that look otherwise ``now``; None where any came or went."""
    (known, were), (found, are) = before, now
    names = names_of(known)
    if found == known:  # as it is on file systems that keep a name in its place
        stretches = [at for at in range(0, len(are), _STRETCH) if were[at : at + _STRETCH] != are[at : at + _STRETCH]]
        places = (at for first in stretches for at in range(first, min(first + _STRETCH, len(are)), _WIDTH))
        return [names[at // _WIDTH] for at in places if were[at : at + _WIDTH] != are[at : at + _WIDTH]]
    if sorted(names_of(found)) != sorted(names):
        return None
    shelf, shelf_now = Shelf(*before), Shelf(*now)
    return [name for name in names if shelf.get(name) != shelf_now.get(name)]


def joined(names: Iterable[str]) -> str:
    """The names of files as one text: a slash is in none of them."""
    return "/".join(names)


def names_of(joined: str) -> list[str]:
    """The names of which that text was made."""
    return joined.split("/") if joined else []


def packed(values: Collection[int]) -> array[int]:
    """What is taken of the status of files, one behind the other, as numbers of eight bytes."""
    try:
        return array("q", values)
    except OverflowError:
        return array("q", [(value + _SIGNED) % (2 * _SIGNED) - _SIGNED for value in values])


def stamps_of(folders: Iterable[str]) -> Stamps:
    """How folders themselves look now; those that are not there are left out."""
    found: dict[str, tuple[int, int]] = {}
    for folder in folders:
        try:
            status = os.lstat(folder)
        except OSError:
            continue
        found[folder] = (status.st_mtime_ns, status.st_ino)
    return found


def values_of(status: os.stat_result) -> Values:
    """What is taken of a file's status: times of modification and of status in nanoseconds, mode, size and inode."""
    return _VALUES(status)


def look(
    places: Iterable[str | os.PathLike[str]], seen_before: Seen | None = None, without: Collection[str] = ()
) -> Look:
    """Looks at files, and at all that lies below folders; what is not there is no error.

    Files ``seen_before`` count as they looked then, if they are still there. Folders are left ``without`` a look.
    """
    began = time.time_ns()
    seen: dict[str, tuple[int, bytes]] = {}
    files: dict[str, Files] = {}
    newest = 0
    folders = [os.fspath(place) for place in places]
    for folder in folders:  # which grows on the way
        if folder in without:
            continue
        names, values = "", array("q")
        try:
            status = os.lstat(folder)
            if not stat.S_ISDIR(status.st_mode):
                names, values = os.path.basename(folder), packed(_VALUES(status))
            elif known := (seen_before or {}).get(folder):
                names, values = _look_again(folder, known, folders)
            else:
                names, values = _look_into(folder, folders)
        except OSError:
            pass  # which shows in what is missing
        files[folder] = names, values
        seen[folder] = _count(values), digest_of_files(files[folder])
        newest = max(newest, _newest(values))
    return Look(seen, files, began - (COARSE_TICK if newest % 1_000_000_000 == 0 else TICK))


def _look_into(folder: str, folders: list[str]) -> Files:
    names: list[str] = []
    values: list[int] = []
    with Entries(folder) as entries:
        for entry in entries:  # the one loop that counts: a call for each would take as long as asking the system
            status = entry.stat(follow_symlinks=False)
            if status.st_mode & 0o170000 == stat.S_IFDIR:
                folders.append(f"{folder}/{entry.name}")
            else:
                names.append(entry.name)
                values += _VALUES(status)
    return joined(names), packed(values)


def _look_again(folder: str, known: Shelf, folders: list[str]) -> Files:
    """As ``_look_into``, in the same order, where most files are ``known``."""
    found = os.listdir(folder)
    if joined(found) == known.names:  # then there are no folders among them
        same = known.values[:]
        for name in known.forgotten & set(found) if known.forgotten else ():
            at = found.index(name) * _WIDTH
            same[at : at + _WIDTH] = packed(_VALUES(os.lstat(f"{folder}/{name}")))
        return known.names, same
    names: list[str] = []
    values: list[int] = []
    for name in found:
        seen = known.get(name)
        if seen is None:
            status = os.lstat(f"{folder}/{name}")
            if stat.S_ISDIR(status.st_mode):
                folders.append(f"{folder}/{name}")
                continue
            seen = _VALUES(status)
        names.append(name)
        values += seen
    return joined(names), packed(values)


def _count(values: array[int]) -> int:
    """How many files these are."""
    return len(values) // _WIDTH


def _newest(values: array[int]) -> int:
    """When the last of these files changed in any way (nanoseconds since 1970)."""
    return max(max(values[::_WIDTH], default=0), max(values[1::_WIDTH], default=0))
