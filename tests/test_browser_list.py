"""The contact list in a real browser: search, filters, order, letters and keys, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contactsheet import search
from contactsheet.folding import fold, numbers, words
from tests.conftest import Site
from tests.pictures import quarters, saved

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser import OpenWindow, Window

pytest_plugins = ["tests.browser"]

HOSTILE = '</script><img src=x onerror=alert(1)>"\u2028\u202e'
CELLS = """rows => rows.map(row => {
    const copy = row.cloneNode(true);
    copy.querySelector(".letter")?.remove();
    const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
    const blank = [];
    while (walker.nextNode()) if (!walker.currentNode.data.trim()) blank.push(walker.currentNode);
    blank.forEach(one => one.remove());
    copy.normalize();
    return copy.outerHTML.replace(/\\s*\\n\\s*/g, "");
})"""
SPECIAL = {
    "siobhan": (
        "Siobhán O'Rourke",
        "company: The Copper Kettle\ntags: [Key account, print, local]\nowner: Mira\ntype: customer",
    ),
    "chen": (
        "陈晓薇",
        "family_name: 陈\nowner: Priya\ntype: customer\nemail: {value: xiaowei@litwindow.example.org, label: office}",
    ),
    "noam": ("נועם לוי", "tags: [print]\nowner: Priya\nphone: +972 2 563 0000"),
    "park": ("박민준", "family_name: 박"),
    "lodz": (
        "Łukasz Żółć",
        "phones: [+44 20 7946 0018, +1 212 555 0178]\nemail: Łukasz@example.org\ntags: [a, b, c, d]",
    ),
    "hostile": (HOSTILE.replace("\u2028", " "), f"company: {HOSTILE!r}"),
    "bare": ("Bare", ""),
    "long": ("x" * 200, "tags: [" + ", ".join(f"t{n}" for n in range(500)) + "]"),
    "talker": (
        "Zora Talker",
        "title: Speaker\nmessages: {at: 2026-11-20T09:30:00Z, from: contact, text: Hello}\nfields: {Account: A-17}",
    ),
    "earlier": (
        "Earl Early",
        "messages:\n  - {at: 2025-01-02T09:30:00Z, from: contact, text: Hello}\nfields: {Account: A-3}",
    ),
}


def populate(site: Site) -> None:
    """Some contacts that are special, and 120 that are alike."""
    for contact_id, (name, text) in SPECIAL.items():
        site.contact(contact_id, f"name: {name!r}\n{text}" if "'" not in name else f'name: "{name}"\n{text}')
    for number in range(120):
        letter = chr(ord("A") + number % 13)
        site.contact(
            f"team/p{number:03}",
            f"company: Company {number:03}\nemail: p{number}@example.org\nowner: {('Mira', 'Jonas')[number % 2]}\n"
            f"type: lead\ntags: [everyone, number {number % 40}]",
            name=f"Pat {letter}son {number:03}",
        )
    site.write("avatars/siobhan.png", saved(quarters(64, 64), "PNG"))
    site.settings(
        'contacts_per_page = 25\ncolumns = ["company", "title", "email", "phone", "type", "tags", "owner", '
        '"fields.Account", "last_activity"]'
    )


def built(folder: Path) -> Path:
    site = Site(folder)
    populate(site)
    outcome = site.build()
    assert outcome.published, outcome.problems
    return site.output


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose search loads all rows."""
    return built(tmp_path_factory.mktemp("small") / "site")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same contacts on a site whose index is cut as that of a hundred thousand is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "WHOLE", 20)
        patch.setattr(search, "SORTABLE", 60)
        patch.setattr(search, "FILE_BYTES", 1500)
        patch.setattr(search, "_PREVIEW", 3)
        yield built(tmp_path_factory.mktemp("large") / "site")


@pytest.fixture(params=["small", "large"])
def site(request: pytest.FixtureRequest) -> Path:
    """The one and the other."""
    found: Path = request.getfixturevalue(request.param)
    return found


