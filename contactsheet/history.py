"""What git remembers of the records and pictures: when each last changed, and what the pictures were before.

It is read in one pass over the log, for all contacts at once. Where git cannot tell it truly (there is no git, no
commit yet, a shallow clone), nothing is claimed. Author names are a stranger's text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from contactsheet.edition import edition
from contactsheet.fingerprints import fingerprint
from contactsheet.git import GitError, git, parts
from contactsheet.head import head
from contactsheet.read import PICTURE_SUFFIXES, RECORD_SUFFIXES
from contactsheet.repository import AVATARS, CONTACTS

if TYPE_CHECKING:
    from pathlib import Path

    from contactsheet.memo import Memo

MOST = 10  # changes of a picture that are told
_FILES = (b"100644", b"100755", b"100664")
# Nobody can have committed before; the largest time that every system can show is at the end of the year 9999.
_LAST_SECOND = 253_402_300_799


class Change(NamedTuple):
    """A change of a picture: its commit, the moment (seconds since 1970, UTC), whose it was, and the picture it left.

    ``blob`` is git's ID of the picture, ``path`` where it was then, POSIX and relative to the root.
    """

    commit: str
    at: int
    author: str
    blob: str
    path: str

    @property
    def moment(self) -> datetime:
        """When it was."""
        return datetime.fromtimestamp(self.at, UTC)


@dataclass(frozen=True, slots=True)
class History:
    """By path below the root: when a record or picture last changed (seconds since 1970, UTC), and the changes of each
    picture, newest first, at most MOST.
    """

    changed: Mapping[str, int] = field(default_factory=dict)
    pictures: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)


def history(root: Path, memo: Memo) -> History:
    """What git remembers of the records and pictures that HEAD has; ``memo`` remembers it as long as HEAD stays."""
    now = head(root)
    if not now or now.endswith(" shallow"):
        return History()
    cache: dict[str, History] = memo.cache("history")
    if now not in cache:
        cache.clear()
        try:
            cache[now] = _remembered(root, now, memo)
        except GitError:
            return History()
    return cache[now]


def _remembered(root: Path, now: str, memo: Memo) -> History:
    key = fingerprint(edition(), now)
    kept: Any = memo.get("history", key)
    if kept is None:
        found = _read(root)
        pictures = {path: tuple(map(tuple, changes)) for path, changes in found.pictures.items()}
        kept = found.changed, pictures
        if head(root) == now:  # else a commit came meanwhile, and this is what it gives
            memo.keep("history", key, kept)
    changed, pictures = kept
    return History(changed, {path: tuple(Change(*one) for one in changes) for path, changes in pictures.items()})


# --- the log ---------------------------------------------------------------------------------------------------------


class _Step(NamedTuple):
    """A file before a commit and after it: path and blob each, as the log gives them; None where there is none."""

    before: tuple[bytes, bytes] | None
    after: tuple[bytes, bytes] | None


@dataclass(slots=True)
class _Commit:
    commit: str
    at: int
    author: str
    steps: list[_Step] = field(default_factory=list)


def _read(root: Path) -> History:
    below = git(root, "rev-parse", "--show-prefix").rstrip("\n").encode("utf-8", "surrogateescape")
    log = _log(root)
    return _Tracing(_files(root), below).history(log)


def _files(root: Path) -> dict[bytes, bytes]:
    """The blobs of the records and pictures that HEAD has, by their paths from the top of the repository."""
    found = {}
    for entry in parts(root, "ls-tree", "-r", "-z", "--full-name", "HEAD", "--", CONTACTS, AVATARS):
        told, _, path = entry.partition(b"\t")
        mode, _, blob = told.split(b" ")
        if mode in _FILES and path.lower().endswith(_SUFFIXES):
            found[path] = blob
    return found


_SUFFIXES = tuple(suffix.encode() for suffix in (*RECORD_SUFFIXES, *PICTURE_SUFFIXES))
_PICTURES = tuple(suffix.encode() for suffix in PICTURE_SUFFIXES)


def _log(root: Path) -> Iterator[_Commit]:
    """The commits that changed anything, children before their parents; of a merge, what differs from all parents."""
    options = ("--topo-order", "-c", "--raw", "-z", "--no-abbrev", "--find-renames=100%", "-l0", "--no-relative")
    settled = ("--no-ext-diff", "--no-textconv", "--no-notes", "--no-color", "--no-decorate", "--encoding=UTF-8")
    command = ("-c", "log.showRoot=true", "log", *options, *settled)
    told = parts(root, *command, "--format=commit %H %ct %an", "HEAD", "--", CONTACTS, AVATARS)
    commit: _Commit | None = None
    for one in told:
        line = one.lstrip(b"\n")
        if line.startswith(b"commit "):
            if commit:
                yield commit
            _, name, at, author = line.split(b" ", 3)
            seconds = min(max(int(at), 0), _LAST_SECOND)
            commit = _Commit(name.decode(), seconds, author.decode("utf-8", "replace"))
        elif line.startswith(b":") and commit:
            commit.steps += _steps(line, told)
    if commit:
        yield commit


def _steps(line: bytes, told: Iterator[bytes]) -> Iterator[_Step]:
    """The steps of a file, one a parent, from the line that git gives of it and the paths that follow."""
    parents = len(line) - len(line.lstrip(b":"))
    words = line[parents:].split(b" ")
    blobs, status = words[parents + 1 : -1], words[-1]
    source = next(told)
    # Of a merge, git gives one path however many there were.
    path = next(told) if parents == 1 and status[:1] in b"RC" else source
    after = (path, blobs[-1]) if words[parents] in _FILES else None
    for mode, blob in zip(words[:parents], blobs, strict=False):
        yield _Step((source, blob) if mode in _FILES else None, after)


class _Tracing:
    """Follows the files back through the commits, from those that HEAD has.

    A change counts if it led to what is there now: what a merge threw away did not. A file that was renamed as it was,
    and a picture that took the place of one with another suffix, is followed under its former name.
    """

    def __init__(self, files: Mapping[bytes, bytes], below: bytes) -> None:
        self._below = len(below)
        # By path and blob, the files that were it at this point of the way back.
        self._wanted: dict[tuple[bytes, bytes], set[bytes]] = {(path, blob): {path} for path, blob in files.items()}
        self._changed: dict[bytes, int] = {}
        self._pictures: dict[bytes, list[Change]] = {}

    def history(self, log: Iterable[_Commit]) -> History:
        """What the commits tell, children before parents."""
        for commit in log:
            self._take(commit)
        return History(
            {self._path(path): at for path, at in self._changed.items()},
            {self._path(path): tuple(changes) for path, changes in self._pictures.items()},
        )

    def _take(self, commit: _Commit) -> None:
        gone = {_stem(step.before[0]): step.before for step in commit.steps if step.before and not step.after}
        arrivals: dict[tuple[bytes, bytes], set[bytes]] = {}
        reached = {step.after for step in commit.steps if step.after}
        found = {after: files for after in reached if (files := self._wanted.pop(after, None))}
        for step in commit.steps:
            for file in found.get(step.after, ()) if step.after else ():
                assert step.after is not None
                before = step.before or gone.get(_stem(step.after[0]))
                self._tell(commit, file, step.after, before)
                if before:
                    arrivals.setdefault(before, set()).add(file)
        for before, files in arrivals.items():
            self._wanted.setdefault(before, set()).update(files)

    def _tell(
        self, commit: _Commit, file: bytes, after: tuple[bytes, bytes], before: tuple[bytes, bytes] | None
    ) -> None:
        self._changed.setdefault(file, commit.at)
        if not file.lower().endswith(_PICTURES) or (before and before[1] == after[1]):
            return
        changes = self._pictures.setdefault(file, [])
        if len(changes) < MOST and not (changes and changes[-1].commit == commit.commit):
            path, blob = after
            changes.append(Change(commit.commit, commit.at, commit.author, blob.decode(), self._path(path)))

    def _path(self, path: bytes) -> str:
        return path[self._below :].decode("utf-8", "surrogateescape")


def _stem(path: bytes) -> bytes:
    return path.rpartition(b".")[0]
