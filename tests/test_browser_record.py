"""The record page and + Add contact in a real browser: they judge as the program does, and nothing is lost."""

from __future__ import annotations

import base64
import http.server
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image

from contactsheet import ids
from contactsheet.anatomy import shape_findings
from contactsheet.check import check
from contactsheet.inspection import inspect
from contactsheet.kinds import kind_of
from contactsheet.rules import catalogue
from contactsheet.vcard import small_card
from tests import pictures
from tests.conftest import Site
from tests.pictures import quarters, saved

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser import OpenWindow

pytest_plugins = ["tests.browser"]

LIMIT = 2_621_440
JPEG = saved(quarters(512, 512))
PNG = saved(quarters(512, 512), "PNG")
TOO_WIDE = """[document.scrollingElement, document.querySelector("dialog[open]")]
    .some(one => one && one.scrollWidth > innerWidth)"""
HOSTILE = "<script>alert(1)</script>\"'&"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built site whose repository is on GitHub."""
    site = Site(tmp_path_factory.mktemp("team") / "site")
    site.settings('repository = "https://github.com/acme/contacts"')
    site.contact(
        "ada",
        "title: Countess\nemail: ada@example.org\nphone: +44 20 7946 0958\nmessages:\n"
        "  - {at: 2026-11-20T09:30:00Z, from: contact, text: Hello}\n",
        name="Ada Lovelace",
    )
    site.contact("lead", "title: Lead\nmerge_into: {contact: ada, keep: [title, name]}", name="Ada L.")
    site.contact("hostile", f"title: '{HOSTILE.replace(chr(39), chr(39) * 2)}'", name=f"{'x' * 150}")
    site.write("avatars/ada.png", PNG)
    outcome = site.build()
    assert outcome.published, outcome.problems
    return site.output


@pytest.fixture(scope="module")
def scripts(browser: Browser, team: Path) -> Iterator[Page]:
    """A page with the scripts, for what needs no window of its own."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{team.as_uri()}/contacts/ada.html")
    yield page
    context.close()


# --- the script judges as the program does ---------------------------------------------------------------------------


def apng(data: bytes, frames: int) -> bytes:
    """The PNG as an animation of so many frames, by what it says of itself."""
    import struct
    import zlib

    body = b"acTL" + struct.pack(">II", frames, 0)
    chunk = struct.pack(">I", 8) + body + struct.pack(">I", zlib.crc32(body))
    return data[:33] + chunk + data[33:]


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(quarters(800, 600), exif=exif.tobytes())


def with_position() -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 0.0), 3: "W", 4: (0.0, 7.0, 0.0)})
    return saved(quarters(600, 600), exif=exif.tobytes())


