"""Write the tables of the documentation from the program itself: `python tools/make_docs.py`.

A table stands between two marks, `<!-- made by tools/make_docs.py: NAME -->` and `<!-- end -->`; nothing outside of
the marks is touched. With `--check` nothing is written, and the exit status says whether something would be.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import click
import yaml

from contactsheet import schema, shapes, verbs, views
from contactsheet.rules import catalogue
from contactsheet.settings import Settings
from contactsheet.verbs import commands

PROJECT = Path(__file__).resolve().parent.parent
PARTS = (schema.Labelled, schema.AvatarChoice, schema.MergeDirective, schema.Alias, schema.LostValue, schema.Message)
_MARKED = re.compile(r"(<!-- made by tools/make_docs\.py: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

# The rooms of DESIGN.md §6, in the order of the way through. A module that is named nowhere stands around the pipeline.
ROOMS: Mapping[str, tuple[str, ...]] = {
    "read": ("read", "regular", "repository", "ids", "romanising"),
    "check": (
        *("characters", "glance", "tree", "document", "syntax", "schema", "shapes", "values", "check", "ordinary"),
        *("wording", "claims", "records"),
    ),
    "pictures": ("pictures", "inspection", "anatomy", "kinds", "jpeg", "png", "inflating", "exif", "likeness"),
    "merge": ("aliases", "distinct", "directives", "uniting", "merge", "contacts"),
    "thumbnails": ("decoding", "stray", "colour", "thumbnails", "gallery"),
    "render": (
        *("names", "paging", "listing", "hosting", "brand", "qr", "properties", "vcard"),
        *("address_book", "avatar_service", "revised", "folding", "search"),
        *("views", "linking", "details", "present", "plan", "site", "press", "pages", "render", "sandbox", "ledger"),
    ),
    "publish": ("publish", "before", "destination", "journal", "exchange", "standin", "disk"),
    "duplicates": ("traits", "namesakes", "duplicates", "survivors"),
    "what is remembered": (
        *("memo", "store", "album", "recall", "seal", "edition", "appearance", "receipt", "look", "second"),
        *("standing", "since", "last", "verify"),
    ),
    "where work is done": ("tasks", "workers", "ahead", "inline", "pool", "machine", "cluster"),
    "what git remembers": ("git", "head", "history", "former", "touched"),
    "edits": (
        *("amend", "spans", "places", "writing", "edit", "trial", "carrying", "staging", "unified", "converting"),
        "clean",
    ),
    "preview": (
        *("server", "guard", "patience", "preview", "preview_records", "preview_pictures", "preview_changes"),
        *("answering", "inject", "live", "rebuilding", "editing", "editing_records", "editing_merges", "portrait"),
        *("proposing", "similar", "suggesting", "pending", "committing"),
    ),
    "contacts come and go": (
        *("foreign", "vcard_reading", "vcard_fields", "vcard_photo", "csv_reading", "csv_fields", "incoming", "known"),
        *("importing", "exporting", "jcard", "csv_writing"),
    ),
    "what a branch changes": (
        *("revision", "review", "changes", "changes_text", "changes_json", "changes_page", "contrast"),
    ),
    "watching": ("watch", "events", "snapshot", "revisit"),
    "what all share": (
        *("settings", "problems", "rules", "nearest", "digest", "fingerprints", "summaries", "own", "zones"),
        *("run", "outcome"),
    ),
    "the whole way": ("pipeline", "retouch"),
}
AROUND = "around the pipeline"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Give a Markdown table line by line."""
    head = list(head)
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def code(text: str) -> str:
    """Give a text as code, or nothing for none."""
    return f"`{text}`" if text else ""


def record_fields() -> Iterator[str]:
    """Give the fields of a record."""
    whole = schema.json_schema()
    singular = {plural: name for name, plural in schema.SINGULAR.items()}
    head = ("field", "value", "what it is", "example", "vCard")
    rows = []
    for name in shapes.fields(schema.Record):
        entry = whole["properties"][name]
        names = f"`{name}`, `{singular[name]}`" if name in singular else code(name)
        required = "**required** " if name in whole["required"] else ""
        rows.append(
            (names, required + kind(entry), entry["description"], examples(entry), code(entry.get("vcard", "")))
        )
    yield from table(head, rows)


