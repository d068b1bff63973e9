"""What differs from git's HEAD in the sources, and the commit of it that a person asks for. Nothing is ever pushed.

A commit is made as the person's own git makes it, with their name and their hooks, of the named files alone.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from contactsheet.git import GitError, git
from contactsheet.repository import AVATARS, CONTACTS

MESSAGE_LIMIT = 10_000  # characters
_SECONDS = 55
_TOLD = 4000  # characters of what git says
Kind = Literal["new", "changed", "removed", "conflict"]


class NoRepositoryError(Exception):
    """There is nothing to compare with; the text says why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A file below contacts/ or avatars/ that is not as HEAD has it; ``path`` is POSIX and relative to the root."""

    path: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that was made: its short name, and the first line of its message."""

    name: str
    subject: str


def branch(root: Path) -> str:
    """The branch that a commit goes to; empty where none does. Raises NoRepositoryError."""
    try:
        git(root, "rev-parse", "--is-inside-work-tree")
    except GitError as error:
        raise NoRepositoryError(str(error)) from None
    try:
        return git(root, "symbolic-ref", "--quiet", "--short", "HEAD").strip()
    except GitError:
        return ""


def differences(root: Path) -> tuple[Difference, ...]:
    """The sources that are not as HEAD has them, in the order of their paths. Raises GitError."""
    top = git(root, "rev-parse", "--show-prefix").removesuffix("\n")
    options = ("--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=all")
    said = git(root, "status", *options, "--", CONTACTS, AVATARS)
    marks: dict[str, set[str]] = {}
    for entry in said.split("\0"):
        if entry:
            marks.setdefault(entry[3:].removeprefix(top), set()).add(entry[:2])
    found = ((path, _kind(root, path, ways)) for path, ways in sorted(marks.items()))
    return tuple(Difference(path, kind) for path, kind in found if kind)


def _kind(root: Path, path: str, ways: set[str]) -> Kind | None:
    """What became of a file, from git's two letters for it (git-status(1), short format); None for nothing at all."""
    if any("U" in way or way in ("AA", "DD") for way in ways):
        return "conflict"
    was_there = not all(way == "??" or way[0] == "A" for way in ways)
    if os.path.lexists(root.joinpath(*path.split("/"))):
        return "changed" if was_there else "new"
    return "removed" if was_there else None


def commands(found: Sequence[Difference], message: str) -> tuple[str, ...]:
    """What a person types at the top of the site to commit the files."""
    new = [one.path for one in found if one.kind == "new"]
    add = (f"git add -- {shlex.join(new)}",) if new else ()
    return *add, f"git commit -m {shlex.quote(message)} -- {shlex.join(one.path for one in found)}"


def commit(root: Path, paths: Sequence[str], message: str) -> Commit:
    """Commits the files as they are, and nothing else. Raises GitError with all that git says; nothing is staged then.

    ``paths`` are among the ``differences``.
    """
    kinds = {one.path: one.kind for one in differences(root)}
    if (gone := next((path for path in paths if path not in kinds), None)) is not None:
        raise GitError(f"{gone} does not differ from the last commit any more; look again")
    new = [path for path in paths if kinds[path] == "new"]
    try:
        if new:
            _run(root, ["add", "--", *new])
        _run(root, ["commit", "--quiet", "--only", "--file=-", "--", *paths], message)
    except GitError:
        if new:
            _run(root, ["rm", "--quiet", "--cached", "--ignore-unmatch", "--", *new])
        raise
    name, _, subject = git(root, "log", "-1", "--no-show-signature", "--format=%h %s").strip().partition(" ")
    return Commit(name, subject)


def _run(root: Path, arguments: Sequence[str], given: str = "") -> None:
    # No editor: what is to be said is said. A file's name is never a pattern.
    command = ["git", "--literal-pathspecs", "-C", str(root), *arguments]
    environment = {**os.environ, "GIT_EDITOR": ":", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(  # noqa: S603  # a list, no shell
            command,
            input=given.encode("utf-8", "replace"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=_SECONDS,
            env=environment,
        )
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror or error}") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git took longer than {_SECONDS} seconds; try it in a terminal") from None
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").strip()
        raise GitError(said[:_TOLD] or f"git {arguments[0]} failed and did not say why")
