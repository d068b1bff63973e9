"""Templates and values to pages. Everything is escaped; nothing that a record says is ever taken for a template."""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import quote

if TYPE_CHECKING:
    from jinja2 import Environment

    from contactsheet import views

_REMEMBERED = 2000  # addresses in which something is quoted
_SAFE = "/._~#-"  # in an address, beside letters and digits
_PLAIN = re.compile(f"[A-Za-z0-9{_SAFE}]*")

Templates = tuple[tuple[str, str], ...]
"""The templates' texts by their names."""
Compiled = tuple[tuple[str, bytes], ...]
"""Templates as Python's code, by their names: it takes as long to make as hundreds of pages, so it is made once."""
Made = TypeVar("Made")


class TemplateFault(NamedTuple):
    """Why a template gave no page; ``name`` and ``line`` where it is known."""

    name: str
    line: int | None
    message: str


def compiled(templates: Templates) -> Compiled | TemplateFault:
    """The templates ready to be rendered, or why they cannot be used, as far as that shows before a page is."""
    environment = _environment(())
    made = []
    for name, text in templates:
        # With a file name, a traceback says which template failed.
        code = _attempt(partial(environment.compile, text, name, f"templates/{name}"), name)
        if isinstance(code, TemplateFault):
            return code
        made.append((name, marshal.dumps(code)))
    return tuple(made)


def render(templates: Compiled, name: str, site: views.Site, page: object) -> bytes | TemplateFault:
    """The page that the template ``name`` makes of ``site`` and ``page``, as UTF-8, or why it makes none."""

    def made() -> bytes:
        pieces = _environment(templates).get_template(name).generate(site=site, page=page)
        # By pieces: one letter that is not of ASCII makes a text ten times as slow to encode.
        return b"".join([piece.encode() for piece in pieces])

    return _attempt(made, name)


def _attempt(work: Callable[[], Made], name: str) -> Made | TemplateFault:
    """What ``work`` with the template ``name`` makes, or the fault that it raised."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001  # whatever a template's own expressions raise is the template's fault
        return _fault(error, name)


def _fault(error: Exception, name: str) -> TemplateFault:
    """What the template ``name`` or one that it needs did wrong, by what that raised."""
    from jinja2 import TemplateError, TemplateNotFound

    at, line = _frame(error, name)
    if isinstance(error, TemplateNotFound):
        return TemplateFault(at, line, f"there is no template {error.name}")
    if isinstance(error, TemplateError):
        at, line = getattr(error, "name", None) or at, getattr(error, "lineno", None) or line
        return TemplateFault(at, line, error.message or type(error).__name__)
    return TemplateFault(at, line, f"{type(error).__name__}: {error}")


@lru_cache(maxsize=2)
def _environment(templates: Compiled) -> Environment:
    from contactsheet import sandbox

    codes = {name: marshal.loads(code) for name, code in templates}  # noqa: S302  # this program compiled it
    return sandbox.environment(codes, {"urlpath": _urlpath})


def _urlpath(path: str) -> str:
    """A site path as part of an address."""
    # Mostly there is nothing to quote, which is known in a fifth of the time.
    return path if type(path) is str and _PLAIN.fullmatch(path) else _quoted(path)


@lru_cache(maxsize=_REMEMBERED)
def _quoted(path: str) -> str:
    return quote(path, safe=_SAFE)


def _frame(error: BaseException, name: str) -> tuple[str, int | None]:
    """The innermost template and its line in an error's traceback."""
    import traceback

    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith("templates/"):
            return frame.filename.removeprefix("templates/"), frame.lineno
    return name, None
