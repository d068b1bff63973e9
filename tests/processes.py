"""The real command as a process that goes on while a test does things to it, and never outlives the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.conftest import PROJECT, clean_environment


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Returns as soon as the condition holds; fails when it does not in time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.005)


class Command:
    """A command that runs in a process group of its own, as one started from a terminal does."""

    def __init__(self, root: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROJECT / "build.py"), *arguments, "--root", str(root)],
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=clean_environment(),
            start_new_session=True,
        )
        self._said: list[str] = []
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self._said.append(line)

    @property
    def said(self) -> str:
        """What it has said on standard error until now."""
        return "".join(self._said)

    def signal(self, number: signal.Signals, *, group: bool = True) -> None:
        """Sends a signal to all its processes, as a terminal does with Ctrl-C, or to the first alone."""
        (os.killpg if group else os.kill)(self.process.pid, number)

    def status(self) -> int:
        """Waits until it has ended, and gives its exit status."""
        status = self.process.wait(60)
        self._listener.join(60)
        return status

    def has_processes(self) -> bool:
        """Whether any process of its group is left."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, 0)
            return True
        return False

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.status()
        assert self.process.stderr
        self.process.stderr.close()


@contextmanager
def command(root: Path, *arguments: str) -> Iterator[Command]:
    """The command at work on the repository ``root``, until the block is over."""
    running = Command(root, *arguments)
    try:
        yield running
    finally:
        running.end()
