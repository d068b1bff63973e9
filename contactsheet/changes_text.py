"""What changed, in words: the phrases that all forms share, the lines for a terminal, and Markdown for a pull request.

Every text from the input is escaped for its reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from contactsheet.changes import KINDS, Changes, ContactChange, Kind, Shot
from contactsheet.details import label
from contactsheet.formats import escape
from contactsheet.formats.markdown import COMMENT_LIMIT
from contactsheet.formats.report import counted, verdict
from contactsheet.problems import Problem

TITLES: dict[Kind, str] = {
    "added": "Added",
    "changed": "Changed",
    "renamed": "Renamed",
    "merged": "Merged away",
    "parted": "No longer merged",
    "removed": "Removed",
}
_LONGEST = 120  # characters of a value
_MOST_VALUES = 5  # of a field
_SHOWN_OTHERWISE = "another focus or fit"


def headline(changes: Changes) -> str:
    """How much changed: 2 contacts added, 1 changed; 2 pictures; or: nothing changed."""
    counts = [(kind, len(changes.of(kind))) for kind in KINDS]
    told = [f"{number:,} {TITLES[kind].lower()}" for kind, number in counts if number]
    if told:
        first = next(number for _, number in counts if number)
        told[0] = told[0].replace(" ", " contact " if first == 1 else " contacts ", 1)
    pictures = [counted(changes.pictures, "picture")] if changes.pictures else []
    others = [f"{counted(len(changes.others), 'other file')}"] if changes.others else []
    return "; ".join(filter(None, (", ".join(told), *pictures, *others))) or "nothing changed"


def span(changes: Changes) -> str:
    """Between which states: since main (1a2b3c4d), in the working tree."""
    return f"since {changes.base} ({changes.commit[:8]}), {f'at {changes.to}' if changes.to else 'in the working tree'}"


def sentence(text: str) -> str:
    """A text that begins with a capital; names in it stay as they are."""
    return text[:1].upper() + text[1:]


class Phrase(NamedTuple):
    """Something to be said of a contact: words of the program's own, and between them texts from the input."""

    words: str
    quoted: tuple[str, ...] = ()


def phrases(change: ContactChange) -> Iterator[Phrase]:
    """What became of a contact, besides its fields and its picture; {} in the words stands for what is quoted."""
    if change.was:
        yield Phrase("was {}", (change.was,))
    if change.into:
        yield Phrase("merged into {}", (change.into,))
    for one in change.joined:
        yield Phrase("joined by {} ({}: merge_into: {})", (one.name, one.file, one.directive))
    for left in change.left:
        yield Phrase("no longer joined by {}", (left,))


def picture_words(before: Shot | None, after: Shot | None) -> str:
    """What became of a picture: new, gone, replaced, shown otherwise, refused."""
    if after is None:
        return "taken out"
    if not after.digest:
        return "refused"
    if before is None:
        return "new"
    return _SHOWN_OTHERWISE if before.digest == after.digest else "replaced"


# --- for a terminal --------------------------------------------------------------------------------------------------

_SIGNS: dict[Kind, str] = {"added": "+", "changed": "~", "renamed": ">", "merged": "»", "parted": "«", "removed": "-"}


def text(changes: Changes) -> Iterator[str]:
    """Lines for a terminal: each contact, its fields as - gone and + new, its picture; then the problems."""
    yield f"{sentence(headline(changes))} {escape.visible(span(changes))}."
    for change in changes.contacts:
        yield ""
        name, contact_id = escape.visible(change.name), escape.visible(change.id)
        yield f"{_SIGNS[change.kind]} {name}  {contact_id}  {TITLES[change.kind].lower()}"
        yield from (f"    {line}" for line in _lines(change))
    for title, problems in (("introduced", changes.introduced), ("mended", changes.mended)):
        if problems:
            yield f"\nProblems {title}: {verdict(problems)}."
            yield from (
                f"  {_place(one)}: {one.severity}: {escape.visible(one.message)} [{one.rule}]" for one in problems
            )
    if changes.others:
        yield "\nOther files:"
        yield from (f"  {escape.visible(path)}" for path in changes.others)


