"""The inbox in a real browser: tabs, search, keys, the list in view, links, copies, the theme, narrow windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser import OpenWindow

pytest_plugins = ["tests.browser"]

COUNT = 24
HOSTILE = "<script>alert(1)</script>\"'&\u2028</script>"
LONG = "A line that goes on. " * 200


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 conversations on pages of 8: every third is unread, every sixth starred; some are hostile."""
    site = Site(tmp_path_factory.mktemp("inbox") / "site")
    site.settings("conversations_per_page = 8")
    for number in range(COUNT):
        text = {1: f"See https://example.org/a. {HOSTILE.translate({34: None, 0x2028: None})}", 2: LONG}.get(
            number, "Hi"
        )
        quoted = text.replace("'", "''")
        site.contact(
            f"c{number:02}",
            f"company: Company {number}\nemail: c{number}@example.org\nwebsite: https://example.org/{number}\n"
            f"starred: {'true' if number % 6 == 0 else 'false'}\nmessages:\n"
            f"  - {{at: 2026-11-{30 - number:02}T09:00:00Z, from: contact, channel: email, "
            f"read: {'false' if number % 3 == 0 else 'true'}, text: '{quoted}'}}",
            name=f"Pérson {number:02}",
        )
    outcome = site.build()
    assert outcome.published, outcome.problems
    return site.output


def shown(page: Page) -> list[str]:
    """The contacts of the conversations that the list shows."""
    entries = page.locator("#cs-conversations [data-contact]:visible").all()
    return [entry.get_attribute("data-contact") or "" for entry in entries]


def focused(page: Page) -> Any:
    """The contact of the conversation that has the focus."""
    return page.evaluate("document.activeElement.closest('[data-contact]')?.dataset.contact")


