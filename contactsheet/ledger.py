"""The two JSON files of a site: contacts.json, the index, and report.json, what was found, merged and made."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from contactsheet import views
from contactsheet.pictures import Picture
from contactsheet.plan import Known
from contactsheet.problems import Problem
from contactsheet.tasks import Examined

if TYPE_CHECKING:
    from contactsheet.merge import MergedRecord

_LONGEST = 200  # characters of a message
_AT_ONCE = 1000  # entries whose pieces are held: those of all would take several times what the file has
_ENCODER = json.JSONEncoder(ensure_ascii=False)


def as_json(value: object) -> bytes:
    """A value as JSON in UTF-8, with a line for every entry."""
    return f"{_lines(value)}\n".encode()


def _lines(value: object, margin: str = "\n") -> str:
    """What ``json.dumps`` gives with an indent of 1, in a fourth of the time; each line but the first follows the
    ``margin``.
    """
    if isinstance(value, str):
        return _ENCODER.encode(value)
    deeper = f"{margin} "
    if isinstance(value, dict) and value:
        entries = [f"{_ENCODER.encode(key)}: {_lines(one, deeper)}" for key, one in value.items()]
        return f"{{{deeper}{f',{deeper}'.join(entries)}{margin}}}"
    if isinstance(value, list) and value:
        return f"[{deeper}{f',{deeper}'.join([_lines(one, deeper) for one in value])}{margin}]"
    return "null" if value is None else _ENCODER.encode(value)


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


def index(known: Sequence[Known], digests: Mapping[str, str]) -> bytes:
    """contacts.json for the contacts in the given order; ``digests`` are the pictures' SHA-256 by their contact."""
    entries = b",\n  ".join(
        _entries(known[start : start + _AT_ONCE], digests) for start in range(0, len(known), _AT_ONCE)
    )
    return b'{\n "contacts": [%b]\n}\n' % (b"\n  %b\n " % entries if entries else b"")


def _entries(known: Iterable[Known], digests: Mapping[str, str]) -> bytes:
    """Some entries of contacts.json, indented as deep as they stand there."""
    margin = "\n  "
    return f",{margin}".join([_lines(_contact(one, digests), margin) for one in known]).encode()


def _contact(known: Known, digests: Mapping[str, str]) -> dict[str, Any]:
    avatar = None
    if known.thumb and known.picture:
        avatar = {
            "512": known.thumb.avatar.large,
            "96": known.thumb.avatar.small,
            "source": known.picture.file.path,
            "sha256": digests[known.summary.id],
        }
    return {
        "id": known.summary.id,
        "name": known.summary.name,
        "page": views.record_path(known.summary.id),
        "thread": views.thread_path(known.summary.id) if known.summary.last else None,
        "avatar": avatar,
        "merged_from": [merged.id for merged in known.merged],
    }


def report(problems: Iterable[Problem], known: Sequence[Known], pictures: Mapping[str, Examined]) -> bytes:
    """report.json: problems, merges with every value that lost, and by contact what became of its picture."""
    return as_json(
        {
            "problems": [problem_entry(problem) for problem in problems],
            "merges": [merge for one in known for merge in _merges(one)],
            "pictures": [
                {"contact": one.summary.id, **_picture(one.picture, pictures[one.summary.id], one.thumb.avatar)}
                for one in known
                if one.picture and one.thumb
            ],
        }
    )


def _merges(known: Known) -> Iterable[dict[str, Any]]:
    merges: tuple[MergedRecord, ...] = pickle.loads(known.merges) if known.merges else ()  # noqa: S301  # sealed, or ours
    for merged in merges:
        yield {
            "target": known.summary.id,
            "source": merged.id,
            "file": merged.file or None,
            "picture": merged.picture,
            "lost": [
                {"field": lost.field, "value": lost.value, "kept": lost.kept, "from": lost.origin}
                for lost in merged.lost
            ],
        }


def _picture(picture: Picture, examined: Examined, avatar: views.Avatar) -> dict[str, Any]:
    """What became of a picture."""
    focus, fit = picture.focus, picture.fit
    transforms = []
    if examined.orientation != 1:
        transforms.append(f"upright from EXIF orientation {examined.orientation}")
    if examined.width != examined.height:
        transforms.append("padded to a square" if fit == "contain" else f"cropped around {focus[0]}, {focus[1]}")
    if examined.has_profile:
        transforms.append("colours from the embedded profile to sRGB")
    digests = dict(examined.digests)
    return {
        "file": picture.file.path,
        "sha256": examined.digest,
        "format": examined.format,
        "width": examined.width,
        "height": examined.height,
        "transforms": transforms,
        "thumbnails": {
            "512": {"path": avatar.large, "sha256": digests["512"]},
            "96": {"path": avatar.small, "sha256": digests["96"]},
        },
    }
