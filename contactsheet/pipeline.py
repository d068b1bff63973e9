"""The whole way: records and pictures are read and checked, merged, made into thumbnails and pages, and published.

An error anywhere leaves the last good site as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contactsheet import read, tasks
from contactsheet.problems import Place, Problem, Severity, in_order
from contactsheet.publish import Publication, Published, check_place, publication
from contactsheet.rules import problem, weighed
from contactsheet.settings import Settings
from contactsheet.workers import Workers

if TYPE_CHECKING:
    from contactsheet.check import SourceRecord
    from contactsheet.merge import Contact, Merged
    from contactsheet.pages import Common
    from contactsheet.pictures import Picture
    from contactsheet.present import Thumb
    from contactsheet.read import SourceFile, Sources
    from contactsheet.render import TemplateFault

_RECORDS_AT_ONCE = 100
# From here on a pool of processes is faster than this one alone, although it has to be started first.
_RECORDS_WORTH_A_POOL = 400
_PICTURES_WORTH_A_POOL = 12

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and how much there is."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody sees."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gave: all problems in order, and how many contacts, conversations, pictures and merges there are.

    ``published`` is None where nothing was published: after errors, or because only a check was asked for.
    """

    problems: tuple[Problem, ...]
    contacts: int
    conversations: int
    pictures: int
    merges: int
    published: Published | None = None

    def count(self, severity: Severity) -> int:
        """How many problems weigh that much."""
        return sum(1 for found in self.problems if found.severity is severity)

    def failed(self, strict: bool) -> bool:
        """Whether there are errors, or warnings where they count as errors."""
        return bool(self.count(Severity.ERROR) or (strict and self.count(Severity.WARNING)))


def check(root: Path, settings: Settings, workers: Workers, progress: Progress = silent) -> Outcome:
    """All checks of the repository ``root``, without a site."""
    return _run(root, settings, workers, progress, None, strict=False)


def build(
    root: Path, output: Path, settings: Settings, workers: Workers, progress: Progress = silent, *, strict: bool = False
) -> Outcome:
    """Checks the repository ``root`` and publishes its site to ``output``.

    With ``strict``, warnings keep the site from being published as errors do. Raises OutputError for an output that is
    refused, and OSError where files cannot be written; nothing is changed then.
    """
    check_place(root, output)
    return _run(root, settings, workers, progress, output, strict=strict)


def _run(
    root: Path, settings: Settings, workers: Workers, progress: Progress, output: Path | None, *, strict: bool
) -> Outcome:
    from contactsheet.merge import merge
    from contactsheet.pictures import assign

    sources = read.scan(root)
    records, problems = _read(root, sources, settings, workers, progress)
    owned, orphans, unassigned = assign(sources.pictures, records, sources.ids)
    merged = merge(records, owned, sources.ids)
    problems.extend((*unassigned, *merged.problems))
    with publication(output) if output else nullcontext() as site:
        gallery, found = _examine(root, merged, owned, orphans, settings, workers, progress, site)
        outcome = Outcome(
            tuple(in_order(weighed([*problems, *found], settings.rules))),
            contacts=len(merged.contacts),
            conversations=sum(1 for contact in merged.contacts if contact.record.messages),
            pictures=sum(1 for contact in merged.contacts if contact.picture),
            merges=len(merged.moved),
        )
        if site is None or outcome.failed(strict):
            return outcome
        fault = _render(root, merged.contacts, gallery, outcome.problems, settings, workers, progress, site)
        if fault:
            return replace(outcome, problems=tuple(in_order([*outcome.problems, fault])))
        return replace(outcome, published=site.commit())


def _read(
    root: Path, sources: Sources, settings: Settings, workers: Workers, progress: Progress
) -> tuple[list[SourceRecord], list[Problem]]:
    """All records, read and checked by the workers, and everything that is wrong with them or lies in their way."""
    files = sources.records
    work = [
        tasks.RecordWork(root, files[start : start + _RECORDS_AT_ONCE], settings.phone_region)
        for start in range(0, len(files), _RECORDS_AT_ONCE)
    ]
    records: list[SourceRecord] = []
    problems = list(sources.problems)
    worth = len(files) >= _RECORDS_WORTH_A_POOL
    for read_now, found in workers.map(tasks.read_records, work, worth=worth, on_death=tasks.died_reading):
        records.extend(read_now)
        problems.extend(found)
        progress("records", len(records), len(files))
    return records, problems


