"""What a card or a row brings, on its way to a record: texts put where they belong, nothing judged and nothing lost.

It knows the fields of records, and neither vCard nor CSV.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contactsheet.characters import CONTROL
from contactsheet.problems import Place, Problem
from contactsheet.rules import problem
from contactsheet.values import NAME_LIMIT, is_visible

UID = "UID"  # the custom field that says which contact of another program this is
ADDRESS_PARTS = ("box", "extended", "street", "town", "region", "code", "country")  # as in vCard's ADR
_KEY_LIMIT = 100  # characters of a custom field's key
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_BLANKS = re.compile(r"\s*[\n\t]\s*")
_BARE_ADDRESS = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/\S*)?", re.IGNORECASE)
_SEVERAL_LINES = frozenset(("address", "notes"))
_KEYS = {"emails": "E-mail", "phones": "Phone", "websites": "Website", "name": "Full name"}


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture's bytes as they came, and the line on which they begin."""

    data: bytes = field(repr=False)
    line: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """One card or row, before it is judged.

    ``fields`` are a record's, as texts, lists and maps of texts, in the plural. ``own_id`` is the ID that the contact
    had when this program wrote the card. ``problems`` are warnings. ``unplaced`` are the names of what became custom
    fields for want of a field of its own, ``left_out`` of what was not taken at all.
    """

    file: str
    line: int
    fields: dict[str, Any]
    own_id: str = ""
    photo: Photo | None = None
    problems: tuple[Problem, ...] = ()
    unplaced: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The contact's name."""
        return str(self.fields["name"])


class Draft:
    """A record in the making, into which texts are put one by one."""

    def __init__(self, file: str, line: int) -> None:
        self.file, self.line = file, line
        self.fields: dict[str, Any] = {}
        self.own_id = ""
        self.photo: Photo | None = None
        self.problems: list[Problem] = []
        self.unplaced: list[str] = []
        self.left_out: list[str] = []
        self._custom: dict[str, str] = {}

    def put(self, name: str, text: str) -> None:
        """A text of a field that has one. A second one becomes a custom field, of notes a second paragraph."""
        text = block(text) if name in _SEVERAL_LINES else line(text)
        if not text or text == self.fields.get(name):
            return
        if name not in self.fields:
            self.fields[name] = text
        elif name == "notes":
            self.fields[name] += f"\n\n{text}"
        else:
            self.custom(key_of(name), text)

    def add(self, name: str, text: str, label: str = "") -> None:
        """An item of a list; ``label`` tells an address or number from the others."""
        text, label = line(text), line(label)
        if name == "websites" and _BARE_ADDRESS.fullmatch(text):
            text = f"https://{text}"
        if text:
            self.fields.setdefault(name, []).append({"label": label, "value": text} if label else text)

    def address(self, text: str, label: str = "") -> None:
        """A postal address: the first is the contact's, others become custom fields."""
        if "address" in self.fields:
            self.custom(f"Address ({label})" if label else "Address", _BLANKS.sub(", ", block(text)))
        else:
            self.put("address", text)

    def custom(self, key: str, text: str) -> None:
        """A custom field."""
        custom_into(self._custom, key, text)

    def unknown(self, name: str, key: str, text: str) -> None:
        """What has no field of its own: a custom field, and a word about it. ``name`` is what it was called."""
        if line(text):
            self.unplaced.append(line(name))
            self.custom(key, text)

    def warn(self, rule: str, at: int, message: str, fix: str) -> None:
        """A problem that does not stop the contact."""
        self.problems.append(problem(rule, self.file, Place(at, 1), message=message, fix=fix))

    def incoming(self, names: Iterable[str] = ()) -> Incoming | Problem:
        """What came of it. ``names`` are what it may be called by if no name was put: the first that shows something.

        Without any it is refused.
        """
        known = self.fields.pop("name", "")
        name = next((found for one in (known, *names, *self._addresses()) if is_visible(found := line(one))), "")
        if not name:
            message = "there is neither a name nor a company, an e-mail address or a phone number"
            return problem(
                "import/nobody", self.file, Place(self.line, 1), message=message, fix="Give the contact a name there."
            )
        if len(name) > NAME_LIMIT:
            self.custom(key_of("name"), name)
            message = f"the name has {len(name):,} characters; {NAME_LIMIT} are allowed"
            self.warn("import/value", self.line, message, f"The whole stands in the custom field “{key_of('name')}”.")
        fields = {"name": name[:NAME_LIMIT].strip(), **self.fields}
        if self._custom:
            fields["fields"] = self._custom
        return Incoming(
            self.file,
            self.line,
            fields,
            self.own_id,
            self.photo,
            tuple(self.problems),
            tuple(self.unplaced),
            tuple(self.left_out),
        )

    def _addresses(self) -> Iterable[str]:
        yield self.fields.get("company", "")
        for name in ("emails", "phones"):
            for one in self.fields.get(name, ()):
                yield one if isinstance(one, str) else one["value"]


def custom_into(fields: dict[str, str], key: str, text: str) -> None:
    """Puts a text among custom fields; a key that has another text already gets a number."""
    key, text = line(key)[:_KEY_LIMIT].strip() or "Field", line(text)
    number, free = 1, key
    while fields.get(free, text) != text:
        number += 1
        free = f"{key} {number}"
    if text:
        fields[free] = text


def key_of(name: str) -> str:
    """The key of a custom field for what a field cannot take."""
    return _KEYS.get(name) or name.replace("_", " ").capitalize()


def address_text(parts: Mapping[str, str]) -> str:
    """An address as it stands on a letter, from its parts: box, extended, street, town, region, code, country.

    The order is one that needs no knowledge of the country.
    """
    box, extended, street, town, region, code, country = (parts.get(name, "").strip() for name in ADDRESS_PARTS)
    place = ", ".join(part for part in (town, f"{region} {code}".strip()) if part) if region else f"{code} {town}"
    return "\n".join(line for line in (box, extended, street, place.strip(), country) if line)


def line(text: str) -> str:
    """A text as one line, without control characters."""
    return _BLANKS.sub(" ", block(text))


def block(text: str) -> str:
    """A text of lines that end with LF, without control characters."""
    return CONTROL.sub("", _BREAKS.sub("\n", text)).strip()