def at(window: OpenWindow, site: Path, path: str = "index.html", **options: Any) -> Window:
    one = window(site.as_uri(), **options)
    one.open(f"{site.as_uri()}/{path}")
    return one


def shown(page: Page) -> list[str]:
    """The IDs of the rows one sees."""
    found: list[str] = page.locator("#cs-list tbody tr[data-contact]:visible").evaluate_all(
        "rows => rows.map(row => row.dataset.contact)"
    )
    return found


def ready(page: Page, text: str) -> None:
    """Waits for what is sought, and until the count says so."""
    page.wait_for_function(
        """text => !document.getElementById("cs-list").hasAttribute("aria-busy")
            && document.getElementById("cs-count").textContent === text""",
        arg=text,
    )


def sought(page: Page, text: str, count: str) -> list[str]:
    page.fill("#cs-find", text)
    ready(page, count)
    return shown(page)


# --- search ----------------------------------------------------------------------------------------------------------


def test_one_finds_as_one_types_by_what_one_knows(window: OpenWindow, site: Path) -> None:
    one = at(window, site)
    for text, found in [
        ("siobhan", ["siobhan"]),
        ("SIOBHÁN", ["siobhan"]),
        ("o'rourke", ["siobhan"]),
        ("orour", ["siobhan"]),
        ("copper ket", ["siobhan"]),
        ("key acc", ["siobhan"]),
        ("陈", ["chen"]),
        ("晓薇", ["chen"]),
        ("xiaowei@litw", ["chen"]),
        ("נוע", ["noam"]),
        ("민", ["park"]),
        ("lukasz", ["lodz"]),
        ("zolc", ["lodz"]),
        ("020 7946 00", ["lodz"]),
        ("02079460018", ["lodz"]),
        ("+44 20 7946", ["lodz"]),
        ("442079", ["lodz"]),
        ("7946 0018", ["lodz"]),
        ("555 0178", ["lodz"]),
        ("onerror", ["hostile"]),
        ("pat ason 117", ["team/p117"]),
        ("x" * 30, ["long"]),
        ("t499", ["long"]),
    ]:
        assert sought(one.page, text, f"{len(found)} of 130") == found, text
    for text in ("zzz", "siobhan zzz", "sio bhan"):
        assert sought(one.page, text, "0 of 130") == [], text
    assert one.page.locator("#cs-none").is_visible()
    assert one.complaints == []


def test_the_index_loads_only_when_it_is_used_and_then_little_of_it(window: OpenWindow, large: Path) -> None:
    one = window(large.as_uri())
    asked: list[str] = []
    one.page.on("request", lambda request: asked.append(request.url) if "/search/" in request.url else None)
    page = one.open(f"{large.as_uri()}/index.html")
    assert asked == []
    sought(page, "siobhan", "1 of 130")
    assert len(asked) == 2
    assert len(list((large / "search").rglob("*.js"))) > 100


def test_more_than_fits_is_shown_step_by_step(window: OpenWindow, site: Path) -> None:
    page = at(window, site).page
    page.fill("#cs-find", "pat")
    page.wait_for_selector("#cs-more:visible")
    assert re.fullmatch(r"(120|\d+ or more) of 130", page.inner_text("#cs-count"))
    while page.locator("#cs-more").is_visible():
        before = len(shown(page))
        page.click("#cs-more")
        page.wait_for_function(
            "n => document.querySelectorAll('.found tr').length > n || document.getElementById('cs-more').hidden",
            arg=before,
        )
    assert len(set(shown(page))) == len(shown(page)) == 120
    assert page.inner_text("#cs-count") == "120 of 130"


