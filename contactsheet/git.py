"""Asks git. Nothing here changes a repository, starts what its settings name, or goes through a shell."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class GitError(Exception):
    """Git cannot tell; the text says why."""


def git(root: Path, *arguments: str) -> str:
    """What git prints for ``arguments`` in the folder ``root``, bytes that are no UTF-8 as surrogates.

    Raises GitError where it cannot be run or says that it failed.
    """
    # No optional lock and no file-system monitor: reading a repository must not write to it or start what it names.
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603  # a list, no shell
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror or error}") from None
    if done.returncode:
        said = os.fsdecode(done.stderr).strip().splitlines()
        raise GitError(said[0] if said else f"git {arguments[0]} found nothing: is the revision known in this clone?")
    return os.fsdecode(done.stdout)
