"""Changes to source files: each is whole or not at all, and goes to a regular file below contacts/ or avatars/ alone.

Nothing here judges what is written, and no link is followed.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from contactsheet.disk import SYNCED_ONE_BY_ONE, sync
from contactsheet.ids import fault, picture_fault
from contactsheet.read import PICTURE_SUFFIXES, RECORD_SUFFIXES
from contactsheet.regular import is_folder
from contactsheet.repository import AVATARS, CONTACTS


class EditError(OSError):
    """A file is not written; the text says why, and nothing has changed."""


def replace_file(root: Path, path: str, data: bytes) -> None:
    """Puts ``data`` in the place of the regular file ``path`` (POSIX, relative to ``root``), in one step.

    Its permissions stay. Raises OSError; the old file is there then.
    """
    os.lstat(root.joinpath(*path.split("/")))
    save(root, {path: data})


def save(root: Path, files: Mapping[str, bytes | None], *, new: Collection[str] = ()) -> None:
    """Writes several files, all of them or none; None deletes one.

    Paths are POSIX, relative to ``root``; those in ``new`` must not exist yet, in whatever case. Pictures are written
    before records and deleted after them: whoever is killed between leaves a picture that nobody owns, never a record
    without its picture. Raises OSError; everything is as it was then.
    """
    changes = sorted((_Change(root, path, data, path in new) for path, data in files.items()), key=_turn)
    made = _Made()
    try:
        names = cache(_names)  # a folder of ten thousand is looked at once
        for change in changes:
            change.look(names)
        at_once = len(changes) > SYNCED_ONE_BY_ONE
        for change in changes:
            change.prepare(made, lone=len(changes) == 1, wait=not at_once)
        if at_once:
            sync([change.target for change in changes])
        for change in changes:
            change.carry_out()
    except BaseException:  # also when it is interrupted
        for change in reversed(changes):
            change.undo()
            change.tidy()
        made.remove()
        raise
    for change in changes:
        change.tidy()
    sync({change.target.parent for change in changes})


def put_picture(root: Path, contact_id: str, data: bytes, suffix: str, old: str | None) -> str:
    """Gives a contact a picture of its own in one step, and the path of the file.

    ``suffix`` is that of the new picture (.jpg, .png), ``old`` the path of the contact's own picture if it has one. At
    every moment there is one picture, the old or the new one. Where the suffix changes, the old file is replaced and
    then renamed: whoever is interrupted between leaves the new picture under the old name, and the check says so.
    Raises OSError; the old picture is there then.
    """
    if old is None:
        path = f"{AVATARS}/{contact_id}{suffix}"
        save(root, {path: data}, new=(path,))
        return path
    stem, old_suffix = _split(old)
    if stem not in (f"{AVATARS}/{contact_id}", f"{CONTACTS}/{contact_id}"):
        raise EditError(f"{old} is not the picture of {contact_id} by its name")
    if _kind(old_suffix) == _kind(suffix):
        replace_file(root, old, data)
        return old
    path = f"{stem}{suffix}"
    place = _Change(root, path, data, is_new=True)
    place.look(_names)
    before = root.joinpath(*old.split("/"))
    kept = _Change(root, old, data, is_new=False)
    try:
        kept.look(_names)
        kept.prepare(_Made(), lone=False, wait=True)
        kept.carry_out()
        before.rename(place.target)
    except BaseException:
        kept.undo()
        raise
    finally:
        kept.tidy()
    sync((place.target.parent,))
    return path


def _kind(suffix: str) -> str:
    return "jpeg" if suffix.lower() in (".jpg", ".jpeg") else suffix.lower()


def _is_record(path: str) -> bool:
    return path.endswith(RECORD_SUFFIXES)


def _turn(change: _Change) -> tuple[bool, bool, str]:
    """Pictures come, records come, records go, pictures go."""
    gone = change.data is None
    return gone, _is_record(change.path) != gone, change.path


@dataclass
class _Made:
    """The folders that were made, the outermost first."""

    folders: list[Path] = field(default_factory=list)

    def make(self, folder: Path) -> None:
        """Makes a folder, with those around it, that is not there."""
        for one in reversed([folder, *folder.parents]):
            with suppress(FileExistsError):
                one.mkdir()
                self.folders.append(one)

    def remove(self) -> None:
        """Takes away those that are empty."""
        for folder in reversed(self.folders):
            with suppress(OSError):
                folder.rmdir()


class _Change:
    """One file that changes: looked at, prepared in drafts beside it, carried out, and undone if need be."""

    def __init__(self, root: Path, path: str, data: bytes | None, is_new: bool) -> None:
        self.root, self.path, self.data, self.is_new = root, path, data, is_new
        self.target = root.joinpath(*_sound(path))
        sign = secrets.token_hex(4)
        # Hidden: neither the build nor a watcher takes them for sources.
        self._draft = self.target.with_name(f".{self.target.name}.{sign}.new")
        self._backup = self.target.with_name(f".{self.target.name}.{sign}.old")
        self._mode: int | None = None
        self._done = False

    def look(self, names: Callable[[Path], Mapping[str, str]]) -> None:
        """Refuses what is no regular file below real folders, and what must not be there but is.

        ``names`` gives what lies in a folder, by its name without regard to case.
        """
        folder = self.root
        parts = self.path.split("/")
        for index, part in enumerate(parts):
            found = _status(folder / part)
            if found is None:
                path = "/".join(parts[: index + 1])
                if rival := names(folder).get(part.casefold()):
                    raise EditError(f"{path} differs by case alone from {rival}, which exists already")
                break
            folder /= part
            last = index == len(parts) - 1
            if not (stat.S_ISREG(found.st_mode) if last else is_folder(found)):
                raise EditError(f"{'/'.join(parts[: index + 1])} is no regular {'file' if last else 'folder'}")
            if last:
                self._mode = stat.S_IMODE(found.st_mode)
        if self._mode is not None and self.is_new:
            raise EditError(f"{self.path} exists already")
        if self._mode is None and self.data is None:
            raise EditError(f"{self.path} does not exist")

    def prepare(self, made: _Made, *, lone: bool, wait: bool) -> None:
        """Writes what is to be moved into place, and what is to be put back if a later change fails.

        ``wait``: until it is on the disk.
        """
        if self.data is not None:
            made.make(self.target.parent)
            self._write(self._draft, self.data, wait)
        if self._mode is not None and not lone:
            self._write(self._backup, self.target.read_bytes(), wait)

    def _write(self, path: Path, data: bytes, wait: bool) -> None:
        with path.open("xb") as stream:
            stream.write(data)
            if wait:
                stream.flush()
                os.fsync(stream.fileno())
        if self._mode is not None:
            path.chmod(self._mode)

    def carry_out(self) -> None:
        """Moves the draft into place, or deletes the file."""
        if self.data is None:
            self.target.unlink()
        elif self._mode is not None:
            self._draft.replace(self.target)
        else:
            _move_new(self._draft, self.target)
        self._done = True

    def undo(self) -> None:
        """Puts back what was there."""
        if not self._done:
            return
        with suppress(OSError):
            if self._mode is None:
                self.target.unlink()
            else:
                self._backup.replace(self.target)

    def tidy(self) -> None:
        """Takes the drafts away."""
        for path in (self._draft, self._backup):
            with suppress(OSError):
                path.unlink()


def _sound(path: str) -> list[str]:
    """The parts of a path that may be written."""
    folder, _, name = path.partition("/")
    stem, suffix = _split(name)
    if folder == CONTACTS and suffix in RECORD_SUFFIXES:
        wrong = fault(stem)
    elif folder in (CONTACTS, AVATARS) and suffix.lower() in PICTURE_SUFFIXES:
        wrong = picture_fault(stem)
    else:
        raise EditError(f"{path} is neither a record nor a picture")
    if wrong:
        raise EditError(f"{path} cannot be written: the name {wrong}")
    return path.split("/")


def _split(path: str) -> tuple[str, str]:
    """A path without its suffix, and the suffix."""
    stem, dot, suffix = path.rpartition(".")
    return stem, dot + suffix


def _status(path: Path) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def _names(folder: Path) -> Mapping[str, str]:
    """What lies in a folder, by its name without regard to case, which some file systems have none of."""
    return {one.name.casefold(): one.name for one in folder.iterdir()} if folder.is_dir() else {}


def _move_new(draft: Path, target: Path) -> None:
    """Moves a file to where none is. Raises FileExistsError."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise FileExistsError(0, "it exists already", str(target)) from None
        draft.rename(target)
