"""The build that has nothing to do: found out and told before the commands are looked at, which would take longer.

What is imported for it, and that is all that this imports, imports next to nothing.
"""

from __future__ import annotations

import os
import time

from contactsheet.standing import Standing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Start:
    """What a command begins with: the repository where --root names no other.

    Of a build that is asked for nothing but perhaps to be ``quiet``, it is the repository, and ``standing`` a look at
    it and at its output/, which do not stand as they were left.
    """

    __slots__ = ("quiet", "root", "standing")

    def __init__(
        self, root: str | os.PathLike[str] | None, standing: Standing | None = None, *, quiet: bool = False
    ) -> None:
        self.root = root
        self.standing = standing
        self.quiet = quiet


def begin(arguments: Sequence[str], root: str | os.PathLike[str] | None) -> Start | None:
    """What a command begins with; None where it is a build with nothing to do, and that was told."""
    plain = _plain(arguments, root)
    if plain is None:
        return Start(root)
    here, quiet = plain
    began = time.monotonic()
    output = os.path.join(here, "output")
    standing = Standing(here, output, strict=False)
    if not standing.stands:
        return Start(here, standing, quiet=quiet)
    if not quiet:  # where a site stands, there are no errors
        _tell(standing, here, output, time.monotonic() - began)
    return None


def _tell(standing: Standing, root: str, output: str, seconds: float) -> None:
    from pathlib import Path

    from contactsheet import console
    from contactsheet.problems import Severity

    if outcome := standing.outcome():
        console.tell_outcome(outcome, Path(root), Path(output), Severity.WARNING, seconds)


def _plain(arguments: Sequence[str], root: str | os.PathLike[str] | None) -> tuple[str, bool] | None:
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
    return os.path.abspath(folder or root or os.curdir), quiet  # realpath() would follow links
