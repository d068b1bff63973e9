"""A row's cells to the fields of a record, by the headings of Google Contacts, Outlook, HighLevel, and by a site's own.

What has no place becomes a custom field under its heading. It judges no value but days, which are written in many ways.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contactsheet.csv_reading import Row
from contactsheet.incoming import ADDRESS_PARTS, UID, Draft, Incoming, address_text, key_of, line
from contactsheet.problems import Problem
from contactsheet.schema import SINGULAR
from contactsheet.values import shortened

TEXTS = (
    *("name", "given_name", "family_name", "pronouns", "company", "title", "type", "owner", "source"),
    *("address", "birthday", "created", "time_zone", "notes"),
)
LABELLED = ("emails", "phones", "websites")
# What Google Contacts has no column for: our own tables have these as custom fields.
_OWN = frozenset(("pronouns", "time_zone", "created", "type", "owner", "source", "do_not_disturb"))
_WHO = frozenset(("name", "given_name", "family_name", "company", "emails", "phones"))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a column's cells go.

    ``field`` is a record's, or a word of this module. ``label`` tells an address or number from others, or is the key
    of a custom field. ``set`` holds together the columns that make one value: “E-mail 1”, or the business address.
    """

    field: str
    label: str = ""
    set: str = ""


def target(text: str) -> Target | None:
    """A target as people write it: title, emails:work, fields.Account; None where there is no such field."""
    name, dot, key = text.strip().partition(".")
    if name == "fields" and dot:
        return Target("fields", key.strip()) if key.strip() else None
    name, _colon, label = text.strip().partition(":")
    field = SINGULAR.get(name.strip(), name.strip())
    if field in LABELLED:
        return Target(field, label.strip())
    return Target(field) if field in (*TEXTS, "tags", "do_not_disturb") and not label else None


def targets(headings: Sequence[str], chosen: Mapping[str, Target]) -> list[Target]:
    """Where the columns go; ``chosen`` are the headings for which someone said it."""
    names = [folded(heading) for heading in headings]
    is_outlook = "job title" in names
    wanted = {folded(heading): one for heading, one in chosen.items()}
    found = []
    for heading, name in zip(headings, names, strict=True):
        if name in wanted:
            found.append(wanted[name])
        elif name == "title" and is_outlook:
            found.append(Target("prefix"))
        else:
            found.append(_KNOWN.get(name) or _numbered(name) or target(heading) or Target("", line(heading)))
    return found


def can_name(columns: Sequence[Target]) -> bool:
    """Whether any of the columns says who a contact is."""
    return any(column.field in _WHO for column in columns)


def folded(heading: str) -> str:
    """A heading without what does not tell it from others: case, and how many blanks it has."""
    return re.sub(r"[\s_]+", " ", line(heading)).strip().casefold()


# --- headings --------------------------------------------------------------------------------------------------------


def _headings(field: str, *names: str, label: str = "") -> dict[str, Target]:
    return {name: Target(field, label) for name in names}


def _address_headings(prefix: str, label: str) -> dict[str, Target]:
    """The columns of one address, as Outlook calls them."""
    parts = {"po box": "box", "street": "street", "city": "town", "state": "region", "postal code": "code"}
    parts |= {"country": "country", "country/region": "country", "street 2": "street", "street 3": "street"}
    return {f"{prefix} {name}": Target(part, label, prefix) for name, part in parts.items()}


