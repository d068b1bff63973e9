"""The picture area in the preview, in a real browser with a git repository below: replace, crop anew, remove, undo."""

from __future__ import annotations

import base64
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Site
from tests.pictures import quarters, saved, textured
from tests.serving import Preview, serving
from tests.test_browser_add import GIVE, MIDDLE, halves

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, ViewportSize

    from tests.browser import Windows

pytest_plugins = ["tests.browser"]

JPEG = saved(quarters(512, 512))
PNG = saved(textured(600, 600), "PNG")
WIDE = halves(1200, 600)
MARKED = "document.body.dataset.mark = 'same'"
IS_MARKED = "document.body.dataset.mark === 'same'"


@dataclass(frozen=True)
class Bench:
    site: Site
    preview: Preview
    page: Page

    def open(self, contact_id: str = "ada") -> Locator:
        """The picture area of a contact, on a page that is marked so that a reload shows."""
        with self.page.expect_response(lambda answer: "/_events" in answer.url):
            self.page.goto(f"{self.preview.address}contacts/{contact_id}.html")
        self.page.evaluate(MARKED)
        return self.page.locator("#cs-picture-area")

    def choose(self, data: bytes) -> None:
        self.page.set_input_files(
            "#cs-picture-area input[type=file]", {"name": "x", "mimeType": "image/png", "buffer": data}
        )

    def pictures(self, contact_id: str = "ada") -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.site.root.glob(f"avatars/{contact_id}.*")}

    def git(self, *arguments: str) -> str:
        return git(self.site.root, *arguments)


def git(root: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    return subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Preview]]:
    site = Site(tmp_path_factory.mktemp("pictures") / "site")
    site.settings('repository = "https://github.com/acme/contacts"\nrules = {"avatar/alike" = "off"}')
    site.contact("ada", "title: Countess # of Lovelace\n", name="Ada Lovelace")
    site.contact("bob", name="Bob")
    site.write("avatars/ada.jpg", JPEG)
    site.write(".gitignore", "output/\n.contactsheet/\n")
    git(site.root, "init", "--quiet")
    git(site.root, "add", ".")
    git(site.root, "commit", "--quiet", "-m", "all")
    with serving(site.root) as preview:
        yield site, preview


@pytest.fixture
def window(windows: Windows) -> Iterator[Page]:
    size: ViewportSize = {"width": 1280, "height": 900}
    with windows.page(viewport=size, reduced_motion="reduce", permissions=["clipboard-read"]) as page:
        yield page


@pytest.fixture
def bench(served: tuple[Site, Preview], window: Page) -> Iterator[Bench]:
    """Every test begins and ends with what was committed first."""
    from tests.browser import leave

    made = Bench(*served, window)
    yield made
    leave(window)
    made.git("reset", "--hard", "--quiet", made.git("rev-list", "--max-parents=0", "HEAD").strip())
    made.git("clean", "-fdq")
    made.preview.post("/_edit/avatar/ada", [("fit", "cover")])  # is answered when the builds before it are over


def test_a_picture_is_replaced_without_a_reload_and_the_page_says_what_to_commit(bench: Bench) -> None:
    area = bench.open()
    assert area.locator("img").count() == 0
    bench.choose(PNG)
    area.get_by_text("The picture is replaced.").wait_for()
    assert "PNG, 600 × 600 pixels" in area.inner_text()
    assert bench.page.evaluate(IS_MARKED)
    assert bench.pictures() == {"ada.png": PNG}
    assert area.locator("img").count() == 0, "the record page shows no picture of the contact"
    area.get_by_role("button", name="Copy the command").click()
    command = bench.page.evaluate("navigator.clipboard.readText()")
    assert command == 'git add avatars/ada.png avatars/ada.jpg && git commit -m "Replace the picture of ada"'
    for one in command.split(" && "):
        bench.git(*shlex.split(one)[1:])
    assert bench.git("status", "--porcelain") == ""


@pytest.mark.parametrize(("target", "kind"), [("#cs-picture-area h2", "drop"), ("body", "paste")])
def test_a_picture_is_dropped_on_the_area_or_pasted_anywhere(bench: Bench, target: str, kind: str) -> None:
    area = bench.open()
    bench.page.evaluate(GIVE, [target, kind, base64.b64encode(PNG).decode()])
    area.get_by_text("The picture is replaced.").wait_for()
    assert bench.pictures() == {"ada.png": PNG}


def test_a_contact_gets_its_first_picture_by_the_dialog(bench: Bench) -> None:
    area = bench.open("bob")
    assert area.get_by_role("button", name="Remove").count() == 0
    with bench.page.expect_file_chooser() as chooser:
        area.get_by_role("button", name="Add picture").click()
    chooser.value.set_files({"name": "x", "mimeType": "image/jpeg", "buffer": JPEG})
    area.get_by_text("The picture is added.").wait_for()
    area.get_by_role("button", name="Remove").click()
    area.get_by_text("Git does not have it yet: it cannot be brought back.").wait_for()
    assert bench.pictures("bob") == {"bob.jpg": JPEG}


