"""A real browser for the tests, and a web server for it on a loopback port. Nothing is loaded from anywhere else.

A plugin of pytest: a test module that says ``pytest_plugins = ["tests.browser"]`` gets its fixtures.
"""

from __future__ import annotations

import http.server
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Error, Page, Request, sync_playwright

from contactsheet import pipeline
from contactsheet.settings import load
from contactsheet.workers import Workers
from tests.conftest import PROJECT

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# What a page left in the browser; some addresses, such as that of an error, may keep nothing.
FORGET = "() => { try { localStorage.clear(); sessionStorage.clear(); } catch {} }"

# Waits for the pictures in view, and gives their number and what is wrong with them: a picture's name says its pixels.
PICTURES_IN_VIEW = """async () => {
    const wrong = [];
    const seen = [...document.images].filter(image => {
        const box = image.getBoundingClientRect();
        return box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    });
    for (const image of seen) {
        const file = new Image();  // without a choice of densities, so that its width is in pixels of the file
        try {
            await image.decode();
            file.src = image.currentSrc;
            await file.decode();
        } catch (error) {
            wrong.push(`${image.currentSrc} does not load`);
        }
        const [, size] = image.currentSrc.match(/-(96|512)\\.[0-9a-f]+\\.webp$/) || [];
        if (file.naturalWidth !== Number(size) || file.naturalHeight !== Number(size))
            wrong.push(`${image.currentSrc} has ${file.naturalWidth} × ${file.naturalHeight} pixels`);
        const box = image.getBoundingClientRect();
        if (box.width * devicePixelRatio > file.naturalWidth) wrong.push(`${image.currentSrc} is blown up`);
        if (box.width !== image.width || box.height !== image.height) wrong.push(`${image.currentSrc} is squeezed`);
    }
    return [seen.length, wrong];
}"""


