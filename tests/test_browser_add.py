"""+ Add contact in the preview, in a real browser: ID, duplicates and picture while one types, and the files then."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.conftest import Site
from tests.pictures import quarters, saved, textured
from tests.serving import Preview, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

    from tests.browser import Windows

pytest_plugins = ["tests.browser"]

SQUARE = saved(quarters(512, 512))
PNG = saved(textured(512, 512), "PNG")
RED, BLUE = (200, 30, 30), (30, 30, 200)
ADA = "email: ada@example.org\nphone: +44 20 7946 0958\n"
# Where the middle of a square image of the picture is, in parts of the picture, from what the browser makes of it.
MIDDLE = """image => {
    const {objectFit, objectPosition} = getComputedStyle(image);
    if (objectFit === "contain") return "all";
    const {naturalWidth: width, naturalHeight: height} = image;
    const side = Math.min(width, height);
    const [x, y] = objectPosition.split(" ").map(part => parseFloat(part) / 100);
    const middle = (part, length) => +((part * (length - side) + side / 2) / length).toFixed(2);
    return [middle(x, width), middle(y, height)];
}"""
GIVE = """([target, kind, data]) => {
    const bytes = Uint8Array.from(atob(data), one => one.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], "shot.png", {type: "image/png"}));
    const event = kind === "paste"
        ? new ClipboardEvent("paste", {clipboardData: files, bubbles: true, cancelable: true})
        : new DragEvent(kind, {dataTransfer: files, bubbles: true, cancelable: true});
    document.querySelector(target).dispatchEvent(event);
}"""


def halves(width: int, height: int, orientation: int = 1) -> bytes:
    """A picture whose left part is red and whose right part is blue, as it is stored."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(picture, exif=exif.tobytes())


@dataclass(frozen=True)
class Bench:
    site: Site
    preview: Preview
    page: Page

    def open(self, name: str = "") -> Locator:
        """The drawer on a fresh page, with a name in it."""
        self.page.goto(self.preview.address)
        self.page.get_by_role("button", name="Add contact").click()
        drawer = self.page.locator("dialog.drawer")
        drawer.locator("#cs-add-name").fill(name)
        return drawer

    def choose(self, data: bytes) -> None:
        self.page.set_input_files(
            "dialog input[type=file]", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": data}
        )

    def save(self, words: str = "Save contact") -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words).click()

    def text(self, path: str) -> str:
        return (self.site.root / path).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Preview]]:
    site = Site(tmp_path_factory.mktemp("adding") / "site")
    site.settings('phone_region = "GB"\nrules = {"avatar/alike" = "off"}')
    site.contact("ada", ADA, name="Ada Lovelace")
    site.contact("grace", name="Grace Hopper")
    site.write("avatars/ada.jpg", SQUARE)
    with serving(site.root) as preview:
        yield site, preview


@pytest.fixture
def window(windows: Windows) -> Iterator[Page]:
    with windows.page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as page:
        yield page


@pytest.fixture
def bench(served: tuple[Site, Preview], window: Page) -> Bench:
    return Bench(*served, window)


def test_the_id_is_proposed_by_the_preview_and_free(bench: Bench) -> None:
    drawer = bench.open()
    for name, email, proposed in (
        ("Ada", "", "ada-2"),
        ("김민준", "", "gimminjun"),
        ("Юлия Щербакова", "", "iuliia-shcherbakova"),
        ("محمد", "", "mhmd"),
        ("李小龍", "lee.xiaolong@example.org", "lee-xiaolong"),
        ("AC/DC", "", "ac-dc"),
        ("", "", ""),
    ):
        drawer.locator("#cs-add-emails").fill(email)
        drawer.locator("#cs-add-name").fill(name)
        bench.page.wait_for_function("id => document.getElementById('cs-add-id').value === id", arg=proposed)


def test_an_id_that_was_typed_is_left_alone(bench: Bench) -> None:
    drawer = bench.open("Ada")
    drawer.locator("#cs-add-id").fill("mine")
    drawer.locator("#cs-add-name").fill("Ada Lovelace")
    drawer.locator(".duplicate").first.wait_for()
    assert drawer.locator("#cs-add-id").input_value() == "mine"


