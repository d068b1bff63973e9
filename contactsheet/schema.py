"""A record, declared once: its fields, their types, what they are for.

Validation, the JSON Schema and the documentation of the fields come from here. How one value is read is told in
``values``; what it means (is this a phone number?) is judged in ``check``.
"""

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from contactsheet import shapes, values
from contactsheet.shapes import Fault, Field, Part, ShapeError, many, mapping, pair, part, prepared, text, value
from contactsheet.values import NAME_LIMIT

SINGULAR = {"email": "emails", "phone": "phones", "website": "websites"}

# What a schema can tell of texts: whether they have one line and show something.
_ONE_LINE = {"pattern": r"^[^\t\r\n]*$"}
_FILLED = {"pattern": r"^[^\t\r\n]*[^\s][^\t\r\n]*$"}
# A type that stands in a list is meant as it is: other texts may be numbers or true and false to an editor.
_CHANNEL = {
    "type": ["string"],
    **_FILLED,
    "not": {"enum": [form for word in sorted(values.ANSWERS) for form in (word, word.title(), word.upper())]},
}
_MOMENT = {"type": ["string"], "pattern": r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}"}
_FLAG = {"type": ["boolean", "string"], "pattern": "^(true|True|TRUE|false|False|FALSE)$"}
_UNIT = {"type": ["number", "string"], "minimum": 0, "maximum": 1, "pattern": r"^\s*([01]\.?0*|0?\.[0-9]+)\s*$"}
_SIDE = {"type": "string", "enum": list(values.NAMES_OF_SIDES)}

NAME = text(values.name, _FILLED)
LINE = text(values.line_or_nothing, _ONE_LINE)
FILLED = text(values.filled, _FILLED)
LINES = many(FILLED)
TEXT = text(str.strip, {})
TEXT_OR_NOTHING = text(values.text_or_nothing, {})
DAY = value(values.day, {"type": "string", "format": "date"})
MOMENT = value(values.moment, _MOMENT)
FLAG = value(values.flag, _FLAG)
FIT = value(values.fit, {"type": "string", "enum": list(values.FITS)})
FOCUS = prepared(values.focus, pair(value(values.unit, _UNIT)), _SIDE)
CHANNELS = many(text(values.filled, _CHANNEL), values.channels)
CUSTOM_FIELDS = mapping(FILLED, text(values.one_line, _ONE_LINE))


@dataclass(frozen=True, kw_only=True)
class Labelled(Part):
    """An address or number with the word that tells it from the others (work, mobile, …)."""

    label: Annotated[str | None, Field(LINE, "what kind it is, in a word", ["work"])] = None
    value: Annotated[str, Field(FILLED, "the address or number itself", ["ada@example.org"])]


@dataclass(frozen=True)
class AvatarChoice(Part):
    """The picture, where the file's name alone does not say enough."""

    file: Annotated[str | None, Field(FILLED, "the picture's file below avatars/", ["logos/acme.png"])] = None
    focus: Annotated[
        tuple[float, float],
        Field(
            FOCUS,
            "the point that stays in view when the picture is cropped: two numbers from 0 to 1, from the left and from "
            "the top, or a side",
            [[0.5, 0.3], "top"],
        ),
    ] = (0.5, 0.5)
    fit: Annotated[
        Literal["cover", "contain"],
        Field(FIT, "cover crops to a square; contain pads with transparency", ["contain"]),
    ] = "cover"


@dataclass(frozen=True)
class MergeDirective(Part):
    """Where a record merges to, and where the usual rule of who wins is turned round."""

    contact: Annotated[str, Field(FILLED, "the ID of the contact that survives", ["jane-doe"])]
    take: Annotated[tuple[str, ...], Field(LINES, "fields in which this record wins", [["title"]])] = ()
    keep: Annotated[
        tuple[str, ...], Field(LINES, "fields in which the surviving contact keeps what it has", [["avatar"]])
    ] = ()


@dataclass(frozen=True, kw_only=True)
class Message(Part):
    """One message of the conversation."""

    at: Annotated[datetime, Field(MOMENT, "when, in ISO 8601 with the offset", ["2026-11-20T09:30:00Z"])]
    sender: Annotated[
        str, Field(FILLED, "`contact`, or the name of the team member who wrote it", ["contact"], key="from")
    ]
    channel: Annotated[str | None, Field(LINE, "how it travelled", ["email"])] = None
    text: Annotated[str, Field(TEXT, "what was said; may have several lines", ["Hello there"])]
    read: Annotated[bool, Field(FLAG, "false shows the conversation as unread", [False])] = True