def test_what_is_refused_changes_nothing_and_says_why(bench: Bench) -> None:
    area = bench.open()
    bench.choose(b"GIF89a")
    area.get_by_text("This is a GIF file.").wait_for()
    assert bench.pictures() == {"ada.jpg": JPEG}
    assert area.get_by_text("The picture is replaced.").count() == 0


def test_the_point_and_the_fit_of_the_picture_change_in_the_editor(bench: Bench) -> None:
    bench.site.write("avatars/ada.jpg", WIDE)
    bench.git("commit", "--quiet", "-am", "wide")
    area = bench.open()
    area.get_by_text("1200 × 600 pixels").wait_for()
    area.get_by_role("button", name="Adjust").click()
    editor = bench.page.get_by_role("dialog", name="What is shown of the picture")
    point = editor.get_by_role("slider")
    point.press("Shift+ArrowRight")
    assert editor.locator(".looks img").first.evaluate(MIDDLE) == [0.6, 0.5]
    editor.get_by_role("button", name="Save").click()
    area.get_by_text("What is shown of the picture is changed.").wait_for()
    assert bench.page.evaluate(IS_MARKED)
    record = bench.site.root / "contacts/ada.yaml"
    assert record.read_text(encoding="utf-8") == (
        "name: Ada Lovelace\ntitle: Countess # of Lovelace\navatar:\n  focus: [0.6, 0.5]\n"
    )
    area.get_by_role("button", name="Adjust").click()
    assert point.get_attribute("aria-valuetext") == "60 % from the left, 50 % from the top"
    editor.get_by_role("radio", name="Show all of it").check()
    editor.get_by_role("button", name="Save").click()
    editor.wait_for(state="detached")
    area.get_by_text("contacts/ada.yaml").wait_for()
    assert "fit: contain" in record.read_text(encoding="utf-8")
    assert bench.page.evaluate("document.activeElement.textContent") == "Adjust"


def test_the_editor_is_left_without_a_change(bench: Bench) -> None:
    area = bench.open()
    area.get_by_role("button", name="Adjust").click()
    editor = bench.page.get_by_role("dialog", name="What is shown of the picture")
    editor.get_by_text("It is square: all of it is in view.").wait_for()
    assert editor.get_by_role("button", name="Save").count() == 0
    bench.page.keyboard.press("Escape")
    editor.wait_for(state="detached")
    assert bench.git("status", "--porcelain") == ""


def test_a_picture_is_removed_after_a_question_and_git_brings_it_back(bench: Bench) -> None:
    area = bench.open()
    area.get_by_role("button", name="Remove").click()
    area.get_by_text("Git can bring it back as it was committed last.").wait_for()
    assert bench.page.evaluate("document.activeElement.textContent") == "Keep it"
    bench.page.keyboard.press("Escape")
    assert bench.page.evaluate("document.activeElement.textContent") == "Remove"
    area.get_by_role("button", name="Remove").click()
    area.get_by_role("button", name="Remove picture").click()
    area.get_by_text("The picture is removed.").wait_for()
    assert bench.pictures() == {}
    area.get_by_role("button", name="Add picture").wait_for()
    undo, keep = area.locator(".picture-command code").all_inner_texts()
    assert keep == 'git add avatars/ada.jpg && git commit -m "Remove the picture of ada"'
    bench.git(*shlex.split(undo)[1:])
    area.get_by_role("button", name="Replace picture").wait_for()
    assert area.get_by_text("The picture is removed.").count() == 0
    assert bench.page.evaluate(IS_MARKED)


def test_who_changes_more_than_the_picture_sees_a_new_page(bench: Bench) -> None:
    bench.open()
    bench.site.contact("ada", "title: Duchess\n", name="Ada Lovelace")
    bench.page.get_by_text("Duchess").wait_for()
    assert not bench.page.evaluate(IS_MARKED)
    bench.page.get_by_role("button", name="Adjust").wait_for()


def test_the_area_and_the_editor_are_open_to_everyone_on_a_telephone(bench: Bench, browser: Browser) -> None:
    axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    context = browser.new_context(viewport={"width": 320, "height": 700}, reduced_motion="reduce", bypass_csp=True)
    narrow = Bench(bench.site, bench.preview, context.new_page())
    area = narrow.open()
    narrow.page.evaluate(axe)
    wrong: list[str] = []

    def look(step: str) -> None:
        found = narrow.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        wrong.extend(f"{step}: {rule['id']}: {rule['nodes'][0]['html'][:150]}" for rule in found["violations"])
        if narrow.page.evaluate("document.scrollingElement.scrollWidth > innerWidth"):
            wrong.append(f"{step}: too wide")

    narrow.choose(WIDE)
    area.get_by_text("The picture is replaced.").wait_for()
    look("replaced")
    area.get_by_role("button", name="Remove").click()
    area.get_by_role("group", name="Remove the picture?").wait_for()
    look("question")
    narrow.page.keyboard.press("Escape")
    area.get_by_role("button", name="Adjust").click()
    narrow.page.get_by_role("slider").wait_for()
    look("editor")
    context.close()
    assert wrong == []
