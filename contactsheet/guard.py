"""Stands before the preview: which requests are answered at all. What it refuses, nothing behind it ever sees.

A page of another site can make a browser send requests here, under a name of its own too (DNS rebinding); a program
can send anything. So host and origin are checked on reads and writes, a change needs a token that only our pages hold,
and a body is limited before it is read. Nothing here opens a file.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset(("127.0.0.1", "localhost", "[::1]"))
TOKEN_HEADER = "x-csrf-token"  # noqa: S105  # a name, no secret
_BODY_SECONDS = 30
_READS = ("GET", "HEAD")
# RFC 9112 §3.2, RFC 3986 §3.2.2: a name or an address, and perhaps a port.
_HOST = re.compile(r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_POLICY = "default-src 'none'; frame-ancestors 'none'"
HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a request has to fulfil.

    ``names`` are the names and addresses under which the preview may be asked for; with ``any_address``, all IP
    addresses are. ``token`` is what a change has to show, ``key`` what every request does: in its address once, then in
    a cookie called ``cookie``; empty where this machine alone can ask. ``body`` is the most bytes that a request may
    carry.
    """

    names: frozenset[str]
    token: str
    body: int
    key: str = ""
    cookie: str = "contactsheet"
    any_address: bool = False


class RefusedError(Exception):
    """A request is refused with this status; the text is told to who asked."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status, self.headers = status, headers or {}


class Guard:
    """The application ``app`` behind ``terms``; every answer gets the headers that keep browsers from guessing."""

    def __init__(self, app: ASGIApp, terms: Terms) -> None:
        self._app, self._terms = app, terms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, as ASGI has it."""
        assert scope["type"] == "http", scope["type"]  # the server is told to do nothing else

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = dict(message["headers"])
                usual = {**HEADERS, "content-security-policy": _POLICY}
                added = [(name.encode(), value.encode()) for name, value in usual.items() if name.encode() not in own]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        try:
            admit(scope, self._terms)
            body = await _body(scope, receive, self._terms.body)
        except RefusedError as refused:
            await _refuse(refused, send_with_headers)
            return
        await self._app(scope, _replayed(body, receive), send_with_headers)


def admit(scope: Scope, terms: Terms) -> None:
    """Raises RefusedError unless the request, as far as its head tells, fulfils the terms."""
    headers = _headers(scope)
    host = _host(headers, terms)
    _check_frame(scope, headers, terms.body)
    if scope["method"] not in (*_READS, "POST"):
        raise RefusedError(405, "pages are read with GET, changes are made with POST", {"allow": "GET, HEAD, POST"})
    if _is_foreign(scope["method"], host, headers):
        raise RefusedError(403, "the request comes from a page of another site")
    if terms.key:
        _check_key(scope, headers, terms)
    shown = _only(headers, TOKEN_HEADER)
    if scope["method"] == "POST" and not hmac.compare_digest(shown.encode(), terms.token.encode()):
        raise RefusedError(403, "a change needs the token of a page of this preview; reload the page and try again")


def _headers(scope: Scope) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip())
    return found


def _only(headers: Mapping[str, list[str]], name: str) -> str:
    """The value of a header that may come once; empty where it does not."""
    values = headers.get(name, [])
    if len(values) > 1:
        raise RefusedError(400, f"the header {name} comes {len(values)} times")
    return values[0] if values else ""


def _host(headers: Mapping[str, list[str]], terms: Terms) -> str:
    """The host that the request names, in small letters. The port counts for nothing: a tunnel may have another."""
    host = _only(headers, "host").lower()
    found = _HOST.fullmatch(host)
    if found is None:
        raise RefusedError(400, "the request names no host, or none that could be one")
    name = found["name"].removesuffix(".")
    if name not in terms.names and not (terms.any_address and _is_address(name)):
        raise RefusedError(403, "the preview is not to be had under this name")
    return host


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _check_frame(scope: Scope, headers: Mapping[str, list[str]], limit: int) -> None:
    """Where a body begins and ends must be plain (RFC 9112 §6.3), and it must not be longer than is read."""
    length, coding = _only(headers, "content-length"), _only(headers, "transfer-encoding")
    if length and coding:
        raise RefusedError(400, "the request gives its length in two ways")
    if length and not re.fullmatch(r"[0-9]{1,18}", length):
        raise RefusedError(400, "the request's length is no number")
    if length and int(length) > limit:
        raise RefusedError(413, f"a request may carry {limit:,} bytes")
    if not scope["path"].startswith("/"):
        raise RefusedError(400, "the request names another server")


def _is_foreign(method: str, host: str, headers: Mapping[str, list[str]]) -> bool:
    """Whether a page of another site makes the browser ask (fetch.spec.whatwg.org, w3.org/TR/fetch-metadata).

    Following a link from elsewhere is fine; showing our pictures or running our scripts there is not.
    """
    origin = _only(headers, "origin").lower()
    if origin and origin != f"http://{host}":
        return True
    if _only(headers, "sec-fetch-site") not in ("cross-site", "same-site"):
        return False
    follows_link = _only(headers, "sec-fetch-mode") == "navigate" and _only(headers, "sec-fetch-dest") == "document"
    return not (method in _READS and follows_link)


def _check_key(scope: Scope, headers: Mapping[str, list[str]], terms: Terms) -> None:
    """The key in the address is put into a cookie, and out of the address, where it would be seen and copied."""
    given = parse_qs(scope["query_string"].decode("latin-1")).get("key", [""])[0]
    if scope["method"] in _READS and hmac.compare_digest(given.encode(), terms.key.encode()):
        cookie = f"{terms.cookie}={terms.key}; Path=/; HttpOnly; SameSite=Lax"
        here = scope["raw_path"].decode("latin-1")
        raise RefusedError(303, "", {"location": f"/{here.lstrip('/')}", "set-cookie": cookie})
    try:
        cookies = SimpleCookie("; ".join(headers.get("cookie", [])))
    except CookieError:
        cookies = SimpleCookie()
    shown = cookies[terms.cookie].value if terms.cookie in cookies else ""
    if not hmac.compare_digest(shown.encode(), terms.key.encode()):
        raise RefusedError(403, "open the whole address that the preview printed when it started, with its key")


async def _body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body, which is small enough to be held; raises RefusedError at the first byte too many."""
    headers = _headers(scope)
    if headers.get("content-length", ["0"]) == ["0"] and "transfer-encoding" not in headers:
        return b""
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            while True:
                message = await receive()
                body += message.get("body", b"")
                if message["type"] == "http.disconnect":
                    raise RefusedError(400, "the request ends before its body does")
                if len(body) > limit:
                    raise RefusedError(413, f"a request may carry {limit:,} bytes")
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        raise RefusedError(408, "the request took too long") from None


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read, and then what the server says, which is when the other side has gone."""
    waiting = [body]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay


async def _refuse(refused: RefusedError, send: Send) -> None:
    text = f"{refused.status}: {refused}.\n".encode() if str(refused) else b""
    headers = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(text)), **refused.headers}
    if refused.status == 400:  # where such a request ends, the next one does not begin for certain
        headers["connection"] = "close"
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refused.status, "headers": raw})
    await send({"type": "http.response.body", "body": text})
