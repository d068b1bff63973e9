"""What all routes of the preview share: what they know, how a form is read, how work is asked for, what is said of it.

It knows no route and no page.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contactsheet.amend import AmendError
from contactsheet.editing import Form, RefusedEditError, Saved, UnknownContactError
from contactsheet.editing_records import MalformedError, OutdatedError
from contactsheet.git import GitError
from contactsheet.ledger import problem_entry
from contactsheet.live import Live, report_of_failure
from contactsheet.rebuilding import Bench, Rebuilding
from contactsheet.settings import SettingsError

Result = TypeVar("Result")

PARTS_BYTES = 131_072  # what a form may carry besides a picture: its other fields and the lines between them
JSON = "application/json"
_TEXT_LIMIT = 65_536  # bytes of one field
_FIELDS = 200
_CHANGE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Preview:
    """What the routes need: the site's folder, what is told to the pages, who makes changes, and the token for them.

    ``run`` is in the mark of every page, and another one each time the preview starts.
    """

    site: Path
    live: Live
    rebuilding: Rebuilding
    token: str
    run: str


def id_of(request: Request) -> str:
    """The contact's ID in the address that was asked for."""
    found: str = request.path_params["id"]
    return found


async def form_of(request: Request) -> Form:
    """The form that was sent. What its parts are called as files is not looked at."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or options.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise HTTPException(
            415, "a change is sent as multipart/form-data, in UTF-8"
        )  # some other codecs raise anything
    parser = _Parser(request.headers, request.stream(), max_files=1, max_fields=_FIELDS, max_part_size=_TEXT_LIMIT)
    try:
        parsed = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400, error.message) from None
    picture: bytes | None = None
    fields: list[tuple[str, str]] = []
    for name, value in parsed.multi_items():
        if isinstance(value, str):
            fields.append((name, value))
        elif name == "picture":
            picture = await value.read()
    await parsed.close()
    return Form(tuple(fields), picture)


class _Parser(MultiPartParser):
    spool_max_size = 2**31  # never to the disk: the guard has limited the whole


async def changed(preview: Preview, change: Callable[[Bench], Saved]) -> Response:
    """Has a change made, and tells the page what came of it."""

    def make(bench: Bench) -> Mapping[str, object]:
        saved = change(bench)
        return {"id": saved.id, "page": saved.page, "files": list(saved.files)}

    return await answered(preview, make)


async def answered(preview: Preview, work: Callable[[Bench], Mapping[str, object]], status: int = 200) -> Response:
    """Has work done in the builder's thread, and gives what it gave as JSON, or why it did not."""
    found = await asked(preview, work)
    # A file's name may be no UTF-8; JSON of ASCII alone says it all the same, and the page gives it back unchanged.
    return found if isinstance(found, Response) else Response(json.dumps(found), status, media_type=JSON)


async def asked(preview: Preview, work: Callable[[Bench], Result]) -> Result | Response:
    """What the work gave that the builder's thread did when it was its turn, or the answer that says why it did not."""
    future = preview.rebuilding.ask(work)
    try:
        return await asyncio.wait_for(asyncio.wrap_future(future), _CHANGE_SECONDS)
    except UnknownContactError:
        raise HTTPException(404, "there is no such contact") from None
    except MalformedError as error:
        raise HTTPException(400, str(error)) from None
    except OutdatedError as error:
        return JSONResponse(error.now, 409)
    except RefusedEditError as refused:
        return JSONResponse({"problems": [problem_entry(one) for one in refused.problems]}, 422)
    except (SettingsError, AmendError, GitError) as error:
        return _failed(422, str(error))
    except OSError as error:
        return _failed(500, f"it could not be written: {error.strerror or error}")
    except TimeoutError:
        return _failed(504, "another build takes long; look whether the change is there when it is over")


def _failed(status: int, sentence: str) -> Response:
    return Response(report_of_failure(sentence), status, media_type=JSON)