_KNOWN: Mapping[str, Target] = {
    **_headings("name", "name", "full name", "display name", "contact name"),
    **_headings("given_name", "given name", "first name", "forename"),
    **_headings("family_name", "family name", "last name", "surname"),
    **_headings("further", "additional name", "middle name"),
    **_headings("prefix", "name prefix"),
    **_headings("suffix", "name suffix", "suffix"),
    **_headings("company", "company", "company name", "business name", "organization", "organisation", "org"),
    **_headings("company", "organization name", "organization 1 - name"),
    **_headings("title", "job title", "title", "position", "role", "organization title", "organization 1 - title"),
    **_headings("fields", "department", "organization department", "organization 1 - department", label="Department"),
    **_headings("emails", "email", "e-mail", "mail", "email address", "e-mail address"),
    **_headings("emails", "e-mail 2 address", "e-mail 3 address", "email 2", "email 3"),
    **_headings("phones", "phone", "telephone", "tel", "phone number", "other phone", "primary phone"),
    **_headings("phones", "mobile", "mobile phone", "cell", "cell phone", label="mobile"),
    **_headings("phones", "home phone", "home phone 2", label="home"),
    **_headings("phones", "business phone", "business phone 2", "work phone", label="work"),
    **_headings("phones", "company main phone", label="company"),
    **_headings("phones", "assistant's phone", label="assistant"),
    **_headings("phones", "car phone", label="car"),
    **_headings("phones", "pager", label="pager"),
    **_headings("phones", "business fax", "fax", "work fax", label="work fax"),
    **_headings("phones", "home fax", label="home fax"),
    **_headings("phones", "other fax", label="fax"),
    **_headings("websites", "website", "web page", "web", "url", "homepage"),
    **_headings("websites", "personal web page", label="home"),
    **_headings("street", "street", "street address", "address 1", "address line 1"),
    **_headings("extended", "address 2", "address line 2"),
    **_headings("town", "city", "town"),
    **_headings("region", "state", "region", "province"),
    **_headings("code", "postal code", "zip", "zip code", "postcode"),
    **_headings("country", "country"),
    **_address_headings("business", "work"),
    **_address_headings("home", "home"),
    **_address_headings("other", "other"),
    **_headings("birthday", "birthday", "date of birth", "dob", "birth date"),
    **_headings("created", "created", "created at", "created on", "date created", "date added"),
    **_headings("time_zone", "time zone", "timezone"),
    **_headings("tags", "tags", "labels", "group membership", "categories"),
    **_headings("notes", "notes", "note", "comment", "comments"),
    **_headings("source", "source", "contact source"),
    **_headings("owner", "owner", "assigned to", "assigned"),
    **_headings("type", "type", "contact type"),
    **_headings("do_not_disturb", "dnd", "do not disturb"),
    **_headings("more_emails", "additional emails"),
    **_headings("more_phones", "additional phones"),
    **_headings("uid", "contact id", "uid"),
    **_headings("photo", "photo"),
    # What says nothing of the contact, or something else in every export.
    **_headings("ignored", "last activity", "priority", "private", "sensitivity", "e-mail type", "e-mail display name"),
    **_headings("ignored", "e-mail 2 type", "e-mail 2 display name", "e-mail 3 type", "e-mail 3 display name"),
}

_NUMBERED = re.compile(r"(?P<what>[a-z- ]+) (?P<number>\d{1,3}) - (?P<part>[a-z -]+)")
_NUMBERED_VALUES = {"e-mail": "emails", "phone": "phones", "website": "websites"}
_NUMBERED_PARTS = {
    "formatted": "address",
    "street": "street",
    "extended address": "extended",
    "city": "town",
    "po box": "box",
    "region": "region",
    "postal code": "code",
    "country": "country",
}


def _numbered(name: str) -> Target | None:
    """Google's headings: “E-mail 1 - Value” beside “E-mail 1 - Label”, which was “- Type” before."""
    found = _NUMBERED.fullmatch(name)
    if found is None:
        return None
    what, number, part = found["what"], found["number"], found["part"]
    together = f"{what} {number}"
    if part in ("label", "type"):
        return Target("label", what, together) if what != "organization" else Target("ignored")
    if what == "address" and part in _NUMBERED_PARTS:
        return Target(_NUMBERED_PARTS[part], "", together)
    if part == "value":
        return Target(_NUMBERED_VALUES.get(what, "fields"), what.capitalize(), together)
    return None


# --- rows ------------------------------------------------------------------------------------------------------------


def incoming(row: Row, headings: Sequence[str], columns: Sequence[Target], file: str) -> Incoming | Problem:
    """The row as a record's fields, or why it is none."""
    draft = Draft(file, row.line)
    cells = [
        (column, heading, _cell(cell)) for column, heading, cell in zip(columns, headings, row.cells, strict=False)
    ]
    labels = {column.set: _label(cell) for column, _, cell in cells if column.field == "label"}
    parts: dict[str, str] = {}
    addresses: dict[str, dict[str, str]] = {}
    for column, heading, cell in cells:
        if not cell or column.field in ("label", "ignored"):
            continue
        if column.field in ADDRESS_PARTS or (column.field == "address" and column.set):
            found = addresses.setdefault(column.set, {"label": labels.get(column.set, column.label)})
            found[column.field] = f"{found[column.field]}\n{cell}" if column.field in found else cell
        elif column.field in ("further", "prefix", "suffix"):
            parts[column.field] = cell
        else:
            _put(draft, column, heading, cell, labels.get(column.set, "") if column.set else column.label)
    for found in addresses.values():
        draft.address(found.get("address") or address_text(found), found["label"])
    if beyond := [cell for cell in row.cells[len(columns) :] if cell.strip()]:
        message = f"the row has {len(beyond)} more cells than there are headings, which are left out"
        draft.warn("import/line", row.line, message, "Compare the row with the headings, and its quotation marks.")
    return draft.incoming([_whole_name(draft, parts)])


def _cell(cell: str) -> str:
    """A cell's text, without the apostrophe that keeps a spreadsheet from computing it; Outlook's 0/0/00 is no day."""
    text = cell.strip()
    if re.fullmatch(r"0+[/.-]0+[/.-]0+", text):
        return ""
    return text[1:] if re.match(r"'+[=+\-@]", text) else text