def test_rows_that_are_found_look_exactly_like_those_of_the_page(window: OpenWindow, small: Path, sample: Path) -> None:
    for site, count in ((sample, "24 of 24"), (small, "130 of 130")):
        one = at(window, site)
        ours = one.page.locator("#cs-list tbody tr[data-contact]").evaluate_all(CELLS)
        one.open(f"{site.as_uri()}/index.html#sort=name")
        one.page.reload()
        ready(one.page, count)
        found = one.page.locator(".found tr").evaluate_all(CELLS)
        assert found[: len(ours)] == ours
        assert one.complaints == []


def test_the_pages_below_find_the_same_and_link_from_where_they_are(window: OpenWindow, small: Path) -> None:
    one = at(window, small, "pages/contacts-2.html")
    assert sought(one.page, "siobhan", "1 of 130") == ["siobhan"]
    assert one.page.locator(".found img").evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 96
    one.page.click(".found a.name")
    one.page.wait_for_url("**/contacts/siobhan.html")
    assert one.complaints == []


def test_scripts_and_program_read_words_alike(window: OpenWindow, small: Path) -> None:
    texts = [
        "Siobhán O'Rourke", "O’Rourke", "Łódź Ørsted Þór", "STRASSE Straße ẞ", "İstanbul ılık", "Ὀδυσσεύς ΟΔΥΣΣΕΥΣ",
        "Семён Йод",
        "أحمد مُحَمَّد", "ﬁle Ｗｉｄｅ", "٠٢٠ ۹ ९", "शर्मा", "สมชาย ใจดี", "陈晓薇", "ガギグ ｶﾞ", "박민준",
        "ada@example.org", "Agent 007",
        "a\u200db", "👩‍💻 x", "ǅ ŉ ﬀ", "Đặng", "မြန်မာ", "'quoted'", "it's'", "x" * 200, "𝒜da", "ᾳ", "½ ²",
    ]  # fmt: skip
    page = at(window, small).page
    found = page.evaluate(
        "texts => texts.map(text => [contactsheet.search.fold(text), [...contactsheet.search.words(text)].sort()])",
        texts,
    )
    expected = [[fold(text), sorted(words(text), key=lambda word: word.encode("utf-16-be"))] for text in texts]
    assert found == expected
    phones = ["+44 20 7946 0018", "020 7946", "+1 212-555-0178 ext. 12", "0", "1 " * 20]
    assert page.evaluate("all => all.map(contactsheet.search.numbers)", phones) == [
        list(numbers(one)) for one in phones
    ]


# --- filters, order, address -----------------------------------------------------------------------------------------


def choose(page: Page, kind: str, value: str) -> None:
    page.locator(f'.choice[data-kind="{kind}"][data-value="{value}"]').click()


def test_one_filters_by_tag_type_owner_and_picture(window: OpenWindow, site: Path) -> None:
    one = at(window, site)
    page = one.page
    page.click("#cs-choices")
    page.wait_for_selector(".choice")
    owners = page.locator('.choice[data-kind="owner"]').all_text_contents()
    assert owners == ["Mira 61", "Jonas 60", "Priya 2"]
    choose(page, "owner", "Priya")
    ready(page, "2 of 130")
    choose(page, "type", "customer")
    ready(page, "1 of 130")
    assert shown(page) == ["chen"]
    choose(page, "owner", "Priya")
    ready(page, "2 of 130")
    page.locator(".chosen-filter").click()
    ready(page, "1–25 of 130")
    page.get_by_role("button", name=re.compile("^All")).click()
    choose(page, "tag", "number 7")
    choose(page, "tag", "everyone")
    ready(page, "3 of 130")
    assert sought(page, "087", "1 of 130") == ["team/p087"]
    page.fill("#cs-find", "")
    page.locator(".chosen-filter").first.click()
    page.locator(".chosen-filter").first.click()
    ready(page, "1–25 of 130")
    choose(page, "bare", "")
    assert sought(page, "siobhan", "0 of 130") == []
    assert sought(page, "lukasz", "1 of 130") == ["lodz"]
    assert one.complaints == []


