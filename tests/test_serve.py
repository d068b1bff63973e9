"""`serve`: the address, the pages, the stream, the changes, and how it ends. For strangers: hostile/test_server.py."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from contactsheet import inject
from contactsheet.commands.building import Builder
from contactsheet.editing import Form, RefusedEditError, UnknownContactError, add_contact, replace_picture
from contactsheet.live import Live
from contactsheet.memo import Memo
from contactsheet.problems import Severity
from contactsheet.rebuilding import Bench, Crew, Rebuilding
from contactsheet.workers import Workers
from tests.conftest import Site
from tests.pictures import quarters, saved
from tests.processes import wait_for
from tests.repository import Repository
from tests.serving import Events, Preview, serving

JPEG = saved(quarters(512, 512))
PNG = saved(quarters(512, 512), "PNG")


# --- the pages -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Preview]]:
    site = Site(tmp_path_factory.mktemp("serve") / "site")
    site.contact("ada", name="Ada Lovelace")
    site.contact("sales/bob", name="Bob")
    site.contact("lead", "merge_into: ada\n", name="Ada L.")
    site.write("avatars/ada.jpg", JPEG)
    with serving(site.root) as preview:
        yield site, preview


def test_the_first_line_is_the_address_and_the_talk_goes_elsewhere(served: tuple[Site, Preview]) -> None:
    _, preview = served
    assert preview.address == f"http://127.0.0.1:{preview.place[1]}/"
    wait_for(lambda: any("2 contacts" in line for line in preview.said))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("", "text/html; charset=utf-8"),
        ("contacts/sales/bob.html", "text/html; charset=utf-8"),
        ("contacts/lead.html", "text/html; charset=utf-8"),
        ("contacts.json", "application/json"),
        ("vcards/ada.vcf", "text/vcard; charset=utf-8"),
        ("assets/style.*.css", "text/css; charset=utf-8"),
        ("assets/theme.*.js", "text/javascript; charset=utf-8"),
        ("assets/icon.*.svg", "image/svg+xml"),
        ("avatars/ada-96.*.webp", "image/webp"),
    ],
)
def test_every_file_of_the_site_is_served_as_what_it_is(served: tuple[Site, Preview], path: str, kind: str) -> None:
    site, preview = served
    file = next(site.output.glob(path or "index.html"))
    answer = preview.ask(f"/{file.relative_to(site.output).as_posix() if path else ''}")
    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    if file.suffix != ".html":
        assert answer.body == file.read_bytes()


def test_a_page_gets_the_client_in_its_head_and_is_otherwise_as_it_was_built(served: tuple[Site, Preview]) -> None:
    site, preview = served
    page = preview.ask("/contacts/sales/bob.html").text
    begin, end = page.index('<meta name="csrf-token"'), page.index("</head>")
    assert page[:begin] + page[end:] == site.page("contacts/sales/bob.html")
    assert '<script src="../../_preview/preview.js" defer>' in page[begin:end]
    assert preview.ask("/_preview/preview.js").status == 200
    assert "csrf-token" not in site.page("contacts/sales/bob.html")
    assert not [path for path in site.tree() if "preview" in path]


@pytest.mark.parametrize(
    ("method", "headers"),
    [("HEAD", {}), ("GET", {"If_None_Match": "*"}), ("GET", {"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"})],
    ids=["HEAD", "etag", "date"],
)
def test_nothing_is_ever_stale(served: tuple[Site, Preview], method: str, headers: dict[str, str]) -> None:
    answer = served[1].ask("/", method, None, **headers)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert bool(answer.body) == (method == "GET")


# --- the policy, and what a page has to do ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "adapted"),
    [
        ("default-src 'self'", "default-src 'self'"),
        (
            "default-src 'none'",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'",
        ),
        (
            "default-src 'self'; script-src 'sha256-x'; connect-src 'none'",
            "default-src 'self'; script-src 'self' 'sha256-x'; connect-src 'self'",
        ),
        ("img-src data:", "img-src data:"),
        ("script-src 'self'; script-src 'none'", "script-src 'self'"),
    ],
)
def test_a_policy_is_widened_just_enough(policy: str, adapted: str) -> None:
    assert inject.allowing(policy) == adapted


def test_a_page_without_a_head_or_a_policy_gets_the_client_all_the_same() -> None:
    page, policy = inject.dressed(b"<p>plain", "index.html", 'a"b', inject.mark("r", b"<p>plain"))
    assert page.endswith(b"</script>\n<p>plain")
    assert b'content="a&quot;b"' in page
    assert "default-src 'self'" in policy


PAGE = b'<link href="assets/style.0123456789ab.css"><img src="avatars/a/b-96.0123456789ab.webp"> text'


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        (PAGE, ""),
        (PAGE.replace(b"style.0", b"style.1"), "swap"),
        (PAGE.replace(b"96.0", b"96.1"), "swap"),
        (PAGE.replace(b"text", b"other"), "reload"),
        (PAGE.replace(b"a/b-96", b"a/c-96"), "reload"),
        (None, "reload"),
    ],
    ids=["nothing", "style", "picture", "text", "another picture", "gone"],
)
def test_a_page_does_what_its_own_change_asks_for(now: bytes | None, kind: str) -> None:
    before = inject.mark("run", PAGE)
    assert inject.change(before, inject.mark("run", now)) == kind
    assert inject.parsed(str(before)) == before
    assert inject.change(before, inject.mark("another run", now)) == "reload"


# --- the stream ------------------------------------------------------------------------------------------------------


def test_the_stream_tells_of_every_build_once_and_of_none_that_changed_nothing_until_it_ends(site: Site) -> None:
    _save(site, "title: Duchess")
    with serving(site.root) as preview:
        with closing(preview.events()) as stream:
            assert stream.answer.getheader("content-type") == "text/event-stream; charset=utf-8"
            first = stream.next()
            assert (first[0], json.loads(first[2])["problems"]) == ("problems", [])
            _save(site, "title: Duchess")  # the same bytes
            _save(site, "title: Countess")
            kind, seen, data = stream.next()
            assert (kind, json.loads(data)) == ("reload", {"build": int(seen.partition(":")[0])})
        _save(site, "title: Queen")
        _until(lambda: "Queen" in preview.ask("/contacts/ada.html").text)
        with closing(preview.events(f"_events?page=contacts/ada.html&since={seen}")) as again:
            assert [again.next()[0], again.next()[0]] == ["problems", "reload"], "a build was missed meanwhile"

        _save(site, "titel: Queen")
        _until(lambda: bool(preview.ask("/_problems").json["problems"]))
        (problem,) = preview.ask("/_problems").json["problems"]
        assert (problem["file"], problem["line"], problem["source"]) == ("contacts/ada.yaml", 2, "titel: Queen")
        assert problem["fix"].startswith("Did you mean “title”?")

        with closing(preview.events()) as stream:
            stream.next()
            began = time.monotonic()
            assert preview.end(signal.SIGINT) == 130, "Ctrl-C"
            assert time.monotonic() - began < 10
            assert b"event" not in stream.answer.read()
        assert "Traceback" not in "".join(preview.said)


def test_a_checkout_of_many_files_is_one_reload_and_a_save_by_rename_another(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "site")
    for number in range(300):
        repository.contact(f"c{number:03}", name=f"Contact {number:03}")
    repository.commit("Before")
    repository.git("switch", "--quiet", "-c", "later")
    for number in range(300):
        repository.contact(f"c{number:03}", "title: Later\n", name=f"Contact {number:03}")
    repository.commit("After")
    repository.git("switch", "--quiet", "-")
    with serving(repository.root) as preview, closing(preview.events("_events?page=contacts/c299.html")) as stream:
        repository.git("switch", "--quiet", "later")
        _until_reload(stream)
        told = preview.ask("/contacts/c000.html").text, preview.ask("/contacts/c299.html").text
        assert all("Later" in page for page in told)
        draft = repository.write("contacts/.c299.yaml.swp", "name: Contact 299\ntitle: Renamed\n")
        draft.replace(repository.root / "contacts/c299.yaml")
        _until_reload(stream)  # the checkout's was the only one, or else it comes before this page is there
        assert "Renamed" in preview.ask("/contacts/c299.html").text


def _until_reload(stream: Events) -> None:
    while stream.next()[0] != "reload":
        pass


def _save(site: Site, line: str) -> None:
    """Saves Ada's record with this line as editors do: in one step, so that nobody sees half of it."""
    site.write("contacts/.ada.tmp", f"name: Ada Lovelace\n{line}\n").replace(site.root / "contacts/ada.yaml")


