"""What changed, in a real browser above a real git repository: the list, the pictures, and the commit from the page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.pictures import quarters, saved, textured
from tests.repository import Repository
from tests.serving import Preview, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.browser import Windows

pytest_plugins = ["tests.browser"]

RED = saved(quarters(96, 96), "PNG")
BLUE = saved(textured(96, 96))


@dataclass(frozen=True)
class Bench:
    repository: Repository
    preview: Preview
    page: Page

    def open(self, path: str = "") -> Page:
        with self.page.expect_response(lambda answer: "/_events" in answer.url):
            self.page.goto(self.preview.address + path)
        return self.page

    def panel(self) -> Locator:
        """The open list of what changed."""
        self.open().get_by_role("button", name="Changes").click()
        panel = self.page.get_by_role("dialog", name="What changed")
        panel.get_by_text("Looking").wait_for(state="detached")
        return panel

    def change(self) -> None:
        """Ada gets another title and another picture, of another kind; Cy comes. The site shows it then."""
        self.repository.contact("ada", "title: Poet\n", name="Ada Lovelace")
        self.repository.contact("cy", name="Cy")
        (self.repository.root / "avatars/ada.png").unlink()
        self.repository.write("avatars/ada.jpg", BLUE)
        self.page.goto(f"{self.preview.address}contacts/ada.html")
        self.page.get_by_text("Poet").wait_for()
        self.page.goto(f"{self.preview.address}index.html")
        self.page.get_by_text("Cy", exact=True).wait_for()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Repository, Preview]]:
    repository = Repository(tmp_path_factory.mktemp("changes") / "site")
    repository.git("config", "user.name", "Mira")
    repository.git("config", "user.email", "m@example.org")
    repository.write(".gitignore", "output/\n.contactsheet/\n")
    repository.settings('rules = {"avatar/alike" = "off", "avatar/small" = "off"}')
    repository.contact("ada", "title: Countess\n", name="Ada Lovelace")
    repository.contact("bob", name="Bob")
    repository.write("avatars/ada.png", RED)
    repository.commit()
    with serving(repository.root) as preview:
        yield repository, preview


@pytest.fixture
def window(windows: Windows) -> Iterator[Page]:
    from tests.browser import faultless

    with faultless(windows, permissions=["clipboard-read"]) as page:
        yield page


@pytest.fixture
def bench(served: tuple[Repository, Preview], window: Page) -> Iterator[Bench]:
    from tests.browser import leave

    repository, preview = served
    first = repository.git("rev-list", "--max-parents=0", "HEAD").strip()
    yield Bench(repository, preview, window)
    leave(window)
    repository.git("reset", "--quiet", "--hard", first)
    repository.git("clean", "--quiet", "--force", "-d", "contacts", "avatars")
    shutil.rmtree(repository.root / ".git/hooks", ignore_errors=True)
    assert preview.post("/_edit/unmerge/bob", [("x", "")]).status == 200  # after what waits its turn


def test_where_nothing_differs_the_button_has_no_count_and_the_list_says_so(bench: Bench) -> None:
    panel = bench.panel()
    assert panel.get_by_text("Nothing differs from the last commit.").count() == 1
    assert bench.page.locator(".csp-count").is_hidden()


def test_what_differs_is_listed_by_contact_with_the_pictures_before_and_now(bench: Bench) -> None:
    bench.change()
    page = bench.open()
    page.get_by_role("button", name="Changes: 4 files differ from the last commit").wait_for()
    panel = bench.panel()
    ada, cy = panel.locator(".csp-change").all()
    assert (
        ada.get_by_role("link", name="Ada Lovelace").get_attribute("href")
        == f"{bench.preview.address}contacts/ada.html"
    )
    assert "Change the title of Ada Lovelace, replace the picture" in ada.inner_text()
    files = [line.split() for line in ada.locator(".csp-files").inner_text().splitlines() if line]
    assert sorted(files) == [
        ["changed", "contacts/ada.yaml"],
        ["new", "avatars/ada.jpg"],
        ["removed", "avatars/ada.png"],
    ]
    images = ada.locator("img")
    page.wait_for_function("() => [...document.querySelectorAll('.csp-change img')].every(one => one.naturalWidth)")
    assert images.evaluate_all("all => all.map(one => one.naturalWidth)") == [512, 512]
    assert "_changes/before/avatars/ada.png" in str(images.first.get_attribute("src"))
    assert "Add Cy" in cy.inner_text()


def test_a_commit_is_made_with_the_message_that_is_proposed(bench: Bench) -> None:
    bench.change()
    panel = bench.panel()
    message = "Change the title of Ada Lovelace, replace the picture, add Cy"
    assert panel.get_by_label("Message").input_value() == message
    bench.repository.write("README.md", "not a source")
    panel.get_by_role("button", name="Commit to main").click()
    panel.get_by_text("Committed as").wait_for()
    assert bench.repository.git("log", "-1", "--format=%an: %s").strip() == f"Mira: {message}"
    assert bench.repository.git("status", "--porcelain").strip() == "?? README.md"
    assert panel.get_by_text("Nothing differs from the last commit.").count() == 1
    panel.get_by_role("button", name="Close").click()
    bench.page.locator(".csp-count").wait_for(state="hidden")
    (bench.repository.root / "README.md").unlink()


def test_what_a_hook_says_is_shown_and_nothing_is_committed(bench: Bench) -> None:
    hook = bench.repository.write(".git/hooks/pre-commit", "#!/bin/sh\necho '<b>No</b> titles.'\nexit 1\n")
    hook.chmod(0o755)
    bench.repository.contact("bob", name="Robert")
    panel = bench.panel()
    panel.get_by_role("button", name="Commit to main").click()
    panel.get_by_text("<b>No</b> titles.").wait_for()
    panel.get_by_label("Message").fill("")
    panel.get_by_role("button", name="Commit to main").click()
    panel.get_by_text("Write what was done.").wait_for()
    assert bench.repository.git("rev-list", "--count", "HEAD").strip() == "1"


def test_the_commands_can_be_copied(bench: Bench) -> None:
    bench.repository.contact("bob", name="Robert")
    panel = bench.panel()
    panel.get_by_text("Or in a terminal").click()
    panel.get_by_role("button", name="Copy").click()
    panel.get_by_text("Copied").wait_for()
    copied = bench.page.evaluate("navigator.clipboard.readText()")
    assert copied == "git commit -m 'Change the name of Bob' -- contacts/bob.yaml"


def test_the_count_follows_a_change_that_another_tab_makes(bench: Bench) -> None:
    page = bench.open("contacts/bob.html")
    other = page.context.new_page()
    other.goto(f"{bench.preview.address}contacts/ada.html")
    other.get_by_role("button", name="Edit", exact=True).click()
    other.get_by_label("Title", exact=True).fill("Poet")
    other.get_by_role("button", name="Save").click()
    other.get_by_text("Saved in").wait_for()
    page.get_by_role("button", name="Changes: 1 file differs from the last commit").wait_for()
    other.close()


def test_without_a_repository_the_list_says_so(bench: Bench) -> None:
    git, away = bench.repository.root / ".git", bench.repository.root / ".git-away"
    git.rename(away)
    try:
        assert bench.panel().get_by_text("These contacts are in no git repository").count() == 1
    finally:
        away.rename(git)


def test_a_repository_that_is_broken_is_told_as_git_says_it(bench: Bench) -> None:
    head = bench.repository.root / ".git/HEAD"
    before = head.read_text()
    head.write_text("nonsense")
    try:
        assert bench.panel().get_by_text("not a git repository").count() == 1
    finally:
        head.write_text(before)


def test_on_a_small_phone_nothing_sticks_out(bench: Bench, browser: Browser) -> None:
    bench.change()
    context = browser.new_context(viewport={"width": 320, "height": 700}, color_scheme="dark")
    small = Bench(bench.repository, bench.preview, context.new_page())
    small.panel()
    wide = """() => [document.documentElement, ...document.querySelectorAll(".csp-body")]
        .map(one => one.scrollWidth - one.clientWidth)"""
    assert set(small.page.evaluate(wide)) == {0}
    context.close()