PICTURES: dict[str, bytes] = {
    "jpeg": JPEG,
    "png": PNG,
    "progressive": saved(quarters(640, 640), progressive=True),
    "grey": saved(quarters(512, 512, "L")),
    "cmyk": saved(quarters(512, 512, "CMYK")),
    "palette": saved(quarters(512, 512, "P"), "PNG"),
    "1 bit": saved(quarters(512, 512, "1"), "PNG"),
    "small": saved(quarters(200, 200)),
    "tiny": saved(quarters(30, 30), "PNG"),
    "wide": saved(quarters(900, 600)),
    "tall by an odd number": saved(quarters(512, 517), "PNG"),
    "by one pixel": saved(quarters(513, 512)),
    "on its side": turned(6),
    "upside down": turned(3),
    "with a place": with_position(),
    "empty": b"",
    "three bytes": b"\xff\xd8\xff",
    "half a jpeg": JPEG[: len(JPEG) // 2],
    "jpeg without its end": JPEG[:-2],
    "half a png": PNG[: len(PNG) // 2],
    "png without its end": PNG[:-12],
    "png with a flipped byte": PNG[:60] + bytes([PNG[60] ^ 1]) + PNG[61:],
    "png in text mode": PNG[:4] + b"\n" + PNG[6:],
    "html behind a jpeg": JPEG + b"<script>",
    "html behind a png": PNG + b"<script>",
    "too many pixels": pictures.with_size(JPEG, 60_000, 60_000),
    "no pixels": pictures.with_size(JPEG, 10, 0),
    "animated": apng(PNG, 3),
    "too many scans": pictures.with_scans(70),
    "gif": saved(quarters(64, 64), "GIF"),
    "webp": saved(quarters(64, 64), "WEBP"),
    "bmp": saved(quarters(64, 64), "BMP"),
    "tiff": saved(quarters(64, 64), "TIFF"),
    "avif": b"\0\0\0\x20ftypavif" + bytes(40),
    "heic": b"\0\0\0\x18ftypheic" + bytes(40),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    "html": b"<!doctype html><title>x</title>",
    "pdf": b"%PDF-1.7\n",
    "text": b"just a few words, no picture",
    "lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
}


def test_pictures_get_the_same_verdict_from_the_script_as_from_the_program(scripts: Page) -> None:
    sent = {name: base64.b64encode(data).decode() for name, data in PICTURES.items()}
    judged = scripts.evaluate(
        """([pictures, limit]) => Object.fromEntries(Object.entries(pictures).map(([name, data]) =>
            [name, contactsheet.judge(Uint8Array.from(atob(data), one => one.charCodeAt(0)), limit)]))""",
        [sent, LIMIT],
    )
    wrong: list[tuple[object, ...]] = []
    for name, data in PICTURES.items():
        suffix = ".png" if kind_of(data) == "PNG" else ".jpg"
        anatomy, findings = inspect(data, suffix=suffix)
        if anatomy:
            findings = (*findings, *shape_findings(anatomy, "cover", (0.5, 0.5)))
        want = sorted((found.rule, catalogue()[found.rule].severity.value) for found in findings)
        got = sorted((found["rule"], found["severity"]) for found in judged[name]["problems"])
        size = (anatomy.format, *anatomy.upright) if anatomy else ("", 0, 0)
        if got != want or (judged[name]["format"], judged[name]["width"], judged[name]["height"]) != size:
            wrong.append((name, got, want))
        shapes = {found.message for found in findings if found.rule in ("avatar/not-square", "avatar/small")}
        if not shapes <= {found["message"] for found in judged[name]["problems"]}:
            wrong.append((name, judged[name]["problems"], shapes))
    assert wrong == []


def test_a_picture_over_the_limit_is_refused_in_the_programs_words(scripts: Page) -> None:
    (found,) = scripts.evaluate("limit => contactsheet.judge(new Uint8Array(limit + 1), limit)", LIMIT)["problems"]
    assert (found["rule"], found["message"]) == ("avatar/too-large", "it has 2,621,441 bytes; 2,621,440 are allowed")


TEXTS = [
    "NO", "yes", "null", "~", "Null", "0123", "1.10", "12:30", "2026-01-01", "+44 20 7946 0958", "a: b", "a #b", "#a",
    "- a", "? a", "@bob", "`x`", "%a", "!a", "&a", "*a", "{a}", "[a]", "a, b", '"quoted"', "it's", "'", "\\", "Ünï",
    "李小龍", "محمد علي", "😀 👩‍👩‍👧", "x" * 200, "a: b: c", "key:", "---", "...", ".5", "=", "<<", "<script>",
    "</script>",
    "a - b", "Boss: big", "1_000", "0x1F", ".inf", "y", "N", "e\u0301", "a\u00a0b",
]  # fmt: skip
NOTES = [
    "one line", "two\nlines", "a\n\nb", "# no comment\nb: c", "first\n  indented", "- a\n- b",
    "tab\there\nand", "---\nx\n...",
    "|\n>", "trailing \nspace", 'quote "\n\\n', "李\n小龍", "a:\n  b", "%a\n@b",
]  # fmt: skip


def test_the_yaml_of_any_text_is_read_back_as_it_was_written(scripts: Page) -> None:
    records: list[dict[str, Any]] = [
        {
            "name": text,
            "company": text,
            "title": text,
            "type": text,
            "owner": text,
            "tags": [text, f"{text}2"],
            "fields": {text: text},
        }
        for text in TEXTS
    ]
    records += [{"name": "N", "notes": notes} for notes in NOTES]
    records += [{"name": "N", "tags": [text]} for text in TEXTS]
    records += [
        {"name": "N", "emails": ["ada@example.org"], "phones": ["+44 20 7946 0958"]},
        {"name": "N", "emails": ["a@example.org", "b@example.org"], "phones": ["+44 20 7946 0958", "+49 30 901820"]},
    ]
    written = scripts.evaluate("records => records.map(contactsheet.toYaml)", records)
    for record, yaml in zip(records, written, strict=True):
        source, problems = check("x", "contacts/x.yaml", yaml.encode(), None)
        assert not problems, (yaml, problems)
        assert source is not None
        read = vars(source.record)
        found = {key: read[key] for key in record if key not in ("emails", "phones", "tags")}
        found |= {key: [one.value for one in read[key]] for key in ("emails", "phones") if key in record}
        found |= {"tags": list(read["tags"])} if "tags" in record else {}
        assert found == record, yaml


def test_what_no_text_may_hold_is_taken_out_before_it_is_written(scripts: Page) -> None:
    text = "a\u2028b\x00c\x85d\ufeffe\x1b[0m\r\nf"
    yaml = scripts.evaluate("text => contactsheet.toYaml({name: 'N', notes: contactsheet.cleaned(text)})", text)
    source, problems = check("x", "contacts/x.yaml", yaml.encode(), None)
    assert not problems
    assert source is not None
    assert source.record.notes == "a\nbc\nde[0m\nf"


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("Ada Lovelace", "ada-lovelace"),
        ("José Ñandú", "jose-nandu"),
        ("Søren Łoś-Groß", "soren-los-gross"),
        ("Юлия Щербакова", "iuliia-shcherbakova"),
        ("Ґалаґан Їжак", "galagan-izhak"),
        ("Ελένη Παπαδοπούλου", "eleni-papadopoyloy"),
        ("O'Rourke & Sons, Ltd.", "o-rourke-sons-ltd"),
        ("CON", "con-contact"),
        ("ﬁne ①", "fine-1"),
        ("Ada 😀", "ada"),
        ("李小龍", ""),
        ("محمد", ""),
        ("😀", ""),
        ("x" * 300, "x" * 90),
    ],
)
def test_an_id_is_proposed_from_the_name_and_is_one(scripts: Page, name: str, proposed: str) -> None:
    found = scripts.evaluate("name => contactsheet.proposeId(name)", name)
    assert found == proposed
    assert not found or not ids.fault(found)


