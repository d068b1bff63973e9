"""The contact list around its rows: its columns and the letters to jump to. It knows no contact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from contactsheet import views
from contactsheet.paging import list_path
from contactsheet.settings import Settings

_LETTERS = 60  # letters to jump to, at most; scripts of signs for words have as many as there are names
_FIELD = "fields."
_COLUMNS = {
    "email": ("email", "E-mail"),
    "phone": ("phone", "Phone"),
    "type": ("labels", "Type"),
    "tags": ("labels", "Tags"),
    "owner": ("owner", "Owner"),
    "last_activity": ("last", "Last activity"),
}


def custom(settings: Settings) -> tuple[str, ...]:
    """The names of the custom fields that have a column."""
    return tuple(name.removeprefix(_FIELD) for name in settings.columns if name.startswith(_FIELD))


def columns(settings: Settings) -> tuple[views.Column, ...]:
    """The columns of the list. The name is the first; type and tags share one, where the first of them stands."""
    chosen = settings.columns
    found = [views.Column("who", "Name", tuple(name for name in chosen if name in ("company", "title")), "name")]
    labels = tuple(name for name in chosen if name in ("type", "tags"))
    fields = custom(settings)
    for name in chosen:
        if name in labels[:1]:
            heading = _COLUMNS["tags" if "tags" in labels else "type"][1]
            found.append(views.Column("labels", heading, labels, "tags" if "tags" in labels else "type"))
        elif name.startswith(_FIELD):
            key = name.removeprefix(_FIELD)
            found.append(views.Column("custom", key, (name,), name, fields.index(key)))
        elif name in _COLUMNS and name not in labels:
            kind, label = _COLUMNS[name]
            found.append(views.Column(kind, label, (name,), name))
    return tuple(found)


def letters(of_contacts: Sequence[str], size: int) -> tuple[views.Letter, ...]:
    """The letters of a list, given each contact's in its order, with the places where they begin on pages of ``size``.

    Where there are too many of them, those that begin a page or are of the Latin alphabet, and of these every so many.
    """
    firsts = _firsts(of_contacts)
    if len(firsts) > _LETTERS:
        page_firsts = {at // size: letter for letter, at in reversed(firsts.items())}.values()
        firsts = {letter: at for letter, at in firsts.items() if letter.isascii() or letter in page_firsts}
    step = -(-len(firsts) // _LETTERS)
    kept = list(firsts.items())[:: step or 1]
    return tuple(views.Letter(letter, f"{list_path(at // size + 1)}#{quote(anchor(letter))}") for letter, at in kept)


def anchor(letter: str) -> str:
    """The name of the place where a letter begins."""
    return f"cs-letter-{letter}"


def _firsts(of_contacts: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, letter in enumerate(of_contacts):
        found.setdefault(letter, position)
    return found
