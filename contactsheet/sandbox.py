"""Jinja as templates get it: they see values and nothing that leads out of them. It imports Jinja, and so is imported
only where a page is rendered.

Most of the time of a page went into what Jinja asks of each value and each call. What is known beforehand is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache, partial
from types import CodeType
from typing import Any

import markupsafe
from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateNotFound, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from contactsheet import views

_REMEMBERED = 2000  # pieces of pages, of about 1 kB each


def environment(codes: Mapping[str, CodeType], filters: Mapping[str, Callable[..., Any]]) -> Environment:
    """What renders templates whose code is given by their names, with some ``filters`` besides Jinja's own."""
    made = _Sandbox(
        loader=_Loader(codes),
        autoescape=True,
        undefined=StrictUndefined,
        cache_size=-1,  # there are few templates, which do not change
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.code_generator_class = _Generator
    made.filters.update(filters)
    made.globals["once"] = made.once
    return made


@cache
def _view_fields() -> Mapping[type, frozenset[str]]:
    """The fields of each kind of view."""
    kinds = [kind for kind in vars(views).values() if isinstance(kind, type)]
    tuples = {kind: frozenset[str](kind._fields) for kind in kinds if hasattr(kind, "_fields")}
    return tuples | {kind: frozenset(field.name for field in fields(kind)) for kind in kinds if is_dataclass(kind)}


@cache
def _holders() -> Mapping[str, frozenset[type]]:
    """The kinds of views that have a field, by its name."""
    known = _view_fields()
    names = frozenset[str]().union(*known.values())
    return {name: frozenset(kind for kind, own in known.items() if name in own) for name in names}


def _of_macro(macro: Macro, *values: object) -> str:
    """What a macro makes of the values, in a third of the time: it does not look for all else that it may be given."""
    left_out = macro._argument_count - len(values)
    if left_out < 0 or macro.caller or macro.catch_kwargs or macro.catch_varargs or not macro._default_autoescape:
        return macro(*values)
    return str.__new__(markupsafe.Markup, macro._func(*values, *[missing] * left_out))


def _once(macro: Macro, *values: object) -> str:
    """What a macro makes of the values. Remembered: fifty threads have the same fifty conversations beside them."""
    if type(macro) is not Macro:  # anything else would be called past the sandbox
        raise TypeError("once() takes a macro")
    return _of_macro(macro, *values)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Templates come by pull request: they get values and nothing that leads out of them."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.once = lru_cache(maxsize=_REMEMBERED)(_once)
        self._loaded: dict[str, Template] = {}

    def getattr(self, obj: Any, attribute: str) -> Any:
        # The fields of our own views are data; asking the sandbox for each took two thirds of the rendering.
        if attribute in _view_fields().get(type(obj), ()):
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002  # as Jinja calls it
    ) -> Template:
        if not isinstance(name, str) or globals:
            return super().get_template(name, parent, globals)
        if name not in self._loaded:
            self._loaded[name] = super().get_template(name, parent)
        return self._loaded[name]

    def call(__self, __context: Context, __obj: Any, *values: Any, **named: Any) -> Any:  # noqa: N805  # as Jinja's
        # Macros are the templates' own, and once() takes nothing else: asking would take longer than calling.
        if isinstance(__obj, Macro) or __obj is __self.once:
            named.pop("_block_vars", None)  # which Jinja passes on, for functions that ask for the context
            named.pop("_loop_vars", None)
            return __obj(*values, **named)
        return super().call(__context, __obj, *values, **named)


class _Loader(BaseLoader):
    """Gives templates that are compiled already."""

    def __init__(self, codes: Mapping[str, CodeType]) -> None:
        self._codes = codes

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002  # as Jinja calls it
    ) -> Template:
        assert isinstance(environment, _Sandbox)
        if name not in self._codes:
            raise TemplateNotFound(name)
        template = Template.from_code(environment, self._codes[name], dict(globals or {}))
        # What the code that the generator makes knows by name.
        template.root_render_func.__globals__.update(
            once=environment.once,
            of_macro=_of_macro,
            partial=partial,
            # Gives a text with its markup escaped; where the library has it no more, a Markup of that, which is slower.
            escape_text=getattr(markupsafe, "_escape_inner", markupsafe.escape),
            **{f"have_{field}": kinds for field, kinds in _holders().items()},
        )
        return template


class _Generator(CodeGenerator):
    """Makes the code of templates; what they do most often is done in place, without a call.

    The code has to know some things by name, which the loader gives it.
    """

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802  # as Jinja calls it
        """A field of a view is read as such."""
        if node.attr not in _holders():
            super().visit_Getattr(node, frame)
            return
        self.write(f"(view.{node.attr} if type(view := ")
        self.visit(node.node, frame)
        self.write(f") in have_{node.attr} else environment.getattr(view, {node.attr!r}))")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802  # as Jinja calls it
        """Macros are called as such, and what once() takes is seen to by itself."""
        named = node.kwargs or node.dyn_args or node.dyn_kwargs or forward_caller
        if named or not isinstance(node.node, nodes.Name):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        is_once = node.node.name == "once"
        self.write("(once if (called := " if is_once else "(of_macro if type(called := ")
        self.visit(node.node, frame)
        self.write(
            ") is once else partial(environment.call, context, called))("
            if is_once
            else ") is Macro else partial(environment.call, context))(called, "
        )
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        """A block gives what it makes in one piece, and in one more for each block in it: not every text by itself,
        through all blocks around it.
        """
        is_block = frame.block_frame and frame.buffer is None
        if is_block:
            self.buffer(frame)
        super().blockvisit(nodes, frame)
        if is_block:
            self.writeline(f"yield concat({frame.buffer})")

    def visit_Block(self, node: nodes.Block, frame: Frame) -> None:  # noqa: N802  # as Jinja calls it
        """What stands before a block in another one is given first."""
        if frame.block_frame and frame.buffer:
            self.writeline(f"yield concat({frame.buffer})")
            self.writeline(f"{frame.buffer}.clear()")
            frame = frame.copy()
            frame.buffer = None
        super().visit_Block(node, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        """A text is escaped without becoming a Markup, which takes three times as long: it is put out at once. In a
        number is nothing to be escaped.
        """
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("(escape_text(said) if (kind := type(said := (")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_post(node, frame, finalize)
        else:
            self.write("))) is str else said if kind is Markup else str(said) if kind is int else escape(said))")
