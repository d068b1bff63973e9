"""The record, declared once: its fields, their types, what they are for.

Validation, the JSON Schema and the documentation of the fields come from here. What a value means (is this a phone
number?) is judged in ``check``.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, TypeAdapter

NAME_LIMIT = 200
SINGULAR = {"email": "emails", "phone": "phones", "website": "websites"}
SIDES = {
    "center": (0.5, 0.5),
    "top": (0.5, 0.0),
    "bottom": (0.5, 1.0),
    "left": (0.0, 0.5),
    "right": (1.0, 0.5),
    "top-left": (0.0, 0.0),
    "top-right": (1.0, 0.0),
    "bottom-left": (0.0, 1.0),
    "bottom-right": (1.0, 1.0),
}

# Characters that show nothing though Unicode calls them letters, marks or symbols.
BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")


class RuleError(ValueError):
    """A value breaks a named rule: carries the rule, what is wrong and how to mend it through pydantic's machinery."""

    def __init__(self, rule: str, message: str, fix: str) -> None:
        super().__init__(message)
        self.rule, self.message, self.fix = rule, message, fix


def is_visible(text: str) -> bool:
    """Whether at least one character of ``text`` shows on a screen (Unicode general categories L, M, N, P and S)."""
    return any(unicodedata.category(c)[0] in "LNPS" and c not in BLANK_LETTERS for c in text)


def _line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise RuleError(
            "contact/line-break",
            "a line break or a tab in a text of one line",
            "Write it on one line; only address, notes and a message's text have several.",
        )
    return text.strip()


def _name(text: str) -> str:
    if not is_visible(text):
        raise RuleError("contact/name", "the name shows nothing", "Write the name by which people know the contact.")
    if len(text) > NAME_LIMIT:
        raise RuleError(
            "contact/name",
            f"the name has {len(text)} characters; {NAME_LIMIT} are allowed",
            "Shorten the name; the rest can stand in notes.",
        )
    return text


def _no_blank(text: str | None) -> str | None:
    return text or None


def _date(value: object) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise RuleError(
                "contact/date", f"there is no day {value}", "Write a day of the calendar as year-month-day."
            ) from None
    raise RuleError("contact/date", "this is not a date", "Write it as year-month-day, for example 2026-11-20.")


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:", text):
        try:
            moment = datetime.fromisoformat(text.upper())
            if moment.tzinfo is not None:
                moment.astimezone(UTC)  # raises where the offset leads out of the calendar
        except (ValueError, OverflowError):
            pass
        else:
            return moment
    raise RuleError(
        "contact/date", "this is not a date with a time", "Write it as in ISO 8601, for example 2026-11-20T09:30:00Z."
    )


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return value in ("true", "True", "TRUE")
    raise RuleError("contact/type", "this is neither true nor false", "Write true or false.")


def _unit(value: object) -> float:
    try:
        number = float(value) if isinstance(value, str | int | float) else -1.0
    except ValueError:
        number = -1.0
    if not 0.0 <= number <= 1.0:
        raise RuleError(
            "contact/focus",
            "this is not a number from 0 to 1",
            "Write focus as two numbers from 0 to 1, from the left and from the top, for example [0.5, 0.3].",
        )
    return number


def _focus(value: object) -> object:
    if isinstance(value, str):
        side = "center" if value == "centre" else value
        if side not in SIDES:
            raise RuleError(
                "contact/focus",
                "the picture has no such side",
                f"Write one of {', '.join(SIDES)}, or two numbers from 0 to 1.",
            )
        return SIDES[side]
    if not (isinstance(value, list | tuple) and len(value) == 2):
        raise RuleError(
            "contact/focus",
            "this is not a point of the picture",
            "Write focus as two numbers from 0 to 1, from the left and from the top, for example [0.5, 0.3].",
        )
    return value


