"""What a change touches, as git tells it, so that only what it touches can fail it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from contactsheet.git import fork_point, git
from contactsheet.problems import Problem, Severity


def base_of_ci(environment: Mapping[str, str]) -> str | None:
    """The commit or branch that a pull or merge request goes to, as GitHub and GitLab name it; None elsewhere."""
    if environment.get("GITHUB_BASE_REF"):
        return f"origin/{environment['GITHUB_BASE_REF']}"
    return environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA") or None


def touched_since(root: Path, revision: str) -> frozenset[str]:
    """The files below ``root`` that differ from where this branch left ``revision``, those that git does not know too.

    POSIX paths relative to ``root``; of a renamed file both names. Raises GitError where git cannot tell.
    """
    base = fork_point(root, revision)
    changed = git(root, "diff", "--name-only", "--no-renames", "--relative", "-z", base, "--", ".")
    untracked = git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    return frozenset(path for path in (changed + untracked).split("\0") if path)


def softened(problems: Iterable[Problem], touched: frozenset[str]) -> list[Problem]:
    """The problems, those of files that the change does not touch as notices.

    A problem counts as touched too when a file is that brings it about: a merge target that the change removes, a rival
    for the same ID or picture.
    """
    return [
        problem
        if problem.file in touched or not touched.isdisjoint(problem.related)
        else problem._replace(severity=Severity.NOTICE)
        for problem in problems
    ]