def record_parts() -> Iterator[str]:
    """Give the maps that stand inside a record, each with its keys."""
    whole = schema.json_schema()
    for part in PARTS:
        fields = {name: whole["properties"][name] for name in shapes.fields(schema.Record)}
        maps = (other["properties"] for other in whole["definitions"].values())
        users = [
            f"`{name}`"
            for properties in (fields, *maps)
            for name, entry in properties.items()
            if uses(entry, part.__name__)
        ]
        definition = whole["definitions"][part.__name__]
        yield from ("", f"### The map in {join(users, 'and')}", "", (part.__doc__ or "").strip(), "")
        required = definition.get("required", ())
        times = [key for key, name in shapes.keys(part).items() if shapes.fields(part)[name].shape is schema.MOMENT]
        rows = (
            (
                code(name),
                ("**required** " if name in required else "") + ("time" if name in times else kind(entry)),
                entry["description"],
                examples(entry),
            )
            for name, entry in definition["properties"].items()
        )
        yield from table(("key", "value", "what it is", "example"), rows)


def uses(entry: Mapping[str, Any], part: str) -> bool:
    """Tell whether a value of the JSON Schema can be the named part."""
    return f"'#/definitions/{part}'" in str(entry)


def kind(entry: Mapping[str, Any]) -> str:
    """Give the kind of a value of the JSON Schema in words."""
    options = [one for one in entry.get("anyOf", (entry,)) if one.get("type") != "null"]
    lists = [one for one in options if isinstance(one.get("items"), dict)]
    if lists and len(options) > 1:
        return f"list of {kind(lists[0]['items'])}"  # what may stand in a list may also stand alone
    return join(dict.fromkeys(map(_kind, options)), "or")


def _kind(one: Mapping[str, Any]) -> str:
    if "$ref" in one:
        return "map"
    if "enum" in one:
        return join([code(value) for value in one["enum"]], "or")
    if one.get("type") == "array":
        return f"list of {kind(one['items'])}" if isinstance(one["items"], dict) else "two numbers"
    if one.get("type") == "object":
        return "map of text to text"
    types = one["type"] if isinstance(one["type"], list) else [one["type"]]
    # A value that editors may take for true or false is allowed as a text too; the first type says what is meant.
    return "date" if one.get("format") == "date" else {"string": "text", "boolean": "true or false"}[types[0]]


def join(words: Iterable[str], last: str) -> str:
    """Give words as a list of prose: a, b or c."""
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end


def examples(entry: Mapping[str, Any]) -> str:
    """Give the examples of a field as they are written in a record."""
    return ", ".join(code(_as_yaml(example)) for example in entry.get("examples", ()))


def _as_yaml(value: object) -> str:
    if isinstance(value, str):
        return value
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True).removesuffix("...\n").strip()


def settings() -> Iterator[str]:
    """Give the settings with their defaults."""
    yield from table(
        ("setting", "default", "what it is"),
        ((code(one.name), _default(one), one.metadata["what"] + _limits(one)) for one in fields(Settings)),
    )


def _default(setting: Field[Any]) -> str:
    if setting.default is MISSING:
        return "none"
    return code(f'"{setting.default}"' if isinstance(setting.default, str) else str(setting.default))


def _limits(setting: Field[Any]) -> str:
    high = setting.metadata.get("high")
    return f"; {setting.metadata['low']:,} to {high:,}" if high else ""


def rules() -> Iterator[str]:
    """Give all rules: a table of them, and each in full."""
    known = catalogue().values()
    yield from table(
        ("rule", "severity", "what is wrong"),
        (
            (f"[`{one.name}`](#{one.name.replace('/', '')})", f"{one.severity}{', firm' * one.firm}", one.summary)
            for one in known
        ),
    )
    group = ""
    for one in known:
        if one.group != group:
            group = one.group
            yield from ("", f"## {group}")
        yield from (
            "",
            f"### {one.name}",
            "",
            f"*{one.severity}{', firm' * one.firm}:* {one.summary}.",
            "",
            one.why.strip(),
        )
        for title, example in (("Wrong", one.wrong), ("Right", one.right)):
            yield from ("", f"{title}:", "", "```text", example.strip("\n"), "```")


def command_options() -> Iterator[str]:
    """Give all commands with their arguments and options."""
    yield from _command(commands, "build.py")
    for name, command in ((name, verbs.command(name)) for name in sorted(verbs.COMMANDS)):
        yield from _command(command, f"build.py {name}")