def _some(value: object) -> object:
    """A list of what was given: nothing is none, one is a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list | tuple) else [value]


def _labelled(value: object) -> object:
    return {"value": value} if isinstance(value, str) else value


def _contact(value: object) -> object:
    return {"contact": value} if isinstance(value, str) else value


def _file(value: object) -> object:
    return {"file": value} if isinstance(value, str) else value


def _channels(value: object) -> object:
    channels = _some(value)
    return ["all"] if isinstance(channels, list) and "all" in channels else channels


def _pairs(value: object) -> object:
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


Line = Annotated[StrictStr, AfterValidator(_line)]
Text = Annotated[StrictStr, AfterValidator(str.strip)]
Name = Annotated[Line, AfterValidator(_name)]
OptionalLine = Annotated[Line | None, AfterValidator(_no_blank)]
OptionalText = Annotated[Text | None, AfterValidator(_no_blank)]
Filled = Annotated[Line, Field(min_length=1)]
Day = Annotated[date, BeforeValidator(_date, json_schema_input_type=date)]
Moment = Annotated[datetime, BeforeValidator(_moment, json_schema_input_type=datetime)]
Flag = Annotated[bool, BeforeValidator(_flag, json_schema_input_type=bool)]
Unit = Annotated[float, BeforeValidator(_unit, json_schema_input_type=float)]
Focus = Annotated[
    tuple[Unit, Unit],
    BeforeValidator(
        _focus,
        json_schema_input_type=Literal[
            "center", "top", "bottom", "left", "right", "top-left", "top-right", "bottom-left", "bottom-right"
        ]
        | tuple[float, float],
    ),
]


class _Part(BaseModel):
    """What all parts of a record share: frozen, closed against unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Labelled(_Part):
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
    take: Annotated[tuple[Filled, ...], BeforeValidator(_some, json_schema_input_type=Filled | list[Filled] | None)] = (
        Field(default=(), description="fields in which this record wins", examples=[["title"]])
    )
    keep: Annotated[tuple[Filled, ...], BeforeValidator(_some, json_schema_input_type=Filled | list[Filled] | None)] = (
        Field(default=(), description="fields in which the surviving contact keeps what it has", examples=[["avatar"]])
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


_Labelled = Annotated[Labelled, BeforeValidator(_labelled, json_schema_input_type=Filled | Labelled)]
LabelledList = Annotated[
    tuple[_Labelled, ...],
    BeforeValidator(_some, json_schema_input_type=Filled | Labelled | list[Filled | Labelled] | None),
]
LineList = Annotated[tuple[Filled, ...], BeforeValidator(_some, json_schema_input_type=Filled | list[Filled] | None)]
Channels = Annotated[
    tuple[Filled, ...], BeforeValidator(_channels, json_schema_input_type=Filled | list[Filled] | None)
]
CustomFields = Annotated[
    dict[Filled, Line],
    BeforeValidator(_pairs, json_schema_input_type=dict[str, str | None] | None),
]


class Record(_Part):
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
        AvatarChoice | None, BeforeValidator(_file, json_schema_input_type=Filled | AvatarChoice | None)
    ] = Field(
        default=None,
        description="the picture's file below avatars/, with focus and fit; "
        "needed only where the file is not named by the ID",
        examples=["logos/acme.png", {"focus": "top"}],
        json_schema_extra={"vcard": "PHOTO"},
    )
    merge_into: Annotated[
        MergeDirective | None, BeforeValidator(_contact, json_schema_input_type=Filled | MergeDirective)
    ] = Field(default=None, description="the ID of the contact that this record joins", examples=["jane-doe"])
    starred: Flag = Field(default=False, description="true puts a star on the conversation", examples=[True])
    messages: Annotated[tuple[Message, ...], BeforeValidator(_some, json_schema_input_type=list[Message] | None)] = (
        Field(default=(), description="the conversation")
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a record file, for editors and other programs."""
    schema = TypeAdapter(Record).json_schema(mode="validation", by_alias=True)
    properties = schema["properties"]
    for singular, plural in SINGULAR.items():
        properties[singular] = {**properties[plural], "description": f"the same as {plural}, in the singular"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "contact record",
        "properties": properties,
    }
