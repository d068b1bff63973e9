"""Requests from strangers to the preview: group S of what untrusted input looks like. One preview serves them all."""

from __future__ import annotations

import contextlib
import os
import random
import re
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from contactsheet.commands import endings
from contactsheet.commands.serve import _listening, _terms
from contactsheet.destination import MANIFEST
from contactsheet.guard import RefusedError, Terms, admit
from tests import pictures as make
from tests.conftest import Site
from tests.serving import Preview, form, received, serving

if TYPE_CHECKING:
    from starlette.types import Scope

LIMIT = 2_621_440 + 131_072  # bytes of a body
RED = make.saved(make.quarters(512, 512))
GREEN = make.saved(make.textured(512, 512))


@dataclass(frozen=True)
class Served:
    site: Site
    preview: Preview

    def avatars(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.site.root / "avatars").iterdir())}

    def sources(self) -> dict[str, bytes]:
        folders = [self.site.root / name for name in ("contacts", "avatars")]
        return {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A preview of two contacts, one with a picture, and beside the site a file that is nobody's business."""
    site = Site(tmp_path_factory.mktemp("served") / "site")
    site.settings('rules = {"avatar/alike" = "off"}')
    site.contact("ada", name="Ada Lovelace")
    site.contact("bob", name="Bob")
    site.write("avatars/ada.jpg", RED)
    site.write("secret.html", "SECRET")
    with serving(site.root) as preview:
        yield Served(site, preview)


def status(answer: bytes) -> int:
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    return int(found[1]) if found else 0


def get(*lines: str, target: str = "/", version: str = "1.1") -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"GET {target} HTTP/{version}", *lines, "Connection: close"))
    return f"{head}\r\n".encode("utf-8", "surrogateescape")


def head_of_upload(served: Served, *lines: str) -> bytes:
    """The head of an upload for Ada that has the right to be made."""
    port = served.preview.place[1]
    own = [
        "POST /_edit/avatar/ada HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"X-CSRF-Token: {served.preview.token}",
        "Content-Type: multipart/form-data; boundary=b",
    ]
    return ("\r\n".join([*own, *lines]) + "\r\n\r\n").encode()


# --- S1, S2, S20: under which name -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        *("/", "/contacts/ada.html", "/contacts.json", "/_events", "/_problems"),
        *("/_edit/avatar/ada", "/_source/avatar/ada", "/_edit/proposal?name=Ada"),
    ],
)
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8000", "192.168.0.1", "localhost.evil.example"]
)
def test_a_read_under_a_foreign_name_is_refused(served: Served, host: str, target: str) -> None:
    assert status(served.preview.raw(get(f"Host: {host}", target=target))) == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:1"])
def test_every_name_of_this_machine_is_served(served: Served, host: str) -> None:
    assert status(served.preview.raw(get(f"Host: {host}"))) == 200


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        (["Host: 127.0.0.1", "Host: evil.example"], "1.1"),
        (["Host: 127.0.0.1", "Host: 127.0.0.1"], "1.1"),
        ([], "1.1"),
        ([], "1.0"),
        (["Host:"], "1.1"),
        (["Host: 127.0.0.1@evil.example"], "1.1"),
        (["Host: 127.0.0.1/evil"], "1.1"),
        (["Host: 127.0.0.1, evil.example"], "1.1"),
        (["Host: 127.0.0.1:80:80"], "1.1"),
        (["Host: [::1"], "1.1"),
    ],
    ids=["other twice", "same twice", "absent", "absent in 1.0", "empty", "user", "path", "list", "two ports", "torn"],
)
def test_a_request_without_one_sound_host_is_malformed(served: Served, lines: list[str], version: str) -> None:
    assert status(served.preview.raw(get(*lines, version=version))) == 400


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", "https://127.0.0.1"])
def test_the_stream_is_not_for_other_origins(served: Served, origin: str) -> None:
    answer = served.preview.ask("/_events", Origin=origin)
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_other_sites_embed_is_not_served_but_a_link_from_there_is(served: Served, site: str) -> None:
    embedded = served.preview.ask(
        "/contacts.json", Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest="image"
    )
    assert embedded.status == 403
    link = served.preview.ask("/", Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")
    assert link.status == 200


# --- S3: a change from elsewhere -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"X_CSRF_Token": ""},
        {"X_CSRF_Token": "x" * 43},
        {"X_CSRF_Token": "", "Origin": "http://evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"},
        {"Host": "evil.example"},
    ],
    ids=["no token", "wrong token", "form", "token and origin", "null", "cross-site", "same-site form", "rebinding"],
)
def test_a_change_from_elsewhere_is_refused(served: Served, headers: dict[str, str]) -> None:
    before = served.sources()
    assert served.preview.post("/_edit/avatar/ada", [("picture", GREEN)], **headers).status == 403
    assert served.preview.post("/_edit/contacts", [("id", "eve"), ("name", "Eve")], **headers).status == 403
    assert served.preview.post("/_edit/picture/ada/remove", [("x", "y")], **headers).status == 403
    assert served.sources() == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused_and_no_other_origin_is_let_in(served: Served, method: str) -> None:
    answer = served.preview.ask("/_edit/avatar/ada", method, Access_Control_Request_Method="POST")
    assert answer.status == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


