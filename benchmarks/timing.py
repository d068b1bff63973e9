"""Times whole processes, finds the peak memory of all processes that one started, and lets several take turns.

Nothing here knows what it times.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_SAMPLES_EVERY = 0.05  # seconds
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run of a process took: wall seconds, and the peak MiB of all its processes (None if not measured)."""

    seconds: float
    peak: float | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Something to be timed: ``prepare`` runs before each time and is not counted."""

    name: str
    command: Sequence[str]
    prepare: Callable[[], object] = lambda: None
    env: Mapping[str, str] = field(default_factory=dict)
    memory: bool = True


@dataclass(frozen=True, slots=True)
class Series:
    """The runs of one subject, in order."""

    name: str
    runs: tuple[Taken, ...]

    @property
    def seconds(self) -> float:
        """The median wall time."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def peak(self) -> float | None:
        """The highest peak memory, MiB."""
        return max((run.peak for run in self.runs if run.peak is not None), default=None)

    def ratio(self, other: Series) -> float:
        """The median of this one's time divided by the other's in the same turn."""
        return statistics.median(a.seconds / b.seconds for a, b in zip(self.runs, other.runs, strict=True))


class FailedError(Exception):
    """A process that was to be timed failed; the text is what it said."""


def in_turns(subjects: Sequence[Subject], runs: int) -> dict[str, Series]:
    """Each subject ``runs`` times, one after the other in each turn, so that a slow minute of the machine hits all."""
    taken: dict[str, list[Taken]] = {subject.name: [] for subject in subjects}
    for _ in range(runs):
        for subject in subjects:
            subject.prepare()
            settle()
            taken[subject.name].append(whole(subject.command, subject.env, memory=subject.memory))
    return {name: Series(name, tuple(each)) for name, each in taken.items()}


def settle() -> None:
    """Waits until what was written is on the disk, so that the next process does not pay for the one before."""
    if hasattr(os, "sync"):
        os.sync()


def whole(command: Sequence[str], env: Mapping[str, str] | None = None, *, memory: bool = True) -> Taken:
    """Runs a process from its start to its end. Raises FailedError with the end of what it said."""
    began = time.perf_counter()
    with subprocess.Popen(
        list(command), env={**os.environ, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        sampler = _Sampler(process.pid) if memory else None
        assert process.stdout is not None
        said = process.stdout.read()
        peak, code = _ended(process)
        taken = time.perf_counter() - began
        highest = max((one for one in (sampler.stop(), peak) if one), default=None) if sampler else None
    if code:
        raise FailedError(f"{' '.join(command)} ended with {code}:\n{said[-2000:].decode(errors='replace')}")
    return Taken(taken, highest)


def _ended(process: subprocess.Popen[bytes]) -> tuple[float | None, int]:
    """Waits for the end: the peak MiB of the largest single process where the system tells it, and the exit status."""
    if not hasattr(os, "wait4"):
        return None, process.wait()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # so that Popen does not wait for it again
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / _MIB, process.returncode


class _Sampler:
    """Adds up the memory of a process and all it started, twenty times a second, in a thread. On Linux alone."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """The peak, MiB; 0 where it is not known."""
        self._over.set()
        self._thread.join()
        return self._peak

    def _run(self) -> None:
        while not self._over.wait(_SAMPLES_EVERY):
            self._peak = max(self._peak, resident(self._pid))


def resident(pid: int) -> float:
    """MiB that a process and all its descendants hold (pages that several share count for each); 0 if unknown."""
    total = 0
    waiting = [pid]
    while waiting:
        folder = Path("/proc") / str(waiting.pop())
        with suppress(OSError, ValueError, IndexError):  # it ended, or this is no Linux
            total += int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            for thread in (folder / "task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())
    return total / _MIB
