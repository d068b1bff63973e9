"""Measures the preview in a browser: from saving a record to its page that shows it, at 24 and at 10,000 contacts.

    python benchmarks/preview.py [--contacts 24,10000] [--saves 20] [--chromium PATH]

The page is open in Chromium and loads itself anew. The first save is not counted, since what is needed for changes
alone is loaded then. Goals: 0.1 s and 0.3 s in the median.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import corpora
import peers
import saves
from playwright.sync_api import Page, sync_playwright

_SHOWS = "word => document.body.textContent.includes(word)"
_PAUSE = 0.5  # seconds between two saves, in which the page comes to rest
_GOALS = {24: 0.1, 10_000: 0.3}


@contextmanager
def _serving(root: Path) -> Iterator[str]:
    """The address of a preview that has built its site and watches."""
    command = [
        sys.executable,
        str(peers.PROJECT / "build.py"),
        "serve",
        "--no-open",
        "--port",
        "0",
        "--root",
        str(root),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(30)


def _until_shown(page: Page, place: saves.Place, text: str, number: int) -> float:
    word = f"preview-{number}-{time.time_ns()}"
    time.sleep(_PAUSE)
    began = time.perf_counter()
    place.save(text, word)
    page.wait_for_function(_SHOWS, arg=word)
    return time.perf_counter() - began


def _measured(page: Page, corpus: corpora.Corpus, count: int) -> list[float]:
    name = corpus.telling
    record = corpus.root / "contacts" / f"{name}.yaml"
    place = saves.Place(record, corpus.output / "contacts" / f"{name}.html", corpus.root / "draft.tmp")
    with saves.changing(place) as text, _serving(corpus.root) as address:
        with page.expect_response(lambda answer: "/_events" in answer.url):
            page.goto(f"{address}contacts/{name}.html")
        taken = [_until_shown(page, place, text, number) for number in range(count + 1)]
        page.goto("about:blank")
    return taken[1:]


def main() -> int:
    """Measures and prints; ends with 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--contacts", default="24,10000", metavar="N,N", help="sizes of the sites")
    parser.add_argument("--saves", type=int, default=20, metavar="N")
    parser.add_argument("--chromium", default="/usr/bin/chromium", metavar="PATH")
    parser.add_argument("--corpora", type=Path, default=corpora.usual_store(), metavar="DIR", help="what is kept")
    asked = parser.parse_args()
    missed = False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=asked.chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for count in map(int, asked.contacts.split(",")):
            taken = _measured(page, corpora.of_contacts(asked.corpora, count), asked.saves)
            median, goal = statistics.median(taken), _GOALS.get(count)
            missed |= goal is not None and median > goal
            told = f" (goal {goal} s)" if goal else ""
            print(f"{count:,} contacts: median {median:.3f} s{told}, least {min(taken):.3f}, most {max(taken):.3f}")
        browser.close()
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
