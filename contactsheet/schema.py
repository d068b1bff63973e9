"""A record, declared once: its fields, their types, what they are for.

Validation, the JSON Schema and the documentation of the fields come from here. How one value is read is told in
``values``; what it means (is this a phone number?) is judged in ``check``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictStr,
    WithJsonSchema,
    model_validator,
)

from contactsheet import values
from contactsheet.values import NAME_LIMIT

SINGULAR = {"email": "emails", "phone": "phones", "website": "websites"}

# What a schema can tell of texts: whether they have one line and show something.
_ONE_LINE = {"type": "string", "pattern": r"^[^\t\r\n]*$"}
_FILLED = {"type": "string", "pattern": r"^[^\t\r\n]*[^\s][^\t\r\n]*$"}
# A type that stands in a list is meant as it is: other texts may be numbers or true and false to an editor.
_CHANNEL = {
    "type": ["string"],
    "pattern": _FILLED["pattern"],
    "not": {"enum": [form for word in sorted(values.ANSWERS) for form in (word, word.title(), word.upper())]},
}
_MOMENT = {"type": ["string"], "pattern": r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}"}
_FLAG = {"type": ["boolean", "string"], "pattern": "^(true|True|TRUE|false|False|FALSE)$"}
_UNIT = {"type": ["number", "string"], "minimum": 0, "maximum": 1, "pattern": r"^\s*([01]\.?0*|0?\.[0-9]+)\s*$"}

Line = Annotated[StrictStr, AfterValidator(values.one_line), WithJsonSchema(_ONE_LINE)]
Text = Annotated[StrictStr, AfterValidator(values.stripped)]
Name = Annotated[Line, AfterValidator(values.name), WithJsonSchema(_FILLED)]
OptionalLine = Annotated[Line | None, AfterValidator(values.none_if_blank)]
OptionalText = Annotated[Text | None, AfterValidator(values.none_if_blank)]
Filled = Annotated[Line, Field(min_length=1), WithJsonSchema(_FILLED)]
Channel = Annotated[Filled, WithJsonSchema(_CHANNEL)]
Day = Annotated[date, BeforeValidator(values.day, json_schema_input_type=date)]
Moment = Annotated[datetime, BeforeValidator(values.moment), WithJsonSchema(_MOMENT)]
Flag = Annotated[bool, BeforeValidator(values.flag), WithJsonSchema(_FLAG)]
Unit = Annotated[float, BeforeValidator(values.unit), WithJsonSchema(_UNIT)]
Side = Literal[
    "center", "centre", "top", "bottom", "left", "right", "top-left", "top-right", "bottom-left", "bottom-right"
]
Focus = Annotated[tuple[Unit, Unit], BeforeValidator(values.focus, json_schema_input_type=Side | tuple[Unit, Unit])]


class _Part(BaseModel):
    """What all parts of a record share: frozen, closed against unknown fields; an empty field is as good as none.

    A part is validated within its record, so that none is got ready for it by itself, which takes a while; but for
    those that are also made alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_fields(cls, data: Any) -> Any:
        if not isinstance(data, dict) or None not in data.values():
            return data
        known = {field.alias or name for name, field in cls.model_fields.items()}
        return {key: value for key, value in data.items() if value is not None or key not in known}


LineList = Annotated[tuple[Filled, ...], BeforeValidator(values.some, json_schema_input_type=Filled | list[Filled])]


class Labelled(_Part, defer_build=False):
    """An address or number with the word that tells it from the others (work, mobile, …)."""

    label: OptionalLine = Field(default=None, description="what kind it is, in a word", examples=["work"])
    value: Filled = Field(description="the address or number itself", examples=["ada@example.org"])


class AvatarChoice(_Part):
    """The picture, where the file's name alone does not say enough."""

    file: Filled | None = Field(
        default=None, description="the picture's file below avatars/", examples=["logos/acme.png"]
    )
    focus: Focus = Field(
        default=(0.5, 0.5),
        description="the point that stays in view when the picture is cropped: two numbers from 0 to 1, from the "
        "left and from the top, or a side",
        examples=[[0.5, 0.3], "top"],
    )
    fit: Literal["cover", "contain"] = Field(
        default="cover", description="cover crops to a square; contain pads with transparency", examples=["contain"]
    )


class MergeDirective(_Part):
    """Where a record merges to, and where the usual rule of who wins is turned round."""

    contact: Filled = Field(description="the ID of the contact that survives", examples=["jane-doe"])
    take: LineList = Field(default=(), description="fields in which this record wins", examples=[["title"]])
    keep: LineList = Field(
        default=(), description="fields in which the surviving contact keeps what it has", examples=[["avatar"]]
    )