# --- S4, S5, S18: paths ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "/../secret.html",
        "/..%2fsecret.html",
        "/%2e%2e/secret.html",
        "/contacts/../../secret.html",
        "/..%5csecret.html",
        "/..\\secret.html",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/\\\\unc\\share",
        "/%5c%5cunc%5cshare",
        "/index.html%00.png",
        "/index.html%00",
        "/index.html::$DATA",
        "/C:/secret.html",
        f"/{MANIFEST}",
        "/.contactsheet-manifest",
        "/contacts",
        "/contacts/",
        "/_preview/../../pyproject.toml",
        "/_preview/..%2f..%2fstyle.css",
        "/_preview/%2e%2e%2fstyle.css",
    ],
)
def test_a_path_out_of_the_site_leads_nowhere(served: Served, target: str) -> None:
    answer = served.preview.raw(get("Host: 127.0.0.1", target=target))
    assert status(answer) == 404
    assert b"SECRET" not in answer
    assert b"root:" not in answer


def test_an_address_of_another_server_is_no_path(served: Served) -> None:
    assert status(served.preview.raw(get("Host: 127.0.0.1", target="http://evil.example/"))) == 400


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
def test_links_and_pipes_in_the_site_are_not_followed(served: Served) -> None:
    output = served.site.output
    (output / "link.html").symlink_to(served.site.root / "secret.html")
    (output / "folder").symlink_to(served.site.root)
    os.mkfifo(output / "pipe.html")
    try:
        for path in ("/link.html", "/folder/secret.html", "/pipe.html"):
            answer = served.preview.ask(path)
            assert (answer.status, b"SECRET" in answer.body) == (404, False)
    finally:
        for name in ("link.html", "folder", "pipe.html"):
            (output / name).unlink()


def test_the_page_of_an_error_shows_the_path_as_text(served: Served) -> None:
    answer = served.preview.ask("/%3Cscript%3Ealert(1)%3C/script%3E%22'%ff.html")
    assert answer.status == 404
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


# --- S6, S7, S8, S9, S12, S19: bodies and connections ----------------------------------------------------------------


def test_a_body_that_is_too_long_is_refused_unread(served: Served) -> None:
    with socket.create_connection(served.preview.place, timeout=30) as connection:
        connection.sendall(head_of_upload(served, f"Content-Length: {LIMIT + 1}"))
        assert status(connection.recv(65536)) == 413