def _command(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    arguments = [one.make_metavar(context) for one in command.params if isinstance(one, click.Argument)]
    yield from ("", f"## {' '.join((name, *arguments))}", "")
    yield from (line.strip() for line in (command.help or "").strip().splitlines())
    yield ""
    known = command.get_params(context) if isinstance(command, click.Group) else command.params
    options = [(_option(one, context), _help(one)) for one in known if isinstance(one, click.Option)]
    if options:
        yield from table(("option", "what it does"), options)
    if command.epilog:
        examples = [line.strip() for line in command.epilog.splitlines() if line.startswith("  ")]
        yield from ("", "```sh", *(f"python {line}" for line in examples), "```")


def _option(option: click.Option, context: click.Context) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(context)}"
    return ", ".join(code(f"{name}{value}") for name in (*option.opts, *option.secondary_opts))


def _help(option: click.Option) -> str:
    if not option.help:
        raise SystemExit(f"the option {option.opts[0]} has no help")
    return option.help


def template_values() -> Iterator[str]:
    """Give what the templates are given: every view with its values."""
    for name, view in vars(views).items():
        if isinstance(view, type) and view.__module__ == views.__name__:
            yield from ("", f"### {name}", "", _prose(view.__doc__), "")
            kinds = ((one, _words(_annotation(kind))) for one, kind in view.__annotations__.items())
            yield from table(("value", "kind"), ((code(one), kind) for one, kind in kinds))


def _prose(docstring: str | None) -> str:
    return " ".join((docstring or "").split()).replace("``", "`")


def _annotation(kind: object) -> str:
    """Give a type as it stands in the code, without the modules that its parts come from."""
    written = kind.__name__ if type(kind) is type else str(getattr(kind, "__forward_arg__", kind))
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])", "", written)


def _words(annotation: str) -> str:
    """Give a type in words: a list of Row, Item or none."""
    plain = annotation.replace("Mapping[str, str]", "map of text to text")
    plain = re.sub(r"tuple\[(\w+), \.\.\.\]", r"list of \1", plain)
    if choice := re.fullmatch(r"Literal\[(.*)\]", plain):
        return join([code(value.strip(" \"'")) for value in choice[1].split(",")], "or")
    for python, word in (("str", "text"), ("int", "number"), ("bool", "true or false"), ("None", "none")):
        plain = re.sub(rf"\b{python}\b", word, plain)
    return plain.replace(" | ", " or ")


def modules() -> Iterator[str]:
    """Give the modules of the program by room, each with what its docstring says first."""
    docstrings = dict(sorted(_docstrings()))
    placed = {name for room in ROOMS.values() for name in room}
    rooms = {
        **{room: [name for name in held if name in docstrings] for room, held in ROOMS.items()},
        AROUND: [name for name in docstrings if name not in placed],
    }
    yield from table(
        ("room", "module", "what it is for"),
        ((room, code(name), docstrings[name]) for room, held in rooms.items() for name in held),
    )


def _docstrings() -> Iterator[tuple[str, str]]:
    """Give each module, or package of modules, with the first paragraph of its docstring."""
    house = PROJECT / "contactsheet"
    for path in (*house.glob("[!_]*.py"), *house.glob("*/__init__.py")):
        name = path.parent.name if path.stem == "__init__" else path.stem
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        yield name, _prose(text.partition("\n\n")[0])


TABLES: Mapping[str, Callable[[], Iterable[str]]] = {
    "fields": record_fields,
    "parts": record_parts,
    "settings": settings,
    "rules": rules,
    "commands": command_options,
    "template-values": template_values,
    "modules": modules,
}


def made(text: str) -> str:
    """Give a document with its tables as they are to be."""

    def fill(found: re.Match[str]) -> str:
        body = "\n".join(TABLES[found[2]]()).strip("\n")
        return f"{found[1]}\n{body}\n\n{found[3]}"

    return _MARKED.sub(fill, text)


def main(arguments: list[str]) -> int:
    """Write the tables, or say which documents lack behind; gives the exit status."""
    stale = 0
    for path in (PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").glob("*.md"))):
        text = path.read_text(encoding="utf-8")
        wanted = made(text)
        if wanted != text:
            print(path.relative_to(PROJECT).as_posix())
            if "--check" in arguments:
                stale = 1
            else:
                path.write_bytes(wanted.encode())
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