def test_the_script_refuses_the_ids_that_the_program_refuses(scripts: Page) -> None:
    names = ["ada", "sales/ada", "a" * 100, "a" * 101, "", "a//b", "/a", "a/", "-a", "_a", "a.b", "CON", "com1", "a b"]
    names += ["josé", "a\\b", "..", "a/../b", "1", "A_b-c", "conin$", "lpt¹", "a\u200bb", "aux/x"]
    refused = scripts.evaluate("names => names.map(name => contactsheet.idFault(name) !== '')", names)
    assert dict(zip(names, refused, strict=True)) == {name: bool(ids.fault(name)) for name in names}


EMAILS = [
    "ada@example.org",
    "ada.b+c@sub.example.org",
    "ada@exämple.org",
    "ada.example.org",
    "a b@example.org",
    "@x.org",
]
EMAILS += ["ada@", "ada@localhost", "a..b@example.org", ".a@example.org", "a@example..org", "Ada <a@example.org>"]
PHONES = ["+44 20 7946 0958", "+442079460958", "020 7946 0958", "call me", "+1", "+44 20 7946 0958 ext. 12"]
PHONES += ["+" + "1" * 20, "(020) 7946-0958"]


def test_addresses_and_numbers_are_judged_as_the_program_does(scripts: Page) -> None:
    found = scripts.evaluate(
        """([emails, phones]) => [...emails.map(one => contactsheet.emailProblem(one)?.severity ?? ""),
            ...phones.map(one => contactsheet.phoneProblem(one, "")?.severity ?? "")]""",
        [EMAILS, PHONES],
    )
    want = []
    for key, values in (("email", EMAILS), ("phone", PHONES)):
        for value in values:
            _, problems = check("x", "contacts/x.yaml", f"name: N\n{key}: '{value}'\n".encode(), None)
            want.append(catalogue()[problems[0].rule].severity.value if problems else "")
    assert dict(zip([*EMAILS, *PHONES], found, strict=True)) == dict(zip([*EMAILS, *PHONES], want, strict=True))


# --- the drawer ------------------------------------------------------------------------------------------------------


