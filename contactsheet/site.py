"""The stage that makes the site's files: those whose content changed since they were published before."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from contactsheet import plan, read, views
from contactsheet.contacts import Joined
from contactsheet.fingerprints import combined, content_digest, fingerprint
from contactsheet.gallery import Gallery, Thumb, picture_of
from contactsheet.plan import Common, Known
from contactsheet.problems import Place, Problem, plain
from contactsheet.publish import Publication
from contactsheet.records import Records
from contactsheet.render import Compiled, TemplateFault, Templates
from contactsheet.repository import TEMPLATES
from contactsheet.revised import last_change, revisions
from contactsheet.rules import problem
from contactsheet.run import Run
from contactsheet.settings import Settings
from contactsheet.summaries import findings_of

if TYPE_CHECKING:
    from contactsheet.former import Past
    from contactsheet.pages import PhotoOf, RecordOf

    _MadeOf = tuple[Joined, Thumb | None, bytes, tuple[Past, ...]]

_STEP, _FILES = 500, 20  # contacts and files of the search between two looks at what the workers rendered


class Dress(NamedTuple):
    """What the pages wear: the templates with a fingerprint of them, and the assets by their names."""

    content: bytes
    templates: Compiled
    assets: Mapping[str, bytes]


def dress(run: Run, *, rendering: bool) -> tuple[Dress, list[Problem]]:
    """The templates and assets, and what is wrong with them.

    Where nothing is to be rendered, the templates are compiled only if some are the site's own.
    """
    files = read.read_templates(run.root)
    texts: list[tuple[str, str]] = []
    problems: list[Problem] = []
    for name in sorted(name for name in files if name.endswith(".html")):
        try:
            texts.append((name, files[name].decode()))
        except UnicodeDecodeError as error:
            line = files[name].count(b"\n", 0, error.start) + 1
            problems.append(_broken(TemplateFault(name, line, "the file is not UTF-8")))
    assets = {name: data for name, data in files.items() if not name.endswith(".html")}
    problems += _branded(run.settings, assets)
    made = _compiled(run, tuple(texts)) if rendering or read.has_templates(run.root) else ()
    if isinstance(made, TemplateFault):
        problems.append(_broken(made))
        made = ()
    return Dress(fingerprint(texts), made, assets), problems


def _branded(settings: Settings, assets: dict[str, bytes]) -> Iterator[Problem]:
    """Adds the style of the site's own colour to the assets, and gives what is wrong with its logo."""
    from contactsheet import brand

    if settings.accent:
        assets[brand.STYLE] = brand.style(settings.accent)
    if settings.logo and (message := brand.logo_fault(assets.get(settings.logo), settings.logo)):
        fix = "Put the logo there, an SVG with a viewBox or a PNG, or take the setting out."
        yield problem("site/template", f"{TEMPLATES}/{settings.logo}", message=message, fix=fix)


def _compiled(run: Run, templates: Templates) -> Compiled | TemplateFault:
    """The templates ready to be rendered, or why they cannot be."""
    from contactsheet.edition import edition

    key = fingerprint(edition(), templates)
    kept: Compiled | None = run.memo.get("templates", key)
    if kept is not None:
        return kept
    from contactsheet.render import compiled

    made = compiled(templates)
    if not isinstance(made, TemplateFault):
        run.memo.keep("templates", key, made)
    return made


def make(
    run: Run,
    site: Publication,
    wear: Dress,
    records: Records,
    contacts: Sequence[Joined],
    gallery: Gallery,
    past: Mapping[str, tuple[Past, ...]],
    problems: Sequence[Problem],
) -> tuple[plan.Plan, list[Problem]]:
    """Adds all pages and indexes to the site; gives the plan of them, and what keeps it from being published."""
    from contactsheet import pages, press
    from contactsheet.press import Order

    run.progress("pages", 0, 0)
    run.workers.prepare(pages.load)
    known = _known(run, records, contacts, gallery, past)
    common = _common(run, wear, site)
    gallery.hang(site)
    laid_out = plan.plan(known, common)
    wanted = [page for page in laid_out.pages.values() if not site.keep(page.path, page.fingerprint)]

    united = {one.summary.id: one.record for one in contacts if one.record}

    def record(one: Known) -> bytes:
        return united.get(one.summary.id) or records.record(one.summary.id)

    def photo(one: Known) -> bytes:
        return picture_of(run, gallery.examined[one.summary.id], "card") if one.thumb else b""

    others = _others(run, site, known, gallery)
    cards = press.printed(run, site, Order(laid_out, wanted, record, photo, others)) if wanted else {}
    if isinstance(cards, TemplateFault):
        return laid_out, [_broken(cards)]
    deque(others, maxlen=0)
    _all_cards(run, site, known, laid_out.pages[views.ALL_CARDS], cards)
    _report(run, site, known, gallery, problems)
    return laid_out, [_conflict(run.root, site.output / path) for path in site.conflicts]


