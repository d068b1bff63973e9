"""Which picture belongs to whom, from the names of the files and what the records choose.

It never looks into a picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from contactsheet.claims import Claim
from contactsheet.nearest import Nearest
from contactsheet.problems import Place, Problem
from contactsheet.read import PICTURE_SUFFIXES, SourceFile, record_paths
from contactsheet.repository import AVATARS
from contactsheet.rules import problem

Assigned = tuple[Mapping[str, "Picture"], tuple[SourceFile, ...], tuple[Problem, ...]]
CENTRE = (0.5, 0.5)


class Picture(NamedTuple):
    """A contact's picture: its file, and how it becomes a square.

    ``focus`` is the point that stays in view, two numbers from 0 to 1 from the left and the top of the upright picture.
    """

    file: SourceFile
    focus: tuple[float, float] = CENTRE
    fit: Literal["cover", "contain"] = "cover"


def assign(pictures: Sequence[SourceFile], claims: Iterable[Claim], ids: frozenset[str]) -> Assigned:
    """The picture of each contact by its ID, the pictures that are no contact's, and the problems.

    ``ids`` are all IDs that have a record, so that the picture of a record that is wrong is no orphan. It is no
    contact's all the same, and neither is one that a contact has too many.
    """
    by_path = {file.path: file for file in pictures}
    by_name: dict[str, list[SourceFile]] = {}
    for file in pictures:
        by_name.setdefault(file.name, []).append(file)
    files = Nearest([path.removeprefix(f"{AVATARS}/") for path in by_path if path.startswith(f"{AVATARS}/")])
    problems: list[Problem] = []
    owned: dict[str, Picture] = {}
    claimed: set[str] = set()
    for claim in claims:
        name, focus, fit = claim.picture or (None, CENTRE, "cover")
        candidates = by_name.get(claim.id, [])
        if name:
            chosen = by_path.get(f"{AVATARS}/{name}")
            if fault := _choice_fault(claim, name, chosen, files):
                problems.append(fault)
            elif chosen:
                candidates = [chosen, *(file for file in candidates if file is not chosen)]
        claimed.update(file.path for file in candidates)
        problems.extend(_another(claim, file, candidates[0]) for file in candidates[1:])
        if candidates:
            owned[claim.id] = Picture(candidates[0], focus, fit)
    orphans = [file for file in pictures if file.path not in claimed and file.name not in ids]
    contacts = Nearest(ids)
    problems.extend(_orphan(file, contacts) for file in orphans)
    taken = {picture.file.path for picture in owned.values()}
    return owned, tuple(file for file in pictures if file.path not in taken), tuple(problems)


def _choice_fault(claim: Claim, name: str, chosen: SourceFile | None, files: Nearest) -> Problem | None:
    """What is wrong with the file that a record's avatar field names, if anything is."""
    place = Place(*claim.place) if claim.place else None
    if not _is_plain_path(name):
        return problem(
            "avatar/path",
            claim.file,
            place,
            field="avatar",
            message="this is not the name of a picture below avatars/",
            fix=f"Write its path below {AVATARS}/ with forward slashes, ending in {', '.join(PICTURE_SUFFIXES)}.",
        )
    if chosen:
        return None
    near = files(name, 0.6)
    fix = f"Did you mean {near}?" if near else f"Add the picture as {AVATARS}/{name}."
    message = f"there is no picture {AVATARS}/{name}"
    return problem(
        "avatar/missing", claim.file, place, field="avatar", message=message, fix=fix, related=(f"{AVATARS}/{name}",)
    )


def _is_plain_path(name: str) -> bool:
    parts = name.split("/")
    strange = any(c in name for c in '\\:%?*|<>"') or not name.isprintable()
    return (
        not strange and all(part not in ("", ".", "..") for part in parts) and name.lower().endswith(PICTURE_SUFFIXES)
    )


def _another(claim: Claim, file: SourceFile, first: SourceFile) -> Problem:
    return problem(
        "avatar/two-pictures",
        file.path,
        message=f"{claim.id} has another picture, {first.path}",
        fix="Keep one of them.",
        related=(first.path, claim.file),
    )


def _orphan(file: SourceFile, contacts: Nearest) -> Problem:
    example = contacts(file.name, 0.7) or "the contact's ID"
    return problem(
        "avatar/orphan",
        file.path,
        message=f"no contact has the ID {file.name}, and none names this picture",
        fix=f"Name it after its contact ({example}{file.suffix}), or take it out.",
        related=record_paths(file.name),
    )