def opened(window: OpenWindow, team: Path, base: str, path: str = "index.html", **options: Any) -> Any:
    one = window(base, **options)
    one.open(f"{base}{path}")
    one.page.get_by_role("button", name="Add contact").click()
    one.page.locator("dialog[open]").wait_for()
    return one


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_the_drawer_takes_the_focus_keeps_what_was_typed_and_gives_the_focus_back(
    window: OpenWindow, team: Path, served: Callable[[Path], str], scheme: str
) -> None:
    one = opened(window, team, f"{team.as_uri()}/" if scheme == "file" else served(team), "contacts/ada.html")
    page = one.page
    assert page.evaluate("document.activeElement.id") == "cs-add-name"
    page.keyboard.type("Юлия")
    assert page.locator("#cs-add-id").input_value() == "iuliia"
    page.keyboard.press("Escape")
    assert not page.locator("dialog").is_visible()
    assert page.evaluate("document.activeElement.hasAttribute('data-add')")
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()
    assert page.locator("#cs-add-name").input_value() == "Юлия"
    for _ in range(30 if scheme == "file" else 0):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        )
    assert one.complaints == []


def test_every_fault_stands_beside_its_field_and_the_first_gets_the_focus(window: OpenWindow, team: Path) -> None:
    one = opened(window, team, f"{team.as_uri()}/")
    page = one.page
    page.fill("#cs-add-id", "josé.x")
    page.fill("#cs-add-emails", "nonsense")
    page.fill("#cs-add-phones", "020 7946 0958")
    page.set_input_files(
        "dialog input[type=file]", {"name": "x.gif", "mimeType": "image/gif", "buffer": PICTURES["gif"]}
    )
    page.get_by_text("This is a GIF file.").wait_for()
    page.get_by_role("button", name="Continue").click()
    said = {name: page.locator(f"#cs-add-{name}-problems").inner_text() for name in ("name", "id", "emails", "phones")}
    assert said["name"].startswith("The name is missing.")
    assert said["id"].startswith("The ID has a dot in it.")
    assert said["emails"].startswith("“nonsense” is not an e-mail address.")
    assert said["phones"].startswith("“020 7946 0958” does not say its country.")
    assert page.evaluate("document.activeElement.id") == "cs-add-name"
    assert page.locator("#cs-add-name").get_attribute("aria-describedby") == "cs-add-name-problems"
    page.fill("#cs-add-name", "Ada")
    page.fill("#cs-add-id", "ada-2")
    page.fill("#cs-add-emails", "")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Continue").click()
    assert page.locator("textarea.yaml").input_value() == 'name: Ada\nphone: "020 7946 0958"\n'
    assert one.complaints == []


def test_a_record_is_handed_over_to_github_filled_in_and_the_picture_under_its_name(
    window: OpenWindow, team: Path
) -> None:
    one = opened(window, team, f"{team.as_uri()}/", accept_downloads=True)
    page = one.page
    page.fill("#cs-add-name", "Zoë: the “great”")
    page.fill("#cs-add-id", "sales/zoe")
    page.fill("#cs-add-tags", "vip, 007")
    page.fill("#cs-add-notes", "One\nTwo")
    page.get_by_role("textbox", name="Field").fill("Account")
    page.get_by_role("textbox", name="Value").fill("00123")
    page.set_input_files("dialog input[type=file]", {"name": "IMG_1.JPG", "mimeType": "image/jpeg", "buffer": JPEG})
    page.locator(".looks img").first.wait_for()
    assert page.evaluate(
        "[...document.querySelectorAll('.looks img')].map(one => one.getBoundingClientRect().width)"
    ) == [40, 28, 128]
    page.get_by_role("button", name="Continue").click()
    link = urlsplit(page.get_by_role("link", name="Create it on GitHub").get_attribute("href") or "")
    asked = parse_qs(link.query, strict_parsing=True)
    assert (link.netloc, link.path) == ("github.com", "/acme/contacts/new/main")
    assert asked["filename"] == ["contacts/sales/zoe.yaml"]
    source, problems = check("sales/zoe", "contacts/sales/zoe.yaml", asked["value"][0].encode(), None)
    assert not problems
    assert source is not None
    record = source.record
    assert (record.name, record.tags, record.notes) == ("Zoë: the “great”", ("vip", "007"), "One\nTwo")
    assert record.fields == {"Account": "00123"}
    upload = page.get_by_role("link", name="Upload to GitHub").get_attribute("href")
    assert upload == "https://github.com/acme/contacts/upload/main/avatars/sales"
    with page.expect_download() as download:
        page.get_by_role("link", name="Download under its name").click()
    assert download.value.suggested_filename == "zoe.jpg"
    assert download.value.path().read_bytes() == JPEG
    assert one.complaints == []