def test_a_click_on_a_heading_sorts_all_contacts_and_says_so(window: OpenWindow, small: Path) -> None:
    page = at(window, small).page
    heading = page.get_by_role("columnheader", name="Last activity")
    heading.get_by_role("button").click()
    ready(page, "130 of 130")
    assert shown(page)[:2] == ["talker", "earlier"]
    assert heading.get_attribute("aria-sort") == "descending"
    heading.get_by_role("button").click()
    page.wait_for_function("() => document.querySelector('.found tr').dataset.contact === 'earlier'")
    heading.get_by_role("button").click()
    ready(page, "1–25 of 130")
    assert heading.get_attribute("aria-sort") is None
    page.get_by_role("columnheader", name="Account").get_by_role("button").click()
    page.wait_for_function("() => document.querySelector('.found tr')?.dataset.contact === 'earlier'")
    assert shown(page)[:2] == ["earlier", "talker"]


def test_where_not_all_can_be_sorted_the_page_says_what_is(window: OpenWindow, large: Path) -> None:
    page = at(window, large).page
    page.get_by_role("columnheader", name="Last activity").get_by_role("button").click()
    page.wait_for_selector("#cs-note:visible")
    assert shown(page) == ["talker", "earlier"]
    assert page.inner_text("#cs-note").startswith("The 2 with the latest activity.")
    page.get_by_role("columnheader", name="E-mail").get_by_role("button").click()
    page.wait_for_function("() => document.getElementById('cs-note').textContent.includes('not all')")
    assert sought(page, "ason", "10 of 130")[:3] == ["team/p000", "team/p013", "team/p026"]
    assert page.locator("#cs-note").is_hidden()


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_the_way_back_leads_through_the_searches(window: OpenWindow, small: Path, served: Any, scheme: str) -> None:
    base = small.as_uri() + "/" if scheme == "file" else served(small)
    one = window(base)
    page = one.open(f"{base}index.html")
    page.type("#cs-find", "siobhan", delay=5)
    ready(page, "1 of 130")
    assert page.url == f"{base}index.html#q=siobhan"
    page.click(".found a.name")
    page.wait_for_url("**/contacts/siobhan.html")
    page.go_back()
    ready(page, "1 of 130")
    assert page.input_value("#cs-find") == "siobhan"
    page.go_back()
    ready(page, "1–25 of 130")
    assert page.input_value("#cs-find") == ""
    assert len(shown(page)) == 25
    page.go_forward()
    ready(page, "1 of 130")
    one.open(f"{base}pages/contacts-2.html#tag=Key+account&tag=print&owner=Mira")
    ready(page, "1 of 130")
    assert page.locator(".chosen-filter bdi").all_inner_texts() == ["Mira", "Key account", "print"]
    assert one.complaints == []


# --- keys ------------------------------------------------------------------------------------------------------------

FOCUSED = "document.activeElement.closest('tr')?.dataset.contact ?? document.activeElement.id"