def test_the_tabs_work_without_scripts_and_tell_how_many_there_are(window: OpenWindow, inbox: Path) -> None:
    one = window(inbox.as_uri(), java_script_enabled=False)
    page = one.open(f"{inbox.as_uri()}/inbox.html")
    assert [tab.inner_text().split() for tab in page.locator(".tab").all()] == [
        ["All", "24"],
        ["Unread", "8"],
        ["Starred", "4"],
    ]
    page.locator(".tab", has_text="Unread").click()
    page.wait_for_url("**/pages/unread.html")
    assert shown(page) == [f"c{number:02}" for number in range(0, COUNT, 3)]
    page.locator(".tab", has_text="Starred").click()
    page.wait_for_url("**/pages/starred.html")
    assert shown(page) == ["c00", "c06", "c12", "c18"]
    assert not page.locator(".scripted:visible").count()
    assert one.complaints == []


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_the_search_finds_conversations_of_other_pages_too(
    window: OpenWindow, inbox: Path, served: Callable[[Path], str], scheme: str
) -> None:
    base = inbox.as_uri() + "/" if scheme == "file" else served(inbox)
    one = window(base)
    page = one.open(f"{base}inbox.html")
    page.keyboard.press("/")
    page.keyboard.type("person 2")
    page.get_by_text("5 conversations", exact=True).wait_for(state="attached")
    assert shown(page) == ["c02", "c20", "c21", "c22", "c23"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    assert focused(page) == "c20"
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/c20.html*")
    assert one.complaints == []


def test_a_search_that_finds_nothing_says_so_and_escape_brings_all_back(window: OpenWindow, inbox: Path) -> None:
    page = window(inbox.as_uri()).open(f"{inbox.as_uri()}/inbox.html")
    page.locator("#cs-seek").fill("nobody of that name")
    page.get_by_text("No conversation found", exact=True).wait_for(state="attached")
    assert shown(page) == []
    page.keyboard.press("Escape")
    assert len(shown(page)) == 8
    assert page.locator("#cs-found-count").inner_text() == ""


def test_a_small_inbox_is_searched_by_what_was_written_and_without_the_index(window: OpenWindow, sample: Path) -> None:
    one = window(sample.as_uri())
    page = one.open(f"{sample.as_uri()}/inbox.html")
    page.locator("#cs-seek").fill("christmas tins")
    assert shown(page) == ["siobhan-orourke"]
    assert not page.locator("script[src*='/search']").count()
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/siobhan-orourke.html*")
    assert one.complaints == []


def test_j_and_k_go_through_the_list_and_enter_opens(window: OpenWindow, inbox: Path) -> None:
    page = window(inbox.as_uri()).open(f"{inbox.as_uri()}/inbox.html")
    for key, where in (("j", "c00"), ("j", "c01"), ("j", "c02"), ("k", "c01")):
        page.keyboard.press(key)
        assert focused(page) == where
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/c01.html*")
    page.keyboard.press("j")
    assert focused(page) == "c02"


def test_the_shortcuts_are_listed_and_can_be_turned_off_for_good(window: OpenWindow, inbox: Path) -> None:
    page = window(inbox.as_uri()).open(f"{inbox.as_uri()}/inbox.html")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    assert "Next conversation" in dialog.inner_text()
    dialog.get_by_label("Use these shortcuts").uncheck()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    page.reload()
    page.keyboard.press("j")
    assert focused(page) is None
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert dialog.is_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("number", [7, 15])
def test_the_open_conversation_is_in_view_in_its_list(
    window: OpenWindow, inbox: Path, number: int, scripts: bool
) -> None:
    size = {"width": 1280, "height": 480}
    page = window(inbox.as_uri(), viewport=size, java_script_enabled=scripts).open(
        f"{inbox.as_uri()}/inbox/c{number:02}.html#cs-latest"
    )
    box = page.locator("#cs-conversations [aria-current=page]").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size["height"]
    assert page.locator("#cs-latest").bounding_box() is not None


def test_the_list_stays_where_it_was_when_the_next_conversation_opens(window: OpenWindow, inbox: Path) -> None:
    page = window(inbox.as_uri(), viewport={"width": 1280, "height": 480}).open(f"{inbox.as_uri()}/inbox.html")
    page.locator("#cs-conversations").evaluate("pane => { pane.scrollTop = 150; }")
    page.locator("[data-contact=c04] a").click()
    page.wait_for_url("**/inbox/c04.html*")
    assert page.locator("#cs-conversations").evaluate("pane => pane.scrollTop") == 150


def test_a_telephone_shows_one_pane_and_goes_back_to_the_tab_it_came_from(window: OpenWindow, inbox: Path) -> None:
    page = window(inbox.as_uri(), viewport={"width": 320, "height": 640}).open(f"{inbox.as_uri()}/pages/unread.html")
    page.locator("[data-contact=c03] a").click()
    page.wait_for_url("**/inbox/c03.html*")
    assert not page.locator("#cs-conversations").is_visible()
    page.keyboard.press("j")
    page.wait_for_url("**/inbox/c04.html*")
    page.get_by_role("link", name="Back to the inbox").click()
    page.wait_for_url("**/pages/unread.html")
    assert page.locator("#cs-conversations").is_visible()


def test_links_in_messages_say_where_they_lead_and_tell_nobody_where_one_comes_from(
    window: OpenWindow, inbox: Path
) -> None:
    one = window(inbox.as_uri())
    page = one.open(f"{inbox.as_uri()}/inbox/c01.html")
    link = page.locator(".bubble a")
    assert link.get_attribute("href") == link.inner_text() == "https://example.org/a"
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    assert "<script>alert(1)</script>" in page.locator(".bubble").inner_text()
    assert one.complaints == []


def test_a_detail_is_copied_and_that_is_said(window: OpenWindow, inbox: Path, served: Callable[[Path], str]) -> None:
    base = served(inbox)
    one = window(base, permissions=["clipboard-read", "clipboard-write"])
    page = one.open(f"{base}inbox/c01.html")
    for name, value in (("Copy E-mail", "c1@example.org"), ("Copy Web", "https://example.org/1")):
        page.get_by_role("button", name=name).click()
        page.get_by_text("Copied", exact=True).wait_for(state="attached")
        assert page.evaluate("navigator.clipboard.readText()") == value
    assert one.complaints == []


def test_a_detail_is_copied_where_the_browser_keeps_the_clipboard_shut(window: OpenWindow, inbox: Path) -> None:
    one = window(inbox.as_uri(), own=True)
    page = one.page
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined });")
    one.open(f"{inbox.as_uri()}/inbox/c01.html")
    page.get_by_role("button", name="Copy E-mail").click()
    page.get_by_text("Copied", exact=True).wait_for(state="attached")
    page.locator("#cs-seek").focus()
    page.keyboard.press("Control+V")
    assert page.locator("#cs-seek").input_value() == "c1@example.org"


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_theme_switch_goes_before_the_system_and_is_remembered(
    window: OpenWindow, inbox: Path, system: str
) -> None:
    page = window(inbox.as_uri(), color_scheme=system).open(f"{inbox.as_uri()}/inbox.html")
    ground = "getComputedStyle(document.body).backgroundColor"
    of_system = page.evaluate(ground)
    for theme in ("Light theme", "Dark theme"):
        page.locator("[data-theme-switch]").click()
        page.get_by_role("button", name=theme).wait_for()
        page.goto(f"{inbox.as_uri()}/index.html")
        assert (page.evaluate(ground) == of_system) == (theme.lower().startswith(system))
    page.locator("[data-theme-switch]").click()
    assert page.get_by_role("button", name="Theme of the system").is_visible()
    assert page.evaluate(ground) == of_system


def test_nothing_moves_while_a_page_loads(window: OpenWindow, sample: Path) -> None:
    one = window(sample.as_uri(), own=True)
    one.page.add_init_script(
        "window.moved = []; new PerformanceObserver(list => list.getEntries().forEach(one => one.sources.forEach("
        "({ node }) => moved.push([one.value, node?.outerHTML?.slice(0, 100) ?? node?.textContent]))))"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    for path in ("index.html", "inbox.html", "inbox/siobhan-orourke.html", "contacts/siobhan-orourke.html"):
        page = one.open(f"{sample.as_uri()}/{path}")
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        # A busy browser may paint in the middle of an element, whose rest then takes its place: next to nothing.
        moved = page.evaluate("moved")
        assert sum(value for value, _ in moved) < 0.01, (path, moved)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_initials_are_readable_on_all_twelve_colours(window: OpenWindow, inbox: Path, theme: str) -> None:
    page = window(inbox.as_uri(), color_scheme=theme).open(f"{inbox.as_uri()}/index.html")
    found = page.evaluate(CONTRASTS)
    assert len(found) == 12
    assert min(found) >= 4.5


# The contrast of each tone's ink on its ground, by pixels, since both are told in oklch().
CONTRASTS = """() => [...Array(12).keys()].map(tone => {
    const span = document.createElement("span");
    span.className = `avatar tone-${tone}`;
    document.body.append(span);
    const { color, backgroundColor } = getComputedStyle(span);
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    const luminance = colour => {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map(v => v / 255)
            .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const [dark, light] = [luminance(color), luminance(backgroundColor)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
})"""
