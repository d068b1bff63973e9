"""Publications that are stopped at their n-th change of the file system: by a kill, an error of the system, by Ctrl-C.

A process of its own has what it needs imported and forks for each of them, so that hundreds take seconds; builds have
another one, for a small process forks sooner. Python's audit events tell of each change just before it happens, those
for which there is none, fsync and the exchange of folders, are wrapped; there is nothing in the program that knows of
it.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, Literal

PROJECT = Path(__file__).resolve().parent.parent
Fault = Literal["none", "kill", "kill without exchange", "error", "full", "error then kill", "interrupt", "terminate"]
"""``error``: this change alone fails; ``full``: this one and all later ones that need room on the disk.

``without exchange``: on a file system that cannot exchange folders.
"""

PUBLISHED, REFUSED, FAILED, INTERRUPTED = 0, 1, 4, 130
KILLED = -signal.SIGKILL if hasattr(signal, "SIGKILL") else None
possible = hasattr(os, "fork")

_WARMING = "name: Ada\nmessages: [{at: 2026-11-20T09:30:00Z, from: contact, channel: chat, text: Hi}]\n"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate")
_NEED_ROOM = ("open", "os.mkdir", "os.link", "os.symlink")


@dataclass(frozen=True)
class Stopped:
    """How it ended, and the changes that it made or was about to make."""

    status: int
    changes: list[str]


class Forge:
    """The processes that publish and build, each started when it is first asked to."""

    def __init__(self, processes: ExitStack) -> None:
        self._processes = processes
        self._started: dict[str, subprocess.Popen[str]] = {}

    def recover(self, output: Path, fault: Fault = "none", at: int = 0) -> Stopped:
        """Finishes a killed publication to ``output``, with such a fault."""
        return self._order(["recover", str(output)], fault, at)

    def build(self, root: Path, fault: Fault = "none", at: int = 0) -> Stopped:
        """Builds the repository ``root`` with a fault at the change of that number, counted from 1."""
        return self._order(["build", str(root)], fault, at)

    def publish(self, made: Path, output: Path, fault: Fault = "none", at: int = 0, later: int = 0) -> Stopped:
        """Publishes the site that lies ready in the folder ``made`` to ``output``, with such a fault.

        ``later`` is the number of the change at which an error is followed by a kill.
        """
        return self._order(["publish", str(made), str(output)], fault, at, later)

    def _order(self, work: list[str], fault: Fault, at: int, later: int = 0) -> Stopped:
        kind = "build" if work[0] == "build" else "publish"
        if kind not in self._started:
            self._started[kind] = self._processes.enter_context(_started(kind))
        process = self._started[kind]
        assert process.stdin
        assert process.stdout
        print(json.dumps([work, fault, at, later]), file=process.stdin, flush=True)
        return Stopped(**json.loads(process.stdout.readline()))


@contextmanager
def forge() -> Iterator[Forge]:
    with ExitStack() as processes:
        yield Forge(processes)


@contextmanager
def _started(kind: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-B", "-m", "tests.faults", kind]
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            assert process.stdin
            process.stdin.close()


# --- in that process -------------------------------------------------------------------------------------------------


def _main(orders: IO[str]) -> None:
    gc.freeze()  # so that no child copies the pages of what it never changes
    for order in orders:
        work, fault, at, later = json.loads(order)
        if work[0] == "publish":
            _files(Path(work[1]))
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            _stopped(work, fault, at, later, write)
        os.close(write)
        with os.fdopen(read) as told:
            changes = told.read().splitlines()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps({"status": status, "changes": changes}), flush=True)


def _stopped(work: list[str], fault: Fault, at: int, later: int, write: int) -> None:
    status = 99
    try:
        _watch_changes(fault, at, later, lambda change: os.write(write, f"{change}\n".encode()))
        status = _WORK[work[0]](*map(Path, work[1:]))
    except KeyboardInterrupt:
        status = INTERRUPTED
    except OSError:
        status = FAILED
    finally:
        os._exit(status)


def _build(root: Path) -> int:
    from contactsheet import pipeline
    from contactsheet.settings import load
    from contactsheet.workers import Workers

    outcome = pipeline.build(root, root / "output", load(root), Workers(0))
    return PUBLISHED if outcome.published else REFUSED


def _publish(made: Path, output: Path) -> int:
    from contactsheet.publish import publication

    with publication(output) as site:
        for path, data in _files(made):
            site.add(path, data)
        site.commit()
    return PUBLISHED


@cache  # read before the process forks, by all its children
def _files(made: Path) -> list[tuple[str, bytes]]:
    """The files of a site that lies ready, by their paths there."""
    files = sorted(path for path in made.rglob("*") if path.is_file())
    return [(path.relative_to(made).as_posix(), path.read_bytes()) for path in files]


def _recover(output: Path) -> int:
    from contactsheet.publish import recover

    recover(output)
    return PUBLISHED


_WORK: dict[str, Callable[..., int]] = {"build": _build, "publish": _publish, "recover": _recover}


def _watch_changes(fault: Fault, at: int, later: int, tell: Callable[[str], Any]) -> None:
    signal.signal(signal.SIGTERM, _terminated)
    count = 0

    def before(change: str, name: str) -> None:
        nonlocal count
        count += 1
        tell(f"{change} {name}")
        if count == at or (fault == "full" and count > at and change in _NEED_ROOM):
            _strike(fault, change)
        elif count == later:
            _strike("kill", change)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CHANGES or (event == "open" and (arguments[2] or 0) & _WRITING):
            before(event, " ".join(os.fspath(one) for one in arguments[:2] if isinstance(one, (str, os.PathLike))))

    from contactsheet import exchange

    exchange_now = exchange.exchange

    def told_fsync(_descriptor: int) -> None:
        before("fsync", "")  # and no more: it takes long, and a process that is killed takes nothing from the system

    def told_exchange(one: Path, other: Path) -> None:
        before("exchange", f"{one} {other}")
        if fault == "kill without exchange":
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        exchange_now(one, other)

    os.fsync = told_fsync  # type: ignore[assignment]  # a fault is put in its place
    exchange.exchange = told_exchange
    sys.addaudithook(hook)


def _strike(fault: Fault, change: str) -> None:
    match fault:
        case "kill" | "kill without exchange":
            os.kill(os.getpid(), signal.SIGKILL)
        case "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
        case "terminate":
            os.kill(os.getpid(), signal.SIGTERM)
        case "error" | "full" | "error then kill":
            raise OSError(errno.ENOSPC, f"no room for {change}")
        case "none":
            pass


def _terminated(*_: object) -> None:
    raise KeyboardInterrupt


def _warm_up() -> None:
    """Imports all that a build needs, and compiles the templates; or all that a publication needs."""
    import tempfile

    if sys.argv[1] == "publish":
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "made").mkdir()
            (Path(folder) / "made/page.html").touch()
            assert _publish(Path(folder) / "made", Path(folder) / "output") == PUBLISHED
        return
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "contacts").mkdir()
        (Path(folder) / "contacts" / "ada.yaml").write_text(_WARMING)
        assert _build(Path(folder)) == PUBLISHED


if __name__ == "__main__":
    _warm_up()
    _main(sys.stdin)
