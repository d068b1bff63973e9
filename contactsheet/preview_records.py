"""The preview's routes for one record: its form, the change of its fields, a merge foreseen, made and undone.

What they do is told in ``editing_records`` and ``editing_merges``; the guard has seen to who may ask.
"""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contactsheet.answering import Preview, answered, changed, form_of, id_of
from contactsheet.editing_merges import Plan, merge_into, merge_preview, unmerge
from contactsheet.editing_records import change_record, record_form


def routes(preview: Preview) -> list[Route]:
    """Reads and changes of ``/_edit/record/ID``, ``/_edit/merge/ID`` and ``/_edit/unmerge/ID``."""
    return [
        Route("/_edit/record/{id:path}", partial(_form, preview), methods=["GET"]),
        Route("/_edit/record/{id:path}", partial(_change, preview), methods=["POST"]),
        Route("/_edit/merge/{id:path}", partial(_look_ahead, preview), methods=["GET"]),
        Route("/_edit/merge/{id:path}", partial(_merge, preview), methods=["POST"]),
        Route("/_edit/unmerge/{id:path}", partial(_unmerge, preview), methods=["POST"]),
    ]


async def _form(preview: Preview, request: Request) -> Response:
    return await answered(preview, partial(record_form, id_of(request)))


async def _change(preview: Preview, request: Request) -> Response:
    form = await form_of(request)
    return await changed(preview, partial(change_record, id_of(request), form))


async def _look_ahead(preview: Preview, request: Request) -> Response:
    """What a merge ``into`` a contact would give; ``take`` and ``keep`` count where ``decided`` is there."""
    asked = request.query_params
    into, take, keep = asked.get("into", ""), asked.getlist("take"), asked.getlist("keep")
    plan = Plan(into, tuple(take), tuple(keep)) if "decided" in asked else Plan(into)
    return await answered(preview, partial(merge_preview, id_of(request), plan))


async def _merge(preview: Preview, request: Request) -> Response:
    form = await form_of(request)
    take, keep = ([value for key, value in form.fields if key == name] for name in ("take", "keep"))
    plan = Plan(form.take("into"), tuple(take), tuple(keep))
    return await changed(preview, partial(merge_into, id_of(request), plan))


async def _unmerge(preview: Preview, request: Request) -> Response:
    await form_of(request)
    return await changed(preview, partial(unmerge, id_of(request)))
