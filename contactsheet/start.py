"""The build that has nothing to do: found out and told before the commands are looked at, which would take longer."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contactsheet import console
from contactsheet.problems import Severity
from contactsheet.standing import Standing


@dataclass(frozen=True, slots=True)
class Start:
    """What a command begins with: the repository where --root names no other, and what was seen of a site on the way.

    ``standing`` is a look at the repository ``seen`` and at its output/, which do not stand as they were left.
    """

    root: Path | None
    seen: Path | None = None
    standing: Standing | None = None


def begin(arguments: Sequence[str], root: Path | None) -> Start | None:
    """What a command begins with; None where it is a build with nothing to do, and that was told."""
    plain = _plain(arguments, root)
    if plain is None:
        return Start(root)
    here, quiet = plain
    began = time.monotonic()
    standing = Standing(here, here / "output", strict=False)
    outcome = standing.outcome()
    if outcome is None:
        return Start(root, here, standing)
    least = Severity.ERROR if quiet else Severity.WARNING
    console.tell_outcome(outcome, here, here / "output", least, time.monotonic() - began)
    return None


def _plain(arguments: Sequence[str], root: Path | None) -> tuple[Path, bool] | None:
    """The repository and whether to be quiet, of a build that is asked for nothing else; None of all other commands."""
    if any(name.startswith("_") and name.endswith("_COMPLETE") for name in os.environ):
        return None  # a shell asks how its line may go on
    folder, quiet = "", False
    left = iter(arguments[1:] if arguments[:1] == ["build"] else arguments)
    for one in left:
        if one == "--quiet":
            quiet = True
        elif one == "--root":
            folder = next(left, "")
            if not folder or folder.startswith("-"):
                return None
        else:
            return None
    return Path(os.path.abspath(folder or root or Path.cwd())), quiet  # noqa: PTH100  # resolve() would follow links