def remake(
    run: Run,
    site: Publication,
    laid_out: plan.Plan,
    record: RecordOf,
    photo: PhotoOf,
) -> bool:
    """Adds the pages of a plan in which there are no others than those that have to be made; whether they could be."""
    from contactsheet import press
    from contactsheet.press import Order

    if laid_out.pages:
        cards = press.printed(run, site, Order(laid_out, list(laid_out.pages.values()), record, photo))
        if isinstance(cards, TemplateFault):
            return False
        _all_cards(run, site, laid_out.known, laid_out.pages[views.ALL_CARDS], cards)
    return not site.conflicts


def _known(
    run: Run,
    records: Records,
    contacts: Sequence[Joined],
    gallery: Gallery,
    past: Mapping[str, tuple[Past, ...]],
) -> list[Known]:
    """The contacts in the order of the list, with all that their pages are made of."""
    commits = revisions(run)
    cache: dict[str, tuple[_MadeOf, Mapping[str, int], Known]] = run.memo.cache("known")

    def know(one: Joined) -> Known:
        name = one.summary.id
        thumb, picture = gallery.thumbs.get(name), gallery.contents.get(name, b"")
        made_of = one, thumb, picture, past.get(name, ())
        before = cache.get(name)
        is_same = before is not None and before[0][0] is one and before[0][1] is thumb and before[0][2:] == made_of[2:]
        if before is None or not is_same or before[1] is not commits:
            before = cache[name] = made_of, commits, one_known(*made_of, last_change(one, records, commits))
        return before[2]

    return list(map(know, sorted(contacts, key=_place)))


def _place(one: Joined) -> tuple[tuple[bytes, bytes], str]:
    """What its place in the list depends on."""
    return one.summary.order, one.summary.id


def one_known(one: Joined, thumb: Thumb | None, picture: bytes, past: tuple[Past, ...], revised: int | None) -> Known:
    """A contact as the pages need it; ``picture`` is a fingerprint of its picture's file, ``revised`` when it was
    committed last.
    """
    summary = one.summary
    if not one.picture and not one.merged:  # which most are
        made_of = one.content, summary.listed, summary.found
    else:
        # Of two thousand pictures, so what several of these depend on is written down once.
        shown = repr(thumb)
        path = one.picture.file.path if one.picture else ""
        made_of = (
            fingerprint(one.content, path, shown, picture, *past),
            fingerprint(summary.listed, path, shown, picture, one.merged),
            fingerprint(summary.found, shown),
        )
    return Known(summary, *made_of, one.picture, thumb, one.merged, one.merges, revised, past)


def _common(run: Run, wear: Dress, site: Publication) -> Common:
    """Adds the assets to the site under names that hold their content's hash, and gives what all pages share."""
    from contactsheet import brand

    names: dict[str, str] = {}
    for name, data in sorted(wear.assets.items()):
        stem, _, suffix = name.rpartition(".")
        digest = content_digest(data)
        names[name] = f"assets/{stem}.{digest.hex()[:12]}.{suffix}"
        if not site.keep(names[name], digest):
            site.add(names[name], data, digest)
    logo = run.settings.logo
    return Common(
        content=fingerprint(wear.content, run.settings, names),
        templates=wear.templates,
        settings=run.settings,
        assets=names,
        logo=brand.logo(logo, wear.assets[logo], names[logo]) if logo else None,
    )


def _others(run: Run, site: Publication, known: Sequence[Known], gallery: Gallery) -> Iterator[None]:
    """Adds the files that are made of what all contacts show in brief, in small steps."""
    if site.has(views.INDEX):  # then nothing changed that more than a contact's own pages show
        return
    yield from _search(run, site, known)
    _index(site, known, gallery)
    yield
    _served(run, site, known, gallery)


