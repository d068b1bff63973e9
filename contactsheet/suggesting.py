"""The commands of git that a change in the preview leads to, for people to copy: how to keep it, how to undo it.

They are words. Nothing here runs them.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from contactsheet.git import GitError, git


def known(root: Path, paths: Sequence[str]) -> frozenset[str] | None:
    """Those of the paths that git keeps, so that it could bring them back; None where ``root`` is in no repository."""
    try:
        return frozenset(path for path in git(root, "ls-files", "-z", "--", *paths).split("\0") if path)
    except GitError:
        return None


def keeping(root: Path, paths: Sequence[str], message: str) -> str:
    """The command that commits the paths, among them such as were deleted; empty without a repository.

    ``message`` is plain words and IDs.
    """
    before = known(root, paths)
    if before is None:
        return ""
    added = [path for path in paths if path in before or (root / path).exists()]
    return f'git add {_quoted(added)} && git commit -m "{message}"' if added else ""


def undoing(paths: Iterable[str]) -> str:
    """The command that brings back paths that git keeps; empty without any."""
    listed = _quoted(sorted(paths))
    return f"git restore {listed}" if listed else ""


def _quoted(paths: Iterable[str]) -> str:
    return " ".join(shlex.quote(path) for path in paths)
