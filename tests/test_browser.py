"""The pages in a real browser: nothing fails to load, nothing is asked of strangers, all can be used by everyone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.conftest import Site
from tests.pictures import quarters, saved

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

    from tests.browser import OpenWindow

pytest_plugins = ["tests.browser"]

WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 320, "height": 640}


def pages(site: Path) -> list[str]:
    """The addresses of all pages of a built site, relative to it."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


def test_no_page_of_the_sample_complains_or_asks_strangers(window: OpenWindow, sample: Path) -> None:
    base = sample.as_uri() + "/"
    one = window(base)
    assert one.tour(base, sample) > 30
    assert one.complaints == []


def test_no_page_complains_on_a_server_and_without_scripts_either(
    window: OpenWindow, sample: Path, served: Callable[[Path], str]
) -> None:
    """Three pages of each folder: what a scheme changes is how relative addresses are read, and these are alike there.

    That each address of every page leads somewhere, the tour of the files has shown.
    """
    by_folder: dict[Path, list[Path]] = {}
    for page in sorted(sample.rglob("*.html")):
        by_folder.setdefault(page.parent, []).append(page)
    some = [page for there in by_folder.values() for page in {*there[:2], there[-1]}]
    base = served(sample)
    one = window(base, java_script_enabled=False)
    assert one.tour(base, sample, some) == len(some) > 10
    assert one.complaints == []


@pytest.mark.parametrize("density", [1, 2])
@pytest.mark.parametrize(("path", "least"), [("index.html", 8), ("inbox.html", 8), ("inbox/siobhan-orourke.html", 9)])
def test_the_pictures_in_view_load_and_have_the_pixels_of_their_name(
    window: OpenWindow, sample: Path, path: str, least: int, density: int
) -> None:
    from tests.browser import PICTURES_IN_VIEW

    one = window(sample.as_uri(), device_scale_factor=density)
    count, wrong = one.open(f"{sample.as_uri()}/{path}").evaluate(PICTURES_IN_VIEW)
    assert wrong == []
    assert count >= least
    assert one.complaints == []


def test_pictures_further_down_load_when_one_gets_there(window: OpenWindow, sample: Path) -> None:
    from tests.browser import PICTURES_IN_VIEW

    page = window(sample.as_uri()).open(f"{sample.as_uri()}/index.html")
    page.mouse.wheel(0, 10_000)
    page.evaluate("new Promise(done => scrollY ? done() : addEventListener('scroll', () => done(), { once: true }))")
    count, wrong = page.evaluate(PICTURES_IN_VIEW)
    assert wrong == []
    assert count > 4


def test_a_merged_away_address_takes_the_reader_to_the_survivor(window: OpenWindow, sample: Path) -> None:
    page = window(sample.as_uri()).open(f"{sample.as_uri()}/contacts/leads/web-form-orourke.html")
    page.wait_for_url("**/contacts/siobhan-orourke.html")
    assert page.locator("h1").inner_text() == "Siobhán O'Rourke"


# --- keyboard --------------------------------------------------------------------------------------------------------


def test_the_first_row_is_reached_and_opened_by_keyboard(window: OpenWindow, sample: Path) -> None:
    page = window(sample.as_uri()).open(f"{sample.as_uri()}/index.html")
    first = page.locator("tr[data-contact] a.name").first
    for _ in range(40):
        page.keyboard.press("Tab")
        if first.evaluate("link => link === document.activeElement"):
            break
    name = first.inner_text()
    assert first.evaluate("link => link === document.activeElement")
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/**")
    assert page.locator("h1").inner_text() == name


def test_the_first_stop_of_the_keyboard_leads_past_the_bar(window: OpenWindow, sample: Path) -> None:
    page = window(sample.as_uri()).open(f"{sample.as_uri()}/index.html")
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    assert skip.evaluate("link => link === document.activeElement")
    assert skip.bounding_box() is not None
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_conversation_is_opened_by_keyboard_and_its_newest_message_is_in_view(
    window: OpenWindow, sample: Path
) -> None:
    page = window(sample.as_uri()).open(f"{sample.as_uri()}/inbox.html")
    page.locator("nav[aria-label=Conversations] [data-contact] a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/**")
    assert page.locator("#cs-latest").evaluate(
        "one => one.getBoundingClientRect().bottom <= innerHeight && one.getBoundingClientRect().top >= 0"
    )


def test_a_click_anywhere_in_a_row_opens_the_record(window: OpenWindow, sample: Path) -> None:
    page = window(sample.as_uri()).open(f"{sample.as_uri()}/index.html")
    cell = page.locator("tr[data-contact=amara-okafor] td.labels")
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 5, box["y"] + 5)
    page.wait_for_url("**/contacts/amara-okafor.html")


