"""Changes many files of a folder as one: all of them or none, whatever interrupts it.

The new files lie ready in a stage. A journal there names every step before the first is taken. An error or Ctrl-C takes
the steps back; after a kill or a power cut, ``resume`` takes those that are missing. Meanwhile, where that was asked
for, a stand-in shows all the new files in the folder's place. It never decides what changes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from types import FrameType
from typing import Literal, NamedTuple

from contactsheet import exchange, regular, standin
from contactsheet.disk import copy, sync

# The journal's name says which way it goes: renaming it turns the way round.
_HERE = PurePosixPath()
_FORTH, _BACK = "forth.json", "back.json"
# In the stage: the stand-in and, while that is in the folder's place, the folder itself.
_ASIDE = "aside"
# New files of so few bytes together are written into the journal too: that is one wait for the disk, not one for each.
_CARRIED = 262_144
_DIGEST = 16  # bytes
_LIMIT = 1_073_741_824  # bytes of a journal


class Step(NamedTuple):
    """What happens to one file.

    ``path`` is POSIX and relative to the folder, ``made`` the new file's name in the stage.
    ``add``: no file is there before; ``change``: one is; ``delete``: it goes, and ``made`` is empty; ``splice``: one is
    there, and in the new one ``made`` is in the place of its bytes from ``start`` to ``end``.
    """

    kind: Literal["add", "change", "splice", "delete"]
    path: str
    made: str = ""
    start: int = 0
    end: int = 0


class _Entry(NamedTuple):
    """What the journal says: the steps, whether the folder was made for them, and about its stand-in.

    ``real`` is the inode of the folder itself, and 0 where nothing stands in for it; ``known`` are the inodes of the
    files that the stand-in was made of. ``carried`` are new files (base64) by their names in the stage: after a power
    cut these are believed, and neither what lies in the stage nor what was moved in.
    """

    steps: tuple[Step, ...]
    new_folder: bool = False
    real: int = 0
    known: frozenset[int] = frozenset()
    carried: Mapping[str, str] = {}


def carry_out(folder: Path, stage: Path, steps: Sequence[Step], *, at_once: bool = False) -> None:
    """Takes the steps in their order, in ``folder``, with files from ``stage`` (on the same file system).

    At every moment each file is wholly old or wholly new. With ``at_once``, all of them become new at one moment where
    the file system allows it: a stand-in takes the folder's place until all steps are taken there. When it raises
    (OSError, KeyboardInterrupt), all is as it was, unless the disk refuses that too; then, as after a kill, ``resume``
    has something to do.

    What is promised after a power cut is the same, where the system can be told to write: files and journal are on
    the disk before the first step (small files in the journal itself), the steps before the journal goes. Windows has
    no such order for many files at once.
    """
    try:
        aside = stage / _ASIDE
        if at_once:
            steps = _whole(folder, stage, steps)
        stands_in = at_once and _make_stand_in(folder, stage, steps)
        carried = {} if stands_in else _carried(stage, steps)
        if not carried:
            sync([*(stage / step.made for step in steps if step.made), *(standin.folders(aside) if stands_in else ())])
        entry = _Entry(
            tuple(steps),
            new_folder=not folder.exists(),
            real=(_inode(folder) or _inode(aside)) if stands_in else 0,
            known=standin.inodes(aside) if stands_in else frozenset(),
            carried=carried,
        )
        _write_journal(stage, entry)
        _take(_go_forth, folder, stage, entry)
        _wait(folder, entry)
        (stage / _FORTH).unlink()
    except BaseException:
        with _undisturbed():
            if is_open(stage):
                (stage / _FORTH).replace(stage / _BACK)
                resume(folder, stage)
        raise


def move_in(whole: Path, folder: Path, made: Collection[str]) -> None:
    """Moves a ``whole`` folder to where none is yet; ``made`` is all that lies in it. One step needs no journal.

    When it raises (OSError, KeyboardInterrupt), ``folder`` is not there, unless the disk refuses that too.
    """
    try:
        sync(made)
        whole.rename(folder)
        sync([folder.parent])
    except BaseException:
        with _undisturbed(), suppress(OSError):
            if not whole.exists():
                folder.rename(whole)
        raise


def is_open(stage: Path) -> bool:
    """Whether steps have begun there, and were neither finished nor taken back."""
    return (stage / _FORTH).exists() or (stage / _BACK).exists()


def resume(folder: Path, stage: Path) -> None:
    """Ends what ``carry_out`` began before its process was killed: finishes it, or goes on taking it back."""
    for name, way in ((_BACK, _go_back), (_FORTH, _go_forth)):
        if (stage / name).exists():
            entry = _read_journal(stage, name)
            if way is _go_forth:
                _restore(stage, entry)
            _take(way, folder, stage, entry)
            _wait(folder, entry)
            (stage / name).unlink()


def _wait(folder: Path, entry: _Entry) -> None:
    """Waits until those new files are on the disk that were not before the first step."""
    late = [folder / step.path for step in entry.steps if step.made and (entry.carried or step.kind == "splice")]
    sync([one for one in late if one.is_file()])


_Way = Callable[[Path, Path, Sequence[Step]], None]


def _take(way: _Way, folder: Path, stage: Path, entry: _Entry) -> None:
    """Goes one way with all steps, out of sight if there is a stand-in."""
    real = _out_of_sight(way, folder, stage / _ASIDE, entry)
    way(real, stage, entry.steps)
    if entry.new_folder and way is _go_back:
        _remove_empty([real])
    if real != folder and real.exists():
        _bring_back(folder, stage, entry)


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
        if step.kind != "add":
            _keep(folder / step.path, _kept(stage, number))
        if step.kind == "splice":
            made = str(_spliced(_kept(stage, number), stage, step))
        os.replace(made, os.path.join(folder, step.path))  # noqa: PTH105, PTH118  # as above
    _remove_empty(_folders(folder, steps, "delete"))
    touched = {folder.parent, folder, *_folders(folder, steps, "add", "change", "splice", "delete")}
    sync([one for one in touched if one.is_dir()])


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


def _spliced(old: Path, stage: Path, step: Step) -> Path:
    """The new file of a splice, made in the stage of the old one and of the part that is new; both stay there."""
    whole = stage / f"whole-{step.made}"
    with old.open("rb") as source, (stage / step.made).open("rb") as part, whole.open("wb") as target:
        copy(source, target, 0, step.start)
        shutil.copyfileobj(part, target)
        copy(source, target, step.end, os.fstat(source.fileno()).st_size - step.end)
    return whole


def _whole(folder: Path, stage: Path, steps: Sequence[Step]) -> list[Step]:
    """The steps with a new file for each splice: a stand-in links what is there."""
    return [
        Step("change", step.path, _spliced(folder / step.path, stage, step).name) if step.kind == "splice" else step
        for step in steps
    ]


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


# --- the stand-in ----------------------------------------------------------------------------------------------------
#
# The folder itself is known by its inode, wherever a kill has left it. It always comes back to its place, for servers
# and shells may sit in it.


def _make_stand_in(folder: Path, stage: Path, steps: Sequence[Step]) -> bool:
    """Whether there is a stand-in now. For a folder that does not exist, that is the new folder, still empty."""
    if not exchange.is_possible(stage):
        return False
    if folder.exists():
        return standin.make(folder, stage / _ASIDE, stage, {step.path: step.made for step in steps})
    (stage / _ASIDE).mkdir()
    return True


def _out_of_sight(way: _Way, folder: Path, aside: Path, entry: _Entry) -> Path:
    """Puts the stand-in into the folder's place, if there is one and it is not there yet; gives where the folder is."""
    if entry.real and _inode(folder) == entry.real:
        with suppress(OSError):  # where folders cannot be exchanged, the steps are taken in sight
            if aside.exists():
                exchange.exchange(folder, aside)
            elif way is _go_back:  # the folder was new and nothing stood in for it
                folder.rename(aside)
        sync([folder.parent, aside.parent])
    return aside if entry.real and _inode(aside) == entry.real else folder


