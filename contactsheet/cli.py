"""The command: its group, its exit status, and the edge where every error becomes a sentence."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from contactsheet import __version__, console
from contactsheet.commands import (
    build,
    changes,
    check,
    clean_avatar,
    explain,
    init,
    merge,
    new,
    serve,
    set_avatar,
    thumbnails,
)
from contactsheet.commands.shared import FAILED, FAULT, FailedError, told

INTERRUPTED, TERMINATED = 130, 143


class _Terminated(BaseException):
    """SIGTERM arrived: what is under way is undone on the way out, as for Ctrl-C."""


class _Commands(click.Group):
    """Without a command, build."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ("--help", "--version")):
            args.insert(0, "build")
        return super().parse_args(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """A team's contacts in git: checks the records and pictures, and builds the site of static pages.

    Without a command, the site is built.
    """


for command in (
    build.build,
    check.check,
    serve.serve,
    changes.changes,
    init.init,
    new.new,
    set_avatar.set_avatar,
    merge.merge,
    clean_avatar.clean_avatar,
    thumbnails.thumbnails,
    explain.rules,
    explain.explain,
    explain.schema,
):
    commands.add_command(command)


def main(arguments: list[str] | None = None, *, root: Path | None = None) -> int:
    """Runs a command and gives its exit status; ``root`` is the repository when --root does not say another.

    0 fine, 1 problems in the content, 2 usage or settings, 3 a fault of the program, 130 and 143 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows little is no reason to fail
    signal.signal(signal.SIGTERM, _terminate)
    try:
        result = commands.main(arguments, standalone_mode=False, obj=root)
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        console.say("interrupted")
        return INTERRUPTED
    except _Terminated:
        console.say("terminated")
        return TERMINATED
    except OSError as error:
        FailedError(told(error)).show()
        return FAILED
    except Exception as error:  # noqa: BLE001  # the edge: whatever is left becomes a sentence and an exit status
        return _fault(error)


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


def _fault(error: Exception) -> int:
    import traceback

    console.say("".join(traceback.format_exception(error)))
    console.say(
        f"This is a fault of contactsheet {__version__} (Python {sys.version.split()[0]} on {sys.platform}), "
        "not of your contacts. Please report it to the maintainers with these lines."
    )
    return FAULT
