"""Editing and merging in a real browser: every gesture on a record of the preview, and what it leaves in the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Site
from tests.pictures import quarters, saved, textured
from tests.serving import Preview, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.browser import Windows

pytest_plugins = ["tests.browser"]

ADA = """\
# The first one.
name: Ada Lovelace   # by which she is known
title: "Countess"
company: Acme
emails: [ada@example.org]
notes: |
  Prefers letters.
  Signed.
"""
BOB = "# Bob bakes.\nname: Bob\ntitle: Baker\nphone: +44 20 7946 0958\ntags: [bread]\n"


@dataclass(frozen=True)
class Bench:
    site: Site
    preview: Preview
    page: Page

    def open(self, contact_id: str) -> Page:
        """A record's page that listens already."""
        with self.page.expect_response(lambda answer: "/_events" in answer.url):
            self.page.goto(f"{self.preview.address}contacts/{contact_id}.html")
        return self.page

    def edit(self, contact_id: str) -> Locator:
        """The open form of a record."""
        self.open(contact_id).get_by_role("button", name="Edit", exact=True).click()
        form = self.page.get_by_role("dialog")
        form.get_by_label("Name", exact=True).wait_for()
        return form

    def save(self, form: Locator) -> None:
        """Saves, and waits for the page that shows it."""
        form.get_by_role("button", name="Save").click()
        self.page.get_by_text("Saved in").wait_for()

    def text(self, contact_id: str) -> str:
        return (self.site.root / f"contacts/{contact_id}.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Preview]]:
    site = Site(tmp_path_factory.mktemp("edit") / "site")
    site.settings('rules = {"avatar/alike" = "off", "avatar/small" = "off"}')
    site.contact("ada", ADA)
    site.contact("bob", BOB)
    site.contact("team/cy", "birthday: 2000-01-02\nmerge_into: ada\n", name="Cy")
    site.contact("dee", name="Dee")
    site.write("avatars/ada.png", saved(quarters(96, 96), "PNG"))
    site.write("avatars/bob.png", saved(textured(96, 96), "PNG"))
    with serving(site.root) as preview:
        yield site, preview


@pytest.fixture
def window(windows: Windows) -> Iterator[Page]:
    from tests.browser import faultless

    with faultless(windows) as page:
        yield page


@pytest.fixture
def bench(served: tuple[Site, Preview], window: Page) -> Bench:
    site, preview = served
    for contact_id, text in (("ada", ADA), ("bob", BOB), ("dee", "name: Dee\n")):
        if (site.root / f"contacts/{contact_id}.yaml").read_text(encoding="utf-8") != text:
            site.contact(contact_id, text)
    answer = preview.post("/_edit/unmerge/dee", [("x", "")])  # what waits its turn before this is done then
    assert answer.status == 200
    return Bench(site, preview, window)


# --- editing ---------------------------------------------------------------------------------------------------------


def test_a_field_is_changed_in_the_form_and_the_file_changes_there_alone(bench: Bench) -> None:
    form = bench.edit("ada")
    form.get_by_label("Title", exact=True).fill("Mathematician")
    bench.save(form)
    assert "Mathematician" in bench.page.locator(".page-head").inner_text()
    assert bench.text("ada") == ADA.replace('"Countess"', "Mathematician")


def test_the_pencil_beside_a_field_leads_to_it_by_keyboard(bench: Bench) -> None:
    page = bench.open("ada")
    pencil = page.get_by_role("button", name="Edit: Notes")
    pencil.focus()
    assert pencil.evaluate("one => getComputedStyle(one).opacity") == "1"
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.localName === 'textarea'")
    page.keyboard.press("Control+End")
    page.keyboard.type("\nTwice.")
    bench.save(page.get_by_role("dialog"))
    assert bench.text("ada") == f"{ADA}  Twice.\n"


def test_every_kind_of_field_can_be_filled(bench: Bench) -> None:
    form = bench.edit("dee")
    form.get_by_label("E-mail: label").fill("work")
    form.get_by_label("E-mail: E-mail").fill("dee@example.org")
    form.get_by_role("button", name="Add another: E-mail").click()
    bench.page.keyboard.press("Tab")
    bench.page.keyboard.type("d@example.net")
    form.get_by_label("Birthday").fill("1990-02-03")
    form.get_by_label("Time zone").fill("Europe/London")
    form.get_by_label("Tags").fill("vip, print")
    form.get_by_label("Do not disturb").fill("sms")
    form.get_by_label("Custom field: name").fill("Account")
    form.get_by_label("Custom field: value").fill("007")
    form.get_by_label("Star on the conversation").check()
    bench.save(form)
    assert bench.text("dee") == (
        "name: Dee\nemails:\n  - label: work\n    value: dee@example.org\n  - d@example.net\n"
        "birthday: 1990-02-03\ntime_zone: Europe/London\ntags: [vip, print]\ndo_not_disturb: [sms]\n"
        'fields:\n  Account: "007"\nstarred: true\n'
    )


def test_what_is_refused_is_told_at_its_field_and_stays_typed(bench: Bench) -> None:
    form = bench.edit("ada")
    address = form.get_by_label("E-mail: E-mail")
    address.fill("nonsense")
    form.get_by_role("button", name="Save").click()
    field = form.locator("[data-field=emails]")
    field.get_by_text("is not an e-mail address").wait_for()
    assert address.evaluate("one => one === document.activeElement && one.getAttribute('aria-invalid')") == "true"
    assert address.input_value() == "nonsense"
    assert bench.text("ada") == ADA


def test_what_came_into_the_file_meanwhile_is_shown_and_not_written_over(bench: Bench) -> None:
    form = bench.edit("ada")
    form.get_by_label("Title", exact=True).fill("Poet")
    bench.site.contact("ada", ADA.replace("Countess", "Writer").replace("Acme", "Engines"))
    form.get_by_role("button", name="Save").click()
    form.get_by_text("In the file now: Writer").wait_for()
    assert form.get_by_label("Company").input_value() == "Engines"
    assert form.get_by_label("Title", exact=True).input_value() == "Poet"
    assert "Writer" in bench.text("ada")
    bench.save(form)
    assert bench.text("ada") == ADA.replace('"Countess"', "Poet").replace("Acme", "Engines")


def test_what_is_typed_is_not_thrown_away_by_escape(bench: Bench) -> None:
    form = bench.edit("ada")
    form.get_by_label("Title", exact=True).fill("Poet")
    bench.page.keyboard.press("Escape")
    form.get_by_text("There are changes that are not saved").wait_for()
    form.get_by_role("button", name="Discard them").click()
    form.wait_for(state="detached")
    assert bench.text("ada") == ADA


def test_a_value_of_another_record_is_edited_there(bench: Bench) -> None:
    form = bench.edit("ada")
    birthday = form.locator("[data-field=birthday]")
    assert "contacts/team/cy.yaml" in birthday.inner_text()
    birthday.get_by_role("button", name="Edit that record").click()
    other = bench.page.get_by_role("dialog", name="Edit Cy")
    other.get_by_text("This record is part of Ada Lovelace").wait_for()
    other.get_by_label("Birthday").fill("2001-01-02")
    bench.save(other)
    assert "birthday: 2001-01-02\n" in bench.text("team/cy")
    bench.page.get_by_text("2 Jan 2001").wait_for()


def test_a_change_in_one_tab_shows_in_the_other(bench: Bench) -> None:
    other = bench.page.context.new_page()
    with other.expect_response(lambda answer: "/_events" in answer.url):
        other.goto(f"{bench.preview.address}contacts/ada.html")
    bench.page.bring_to_front()
    form = bench.edit("ada")
    form.get_by_label("Title", exact=True).fill("Seen in both")
    bench.save(form)
    other.get_by_text("Seen in both").wait_for()
    other.close()


# --- merging ---------------------------------------------------------------------------------------------------------


def merging(bench: Bench) -> Locator:
    """The dialog that shows what becomes of Bob in Ada, found by typing."""
    page = bench.open("bob")
    page.get_by_role("button", name="Merge into…").click()
    page.keyboard.type("lovel")
    page.locator("[data-into=ada]").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Merge Bob into Ada Lovelace")
    dialog.locator("table").wait_for()
    return dialog


def test_a_merge_shows_what_stays_what_is_added_and_what_loses(bench: Bench) -> None:
    dialog = merging(bench)
    row = dialog.locator("[data-row=title]")
    assert row.locator(".csp-stays").inner_text() == "Countess"
    assert "Baker" in row.locator(".csp-loses").inner_text()
    assert "+44 20 7946 0958" in dialog.locator("[data-row=phones] .csp-stays").inner_text()
    pictures = dialog.locator(".csp-portrait img")
    assert pictures.evaluate_all("all => all.map(one => one.complete && one.naturalWidth)") == [512, 512]
    assert dialog.locator(".csp-chosen").get_attribute("data-side") == "joining"
    dialog.locator("[data-side=own]").click()
    dialog.locator(".csp-chosen[data-side=own]").wait_for()
    assert bench.text("bob") == BOB


def test_a_merge_is_decided_and_read_by_keyboard_alone(bench: Bench) -> None:
    """The choice of the picture keeps the focus, and a text that is longer than its cell scrolls."""
    bench.site.contact("bob", f"{BOB}notes: {'word ' * 500}\n")
    dialog = merging(bench)
    dialog.get_by_role("radio").nth(1).focus()
    bench.page.keyboard.press("ArrowUp")
    dialog.locator(".csp-chosen[data-side=own]").wait_for()
    assert dialog.get_by_role("radio").first.evaluate("radio => radio === document.activeElement")
    notes = dialog.locator("[data-row=notes] td > span").filter(has_text="word")
    notes.focus()
    bench.page.keyboard.press("ArrowDown")
    bench.page.wait_for_function("() => document.activeElement.scrollTop > 0")


def test_who_is_the_same_by_an_address_comes_first(bench: Bench) -> None:
    bench.site.contact("dee", "email: ada@example.org\n", name="Dee")
    page = bench.open("dee")
    page.get_by_role("button", name="Merge into…").click()
    first = page.locator(".csp-choices li").first
    first.locator(".csp-kind").wait_for()
    assert "Ada Lovelace" in first.inner_text()


def test_a_merge_is_made_as_it_was_decided_and_undone_at_once(bench: Bench) -> None:
    dialog = merging(bench)
    dialog.get_by_label("Title: what happens").select_option(label="Take the new one")
    dialog.locator("[data-row=title] .csp-loses", has_text="Countess").wait_for()
    dialog.get_by_role("button", name="Merge").click()
    bench.page.wait_for_url("**/contacts/ada.html")
    assert bench.text("bob") == f"{BOB}merge_into:\n  contact: ada\n  take: [title]\n  keep: [name]\n"
    assert "Baker" in bench.page.locator(".page-head").inner_text()
    bench.page.get_by_role("button", name="Undo", exact=True).click()
    bench.page.get_by_text("The merge is undone").wait_for()
    assert bench.text("bob") == BOB


def test_a_merge_is_undone_on_the_page_of_the_contact_that_survived(bench: Bench) -> None:
    bench.site.contact("bob", f"{BOB}merge_into: ada\n")
    page = bench.open("ada")
    section = page.locator("[data-merged=bob]")
    section.get_by_role("button", name="Undo merge").click()
    section.wait_for(state="detached")
    assert bench.text("bob") == BOB
    assert bench.preview.ask("/contacts/bob.html").text.count("Baker")


def test_a_merge_that_check_refuses_cannot_be_made(bench: Bench) -> None:
    page = bench.open("bob")
    page.get_by_role("button", name="Merge into…").click()
    choice = page.locator("[data-into=dee]")
    choice.wait_for()
    bench.site.contact("dee", "merge_into: bob\n", name="Dee")
    choice.click()
    page.get_by_text("2 records merge into each other in a circle").wait_for()
    assert page.get_by_role("dialog").get_by_role("button", name="Merge", exact=True).is_disabled()


# --- besides ---------------------------------------------------------------------------------------------------------


def test_nothing_of_it_is_part_of_the_site(bench: Bench) -> None:
    pages = [path.read_text(encoding="utf-8") for path in bench.site.output.rglob("*.html")]
    assert pages
    assert not [page for page in pages if "_preview" in page or "csrf-token" in page or "_edit" in page]


def test_on_a_phone_nothing_sticks_out(bench: Bench, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    small = Bench(bench.site, bench.preview, context.new_page())
    wide = """() => [document.documentElement, ...document.querySelectorAll(".csp-body")]
        .map(one => one.scrollWidth - one.clientWidth)"""
    small.edit("ada")
    assert set(small.page.evaluate(wide)) == {0}
    merging(small)
    assert set(small.page.evaluate(wide)) == {0}
    context.close()
