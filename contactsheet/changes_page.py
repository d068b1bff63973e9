"""What changed, as one page that needs nothing beside it: style and pictures lie in it, and it runs no script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contactsheet import brand, views
from contactsheet.changes import KINDS, Changes, ContactChange, PictureChange, Shot
from contactsheet.changes_text import TITLES, Phrase, headline, phrases, sentence, span
from contactsheet.details import label
from contactsheet.formats import visible
from contactsheet.own import read
from contactsheet.problems import Problem
from contactsheet.render import TemplateFault, render

if TYPE_CHECKING:
    from contactsheet.review import Reviewed

TEMPLATE = "changes.html"
# The largest page that this command reads to see whether it made it; only its beginning counts.
_MARK = b'<meta name="generator" content="contactsheet changes">'
_LARGEST = 268_435_456  # bytes
_ROOM = 25_000_000  # bytes of large pictures in a page; those beyond it are shown small
_LONGEST = 1000  # characters of a message or a file's name
_HEAD = "</head>"


class PageError(Exception):
    """The page cannot be made; the text says why."""


@dataclass(frozen=True)
class Picture:
    """A picture before or after: its data addresses (empty where it was refused), facts of its file, what is wrong."""

    title: str
    large: str
    small: str
    path: str
    facts: str
    shown: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Pair:
    """A picture before and after; ``apart`` is the data address of the third picture and ``share`` how much differs."""

    before: Picture | None
    after: Picture | None
    apart: str = ""
    share: str = ""


@dataclass(frozen=True)
class Field:
    """A field's label with the values that are gone and those that are new."""

    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """What became of a contact.

    ``pieces`` are said of it, each as pairs of plain words and a text from the input. ``is_whole``: the fields are all
    that it has, not what differs.
    """

    kind: str
    id: str
    name: str
    initials: str
    tone: int
    small: str
    pieces: tuple[tuple[tuple[str, str], ...], ...]
    fields: tuple[Field, ...]
    is_whole: bool
    pair: Pair | None


@dataclass(frozen=True)
class Section:
    """The contacts to which the same happened."""

    kind: str
    title: str
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class ChangesPage:
    """All that the page shows. ``policy`` is the hash of its style, for the content security policy."""

    headline: str
    span: str
    policy: str
    introduced: tuple[Problem, ...]
    mended: tuple[Problem, ...]
    sections: tuple[Section, ...]
    others: tuple[str, ...]


def is_own(path: Path) -> bool:
    """Whether this module made the file, so that it may be written over."""
    data = read(path, _LARGEST)
    return data is not None and _MARK in data[:200]


def page(reviewed: Reviewed) -> str:
    """The page, as HTML. Raises PageError where the site's own templates cannot be used."""
    style = _style(reviewed)
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    site = views.Site(title=reviewed.settings.title, root="", assets={})
    made = render(reviewed.dress.templates, TEMPLATE, site, _shown(reviewed.changes, f"sha256-{hashed}"))
    if isinstance(made, TemplateFault):
        raise PageError(f"templates/{made.name}:{made.line or 1}: {made.message}")
    # Texts from the input are escaped, so that the first end of a head is the template's.
    return made.decode().lstrip().replace(_HEAD, f"<style>{style}</style>\n{_HEAD}", 1)


def _style(reviewed: Reviewed) -> str:
    """The site's style, which cannot end the element that it stands in."""
    assets = reviewed.dress.assets
    sheets = [assets[name].decode("utf-8", "replace") for name in ("style.css", brand.STYLE) if name in assets]
    return "\n".join(sheets).replace("\r", "").replace("</", "<\\/")


def _shown(changes: Changes, policy: str) -> ChangesPage:
    cards = _Cards()
    return ChangesPage(
        headline=sentence(headline(changes)),
        span=sentence(span(changes)),
        policy=policy,
        introduced=tuple(map(_legible, changes.introduced)),
        mended=tuple(map(_legible, changes.mended)),
        sections=tuple(
            Section(kind, TITLES[kind], tuple(map(cards.card, changes.of(kind)))) for kind in KINDS if changes.of(kind)
        ),
        others=tuple(visible(path, _LONGEST) for path in changes.others),
    )


def _legible(problem: Problem) -> Problem:
    """A problem as a page can show it: names of files may be no text at all."""
    return problem._replace(file=visible(problem.file, _LONGEST), message=visible(problem.message, _LONGEST))


class _Cards:
    """Makes the cards, and knows how much room for pictures is left in the page."""

    def __init__(self) -> None:
        self._room = _ROOM

    def card(self, change: ContactChange) -> Card:
        """What is shown of a change."""
        gone, whole = change.kind in ("removed", "merged"), change.kind in ("added", "parted")
        fields = [one for one in change.fields if not gone and not (whole and one.field == "name")]
        pair = self._pair(change.picture) if change.picture else None
        shot = pair and (pair.after or pair.before)
        return Card(
            kind=change.kind,
            id=change.id,
            name=change.name,
            initials=change.initials,
            tone=change.tone,
            small=shot.small if shot else "",
            pieces=tuple(tuple(_pieces(one)) for one in phrases(change)),
            fields=tuple(Field(label(one.field), one.before, one.after) for one in fields),
            is_whole=whole,
            pair=pair,
        )

    def _pair(self, picture: PictureChange) -> Pair:
        before, after = picture.before, picture.after
        titles = ("Before", "After") if before and after else ("Was", "New")
        old, new = (self._picture(title, shot) if shot else None for title, shot in zip(titles, picture, strict=True))
        if not (before and after and before.small and after.small):
            return Pair(old, new)
        from contactsheet.contrast import difference

        third = difference(before.large, after.large)
        return Pair(old, new, _address(third.picture), f"{max(third.share, 0.01):.0%}" if third.share else "")

    def _picture(self, title: str, shot: Shot) -> Picture:
        large = shot.large if len(shot.large) <= self._room else shot.small
        self._room -= len(large)
        (x, y), fit = shot.shown
        focus = "" if (x, y) == (0.5, 0.5) else f"focus {x:.0%} from the left, {y:.0%} from the top"
        shown = ", ".join(filter(None, ("fit contain" if fit == "contain" else "", focus)))
        problems = tuple(map(_legible, shot.problems))
        return Picture(
            title, _address(large), _address(shot.small), visible(shot.path, _LONGEST), shot.facts, shown, problems
        )


def _pieces(phrase: Phrase) -> Iterator[tuple[str, str]]:
    """The words before each quoted text, with it; and what follows the last."""
    return zip(phrase.words.split("{}"), (*phrase.quoted, ""), strict=True)


def _address(data: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(data).decode()}" if data else ""
