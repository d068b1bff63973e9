"""The whole way: records and pictures are read and checked, merged, made into thumbnails and pages, and published.

An error anywhere leaves the last good site as it was. What was computed before is not computed again.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from contactsheet import read
from contactsheet.destination import check_place
from contactsheet.edition import edition
from contactsheet.fingerprints import fingerprint
from contactsheet.look import stamps_of
from contactsheet.machine import uncollected
from contactsheet.memo import ForgottenError, Memo
from contactsheet.outcome import Outcome, Work
from contactsheet.problems import in_order
from contactsheet.publish import Publication, publication
from contactsheet.read import UNCHANGED, Changes, Sources
from contactsheet.rules import weighed
from contactsheet.run import Progress, Run, silent, spread
from contactsheet.settings import Settings
from contactsheet.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contactsheet.contacts import Contacts
    from contactsheet.gallery import Gallery
    from contactsheet.look import Stamps
    from contactsheet.merge import Merged
    from contactsheet.pictures import Assigned
    from contactsheet.plan import Plan
    from contactsheet.problems import Problem
    from contactsheet.records import Records
    from contactsheet.since import Since
    from contactsheet.site import Dress
    from contactsheet.traits import Survey

Answer = TypeVar("Answer")


class Found(NamedTuple):
    """What there is: the records, the contacts that they make, their pictures, and what is wrong with any of them."""

    records: Records
    joined: Contacts
    gallery: Gallery
    problems: tuple[Problem, ...]


class _Made(NamedTuple):
    """What a run came to, and what it was made of: the sources, and all else ``around`` them.

    ``laid_out`` are the pages, where nothing keeps them from being published.
    """

    outcome: Outcome
    sources: Sources
    found: Found
    around: tuple[object, ...]
    laid_out: Plan | None = None


class _Left(NamedTuple):
    """What this process left of a site when it published it last: what that was made of, its mark, and the
    stamps of its folders.
    """

    sources: Sources
    around: tuple[object, ...]
    mark: bytes
    stamps: Stamps


def check(
    root: Path,
    settings: Settings,
    workers: Workers,
    progress: Progress = silent,
    memo: Memo | None = None,
    *,
    changes: Changes = UNCHANGED,
) -> Outcome:
    """All checks of the repository ``root``, without a site; ``changes`` are judged as if they were written."""
    run = _run(root, settings, workers, progress, memo)._replace(changes=changes, began=time.time_ns())
    return _remembering(run, lambda: _way(run, None, None, strict=False).outcome)


def build(
    root: Path,
    output: Path,
    settings: Settings,
    workers: Workers,
    progress: Progress = silent,
    memo: Memo | None = None,
    *,
    strict: bool = False,
    sources: Sources | None = None,
    since: Since | None = None,
) -> Outcome:
    """Checks the repository ``root`` and publishes its site to ``output``; what ``memo`` remembers is not done again.

    ``sources`` are what lies there, for who watches it; and who watches is the one who publishes, so that of the site
    only the folders are looked at, not every file. ``since`` is what changed since the last build, where that is known.
    With ``strict``, warnings keep the site from being published as errors do. A build that has to wait for another one
    begins to read when it is its turn, so the later one publishes what is newer. Raises OutputError for an output that
    is refused, and OSError where files cannot be written; nothing is changed then.
    """
    check_place(root, output)
    run = _run(root, settings, workers, progress, memo)
    with uncollected():
        try:
            outcome = _retouched(run, output, sources, since, strict=strict)
            return outcome or _published(run, output, sources, since, strict=strict)
        except ForgottenError:
            run.memo.forget()
            return _published(run, output, None, None, strict=strict)


def foresee(workers: Workers, memo: Memo, records: int, pictures: int) -> None:
    """Lets the workers get ready for a first build, of about so many files, before more is known of them."""
    from contactsheet import tasks

    if not memo.is_new:
        return
    if spread(workers, records):
        workers.expect(records, tasks.load_checks)
    else:
        workers.expect(pictures, tasks.load_decoders)


def contacts(run: Run, *, encode: bool) -> tuple[Found, Outcome]:
    """All contacts as a site would show them, with ``encode`` their thumbnails too; nothing is published."""
    return _remembering(run, lambda: _all_contacts(run, encode=encode))


def _all_contacts(run: Run, *, encode: bool) -> tuple[Found, Outcome]:
    run = run._replace(began=time.time_ns())
    sources = read.scan(run.root)
    _expect(run, sources, encode=encode)
    found = _found(run, sources, None, encode=encode)
    return found, _outcome(run, found, found.problems)


def merges(
    root: Path,
    settings: Settings,
    workers: Workers,
    memo: Memo,
    *,
    also: Iterable[str] = (),
    changes: Changes = UNCHANGED,
) -> Merged:
    """What the merge directives of the repository ``root`` make of the records that they concern, and of ``also``.

    No picture is looked at. ``changes`` count as written.
    """
    from contactsheet import contacts, records

    run = _run(root, settings, workers, silent, memo)._replace(changes=changes, began=time.time_ns())
    sources = read.scan(root, changes)

    def way() -> Merged:
        found = records.read(run, sources)
        return contacts.carry_out(found, _assigned(run, sources, found)[0], sources.ids, also)

    return _remembering(run, way)


def thumbnails(
    root: Path, settings: Settings, workers: Workers, progress: Progress, memo: Memo, shard: tuple[int, int] = (1, 1)
) -> Outcome:
    """Makes the thumbnails that a build will need, so that ``memo`` remembers them.

    Of several machines that share the work, each makes part ``shard``: its number, from 1, and how many there are.
    """
    from contactsheet import contacts, gallery, records

    run = _run(root, settings, workers, progress, memo)._replace(began=time.time_ns())
    number, count = shard
    with uncollected():
        sources = read.scan(run.root)
        found = records.read(run, sources)
        owned, _, _ = _assigned(run, sources, found)
        joined = contacts.join(run, found, owned, sources.ids)
        shown = sorted((one.picture.file.path, one.summary.id, one.picture) for one in joined.contacts if one.picture)
        mine = [(owner, picture) for _, owner, picture in shown[number - 1 :: count]]
        _, problems = gallery.examine(run, mine, None, encode=True)
    return Outcome(tuple(in_order(weighed(problems, settings.rules))), 0, 0, len(mine), 0, run.work)


def survey(
    root: Path, settings: Settings, workers: Workers, progress: Progress = silent, memo: Memo | None = None
) -> tuple[Outcome, Survey]:
    """All checks of the contents, and what tells the contacts from each other; after errors it is not looked for."""
    from contactsheet import traits

    run = _run(root, settings, workers, progress, memo)

    def way() -> tuple[Outcome, Survey]:
        found, outcome = _all_contacts(run, encode=False)
        if outcome.failed(strict=False):
            return outcome, traits.Survey()
        return outcome, traits.survey(run, found.records, found.joined, found.gallery.looks)

    return _remembering(run, way)


def _remembering(run: Run, way: Callable[[], Answer]) -> Answer:
    """Goes a way with what is remembered, and where some of that turns out to be lost, once more without any of it."""
    with uncollected():
        try:
            return way()
        except ForgottenError:
            run.memo.forget()
            return way()


def _run(root: Path, settings: Settings, workers: Workers, progress: Progress, memo: Memo | None) -> Run:
    return Run(root, settings, workers, memo or Memo(), progress, Work())


def _retouched(run: Run, output: Path, sources: Sources | None, since: Since | None, *, strict: bool) -> Outcome | None:
    """The short way, where it leads there."""
    from contactsheet.retouch import FEW, retouch

    left: dict[Path, _Left] = run.memo.cache("left")
    run = run._replace(began=time.time_ns())
    if sources and output in left:
        since = _since(run, left[output], sources)
    if since is None or since.records is None or len(since.records) > FEW:
        return None
    try:
        outcome = retouch(run, output, _place(output), since, strict=strict)
    except ForgottenError:  # the other way makes it anew
        return None
    if outcome and outcome.published and sources:
        stamps = stamps_of(since.stamps)
        left[output] = left[output]._replace(sources=sources, mark=outcome.published.mark, stamps=stamps)
    return outcome


def _since(run: Run, left: _Left, sources: Sources) -> Since | None:
    """What became of the site that this process published last, for who watches; None where more than records did."""
    from contactsheet.since import Since
    from contactsheet.site import dress

    changed = read.changed_records(left.sources, sources)
    if changed is None or left.around != _around(run, dress(run, rendering=True)[0]):
        return None
    return Since(tuple(file.path for file in changed), left.mark, {}, left.stamps, lambda: True)


def _around(run: Run, wear: Dress) -> tuple[object, ...]:
    """What a site is made of besides records and pictures."""
    from contactsheet.history import history

    return run.settings, wear.content, wear.assets, history(run.root, run.memo)


def _place(output: Path) -> bytes:
    """What a site is remembered by."""
    return fingerprint(edition(), str(output))


def _published(run: Run, output: Path, sources: Sources | None, since: Since | None, *, strict: bool) -> Outcome:
    from contactsheet.last import remember

    place = _place(output)
    left: dict[Path, _Left] = run.memo.cache("left")
    run = run._replace(began=time.time_ns())
    with publication(output) as site:
        if since and since.stands():
            site.before.see(since.seen, since.stamps)
        before = left[output].stamps if sources and output in left else None
        site.before.trust(run.memo.table("site", place), unseen=before is not None and before == stamps_of(before))
        made = _way(run, site, sources, strict=strict)
        if made.laid_out is None:
            return made.outcome
        run.progress("publish", 0, 0)
        outcome = made.outcome._replace(published=site.commit())
        run.memo.set_table("site", place, site.standing)
        outcome = remember(run, place, made.found, made.laid_out, outcome)
        assert outcome.published is not None
        left[output] = _Left(made.sources, made.around, outcome.published.mark, site.folders(before))
    return outcome


def _way(run: Run, site: Publication | None, sources: Sources | None, *, strict: bool) -> _Made:
    """Reads, checks and merges all there is; with a ``site`` to take them, thumbnails and pages are made too."""
    from contactsheet import former
    from contactsheet.site import dress, make

    run.progress("look", 0, 0)
    sources = sources or read.scan(run.root, run.changes)
    _expect(run, sources, encode=site is not None)
    wear, unusable = dress(run, rendering=site is not None)  # while the workers get ready
    around = _around(run, wear) if site else ()  # as it is before the pages are made, so that later commits show
    found = _found(run, sources, site, encode=site is not None)
    outcome = _outcome(run, found, [*found.problems, *unusable])
    made = _Made(outcome, sources, found, around)
    if site is None or outcome.failed(strict):
        return made
    past = former.tell(run, found.joined.contacts, found.gallery, site)
    laid_out, faults = make(
        run, site, wear, found.records, found.joined.contacts, found.gallery, past, outcome.problems
    )
    if faults:
        return made._replace(outcome=outcome._replace(problems=tuple(in_order([*outcome.problems, *faults]))))
    return made._replace(laid_out=laid_out)


def _expect(run: Run, sources: Sources, *, encode: bool) -> None:
    """Lets the workers get ready where they will have much to do, and begin with it."""
    from contactsheet import gallery, records

    run.workers.drop_begun()
    records.expect(run, sources.records)
    gallery.expect(run, sources.pictures, encode=encode)


def _found(run: Run, sources: Sources, site: Publication | None, *, encode: bool) -> Found:
    from contactsheet import contacts, gallery, records

    found = records.read(run, sources)
    run.progress("merge", 0, 0)
    owned, others, unassigned = _assigned(run, sources, found)
    joined = contacts.join(run, found, owned, sources.ids)
    shown = [(one.summary.id, one.picture) for one in joined.contacts if one.picture]
    hanging = gallery.with_owners(shown, owned, others)
    hung, unfit = gallery.examine(run, hanging, site, encode=encode, distinct=joined.distinct)
    return Found(found, joined, hung, (*sources.problems, *found.problems, *unassigned, *joined.problems, *unfit))


def _outcome(run: Run, found: Found, problems: Iterable[Problem]) -> Outcome:
    contacts = found.joined.contacts
    return Outcome(
        tuple(in_order(weighed(problems, run.settings.rules))),
        contacts=len(contacts),
        conversations=sum(1 for one in contacts if one.summary.last),
        pictures=sum(1 for one in contacts if one.picture),
        merges=found.joined.moved,
        work=run.work,
    )


def _assigned(run: Run, sources: Sources, found: Records) -> Assigned:
    """Whose the pictures are; found out anew where anything changed that it depends on."""
    from contactsheet.pictures import assign

    cache: dict[str, tuple[object, object, object, Assigned]] = run.memo.cache("assigned")
    before = cache.get("")
    if before and before[0] is sources.pictures and before[1] == found.claims and before[2] == sources.ids:
        return before[3]
    assigned = assign(sources.pictures, found.claims, sources.ids)
    cache[""] = sources.pictures, found.claims, sources.ids, assigned
    return assigned
