"""Templates and values to pages. Everything is escaped; nothing that a record says is ever taken for a template."""

from __future__ import annotations

import marshal
import re
import traceback
from collections.abc import Callable, Collection, MutableMapping
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.compiler import CodeGenerator
    from jinja2.runtime import Context, Macro

    from contactsheet import views

_REMEMBERED = 2000  # pieces of pages, of about 1 kB each
_MARKUP = re.compile("[&<>'\"]")

Templates = tuple[tuple[str, str], ...]
"""The templates' texts by their names."""
Compiled = tuple[tuple[str, bytes], ...]
"""Templates as Python's code, by their names: it takes as long to make as hundreds of pages, so it is made once."""
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class TemplateFault:
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
    return _attempt(lambda: _environment(templates).get_template(name).render(site=site, page=page).encode(), name)


def _attempt(work: Callable[[], Made], name: str) -> Made | TemplateFault:
    """What ``work`` with the template ``name`` makes, or the fault that it raised."""
    from jinja2 import TemplateError, TemplateNotFound

    try:
        return work()
    except TemplateNotFound as error:
        at, line = _frame(error, name)
        return TemplateFault(at, line, f"there is no template {error.name}")
    except TemplateError as error:
        at = getattr(error, "name", None) or _frame(error, name)[0]
        line = getattr(error, "lineno", None) or _frame(error, name)[1]
        return TemplateFault(at, line, error.message or type(error).__name__)
    except Exception as error:  # noqa: BLE001  # whatever a template's own expressions raise is the template's fault
        at, line = _frame(error, name)
        return TemplateFault(at, line, f"{type(error).__name__}: {error}")


@lru_cache(maxsize=2)
def _environment(templates: Compiled) -> Environment:
    from jinja2 import BaseLoader, StrictUndefined, Template, TemplateNotFound
    from jinja2.runtime import Macro
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    codes = {name: marshal.loads(code) for name, code in templates}  # noqa: S302  # this program compiled it
    known = _view_fields()
    holders = {name: {kind for kind, names in known.items() if name in names} for name in set().union(*known.values())}
    once = lru_cache(maxsize=_REMEMBERED)(_of_macro)
    # What the code that the generator makes knows by name.
    named = {"once": once, "partial": partial, "markup": _MARKUP.search}
    named |= {f"have_{name}": kinds for name, kinds in holders.items()}

    class Sandbox(ImmutableSandboxedEnvironment):
        """Templates come by pull request: they get values and nothing that leads out of them."""

        def getattr(self, obj: Any, attribute: str) -> Any:
            # The fields of our own views are data; asking the sandbox for each took two thirds of the rendering.
            if attribute in known.get(type(obj), ()):
                return getattr(obj, attribute)
            return super().getattr(obj, attribute)

        def call(__self, __context: Context, __obj: Any, *values: Any, **named: Any) -> Any:  # noqa: N805  # as Jinja's
            # Macros are the templates' own, and once() takes nothing else: asking would take longer than calling.
            if isinstance(__obj, Macro) or __obj is once:
                named.pop("_block_vars", None)  # which Jinja passes on, for functions that ask for the context
                named.pop("_loop_vars", None)
                return __obj(*values, **named)
            return super().call(__context, __obj, *values, **named)

    class Loader(BaseLoader):
        """Gives templates that are compiled already."""

        def load(
            self,
            environment: Environment,
            name: str,
            globals: MutableMapping[str, Any] | None = None,  # noqa: A002  # as Jinja calls it
        ) -> Template:
            if name not in codes:
                raise TemplateNotFound(name)
            template = Template.from_code(environment, codes[name], dict(globals or {}))
            template.root_render_func.__globals__.update(named)
            return template

    environment = Sandbox(
        loader=Loader(),
        autoescape=True,
        undefined=StrictUndefined,
        cache_size=-1,  # there are few templates, which do not change
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.code_generator_class = _generator(holders)
    environment.filters["urlpath"] = _urlpath
    environment.globals["once"] = once
    return environment


def _generator(holders: Collection[str]) -> type[CodeGenerator]:
    """What makes the code of templates; ``holders`` are the fields of views.

    The code has to know ``once``, ``partial`` and ``markup`` by these names, and who has a field by ``have_FIELD``.
    """
    from jinja2 import nodes
    from jinja2.compiler import CodeGenerator, Frame

    class Generator(CodeGenerator):
        """Makes the code of templates; what they do most often is done in place, without a call."""

        def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802  # as Jinja calls it
            """A field of a view is read as such."""
            if node.attr not in holders:
                super().visit_Getattr(node, frame)
                return
            self.write(f"(view.{node.attr} if type(view := ")
            self.visit(node.node, frame)
            self.write(f") in have_{node.attr} else environment.getattr(view, {node.attr!r}))")

        def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802  # Jinja's name
            """What once() takes is seen to by itself."""
            named = node.kwargs or node.dyn_args or node.dyn_kwargs or forward_caller
            if named or not isinstance(node.node, nodes.Name) or node.node.name != "once":
                super().visit_Call(node, frame, forward_caller=forward_caller)
                return
            self.write("(once if (called := ")
            self.visit(node.node, frame)
            self.write(") is once else partial(environment.call, context, called))(")
            for argument in node.args:
                self.visit(argument, frame)
                self.write(", ")
            self.write(")")

        def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
            """A text in which nothing is to be escaped is written as it is: asking ``escape`` takes longer."""
            if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
                super()._output_child_pre(node, frame, finalize)
            else:
                self.write("(said if (kind := type(said := (")

        def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
            if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
                super()._output_child_post(node, frame, finalize)
            else:
                self.write("))) is Markup or (kind is str and not markup(said)) else escape(said))")

    return Generator


def _of_macro(macro: Macro, *values: object) -> str:
    """What a macro makes of the values. Remembered: fifty threads have the same fifty conversations beside them."""
    from jinja2.runtime import Macro

    if not isinstance(macro, Macro):  # anything else would be called past the sandbox
        raise TypeError("once() takes a macro")
    return macro(*values)


def _view_fields() -> dict[type, frozenset[str]]:
    from contactsheet import views

    kinds = [kind for kind in vars(views).values() if isinstance(kind, type)]
    tuples = {kind: frozenset[str](kind._fields) for kind in kinds if hasattr(kind, "_fields")}
    return tuples | {kind: frozenset(field.name for field in fields(kind)) for kind in kinds if is_dataclass(kind)}


@lru_cache(maxsize=_REMEMBERED)
def _urlpath(path: str) -> str:
    """A site path as part of an address."""
    return quote(path, safe="/.-_~#")


def _frame(error: BaseException, name: str) -> tuple[str, int | None]:
    """The innermost template and its line in an error's traceback."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith("templates/"):
            return frame.filename.removeprefix("templates/"), frame.lineno
    return name, None