def _lines(change: ContactChange) -> Iterator[str]:
    for phrase in phrases(change):
        yield phrase.words.format(*map(escape.visible, phrase.quoted))
    if change.picture:
        before, after = change.picture.before, change.picture.after
        yield f"Picture {picture_words(before, after)}"
        yield from (f"  {sign} {_shot(shot)}" for sign, shot in (("-", before), ("+", after)) if shot)
    for one in change.fields if change.kind not in ("removed", "merged") else ():
        yield f"{escape.visible(label(one.field))}"
        for sign, values in (("-", one.before), ("+", one.after)):
            yield from (f"  {sign} {escape.visible(value, _LONGEST)}" for value in values)


def _shot(shot: Shot) -> str:
    return (
        f"{escape.visible(shot.path)}: {shot.facts or escape.visible('; '.join(one.message for one in shot.problems))}"
    )


def _place(problem: Problem) -> str:
    line = "" if problem.line is None else f":{problem.line}:{problem.column}"
    return f"{escape.visible(problem.file)}{line}"


# --- for a pull request ----------------------------------------------------------------------------------------------


def markdown(changes: Changes, page: str = "") -> Iterator[str]:
    """A heading with the counts and a list of what changed, in at most ``COMMENT_LIMIT`` bytes of UTF-8.

    GitHub shows no picture that is not at an address, so pictures are told by their facts; ``page`` says where the
    page is that shows them.
    """
    yield f"### Contacts: {headline(changes)}"
    yield ""
    yield f"{escape.markdown(sentence(span(changes)))}.{f' {page}' if page else ''}"
    if changes.introduced or changes.mended:
        yield ""
        yield f"Problems introduced: {verdict(changes.introduced)}. Mended: {verdict(changes.mended)}."
    room = COMMENT_LIMIT - 600 - len(page.encode())  # for the head, and the line that says how much is left out
    entries = list(_entries(changes))
    for number, entry in enumerate(entries):
        room -= len(entry.encode()) + 1
        if room < 0:
            yield f"\n… and {len(entries) - number:,} more entries; `changes --format page` shows all."
            return
        yield entry


def _entries(changes: Changes) -> Iterator[str]:
    for title, problems in (("Problems introduced", changes.introduced), ("Problems mended", changes.mended)):
        for number, problem in enumerate(problems):
            yield (f"\n#### {title}\n\n" if not number else "") + _problem(problem)
    for kind in KINDS:
        for number, change in enumerate(changes.of(kind)):
            yield (f"\n#### {TITLES[kind]}\n\n" if not number else "") + _contact(change)
    for number, path in enumerate(changes.others):
        yield ("\n#### Other files\n\n" if not number else "") + f"- {escape.markdown_code(path)}"


def _problem(problem: Problem) -> str:
    told = escape.markdown(problem.message)
    return f"- **{problem.severity}** {escape.markdown_code(_place(problem))}: {told} (`{problem.rule}`)"


def _contact(change: ContactChange) -> str:
    lines = [f"- **{escape.markdown(change.name)}** {escape.markdown_code(change.id)}"]
    quote: Callable[[str], str] = escape.markdown_code
    lines += [f"  - {phrase.words.format(*map(quote, phrase.quoted))}" for phrase in phrases(change)]
    if change.picture:
        before, after = change.picture.before, change.picture.after
        facts = " → ".join(_facts(shot) for shot in (before, after) if shot)
        lines.append(f"  - picture {picture_words(before, after)}: {facts}")
        lines += [
            f"    - **{one.severity}** {escape.markdown(one.message)}" for one in (after.problems if after else ())
        ]
    if change.kind not in ("removed", "merged"):
        lines += [f"  - {escape.markdown(label(one.field))}: {_values(one.before, one.after)}" for one in change.fields]
    return "\n".join(lines)


def _facts(shot: Shot) -> str:
    return f"{escape.markdown_code(shot.path)}{f' ({shot.facts})' if shot.facts else ''}"


def _values(before: Sequence[str], after: Sequence[str]) -> str:
    told = [f"~~{one}~~" for one in _some(before)] + _some(after)
    return ", ".join(told)


def _some(values: Sequence[str]) -> list[str]:
    shown = [escape.markdown_code(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…") for value in values]
    left = len(shown) - _MOST_VALUES
    return [*shown[:_MOST_VALUES], f"and {left} more"] if left > 0 else shown
