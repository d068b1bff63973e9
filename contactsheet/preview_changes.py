"""The preview's routes for what is not committed yet: the list, the pictures as they were, and the commit.

What they do is told in ``pending`` and ``committing``; the guard has seen to who may ask. Nothing is pushed.
"""

from __future__ import annotations

import json
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contactsheet import committing, own, pending
from contactsheet.answering import Preview, answered, asked, form_of
from contactsheet.committing import NoRepositoryError
from contactsheet.git import GitError
from contactsheet.rebuilding import Bench
from contactsheet.settings import load
from contactsheet.views import INDEX

_INDEX_LIMIT = 134_217_728  # bytes of contacts.json


def routes(preview: Preview) -> list[Route]:
    """Reads of ``/_changes`` and ``/_changes/before/PATH``, and the change ``/_edit/commit``."""
    return [
        Route("/_changes", partial(_list, preview), methods=["GET"]),
        Route("/_changes/count", partial(_count, preview), methods=["GET"]),
        Route("/_changes/before/{path:path}", partial(_before, preview), methods=["GET"]),
        Route("/_edit/commit", partial(_commit, preview), methods=["POST"]),
    ]


async def _list(preview: Preview, _request: Request) -> Response:
    index = await run_in_threadpool(own.read, preview.site / INDEX, _INDEX_LIMIT)

    def told(bench: Bench) -> dict[str, object]:
        try:
            return pending.entry(bench.root, index)
        except NoRepositoryError as error:
            return {"branch": None, "reason": str(error), "count": 0, "changes": []}

    return await answered(preview, told)


async def _count(preview: Preview, _request: Request) -> Response:
    """How many files differ; null where there is no repository, or git cannot tell."""
    try:
        found = await run_in_threadpool(committing.differences, preview.rebuilding.root)
    except GitError:
        return JSONResponse({"count": None})
    return JSONResponse({"count": len(found)})


async def _before(preview: Preview, request: Request) -> Response:
    """The thumbnail of a picture as HEAD has it, made anew by the checks that every picture goes through."""
    path = request.path_params["path"]

    def examine(bench: Bench) -> bytes | None:
        try:
            found = pending.picture_before(bench.root, path, load(bench.root).max_picture_bytes)
        except GitError:
            found = None
        return bench.examine(*found).thumbnails.get("512") if found else None

    thumbnail = await asked(preview, examine)
    if isinstance(thumbnail, Response):
        return thumbnail
    if thumbnail is None:
        raise HTTPException(404)
    return Response(thumbnail, media_type="image/webp")


async def _commit(preview: Preview, request: Request) -> Response:
    form = await form_of(request)
    message = form.take("message").strip()
    paths = _paths(form.take("paths"))
    if not message or len(message) > committing.MESSAGE_LIMIT or "\0" in message or not paths:
        raise HTTPException(400, "a commit has a message, and the files that it is of")

    def make(bench: Bench) -> dict[str, object]:
        done = committing.commit(bench.root, paths, message)
        return {"commit": done.name, "subject": done.subject}

    return await answered(preview, make)


def _paths(text: str) -> list[str]:
    """The paths of a JSON list of texts; none where it is another thing."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) and all(isinstance(one, str) for one in found) else []
