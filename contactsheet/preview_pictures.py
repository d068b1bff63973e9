"""The preview's routes for contacts that are added and for the pictures of those that are there.

What they do is told in ``editing``, ``portrait`` and ``proposing``; the guard has seen to who may ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contactsheet import editing, portrait, suggesting
from contactsheet.answering import Preview, answered, asked, form_of, id_of
from contactsheet.editing import Saved
from contactsheet.proposing import Proposer
from contactsheet.rebuilding import Bench
from contactsheet.similar import Draft


def routes(preview: Preview) -> list[Route]:
    """``/_edit/contacts`` and ``/_edit/proposal``; ``/_edit/avatar/ID``, its removal, and ``/_source/avatar/ID``."""
    proposer = Proposer(preview.site, preview.live, preview.rebuilding)
    return [
        Route("/_edit/contacts", partial(_add, preview), methods=["POST"]),
        Route("/_edit/proposal", partial(_propose, proposer), methods=["GET"]),
        Route("/_edit/avatar/{id:path}", partial(_look, preview), methods=["GET"]),
        Route("/_edit/avatar/{id:path}", partial(_change, preview), methods=["POST"]),
        Route("/_edit/picture/{id:path}/remove", partial(_remove, preview), methods=["POST"]),
        Route("/_source/avatar/{id:path}", partial(_source, preview), methods=["GET"]),
    ]


async def _add(preview: Preview, request: Request) -> Response:
    form = await form_of(request)
    return await answered(preview, _told(partial(editing.add_contact, form), "Add"), 201)


async def _propose(proposer: Proposer, request: Request) -> Response:
    """A free ID for a name, and the contacts that have it, an e-mail address or a telephone number already."""
    query = request.query_params
    draft = Draft(query.get("name", ""), tuple(query.getlist("emails")), tuple(query.getlist("phones")))
    try:
        return JSONResponse(await proposer.answer(draft))
    except TimeoutError:
        raise HTTPException(503, "a build takes long") from None


async def _change(preview: Preview, request: Request) -> Response:
    form = await form_of(request)
    if form.picture is None and not (form.take("focus") or form.take("fit")):
        raise HTTPException(400, "the form has no picture, focus or fit")
    words = "Crop the picture of" if form.picture is None else "Replace the picture of"
    return await answered(preview, _told(partial(portrait.change, id_of(request), form), words))


async def _remove(preview: Preview, request: Request) -> Response:
    return await answered(preview, _told(partial(portrait.remove, id_of(request)), "Remove the picture of"))


async def _look(preview: Preview, request: Request) -> Response:
    """Where the picture of a contact lies, what of it stays in view, and how a removal would be undone."""
    found = await asked(preview, partial(portrait.look, id_of(request)))
    if found is None:
        raise HTTPException(404, "the contact has no picture")
    return found if isinstance(found, Response) else JSONResponse(asdict(found))


async def _source(preview: Preview, request: Request) -> Response:
    """The picture of a contact as it lies in the repository, for the editor; nothing else of the repository."""
    found = await asked(preview, partial(portrait.source, id_of(request)))
    if found is None:
        raise HTTPException(404, "the contact has no picture that could be shown")
    return found if isinstance(found, Response) else Response(found[0], media_type=found[1])


def _told(change: Callable[[Bench], Saved], words: str) -> Callable[[Bench], Mapping[str, object]]:
    """A change that also says what commits it; ``words`` and the ID say in git's log what it was."""

    def make(bench: Bench) -> Mapping[str, object]:
        saved = change(bench)
        commit = suggesting.keeping(bench.root, saved.files, f"{words} {saved.id}")
        return {"id": saved.id, "page": saved.page, "files": list(saved.files), "commit": commit}

    return make