def _bring_back(folder: Path, stage: Path, entry: _Entry) -> None:
    """Puts the folder into its place, with what others have put there in the meantime."""
    aside = stage / _ASIDE
    if folder.exists():
        standin.adopt(folder, aside, stage / "guest", entry.known, {step.path for step in entry.steps})
        exchange.exchange(folder, aside)
    else:
        aside.rename(folder)
    sync([folder.parent, stage])


def _inode(folder: Path) -> int:
    """The number that tells a folder from all others of its file system; 0 for none."""
    with suppress(OSError):
        return folder.lstat().st_ino
    return 0


# --- the journal -----------------------------------------------------------------------------------------------------


def _carried(stage: Path, steps: Sequence[Step]) -> dict[str, str]:
    """The new files that go into the journal (base64), by their names: all, or where these are too much, none."""
    made = [stage / step.made for step in steps if step.made]
    if sum(one.stat().st_size for one in made) > _CARRIED:
        return {}
    return {one.name: base64.b64encode(one.read_bytes()).decode() for one in made}


def _restore(stage: Path, entry: _Entry) -> None:
    """Makes the new files that the journal carries once more: of what lies elsewhere, a power cut may leave nothing."""
    for name, data in entry.carried.items():
        (stage / name).unlink(missing_ok=True)
        (stage / name).write_bytes(base64.b64decode(data))