def _all_cards(
    run: Run, site: Publication, known: Sequence[Known], page: plan.Planned, cards: Mapping[str, bytes]
) -> None:
    """Adds the file of all vCards; whose cards one holds, and in which order, is remembered by what it was made of."""
    from contactsheet import address_book

    if site.has(page.path):
        return
    assert isinstance(page.job, plan.CardsJob)
    before: bytes | None = run.memo.get("order", site.before.made_of(page.path))
    in_place, order = page.job.in_place, before
    if order is None or not in_place:
        order = combined((bytes([page.job.pictured]), *(b"\n" + one.summary.id.encode() for one in known)))
        in_place = in_place or order == before
    address_book.add(site, known, cards, page, page.job._replace(in_place=in_place))
    run.memo.keep("order", page.fingerprint, order)


def _served(run: Run, site: Publication, known: Sequence[Known], gallery: Gallery) -> None:
    """Adds the pictures of the avatar service, where it is on."""
    from contactsheet import avatar_service

    owners = ((one.summary.id, one.summary.addresses) for one in known if one.thumb)
    for path, owner in avatar_service.places(owners).items():
        examined = gallery.examined[owner]
        digest = bytes.fromhex(dict(examined.digests)["served"])
        if not site.keep(path, digest):
            site.add(path, picture_of(run, examined, "served"), digest)


def _search(run: Run, site: Publication, known: Sequence[Known]) -> Iterator[None]:
    """Adds the index of the search, in small steps; it is laid out anew only where something changed that its layout
    depends on.
    """
    from contactsheet import search
    from contactsheet.edition import edition

    @cache  # for a row is in about ten files
    def entry(position: int) -> search.Entry:
        one = known[position]
        return search.entry(findings_of(one.summary), one.face)

    @cache
    def row(position: int) -> str:
        return entry(position).row

    key = combined((edition(), *(one.summary.sought + (b"+" if one.thumb else b"-") for one in known)))
    kept = run.memo.get("search", key)
    if kept is None:
        entries = []
        for position in range(len(known)):
            entries.append(entry(position))
            if not position % _STEP:
                yield
        kept = [(file.path, file.positions, file.data) for file in search.plan(entries)]
        run.memo.keep("search", key, kept)
    made_from = [one.listed + one.found for one in known]
    for number, file in enumerate(search.File(*one) for one in kept):
        if not number % _FILES:
            yield
        made_of = combined((file.data.encode(), *map(made_from.__getitem__, file.positions)))
        if not site.keep(file.path, made_of):
            site.add(file.path, search.render(file, row), made_of)


def _index(site: Publication, known: Sequence[Known], gallery: Gallery) -> None:
    from contactsheet import ledger

    made_of = combined(one.listed for one in known)
    if not site.keep(views.INDEX, made_of):
        digests = {contact_id: examined.digest for contact_id, examined in gallery.examined.items()}
        site.add(views.INDEX, ledger.index(known, digests), made_of)


def _report(run: Run, site: Publication, known: Sequence[Known], gallery: Gallery, problems: Sequence[Problem]) -> None:
    from contactsheet import ledger

    merges = [(one.summary.id, one.merges) for one in known if one.merges]
    made_of = _report_of(run, known, gallery, merges, problems)
    if not site.keep(views.REPORT, made_of):
        site.add(views.REPORT, ledger.report(problems, known, gallery.examined), made_of)


def _report_of(
    run: Run, known: Sequence[Known], gallery: Gallery, merges: list[tuple[str, bytes]], problems: Sequence[Problem]
) -> bytes:
    """A fingerprint of what report.json is made of."""
    last: dict[str, tuple[Gallery, list[tuple[str, bytes]], Sequence[Problem], bytes]] = run.memo.cache("report")
    if "" in last and last[""][0] is gallery and last[""][1] == merges and last[""][2] == problems:
        return last[""][3]
    pictures = [(one.summary.id, gallery.contents[one.summary.id]) for one in known if one.thumb]
    made_of = fingerprint(list(map(plain, problems)), merges, pictures)
    last[""] = gallery, merges, problems, made_of
    return made_of


def _broken(fault: TemplateFault) -> Problem:
    place = Place(fault.line, 1) if fault.line else None
    fix = "Mend the template, or take it out of templates/ to get the program's own."
    return problem("site/template", f"{TEMPLATES}/{fault.name}", place, message=fault.message, fix=fix)


def _conflict(root: Path, path: Path) -> Problem:
    inside = path.relative_to(root) if path.is_relative_to(root) else path
    message = "this was not made by this program and stands where a part of the site belongs"
    return problem("site/output-conflict", inside.as_posix(), message=message, fix="Move it away, or build elsewhere.")
