"""Take the pictures of the documentation from the sample site, light and dark: `python tools/screenshots.py`.

It builds the sample into a folder of its own, opens the pages in Debian's Chromium and writes docs/*.png; output/ and
the network are never touched.
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
from contactsheet.settings import load
from contactsheet.workers import Workers, cores

PROJECT = Path(__file__).resolve().parent.parent
DOCS = PROJECT / "docs"
LARGEST = 300_000
"""Bytes of one picture: they stay in the repository's history for ever."""


DECODED = """() => Promise.all([...document.images]
    .filter(image => image.getBoundingClientRect().top < innerHeight)
    .map(image => { image.loading = "eager"; return image.decode(); }))"""
"""Waits until every picture in the window can be drawn: lazy ones come after the page's load event."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture to take: its name, the page of the site, and the window in CSS pixels."""

    name: str
    page: str
    width: int = 1280
    height: int = 800


SHOTS = (
    Shot("list", "index.html"),
    Shot("thread", "inbox/siobhan-orourke.html"),
    Shot("record", "contacts/siobhan-orourke.html", height=900),
)


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


def take(browser: Browser, site: Path, shot: Shot, scheme: Literal["light", "dark"]) -> bytes:
    """Take one picture, as a PNG of at most LARGEST bytes."""
    page = browser.new_page(
        viewport={"width": shot.width, "height": shot.height},
        device_scale_factor=1.5,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    try:
        page.goto((site / shot.page).as_uri(), wait_until="load")
        page.evaluate(DECODED)
        picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    finally:
        page.close()
    for candidate in (picture, picture.quantize(256, dither=Image.Dither.NONE)):
        stream = io.BytesIO()
        candidate.save(stream, "PNG", optimize=True)
        if stream.tell() <= LARGEST:
            return stream.getvalue()
    raise SystemExit(f"{shot.name} has {stream.tell():,} bytes; at most {LARGEST:,} are wanted")


def main() -> int:
    """Take all pictures and write those that changed."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        build(site)
        with chromium() as browser:
            for shot in SHOTS:
                for scheme, suffix in (("light", ""), ("dark", "-dark")):
                    target = DOCS / f"{shot.name}{suffix}.png"
                    picture = take(browser, site, shot, "dark" if scheme == "dark" else "light")
                    if not target.exists() or target.read_bytes() != picture:
                        target.write_bytes(picture)
                        print(f"{target.relative_to(PROJECT).as_posix()}: {len(picture):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
