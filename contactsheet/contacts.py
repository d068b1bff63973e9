"""The stage that makes contacts of records: merges are carried out, and every contact gets its picture's file."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from contactsheet import distinct
from contactsheet.edition import edition
from contactsheet.fingerprints import fingerprint
from contactsheet.memo import Memo
from contactsheet.pictures import Picture
from contactsheet.problems import Problem, from_plain, plain
from contactsheet.records import Records
from contactsheet.run import Run
from contactsheet.summaries import Moved, Summary

if TYPE_CHECKING:
    from contactsheet.check import SourceRecord
    from contactsheet.merge import Contact, Merged


class Joined(NamedTuple):
    """A contact, before its picture is looked at.

    ``content`` is a fingerprint of its record and of what was merged into it. ``record`` is the pickled SourceRecord
    that the merges gave, ``merges`` the pickled MergedRecords; both are empty where nothing was merged.
    """

    summary: Summary
    content: bytes
    picture: Picture | None
    merged: tuple[Moved, ...] = ()
    record: bytes = b""
    merges: bytes = b""


class Contacts(NamedTuple):
    """All contacts, in no order that counts; how many records were merged away, and what is wrong with directives.

    ``distinct`` are the pairs of contacts that are declared to be two, by their IDs in order, ``involved`` the IDs of
    the records that have to do with directives, ``at`` the positions of the contacts by their IDs.
    """

    contacts: tuple[Joined, ...]
    moved: int
    problems: tuple[Problem, ...]
    distinct: frozenset[distinct.Pair] = frozenset()
    involved: frozenset[str] = frozenset()
    at: Mapping[str, int] = {}


def join(run: Run, records: Records, owned: Mapping[str, Picture], ids: frozenset[str]) -> Contacts:
    """Carries out the directives; ``owned`` are the records' pictures, ``ids`` all IDs that have a record."""
    joining = involved(records)
    moved, survivors, problems = _merged(run, records, owned, ids, joining) if joining else ((), (), ())
    contacts = {
        contact_id: _alone(run, summary, records.content(contact_id), owned.get(contact_id))
        for contact_id, summary in records.summaries.items()
        if contact_id not in moved
    }
    for joined in survivors:
        contacts[joined.summary.id] = joined
    leads = {one.id: joined.summary.id for joined in survivors for one in joined.merged}
    apart = distinct.pairs(records.claims, leads)
    at = {contact_id: position for position, contact_id in enumerate(contacts)}
    made = Contacts(tuple(contacts.values()), len(moved), problems, apart, frozenset(joining), at)
    if not run.changes:
        run.memo.cache("joined")[""] = made
    return made


def latest(memo: Memo) -> tuple[Joined, ...]:
    """The contacts as this process joined them last; none where it never came so far."""
    found: Contacts | None = memo.cache("joined").get("")
    return found.contacts if found else ()


def carry_out(records: Records, owned: Mapping[str, Picture], ids: frozenset[str], also: Iterable[str] = ()) -> Merged:
    """What the directives make of the records that any of them concerns, and of those called ``also``, in full."""
    from contactsheet.merge import merge

    names = sorted(involved(records).union(one for one in also if one in records.summaries))
    return merge(parties(records, names), owned, ids)


def involved(records: Records) -> set[str]:
    """The IDs of all records that have to do with merges, as those that must not be merged."""
    found = {claim.id for claim in records.claims if claim.joins or claim.aliases or claim.distinct}
    return found | {claim.joins for claim in records.claims if claim.joins in records.summaries}


def parties(records: Records, ids: Iterable[str]) -> list[SourceRecord]:
    """The records with these IDs. Raises ForgottenError."""
    return [opened(records.record(one)) for one in ids]


def opened(packed: bytes) -> SourceRecord:
    """A record that was pickled here, or was remembered."""
    source: SourceRecord = pickle.loads(packed)  # noqa: S301  # sealed, or just made
    return source


def _alone(run: Run, summary: Summary, content: bytes, picture: Picture | None) -> Joined:
    """A contact that nothing was merged into."""
    cache: dict[str, Joined] = run.memo.cache("contacts")
    known = cache.get(summary.id)
    if known and known.summary is summary and known.content == content and known.picture is picture:
        return known
    made = cache[summary.id] = Joined(summary, content, picture)
    return made


def _merged(
    run: Run, records: Records, owned: Mapping[str, Picture], ids: frozenset[str], joining: set[str]
) -> tuple[frozenset[str], tuple[Joined, ...], tuple[Problem, ...]]:
    """The IDs of the records that were merged away, the contacts that they joined, and the problems."""
    made_from = tuple((one, records.content(one), _seen(owned.get(one))) for one in sorted(joining))
    key = fingerprint(edition(), run.settings, made_from, sorted(ids))
    kept = run.memo.get("merge", key)
    if kept is None:
        kept = _carried_out(run, carry_out(records, owned, ids))
        run.memo.keep("merge", key, kept)
    moved, survivors, problems = kept
    content = {contact_id: digest for contact_id, digest, _ in made_from}
    files = {picture.file.path: picture.file for picture in owned.values()}  # as they are now, not as they were then
    joined = []
    for summary, shown, moved_here, record, merges in survivors:
        picture = Picture(files[shown[0]], *shown[1:]) if shown else None
        made_of = fingerprint(key, content[summary[0]])
        merged = tuple(Moved(*one) for one in moved_here)
        joined.append(Joined(Summary(*summary), made_of, picture, merged, record, merges))
    return frozenset(moved), tuple(joined), tuple(map(from_plain, problems))


def _seen(picture: Picture | None) -> tuple[Any, ...]:
    return (picture.file.path, picture.file.size, picture.focus, picture.fit) if picture else ()


def _carried_out(run: Run, done: Merged) -> tuple[Any, ...]:
    return tuple(done.moved), tuple(_survivors(run, done.contacts)), tuple(map(plain, done.problems))


def _survivors(run: Run, contacts: Iterable[Contact]) -> Iterator[tuple[Any, ...]]:
    from contactsheet.check import SourceRecord
    from contactsheet.summaries import summarise

    for contact in contacts:
        if contact.merged:
            record = SourceRecord(contact.id, contact.file, contact.record, {})
            picture = contact.picture
            yield (
                tuple(summarise(contact, run.settings)),
                (picture.file.path, picture.focus, picture.fit) if picture else (),
                tuple((one.id, one.name, one.had_thread) for one in contact.merged),
                pickle.dumps(record, pickle.HIGHEST_PROTOCOL),
                pickle.dumps(contact.merged, pickle.HIGHEST_PROTOCOL),
            )