def test_an_endless_body_is_refused_at_the_limit(served: Served) -> None:
    chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    sent = 0
    with socket.create_connection(served.preview.place, timeout=10) as connection:
        connection.sendall(head_of_upload(served, "Transfer-Encoding: chunked"))
        # A system keeps some megabytes for a server that is slow to read: what is sent says little until it waits.
        with contextlib.suppress(ConnectionError):  # closed while we were sending: the answer is there
            while not select.select([connection], [], [], 0)[0] and sent < 100 * LIMIT:
                connection.sendall(chunk)
                sent += len(chunk)
        assert status(connection.recv(65536)) == 413
    assert sent < 100 * LIMIT


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 3", "Transfer-Encoding: chunked"],
        ["Content-Length: 3", "Content-Length: 4"],
        ["Content-Length: -3"],
        ["Content-Length: 3x"],
        ["Transfer-Encoding: gzip, chunked"],
    ],
    ids=["both", "two lengths", "negative", "no number", "another coding"],
)
def test_a_body_without_one_plain_length_is_malformed(served: Served, lines: list[str]) -> None:
    answer = served.preview.raw(head_of_upload(served, *lines) + b"3\r\nabc\r\n0\r\n\r\n")
    assert status(answer) in (400, 501)
    assert answer.count(b"HTTP/1.1") == 1, "what follows was taken for another request"


def test_a_body_shorter_than_it_says_writes_nothing(served: Served) -> None:
    before = served.sources()
    with socket.create_connection(served.preview.place, timeout=30) as connection:
        connection.sendall(head_of_upload(served, "Content-Length: 5000") + form([("picture", GREEN)], "b")[:2000])
        connection.shutdown(socket.SHUT_WR)
        assert status(received(connection)) in (0, 400)
    assert served.sources() == before


def test_silent_connections_keep_nobody_out_and_are_let_go(served: Served) -> None:
    silent = [socket.create_connection(served.preview.place, timeout=15) for _ in range(200)]
    try:
        for one in silent[::2]:
            one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        began = time.monotonic()
        assert served.preview.ask("/").status == 200
        assert time.monotonic() - began < 5
        assert received(silent[0]) == b"", "the eldest was not let go"
    finally:
        for one in silent:
            one.close()


def test_a_form_of_ten_thousand_parts_is_malformed(served: Served) -> None:
    began = time.monotonic()
    answer = served.preview.post("/_edit/avatar/ada", [(f"f{number}", "x") for number in range(10_000)])
    assert answer.status == 400
    assert time.monotonic() - began < 5


def test_a_part_with_a_head_of_a_megabyte_is_malformed(served: Served) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\nX: '
    body = part + b"x" * 1_000_000 + b"\r\n\r\n--b--\r\n"
    began = time.monotonic()
    answer = served.preview.raw(head_of_upload(served, f"Content-Length: {len(body)}", "Connection: close") + body)
    assert status(answer) == 400
    assert time.monotonic() - began < 5


def test_a_form_that_is_none_is_refused(served: Served) -> None:
    assert served.preview.post("/_edit/contacts", [], Content_Type="application/json").status == 415
    assert served.preview.post("/_edit/contacts", [], Content_Type="multipart/form-data").status == 400


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined", "utf-16"])
def test_a_form_in_another_encoding_is_refused(served: Served, charset: str) -> None:
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    assert served.preview.post("/_edit/contacts", [("name", "Caf\u00e9 \ud7ff")], Content_Type=kind).status == 415


def test_a_thousand_ranges_give_the_whole_page(served: Served) -> None:
    many = get("Host: 127.0.0.1", *["Range: bytes=0-1"] * 1000)
    one = get("Host: 127.0.0.1", f"Range: bytes={','.join(['0-1'] * 1000)}")
    for request in (many, one):
        began = time.monotonic()
        answer = served.preview.raw(request)
        assert status(answer) in (200, 416)
        assert time.monotonic() - began < 5


# --- S11, S13, S14, S15, S16: uploads --------------------------------------------------------------------------------


@pytest.mark.parametrize("called", ["../../x.png", "con.png", "a.png\0.html", "/etc/passwd", "ada.html", "C:\\x"])
def test_a_file_is_named_after_the_contact_whatever_it_was_called(served: Served, called: str) -> None:
    before = served.avatars()
    answer = served.preview.post("/_edit/avatar/ada", [("picture", GREEN)], file=called)
    assert answer.status == 200, answer.text
    assert answer.json["files"] == ["avatars/ada.jpg"]
    assert served.avatars() == {**before, "ada.jpg": GREEN}


