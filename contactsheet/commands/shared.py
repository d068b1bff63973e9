"""What the commands share: the options, the ways to end, the settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contactsheet import console
from contactsheet.read import AVATARS, CONTACTS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from contactsheet.memo import Memo
    from contactsheet.settings import Settings

FAILED, USAGE, FAULT = 1, 2, 3


class FailedError(click.ClickException):
    """Ends the command with exit status 1 and one line that says why."""

    exit_code = FAILED

    def show(self, file: Any = None) -> None:  # noqa: ARG002  # click's signature
        """Says it on standard error."""
        from contactsheet.formats import visible

        console.say(f"error: {visible(self.message, 1000)}")


class RefusedError(FailedError):
    """Ends the command with exit status 2: what was typed, or set, cannot be done."""

    exit_code = USAGE


class FaultError(FailedError):
    """Ends the command with exit status 3: the program did what it should not."""

    exit_code = FAULT


_folder = click.Path(path_type=Path, file_okay=False)


def _root(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path:
    root = Path(os.path.abspath(value or ctx.obj or Path.cwd()))  # noqa: PTH100  # resolve() would follow links
    if not any((root / name).exists() for name in (CONTACTS, AVATARS, "pyproject.toml")):
        raise RefusedError(
            f"{root} is no repository of contacts: it has no folder {CONTACTS}/; say where with --root DIR"
        )
    return root


def _jobs(_ctx: click.Context, _parameter: click.Parameter, value: int | None) -> int:
    from contactsheet.machine import cores

    return value or cores()


root_option = click.option(
    "--root", type=_folder, callback=_root, metavar="DIR", help="The repository of contacts [default: this one]."
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 256), callback=_jobs, metavar="N", help="Processes to use [default: one a core]."
)
cluster_option = click.option(
    "--cluster", default="", metavar="ADDRESS", help="Compute on a Dask cluster, as in tcp://scheduler:8786."
)


def complete_contact(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The IDs that begin so, for the shell; only names of files are looked at."""
    from click.shell_completion import CompletionItem

    from contactsheet.read import scan

    root = Path(ctx.params.get("root") or ctx.obj or Path.cwd())
    return [CompletionItem(one) for one in sorted(scan(root).ids) if one.startswith(incomplete)]


strict_option = click.option("--strict", is_flag=True, help="Let warnings fail as errors do.")


def settings_of(root: Path) -> Settings:
    """The settings of a repository; ends the command where they cannot be used."""
    from contactsheet.settings import SettingsError, load

    try:
        return load(root)
    except SettingsError as error:
        raise RefusedError(str(error)) from None


def memo_of(root: Path) -> Memo:
    """What is remembered of a repository; without a key to seal it, what this process computes alone."""
    from contactsheet import seal
    from contactsheet.memo import Memo
    from contactsheet.receipt import FOLDER

    key = seal.key()
    return Memo(root / FOLDER, key) if key else Memo()


@contextmanager
def refusals() -> Iterator[None]:
    """Ends the command in a sentence where the output, the cluster or the system refuses."""
    try:
        yield
    except Exception as error:
        from contactsheet.cluster import ClusterError
        from contactsheet.publish import OutputError

        if isinstance(error, OutputError):
            raise RefusedError(str(error)) from None
        if isinstance(error, ClusterError):
            raise FailedError(f"{error}; the site stays as it was") from None
        if isinstance(error, OSError):
            raise FailedError(f"{told(error)}; the site stays as it was") from None
        raise


def told(error: OSError) -> str:
    """What the system refused, in a line."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"
