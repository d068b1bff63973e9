"""A second process that takes a part of a large look meanwhile.

A thread would not do: while one makes objects of what the system tells, the other waits.
"""

from __future__ import annotations

import os
import sys
from io import FileIO

from contactsheet.look import look

_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from contactsheet.second import tell; tell(*sys.argv[2:])"
_DIGEST = 32  # bytes


class Second:
    """A second process that looks at the ``places`` below an output that are set apart for it, if there are any, and at
    the rest of it when it is told to ``go_on``; it does not outlive the block.

    It is an interpreter that imports next to nothing. Where none can be started in this way, as on Windows, whose
    folders tell of all their files at once, there is none.
    """

    def __init__(self, output: str, places: list[str]) -> None:
        self.output, self.places = output, places
        self._process: int | None = None
        self._told: FileIO | None = None
        self._asked: int | None = None
        self._goes_on = False
        if places and sys.executable and hasattr(os, "posix_spawn"):
            self._start([output, *places])

    def __enter__(self) -> Second:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends it, if it has not ended."""
        if self._told:
            self._told.close()
        if self._asked is not None:
            os.close(self._asked)
            self._asked = None
        if self._process:
            from signal import SIGKILL

            os.kill(self._process, SIGKILL)
            self._wait()

    def go_on(self) -> None:
        """Has it look at the rest of the output, too."""
        if self._asked is not None:
            try:
                self._goes_on = os.write(self._asked, b"\n") > 0
            except OSError:
                pass  # it has ended, and will tell of nothing

    def digests(self) -> tuple[bytes, bytes]:
        """Digests of how the places look, and the rest of the output. What it does not look at, this process does."""
        rest = b"" if self._goes_on else self._rest()
        return self._digest() or look(self.places).digest, rest or self._digest() or self._rest()

    def _rest(self) -> bytes:
        return look([self.output], without=self.places).digest

    def _digest(self) -> bytes:
        return self._told.read(_DIGEST) or b"" if self._told else b""

    def _start(self, arguments: list[str]) -> None:
        package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        decoding = f"utf8={sys.flags.utf8_mode}"  # of the names, which show in a digest
        command = [sys.executable, "-I", "-S", "-X", decoding, "-c", _PROGRAM, package, *arguments]
        reading, writing = os.pipe()
        asked, self._asked = os.pipe()
        self._told = FileIO(reading)
        streams = [
            (os.POSIX_SPAWN_DUP2, writing, 1),
            (os.POSIX_SPAWN_DUP2, asked, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),  # Ctrl-C reaches it too; it has nothing to say of it
        ]
        try:
            self._process = os.posix_spawn(sys.executable, command, os.environ, file_actions=streams)
        except OSError:
            pass  # without it, the look is merely slower
        finally:
            os.close(writing)
            os.close(asked)

    def _wait(self) -> None:
        if self._process:
            try:
                os.waitpid(self._process, 0)
            except ChildProcessError:
                pass  # whoever started this program has the system forget its children
            self._process = None


def tell(output: str, *places: str) -> None:
    """What the second process does."""
    os.write(1, look(places).digest)
    if os.read(0, 1):
        os.write(1, look([output], without=places).digest)
