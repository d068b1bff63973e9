"""Changes one record of a built site, and measures how long it takes until its page on the disk shows that.

A save is what editors do: a file written beside and moved over the old one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from timing import FailedError, resident, settle, whole

_PATIENCE = 120.0  # seconds until a watcher that says nothing, or shows nothing, has failed
_STEP = 0.001  # seconds between two looks at the page
_PAUSE = 0.5  # seconds between two saves: nobody saves faster, and the watcher shall have come to rest


@dataclass(frozen=True, slots=True)
class Place:
    """A record, the page that shows its notes, and a path on the same disk, out of sight, for the draft of a save."""

    record: Path
    page: Path
    draft: Path

    def save(self, text: str, word: str) -> None:
        """Puts a word into the first line of the record's notes, ``text`` being what it was."""
        self.draft.write_text(text.replace("notes: |\n", f"notes: |\n  {word} ", 1), encoding="utf-8", newline="\n")
        self.draft.replace(self.record)

    def shows(self, word: str) -> bool:
        """Whether the page has the word."""
        with suppress(OSError):  # it is just being replaced
            return word.encode() in self.page.read_bytes()
        return False


@contextmanager
def changing(place: Place) -> Iterator[str]:
    """The record's text, which stands in the file again afterwards."""
    text = place.record.read_text(encoding="utf-8")
    try:
        yield text
    finally:
        place.record.write_text(text, encoding="utf-8", newline="\n")


def from_shell(
    place: Place, command: Sequence[str], env: Mapping[str, str], saves: int
) -> tuple[list[float], float | None]:
    """Seconds of whole processes, one after each save, and the peak MiB of one more, since to look at that takes time.

    Raises FailedError where the page does not show the change.
    """
    taken = []
    with changing(place) as text:
        for number in range(saves + 1):
            word = f"shell-{number}-{time.time_ns()}"
            place.save(text, word)
            settle()
            taken.append(whole(command, env, memory=number == saves))
            if not place.shows(word):
                raise FailedError(f"{place.page} does not show the change")
    return [one.seconds for one in taken[:-1]], taken[-1].peak


def while_watched(
    place: Place, command: Sequence[str], env: Mapping[str, str], ready: str, saves: int
) -> tuple[list[float], float]:
    """Seconds from each save to the page that shows it, and the MiB that the watcher holds in the end.

    ``ready`` is in the line that the watcher says when its first build is done. The first save is not counted: what
    is needed for changes alone is loaded then.
    """
    taken = []
    with changing(place) as text, _watcher(command, env, ready) as process:
        for number in range(saves + 1):
            time.sleep(_PAUSE)
            word = f"watch-{number}-{time.time_ns()}"
            place.save(text, word)
            taken.append(_until_shown(place, word))
        held = resident(process.pid)
    return taken[1:], held


def _until_shown(place: Place, word: str) -> float:
    began = time.perf_counter()
    while not place.shows(word):
        if time.perf_counter() - began > _PATIENCE:
            raise FailedError(f"{place.page} does not show the change after {_PATIENCE:.0f} s")
        time.sleep(_STEP)
    return time.perf_counter() - began


@contextmanager
def _watcher(command: Sequence[str], env: Mapping[str, str], ready: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        list(command),
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    is_ready = threading.Event()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if ready in line:
                is_ready.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        if not is_ready.wait(_PATIENCE * 10):
            raise FailedError(f"{' '.join(command)} never said “{ready}”")
        yield process
    finally:
        if sys.platform == "win32":
            process.terminate()
        else:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        listener.join(5)