def test_a_proposal_waits_until_one_has_left_the_field_of_the_id(bench: Bench) -> None:
    drawer = bench.open()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    bench.page.route("**/_edit/proposal?name=Ada&*", hold)
    drawer.locator("#cs-add-name").fill("Ada")
    with bench.page.expect_request("**/_edit/proposal?name=Ada&*"):
        drawer.locator("#cs-add-emails").fill("ada@example.org")
    field = drawer.locator("#cs-add-id")
    field.fill("")
    held[-1].continue_()
    drawer.locator(".duplicate").first.wait_for()  # which are shown after the proposal
    assert field.input_value() == ""
    field.blur()
    assert field.input_value() == "ada-2"


def test_duplicates_are_pointed_out_beside_what_gives_them_away_while_one_types(bench: Bench) -> None:
    drawer = bench.open()
    drawer.locator("#cs-add-emails").press_sequentially("ADA@example.org")
    drawer.locator(".field-emails .duplicate", has_text="Ada Lovelace has the same e-mail").wait_for()
    assert drawer.locator(".duplicate img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 96
    drawer.locator("#cs-add-name").fill("Grace Hoper")
    drawer.locator(".field-name .duplicate", has_text="Grace Hopper has a similar name").wait_for()
    drawer.locator("#cs-add-emails").fill("other@example.org")
    drawer.locator(".field-emails .duplicate").wait_for(state="detached")
    drawer.locator("#cs-add-phones").fill("020 7946 0958")
    drawer.locator(".field-phones .duplicate", has_text="the same phone").wait_for()


def test_what_is_typed_goes_in_as_an_update_and_its_picture_carries_over(bench: Bench) -> None:
    drawer = bench.open("Ada L.")
    drawer.locator("#cs-add-emails").fill("ada@example.org")
    drawer.locator("#cs-add-company").fill("Analytical Engines")
    drawer.get_by_label("Add as an update of Ada Lovelace").check()
    drawer.locator("#cs-add-emails").fill("")  # she stays chosen
    drawer.get_by_text("A picture chosen here becomes theirs.").wait_for()
    bench.choose(PNG)
    bench.save("Save update")
    assert bench.page.url.endswith("/contacts/ada.html")
    bench.page.get_by_text("Saved as an update of Ada Lovelace.").wait_for()
    bench.page.get_by_text("Analytical Engines").first.wait_for()
    assert "merge_into: ada\n" in bench.text("contacts/ada-l.yaml")
    assert bench.text("contacts/ada.yaml") == f"name: Ada Lovelace\n{ADA}"
    assert bench.site.index()["ada"]["avatar"]["source"] == "avatars/ada-l.png"


def test_the_picture_is_shown_as_it_will_look_and_the_point_decides(bench: Bench) -> None:
    drawer = bench.open("Wide Open")
    bench.choose(halves(1200, 600))
    looks = drawer.locator(".looks img")
    point = drawer.get_by_role("slider", name="What stays in view")
    point.wait_for()
    assert [look.bounding_box()["width"] for look in looks.all()] == [40, 28, 128]  # type: ignore[index]  # they are shown
    assert [look.evaluate(MIDDLE) for look in looks.all()] == [[0.5, 0.5]] * 3
    assert drawer.get_by_text("cropped to the middle").count() == 0, "it is the point that decides"
    point.press("ArrowLeft")
    assert point.get_attribute("aria-valuetext") == "48 % from the left, 50 % from the top"
    for _ in range(3):
        point.press("Shift+ArrowLeft")
    assert looks.first.evaluate(MIDDLE) == [0.25, 0.5], "the square does not leave the picture"
    box = drawer.locator(".framing-stage").bounding_box()
    assert box
    bench.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    bench.page.mouse.down()
    bench.page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2, steps=3)
    bench.page.mouse.up()
    assert looks.first.evaluate(MIDDLE) == [0.7, 0.5]
    bench.save()
    assert "focus: [0.7, 0.5]" in bench.text("contacts/wide-open.yaml")
    assert shown(bench, "wide-open", 0.05) == "red", "the picture is cropped elsewhere than it was shown"
    assert shown(bench, "wide-open", 0.15) == "blue"


