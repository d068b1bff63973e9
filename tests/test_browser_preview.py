"""The preview in a real browser: the page follows the files, shows what is wrong, and its changes are files."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Site
from tests.pictures import quarters, saved, textured
from tests.serving import Preview, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser import Windows

pytest_plugins = ["tests.browser"]

JPEG = saved(quarters(512, 512))
OTHER = saved(textured(512, 512), "PNG")
# An answer that is not there any more after the page was loaded anew.
MARKED = "document.body.dataset.mark = 'same'"
IS_MARKED = "document.body.dataset.mark === 'same'"
MESSAGE = "messages:\n  - {at: 2026-11-20T09:30:00Z, from: contact, text: Hello}\n"


@dataclass(frozen=True)
class Bench:
    site: Site
    preview: Preview
    page: Page

    def open(self, path: str = "") -> Page:
        """A page that listens already, marked so that a reload shows."""
        with self.page.expect_response(lambda answer: "/_events" in answer.url):
            self.page.goto(self.preview.address + path)
        self.page.evaluate(MARKED)
        return self.page

    def settled(self) -> None:
        """Waits until all builds that were asked for are over: the next answer to a change comes after them."""
        answer = self.preview.post("/_edit/avatar/ada", [("fit", "cover")])
        assert answer.status == 200, answer.text


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Preview]]:
    site = Site(tmp_path_factory.mktemp("preview") / "site")
    site.settings('rules = {"avatar/alike" = "off"}')
    site.contact("ada", MESSAGE, name="Ada Lovelace")
    site.contact("bob", name="Bob")
    for number in range(40):
        site.contact(f"c{number:02}", name=f"Contact {number:02}")
    site.write("avatars/ada.jpg", JPEG)
    with serving(site.root) as preview:
        yield site, preview


@pytest.fixture
def window(windows: Windows) -> Iterator[Page]:
    with windows.page() as page:
        yield page


@pytest.fixture
def bench(served: tuple[Site, Preview], window: Page) -> Bench:
    return Bench(*served, window)


def test_a_page_shows_what_was_saved_and_the_reader_stays_where_he_was(bench: Bench) -> None:
    page = bench.open()
    page.evaluate("scrollTo(0, 1000)")
    row = page.locator("[data-contact=c20]")
    row.get_by_role("link").first.evaluate("link => link.focus({preventScroll: true})")
    top = row.evaluate("row => row.getBoundingClientRect().top")
    bench.site.contact("bob", name="Robert")  # who stood above, and stands below now
    page.get_by_text("Robert").first.wait_for()
    page.wait_for_function(
        "top => document.activeElement.closest('[data-contact=c20]')?.getBoundingClientRect().top === top", arg=top
    )
    assert not page.evaluate(IS_MARKED)


def test_a_page_that_did_not_change_itself_is_left_alone(bench: Bench) -> None:
    page = bench.open("contacts/c05.html")
    bench.site.contact("c25", "title: Baker\n", name="Contact 25")
    bench.settled()
    other = page.context.new_page()
    other.goto(f"{bench.preview.address}contacts/c25.html")
    assert "Baker" in other.content()
    other.close()
    assert page.evaluate(IS_MARKED)


def test_two_tabs_follow_the_same_change(bench: Bench) -> None:
    page = bench.open()
    with page.context.expect_page() as opened:
        page.evaluate("open('contacts/bob.html')")
    opened.value.wait_for_load_state()
    bench.site.contact("bob", name="Bob of two tabs")
    page.get_by_text("Bob of two tabs").first.wait_for()
    opened.value.get_by_role("heading", name="Bob of two tabs").wait_for()
    opened.value.close()


def test_a_change_of_style_swaps_the_style_sheet_alone(bench: Bench) -> None:
    page = bench.open("contacts/c05.html")
    style = bench.site.write("templates/style.css", "body { background: rgb(1, 2, 3); }")
    page.wait_for_function("() => getComputedStyle(document.body).backgroundColor === 'rgb(1, 2, 3)'")
    assert page.evaluate(IS_MARKED)
    style.unlink()
    page.wait_for_function("() => getComputedStyle(document.body).backgroundColor !== 'rgb(1, 2, 3)'")
    assert page.evaluate(IS_MARKED)


def test_a_new_picture_is_swapped_in_place(bench: Bench) -> None:
    page = bench.open("inbox/ada.html")
    before = page.evaluate("[...document.images].map(one => one.currentSrc)")
    bench.site.write("avatars/ada.jpg", saved(textured(512, 512, seed=7)))
    page.wait_for_function("old => ![...document.images].some(one => old.includes(one.currentSrc))", arg=before)
    page.wait_for_function("() => [...document.images].every(one => one.complete && one.naturalWidth)")
    assert page.evaluate(IS_MARKED)


def test_what_is_wrong_lies_over_the_last_good_page_until_it_is_mended(bench: Bench) -> None:
    page = bench.open("contacts/bob.html")
    bench.site.contact("bob", f"compnay: <img src=x onerror=alert(1)>{'x' * 150}\n", name="Bobby")
    panel = page.get_by_role("alertdialog")
    panel.wait_for()
    for words in ("contacts/bob.yaml:2:1", "compnay: <img src=x onerror=alert(1)>", "Did you mean “company”?"):
        assert words in panel.inner_text()
    assert page.evaluate(IS_MARKED), "the last good page is not there any more"
    assert panel.evaluate("panel => document.activeElement === panel")
    page.set_viewport_size({"width": 320, "height": 700})
    assert panel.locator(".csp-source").evaluate("line => line.scrollWidth <= line.clientWidth")
    page.keyboard.press("Escape")
    assert panel.count() == 0
    page.get_by_role("button", name="1 error").click()
    panel.wait_for()
    bench.site.contact("bob", name="Bobby")
    page.get_by_role("heading", name="Bobby").wait_for()
    assert panel.count() == 0
    assert page.get_by_role("button", name="1 error").count() == 0


def test_warnings_are_a_badge_that_opens_the_list(bench: Bench) -> None:
    page = bench.open()
    orphan = bench.site.write("avatars/nobody.png", OTHER)
    badge = page.get_by_role("button", name="1 warning")
    badge.wait_for()
    assert page.get_by_role("dialog").count() == 0
    badge.click()
    assert "avatars/nobody.png" in page.get_by_role("dialog").inner_text()
    orphan.unlink()
    badge.wait_for(state="detached")


def test_a_broken_template_shows_its_line(bench: Bench) -> None:
    page = bench.open()
    template = bench.site.write("templates/record.html", "line 1\n{% endfor %}\n")
    panel = page.get_by_role("alertdialog")
    panel.wait_for()
    assert "templates/record.html:2" in panel.inner_text()
    template.unlink()
    panel.wait_for(state="detached")


def test_settings_that_cannot_be_read_are_shown(bench: Bench) -> None:
    page = bench.open()
    before = (bench.site.root / "pyproject.toml").read_text()
    bench.site.settings("tilte = 'x'")
    panel = page.get_by_role("alertdialog")
    panel.wait_for()
    assert "tilte" in panel.inner_text()
    bench.site.write("pyproject.toml", before)
    panel.wait_for(state="detached")


def test_a_contact_is_added_in_the_drawer_and_its_page_opens(bench: Bench) -> None:
    page = bench.open()
    page.get_by_role("button", name="Add contact").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name", exact=True).fill("Grace: Hopper")
    drawer.locator("input[type=file]").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": OTHER})
    drawer.get_by_role("button", name="Save contact").click()
    page.wait_for_url("**/contacts/grace-hopper.html")
    page.get_by_role("heading", name="Grace: Hopper").wait_for()
    assert (bench.site.root / "contacts/grace-hopper.yaml").read_text(encoding="utf-8") == 'name: "Grace: Hopper"\n'
    assert (bench.site.root / "avatars/grace-hopper.png").read_bytes() == OTHER


def test_an_open_drawer_and_what_is_typed_in_it_outlive_a_change(bench: Bench) -> None:
    page = bench.open()
    page.get_by_role("button", name="Add contact").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name", exact=True).fill("Half typed")
    bench.site.contact("bob", name="Bobbie")
    page.get_by_text("it is loaded when you close this").wait_for()
    assert drawer.get_by_label("Name", exact=True).input_value() == "Half typed"
    assert page.evaluate(IS_MARKED)
    drawer.get_by_role("button", name="Close", exact=True).click()
    page.get_by_text("Bobbie").first.wait_for()


def test_a_picture_is_replaced_on_the_record_page(bench: Bench) -> None:
    page = bench.open("contacts/ada.html")
    area = page.locator("#cs-picture-area")
    area.locator("input[type=file]").set_input_files({"name": "y.jpg", "mimeType": "image/jpeg", "buffer": OTHER})
    page.get_by_text("PNG, 512 × 512 pixels").first.wait_for()
    assert not (bench.site.root / "avatars/ada.jpg").exists()
    assert (bench.site.root / "avatars/ada.png").read_bytes() == OTHER


def test_a_hidden_tab_lets_its_connection_go_and_misses_nothing(bench: Bench) -> None:
    page = bench.open("contacts/bob.html")
    hidden = "value => { Object.defineProperty(document, 'hidden', {value, configurable: true}); }"
    page.evaluate(hidden, True)
    with page.expect_event("requestfailed", lambda request: "/_events" in request.url):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    bench.site.contact("bob", name="Behind the curtain")
    bench.settled()
    assert page.evaluate(IS_MARKED)
    page.evaluate(hidden, False)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_role("heading", name="Behind the curtain").wait_for()


def test_a_site_that_never_was_built_appears_when_it_is_mended(site: Site, window: Page) -> None:
    site.contact("ada", name="")
    with serving(site.root) as preview:
        window.goto(preview.address)
        assert window.get_by_role("heading", name="There is no site yet").count() == 1
        window.get_by_role("alertdialog").wait_for()
        threading.Timer(0, site.contact, ("ada",), {"name": "Ada Lovelace"}).start()
        window.get_by_text("Ada Lovelace").first.wait_for()
        assert window.get_by_role("alertdialog").count() == 0
        window.close()
