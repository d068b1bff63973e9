"""The whole way: records and pictures are read and checked, merged, made into thumbnails and pages, and published.

An error anywhere leaves the last good site as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from contactsheet import read, tasks
from contactsheet.problems import Place, Problem, Severity, in_order
from contactsheet.publish import Publication, Published, check_place, publication
from contactsheet.render import TemplateFault
from contactsheet.rules import problem, weighed
from contactsheet.settings import Settings
from contactsheet.workers import Workers, uncollected

if TYPE_CHECKING:
    from contactsheet.check import SourceRecord
    from contactsheet.merge import Contact, Merged
    from contactsheet.pages import Common
    from contactsheet.pictures import Picture
    from contactsheet.present import Thumb
    from contactsheet.read import SourceFile, Sources
    from contactsheet.render import Templates

_RECORDS_AT_ONCE = 100
# From so many records on, several processes are faster than this one alone, although they have to be started first.
_WORTH_PROCESSES = 400

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
    with uncollected():
        return _judge(_Run(root, settings, workers, progress), None).outcome


def build(
    root: Path, output: Path, settings: Settings, workers: Workers, progress: Progress = silent, *, strict: bool = False
) -> Outcome:
    """Checks the repository ``root`` and publishes its site to ``output``.

    With ``strict``, warnings keep the site from being published as errors do. A build that has to wait for another one
    begins to read when it is its turn, so the later one publishes what is newer. Raises OutputError for an output that
    is refused, and OSError where files cannot be written; nothing is changed then.
    """
    check_place(root, output)
    run = _Run(root, settings, workers, progress)
    with uncollected(), publication(output) as site:
        judged = _judge(run, site)
        if judged.outcome.failed(strict):
            return judged.outcome
        faults = _render(run, judged, site)
        if faults:
            return replace(judged.outcome, problems=tuple(in_order([*judged.outcome.problems, *faults])))
        return replace(judged.outcome, published=site.commit())


@dataclass(frozen=True, slots=True)
class _Run:
    """What all stages of a run are given."""

    root: Path
    settings: Settings
    workers: Workers
    progress: Progress

    def spread(self, count: int) -> bool:
        """Whether work on so many contacts is worth several processes."""
        return self.workers.jobs > 1 and count >= _WORTH_PROCESSES


@dataclass(frozen=True, slots=True)
class _Gallery:
    """The pictures as the pages need them: by contact what is shown and what the ledger says, by file the SHA-256."""

    thumbs: Mapping[str, Thumb]
    entries: Mapping[str, Mapping[str, Any]]
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Dress:
    """What the pages wear: the templates, and the assets by their names."""

    templates: Templates
    assets: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is known when everything is read, checked and merged: all that pages are made of."""

    outcome: Outcome
    contacts: tuple[Contact, ...]
    gallery: _Gallery
    dress: _Dress


def _judge(run: _Run, site: Publication | None) -> _Judged:
    """Reads, checks and merges all there is; thumbnails are made on the way, if there is a ``site`` to take them."""
    from contactsheet import render
    from contactsheet.merge import merge
    from contactsheet.pictures import assign

    sources = read.scan(run.root)
    run.workers.expect(len(sources.pictures), tasks.load_decoders)
    records, unsound = _read(run, sources)
    owned, orphans, unassigned = assign(sources.pictures, records, sources.ids)
    merged = merge(records, owned, sources.ids)
    dress, unusable = _dress(run.root, run.settings)
    if broken := render.fault(dress.templates):
        unusable.append(_broken(broken))
    gallery, unfit = _examine(run, merged, owned, orphans, site)
    problems = [*sources.problems, *unsound, *unassigned, *merged.problems, *unusable, *unfit]
    outcome = Outcome(
        tuple(in_order(weighed(problems, run.settings.rules))),
        contacts=len(merged.contacts),
        conversations=sum(1 for contact in merged.contacts if contact.record.messages),
        pictures=sum(1 for contact in merged.contacts if contact.picture),
        merges=len(merged.moved),
    )
    return _Judged(outcome, tuple(merged.contacts), gallery, dress)


