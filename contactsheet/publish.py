"""The end where files go out: everything is made beside the output and moved in only when all of it is there.

A file whose bytes did not change is not written. What was made before and is not made now is deleted; nothing else is
touched. A publication that was killed while it moved files in is finished by the next run. An output that is new is
moved in as one folder.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from contactsheet import journal
from contactsheet.destination import HARMLESS, MANIFEST, OutputError, workshop_of
from contactsheet.journal import Step
from contactsheet.look import Entries, Shelf, packed, stamps_of, values_of
from contactsheet.outcome import Published

if TYPE_CHECKING:
    from contactsheet.look import Seen, Stamps

# Files with their content's hash in the name come first and go last, so that a page never shows what is not there.
_HASHED = ("assets/", "avatars/")
_ENTRY = "index.html"
_WHOLE = "whole"  # in the stage: an output that is new

_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

# Of a file: its size, its time of modification in nanoseconds, its inode, and the fingerprint of what it was made of.
Imprint = tuple[int, int, int, bytes]


# --- one at a time ---------------------------------------------------------------------------------------------------


@contextmanager
def publication(output: Path) -> Iterator[Publication]:
    """A publication to ``output``, alone: another one waits until this one is over.

    Files are added to it; ``commit`` moves them in. Left without a commit, it leaves everything as it was.
    """
    with _turn(output, wait=True):
        stage = _stage(output)
        _recover(output, stage)
        try:
            stage.mkdir()
            yield Publication(output, stage)
        finally:
            if not journal.is_open(stage):
                shutil.rmtree(stage, ignore_errors=True)


def recover(output: Path) -> None:
    """Finishes a publication that was killed while it moved files in, if there was one, and wipes out its traces.

    Costs next to nothing where there was none, and does not wait where one is under way. Raises OSError.
    """
    if workshop_of(output).is_dir():
        # Where one is under way, it is alive and will finish by itself.
        with suppress(TimeoutError), _turn(output, wait=False):
            _recover(output, _stage(output))


def _stage(output: Path) -> Path:
    return workshop_of(output) / f"{output.name}.stage"


def _recover(output: Path, stage: Path) -> None:
    """Finishes what a killed publication began to move in; what was only being made is thrown away."""
    if stage.is_symlink():
        raise OutputError(f"{stage} is a link; the site is made there, so take the link away")
    if stage.exists():
        journal.resume(output, stage)
        shutil.rmtree(stage)


@contextmanager
def _turn(output: Path, *, wait: bool) -> Iterator[None]:
    """Holds the lock of an output, and leaves no trace of it. Without ``wait``, TimeoutError when another holds it."""
    from filelock import FileLock

    workshop = workshop_of(output)
    lock = FileLock(workshop / f"{output.name}.lock")
    try:
        while not lock.is_locked:
            workshop.mkdir(exist_ok=True)
            with suppress(FileNotFoundError):  # who held it took the folder away
                lock.acquire(timeout=-1 if wait else 0)
        yield
    finally:
        if lock.is_locked:
            # Whoever waits sees that the file is gone and makes it anew. Windows deletes it when it is released.
            with suppress(OSError):
                Path(lock.lock_file).unlink()
            lock.release()
        with suppress(OSError):  # something else is under way there
            workshop.rmdir()


# --- what ------------------------------------------------------------------------------------------------------------


class Publication:
    """The files of one site on their way to the output.

    ``conflicts`` are the paths in the output where something stands that this program did not make, in the order in
    which they were met; while there are any, nothing can be committed. ``standing`` is what is known of the files of
    the site: how each can be told to be as it was published, and the fingerprint of what it was made of.
    """

    def __init__(self, output: Path, stage: Path) -> None:
        self.output, self.stage, self._place = output, stage, str(stage)
        self.conflicts: list[str] = []
        self._made: set[str] = set()
        self._trusted: Mapping[str, Imprint] = {}
        self._unseen = False
        self._looked: dict[str, Shelf] = {}
        self.standing: dict[str, Imprint] = {}
        self._recased: set[str] = set()
        # Windows moves no folder in which anybody has a file open, as those who look for viruses do with new ones.
        self._whole = None if os.path.lexists(output) or os.name == "nt" else stage / _WHOLE
        if self._whole:
            self._whole.mkdir()
        self._steps: list[Step] = []
        self._spliced: dict[str, bytes] = {}
        self._folders: set[str] = {""}
        self._new_folders: set[str] = set()

    @cached_property
    def _before(self) -> Set[str]:
        """The files that were published before."""
        # Reading the manifest of 20,000 files takes as long as all else that one changed record costs.
        return self._trusted.keys() if self._unseen else published_files(self.output, self._trusted.keys())

    def trust(self, standing: Mapping[str, Imprint], *, unseen: bool = False) -> None:
        """What an earlier publication left as ``standing``: files that are as they were then need not be made again.

        With ``unseen`` they are believed to be as they were: for who has just published them, and saw that since then
        nothing was put into a folder or taken out of one.
        """
        self._trusted, self._unseen = standing, unseen

    def see(self, seen: Seen, stamps: Stamps) -> bool:
        """Takes over how the files of the output were ``seen`` a moment ago; False where somebody published since.

        ``stamps`` are those of the folders from before that.
        """
        if stamps_of(stamps) != stamps:
            return False
        top = len(str(self.output)) + 1
        self._looked = {folder[top:]: files for folder, files in seen.items()}
        return True

    def retouch(self, made_of: Mapping[str, bytes]) -> None:
        """Says that the files of these paths alone are made anew, with the fingerprint of what they were made of.

        They stand as they were published, and so do all others of the site, which stay.
        """
        self.trust({path: (*_imprint((self.output / path).lstat()), was) for path, was in made_of.items()}, unseen=True)

    def keep(self, path: str, fingerprint: bytes) -> bool:
        """Whether the file of that path stands, unharmed and made of the same; then it stays as a file of the site."""
        before = self._trusted.get(path)
        if before is None or before[3] != fingerprint or path not in self._before:
            return False
        if not (self._unseen or self._is_unharmed(path, before)):
            return False
        self._made.add(path)
        self.standing[path] = before
        return True

    def _is_unharmed(self, path: str, before: Imprint) -> bool:
        folder, _, name = path.rpartition("/")
        if folder not in self._looked:
            self._looked[folder] = _files(f"{self.output}/{folder}")
        found = self._looked[folder].get(name)
        return found is not None and (found[3], found[0], found[4]) == before[:3]

    def standing_content(self, path: str) -> bytes | None:
        """The bytes of a file that stands unharmed as it was published, whatever becomes of it now; else None."""
        file = self.standing_file(path)
        with suppress(OSError):
            return file.read_bytes() if file else None
        return None

    def standing_file(self, path: str) -> Path | None:
        """A file that stands unharmed as it was published, whatever becomes of it now; None where it does not.

        It is looked at again, since it is going to be read and not merely left alone.
        """
        before = self._trusted.get(path)
        if before is None or path not in self._before or not (self._unseen or self._is_unharmed(path, before)):
            return None
        file = self.output / path
        with suppress(OSError):
            return file if _imprint(file.lstat()) == before[:3] else None
        return None

    def made_of(self, path: str) -> bytes:
        """The fingerprint of what a file was made of when it was published; empty where that is not known."""
        before = self._trusted.get(path)
        return before[3] if before else b""

    def has(self, path: str) -> bool:
        """Whether a file of that path belongs to the site already."""
        return path in self._made

    def add(self, path: str, data: bytes, fingerprint: bytes = b"") -> None:
        """A file of the site, made of what has that fingerprint: ``path`` is POSIX and relative to the output."""
        assert path not in self._made, f"two files claim {path}"
        self._made.add(path)
        written = self._add(path, data)
        if written:
            self.standing[path] = (written.st_size, written.st_mtime_ns, written.st_ino, fingerprint)

    def splice(self, path: str, start: int, end: int, data: bytes, fingerprint: bytes) -> None:
        """A large file of the site that stands but for a part: ``data`` is in the place of the bytes from ``start`` to
        ``end``, and the rest is copied within the system. Made of what has that fingerprint.
        """
        assert path not in self._made, f"two files claim {path}"
        self._made.add(path)
        with (self.output / path).open("rb") as stream:
            stream.seek(start)
            if stream.read(end - start) == data:
                self.standing[path] = (*self._trusted[path][:3], fingerprint)
                return
        self._put("splice", path, data, (start, end))
        self._spliced[path] = fingerprint

    def _add(self, path: str, data: bytes) -> os.stat_result | None:
        """Makes the file ready, unless it stands already; gives its status, or None where something is in its way."""
        if not self._is_free(path.rpartition("/")[0]):
            return None
        if path.rpartition("/")[0] in self._new_folders:
            return self._put("add", path, data)
        try:
            there = os.lstat(os.path.join(self.output, path))  # noqa: PTH118  # made ten thousand times
        except FileNotFoundError:
            return self._put("add", path, data)
        target = self.output / path
        former = self._recased_from(path, target)
        if former:
            self._recased.add(former)
            return self._put("add", path, data)
        is_file = stat.S_ISREG(there.st_mode)
        if is_file and there.st_size == len(data) and target.read_bytes() == data:
            return there
        if is_file and path in self._before:
            return self._put("change", path, data)
        self.conflicts.append(path)
        return None

    def _is_free(self, folder: str) -> bool:
        """Whether a folder of the output can hold files: it is none yet, or really one, and so are those above it."""
        if folder in self._folders:
            return True
        if not self._is_free(folder.rpartition("/")[0]):
            return False
        place = self.output / folder
        is_there = place.exists()
        if place.is_symlink() or (is_there and not place.is_dir()):
            if folder not in self.conflicts:
                self.conflicts.append(folder)
            return False
        if not is_there:
            self._new_folders.add(folder)
            if self._whole:
                (self._whole / folder).mkdir(exist_ok=True)  # it is there where case does not count
        self._folders.add(folder)
        return True

    @cached_property
    def _before_by_folded(self) -> Mapping[str, str]:
        return {path.casefold(): path for path in self._before}

    def _recased_from(self, path: str, target: Path) -> str:
        """The path of a file of ours that stands here under a name of other case, where a file system sees no other."""
        if path in self._before:
            return ""
        former = self._before_by_folded.get(path.casefold(), "")
        return former if former and target.samefile(self.output / former) else ""

    def _put(
        self, kind: Literal["add", "change", "splice"], path: str, data: bytes, part: tuple[int, int] = (0, 0)
    ) -> os.stat_result:
        name = f"{_WHOLE}/{path}" if self._whole else f"new-{len(self._steps)}"
        # Ten thousand times: a stream and Path take longer than the system.
        descriptor = os.open(f"{self._place}/{name}", _NEW, 0o666)
        try:
            written = os.write(descriptor, data)
            while written < len(data):
                written += os.write(descriptor, memoryview(data)[written:])
            status = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        self._steps.append(Step(kind, path, name, *part))
        return status

    def commit(self) -> Published:
        """Moves everything in, and deletes what was made before and is not made now.

        When it raises OSError or KeyboardInterrupt, the output is as it was.
        """
        assert not self.conflicts, self.conflicts
        if self._whole:
            (self._whole / MANIFEST).write_bytes(_manifest(self._made))
            made = [*(self._whole / one for one in (*self._made, MANIFEST, *self._folders))]
            journal.move_in(self._whole, self.output, made)
            return Published(len(self._made), len(self._steps), 0, {})
        is_same = self._before == self._made
        deleted = set() if is_same else {path for path in self._before - self._made if self._is_there(path)}
        written = len(self._steps)
        steps = sorted([*self._steps, *(Step("delete", path) for path in deleted)], key=self._rank)
        if not is_same or not (self.output / MANIFEST).is_file():
            # While files move, the manifest names the old and the new ones: none is ever taken for somebody else's.
            steps.insert(0, self._manifest_step("during", self._before | self._made))
            steps.append(self._manifest_step("after", self._made))
        at_once = self._come_together(steps)
        if steps:
            journal.carry_out(self.output, self.stage, steps, at_once=at_once)
        for path, fingerprint in self._spliced.items():
            self.standing[path] = (*_imprint((self.output / path).lstat()), fingerprint)
        # The links of a stand-in change how all files look.
        return Published(len(self._made), written, len(deleted), {} if at_once else self._seen(steps))

    def _seen(self, steps: Iterable[Step]) -> Seen:
        """How the files looked that stay as they were, when they were looked at."""
        changed: dict[str, set[str]] = {}
        for step in steps:
            folder, _, name = step.path.rpartition("/")
            changed.setdefault(folder, set()).add(name)
        return {
            f"{self.output}/{folder}".rstrip("/"): files.without(changed.get(folder, ()))
            for folder, files in self._looked.items()
        }

    def folders(self, before: Stamps | None) -> Stamps:
        """The folders that hold the site's files, as they are now; ``before`` as they were before, if that is known."""
        if before and self._before == self._made:
            return stamps_of(before)
        folders = {path.rpartition("/")[0] for path in self._made}
        return stamps_of({os.path.join(self.output, folder) for folder in folders})  # noqa: PTH118  # as everywhere here

    def _come_together(self, steps: Sequence[Step]) -> bool:
        """Whether several pages come or go, which may lead to each other and so must all do so at one moment.

        An output that holds its own workshop cannot be moved there.
        """
        kinds = [step.kind for step in steps if step.path.endswith(".html")]
        return max(kinds.count("add"), kinds.count("delete")) > 1 and self.output not in self.stage.parents

    def _manifest_step(self, name: str, paths: Set[str]) -> Step:
        (self.stage / name).write_bytes(_manifest(paths))
        return Step("change" if name == "after" or (self.output / MANIFEST).exists() else "add", MANIFEST, name)

    def _is_there(self, path: str) -> bool:
        with suppress(OSError):
            return self._is_free(path.rpartition("/")[0]) and stat.S_ISREG((self.output / path).lstat().st_mode)
        return False

    def _rank(self, step: Step) -> tuple[int, bool, int, str]:
        """Orders the steps so that, at every moment, all that the entry page leads to is there.

        Pictures and assets come first; then new pages, to which no page leads yet, those nearest to the entry last;
        then pages change, and what takes long after them; then pages go, to which none leads any more, and at the end
        their pictures. That is enough unless several pages are new, for those may lead to each other.
        """
        hashed = step.path.startswith(_HASHED)
        phase = {"add": 0 if hashed else 1, "change": 2, "splice": 3, "delete": 5 if hashed else 4}[step.kind]
        if step.path in self._recased:
            phase = -1  # the new name is free only when the old one is gone
        return phase, step.path == _ENTRY, -step.path.count("/"), step.path


def _manifest(paths: Set[str]) -> bytes:
    return "".join(f"{path}\n" for path in sorted(paths)).encode()


def _files(folder: str) -> Shelf:
    """How the regular files in a folder look: faster than asking for one by one."""
    names: list[str] = []
    values: list[int] = []
    with suppress(OSError), Entries(folder) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                names.append(entry.name)
                values += values_of(status)
    return Shelf(names, packed(values))


def _imprint(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def published_files(output: Path, known: Set[str] = frozenset()) -> set[str]:
    """The paths of the files that were made before; whoever wrote the manifest, only those that stay inside.

    Of those that are ``known`` that is known too.
    """
    try:
        lines = (output / MANIFEST).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return set()
    found = set(lines)
    if found <= known:
        return found
    return {line for line in lines if journal.is_inside(line) and line not in (*HARMLESS, MANIFEST)}