def _until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


# --- changes ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def bench(site: Site) -> Iterator[Bench]:
    """The builder's bench without its threads: the changes themselves are the subject."""
    site.contact("ada", "# hers\ntitle: 'Countess'\n", name="Ada Lovelace")
    site.write("avatars/ada.jpg", JPEG)
    builder = Builder(site.root, site.output, Severity.ERROR, strict=False, timings=False)
    with Workers(1) as workers:
        crew = Crew(site.root, builder.attempt, Memo, lambda: workers, False, print)
        yield Bench(crew, Live(), workers, Memo())


def test_a_contact_is_added_with_its_picture_and_published(site: Site, bench: Bench) -> None:
    fields = [
        ("name", "Grace: Hopper"),
        ("emails", "g@example.org"),
        ("emails", "h@example.org"),
        ("fields.Cat", "Tom"),
    ]
    saved_now = add_contact(Form(tuple(fields), PNG), bench)
    assert (saved_now.id, saved_now.page) == ("grace-hopper", "contacts/grace-hopper.html")
    assert saved_now.files == ("contacts/grace-hopper.yaml", "avatars/grace-hopper.png")
    assert (site.root / "contacts/grace-hopper.yaml").read_text(encoding="utf-8") == (
        'name: "Grace: Hopper"\nemails:\n  - g@example.org\n  - h@example.org\nfields:\n  Cat: Tom\n'
    )
    assert site.index()["grace-hopper"]["avatar"]
    assert (site.output / saved_now.page).is_file()


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ([("name", "")], "contact/missing"),
        ([("id", "ada"), ("name", "Ada")], "contact/id-clash"),
        ([("id", "ADA"), ("name", "Ada")], "contact/id-clash"),
        ([("name", "Eve"), ("compnay", "x")], "contact/unknown-field"),
        ([("name", "Eve"), ("x: y\nmerge_into", "ada")], "contact/unknown-field"),
        ([("name", "Eve"), ("focus", "0.5,1.2.3")], "contact/focus"),
        ([("name", "Eve"), ("merge_into", "nobody")], "merge/unknown-target"),
        ([("name", "Eve"), ("title", "one"), ("title", "two")], "contact/type"),
    ],
    ids=[
        "no name",
        "taken",
        "taken in another case",
        "unknown field",
        "a field of lines",
        "no focus",
        "unknown target",
        "twice",
    ],
)
def test_a_contact_with_an_error_is_refused_as_the_check_does(
    site: Site, bench: Bench, fields: list[tuple[str, str]], rule: str
) -> None:
    before = sorted(site.root.rglob("*"))
    with pytest.raises(RefusedEditError) as refused:
        add_contact(Form(tuple(fields)), bench)
    assert rule in [one.rule for one in refused.value.problems]
    assert sorted(site.root.rglob("*")) == before


