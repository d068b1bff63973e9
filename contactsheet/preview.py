"""The preview's pages and routes: the site as it was built last, the stream that tells of changes, and the changes.

Files come from the site's folder and the program's own alone, and are read whole; what is said about a path is escaped.
It stands behind the guard, which has seen to who may ask.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from contactsheet import inject, own, preview_changes, preview_pictures, preview_records
from contactsheet.answering import Preview
from contactsheet.repository import own_templates

_FILE_LIMIT = 134_217_728  # bytes
_BEAT = 15.0  # seconds between two signs of life
_STREAMS = 100
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".vcf": "text/vcard; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
_STREAM = "text/event-stream"
_UNSOUND = re.compile(r"[\x00-\x1f\x7f\\:]")
# The page where there is none; the client in it makes it the page that is wanted as soon as there is one.
_NOTHING = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body class="csp-nothing">
<main>
<h1>{title}</h1>
<p>{text}</p>
<p><a href="{home}">All contacts</a></p>
</main>
</body>
</html>
"""


def application(preview: Preview) -> Starlette:
    """The preview as an ASGI application."""

    def route(path: str, answer: Callable[[Preview, Request], Awaitable[Response]], *methods: str) -> Route:
        return Route(path, partial(answer, preview), methods=[*methods] or ["GET"])

    return Starlette(
        routes=[
            route("/_events", _events),
            route("/_problems", _problems),
            route(f"/{inject.CLIENT}/{{name}}", _client),
            *preview_pictures.routes(preview),
            *preview_records.routes(preview),
            *preview_changes.routes(preview),
            route("/{path:path}", _page),
        ]
    )


# --- files -----------------------------------------------------------------------------------------------------------


async def _page(preview: Preview, request: Request) -> Response:
    """A file of the site; a page gets the preview's client."""
    path = request.path_params["path"] or "index.html"
    data = await run_in_threadpool(_file, preview.site, path)
    if data is None:
        return _nothing(preview, path)
    kind = _KINDS.get(Path(path).suffix.lower(), "application/octet-stream")
    if kind != _KINDS[".html"]:
        return Response(data, media_type=kind)
    return _dressed(preview, path, data, 200, inject.mark(preview.run, data))


def _file(folder: Path, path: str) -> bytes | None:
    """A regular file of the folder that is reached without a link; None for all else."""
    parts = path.split("/")
    if _UNSOUND.search(path) or any(not part or part.startswith(".") for part in parts):
        return None
    for number in range(len(parts)):
        if folder.joinpath(*parts[:number]).is_symlink():
            return None
    return own.read(folder.joinpath(*parts), _FILE_LIMIT)


def _nothing(preview: Preview, path: str) -> Response:
    """The page for an address where there is nothing, or nothing yet."""
    if path == "index.html":
        title, text = "There is no site yet", "It stands here as soon as it could be built."
    else:
        title, text = "There is no such page", f"The site has no <code>{html.escape(path)}</code>."
    home = f"{inject.way_up(path)}index.html"
    page = _NOTHING.format(title=title, text=text, home=home).encode("utf-8", "backslashreplace")
    return _dressed(preview, path, page, 503 if path == "index.html" else 404, inject.mark(preview.run, None))


def _dressed(preview: Preview, path: str, page: bytes, status: int, looks: inject.Mark) -> Response:
    page, policy = inject.dressed(page, path, preview.token, looks)
    headers = {"content-security-policy": policy}
    return Response(page, status, headers, media_type=_KINDS[".html"])


async def _client(_preview: Preview, request: Request) -> Response:
    """The preview's own script and style."""
    name = request.path_params["name"]
    data = await run_in_threadpool(_file, Path(own_templates(), "preview"), name)
    if data is None:
        raise HTTPException(404)
    return Response(data, media_type=_KINDS[Path(name).suffix])


# --- what changes ----------------------------------------------------------------------------------------------------


async def _problems(preview: Preview, _request: Request) -> Response:
    return Response(preview.live.state.report, media_type=_KINDS[".json"])


async def _events(preview: Preview, request: Request) -> Response:
    """The stream for one page, which says in ``page`` which it is, and in ``since`` what it has seen."""
    if preview.live.listeners >= _STREAMS:
        raise HTTPException(503, "too many pages are open")
    if request.method == "HEAD":
        return Response(media_type=_STREAM)
    since = request.headers.get("last-event-id") or request.query_params.get("since", "")
    number, _, seen = since.partition(":")
    known = int(number) if re.fullmatch("[0-9]{1,9}", number) else preview.live.state.number
    events = _told(preview, request.query_params.get("page"), known, inject.parsed(seen))
    return StreamingResponse(events, media_type=_STREAM)


async def _told(preview: Preview, path: str | None, known: int, seen: inject.Mark | None) -> AsyncIterator[str]:
    """The events for a page: other problems, what it has to do when it is another itself, and that a build is over.

    A page of which it is not known how it looked reloads with every build after ``known`` that changed the site.
    """
    live, report = preview.live, ""
    live.listeners += 1
    try:
        yield "retry: 1000\n\n"
        while not live.is_closed:
            state = live.state
            now = await run_in_threadpool(_look, preview, path)
            kind = inject.change(seen, now) if seen else "reload" if state.site > known else ""
            is_built = state.number > known
            seen, known = now if seen else None, state.number
            if state.report != report:
                yield _event("problems", f"{known}:{now}", state.report)
            if kind:
                yield _event(kind, f"{known}:{now}", json.dumps({"build": known}))
            if is_built:
                yield _event("built", f"{known}:{now}", json.dumps({"build": known}))
            report = state.report
            if live.state is state:
                await live.after(state, _BEAT)
                yield ": \n\n"
    finally:
        live.listeners -= 1


def _look(preview: Preview, path: str | None) -> inject.Mark:
    return inject.mark(preview.run, _file(preview.site, path or "index.html"))


def _event(kind: str, number: str, data: str) -> str:
    return f"event: {kind}\nid: {number}\ndata: {data}\n\n"
