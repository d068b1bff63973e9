"""The command: its exit status, and the edge where every error becomes a sentence.

A build that has nothing to do ends here, before anything is imported that it does not need.
"""

from __future__ import annotations

import os
import sys

from contactsheet import __version__
from contactsheet.start import Start, begin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType
    from typing import NoReturn

INTERRUPTED, TERMINATED = 130, 143


class _Terminated(BaseException):
    """SIGTERM arrived: what is under way is undone on the way out, as for Ctrl-C."""


def run(*, root: str | os.PathLike[str] | None = None) -> NoReturn:
    """Runs the command of this process, as ``main`` does, and ends the process.

    By then all is written and let go, and the system takes the rest back at once. To take it apart module by module
    takes as long as a twentieth of a build with nothing to do.
    """
    status = main(root=root)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # there is no such stream, or nobody reads it: the interpreter knows
        sys.exit(status)
    os._exit(status)


def main(arguments: list[str] | None = None, *, root: str | os.PathLike[str] | None = None) -> int:
    """Runs a command and gives its exit status; ``root`` is the repository when --root does not say another.

    0 fine, 1 problems in the content, 2 usage or settings, 3 a fault of the program, 130 and 143 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows little is no reason to fail
    try:
        start = begin(sys.argv[1:] if arguments is None else arguments, root)
        return _run(arguments, start) if start else 0
    except (KeyboardInterrupt, _Terminated) as signalled:
        return _stopped(signalled)
    except OSError as error:
        from contactsheet.commands.endings import FAILED, FailedError, told

        FailedError(told(error)).show()
        return FAILED
    except Exception as error:  # noqa: BLE001  # the edge: whatever is left becomes a sentence and an exit status
        # While a class is made, Python 3.11 raises a RuntimeError from whatever comes.
        if isinstance(error.__cause__, KeyboardInterrupt | _Terminated):
            return _stopped(error.__cause__)
        return _fault(error)


def _run(arguments: Sequence[str] | None, start: Start) -> int:
    import signal

    signal.signal(signal.SIGTERM, _terminate)  # until now there was nothing to undo
    from contactsheet.commands.endings import FailedError

    try:
        return _build(start) if start.standing else _command(arguments, start)
    except FailedError as error:
        error.show()
        return error.exit_code


def _build(start: Start) -> int:
    """The build that is asked for nothing else, and has something to do."""
    from contactsheet.commands.building import Builder
    from contactsheet.commands.endings import repository
    from contactsheet.machine import cores
    from contactsheet.problems import Severity

    root = repository(start.root or os.curdir)
    least = Severity.ERROR if start.quiet else Severity.WARNING
    return Builder(root, root / "output", least, strict=False, timings=False).once(cores(), standing=start.standing)


def _command(arguments: Sequence[str] | None, start: Start) -> int:
    import click

    from contactsheet.verbs import commands

    try:
        result = commands.main(arguments, standalone_mode=False, obj=start)
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None


def _stopped(signalled: BaseException) -> int:
    from contactsheet import console

    if isinstance(signalled, KeyboardInterrupt):
        console.say("interrupted")
        return INTERRUPTED
    console.say("terminated")
    return TERMINATED


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


def _fault(error: Exception) -> int:
    import re
    import traceback

    from contactsheet import console
    from contactsheet.commands.endings import FAULT, USAGE

    told = "".join(traceback.format_exception(error))
    # What a worker's process fails with arrives as a text.
    missing = re.search(r"^ModuleNotFoundError: No module named '(?!contactsheet)(\w+)", told, re.MULTILINE)
    if missing:
        console.say(
            f"error: the library {missing[1]} is not installed for {sys.executable}; in the folder of the program, "
            "`pip install -e .` installs what it needs, else `pip install contactsheet`"
        )
        return USAGE
    console.say(told)
    console.say(
        f"This is a fault of contactsheet {__version__} (Python {sys.version.split()[0]} on {sys.platform}), "
        "not of your contacts. Please report it to the maintainers with these lines."
    )
    return FAULT
