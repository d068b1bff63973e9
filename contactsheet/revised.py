"""When contacts last changed, as git's history tells it."""

from __future__ import annotations

from collections.abc import Mapping

from contactsheet.contacts import Joined
from contactsheet.records import Records
from contactsheet.run import Run


def revisions(run: Run) -> Mapping[str, int]:
    """When the last commit touched each record and picture (seconds since 1970, UTC), by its path; none where git does
    not know. It is the same object as long as it says the same.
    """
    from contactsheet.history import history

    cache: dict[str, Mapping[str, int]] = run.memo.cache("revised")
    found = history(run.root, run.memo).changed
    if cache.get("") != found:
        cache[""] = found
    return cache[""]


def last_change(contact: Joined, records: Records, found: Mapping[str, int]) -> int | None:
    """When a contact's record or picture, or a record that was merged into it, was committed last, if that is known."""
    if not found:
        return None
    joined = (records.summaries.get(merged.id) for merged in contact.merged)  # an alias has no record
    files = [contact.summary.file, *(one.file for one in joined if one)]
    if contact.picture:
        files.append(contact.picture.file.path)
    return max((found[file] for file in files if file in found), default=None)
