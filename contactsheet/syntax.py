"""A syntax error of YAML in words that a person understands, at the place of the mistake. It parses nothing itself."""

from __future__ import annotations

import re
from typing import Any

import yaml

from contactsheet.problems import Place

Explained = tuple[Place, str, str]
"""Where, what is wrong, how to mend it."""

_RESOLVE = "Keep what is right of both sides, and take out the lines that begin with <<<<<<<, ======= and >>>>>>>."


def place_of(mark: Any) -> Place:  # the stubs give two unrelated types for marks
    """The place of a mark of PyYAML's, which counts from 0."""
    return Place(mark.line + 1, mark.column + 1)


def explained(text: str, error: yaml.MarkedYAMLError) -> Explained:
    """What is wrong with ``text``, from what libyaml says and what stands at the place that it names."""
    said, context = error.problem or "unreadable", error.context or ""
    opened = error.context_mark or error.problem_mark
    mark = error.problem_mark or error.context_mark
    if mark is None or opened is None:
        return Place(1, 1), f"this is not YAML: {said}", "Compare it with a record that works."
    place = place_of(mark)
    lines = re.split(r"\r\n|\r|\n", text)
    for number, one in enumerate(lines, 1):
        if one.startswith("<<<<<<< "):
            return Place(number, 1), "git marked a conflict here, which is not resolved yet", _RESOLVE
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    before, sign = line[: place.column - 1], line[place.column - 1 : place.column]
    if "\t" in line[: place.column] and not line[: line.index("\t")].strip():
        return Place(place.line, line.index("\t") + 1), "a tab indents this line", "Indent with spaces."
    if "quoted scalar" in context:
        opening = lines[opened.line][opened.column : opened.column + 1]
        return _quoted(place_of(opened), said, opening)
    if "did not find expected ',' or" in said:
        opening = lines[opened.line][opened.column : opened.column + 1]
        return (
            place_of(opened),
            f"“{opening}” opens here and is not closed, or a comma behind it is missing",
            f"Close it with “{'}' if opening == '{' else ']'}”, or put the whole text in quotes if it is one.",
        )
    if "did not find expected node content" in said and not sign:
        last = max(number for number, one in enumerate(lines, 1) if one.strip())
        place = Place(last, len(lines[last - 1].rstrip()))
        return place, "the file ends inside brackets or braces that are not closed", "Close them."
    if "could not find expected ':'" in said:
        return _keyless(place_of(opened), lines[opened.line])
    if "mapping values are not allowed" in said:
        return _colon(place, before, lines)
    if "did not find expected key" in said or "did not find expected '-'" in said:
        return _stray(place, before, sign)
    return place, *_in_words(said, sign)


def _quoted(place: Place, said: str, opening: str) -> Explained:
    if "unexpected" not in said:
        return (
            place,
            "a backslash in double quotes begins no escape that YAML knows",
            "Double the backslash, or put the text in single quotes.",
        )
    inside = 'one inside the text is written \\"' if opening == '"' else "one inside the text is written twice, ''"
    return place, f"the quotation mark {opening} opens here and is not closed", f"Close it; {inside}."


def _keyless(place: Place, line: str) -> Explained:
    if re.match(r"\s*[\w-]+:\S", line):
        return place, "a space is missing behind the colon", "Write “field: value”, with a space."
    return (
        place,
        "this line has no colon and belongs to no field",
        "Write “field: value”, or indent the line under the field that it continues.",
    )


def _colon(place: Place, before: str, lines: list[str]) -> Explained:
    if ": " in before or before.rstrip().endswith(("}", "]", '"', "'")):
        message = "a colon and a space stand inside a text that is not in quotes"
        return place, message, "Put the whole text in quotes."
    above = place.line - 1
    if above and re.match(r"\s*[\w-]+:\S", lines[above - 1]):
        column = len(lines[above - 1]) - len(lines[above - 1].lstrip()) + 1
        return _keyless(Place(above, column), lines[above - 1])
    indent = len(before) - len(before.lstrip())
    if above and re.fullmatch(rf"\s{{{indent}}}[\w][^:#]*", lines[above - 1]):
        return _keyless(Place(above, indent + 1), lines[above - 1])
    return (
        Place(place.line, indent + 1),
        "this line is indented too far, or the line above it has a text that goes on here",
        "Indent it like the other fields, or put the whole text in quotes.",
    )


def _stray(place: Place, before: str, sign: str) -> Explained:
    if sign in ("]", "}"):
        return place, f"“{sign}” closes what was not opened", "Take it out, or put the whole text in quotes."
    if before.strip():
        return (
            place,
            "the text goes on behind its closing quotation mark or bracket",
            'Put all of it in one pair of quotes; in double quotes, one inside the text is written \\".',
        )
    if sign == ":":
        return place, "no field stands before the colon", "Write “field: value”."
    return place, "this line is not indented like the fields around it", "Indent fields of one kind alike."


def _in_words(said: str, sign: str) -> tuple[str, str]:
    for part, message, fix in _WORDS:
        if part in said:
            return message.format(sign=sign), fix
    return f"this is not YAML: {said}", "Put a text that holds special signs in quotes."


# What libyaml says, what a person understands, and the remedy.
_WORDS = (
    ("cannot start any token", "a text without quotes cannot begin with “{sign}”", "Put the text in quotes."),
    ("did not find expected alphabetic", "a text without quotes cannot begin with * or &", "Put the text in quotes."),
    (
        "block sequence entries are not allowed",
        "a text without quotes cannot begin with “- ”",
        "Put the text in quotes; a list begins on the line below its field.",
    ),
    ("mapping keys are not allowed", "a text without quotes cannot begin with “? ”", "Put the text in quotes."),
    (
        "did not find expected node content",
        "“{sign}” stands where a value belongs",
        "Put the text in quotes, or take the sign out.",
    ),
    (
        "did not find expected comment or line break",
        "the text begins on the same line as its | or >",
        "Begin it on the next line, indented, or put it in quotes.",
    ),
    ("tag handle", "a text without quotes cannot begin with “!”", "Put the text in quotes."),
    ("directive", "a line that begins with % is a directive, and YAML does not know this one", "Take the line out."),
    ("incompatible YAML", "the directive asks for a version of YAML that is not read", "Take the line out."),
    (
        "<document start>",
        "this is no field of the record",
        "Write “field: value”, indented like the fields above; take out lines of dots or hyphens.",
    ),
)