class Message(_Part):
    """One message of the conversation."""

    at: Moment = Field(description="when, in ISO 8601 with the offset", examples=["2026-11-20T09:30:00Z"])
    sender: Filled = Field(
        alias="from", description="`contact`, or the name of the team member who wrote it", examples=["contact"]
    )
    channel: OptionalLine = Field(default=None, description="how it travelled", examples=["email"])
    text: Text = Field(description="what was said; may have several lines", examples=["Hello there"])
    read: Flag = Field(default=True, description="false shows the conversation as unread", examples=[False])


class LostValue(_Part):
    """A value that lost in a merge that was carried out in the files."""

    field: Filled = Field(description="the field, a custom field as fields.NAME", examples=["title"])
    value: Text = Field(description="the value that lost", examples=["Chief editor"])
    kept: Text = Field(default="", description="the value that stayed", examples=["Editor"])
    origin: OptionalLine = Field(
        default=None,
        alias="from",
        description="the ID of the record that it stood in, if that is not the alias",
        examples=["jane-doe"],
    )


class Alias(_Part):
    """An ID that the contact had, or that a record had which was merged into it for good."""

    id: Filled = Field(description="the ID", examples=["jane-doe-2"])
    name: OptionalLine = Field(default=None, description="the name in the merged record", examples=["Jane Doe"])
    thread: Flag = Field(default=True, description="false: the merged record had no conversation", examples=[False])
    picture: Flag = Field(default=False, description="true: the merged record brought the picture", examples=[True])
    lost: Annotated[
        tuple[LostValue, ...], BeforeValidator(values.some, json_schema_input_type=LostValue | list[LostValue])
    ] = Field(
        default=(),
        description="the values that lost when it was merged",
        examples=[[{"field": "title", "value": "Chief editor", "kept": "Editor"}]],
    )


_Alias = Annotated[Alias, BeforeValidator(values.alias, json_schema_input_type=Filled | Alias)]
Aliases = Annotated[
    tuple[_Alias, ...], BeforeValidator(values.some, json_schema_input_type=Filled | Alias | list[Filled | Alias])
]
_Labelled = Annotated[Labelled, BeforeValidator(values.labelled, json_schema_input_type=Filled | Labelled)]
LabelledList = Annotated[
    tuple[_Labelled, ...],
    BeforeValidator(values.some, json_schema_input_type=Filled | Labelled | list[Filled | Labelled]),
]
Channels = Annotated[
    tuple[Filled, ...], BeforeValidator(values.channels, json_schema_input_type=Channel | list[Channel])
]
Conversation = Annotated[
    tuple[Message, ...], BeforeValidator(values.some, json_schema_input_type=Message | list[Message])
]
CustomFields = Annotated[
    dict[Filled, Line], BeforeValidator(values.pairs, json_schema_input_type=dict[Filled, Line | None])
]