HOSTILE = {
    **make.foreign(),
    "cut": RED[: len(RED) // 2],
    "bomb": make.with_size(RED, 60_000, 60_000),
    "scans": make.with_scans(200),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "empty": b"",
    "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "large": RED + bytes(2_621_440),
}


def test_every_hostile_picture_gets_the_verdict_of_the_check_and_is_not_written(served: Served) -> None:
    before = served.sources()
    twin = Site(served.site.root.parent / "twin")
    verdicts: dict[str, list[str]] = {}
    for number, (name, data) in enumerate(HOSTILE.items()):
        answer = served.preview.post("/_edit/avatar/bob", [("picture", data)])
        assert answer.status == 422, (name, answer.text)
        twin.contact(f"n{number}", name=f"Bob {number}")
        path = f"avatars/n{number}{'.png' if data.startswith(make.SIGNATURE) else '.jpg'}"
        twin.write(path, data)
        verdicts[path] = [one["rule"] for one in answer.json["problems"] if one["severity"] == "error"]
    judged = twin.check(1).problems
    said = {path: [one.rule for one in judged if one.file == path and one.severity == "error"] for path in verdicts}
    assert verdicts == said
    assert served.sources() == before


def test_of_two_uploads_at_a_time_one_wins_whole(served: Served) -> None:
    with ThreadPoolExecutor(4) as pool:
        uploads = [
            pool.submit(served.preview.post, "/_edit/avatar/bob", [("picture", data)])
            for data in (RED, make.saved(make.quarters(600, 600), "PNG")) * 2
        ]
        assert [one.result().status for one in uploads] == [200] * 4
    own = {name: data for name, data in served.avatars().items() if name.startswith("bob")}
    assert list(own.values()) in ([RED], [make.saved(make.quarters(600, 600), "PNG")])
    assert (own.keys() == {"bob.jpg"}) == (list(own.values()) == [RED])


@pytest.mark.parametrize(
    "contact_id", ["nobody", "ADA", "ada.yaml", "..%2fada", "%2e%2e/contacts/ada", "ada/", "", "a%00"]
)
def test_a_picture_for_nobody_leads_nowhere(served: Served, contact_id: str) -> None:
    before = served.sources()
    assert served.preview.post(f"/_edit/avatar/{contact_id}", [("picture", GREEN)]).status == 404
    assert served.preview.post(f"/_edit/picture/{contact_id}/remove", [("x", "y")]).status == 404
    for path in ("_edit/avatar", "_source/avatar"):
        assert served.preview.ask(f"/{path}/{contact_id}").status == 404
    assert served.sources() == before


@pytest.mark.parametrize("contact_id", ["../eve", "/eve", "eve.yaml", "con", "a\\b", "a\0b", "ADA", "é", "x" * 101])
def test_a_contact_whose_id_is_none_is_refused(served: Served, contact_id: str) -> None:
    before = served.sources()
    answer = served.preview.post("/_edit/contacts", [("id", contact_id), ("name", "Eve"), ("picture", GREEN)])
    assert answer.status == 422
    assert {one["rule"] for one in answer.json["problems"]} & {"contact/id", "contact/id-clash"}
    assert served.sources() == before


@pytest.mark.parametrize("value", ["a\nname: Eve", "{{7*7}}", "!!python/object:os.system", "&a *a", "'\"\\", "- x: y"])
def test_what_is_typed_is_text_in_the_record(served: Served, value: str) -> None:
    answer = served.preview.post("/_edit/contacts", [("id", "typed"), ("name", "Typed"), ("notes", value)])
    try:
        assert answer.status == 201, answer.text
        from contactsheet.check import check

        record, _ = check("typed", "", (served.site.root / "contacts/typed.yaml").read_bytes(), None)
        assert record
        assert (record.record.name, record.record.notes) == ("Typed", value)
    finally:
        (served.site.root / "contacts/typed.yaml").unlink(missing_ok=True)


def test_killed_in_an_upload_the_old_picture_or_the_new_one_is_there(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("avatars/ada.jpg", RED)
    png = make.saved(make.textured(512, 512), "PNG")
    with serving(site.root) as preview:
        token = preview.token
        upload = threading.Thread(target=_attempt, args=(preview, token, png))
        upload.start()
        time.sleep(random.uniform(0, 0.1))
        preview.end(signal.SIGKILL)
        upload.join(20)
    there = {
        path.name: path.read_bytes() for path in (site.root / "avatars").iterdir() if not path.name.startswith(".")
    }
    assert there in ({"ada.jpg": RED}, {"ada.png": png}, {"ada.jpg": png})


def _attempt(preview: Preview, token: str, data: bytes) -> None:
    try:
        preview.ask(
            "/_edit/avatar/ada",
            "POST",
            form([("picture", data)], "b"),
            X_CSRF_Token=token,
            Content_Type="multipart/form-data; boundary=b",
        )
    except OSError:
        return


# --- S17 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/contacts/ada.html", "/contacts.json", "/nothing", "/_problems", "/_preview/preview.js"),
        *("/_source/avatar/ada", "/_edit/avatar/ada", "/_edit/proposal?name=Ada"),
    ],
)
def test_every_answer_tells_the_browser_to_be_careful(served: Served, path: str) -> None:
    headers = served.preview.ask(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "default-src" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert not [name for name in headers if name.startswith("access-control")]


def test_a_refusal_does_so_too(served: Served) -> None:
    headers = served.preview.ask("/", Host="evil.example").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]