def test_what_is_wrong_elsewhere_hinders_nobody(site: Site, bench: Bench) -> None:
    site.contact("broken", "compnay: x\n", name="Broken")
    add_contact(Form((("name", "Eve"),)), bench)
    assert (site.root / "contacts/eve.yaml").is_file()


def test_a_picture_of_another_kind_takes_the_place_of_the_old_one(site: Site, bench: Bench) -> None:
    before = (site.root / "contacts/ada.yaml").read_bytes()
    assert replace_picture("ada", Form(picture=PNG), bench).files == ("avatars/ada.png", "avatars/ada.jpg")
    assert [path.name for path in (site.root / "avatars").iterdir()] == ["ada.png"]
    assert (site.root / "contacts/ada.yaml").read_bytes() == before


def test_a_picture_that_may_be_others_too_stays_and_the_contact_gets_its_own(site: Site, bench: Bench) -> None:
    shared = saved(quarters(600, 600))
    site.write("avatars/people/a.jpeg", shared)
    (site.root / "avatars/ada.jpg").unlink()
    site.contact("ada", "avatar: {file: people/a.jpeg, focus: top}\n", name="Ada")
    assert replace_picture("ada", Form(picture=PNG), bench).files == ("avatars/ada.png", "contacts/ada.yaml")
    assert (site.root / "contacts/ada.yaml").read_text() == "name: Ada\n"
    assert (site.root / "avatars/people/a.jpeg").read_bytes() == shared