class Record(_Part, defer_build=False):
    """A contact as one YAML file says it."""

    name: Name = Field(
        description=f"the name by which people know the contact, 1 to {NAME_LIMIT} characters",
        examples=["Ada Lovelace"],
        json_schema_extra={"vcard": "FN"},
    )
    given_name: OptionalLine = Field(
        default=None, description="first name", examples=["Ada"], json_schema_extra={"vcard": "N"}
    )
    family_name: OptionalLine = Field(
        default=None,
        description="family name; the list sorts by it, else by name",
        examples=["Lovelace"],
        json_schema_extra={"vcard": "N"},
    )
    pronouns: OptionalLine = Field(default=None, description="how to speak of them", examples=["she/her"])
    company: OptionalLine = Field(
        default=None, description="the organisation", examples=["Acme"], json_schema_extra={"vcard": "ORG"}
    )
    title: OptionalLine = Field(
        default=None, description="the position there", examples=["CTO"], json_schema_extra={"vcard": "TITLE"}
    )
    type: OptionalLine = Field(default=None, description="lead, customer, …", examples=["customer"])
    owner: OptionalLine = Field(default=None, description="who on the team looks after the contact", examples=["Mira"])
    source: OptionalLine = Field(default=None, description="where the contact came from", examples=["Website"])
    emails: LabelledList = Field(
        default=(),
        description="e-mail addresses; `email` is the same in the singular",
        examples=["ada@example.org"],
        json_schema_extra={"vcard": "EMAIL"},
    )
    phones: LabelledList = Field(
        default=(),
        description="phone numbers with the country's code; `phone` is the same in the singular",
        examples=["+44 20 7946 0958"],
        json_schema_extra={"vcard": "TEL"},
    )
    websites: LabelledList = Field(
        default=(),
        description="web addresses, http or https; `website` is the same in the singular",
        examples=["https://example.org/"],
        json_schema_extra={"vcard": "URL"},
    )
    address: OptionalText = Field(
        default=None,
        description="postal address; may have several lines",
        examples=["12 St James's Square, London"],
        json_schema_extra={"vcard": "ADR"},
    )
    birthday: Day | None = Field(
        default=None, description="a date", examples=["1815-12-10"], json_schema_extra={"vcard": "BDAY"}
    )
    created: Day | None = Field(
        default=None, description="the day the contact came to the team", examples=["2026-01-31"]
    )
    time_zone: OptionalLine = Field(
        default=None,
        description="IANA name of the time zone",
        examples=["Europe/London"],
        json_schema_extra={"vcard": "TZ"},
    )
    tags: LineList = Field(
        default=(),
        description="words to find the contact by",
        examples=[["vip", "print"]],
        json_schema_extra={"vcard": "CATEGORIES"},
    )
    do_not_disturb: Channels = Field(
        default=(),
        description="`all`, or the channels on which not to write or call",
        examples=["all", ["sms", "phone"]],
    )
    notes: OptionalText = Field(
        default=None,
        description="anything else; may have several lines",
        examples=["Prefers letters."],
        json_schema_extra={"vcard": "NOTE"},
    )
    fields: CustomFields = Field(
        default_factory=dict,
        description="custom fields, a map of text to text",
        examples=[{"Account": "00123"}],
        json_schema_extra={"vcard": "X-"},
    )
    avatar: Annotated[
        AvatarChoice | None, BeforeValidator(values.file, json_schema_input_type=Filled | AvatarChoice | None)
    ] = Field(
        default=None,
        description="the picture's file below avatars/, with focus and fit; "
        "needed only where the file is not named by the ID",
        examples=["logos/acme.png", {"focus": "top"}],
        json_schema_extra={"vcard": "PHOTO"},
    )
    merge_into: Annotated[
        MergeDirective | None, BeforeValidator(values.contact, json_schema_input_type=Filled | MergeDirective)
    ] = Field(default=None, description="the ID of the contact that this record joins", examples=["jane-doe"])
    aliases: Aliases = Field(
        default=(),
        description="IDs that led to this contact before: their pages lead to it; `merge --apply` writes them",
        examples=[["jane-doe-2"]],
    )
    distinct_from: LineList = Field(
        default=(),
        description="IDs of contacts that are somebody else, however alike they look: `duplicates` leaves them out",
        examples=[["jane-doe-junior"]],
    )
    starred: Flag = Field(default=False, description="true puts a star on the conversation", examples=[True])
    messages: Conversation = Field(
        default=(),
        description="the conversation, in any order",
        examples=[[{"at": "2026-11-20T09:30:00Z", "from": "contact", "channel": "email", "text": "Hello there"}]],
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft-07) of a record file, for editors and other programs.

    It holds for files whose plain scalars were loaded as text, as this program does, and for those that YAML 1.2 made
    numbers, booleans and null of, as editors do.
    """
    schema = _draft_7(Record.model_json_schema(by_alias=True, ref_template="#/definitions/{model}"))
    properties = schema["properties"]
    for singular, plural in SINGULAR.items():
        properties[singular] = {**properties[plural], "description": f"the same as {plural}, in the singular"}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "contact record",
        **schema,
        "allOf": [{"not": {"required": [singular, plural]}} for singular, plural in SINGULAR.items()],
    }


def _draft_7(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of draft 2020-12, as pydantic makes it, in the words of draft-07."""
    told: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            told["definitions" if key == "$defs" else key] = {name: _draft_7(one) for name, one in value.items()}
        elif key == "anyOf":
            told[key] = [_draft_7(one) for one in value]
        elif key == "prefixItems":
            told.update(items=[_draft_7(one) for one in value], additionalItems=False)
        elif key == "patternProperties":  # pydantic's way to say what keys look like, which lets others through
            ((pattern, one),) = value.items()
            told.update(propertyNames={"pattern": pattern}, additionalProperties=_draft_7(one))
        elif key == "items":
            told[key] = _draft_7(value)
        elif key == "$ref" and len(schema) > 1:
            told["allOf"] = [{"$ref": value}]  # in draft-07 nothing that stands beside $ref counts
        elif not (key == "title" or (key == "default" and value in (None, [], {}))):
            told[key] = value
    if told.get("type") == "string" and not {"format", "enum", "const"} & told.keys():
        told["type"] = ["string", "number", "boolean"]
    for name in told.get("properties", {}).keys() - set(told.get("required", ())) - {"merge_into"}:
        told["properties"][name] = _or_nothing(told["properties"][name])
    return told


def _or_nothing(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an optional field, whose value may be left empty."""
    told = ("description", "examples", "default", "vcard")
    about: dict[str, Any] = {key: value for key, value in schema.items() if key in told}
    kind = {key: value for key, value in schema.items() if key not in about}
    choices = kind["anyOf"] if kind.keys() == {"anyOf"} else [kind]
    return {**about, "anyOf": [*(one for one in choices if one != {"type": "null"}), {"type": "null"}]}
