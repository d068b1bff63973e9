"""The ways in which a command ends before it is done, and what it cannot do without: repository, settings, memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from contactsheet import console
from contactsheet.repository import AVATARS, CONTACTS, SETTINGS

if TYPE_CHECKING:
    from contactsheet.memo import Memo
    from contactsheet.settings import Settings

FAILED, USAGE, FAULT = 1, 2, 3


class FailedError(Exception):
    """Ends the command with exit status 1 and one line that says why."""

    exit_code = FAILED

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def show(self) -> None:
        """Says it on standard error."""
        from contactsheet.formats import visible

        console.say(f"error: {visible(self.message, 1000)}")


class RefusedError(FailedError):
    """Ends the command with exit status 2: what was typed, or set, cannot be done."""

    exit_code = USAGE


class FaultError(FailedError):
    """Ends the command with exit status 3: the program did what it should not."""

    exit_code = FAULT


def repository(place: str | os.PathLike[str]) -> Path:
    """The repository at a place; ends the command where there is none."""
    root = Path(os.path.abspath(place))  # noqa: PTH100  # resolve() would follow links
    if not any((root / name).exists() for name in (CONTACTS, AVATARS, SETTINGS)):
        raise RefusedError(
            f"{root} is no repository of contacts: it has no folder {CONTACTS}/; "
            "say where one is with --root DIR, or make one with: init DIR"
        )
    return root


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


def remembered(root: Path) -> Memo:
    """What builds remember of a repository, for who builds nothing: none of it is begun, unless machines share it."""
    from contactsheet.memo import Memo
    from contactsheet.receipt import FOLDER
    from contactsheet.seal import is_shared

    return memo_of(root) if is_shared() or (root / FOLDER).is_dir() else Memo()


@contextmanager
def refusals() -> Iterator[None]:
    """Ends the command in a sentence where the output, the cluster or the system refuses."""
    try:
        yield
    except Exception as error:
        from contactsheet.cluster import ClusterError
        from contactsheet.destination import OutputError

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