@dataclass(frozen=True, slots=True)
class _Gallery:
    """The pictures as the pages need them: by contact what is shown and what the ledger says, by file the SHA-256."""

    thumbs: Mapping[str, Thumb]
    entries: Mapping[str, Mapping[str, Any]]
    digests: Mapping[str, str]


def _examine(
    root: Path,
    merged: Merged,
    owned: Mapping[str, Picture],
    orphans: Sequence[SourceFile],
    settings: Settings,
    workers: Workers,
    progress: Progress,
    site: Publication | None,
) -> tuple[_Gallery, list[Problem]]:
    """Judges every picture; the thumbnails of those that contacts show go to the site at once, so that none is held."""
    from contactsheet import ledger
    from contactsheet.pictures import Picture
    from contactsheet.present import Thumb

    shown: list[tuple[str, Picture]] = [(one.id, one.picture) for one in merged.contacts if one.picture]
    seen = {picture for _, picture in shown}
    others = [("", picture) for picture in (*owned.values(), *map(Picture, orphans)) if picture not in seen]
    pictures = shown + others
    work = (
        tasks.PictureWork(root, picture, settings.max_picture_bytes, bool(owner) and site is not None)
        for owner, picture in pictures
    )
    worth = len(pictures) >= _PICTURES_WORTH_A_POOL
    examined = workers.map(tasks.examine_picture, work, worth=worth, on_death=tasks.died_examining)
    problems: list[Problem] = []
    thumbs: dict[str, Thumb] = {}
    entries: dict[str, Mapping[str, Any]] = {}
    digests: dict[str, str] = {}
    for done, ((owner, picture), one) in enumerate(zip(pictures, examined, strict=True), 1):
        problems.extend(one.problems)
        if site and one.large:
            paths = {size: f"avatars/{owner}-{size}.{ledger.sha256(data)[:12]}.webp" for size, data in one.thumbnails}
            for size, data in one.thumbnails:
                site.add(paths[size], data)
            thumbs[owner] = Thumb(paths["512"], paths["96"], ledger.facts(one))
            entries[owner] = ledger.picture(one, paths)
            digests[picture.file.path] = one.digest
        progress("pictures", done, len(pictures))
    return _Gallery(thumbs, entries, digests), problems


def _render(
    root: Path,
    contacts: Sequence[Contact],
    gallery: _Gallery,
    problems: Sequence[Problem],
    settings: Settings,
    workers: Workers,
    progress: Progress,
    site: Publication,
) -> Problem | None:
    """Renders all pages and adds them to the site; gives the problem of a template that is broken."""
    from contactsheet import ledger, pages, present
    from contactsheet.names import sort_key
    from contactsheet.render import TemplateFault

    ordered = sorted(contacts, key=lambda contact: sort_key(contact.record, contact.id))
    known = [
        pages.Known(one, present.face(one, gallery.thumbs.get(one.id)), gallery.thumbs.get(one.id)) for one in ordered
    ]
    common = _common(read.read_templates(root), settings, site)
    batches = pages.plan(known, common)
    worth = len(known) >= _RECORDS_WORTH_A_POOL
    done = 0
    for rendered in workers.map(pages.render_batch, batches, worth=worth, on_death=pages.died_rendering):
        if isinstance(rendered, TemplateFault):
            return _broken(rendered)
        for path, page in rendered:
            site.add(path, page)
        done += len(rendered)
        progress("pages", done, 0)
    faces = {one.contact.id: one.face for one in known}
    site.add("contacts.json", ledger.index(ordered, faces, gallery.digests))
    site.add("report.json", ledger.report(problems, ordered, gallery.entries))
    return None


def _common(files: Mapping[str, bytes], settings: Settings, site: Publication) -> Common:
    """Publishes the assets under names that hold their content's hash, and gives what all pages share."""
    from contactsheet import ledger
    from contactsheet.pages import Common

    assets: dict[str, str] = {}
    templates: list[tuple[str, str]] = []
    for name, data in sorted(files.items()):
        stem, _, suffix = name.rpartition(".")
        if suffix == "html":
            templates.append((name, data.decode("utf-8", "replace")))
        else:
            assets[name] = f"assets/{stem}.{ledger.sha256(data)[:12]}.{suffix}"
            site.add(assets[name], data)
    return Common(tuple(templates), settings, style=assets["style.css"], icon=assets["icon.svg"])


def _broken(fault: TemplateFault) -> Problem:
    place = Place(fault.line, 1) if fault.line else None
    fix = "Mend the template, or take it out of templates/ to get the program's own."
    return problem("site/template", f"{read.TEMPLATES}/{fault.name}", place, message=fault.message, fix=fix)