@dataclass(frozen=True)
class LostValue(Part):
    """A value that lost in a merge that was carried out in the files."""

    field: Annotated[str, Field(FILLED, "the field, a custom field as fields.NAME", ["title"])]
    value: Annotated[str, Field(TEXT, "the value that lost", ["Chief editor"])]
    kept: Annotated[str, Field(TEXT, "the value that stayed", ["Editor"])] = ""
    origin: Annotated[
        str | None,
        Field(LINE, "the ID of the record that it stood in, if that is not the alias", ["jane-doe"], key="from"),
    ] = None


@dataclass(frozen=True)
class Alias(Part):
    """An ID that the contact had, or that a record had which was merged into it for good."""

    id: Annotated[str, Field(FILLED, "the ID", ["jane-doe-2"])]
    name: Annotated[str | None, Field(LINE, "the name in the merged record", ["Jane Doe"])] = None
    thread: Annotated[bool, Field(FLAG, "false: the merged record had no conversation", [False])] = True
    picture: Annotated[bool, Field(FLAG, "true: the merged record brought the picture", [True])] = False
    lost: Annotated[
        tuple[LostValue, ...],
        Field(
            many(part(LostValue)),
            "the values that lost when it was merged",
            [[{"field": "title", "value": "Chief editor", "kept": "Editor"}]],
        ),
    ] = ()


# Each of these may also be written as the one text that it cannot do without.
LABELLED = many(prepared(values.labelled, part(Labelled), FILLED.schema))
ALIASES = many(prepared(values.alias, part(Alias), FILLED.schema))
AVATAR = prepared(values.file, part(AvatarChoice), FILLED.schema)
DIRECTIVE = prepared(values.contact, part(MergeDirective), FILLED.schema)


@dataclass(frozen=True)
class Record(Part):
    """A contact as one YAML file says it."""

    name: Annotated[
        str,
        Field(
            NAME,
            f"the name by which people know the contact, 1 to {NAME_LIMIT} characters",
            ["Ada Lovelace"],
            vcard="FN",
        ),
    ]
    given_name: Annotated[str | None, Field(LINE, "first name", ["Ada"], vcard="N")] = None
    family_name: Annotated[
        str | None, Field(LINE, "family name; the list sorts by it, else by name", ["Lovelace"], vcard="N")
    ] = None
    pronouns: Annotated[str | None, Field(LINE, "how to speak of them", ["she/her"])] = None
    company: Annotated[str | None, Field(LINE, "the organisation", ["Acme"], vcard="ORG")] = None
    title: Annotated[str | None, Field(LINE, "the position there", ["CTO"], vcard="TITLE")] = None
    type: Annotated[str | None, Field(LINE, "lead, customer, …", ["customer"])] = None
    owner: Annotated[str | None, Field(LINE, "who on the team looks after the contact", ["Mira"])] = None
    source: Annotated[str | None, Field(LINE, "where the contact came from", ["Website"])] = None
    emails: Annotated[
        tuple[Labelled, ...],
        Field(LABELLED, "e-mail addresses; `email` is the same in the singular", ["ada@example.org"], vcard="EMAIL"),
    ] = ()
    phones: Annotated[
        tuple[Labelled, ...],
        Field(
            LABELLED,
            "phone numbers with the country's code; `phone` is the same in the singular",
            ["+44 20 7946 0958"],
            vcard="TEL",
        ),
    ] = ()
    websites: Annotated[
        tuple[Labelled, ...],
        Field(
            LABELLED,
            "web addresses, http or https; `website` is the same in the singular",
            ["https://example.org/"],
            vcard="URL",
        ),
    ] = ()
    address: Annotated[
        str | None,
        Field(
            TEXT_OR_NOTHING,
            "postal address; may have several lines",
            ["12 St James's Square, London"],
            vcard="ADR",
        ),
    ] = None
    birthday: Annotated[date | None, Field(DAY, "a date", ["1815-12-10"], vcard="BDAY")] = None
    created: Annotated[date | None, Field(DAY, "the day the contact came to the team", ["2026-01-31"])] = None
    time_zone: Annotated[str | None, Field(LINE, "IANA name of the time zone", ["Europe/London"], vcard="TZ")] = None
    tags: Annotated[
        tuple[str, ...], Field(LINES, "words to find the contact by", [["vip", "print"]], vcard="CATEGORIES")
    ] = ()
    do_not_disturb: Annotated[
        tuple[str, ...],
        Field(CHANNELS, "`all`, or the channels on which not to write or call", ["all", ["sms", "phone"]]),
    ] = ()
    notes: Annotated[
        str | None,
        Field(TEXT_OR_NOTHING, "anything else; may have several lines", ["Prefers letters."], vcard="NOTE"),
    ] = None
    fields: Annotated[
        dict[str, str],
        Field(CUSTOM_FIELDS, "custom fields, a map of text to text", [{"Account": "00123"}], vcard="X-"),
    ] = dataclasses.field(default_factory=dict)
    avatar: Annotated[
        AvatarChoice | None,
        Field(
            AVATAR,
            "the picture's file below avatars/, with focus and fit; needed only where the file is not named by the ID",
            ["logos/acme.png", {"focus": "top"}],
            vcard="PHOTO",
        ),
    ] = None
    merge_into: Annotated[
        MergeDirective | None, Field(DIRECTIVE, "the ID of the contact that this record joins", ["jane-doe"])
    ] = None
    aliases: Annotated[
        tuple[Alias, ...],
        Field(
            ALIASES,
            "IDs that led to this contact before: their pages lead to it; `merge --apply` writes them",
            [["jane-doe-2"]],
        ),
    ] = ()
    distinct_from: Annotated[
        tuple[str, ...],
        Field(
            LINES,
            "IDs of contacts that are somebody else, however alike they look: `duplicates` leaves them out",
            [["jane-doe-junior"]],
        ),
    ] = ()
    starred: Annotated[bool, Field(FLAG, "true puts a star on the conversation", [True])] = False
    messages: Annotated[
        tuple[Message, ...],
        Field(
            many(part(Message)),
            "the conversation, in any order",
            [[{"at": "2026-11-20T09:30:00Z", "from": "contact", "channel": "email", "text": "Hello there"}]],
        ),
    ] = ()