def test_a_picture_that_the_record_names_by_its_id_is_replaced_and_named_anew(site: Site, bench: Bench) -> None:
    site.contact("ada", "avatar: {file: ada.jpg, focus: top}\n", name="Ada")
    assert replace_picture("ada", Form(picture=saved(quarters(600, 600))), bench).files == ("avatars/ada.jpg",)
    replace_picture("ada", Form(picture=PNG), bench)
    assert (site.root / "contacts/ada.yaml").read_text() == "name: Ada\navatar: {focus: top}\n"
    assert [path.name for path in (site.root / "avatars").iterdir()] == ["ada.png"]


def test_focus_and_fit_are_written_into_the_record_and_nothing_else_of_it_changes(site: Site, bench: Bench) -> None:
    form = Form((("focus", "0.25, 0.5"), ("fit", "contain")))
    assert replace_picture("ada", form, bench).files == ("contacts/ada.yaml",)
    text = (site.root / "contacts/ada.yaml").read_text(encoding="utf-8")
    assert text.startswith("name: Ada Lovelace\n# hers\ntitle: 'Countess'\n")
    assert "focus: [0.25, 0.5]" in text
    assert "fit: contain" in text
    with pytest.raises(RefusedEditError):
        replace_picture("ada", Form((("focus", "0.5, 7"),)), bench)
    assert (site.root / "contacts/ada.yaml").read_text(encoding="utf-8") == text


def test_a_picture_of_nobody_is_nobody_s(bench: Bench) -> None:
    with pytest.raises(UnknownContactError):
        replace_picture("nobody", Form(picture=JPEG), bench)


def test_a_draft_is_judged_by_its_content_however_long_it_is(site: Site, bench: Bench) -> None:
    good, bad = b"name: Eve\ntitle: x\n", b"name: Eve\ntitel: x\n"
    for _ in range(2):
        assert not [one for one in bench.judge({"contacts/eve.yaml": good}) if one.severity is Severity.ERROR]
        assert [one.rule for one in bench.judge({"contacts/eve.yaml": bad})] == ["contact/unknown-field"]
    assert not (site.root / "contacts/eve.yaml").exists()
    assert [one.rule for one in bench.judge({"contacts/ada.yaml": None})] == ["avatar/orphan"]


# --- how it begins and ends ------------------------------------------------------------------------------------------


def test_a_site_that_cannot_be_built_is_served_all_the_same_until_it_is_told_to_end(site: Site) -> None:
    site.contact("ada", name="")
    with serving(site.root) as preview:
        answer = preview.ask("/")
        assert (answer.status, "There is no site yet" in answer.text) == (503, True)
        assert preview.ask("/_problems").json["problems"][0]["rule"] == "yaml/document"
        assert preview.end(signal.SIGTERM) == 143


def test_a_fault_of_the_program_ends_the_preview_and_is_not_hidden(site: Site) -> None:
    site.contact("ada", name="Ada")

    def attempt(*_: object) -> str:
        raise ZeroDivisionError

    ended = threading.Event()
    crew = Crew(site.root, attempt, Memo, lambda: Workers(0), False, print)
    rebuilding = Rebuilding(crew, Live(), threading.Event(), ended.set)
    rebuilding.start()
    assert ended.wait(20)
    rebuilding.end()
    assert isinstance(rebuilding.fault, ZeroDivisionError)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else has."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_refused_in_a_sentence(site: Site, taken: int) -> None:
    site.contact("ada", name="Ada")
    done = site.command("serve", "--no-open", "--port", str(taken))
    assert (done.returncode, done.stdout) == (2, "")
    assert str(taken) in done.stderr
    assert "Traceback" not in done.stderr


def test_where_the_usual_port_is_taken_a_free_one_is_found(
    site: Site, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contactsheet.commands import serve

    monkeypatch.setattr(serve, "_USUAL_PORT", taken)
    with serve._listening("127.0.0.1", None) as listening:
        assert listening.getsockname()[1] not in (0, taken)


def test_an_output_that_is_no_place_for_a_site_is_refused(site: Site) -> None:
    site.contact("ada", name="Ada")
    done = site.command("serve", "--no-open", "--output", str(site.root / "contacts"))
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_change_that_cannot_be_written_says_so(served: tuple[Site, Preview]) -> None:
    site, preview = served
    folder = Path(site.root / "avatars")
    (folder / "sales").symlink_to(site.root)
    try:
        answer = preview.post("/_edit/avatar/sales/bob", [("picture", JPEG)])
    finally:
        (folder / "sales").unlink()
    assert answer.status in (422, 500), answer.text
    assert answer.json["problems"]
    assert not (site.root / "bob.jpg").exists()