def _dress(root: Path, settings: Settings) -> tuple[_Dress, list[Problem]]:
    """The templates and assets, and those of the templates that are no text."""
    from contactsheet import brand

    files = read.read_templates(root)
    texts: list[tuple[str, str]] = []
    problems: list[Problem] = []
    for name in sorted(name for name in files if name.endswith(".html")):
        try:
            texts.append((name, files[name].decode()))
        except UnicodeDecodeError as error:
            line = files[name].count(b"\n", 0, error.start) + 1
            problems.append(_broken(TemplateFault(name, line, "the file is not UTF-8")))
    assets = {name: data for name, data in files.items() if not name.endswith(".html")}
    if settings.accent:
        assets[brand.STYLE] = brand.style(settings.accent)
    if settings.logo and (message := brand.logo_fault(assets.get(settings.logo), settings.logo)):
        fix = "Put the logo there, an SVG with a viewBox or a PNG, or take the setting out."
        problems.append(problem("site/template", f"{read.TEMPLATES}/{settings.logo}", message=message, fix=fix))
    return _Dress(tuple(texts), assets), problems


def _read(run: _Run, sources: Sources) -> tuple[list[SourceRecord], list[Problem]]:
    """All records, read and checked by the workers, and what is wrong with them."""
    files = sources.records
    work = [
        tasks.RecordWork(run.root, files[start : start + _RECORDS_AT_ONCE], run.settings.phone_region)
        for start in range(0, len(files), _RECORDS_AT_ONCE)
    ]
    records: list[SourceRecord] = []
    problems: list[Problem] = []
    spread = run.spread(len(files))
    for read_now, found in run.workers.map(tasks.read_records, work, apart=spread, on_death=tasks.died_reading):
        records.extend(read_now)
        problems.extend(found)
        run.progress("records", len(records), len(files))
    return records, problems


def _examine(
    run: _Run,
    merged: Merged,
    owned: Mapping[str, Picture],
    orphans: Sequence[SourceFile],
    site: Publication | None,
) -> tuple[_Gallery, list[Problem]]:
    """Judges every picture; the thumbnails of those that contacts show go to the site at once, so that none is held.

    Decoders are the part that strangers attack. So pictures go to other processes, however few they are.
    """
    from contactsheet import ledger
    from contactsheet.present import Thumb

    pictures = _with_owners(merged, owned, orphans)
    work = (
        tasks.PictureWork(run.root, picture, run.settings.max_picture_bytes, bool(owner) and site is not None)
        for owner, picture in pictures
    )
    examined = run.workers.map(
        tasks.examine_picture, work, apart=True, on_death=tasks.died_examining, seconds=tasks.PICTURE_SECONDS
    )
    problems: list[Problem] = []
    looks: list[_Look] = []
    gallery = _Gallery(thumbs := {}, entries := {}, digests := {})
    for done, ((owner, picture), one) in enumerate(zip(pictures, examined, strict=True), 1):
        problems.extend(one.problems)
        if owner and one.digest:
            looks.append(_Look(owner, picture.file.path, one.digest, one.fingerprint))
        if site and one.large:
            paths = {size: f"avatars/{owner}-{size}.{ledger.sha256(data)[:12]}.webp" for size, data in one.thumbnails}
            for size, data in one.thumbnails:
                site.add(paths[size], data)
            thumbs[owner] = Thumb(paths["512"], paths["96"], ledger.facts(one))
            entries[owner] = ledger.picture(one, paths)
            digests[picture.file.path] = one.digest
        run.progress("pictures", done, len(pictures))
    problems.extend(_alike(looks))
    return gallery, problems


class _Look(NamedTuple):
    """What a contact's picture looks like."""

    owner: str
    path: str
    digest: str
    fingerprint: int


