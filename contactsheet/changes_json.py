"""What changed, for programs: one JSON object. Its shape is told in docs/commands.md."""

from __future__ import annotations

from typing import Any

from contactsheet.changes import Changes, ContactChange, Shot
from contactsheet.changes_text import picture_words
from contactsheet.formats.escape import ascii_json
from contactsheet.ledger import problem_entry


def changes_json(changes: Changes) -> str:
    """The changes as JSON in ASCII; the pictures themselves are left out."""
    told = {
        "base": changes.base,
        "commit": changes.commit,
        "to": changes.to or None,
        "contacts": [_contact(change) for change in changes.contacts],
        "problems": {
            "introduced": [problem_entry(one) for one in changes.introduced],
            "mended": [problem_entry(one) for one in changes.mended],
        },
        "others": list(changes.others),
    }
    return ascii_json(told)


def _contact(change: ContactChange) -> dict[str, Any]:
    picture = change.picture
    return {
        "kind": change.kind,
        "id": change.id,
        "name": change.name,
        "file": change.file,
        "was": change.was or None,
        "into": change.into or None,
        "joined": [{"id": one.id, "file": one.file, "merge_into": one.directive} for one in change.joined],
        "left": list(change.left),
        "fields": [{"field": one.field, "before": list(one.before), "after": list(one.after)} for one in change.fields],
        "picture": picture
        and {
            "change": picture_words(picture.before, picture.after),
            "before": _shot(picture.before),
            "after": _shot(picture.after),
        },
    }


def _shot(shot: Shot | None) -> dict[str, Any] | None:
    if shot is None:
        return None
    (focus, fit), problems = shot.shown, [problem_entry(one) for one in shot.problems]
    facts = {"file": shot.path, "sha256": shot.digest or None, "facts": shot.facts or None}
    return {**facts, "focus": list(focus), "fit": fit, "problems": problems}
