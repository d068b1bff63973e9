"""What an edit asks of git: whether a file is safe in a commit, and that its index knows what moved and went.

Nothing is committed, and a file that git does not track stays untracked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from contactsheet.git import GitError, git


def is_kept(root: Path, path: str) -> bool:
    """Whether the last commit has the file as it is."""
    try:
        known = git(root, "ls-tree", "-z", "--name-only", "HEAD", "--", path)
        return bool(known) and not git(root, "diff", "--name-only", "HEAD", "--", path)
    except GitError:
        return False


def tracked(root: Path, paths: Collection[str]) -> frozenset[str]:
    """Those of the files that git tracks; none where there is no git."""
    try:
        return frozenset(git(root, "ls-files", "-z", "--", *paths).split("\0")) & frozenset(paths)
    except GitError:
        return frozenset()


def stage(root: Path, paths: Iterable[str]) -> None:
    """Puts files as they are now into the index, those that are gone out of it. Raises GitError."""
    some = list(paths)
    if some:
        git(root, "add", "--all", "--", *some)