def shown(bench: Bench, contact_id: str, across: float) -> str:
    """The colour of a contact's thumbnail in its middle row, so far from the left."""
    path = bench.site.output / bench.site.index()[contact_id]["avatar"]["512"]
    picture = Image.open(io.BytesIO(path.read_bytes())).convert("RGBA")
    red, _, blue, alpha = picture.getpixel((int(across * 512), 256))  # type: ignore[misc]  # it has four channels
    return "nothing" if alpha == 0 else "red" if red > blue else "blue"


def test_all_of_a_picture_can_be_shown_the_right_way_up(bench: Bench) -> None:
    drawer = bench.open("On Its Side")
    bench.choose(halves(800, 400, orientation=6))  # upright it is 400 wide and 800 high
    drawer.get_by_role("radio", name="Show all of it").check()
    assert drawer.locator(".looks img").first.evaluate(MIDDLE) == "all"
    assert drawer.locator(".framing-stage img").evaluate("image => image.naturalHeight") == 800
    assert drawer.get_by_role("slider").count() == 0
    bench.save()
    assert "fit: contain" in bench.text("contacts/on-its-side.yaml")
    assert shown(bench, "on-its-side", 0.05) == "nothing"


def test_a_picture_is_pasted_or_dropped_anywhere_in_the_drawer(bench: Bench) -> None:
    drawer = bench.open()
    for target, kind in (("#cs-add-notes", "paste"), (".drawer-foot", "drop"), (".well", "drop")):
        bench.page.evaluate(GIVE, [f"dialog {target}", kind, base64.b64encode(PNG).decode()])
        drawer.locator(".looks img").first.wait_for()
        assert drawer.locator(".looks img").count() == 3
        assert drawer.get_by_role("slider").count() == 0, "a square picture has nothing to choose"
        drawer.get_by_role("button", name="Remove").click()


def test_a_picture_that_is_refused_is_refused_at_once_and_nothing_is_written(bench: Bench) -> None:
    drawer = bench.open("Large One")
    for data, words in ((SQUARE + bytes(2_700_000), "bytes; 2,621,440 are allowed"), (b"GIF89a", "this is a GIF file")):
        bench.choose(data)
        drawer.locator(".portrait .told-error", has_text=words).wait_for()
        drawer.get_by_role("button", name="Save contact").click()
        drawer.get_by_text("One thing is to be mended").wait_for()
    assert not list(bench.site.root.glob("*/large-one*"))


def test_what_the_preview_refuses_stands_at_its_field_and_nothing_is_written(bench: Bench) -> None:
    drawer = bench.open("Refused One")
    drawer.locator("#cs-add-id").fill("grace")
    bench.choose(PNG)
    drawer.get_by_role("button", name="Save contact").click()
    drawer.locator("#cs-add-id-problems", has_text="there is a contact grace already").wait_for()
    assert bench.text("contacts/grace.yaml") == "name: Grace Hopper\n"
    assert not (bench.site.root / "avatars/grace.png").exists()
    assert drawer.locator("#cs-add-name").input_value() == "Refused One"


def test_the_drawer_is_open_to_everyone_on_a_telephone(bench: Bench, browser: Browser) -> None:
    axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    context = browser.new_context(viewport={"width": 320, "height": 700}, reduced_motion="reduce", bypass_csp=True)
    narrow = Bench(bench.site, bench.preview, context.new_page())
    drawer = narrow.open("Grace Hopper")
    narrow.choose(halves(1200, 600))
    drawer.get_by_label("Add as an update of Grace Hopper").check()
    drawer.get_by_role("slider").wait_for()
    narrow.page.evaluate(axe)
    found = narrow.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    wrong = [f"{rule['id']}: {node['html'][:150]}" for rule in found["violations"] for node in rule["nodes"]]
    too_wide = narrow.page.evaluate("document.querySelector('dialog').scrollWidth > innerWidth")
    context.close()
    assert wrong == []
    assert not too_wide
