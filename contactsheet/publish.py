"""The end where files go out: everything is made beside the output and moved in only when all of it is there.

A file whose bytes did not change is not written. What was made before and is not made now is deleted; nothing else is
touched. A publication that was killed while it moved files in is finished by the next run. An output that is new is
moved in as one folder.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from contactsheet import journal
from contactsheet.before import Before, Imprint, manifest
from contactsheet.destination import MANIFEST, OutputError, workshop_of
from contactsheet.disk import SYNCED_ONE_BY_ONE, Looks, begin_sync, looks, put
from contactsheet.journal import Step
from contactsheet.look import stamps_of
from contactsheet.outcome import Published

if TYPE_CHECKING:
    from contactsheet.look import Stamps

# Files with their content's hash in the name come first and go last, so that a page never shows what is not there.
_HASHED = ("assets/", "avatars/")
_ENTRY = "index.html"
_WHOLE = "whole"  # in the stage: an output that is new


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
        if not stage.is_dir():
            raise OutputError(f"{stage} is no folder; the site is made there, so take away what stands in its place")
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
            _make(workshop)
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


def _make(workshop: Path) -> None:
    """Makes a folder where none is; whoever is done with it takes it away at any moment, also while this looks."""
    try:
        workshop.mkdir()
    except FileExistsError:
        if workshop.is_symlink() and not workshop.exists():
            raise  # the link leads nowhere, and would for ever


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
        self.before = Before(output)
        self._made: set[str] = set()
        self.standing: dict[str, Imprint] = {}
        self._recased: set[str] = set()
        # Windows moves no folder in which anybody has a file open, as those who look for viruses do with new ones.
        self._whole = None if os.path.lexists(output) or os.name == "nt" else stage / _WHOLE
        if self._whole:
            self._whole.mkdir()
        self._steps: list[Step] = []  # of which a new output needs none
        self._written = 0
        self._spliced: dict[str, bytes] = {}
        self._folders: set[str] = {""}
        self._new_folders: set[str] = set()

    def keep(self, path: str, fingerprint: bytes) -> bool:
        """Whether the file of that path stands, unharmed and made of the same; then it stays as a file of the site."""
        standing = self.before.standing(path, fingerprint)
        if standing is None:
            return False
        self._made.add(path)
        self.standing[path] = standing
        return True

    def settle(self) -> None:
        """Has what was added so far, where it is much, written to the disk, while more is added."""
        if self._written > SYNCED_ONE_BY_ONE:
            begin_sync()

    def has(self, path: str) -> bool:
        """Whether a file of that path belongs to the site already."""
        return path in self._made

    def add(self, path: str, data: bytes, fingerprint: bytes = b"") -> None:
        """A file of the site, made of what has that fingerprint: ``path`` is POSIX and relative to the output."""
        assert path not in self._made, f"two files claim {path}"
        self._made.add(path)
        there = self._add(path, data)
        if there:
            self.standing[path] = (*there, fingerprint)

    def room(self, paths: Iterable[str]) -> str:
        """The folder into which whoever makes the files of these paths may put each under its path; then ``take`` it.

        Empty where each has to be compared with what stands in the output.
        """
        if not self._whole:
            return ""
        for folder in {path.rpartition("/")[0] for path in paths}:
            self._is_free(folder)
        return str(self._whole)

    def take(self, path: str, there: Looks, fingerprint: bytes) -> None:
        """As ``add``, for a file that was put into the room, and looks like that there."""
        assert path not in self._made, f"two files claim {path}"
        self._made.add(path)
        self._written += 1
        self.standing[path] = (*there, fingerprint)

    def splice(self, path: str, start: int, end: int, data: bytes, fingerprint: bytes) -> None:
        """A large file of the site that stands but for a part: ``data`` is in the place of the bytes from ``start`` to
        ``end``, and the rest is copied within the system. Made of what has that fingerprint.
        """
        assert path not in self._made, f"two files claim {path}"
        self._made.add(path)
        with (self.output / path).open("rb") as stream:
            stream.seek(start)
            if stream.read(end - start) == data:
                self.standing[path] = (*self.before.trusted[path][:3], fingerprint)
                return
        self._put("splice", path, data, (start, end))
        self._spliced[path] = fingerprint

    def _add(self, path: str, data: bytes) -> Looks | None:
        """Makes the file ready, unless it stands already; tells how it looks, None where something is in its way."""
        if not self._is_free(path.rpartition("/")[0]):
            return None
        if path.rpartition("/")[0] in self._new_folders:
            return self._put("add", path, data)
        try:
            there = os.lstat(os.path.join(self.output, path))  # noqa: PTH118  # made ten thousand times
        except FileNotFoundError:
            return self._put("add", path, data)
        target = self.output / path
        former = self.before.recased_from(path, target)
        if former:
            self._recased.add(former)
            return self._put("add", path, data)
        is_file = stat.S_ISREG(there.st_mode)
        if is_file and there.st_size == len(data) and target.read_bytes() == data:
            return looks(there)
        if is_file and path in self.before.files:
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

    def _put(
        self, kind: Literal["add", "change", "splice"], path: str, data: bytes, part: tuple[int, int] = (0, 0)
    ) -> Looks:
        name = f"{_WHOLE}/{path}" if self._whole else f"new-{self._written}"
        there = put(f"{self._place}/{name}", data)
        self._written += 1
        if not self._whole:
            self._steps.append(Step(kind, path, name, *part))
        return there

    def commit(self) -> Published:
        """Moves everything in, and deletes what was made before and is not made now.

        When it raises OSError or KeyboardInterrupt, the output is as it was.
        """
        assert not self.conflicts, self.conflicts
        if self._whole:
            (self._whole / MANIFEST).write_bytes(manifest(self._made))
            made = [f"{self._whole}/{one}" for one in (*self._made, MANIFEST, *self._folders)]
            journal.move_in(self._whole, self.output, made)
            return Published(len(self._made), self._written, 0, {})
        is_same = self.before.files == self._made
        deleted = set() if is_same else {path for path in self.before.files - self._made if self._is_there(path)}
        steps = sorted([*self._steps, *(Step("delete", path) for path in deleted)], key=self._rank)
        if not is_same or not (self.output / MANIFEST).is_file():
            # While files move, the manifest names the old and the new ones: none is ever taken for somebody else's.
            steps.insert(0, self._manifest_step("during", self.before.files | self._made))
            steps.append(self._manifest_step("after", self._made))
        at_once = self._come_together(steps)
        if steps:
            journal.carry_out(self.output, self.stage, steps, at_once=at_once)
        for path, fingerprint in self._spliced.items():
            self.standing[path] = (*looks((self.output / path).lstat()), fingerprint)
        # The links of a stand-in change how all files look.
        seen = {} if at_once else self.before.seen_without(step.path for step in steps)
        return Published(len(self._made), self._written, len(deleted), seen)

    def folders(self, before: Stamps | None) -> Stamps:
        """The folders that hold the site's files, as they are now; ``before`` as they were before, if that is known."""
        if before and self.before.files == self._made:
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
        (self.stage / name).write_bytes(manifest(paths))
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