def test_a_pasted_and_a_dropped_picture_are_taken(window: OpenWindow, team: Path) -> None:
    one = opened(window, team, f"{team.as_uri()}/")
    page = one.page
    give = """([target, kind, data]) => {
        const files = new DataTransfer();
        files.items.add(new File([Uint8Array.from(atob(data), one => one.charCodeAt(0))], "x", {type: "image/png"}));
        const event = kind === "paste"
            ? new ClipboardEvent("paste", {clipboardData: files, bubbles: true, cancelable: true})
            : new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true});
        document.querySelector(target).dispatchEvent(event);
    }"""
    for target, kind in (("#cs-add-name", "paste"), ("dialog .well", "drop")):
        page.evaluate(give, [target, kind, base64.b64encode(PNG).decode()])
        page.locator(".looks img").first.wait_for()
        page.get_by_role("button", name="Remove").click()
        assert page.locator(".looks img").count() == 0
    assert one.complaints == []


def test_without_scripts_the_button_leads_to_how_it_is_done(window: OpenWindow, team: Path) -> None:
    one = window(team.as_uri(), java_script_enabled=False)
    page = one.open(f"{team.as_uri()}/contacts/ada.html")
    page.get_by_role("link", name="Add contact").click()
    page.wait_for_url("**/add.html")
    write = page.get_by_role("link", name="Write it on GitHub").get_attribute("href")
    assert write == "https://github.com/acme/contacts/new/main"


# --- in the preview --------------------------------------------------------------------------------------------------


@dataclass
class Preview:
    """A server like the preview's: its pages have the token, and it answers changes as it is told to."""

    address: str = ""
    status: int = 201
    answer: bytes = b"{}"
    got: list[tuple[str, str, bytes]] = field(default_factory=list)