# --- accessibility ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core."""
    try:
        return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    except ModuleNotFoundError:
        pytest.skip("not on this system: axe-core (pip install axe-playwright-python)")


# In the dark only the colours are others, and they do not depend on the width.
LOOKS: tuple[tuple[str, ViewportSize, Literal["light", "dark"], dict[str, Any]], ...] = (
    ("wide", WIDE, "light", {}),
    ("wide", WIDE, "dark", {"runOnly": ["color-contrast"]}),
    ("narrow", NARROW, "light", {"rules": {"color-contrast": {"enabled": False}}}),
)
PAGES = {
    "list": "index.html",
    "inbox": "inbox.html",
    "thread": "inbox/siobhan-orourke.html",
    "record": "contacts/siobhan-orourke.html",
    "add": "add.html",
    "moved": "inbox/leads/web-form-orourke.html",
}


@pytest.mark.parametrize("kind", PAGES)
def test_axe_finds_nothing_in_light_and_dark_wide_and_narrow(
    window: OpenWindow, sample: Path, axe: str, kind: str
) -> None:
    one = window("", reduced_motion="reduce")
    page = one.page
    if kind == "moved":  # which would lead away before it was looked at
        text = (sample / PAGES[kind]).read_text(encoding="utf-8")
        still = sample / "inbox/leads/still.html"
        still.write_text(text.replace('http-equiv="refresh"', 'name="stilled"'), encoding="utf-8")
        one.open(still.as_uri())
        still.unlink()
    else:
        one.open(f"{sample.as_uri()}/{PAGES[kind]}")
    page.evaluate(axe)
    wrong: list[str] = []
    for look, viewport, scheme, options in LOOKS:
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("options => axe.run(document, options)", {"resultTypes": ["violations"], **options})
        assert found["passes"]
        wrong += [
            f"{look} {scheme}: {rule['id']}: {node['html'][:200]}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]
    assert wrong == []


@pytest.mark.parametrize("kind", ["list", "inbox", "thread", "record"])
def test_paper_has_what_there_is_to_read_and_nothing_to_press(window: OpenWindow, sample: Path, kind: str) -> None:
    page = window(sample.as_uri()).open(f"{sample.as_uri()}/{PAGES[kind]}")
    page.emulate_media(media="print", color_scheme="dark")
    assert (
        page.locator(
            ".bar:visible, button:not(thead *):visible, input:visible, summary:visible, .button:visible"
        ).count()
        == 0
    )
    assert page.get_by_text("Siobhán O'Rourke").locator("visible=true").count() > 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_nothing_moves_for_readers_who_want_it_still(window: OpenWindow, sample: Path) -> None:
    page = window(sample.as_uri(), reduced_motion="reduce").open(f"{sample.as_uri()}/index.html")
    moving = (
        "[...document.querySelectorAll('*')].filter(one => getComputedStyle(one).transitionDuration !== '0s').length"
    )
    assert page.evaluate(moving) == 0


def test_forced_colours_keep_the_frames_and_the_choice_visible(window: OpenWindow, sample: Path) -> None:
    page = window(sample.as_uri(), forced_colors="active").open(f"{sample.as_uri()}/{PAGES['thread']}")
    style = "(one, name) => getComputedStyle(one)[name]"
    assert page.locator(".bubble").first.evaluate(style, "borderTopStyle") == "solid"
    assert page.locator("#cs-conversations [aria-current=page]").evaluate(style, "outlineStyle") == "solid"
    page.goto(f"{sample.as_uri()}/index.html")
    for edge in page.locator("button.button:visible, .seek:visible").all():
        assert edge.evaluate(style, "borderTopStyle") == "solid"


# --- whatever people write -------------------------------------------------------------------------------------------

LONG_NAME = ("Wolfeschlegelsteinhausenbergerdorff" * 6)[:200]
LONG_WORD = "x" * 300
SIDEWAYS = """() => {
    const page = document.scrollingElement;
    if (page.scrollWidth <= innerWidth) return "";
    const wide = [...document.querySelectorAll("body *")]
        .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
        .map(one => `${one.tagName}.${one.className}`);
    return `${page.scrollWidth} of ${innerWidth}: ${wide.slice(0, 5)}`;
}"""


@pytest.fixture(scope="module")
def excess(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A site of contacts that have too much of everything, or nothing."""
    site = Site(tmp_path_factory.mktemp("excess") / "site")
    site.settings(
        'title = "A site with a title that is far too long for the bar of a telephone, and goes on"\nlogo = "wide.png"'
    )
    site.write("templates/wide.png", saved(quarters(2000, 300), "PNG"))
    tags = ", ".join([LONG_WORD, *(f"tag-{number}" for number in range(500))])
    site.contact(
        "everything",
        f"title: {LONG_WORD}\ncompany: {LONG_WORD}\ntype: {LONG_WORD}\nowner: {LONG_WORD}\nsource: {LONG_WORD}\n"
        f"pronouns: {LONG_WORD}\nemail: {{label: {LONG_WORD}, value: {'x' * 60}@example.org}}\n"
        f"website: https://example.org/{LONG_WORD}\ntags: [{tags}]\ndo_not_disturb: [{LONG_WORD}]\n"
        f"notes: {LONG_WORD}\naddress: {LONG_WORD}\nfields: {{{LONG_WORD}: {LONG_WORD}}}\nstarred: true\nmessages:\n"
        f"  - {{at: 2026-11-20T09:30:00Z, from: contact, channel: {LONG_WORD}, text: {'x' * 100_000}, read: false}}\n"
        f"  - {{at: 2026-11-20T09:31:00Z, from: {LONG_WORD}, channel: {LONG_WORD}, text: {LONG_WORD}}}\n",
        name=LONG_NAME,
    )
    site.contact(
        "old", f"title: other {LONG_WORD}\nfields: {{{LONG_WORD}: other}}\nmerge_into: everything", name=LONG_NAME
    )
    site.contact(
        "words", f"messages:\n  - {{at: 2026-11-20T09:30:00Z, from: Mira, text: {'word ' * 20_000}}}", name="Words"
    )
    site.contact("nothing", name="N")
    site.write("avatars/everything.png", saved(quarters(512, 512), "PNG"))
    outcome = site.build()
    assert outcome.published, outcome.problems
    yield site.output


def test_no_page_scrolls_sideways_whatever_it_has_to_show(window: OpenWindow, excess: Path) -> None:
    one = window(excess.as_uri())
    shown = [path for path in pages(excess) if path != "contacts/old.html"]  # which leads away
    wide: dict[tuple[str, int], Any] = {}
    for path in shown:
        page = one.open(f"{excess.as_uri()}/{path}")
        for width in (195, 320, 760, 1280):  # the first is a telephone with text at twice its size
            page.set_viewport_size({"width": width, "height": 700})
            if found := page.evaluate(SIDEWAYS):
                wide[path, width] = found
    assert wide == {}
    assert len(shown) == 10
    assert one.complaints == []


@pytest.mark.parametrize("path", ["index.html", "inbox/everything.html"])
def test_the_bar_keeps_its_links_whole_beside_a_title_and_a_logo_that_are_too_long(
    window: OpenWindow, excess: Path, path: str
) -> None:
    page = window(excess.as_uri(), viewport=NARROW).open(f"{excess.as_uri()}/{path}")
    logo, first = page.locator(".logo").bounding_box(), page.locator(".bar nav a").first.bounding_box()
    assert logo is not None
    assert first is not None
    assert 0 < logo["x"] + logo["width"] <= first["x"]
    boxes = [box for link in page.locator(".bar nav a, .to-panel").all() if (box := link.bounding_box())]
    assert len(boxes) >= 2
    for box in boxes:
        assert box["height"] < 40
        assert box["x"] + box["width"] <= NARROW["width"]


def test_a_long_message_opens_and_closes_again_without_a_script(window: OpenWindow, excess: Path) -> None:
    page = window(excess.as_uri(), java_script_enabled=False).open(f"{excess.as_uri()}/inbox/words.html")
    text, switch = page.locator(".bubble .lines"), page.locator(".fold summary")

    def height() -> float:
        box = text.bounding_box()
        assert box is not None
        return box["height"]

    closed = height()
    assert closed < 300
    switch.click()
    assert height() > 5 * closed
    switch.click()
    assert height() == closed


def test_the_inbox_of_a_telephone_shows_one_pane_and_a_way_back(window: OpenWindow, sample: Path) -> None:
    page = window(sample.as_uri(), viewport=NARROW).open(f"{sample.as_uri()}/inbox/siobhan-orourke.html")
    assert not page.locator("nav[aria-label=Conversations]").is_visible()
    page.get_by_role("link", name="Back to the inbox").click()
    page.wait_for_url("**/inbox.html")
    assert page.locator("nav[aria-label=Conversations]").is_visible()