def _alike(looks: Sequence[_Look]) -> Iterator[Problem]:
    """The same picture on two contacts, or nearly the same: one of them has the wrong one."""
    from contactsheet.likeness import pairs

    for first, second in pairs([(look.digest, look.fingerprint) for look in looks]):
        one, other = looks[first], looks[second]
        what = "looks like" if one.digest != other.digest else "is the same as"
        yield problem(
            "avatar/alike",
            other.path,
            message=f"the picture of {other.owner} {what} {one.path}, the picture of {one.owner}",
            fix="Give one of the two another picture, or merge them if they are the same contact.",
            related=(one.path,),
        )


def _with_owners(
    merged: Merged, owned: Mapping[str, Picture], orphans: Sequence[SourceFile]
) -> list[tuple[str, Picture]]:
    """All pictures with the contacts that show them; those that nobody shows, behind them, with no one."""
    from contactsheet.pictures import Picture

    shown = [(one.id, one.picture) for one in merged.contacts if one.picture]
    seen = {picture for _, picture in shown}
    others = [picture for picture in (*owned.values(), *map(Picture, orphans)) if picture not in seen]
    return [*shown, *(("", picture) for picture in others)]


def _render(run: _Run, judged: _Judged, site: Publication) -> list[Problem]:
    """Renders all pages and adds them to the site; gives what keeps the site from being published."""
    from contactsheet import ledger, pages, present, search, vcard
    from contactsheet.names import in_list_order

    thumbs = judged.gallery.thumbs
    ordered = in_list_order(judged.contacts)
    known = [pages.Known(one, present.face(one, thumbs.get(one.id)), thumbs.get(one.id)) for one in ordered]
    batches = pages.plan(known, _common(run, judged.dress, site))
    spread = run.spread(len(known))
    done = 0
    for rendered in run.workers.map(pages.render_batch, batches, apart=spread, on_death=pages.died_rendering):
        if isinstance(rendered, TemplateFault):
            return [_broken(rendered)]
        for path, page in rendered:
            site.add(path, page)
        done += len(rendered)
        run.progress("pages", done, 0)
    for contact in ordered:
        site.add(present.card_path(contact.id), vcard.card(contact))
    for file in search.plan([search.entry(one.contact, one.face, run.settings) for one in known]):
        site.add(file.path, search.render(file))
    faces = {one.contact.id: one.face for one in known}
    site.add("contacts.json", ledger.index(ordered, faces, judged.gallery.digests))
    site.add("report.json", ledger.report(judged.outcome.problems, ordered, judged.gallery.entries))
    return [_conflict(run.root, site.output / path) for path in site.conflicts]


def _common(run: _Run, dress: _Dress, site: Publication) -> Common:
    """Adds the assets to the site under names that hold their content's hash, and gives what all pages share."""
    from contactsheet import brand, ledger
    from contactsheet.pages import Common

    names: dict[str, str] = {}
    for name, data in sorted(dress.assets.items()):
        stem, _, suffix = name.rpartition(".")
        names[name] = f"assets/{stem}.{ledger.sha256(data)[:12]}.{suffix}"
        site.add(names[name], data)
    name = run.settings.logo
    return Common(
        dress.templates, run.settings, names, brand.logo(name, dress.assets[name], names[name]) if name else None
    )


def _broken(fault: TemplateFault) -> Problem:
    place = Place(fault.line, 1) if fault.line else None
    fix = "Mend the template, or take it out of templates/ to get the program's own."
    return problem("site/template", f"{read.TEMPLATES}/{fault.name}", place, message=fault.message, fix=fix)


def _conflict(root: Path, path: Path) -> Problem:
    inside = path.relative_to(root) if path.is_relative_to(root) else path
    message = "this was not made by this program and stands where a part of the site belongs"
    return problem("site/output-conflict", inside.as_posix(), message=message, fix="Move it away, or build elsewhere.")
