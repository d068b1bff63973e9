"""The five measurements: pictures, contacts, nothing changed, one change, growth. Each makes its corpora, prints as it
goes, and gives its part of the figures.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import corpora
import growing
import peers
import saves
from corpora import Corpus
from figures import Part, Verdict, mib, short
from peers import Peers
from timing import Series, Subject, in_turns, whole

from contactsheet.thumbnails import LARGE_METHOD, QUALITY, SMALL_METHOD

OURS = "contactsheet"
_EACH = ("", "wall s", "peak MiB", "contactsheet takes")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: numbers of pictures, contacts and saves."""

    pictures: int = 300
    text: int = 10_000
    unchanged: tuple[int, ...] = (1_000, 10_000, 100_000)
    change: int = 10_000
    saves: int = 20
    growth: tuple[int, ...] = (300, 1_000, 3_000, 10_000, 30_000, 100_000)
    once_from: int = 30_000  # so large a site is built once, not ``runs`` times


QUICK = Sizes(pictures=20, text=300, unchanged=(100, 300), change=300, saves=3, growth=(100, 300))


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the corpora are kept, what there is to compare with, how much to measure, and how often."""

    store: Path
    peers: Peers
    sizes: Sizes
    runs: int

    @property
    def scratch(self) -> Path:
        """A folder for what is not kept, on the same disk as the corpora."""
        return self.store / "scratch"


def say(line: str) -> None:
    """A line, at once."""
    print(line, flush=True)


# --- 300 pictures, 10,000 contacts: cold -----------------------------------------------------------------------------


def pictures(bench: Bench) -> Part:
    """The whole site of contacts with a picture each, against programs that make the thumbnails and nothing else."""
    corpus = corpora.of_pictures(bench.store, bench.sizes.pictures)
    subjects = [peers.cold(corpus), *peers.thumbnails(bench.peers, corpus, bench.scratch)]
    whole(subjects[0].command, subjects[0].env)  # all read from a warm disk cache
    series = _measured("pictures", subjects, bench.runs)
    sizes = [path.stat().st_size for path in corpus.avatars.iterdir()]
    verdicts = [
        Verdict(f"whole site / {name} alone", series[OURS].ratio(series[name]), goal)
        for name, goal in (("sharp", 0.7), (f"sharp, effort {LARGE_METHOD}", 0.7))
        if name in series
    ]
    return Part(
        name="pictures",
        title=f"{corpus.pictures} pictures, cold",
        intro=(
            f"{sum(sizes) / 1e6:,.0f} MB: 60 % JPEG of 12 megapixels, 20 % of 1024², 10 % of 512², 10 % PNG. All make"
            f" WebP of quality {QUALITY}, 512 × 512 and 96 × 96, cropped and upright; contactsheet makes the"
            f" whole site, with all checks. WebP effort: contactsheet and the pool {LARGE_METHOD} and"
            f" {SMALL_METHOD}, the others their own (4) where nothing is said."
        ),
        columns=_EACH,
        rows=_rows(series),
        verdicts=tuple(verdicts),
        data=_bars(series),
    )


def contacts(bench: Bench) -> Part:
    """The whole site of contacts of text alone, against Hugo making as many pages."""
    corpus = corpora.of_text(bench.store, bench.sizes.text)
    subjects = [peers.cold(corpus)]
    if bench.peers.hugo:
        subjects.append(peers.hugo_site(bench.peers.hugo, corpus, bench.scratch).cold())
    series = _measured("contacts", subjects, bench.runs)
    verdicts = [Verdict("contactsheet / Hugo", series[OURS].ratio(series["Hugo"]), 1.0)] if "Hugo" in series else []
    return Part(
        name="contacts",
        title=f"{corpus.contacts:,} contacts of text alone, cold",
        intro="Records of 1.6 kB. Hugo makes a page of about the same size for each, and lists of a hundred.",
        columns=_EACH,
        rows=_rows(series),
        verdicts=tuple(verdicts),
        data=_bars(series),
    )


# --- nothing changed, one change -------------------------------------------------------------------------------------


def unchanged(bench: Bench) -> Part:
    """A build that has nothing to do, against a bare interpreter that looks at as many files, and against Hugo."""
    rows, verdicts, points = [], [], []
    for count in bench.sizes.unchanged:
        corpus = built(bench, count)
        seen = [str(corpus.root / "contacts"), str(corpus.avatars), str(corpus.output)]
        floor = Subject("floor", [sys.executable, "-I", "-S", str(peers.PROGRAMS / "floor.py"), *seen])
        subjects = [replace(peers.again(corpus), memory=False), replace(floor, memory=False)]
        if bench.peers.hugo and count < bench.sizes.once_from:
            site = peers.hugo_site(bench.peers.hugo, corpus, bench.scratch)
            whole(site.cold().command)
            subjects.append(replace(site.again(), memory=False))
        series = in_turns(subjects, max(5, bench.runs) if bench.runs > 1 else 1)
        ours, least, hugo = series[OURS], series["floor"], series.get("Hugo")
        ratio = ours.ratio(least)
        files = sum(1 for folder in seen for path in Path(folder).rglob("*") if path.is_file())
        told = short(hugo.seconds) if hugo else "–"
        numbers = (count, corpus.pictures, files)
        times = (short(ours.seconds), short(least.seconds), f"{ratio:.1f} ×", told)
        rows.append((*(f"{number:,}" for number in numbers), *times))
        points.append((count, ours.seconds, least.seconds))
        say(f"unchanged: {count:,} contacts {times[0]} s; floor {times[1]} s, ratio {ratio:.1f}; Hugo {told} s")
        goal = {10_000: 0.25, 100_000: 2.0}.get(count)
        if goal:
            verdicts.append(Verdict(f"{count:,} contacts", ours.seconds, goal, "s"))
    return Part(
        name="unchanged",
        title="Nothing changed",
        intro=(
            "Whole processes. The floor is a bare interpreter that asks for the size and times of the same files, the"
            " sources and the site, and does nothing else."
        ),
        columns=("contacts", "pictures", "files", "wall s", "floor s", "to the floor", "Hugo s"),
        rows=tuple(rows),
        verdicts=tuple(verdicts),
        data={"points": points},
    )


def built(bench: Bench, count: int) -> Corpus:
    """A corpus of contacts whose site stands, and is known to."""
    corpus = corpora.of_contacts(bench.store, count)
    ours = peers.again(corpus)
    for _ in range(2):  # a site of sources that are moments old is known to stand the time after
        whole(ours.command, ours.env)
    return corpus


def change(bench: Bench) -> Part:
    """One word in one record: from the shell, and while the program watches; Hugo and its server likewise."""
    corpus = built(bench, bench.sizes.change)
    name, draft = corpus.telling, bench.scratch / "draft"
    bench.scratch.mkdir(parents=True, exist_ok=True)
    record = corpus.root / "contacts" / f"{name}.yaml"
    place = saves.Place(record, corpus.output / "contacts" / f"{name}.html", draft)
    ours = peers.again(corpus)
    shell = saves.from_shell(place, ours.command, ours.env, bench.sizes.saves)
    watch = saves.while_watched(
        place, peers.build_command(corpus, "--watch"), ours.env, "Watching for changes", bench.sizes.saves
    )
    tellings = [_told("contactsheet", shell, watch)]
    if bench.peers.hugo:
        site = peers.hugo_site(bench.peers.hugo, corpus, bench.scratch)
        place = saves.Place(site.record(name), site.page(name), draft)
        again = site.again()
        whole(again.command)
        theirs = saves.from_shell(place, again.command, {}, min(3, bench.sizes.saves))
        command = [bench.peers.hugo, "server", "--source", str(site.root), "--port", "0"]
        served = saves.while_watched(place, command, {}, "Web Server is available", bench.sizes.saves)
        tellings.append(_told("Hugo", theirs, served))
    typical = statistics.median(shell[0])
    return Part(
        name="change",
        title=f"One record changed, of {corpus.contacts:,}",
        intro=(
            f"A word in the notes of a contact with a picture and a conversation, saved as editors do, by moving a file"
            f" over the old one. Watching: from the save to the page on the disk. Median of {bench.sizes.saves}, and"
            " the slowest."
        ),
        columns=("", "shell: wall s", "slowest", "peak MiB", "watching: s", "slowest", "MiB held"),
        rows=tuple(tellings),
        verdicts=(
            Verdict("from the shell", typical, 0.5, "s"),
            Verdict("watching", statistics.median(watch[0]), 0.1, "s"),
        ),
        data={"watching": watch[0], "shell": shell[0]},
    )


def _told(
    name: str, shell: tuple[Sequence[float], float | None], watch: tuple[Sequence[float], float]
) -> tuple[str, ...]:
    (alone, peak), (seconds, held) = shell, watch
    row = (
        name,
        short(statistics.median(alone)),
        short(max(alone)),
        mib(peak),
        short(statistics.median(seconds)),
        short(max(seconds)),
        mib(held),
    )
    say(f"change: {name} {row[1]} s from the shell, {row[4]} s while it watches; {row[6]} MiB held")
    return row


# --- growth ----------------------------------------------------------------------------------------------------------


def growth(bench: Bench) -> Part:
    """Cold builds of ever more contacts, a fifth of them with pictures, and what a million would take."""
    points = []
    for count in bench.sizes.growth:
        corpus = corpora.of_contacts(bench.store, count)
        runs = bench.runs if count < bench.sizes.once_from else 1
        series = in_turns([peers.cold(corpus)], runs)[OURS]
        points.append(growing.point(corpus, series))
        say(f"growth: {count:,} contacts {short(series.seconds)} s, {mib(series.peak)} MiB")
    return growing.part(points, bench.store)


# --- rows ------------------------------------------------------------------------------------------------------------


def _measured(part: str, subjects: Sequence[Subject], runs: int) -> dict[str, Series]:
    series = in_turns(subjects, runs)
    for name, one in series.items():
        ratio = "" if name == OURS else f"; contactsheet takes {series[OURS].ratio(one):.2f} × that"
        say(f"{part}: {name} {short(one.seconds)} s, {mib(one.peak)} MiB{ratio}")
    return series


def _rows(series: dict[str, Series]) -> tuple[tuple[str, ...], ...]:
    ours = series[OURS]
    return tuple(
        (name, short(one.seconds), mib(one.peak), "–" if one is ours else f"{ours.ratio(one):.2f} × that")
        for name, one in series.items()
    )


def _bars(series: dict[str, Series]) -> dict[str, list[tuple[str, float]]]:
    return {"bars": [(name, one.seconds) for name, one in series.items()]}


PARTS: dict[str, Callable[[Bench], Part]] = {
    "pictures": pictures,
    "contacts": contacts,
    "unchanged": unchanged,
    "change": change,
    "growth": growth,
}
