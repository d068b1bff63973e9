"""The difference between two texts as a unified diff, which git and people read."""

from __future__ import annotations

import difflib
from collections.abc import Iterator


def unified(old_path: str, old: str, new_path: str, new: str) -> Iterator[str]:
    """The lines of the diff; an empty path stands for a file that is not there."""
    names = (f"a/{old_path}" if old_path else "/dev/null", f"b/{new_path}" if new_path else "/dev/null")
    for line in difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), *names):
        yield line.rstrip("\r\n")
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"