# --- S10: another address than loopback ------------------------------------------------------------------------------


KEY = "k" * 43
TERMS = Terms(frozenset(("127.0.0.1",)), "token", LIMIT, KEY, "contactsheet-8000", any_address=True)


def asked(path: str = "/", query: str = "", **headers: str) -> Scope:
    """A request as the server hands it to the guard."""
    lines = {"host": "192.168.0.1:8000", **headers}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in lines.items()]
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": raw}
    return {**scope, "query_string": query.encode()}


@pytest.mark.parametrize(
    "scope",
    [
        asked(),
        asked(query="key=wrong"),
        asked(query=f"key={KEY[1:]}"),
        asked("/contacts.json", cookie="contactsheet-8000=wrong"),
        asked(cookie=f"contactsheet-8001={KEY}"),
        asked(cookie=f"contactsheet-8000={KEY}", host="evil.example"),
        asked(query=f"key={KEY}", host="evil.example"),
    ],
    ids=["none", "wrong", "short", "wrong cookie", "another's cookie", "rebinding", "rebinding with the key"],
)
def test_without_its_key_another_address_shows_nothing(scope: Scope) -> None:
    with pytest.raises(RefusedError) as refused:
        admit(scope, TERMS)
    assert refused.value.status == 403


def test_the_key_goes_from_the_address_into_a_cookie() -> None:
    with pytest.raises(RefusedError) as answer:
        admit(asked("//contacts/ada.html", f"key={KEY}"), TERMS)
    assert (answer.value.status, answer.value.headers["location"]) == (303, "/contacts/ada.html")
    cookie = answer.value.headers["set-cookie"]
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax")
    admit(asked(cookie=f"theme=dark; {cookie.partition(';')[0]}"), TERMS)


def test_every_address_but_loopback_gets_a_key_of_its_own() -> None:
    with _listening("0.0.0.0", 0) as everywhere, _listening("127.0.0.1", 0) as here:
        keys = {_terms("0.0.0.0", everywhere, 1).key for _ in range(2)}
        assert len(keys) == 2
        assert min(map(len, keys)) >= 32
        assert _terms("127.0.0.1", here, 1).key == ""
    with pytest.raises(endings.RefusedError):
        _listening("", 0)