def test_keys_move_search_open_and_leave(window: OpenWindow, small: Path) -> None:
    page = at(window, small).page
    order = shown(page)
    for key, focused in [
        ("j", order[0]),
        ("j", order[1]),
        ("j", order[2]),
        ("k", order[1]),
        ("k", order[0]),
        ("k", order[0]),
    ]:
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == focused
    outline = page.evaluate("getComputedStyle(document.activeElement, '::after').outlineStyle")
    assert outline == "solid"
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED) == "cs-find"
    page.keyboard.type("jk?/zora")
    assert page.input_value("#cs-find") == "jk?/zora"
    assert not page.locator("dialog[open]").count()
    page.keyboard.press("Escape")
    ready(page, "1–25 of 130")
    page.keyboard.type("zora")
    ready(page, "1 of 130")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "talker"
    page.keyboard.press("Escape")
    ready(page, "1–25 of 130")
    page.keyboard.press("?")
    assert page.locator("dialog[open] dt").all_inner_texts() == ["j", "k", "Enter", "/", "Esc", "?"]
    page.keyboard.press("j")
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    for modifier in ("Control", "Alt", "Meta"):
        page.keyboard.press(f"{modifier}+j")
        assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/**")


def test_the_focused_row_is_never_behind_what_stays_in_place(window: OpenWindow, small: Path) -> None:
    page = at(window, small).page
    places = """() => {
        const row = document.activeElement.closest("tr").getBoundingClientRect();
        const head = document.querySelector("thead th").getBoundingClientRect();
        return row.top >= head.bottom - 1 && row.bottom <= innerHeight + 1;
    }"""
    for key, further in (("j", 24), ("k", 23)):
        for _ in range(further):
            page.keyboard.press(key)
            assert page.evaluate(places)
        assert key == "k" or page.evaluate("scrollY > 0"), "the page has to be longer than the window"


# --- without scripts, narrow, on paper -------------------------------------------------------------------------------


def test_without_scripts_there_are_pages_and_letters_and_no_dead_controls(window: OpenWindow, small: Path) -> None:
    one = at(window, small, java_script_enabled=False)
    page = one.page
    assert page.locator("main button:visible, main input:visible").count() == 0
    assert page.inner_text("#cs-count") == "1–25 of 130"
    for letter, path in (("Z", "pages/contacts-6.html"), ("陈", "pages/contacts-6.html"), ("#", "index.html")):
        one.open(f"{small.as_uri()}/index.html")
        page.locator("nav.letters a", has_text=re.compile(f"^{letter}$")).click()
        assert page.url.split("#")[0].endswith(path)
        group = page.locator("tbody:target")
        assert group.locator("th.letter").first.inner_text() == letter
        box = group.bounding_box()
        assert box is not None
        assert 0 < box["y"] < 800
    assert one.complaints == []


def test_nothing_is_wider_than_the_window_whatever_is_open(window: OpenWindow, small: Path) -> None:
    page = at(window, small, viewport={"width": 320, "height": 800}).page
    page.click("#cs-choices")
    page.get_by_role("button", name=re.compile("^All")).click()
    choose(page, "tag", "t7")
    ready(page, "1 of 130")
    for width in (320, 1280, 3840):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
        controls = page.locator("main :is(button, input):visible, nav.letters a:visible")
        boxes = controls.evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
        assert len(boxes) > 40
        for box in boxes:
            assert box["height"] >= 16
            assert box["x"] >= 0


def test_nothing_moves_when_the_scripts_come_and_little_when_results_do(window: OpenWindow, small: Path) -> None:
    still = at(window, small, java_script_enabled=False).page.locator("thead th.email").bounding_box()
    page = at(window, small, own=True).page
    before = page.locator("thead th.email").bounding_box()
    assert before is not None
    assert still is not None
    assert (before["x"], before["width"], before["height"]) == (still["x"], still["width"], still["height"])
    shift = page.evaluate("performance.getEntriesByType('layout-shift').reduce((sum, one) => sum + one.value, 0)")
    assert shift == 0


def test_the_list_prints_without_its_controls(window: OpenWindow, small: Path) -> None:
    page = at(window, small).page
    page.emulate_media(media="print")
    assert page.locator("main :is(input, button):visible, nav.letters:visible").count() == 0
    assert page.locator("tr[data-contact]:visible").count() == 25


def test_a_site_without_contacts_has_nothing_to_search(window: OpenWindow, tmp_path: Path) -> None:
    site = Site(tmp_path / "none")
    assert site.build().published
    one = at(window, site.output)
    assert one.page.locator("main input").count() == 0
    assert one.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_open_filters_and_the_results(window: OpenWindow, small: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="not on this system: axe-core")
    one = window("", reduced_motion="reduce", color_scheme=scheme, viewport={"width": 320, "height": 700})
    page = one.open(f"{small.as_uri()}/index.html#q=a&tag=print&sort=company")
    page.wait_for_selector(".found")
    page.click("#cs-choices")
    page.wait_for_selector(".choice")
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'], preload: false })")
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]] == []
