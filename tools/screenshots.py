"""Take the pictures of the documentation from the sample site, light and dark: `python tools/screenshots.py [FOLDER]`.

It builds the sample into a folder of its own, opens the pages in Debian's Chromium and writes docs/*.png, or the same
into FOLDER; output/ and the network are never touched.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from contactsheet import pipeline
from contactsheet.machine import cores
from contactsheet.settings import load
from contactsheet.workers import Workers

PROJECT = Path(__file__).resolve().parent.parent
DOCS = PROJECT / "docs"
Scheme = Literal["light", "dark"]
SCHEMES: tuple[tuple[Scheme, str], ...] = (("light", ""), ("dark", "-dark"))
LARGEST = 300_000
"""Bytes of one picture: they stay in the repository's history for ever."""


DECODED = """() => Promise.all([...document.images]
    .filter(image => image.getBoundingClientRect().top < innerHeight)
    .map(image => { image.loading = "eager"; return image.decode(); }))"""
"""Waits until every picture in the window can be drawn: lazy ones come after the page's load event."""


@dataclass(frozen=True, slots=True)
class Shot:
    """What to take: the page of the site, and the window in CSS pixels."""

    page: str
    width: int = 1280
    height: int = 800


def narrow(page: str) -> Shot:
    """Give the same page in the window of a telephone."""
    return Shot(page, width=375, height=740)


THREAD, RECORD = "inbox/siobhan-orourke.html", "contacts/siobhan-orourke.html"
# The pictures by name; where there are several shots, they stand side by side.
PICTURES = {
    "list": (Shot("index.html"),),
    "inbox": (Shot("inbox.html"),),
    "thread": (Shot(THREAD),),
    "record": (Shot(RECORD, height=900),),
    "narrow": tuple(map(narrow, ("index.html", "inbox.html", f"{THREAD}#cs-latest", RECORD))),
}
GAP = 24
"""CSS pixels between shots that stand side by side."""
DENSITY = 1.5
BETWEEN = {"light": "#d9d4cd", "dark": "#000000"}


def build(site: Path) -> None:
    """Build the sample; a sample with errors ends the program."""
    with Workers(cores()) as workers:
        outcome = pipeline.build(PROJECT, site, load(PROJECT), workers)
    if outcome.published is None:
        raise SystemExit("the sample has errors; `python build.py` lists them")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser that may not load anything from the network."""
    found = shutil.which("chromium")
    if found is None:
        raise SystemExit("this needs Chromium: apt-get install chromium fonts-noto-core fonts-noto-cjk")
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium's sandbox refuses to run as root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox"] if root else [],
            proxy={"server": "http://127.0.0.1:9", "bypass": ""},
        )
        try:
            yield browser
        finally:
            browser.close()


def take(browser: Browser, site: Path, shot: Shot, scheme: Scheme) -> Image.Image:
    """Take one shot."""
    page = browser.new_page(
        viewport={"width": shot.width, "height": shot.height},
        device_scale_factor=DENSITY,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    try:
        path, _, fragment = shot.page.partition("#")
        page.goto(f"{(site / path).as_uri()}#{fragment}", wait_until="load")
        page.evaluate(DECODED)
        return Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    finally:
        page.close()


def side_by_side(pictures: list[Image.Image], scheme: Scheme) -> Image.Image:
    """Put pictures of one height beside each other."""
    gap = round(GAP * DENSITY)
    width = sum(picture.width for picture in pictures) + gap * (len(pictures) - 1)
    whole = Image.new("RGB", (width, pictures[0].height), BETWEEN[scheme])
    left = 0
    for picture in pictures:
        whole.paste(picture, (left, 0))
        left += picture.width + gap
    return whole


def encoded(picture: Image.Image, name: str) -> bytes:
    """Give a picture as a PNG of at most LARGEST bytes."""
    for candidate in (picture, picture.quantize(256, dither=Image.Dither.NONE)):
        stream = io.BytesIO()
        candidate.save(stream, "PNG", optimize=True)
        if stream.tell() <= LARGEST:
            return stream.getvalue()
    raise SystemExit(f"{name} has {stream.tell():,} bytes; at most {LARGEST:,} are wanted")


def main(folder: Path) -> int:
    """Take all pictures and write those that changed into the folder."""
    with tempfile.TemporaryDirectory() as built:
        site = Path(built) / "site"
        build(site)
        with chromium() as browser:
            for name, shots in PICTURES.items():
                for scheme, suffix in SCHEMES:
                    target = folder / f"{name}{suffix}.png"
                    whole = side_by_side([take(browser, site, shot, scheme) for shot in shots], scheme)
                    picture = encoded(whole, target.name)
                    if not target.exists() or target.read_bytes() != picture:
                        target.write_bytes(picture)
                        print(f"{target.name}: {len(picture):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS))
