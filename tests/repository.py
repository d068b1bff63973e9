"""A repository of contacts in real git, for the tests of what git remembers and of what a branch changes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.conftest import Site

START = 1_700_000_000


class Repository(Site):
    """A site in a git repository; each commit is a minute after the one before, and of the author that it names."""

    def __init__(self, root: Path, top: Path | None = None) -> None:
        super().__init__(root)
        self.top = top or root
        self.minutes = 0
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, author: str = "Mira", check: bool = True) -> str:
        """Runs git, as ``author``, at the repository's own time."""
        at = f"{START + 60 * self.minutes} +0900"
        identity = {"GIT_AUTHOR_NAME": author, "GIT_COMMITTER_NAME": author, "GIT_CONFIG_GLOBAL": os.devnull}
        emails = {"GIT_AUTHOR_EMAIL": "m@example.org", "GIT_COMMITTER_EMAIL": "m@example.org"}
        times = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
        return subprocess.run(
            ["git", "-C", str(self.top), *arguments],
            check=check,
            capture_output=True,
            text=True,
            env={**os.environ, **identity, **emails, **times},
        ).stdout

    def commit(self, author: str = "Mira", message: str = "change") -> int:
        """Commits all there is; gives the commit's time."""
        self.minutes += 1
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message, author=author)
        return START + 60 * self.minutes
