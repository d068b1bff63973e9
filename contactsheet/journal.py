"""Changes many files of a folder as one: all of them or none, whatever interrupts it.

The new files lie ready in a stage. A journal there names every step before the first is taken. An error or Ctrl-C takes
the steps back; after a kill or a power cut, ``resume`` takes those that are missing. It never decides what changes.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import FrameType
from typing import Literal

# The journal's name says which way it goes: renaming it turns the way round.
_HERE = PurePosixPath()
_FORTH, _BACK = "forth.json", "back.json"
# From so many files on, one order to the system to write everything is cheaper than one order a file.
_SYNCED_ONE_BY_ONE = 64


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one file.

    ``path`` is POSIX and relative to the folder, ``made`` the new file's name in the stage.
    ``add``: no file is there before; ``change``: one is; ``delete``: it goes, and ``made`` is empty.
    """

    kind: Literal["add", "change", "delete"]
    path: str
    made: str = ""


def carry_out(folder: Path, stage: Path, steps: Sequence[Step]) -> None:
    """Takes the steps in their order, in ``folder``, with files from ``stage`` (on the same file system).

    At every moment each file is wholly old or wholly new. When it raises (OSError, KeyboardInterrupt), all is as it
    was, unless the disk refuses that too; then, as after a kill, ``resume`` has something to do.
    What is promised after a power cut is the same, where the system can be told to write: files and journal are on
    the disk before the first step, the steps before the journal goes. Windows has no such order for many files at once.
    """
    try:
        _sync([stage / step.made for step in steps if step.made])
        _write_journal(stage, steps, new_folder=not folder.exists())
        _go_forth(folder, stage, steps)
        (stage / _FORTH).unlink()
    except BaseException:
        with _undisturbed():
            if is_open(stage):
                (stage / _FORTH).replace(stage / _BACK)
                resume(folder, stage)
        raise


def is_open(stage: Path) -> bool:
    """Whether steps have begun there, and were neither finished nor taken back."""
    return (stage / _FORTH).exists() or (stage / _BACK).exists()


def resume(folder: Path, stage: Path) -> None:
    """Ends what ``carry_out`` began before its process was killed: finishes it, or goes on taking it back."""
    for name, way in ((_BACK, _go_back), (_FORTH, _go_forth)):
        if (stage / name).exists():
            steps, new_folder = _read_journal(stage, name)
            way(folder, stage, steps)
            if new_folder and way is _go_back:
                _remove_empty([folder])
            (stage / name).unlink()


def _go_forth(folder: Path, stage: Path, steps: Sequence[Step]) -> None:
    """Takes all steps that have not been taken yet."""
    made_folders: set[str] = set()
    for number, step in enumerate(steps):
        if step.kind == "delete":
            with suppress(FileNotFoundError):
                (folder / step.path).replace(_kept(stage, number))
            continue
        made = os.path.join(stage, step.made)  # noqa: PTH118  # ten thousand times: Path takes longer than the system
        if not os.path.exists(made):  # noqa: PTH110  # as above
            continue  # it was moved in before the process was killed
        above = step.path.rpartition("/")[0]
        if above not in made_folders:
            (folder / above).mkdir(parents=True, exist_ok=True)
            made_folders.add(above)
        if step.kind == "change":
            _keep(folder / step.path, _kept(stage, number))
        os.replace(made, os.path.join(folder, step.path))  # noqa: PTH105, PTH118  # as above
    _remove_empty(_folders(folder, steps, "delete"))
    touched = {folder.parent, folder, *_folders(folder, steps, "add", "change", "delete")}
    _sync([one for one in touched if one.is_dir()])


def _go_back(folder: Path, stage: Path, steps: Sequence[Step]) -> None:
    """Takes back all steps that were taken, the last one first."""
    for number, step in reversed(list(enumerate(steps))):
        target, kept = folder / step.path, _kept(stage, number)
        if step.kind == "add":
            if not (stage / step.made).exists():
                target.unlink(missing_ok=True)
        elif kept.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            kept.replace(target)
    _remove_empty(_folders(folder, steps, "add"))


def _kept(stage: Path, number: int) -> Path:
    """Where the old file of a step is kept until all steps are taken."""
    return stage / f"old-{number}"


def _keep(target: Path, kept: Path) -> None:
    try:
        os.link(target, kept)
    except (FileExistsError, FileNotFoundError):
        pass  # it was kept before the process was killed, or somebody took it away
    except OSError:  # a file system without hard links
        draft = kept.with_suffix(".draft")
        shutil.copyfile(target, draft)
        draft.replace(kept)


def _folders(folder: Path, steps: Iterable[Step], *kinds: str) -> set[Path]:
    """The folders below ``folder`` that hold the files of the steps of these kinds, and those above them."""
    lowest = {step.path.rpartition("/")[0] for step in steps if step.kind in kinds}
    return {
        folder / one
        for path in lowest
        if path
        for one in (PurePosixPath(path), *PurePosixPath(path).parents)
        if one != _HERE
    }


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in sorted(folders, key=lambda one: len(one.parts), reverse=True):
        with suppress(OSError):  # it is not empty, or not there
            folder.rmdir()


# --- the journal -----------------------------------------------------------------------------------------------------


def _write_journal(stage: Path, steps: Sequence[Step], *, new_folder: bool) -> None:
    draft = stage / "draft.json"
    entry = {
        "stage": stage.stat().st_ino,
        "new_folder": new_folder,
        "steps": [[step.kind, step.path, step.made] for step in steps],
    }
    draft.write_text(json.dumps(entry), encoding="utf-8")
    _sync([draft])
    draft.replace(stage / _FORTH)
    _sync([stage])


def _read_journal(stage: Path, name: str) -> tuple[list[Step], bool]:
    """The steps and whether the folder was made for them; no steps for a journal that this program did not write here.

    A journal that came with a checkout would let a stranger move files: its number of the stage's folder is wrong.
    """
    try:
        entry = json.loads((stage / name).read_text(encoding="utf-8"))
        steps = [Step(*step) for step in entry["steps"]]
        ours = entry["stage"] == stage.stat().st_ino and all(_is_sound(step) for step in steps)
    except (ValueError, KeyError, TypeError):
        return [], False
    return (steps, bool(entry["new_folder"])) if ours else ([], False)


def _is_sound(step: Step) -> bool:
    return is_inside(step.path) and (not step.made or (is_inside(step.made) and "/" not in step.made))


def is_inside(path: str) -> bool:
    """Whether a relative POSIX path stays below the folder that it is relative to, on every system."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\\" not in path and ":" not in path


# --- what the system is asked for ------------------------------------------------------------------------------------


def _sync(paths: Collection[Path]) -> None:
    """Waits until files or folders are on the disk."""
    if len(paths) > _SYNCED_ONE_BY_ONE:
        if hasattr(os, "sync"):
            os.sync()
        return
    for path in paths:
        if path.is_dir():
            if os.name == "posix":  # Windows cannot open a folder
                _sync_one(path, os.O_RDONLY)
        else:
            _sync_one(path, os.O_RDWR | getattr(os, "O_BINARY", 0))


def _sync_one(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # network file systems that know no such order
            raise
    finally:
        os.close(descriptor)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keeps Ctrl-C and SIGTERM waiting until the block is over, where they can arrive at all: in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []

    def wait(number: int, _frame: FrameType | None) -> None:
        waiting.append(number)

    signals: tuple[int, ...] = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, wait) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        for number in waiting[:1]:
            signal.raise_signal(number)
