"""Records that join others, for the tests of merging: what the site says of it, and what comes of records alone."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from contactsheet.check import SourceRecord, check
from contactsheet.merge import Contact, Merged, merge
from tests.conftest import Site

TARGET, SOURCE = "jane", "jane-new"


def joined(site: Site, target: str, source: str, directive: str = "jane") -> dict[str, Any]:
    """Builds a contact and a record that joins it; gives what the report says of the merge, once it is built."""
    site.contact(TARGET, f"name: Jane\n{target}\n")
    site.contact(SOURCE, f"name: Jane\n{source}\nmerge_into: {directive}\n")
    outcome = site.build()
    assert not outcome.failed(strict=False), outcome.problems
    (merged,) = site.report()["merges"]
    assert (merged["target"], merged["source"]) == (TARGET, SOURCE)
    return dict(merged)


def lost(merged: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(one["field"], one["value"], one["kept"], one["from"]) for one in merged["lost"]]


def words(page: str) -> str:
    """The text of a page, its pieces divided by bars."""
    return "|".join(html.unescape(piece.strip()) for piece in re.split(r"<[^>]*>", page) if piece.strip())


def record_text(site: Site, contact_id: str = TARGET) -> str:
    """The text of a contact's page above what it tells of merges."""
    return words(site.page(f"contacts/{contact_id}.html")).split("|Merged from|")[0]


def ledger_text(site: Site, contact_id: str = TARGET) -> str:
    return words(site.page(f"contacts/{contact_id}.html")).split("|Merged from|", 1)[1]


def merged_record(*texts: str) -> tuple[Contact, Merged]:
    """The contact `a` that comes of records called a, b, c, …; all but the first carry their directives."""
    records = [record(chr(ord("a") + number), text) for number, text in enumerate(texts)]
    done = merge(records, {}, frozenset(one.id for one in records))
    assert not [problem for problem in done.problems if problem.severity == "error"], done.problems
    (contact,) = done.contacts
    return contact, done


def record(contact_id: str, text: str) -> SourceRecord:
    found, problems = check(contact_id, f"contacts/{contact_id}.yaml", text.encode(), None)
    assert found is not None, problems
    assert not [problem for problem in problems if problem.severity == "error"], problems
    return found