def _label(cell: str) -> str:
    """A label; Google puts an asterisk before that of the first address."""
    text = line(cell).removeprefix("*").strip()
    return text.lower() if re.fullmatch(r"(?i)(home|work|mobile|other|main|pager|home fax|work fax)", text) else text


def _whole_name(draft: Draft, parts: Mapping[str, str]) -> str:
    """The name made of its parts; what an own name of the row does not hold becomes a custom field."""
    given, family = draft.fields.get("given_name", ""), draft.fields.get("family_name", "")
    if not family and given == draft.fields.get("name"):  # where one part holds all of the name, it says nothing
        draft.fields.pop("given_name", None)
    pieces = (parts.get("prefix", ""), given, parts.get("further", ""), family, parts.get("suffix", ""))
    whole = " ".join(piece for piece in pieces if piece)
    for word, key in (("further", "Further names"), ("prefix", "Name prefix"), ("suffix", "Name suffix")):
        if parts.get(word, "") not in draft.fields.get("name", whole):
            draft.custom(key, parts[word])
    return whole


def _put(draft: Draft, column: Target, heading: str, cell: str, label: str) -> None:
    """One cell that is a value by itself."""
    field = column.field
    if field in LABELLED:
        for value in cell.split(" ::: "):
            draft.add(field, value, label)
    elif field in ("more_emails", "more_phones"):
        for value in re.split(r"[,;\n]", cell):
            draft.add(field.removeprefix("more_"), value)
    elif field == "tags":
        _tags(draft, cell)
    elif field in ("birthday", "created"):
        _day(draft, field, cell)
    elif field == "do_not_disturb":
        _channels(draft, cell)
    elif field == "uid":
        draft.custom(UID, cell)
    elif field == "photo":
        draft.custom("Photo", cell)
        message = f"the picture stands elsewhere, at “{shortened(cell)}”, and is not fetched"
        draft.warn(
            "import/picture", draft.line, message, "Save it yourself, and run `python build.py set-avatar ID FILE`."
        )
    elif field == "fields":
        _custom(draft, label or column.label, cell)
    elif field:
        draft.put(field, cell)
    else:
        draft.unknown(heading, heading, cell)


def _custom(draft: Draft, key: str, cell: str) -> None:
    """A custom field, or what a table of our own has as one."""
    own = target(folded(key).replace(" ", "_"))
    if own and own.field in _OWN:
        _put(draft, own, key, cell, "")
    else:
        draft.custom(key, cell)


def _tags(draft: Draft, cell: str) -> None:
    """Tags, which Google separates by three colons, Outlook by semicolons and others by commas."""
    separator = " ::: " if ":::" in cell else ";" if ";" in cell else ","
    for tag in cell.split(separator):
        name = tag.strip().removeprefix("* ")
        if name.lower() != "mycontacts":  # the group into which Google puts everyone
            draft.add("tags", name)


def _channels(draft: Draft, cell: str) -> None:
    """The channels not to use: yes stands for all of them, no for none."""
    if cell.lower() in ("true", "yes", "1", "on", "all"):
        draft.fields["do_not_disturb"] = ["all"]
    elif cell.lower() not in ("false", "no", "0", "off", "none"):
        for channel in re.split("[,;]", cell):
            draft.add("do_not_disturb", channel.lower())


# --- days ------------------------------------------------------------------------------------------------------------

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?", re.DOTALL | re.ASCII)
_FIGURES = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[ ,T].*)?", re.DOTALL | re.ASCII)
_IN_WORDS = re.compile(r"([A-Z][a-z]{2})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?:[ ,].*)?", re.DOTALL | re.ASCII)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def _day(draft: Draft, field: str, cell: str) -> None:
    """A day; one that could be two different ones, or has no year, becomes a custom field."""
    days = {day for day in _readings(cell) if day}
    if len(days) == 1:
        draft.put(field, days.pop().isoformat())
        return
    draft.custom(key_of(field), cell)
    if days:
        message = f"“{cell}” can be two days, since it does not say which number is the month"
        fix = f"It stands in the custom field “{key_of(field)}”; write it into “{field}” as year-month-day."
        draft.warn("import/value", draft.line, message, fix)


def _readings(cell: str) -> list[date | None]:
    """The days that a text may mean."""
    if found := _ISO.fullmatch(cell):
        return [_date(*map(int, found.groups()))]
    if (found := _IN_WORDS.fullmatch(cell)) and found[1] in _MONTHS:
        return [_date(int(found[3]), _MONTHS.index(found[1]) + 1, int(found[2]))]
    if found := _FIGURES.fullmatch(cell):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        # With points, the day comes first wherever they are used.
        return [_date(year, second, first), *([_date(year, first, second)] if found[2] != "." else [])]
    return []


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
