"""The verdict of the check on changes that are not written yet: the very same rules, and not a file is touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from contactsheet import pipeline
from contactsheet.problems import Problem
from contactsheet.read import Changes
from contactsheet.workers import Workers

if TYPE_CHECKING:
    from contactsheet.memo import Memo
    from contactsheet.settings import Settings


def judged(root: Path, settings: Settings, changes: Changes, workers: Workers, memo: Memo) -> tuple[Problem, ...]:
    """What is wrong in the repository ``root`` once ``changes`` are written, as far as they bring it about.

    What is wrong in other files, and was before, is left out.
    """
    after = pipeline.check(root, settings, workers, memo=memo, changes=changes).problems
    if all(_touches(one, changes) for one in after):
        return after
    before = frozenset(pipeline.check(root, settings, workers, memo=memo).problems)
    return tuple(one for one in after if one not in before or _touches(one, changes))


def _touches(problem: Problem, changes: Changes) -> bool:
    return not {problem.file, *problem.related}.isdisjoint(changes)


def quoted(changes: Changes, line: Callable[[str, int], str]) -> Callable[[str, int], str]:
    """Lines to quote, of changed files as they are to be; ``line`` gives those of the others."""

    def one(file: str, number: int) -> str:
        data = changes.get(file)
        if data is None:
            return line(file, number)
        lines = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""

    return one
