"""A second process that takes a part of a large look meanwhile.

A thread would not do: while one makes objects of what the system tells, the other waits.
"""

from __future__ import annotations

import os
import sys
from io import FileIO

from contactsheet.look import look

_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from contactsheet.second import tell; tell(sys.argv[2:])"


class Second:
    """A second process that looks at ``places``, if there are any; it does not outlive the block.

    It is an interpreter that imports next to nothing. Where none can be started in this way, as on Windows, whose
    folders tell of all their files at once, there is none.
    """

    def __init__(self, places: list[str]) -> None:
        self._process: int | None = None
        self._told: FileIO | None = None
        if places and sys.executable and hasattr(os, "posix_spawn"):
            self._start(places)

    def __enter__(self) -> Second:
        return self

    def __exit__(self, *_: object) -> None:
        if self._told:
            self._told.close()
        if self._process:
            from signal import SIGKILL

            os.kill(self._process, SIGKILL)
            self._wait()

    def digest(self) -> bytes:
        """The digest of what it saw, once it has; empty where it tells of none."""
        digest = self._told.read() if self._told else b""
        self._wait()
        return digest

    def _start(self, places: list[str]) -> None:
        package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        decoding = f"utf8={sys.flags.utf8_mode}"  # of the names, which show in a digest
        command = [sys.executable, "-I", "-S", "-X", decoding, "-c", _PROGRAM, package, *places]
        reading, writing = os.pipe()
        self._told = FileIO(reading)
        streams = [
            (os.POSIX_SPAWN_DUP2, writing, 1),
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),  # Ctrl-C reaches it too; it has nothing to say of it
        ]
        try:
            self._process = os.posix_spawn(sys.executable, command, os.environ, file_actions=streams)
        except OSError:
            pass  # without it, the look is merely slower
        finally:
            os.close(writing)

    def _wait(self) -> None:
        if self._process:
            try:
                os.waitpid(self._process, 0)
            except ChildProcessError:
                pass  # whoever started this program has the system forget its children
            self._process = None


def tell(places: list[str]) -> None:
    """What the second process does."""
    os.write(1, look(places).digest)