@pytest.fixture
def preview(team: Path) -> Iterator[Preview]:
    told = Preview()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            path = team / self.path.lstrip("/")
            if path.suffix != ".html":
                super().do_GET()
                return
            page = path.read_bytes().replace(b"<title>", b'<meta name="csrf-token" content="t0ken"><title>', 1)
            self.reply(200, page, "text/html; charset=utf-8")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.got.append((self.path, self.headers["X-CSRF-Token"], body))
            self.reply(told.status, told.answer, "application/json")

        def reply(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the standard library's
            """Says nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(team)))
    told.address = f"http://127.0.0.1:{server.server_address[1]}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


def test_in_the_preview_a_contact_is_saved_and_a_refusal_stands_beside_its_field(
    window: OpenWindow, team: Path, preview: Preview
) -> None:
    one = opened(window, team, preview.address, "contacts/ada.html")
    page = one.page
    page.fill("#cs-add-name", "Zoë")
    page.fill("#cs-add-emails", "zoe@example.org")
    page.set_input_files("dialog input[type=file]", {"name": "x.png", "mimeType": "image/png", "buffer": PNG})
    page.locator(".looks img").first.wait_for()
    preview.status = 422
    preview.answer = (
        b'{"problems": [{"rule": "contact/id-clash", "severity": "error", "message": "it is taken",'
        b' "fix": "Take another."},'
        b'{"rule": "contact/email", "severity": "error", "field": "emails.0", "message": "no", "fix": ""}]}'
    )
    page.get_by_role("button", name="Save contact").click()
    page.get_by_text("It is taken. Take another.").wait_for()
    assert page.locator("#cs-add-id-problems").inner_text().startswith("It is taken.")
    assert page.locator("#cs-add-emails-problems").inner_text().startswith("No.")
    preview.status, preview.answer = 201, b'{"id": "zoe", "page": "contacts/hostile.html"}'
    page.get_by_role("button", name="Save contact").click()
    page.wait_for_url(f"{preview.address}contacts/hostile.html")
    path, token, body = preview.got[-1]
    assert (path, token) == ("/_edit/contacts", "t0ken")
    for name, value in (("id", "zoe"), ("name", "Zoë"), ("emails", "zoe@example.org")):
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in body
    assert b'name="picture"; filename="x.png"' in body
    assert PNG in body


# --- the record page -------------------------------------------------------------------------------------------------


def test_the_picture_area_hands_a_picture_back_under_its_name_and_warns_of_a_second(
    window: OpenWindow, team: Path
) -> None:
    one = window(team.as_uri(), accept_downloads=True)
    page = one.open(f"{team.as_uri()}/contacts/ada.html")
    for data, place in ((PNG, "avatars/ada.png"), (JPEG, "avatars/ada.jpg")):
        page.set_input_files(
            "#cs-picture-area input[type=file]", {"name": "x", "mimeType": "image/png", "buffer": data}
        )
        page.locator(".picture-next code", has_text=place).wait_for()
        assert ("Take out avatars/ada.png" in page.locator(".picture-next").inner_text()) == (data is JPEG)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download under its name").click()
    assert download.value.suggested_filename == "ada.jpg"
    assert one.complaints == []


def test_the_qr_code_is_read_from_the_screen_in_the_dark_and_without_scripts(window: OpenWindow, team: Path) -> None:
    source, _ = check(
        "ada", "", (b"name: Ada Lovelace\ntitle: Countess\nemail: ada@example.org\nphone: +44 20 7946 0958"), None
    )
    assert source is not None
    one = window(team.as_uri(), java_script_enabled=False, color_scheme="dark")
    page = one.open(f"{team.as_uri()}/contacts/ada.html")
    code = page.get_by_role("img", name="QR code")
    assert not code.is_visible()
    page.get_by_role("button", name="QR code").click()
    shot = Image.open(io.BytesIO(page.locator(".code-sheet").screenshot()))
    (found,) = zxingcpp.read_barcodes(shot)
    assert found.text.encode() == small_card(source.record, 180)
    page.keyboard.press("Escape")
    assert not code.is_visible()
    assert one.complaints == []


def test_a_record_leads_to_its_edit_page_and_to_that_of_what_was_merged(window: OpenWindow, team: Path) -> None:
    page = window(team.as_uri()).open(f"{team.as_uri()}/contacts/ada.html")
    edit = "https://github.com/acme/contacts/edit/main/contacts"
    assert page.get_by_role("link", name="Edit this record").get_attribute("href") == f"{edit}/ada.yaml"
    assert page.get_by_role("link", name="Edit the record of Ada L.").get_attribute("href") == f"{edit}/lead.yaml"
    with page.expect_download() as download:
        page.get_by_role("link", name="vCard").click()
    assert download.value.path().read_bytes().startswith(b"BEGIN:VCARD\r\nVERSION:3.0\r\n")


def test_a_printed_record_has_no_buttons(window: OpenWindow, team: Path) -> None:
    page = window(team.as_uri()).open(f"{team.as_uri()}/contacts/ada.html")
    page.emulate_media(media="print")
    assert page.locator("button:visible, a.button:visible, .picture-area:visible, a.add:visible").count() == 0
    assert page.get_by_text("ada@example.org").is_visible()
    assert page.get_by_text("Merged from Ada L.").is_visible()


def test_the_drawer_and_the_record_are_open_to_everyone_and_never_wider_than_a_telephone(
    window: OpenWindow, team: Path
) -> None:
    axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    one = window("", viewport={"width": 320, "height": 700}, reduced_motion="reduce")
    page = one.open(f"{team.as_uri()}/contacts/hostile.html")
    page.evaluate(axe)
    wrong: list[str] = []

    def look(step: str) -> None:
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        wrong.extend(
            f"{step}: {rule['id']}: {node['html'][:150]}" for rule in found["violations"] for node in rule["nodes"]
        )
        if page.evaluate(TOO_WIDE):
            wrong.append(f"{step}: too wide")

    look("record")
    page.get_by_role("button", name="Add contact").click()
    page.get_by_role("button", name="Continue").click()
    look("form")
    page.fill("#cs-add-name", "x" * 150)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="The record").wait_for()
    look("done")
    assert wrong == []