_read = shapes.content(Record)

PARTS: tuple[type[Part], ...] = (Alias, AvatarChoice, Labelled, LostValue, MergeDirective, Message)


def read(content: dict[str, Any]) -> tuple[Record, list[Fault]]:
    """A record, as far as its fields (by their plural names) can be read, and what is wrong with the others."""
    faults: list[Fault] = []
    found = _read(content, faults)
    return Record(**({"name": "?", **found} if faults else found)), faults


def record_of(content: dict[str, Any]) -> Record:
    """A record of fields by their plural names. Raises ShapeError where any of them cannot be read."""
    found, faults = read(content)
    if faults:
        raise ShapeError(faults)
    return found


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft-07) of a record file, for editors and other programs.

    It holds for files whose plain scalars were loaded as text, as this program does, and for those that YAML 1.2 made
    numbers, booleans and null of, as editors do.
    """
    schema = _schema(Record)
    properties = schema["properties"]
    for singular, plural in SINGULAR.items():
        properties[singular] = {**properties[plural], "description": f"the same as {plural}, in the singular"}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "contact record",
        "definitions": {one.__name__: _schema(one) for one in PARTS},
        **schema,
        "allOf": [{"not": {"required": [singular, plural]}} for singular, plural in SINGULAR.items()],
    }


def _schema(cls: type[Part]) -> dict[str, Any]:
    needed = list(shapes.required(cls))
    return {
        "additionalProperties": False,
        "description": cls.__doc__,
        "properties": {key: _property(cls, key, name) for key, name in shapes.keys(cls).items()},
        **({"required": needed} if needed else {}),
        "type": "object",
    }


def _property(cls: type[Part], key: str, name: str) -> dict[str, Any]:
    one, default = shapes.fields(cls)[name], shapes.defaults(cls).get(name)
    about: dict[str, Any] = {}
    if default not in (None, (), {}):
        about["default"] = list(default) if isinstance(default, tuple) else default
    about |= {"description": one.description, "examples": one.examples}
    if one.vcard:
        about["vcard"] = one.vcard
    # An optional field may be left empty, but not the one that is nothing without its value.
    if key in shapes.required(cls) or key == "merge_into":
        return {**about, **one.shape.schema}
    return {**about, "anyOf": [*shapes.choices(one.shape.schema), {"type": "null"}]}
