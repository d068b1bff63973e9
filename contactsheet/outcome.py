"""What a run gave: its problems, and what it counted."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from contactsheet.problems import Plain, Problem, Severity, from_plain, plain

if TYPE_CHECKING:
    from contactsheet.look import Seen


@dataclass
class Work:
    """What a run had to do: records checked, pictures examined, pages rendered. What was remembered does not count."""

    records: int = 0
    pictures: int = 0
    pages: int = 0


class Published(NamedTuple):
    """What a publication did: files in all, and how many of them were written or deleted.

    ``seen`` is how those that it left as they were looked when it judged them, by folder and name; ``mark`` is what it
    is remembered by.
    """

    files: int
    written: int
    deleted: int
    seen: Seen = MappingProxyType({})
    mark: bytes = b""


class Outcome(NamedTuple):
    """What a run gave: all problems in order, how many contacts, conversations, pictures and merges there are.

    ``work`` is what had to be done for it. ``published`` is None where nothing was published: after errors, or because
    only a check was asked for.
    """

    problems: tuple[Problem, ...]
    contacts: int
    conversations: int
    pictures: int
    merges: int
    work: Work
    published: Published | None = None

    def failed(self, strict: bool) -> bool:
        """Whether there are errors, or warnings where they count as errors."""
        refused = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
        return any(found.severity in refused for found in self.problems)


Kept = tuple[tuple[Plain, ...], int, int, int, int, int]


def kept(outcome: Outcome) -> Kept:
    """An outcome with a published site, as plain values."""
    assert outcome.published is not None
    counts = outcome.contacts, outcome.conversations, outcome.pictures, outcome.merges
    return tuple(map(plain, outcome.problems)), *counts, outcome.published.files


def again(values: Kept) -> Outcome:
    """The outcome of a run that finds everything as a former run left it."""
    problems, contacts, conversations, pictures, merges, files = values
    found = tuple(map(from_plain, problems))
    return Outcome(found, contacts, conversations, pictures, merges, Work(), Published(files, 0, 0))
