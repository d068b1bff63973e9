"""How a cold build grows with the number of contacts, what a million of them would take, and what breaks first."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora import Corpus
from figures import Part, Verdict, mib, short
from timing import Series

MILLION = 1_000_000
_LEAST = (
    10_000  # contacts that a guess about a million needs: of fewer, what a build costs by itself is too large a part
)
MOST_MEMORY = 1536.0  # MiB, the goal for 100,000
_MOST_IN_A_REPLY = 25.0  # MiB: what a host of static pages takes as one file, at the least
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Point:
    """A cold build: wall seconds, peak MiB, and what lies there afterwards (sizes in MiB).

    The index is the largest of the files that are neither pages nor pictures.
    """

    contacts: int
    seconds: float
    peak: float | None
    files: int
    size: float
    largest_page: float
    index: float
    index_name: str


def point(corpus: Corpus, series: Series) -> Point:
    """What a build took and left."""
    sizes = {path: path.stat().st_size for path in corpus.output.rglob("*") if path.is_file()}
    pages = [size for path, size in sizes.items() if path.suffix == ".html"]
    indexes = [path for path in sizes if path.suffix == ".json"]
    index = max(indexes, key=lambda path: sizes[path])
    return Point(
        contacts=corpus.contacts,
        seconds=series.seconds,
        peak=series.peak,
        files=len(sizes),
        size=sum(sizes.values()) / _MIB,
        largest_page=max(pages) / _MIB,
        index=sizes[index] / _MIB,
        index_name=index.relative_to(corpus.output).as_posix(),
    )


def part(points: Sequence[Point], store: Path) -> Part:
    """The figures of a row of builds, from the smallest to the largest."""
    return Part(
        name="growth",
        title=f"Growth, {points[0].contacts:,} to {points[-1].contacts:,} contacts, cold",
        intro=(
            "A fifth of the contacts have a picture of 512 × 512, a tenth a conversation. Memory is that of all"
            " processes together; pages that several share count for each."
        ),
        columns=("contacts", "wall s", "ms each", "peak MiB", "files made", "MiB made", "largest page kB"),
        rows=tuple(map(_row, points)),
        verdicts=_verdicts({one.contacts: one for one in points}),
        remarks=_remarks(points, store),
        data={"points": [(one.contacts, one.seconds, one.peak) for one in points]},
    )


def _row(one: Point) -> tuple[str, ...]:
    return (
        f"{one.contacts:,}",
        short(one.seconds),
        short(1000 * one.seconds / one.contacts),
        mib(one.peak),
        f"{one.files:,}",
        short(one.size),
        short(one.largest_page * _MIB / 1000),
    )


def _verdicts(by_count: dict[int, Point]) -> tuple[Verdict, ...]:
    small, large = by_count.get(10_000), by_count.get(100_000)
    if not large:
        return ()
    time = [Verdict("time of 100,000 / time of 10,000", large.seconds / small.seconds, 12)] if small else []
    memory = [Verdict("peak of 100,000", large.peak, MOST_MEMORY, "MiB")] if large.peak else []
    return (*time, *memory)


# --- a million -------------------------------------------------------------------------------------------------------


def _remarks(points: Sequence[Point], store: Path) -> tuple[str, ...]:
    if len(points) < 2 or points[-1].contacts < _LEAST:  # a line needs two points
        return ()
    last = points[-1]
    seconds = last.seconds * (MILLION / last.contacts) ** _steepness(points)
    peak = _linear(points, MILLION)
    files, size = (each * MILLION / last.contacts for each in (last.files, last.size))
    told = f"{peak / 1024:,.1f} GiB of memory, " if peak else ""
    took = f"{seconds / 60:,.0f} minutes" if seconds >= 120 else f"{seconds:,.0f} s"
    index = last.index * MILLION / last.contacts
    million = (
        f"A million contacts, extrapolated from the last two rows: {took}, {told}{files:,.0f} files,"
        f" {size / 1024:,.1f} GiB made; {last.index_name} grows to {index:,.0f} MiB."
    )
    return million, _breaks(points, store)


def _steepness(points: Sequence[Point]) -> float:
    """The exponent of growth between the last two: 1 is linear."""
    before, last = points[-2:]
    return math.log(last.seconds / before.seconds) / math.log(last.contacts / before.contacts)


def _slope(points: Sequence[Point]) -> float:
    """MiB that each further contact needs."""
    before, last = points[-2:]
    if before.peak is None or last.peak is None:
        return 0.0
    return max(0.0, (last.peak - before.peak) / (last.contacts - before.contacts))


def _linear(points: Sequence[Point], contacts: int) -> float:
    last = points[-1]
    return (last.peak or 0.0) + _slope(points) * (contacts - last.contacts)


def _breaks(points: Sequence[Point], store: Path) -> str:
    """Each limit with the number of contacts that reaches it, the nearest first."""
    last = points[-1]
    limits: list[tuple[float, str]] = [
        (_MOST_IN_A_REPLY / last.index * last.contacts, f"{last.index_name} has {_MOST_IN_A_REPLY:.0f} MiB")
    ]
    slope = _slope(points)
    if slope:
        for name, most in (("the goal of 1.5 GiB is reached", MOST_MEMORY), ("memory is full", _memory())):
            if most:
                limits.append((last.contacts + (most - (last.peak or 0)) / slope, name))
    if free := _free_files(store):
        limits.append((free / last.files * last.contacts, "the disk has no room for further files (inodes)"))
    limits.append((shutil.disk_usage(store).free / _MIB / last.size * last.contacts, "the disk is full"))
    told = [f"at {number:,.0f} {what}" for number, what in sorted(limits) if number > 0]
    return f"What breaks first on this machine: {'; '.join(told)}."


def _memory() -> float:
    """MiB that the machine has; 0 if it does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _MIB
    except (AttributeError, ValueError, OSError):
        return 0.0


def _free_files(folder: Path) -> int:
    """How many files the disk has room for; 0 if it does not tell."""
    return os.statvfs(folder).f_favail if hasattr(os, "statvfs") else 0
