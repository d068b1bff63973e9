"""The two JSON files of a site: contacts.json, the index, and report.json, what was found, merged and made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from contactsheet import present, views
from contactsheet.merge import Contact
from contactsheet.problems import Problem
from contactsheet.tasks import Examined

_LONGEST = 200  # characters of a message


def as_json(value: object) -> bytes:
    """A value as JSON in UTF-8, with a line for every entry."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def problem_entry(problem: Problem) -> dict[str, object]:
    """A problem as JSON gives it, in report.json and by ``check --format json``; what it quotes is cut if very long."""
    return {
        "rule": problem.rule,
        "severity": problem.severity.value,
        "file": _sound(problem.file, 4096),
        "line": problem.line,
        "column": problem.column,
        "field": _sound(problem.field),
        "message": _sound(problem.message),
        "fix": _sound(problem.fix, 2 * _LONGEST),
    }


def _sound(text: str, longest: int = _LONGEST) -> str:
    """A text that UTF-8 can say: of a file's name that is not UTF-8, the bytes as escapes."""
    cut = text if len(text) <= longest else f"{text[:longest]}…"
    return cut.encode("utf-8", "backslashreplace").decode("utf-8")


def index(contacts: Iterable[Contact], faces: Mapping[str, views.Face], digests: Mapping[str, str]) -> bytes:
    """contacts.json for the contacts in the given order; ``digests`` are the pictures' SHA-256 by their path."""
    return as_json({"contacts": [_contact(contact, faces[contact.id], digests) for contact in contacts]})


def _contact(contact: Contact, face: views.Face, digests: Mapping[str, str]) -> dict[str, Any]:
    avatar = None
    if face.avatar and contact.picture:
        source = contact.picture.file.path
        avatar = {"512": face.avatar.large, "96": face.avatar.small, "source": source, "sha256": digests[source]}
    return {
        "id": contact.id,
        "name": contact.record.name,
        "page": face.page,
        "thread": face.thread,
        "avatar": avatar,
        "merged_from": [merged.id for merged in contact.merged],
    }


def report(
    problems: Iterable[Problem], contacts: Sequence[Contact], pictures: Mapping[str, Mapping[str, Any]]
) -> bytes:
    """report.json: problems, merges with every value that lost, and by contact what became of its picture."""
    return as_json(
        {
            "problems": [problem_entry(problem) for problem in problems],
            "merges": [merge for contact in contacts for merge in _merges(contact)],
            "pictures": [
                {"contact": contact.id, **pictures[contact.id]} for contact in contacts if contact.id in pictures
            ],
        }
    )


def _merges(contact: Contact) -> Iterable[dict[str, Any]]:
    for merged in contact.merged:
        yield {
            "target": contact.id,
            "source": merged.id,
            "file": merged.file,
            "picture": merged.picture,
            "lost": [
                {"field": lost.field, "value": lost.value, "kept": lost.kept, "from": lost.origin}
                for lost in merged.lost
            ],
        }


def picture(examined: Examined, thumbnails: Mapping[str, str]) -> dict[str, Any]:
    """What became of a picture; ``thumbnails`` are the thumbnails' paths by their size."""
    focus, fit = examined.picture.focus, examined.picture.fit
    transforms = []
    if examined.orientation != 1:
        transforms.append(f"upright from EXIF orientation {examined.orientation}")
    if examined.width != examined.height:
        transforms.append("padded to a square" if fit == "contain" else f"cropped around {focus[0]}, {focus[1]}")
    if examined.has_profile:
        transforms.append("colours from the embedded profile to sRGB")
    return {
        "file": examined.picture.file.path,
        "sha256": examined.digest,
        "format": examined.format,
        "width": examined.width,
        "height": examined.height,
        "transforms": transforms,
        "thumbnails": {
            "512": {"path": thumbnails["512"], "sha256": sha256(examined.large)},
            "96": {"path": thumbnails["96"], "sha256": sha256(examined.small)},
        },
    }


def facts(examined: Examined) -> str:
    """A picture's file in words, for its contact's page."""
    return present.facts(examined.format or "", examined.width, examined.height, examined.picture.file.size)


def sha256(data: bytes) -> str:
    """The SHA-256 of the bytes, in hexadecimal."""
    import hashlib

    return hashlib.sha256(data).hexdigest()