def _write_journal(stage: Path, entry: _Entry) -> None:
    draft = stage / "draft.json"
    written = {
        "stage": stage.stat().st_ino,
        "new_folder": entry.new_folder,
        "real": entry.real,
        "known": sorted(entry.known),
        "steps": [[step.kind, step.path, step.made, step.start, step.end] for step in entry.steps],
        "carried": dict(entry.carried),
    }
    data = json.dumps(written).encode()
    draft.write_bytes(_digest(data) + data)
    if not entry.carried:
        sync([draft])
    draft.replace(stage / _FORTH)
    # With few files, the two waits count: one is left where the journal and its name go to the disk together. What a
    # power cut tears meanwhile has another digest, and no step was taken yet.
    sync([stage / _FORTH, stage] if entry.carried else [stage])


def _read_journal(stage: Path, name: str) -> _Entry:
    """What the journal says; no steps for a journal that this program did not write here.

    A journal that came with a checkout would let a stranger move files: its number of the stage's folder is wrong.
    """
    data = regular.content(str(stage / name), _LIMIT)
    if not isinstance(data, bytes):
        kind, why = data
        if kind == "unreadable":  # it is kept, for a run that can read it
            raise OSError(0, why, str(stage / name))
        return _Entry(())
    try:
        if not hmac.compare_digest(data[:_DIGEST], _digest(data[_DIGEST:])):
            return _Entry(())
        read = json.loads(data[_DIGEST:])
        entry = _Entry(
            tuple(Step(*step) for step in read["steps"]),
            bool(read["new_folder"]),
            int(read["real"]),
            frozenset(read["known"]),
            read["carried"],
        )
        ours = read["stage"] == stage.stat().st_ino and all(_is_sound(step) for step in entry.steps)
        ours = ours and entry.carried.keys() <= {step.made for step in entry.steps}
    except (ValueError, KeyError, TypeError):
        return _Entry(())
    return entry if ours else _Entry(())


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()


def _is_sound(step: Step) -> bool:
    is_part = 0 <= int(step.start) <= int(step.end)
    return is_part and is_inside(step.path) and (not step.made or (is_inside(step.made) and "/" not in step.made))


def is_inside(path: str) -> bool:
    """Whether a relative POSIX path stays below the folder that it is relative to, on every system."""
    parts = path.split("/")  # by PurePosixPath it takes ten times as long, which shows with 20,000 files
    leads_out = path.startswith("/") or ".." in parts or "\\" in path or ":" in path
    return not leads_out and any(part not in ("", ".") for part in parts)


# --- signals ---------------------------------------------------------------------------------------------------------


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
