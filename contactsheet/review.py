"""Two states of a repository through the same stages: what a change does to the contacts, their pictures and problems.

Records are read on both sides, those that are remembered at once; pictures are decoded only where they differ. Nothing
is written but what is remembered.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contactsheet import contacts, gallery, read, records, revision, site
from contactsheet.changes import Changes, ContactChange, Shot, State, compare, new_problems
from contactsheet.git import commit_of, fork_point
from contactsheet.machine import uncollected
from contactsheet.memo import Aside, ForgottenError, Memo
from contactsheet.outcome import Work
from contactsheet.pictures import Picture, assign
from contactsheet.problems import Problem, Severity, in_order
from contactsheet.read import SourceFile
from contactsheet.repository import AVATARS, CONTACTS, TEMPLATES
from contactsheet.rules import weighed
from contactsheet.run import Progress, Run
from contactsheet.settings import FILE, Settings, SettingsError, load
from contactsheet.summaries import Packet
from contactsheet.workers import Workers

if TYPE_CHECKING:
    from contactsheet.contacts import Joined
    from contactsheet.merge import Contact
    from contactsheet.records import Records
    from contactsheet.site import Dress


@dataclass(frozen=True)
class Reviewed:
    """What a change does, with the settings and templates of the state before it, for the page that shows it.

    The change may be a stranger's: what it proposes to render with renders nothing here.
    """

    changes: Changes
    settings: Settings
    dress: Dress


@dataclass(frozen=True)
class _Side:
    """A state after all stages but the pictures.

    ``moved`` leads from the records that were merged away to their contacts, ``unread`` are the IDs whose records give
    no contact, since they cannot be read.
    """

    laid: revision.Laid
    run: Run
    moved: Mapping[str, str]
    unread: frozenset[str]
    records: Records
    owned: Mapping[str, Picture]
    others: tuple[SourceFile, ...]
    contacts: Mapping[str, Joined]
    dress: Dress
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Seen:
    """The pictures of a side that were looked at: by contact, the paths of all of them, and what is wrong with them."""

    shots: Mapping[str, Shot]
    paths: frozenset[str]
    problems: tuple[Problem, ...]


def review(root: Path, base: str, to: str | None, workers: Workers, progress: Progress, memo: Memo) -> Reviewed:
    """What changed since the state ``to`` (a revision; the working tree where it is None) left ``base``.

    Raises GitError where git cannot tell, SettingsError where the settings of the later state cannot be used.
    """
    memo.spare()  # for a review asks for little of what builds remember
    with uncollected():
        try:
            return _reviewed(root, base, to, workers, progress, memo)
        except ForgottenError:
            memo.forget()
            return _reviewed(root, base, to, workers, progress, memo)


def _reviewed(root: Path, base: str, to: str | None, workers: Workers, progress: Progress, memo: Memo) -> Reviewed:
    commit = fork_point(root, base, to or "HEAD")
    later = commit_of(root, to) if to else None
    touched = revision.differing(root, commit, later)
    with ExitStack() as stack:
        laid = stack.enter_context(revision.laid_out(root, commit))
        now = stack.enter_context(revision.laid_out(root, later)) if later else revision.Laid(root, {}, frozenset())
        settings = load(now.root)
        after = _side(now, settings, workers, progress, Aside(memo))
        before = _side(laid, _settings(laid.root, settings), workers, progress, Aside(memo))
        found = _compared(root, before, after, touched)
    return Reviewed(Changes(base, commit, to or "", *found), before.run.settings, before.dress)


def _settings(root: Path, otherwise: Settings) -> Settings:
    """The settings of the former state; where they cannot be used, which is mended now, those of the later one."""
    with suppress(SettingsError):
        return load(root)
    return otherwise


def _side(laid: revision.Laid, settings: Settings, workers: Workers, progress: Progress, memo: Memo) -> _Side:
    run = Run(laid.root, settings, workers, memo, progress, Work(), time.time_ns())
    sources = read.scan(run.root)
    found = records.read(run, sources)
    owned, others, unassigned = assign(sources.pictures, found.claims, sources.ids)
    joined = contacts.join(run, found, owned, sources.ids)
    wear, unusable = site.dress(run, rendering=True)
    problems = (*sources.problems, *found.problems, *unassigned, *joined.problems, *unusable)
    by_id = {one.summary.id: one for one in joined.contacts}
    moved = {merged.id: one for one, contact in by_id.items() for merged in contact.merged}
    unread = sources.ids - by_id.keys() - moved.keys()
    return _Side(laid, run, moved, unread, found, owned, others, by_id, wear, problems)


# --- the two sides ---------------------------------------------------------------------------------------------------


_Found = tuple[tuple[ContactChange, ...], tuple[Problem, ...], tuple[Problem, ...], tuple[str, ...]]


def _compared(root: Path, before: _Side, after: _Side, touched: frozenset[str]) -> _Found:
    """What became of the contacts, the problems introduced and mended, and the other files that differ."""
    differing = _differing(before, after, touched)
    old = _looked_at(root, before, _wanted(before, after, differing, touched))
    new = _looked_at(root, after, _wanted(after, before, differing, touched))
    found = compare(_state(before, old, differing), _state(after, new, differing))
    renamed = {before.contacts[one.was].summary.file: one.file for one in found if one.was}
    # A picture that was looked at on one side alone, since its contact is gone, is as good or bad as it was.
    judged = touched | (old.paths & new.paths)
    unmade = before.laid.unmade | after.laid.unmade
    introduced, mended = new_problems(
        _weighed(before, old, judged, unmade), _weighed(after, new, judged, unmade), renamed
    )
    told = {*_files(before, found), *_files(after, found)}
    others = tuple(sorted(path for path in touched - told if _counts(path)))
    return found, introduced, mended, others


def _differing(before: _Side, after: _Side, touched: frozenset[str]) -> frozenset[str]:
    """The contacts that are not known to be the same on both sides.

    One whose record cannot be read on a side is left to the problems: it is neither new nor gone.
    """
    found = set()
    for one in (before.contacts.keys() | after.contacts.keys()) - before.unread - after.unread:
        old, new = before.contacts.get(one), after.contacts.get(one)
        if old is None or new is None or old.content != new.content or _is_repictured(old, new, touched):
            found.add(one)
    return frozenset(found)


def _is_repictured(old: Joined, new: Joined, touched: frozenset[str]) -> bool:
    if old.picture is None or new.picture is None:
        return old.picture is not new.picture
    return _look(old.picture) != _look(new.picture) or new.picture.file.path in touched


def _look(picture: Picture) -> tuple[str, tuple[float, float], str]:
    return picture.file.path, picture.focus, picture.fit


def _wanted(side: _Side, other: _Side, differing: frozenset[str], touched: frozenset[str]) -> list[gallery.Shown]:
    """The pictures of a side to look at, each with the contact that shows it, if one does."""
    shown = []
    for one in sorted(differing & side.contacts.keys()):
        contact, counterpart = side.contacts[one], other.contacts.get(one)
        if contact.picture and (counterpart is None or _is_repictured(contact, counterpart, touched)):
            shown.append((one, contact.picture))
    everything = gallery.with_owners(shown, side.owned, side.others)
    return [(owner, picture) for owner, picture in everything if owner or picture.file.path in touched]


def _looked_at(root: Path, side: _Side, shown: list[gallery.Shown]) -> _Seen:
    paths = frozenset(picture.file.path for _, picture in shown)
    revision.fill(root, side.laid, paths, side.run.settings.max_picture_bytes)
    hung, found = gallery.examine(side.run, shown, None, encode=True)
    problems = weighed(found, side.run.settings.rules)
    shots = {owner: _shot(side.run.memo, hung, owner, picture, problems) for owner, picture in shown if owner}
    return _Seen(shots, paths, tuple(problems))


def _shot(memo: Memo, hung: gallery.Gallery, owner: str, picture: Picture, problems: list[Problem]) -> Shot:
    path = picture.file.path
    own = tuple(one for one in problems if one.file == path)
    examined = hung.examined.get(owner)
    if examined is None:
        return Shot(path, "", "", (picture.focus, picture.fit), own)
    data = {size: examined.thumbnails.get(size) or memo.album.get(digest) or b"" for size, digest in examined.digests}
    facts = hung.thumbs[owner].facts
    return Shot(path, examined.digest, facts, (picture.focus, picture.fit), own, data["512"], data["96"])


def _state(side: _Side, seen: _Seen, differing: frozenset[str]) -> State:
    opened = {one: _opened(side, side.contacts[one]) for one in sorted(differing & side.contacts.keys())}
    joins = {claim.id: claim.joins for claim in side.records.claims if claim.joins}
    return State(opened, side.moved, joins, seen.shots)


def _opened(side: _Side, joined: Joined) -> Contact:
    return Packet(joined.record or side.records.record(joined.summary.id), joined.picture, joined.merges).contact()


def _weighed(side: _Side, seen: _Seen, judged: frozenset[str], unmade: frozenset[str]) -> list[Problem]:
    """The errors and warnings of a side. Its notices are left out: what they tell, the change itself shows."""
    told = (*weighed(side.problems, side.run.settings.rules), *(one for one in seen.problems if one.file in judged))
    return in_order(one for one in told if one.file not in unmade and one.severity is not Severity.NOTICE)


def _files(side: _Side, changes: Iterable[ContactChange]) -> Iterator[str]:
    """The files of a side that the changes tell of."""
    records = {claim.id: claim.file for claim in side.records.claims}
    for change in changes:
        for one in (change.id, change.was, *change.left, *(joining.id for joining in change.joined)):
            if one in records:
                yield records[one]
            if one in side.owned:
                yield side.owned[one].file.path


def _counts(path: str) -> bool:
    """Whether a file belongs to the contacts, in a repository that may hold a program besides."""
    return path == FILE or path.startswith((f"{CONTACTS}/", f"{AVATARS}/", f"{TEMPLATES}/"))
