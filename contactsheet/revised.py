"""When contacts last changed, as git's history tells it. Git is asked again only when the history may be another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from contactsheet.contacts import Joined
from contactsheet.head import state
from contactsheet.records import Records
from contactsheet.run import Run


def revisions(run: Run) -> Mapping[str, datetime]:
    """When the last commit touched each record (UTC), by its path; empty where git does not know."""
    now = state(run.root)
    cache: dict[bytes, Mapping[str, datetime]] = run.memo.cache("revised")
    if now not in cache:
        cache.clear()
        cache[now] = _asked(run) if now else {}
    return cache[now]


def _asked(run: Run) -> Mapping[str, datetime]:
    from contactsheet.history import revised

    return revised(run.root, run.memo)


def last_change(contact: Joined, records: Records, found: Mapping[str, datetime]) -> datetime | None:
    """When the record of a contact, or one that was merged into it, was changed last, if that is known."""
    if not found:
        return None
    files = (contact.summary.file, *(records.summaries[merged.id].file for merged in contact.merged))
    return max((found[file] for file in files if file in found), default=None)
