"""Templates and values to pages. Everything is escaped; nothing that a record says is ever taken for a template."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from jinja2 import Environment

    from contactsheet import views

Templates = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """Why a template gave no page; ``name`` and ``line`` where it is known."""

    name: str
    line: int | None
    message: str


def render(templates: Templates, name: str, site: views.Site, page: object) -> bytes | TemplateFault:
    """The page that the template ``name`` makes of ``site`` and ``page``, as UTF-8, or why it makes none."""
    from jinja2 import TemplateError

    try:
        return _environment(templates).get_template(name).render(site=site, page=page).encode()
    except TemplateError as error:
        at = getattr(error, "name", None) or _frame(error, name)[0]
        line = getattr(error, "lineno", None) or _frame(error, name)[1]
        return TemplateFault(at, line, error.message or type(error).__name__)
    except Exception as error:  # noqa: BLE001  # whatever a template's own expressions raise is the template's fault
        at, line = _frame(error, name)
        return TemplateFault(at, line, f"{type(error).__name__}: {error}")


@lru_cache(maxsize=2)
def _environment(templates: Templates) -> Environment:
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    texts = dict(templates)

    def load(name: str) -> tuple[str, str, None] | None:
        # With a file name, a traceback says which template failed; the sandbox because templates come by pull request.
        return (texts[name], f"templates/{name}", None) if name in texts else None

    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["urlpath"] = _urlpath
    return environment


def _urlpath(path: str) -> str:
    """A site path as part of an address."""
    return quote(path, safe="/.-_~#")


def _frame(error: BaseException, name: str) -> tuple[str, int | None]:
    """The innermost template and its line in an error's traceback."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith("templates/"):
            return frame.filename.removeprefix("templates/"), frame.lineno
    return name, None