@dataclass(frozen=True, slots=True)
class Window:
    """A window of the browser, and all that a reader should never see there."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        """Goes to an address and waits for the page and what it loads."""
        self.page.goto(address, wait_until="load")
        return self.page

    def tour(self, base: str, site: Path, files: Iterable[Path] = ()) -> int:
        """Opens every page of a built site, or some, at its address below ``base``, and gives how many there are."""
        files = sorted(files or site.rglob("*.html"))
        for file in files:
            address = base + file.relative_to(site).as_posix()
            self.open(address)
            if 'http-equiv="refresh"' in file.read_text(encoding="utf-8"):
                self.page.wait_for_url(lambda url, left=address: url != left)  # type: ignore[misc]  # the default is bound early
        return len(files)

    @contextmanager
    def listening(self, allowed: str) -> Iterator[None]:
        """Writes down console messages, errors, dialogs, and requests to anywhere but below ``allowed``."""

        def requested(request: Request) -> None:
            if not request.url.startswith((allowed, "data:", "blob:")):
                complain(f"request: {request.url}")

        def failed(request: Request) -> None:
            if request.failure != "net::ERR_ABORTED":  # what is still under way when one leaves the page
                complain(f"failed: {request.url} ({request.failure})")

        def asked(dialog: Any) -> None:
            complain(f"dialog: {dialog.message}")
            dialog.dismiss()

        complain = self.complaints.append
        handlers: dict[str, Callable[[Any], None]] = {
            "console": lambda message: complain(f"console: {message.text}"),
            "pageerror": lambda error: complain(f"error: {error}"),
            "requestfailed": failed,
            "request": requested,
            "popup": lambda popup: complain(f"popup: {popup.url}"),
            "dialog": asked,
        }
        with heard(self.page, handlers):
            yield


OpenWindow = Callable[..., Window]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, once for all tests: without its windows where it comes so, which takes half the time.

    The environment variable CHROMIUM names another.
    """
    known = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
    path = os.environ.get("CHROMIUM") or next(filter(shutil.which, known), known[-1])
    if shutil.which(path) is None:
        pytest.skip(f"not on this system: {path} (the environment variable CHROMIUM names another)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


class Windows:
    """Windows of the browser, each of which is used by one test after the other.

    A new one begins a process, which costs as much as a page or two. Whoever does what cannot be taken back, such as a
    script that runs on all pages, or asks what happens when nothing was loaded before, takes one of their own.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: dict[str, Page] = {}

    @contextmanager
    def page(self, *, own: bool = False, **options: Any) -> Iterator[Page]:
        """The page of a window with some options of a browser context, as if nobody had used it before."""
        options = {"viewport": {"width": 1280, "height": 800}, **options}
        kind = repr(sorted(options.items()))
        page = None if own else self._idle.pop(kind, None)
        page = page or self._browser.new_context(**options).new_page()
        yield page
        if own or kind in self._idle or not _taken_back(page, options):
            page.context.close()
            return
        if len(self._idle) == _IDLE:
            self._idle.pop(next(iter(self._idle))).context.close()
        self._idle[kind] = page


_IDLE = 2  # most tests that follow upon each other want the same kind of window


def leave(page: Page) -> None:
    """Goes to an empty page, and nothing is left of the one before. A page that goes elsewhere just then is closed."""
    try:
        page.evaluate(FORGET)
        page.goto("about:blank")
    except Error:
        page.close()


def _taken_back(page: Page, options: dict[str, Any]) -> bool:
    """Makes a window what it was before a test used it, and tells whether it is."""
    for other in page.context.pages:
        if other is not page:
            other.close()
    if not page.is_closed():
        leave(page)
    if page.is_closed():
        return False
    page.unroute_all()
    page.context.clear_cookies()
    page.set_viewport_size(options["viewport"])
    page.emulate_media(
        media="null",
        color_scheme=options.get("color_scheme", "light"),
        reduced_motion=options.get("reduced_motion", "no-preference"),
        forced_colors=options.get("forced_colors", "none"),
    )
    page.mouse.move(-1, -1)
    return True


@contextmanager
def heard(page: Page, handlers: dict[str, Callable[[Any], None]]) -> Iterator[None]:
    """Calls a function for each event of its name, until the block is over."""
    for event, handler in handlers.items():
        page.on(event, handler)  # type: ignore[call-overload]  # it has an overload for each event
    yield
    for event, handler in handlers.items():
        page.remove_listener(event, handler)


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    """The windows of this process; they close with the browser."""
    return Windows(browser)


@contextmanager
def faultless(windows: Windows, **options: Any) -> Iterator[Page]:
    """The page of a window; whoever has done with it is told if a script in it failed."""
    faults: list[str] = []
    complain: dict[str, Callable[[Any], None]] = {"pageerror": lambda error: faults.append(str(error))}
    with windows.page(**{"reduced_motion": "reduce", **options}) as page, heard(page, complain):
        yield page
    assert faults == []


@pytest.fixture
def window(windows: Windows) -> Iterator[OpenWindow]:
    """Opens windows: ``window(allowed, **options)``, with the options of a browser context, or ``own=True``."""
    with ExitStack() as stack:

        def opened(allowed: str, **options: Any) -> Window:
            found = Window(stack.enter_context(windows.page(**options)))
            stack.enter_context(found.listening(allowed))
            return found

        yield opened


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample site of this repository, built once for all processes of the tests; who comes later waits for it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # then each process has a folder of its own there
        shared = shared.parent
    output = shared / "sample"
    with FileLock(shared / "sample.lock"):
        if not output.exists():
            with Workers(0) as workers:
                outcome = pipeline.build(PROJECT, output, load(PROJECT), workers)
            assert outcome.published, outcome.problems
    return output


@pytest.fixture
def served() -> Iterator[Callable[[Path], str]]:
    """Serves folders: ``served(folder)`` gives the address, which ends with a slash."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def serve(folder: Path) -> str:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the standard library's
        """Says nothing."""
