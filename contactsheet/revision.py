"""A revision in git as a repository of contacts: what it held is laid out in a folder that lives as long as it is used.

Nothing of the working tree is touched. Only regular files are made, below four names; a link or another odd entry of a
tree is told as the problem that it is, never followed and never made.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from contactsheet.git import GitError, blobs, commit_of, git, parts
from contactsheet.ids import is_reserved
from contactsheet.read import PICTURE_SUFFIXES
from contactsheet.repository import AVATARS, CONTACTS, TEMPLATES
from contactsheet.settings import FILE
from contactsheet.touched import touched_since

_FILES = ("100644", "100755", "100664")
_LIMIT = 10_485_760  # bytes of a record, template or setting; larger ones are refused unread
# A name that some system reads otherwise than it is written; a tree may hold any.
_ODD = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]|[. ]\Z')


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a tree: its mode and blob as git names them, and its size in bytes."""

    mode: str
    blob: str
    size: int


@dataclass(frozen=True)
class Laid:
    """A revision's files in the folder ``root``.

    ``pictures`` are there as empty space of their size until they are filled. ``unmade`` are files that a tree has and
    a folder cannot, or must not, have.
    """

    root: Path
    pictures: Mapping[str, Entry]
    unmade: frozenset[str]


def usual_base(root: Path) -> str | None:
    """The branch that changes go to, as this clone knows it: the remote's main branch, else main or master."""
    with suppress(GitError):
        return git(root, "symbolic-ref", "--short", "refs/remotes/origin/HEAD").strip()
    for name in ("origin/main", "origin/master", "main", "master"):
        with suppress(GitError):
            commit_of(root, name)
            return name
    return None


def tree(root: Path, commit: str) -> Mapping[str, Entry]:
    """What a commit has of the repository of contacts ``root``, by path below it."""
    found = {}
    for one in parts(root, "ls-tree", "-r", "-l", "-z", commit, "--", CONTACTS, AVATARS, TEMPLATES, FILE):
        told, _, path = one.partition(b"\t")
        mode, _, blob, size = told.decode("ascii").split()
        found[path.decode("utf-8", "surrogateescape")] = Entry(mode, blob, int(size) if size.isdigit() else 0)
    return found


def differing(root: Path, before: str, after: str | None) -> frozenset[str]:
    """The files that differ between the commit ``before`` and ``after``, or the working tree where that is None."""
    if after is None:
        return touched_since(root, before)
    old, new = tree(root, before), tree(root, after)
    return frozenset(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))


@contextmanager
def laid_out(root: Path, commit: str) -> Iterator[Laid]:
    """The files of a commit in a folder, the pictures empty: of most of them, nobody wants to see what is in them."""
    with tempfile.TemporaryDirectory(prefix="contactsheet-") as name:
        place = Path(name)
        pictures: dict[str, Entry] = {}
        unmade: set[str] = set()
        contents: dict[str, list[str]] = {}
        for path, entry in tree(root, commit).items():
            if entry.mode not in _FILES or not _is_plain(path):
                unmade.add(path)
            elif path.lower().endswith(PICTURE_SUFFIXES) or entry.size > _LIMIT:
                pictures[path] = entry
                _make(place, path, entry.size, unmade)
            else:
                contents.setdefault(entry.blob, []).append(path)
        for blob, data in blobs(root, contents, _LIMIT):
            for path in contents[blob]:
                _make(place, path, data, unmade)
        yield Laid(place, pictures, frozenset(unmade))


def fill(root: Path, laid: Laid, paths: Iterable[str], limit: int) -> None:
    """Puts the content of pictures in their places; those of more than ``limit`` bytes are refused by their size."""
    wanted = {path: laid.pictures[path].blob for path in paths if path in laid.pictures and path not in laid.unmade}
    places: dict[str, list[str]] = {}
    for path, blob in wanted.items():
        places.setdefault(blob, []).append(path)
    for blob, data in blobs(root, places, limit):
        for path in places[blob] if data is not None else ():
            (laid.root / PurePosixPath(path)).write_bytes(data or b"")


def _is_plain(path: str) -> bool:
    """Whether a path means the same everywhere and leads nowhere else: git itself keeps any bytes in a tree."""
    names = path.lower().split("/")
    with suppress(UnicodeError):
        path.encode()
        return not any(name in ("", ".", "..", ".git") or _ODD.search(name) or is_reserved(name) for name in names)
    return False


def _make(place: Path, path: str, content: bytes | int | None, unmade: set[str]) -> None:
    """A new file of these bytes, or of so much empty space; where the system refuses it, it is among the ``unmade``."""
    target = place / PurePosixPath(path)
    try:
        if content is None:
            raise OSError
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as stream:
            if isinstance(content, int):
                stream.truncate(content)
            else:
                stream.write(content)
    except OSError:
        unmade.add(path)
