"""A card's properties to the fields of a record, in the dialects of Apple, Google, Microsoft and others.

What has no place becomes a custom field. It judges no value and fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from contactsheet import ids, vcard_photo
from contactsheet.incoming import ADDRESS_PARTS, UID, Draft, Incoming, address_text, line
from contactsheet.problems import Place, Problem
from contactsheet.rules import problem
from contactsheet.values import shortened
from contactsheet.vcard_reading import Card, Property

OWN_UID = "contactsheet:"
_OWN_FIELD = "X-CS-"
_KINDS = ("KIND", "X-ADDRESSBOOKSERVER-KIND")
# What says nothing of the contact.
_IGNORED = frozenset(
    (
        *("BEGIN", "END", "VERSION", "PRODID", "REV", "PROFILE", "MAILER", "XML", "CLIENTPIDMAP", "AGENT"),
        *("SORT-STRING", "X-ABLABEL", "X-ABADR", "X-ABSHOWAS", "X-ABUID"),
    )
)
# Groups that Google Contacts puts people into by itself.
_GROUPS_OF_PROGRAMS = frozenset(("mycontacts",))
_APPLES_OWN = re.compile(r"_\$!<(.*)>!\$_", re.DOTALL)
_APPLES_WORDS = {"HomeFAX": "home fax", "WorkFAX": "work fax", "OtherFAX": "other fax", "iPhone": "iPhone"}
_LABELS = {"WORK": "work", "HOME": "home", "CELL": "mobile", "IPHONE": "mobile", "FAX": "fax", "PAGER": "pager"}
# Types that tell how a number or an address works, not which one it is.
_TECHNICAL = frozenset(
    (
        *("PREF", "INTERNET", "X400", "VOICE", "MSG", "TEXT", "VIDEO", "TEXTPHONE", "BBS", "MODEM", "ISDN", "PCS"),
        *("DOM", "INTL", "POSTAL", "PARCEL", "TLX", "EWORLD"),
    )
)
_UNCHANGED = frozenset(("UID", "IMPP", "GEO"))
_DAY = re.compile(r"(?P<year>\d{4}|-)-?(?P<month>\d\d)-?(?P<day>\d\d)(?:[T ].*)?", re.DOTALL | re.ASCII)
_LAST = 101  # behind whatever is preferred, which has 1 to 100 (RFC 6350, 5.3)


def incoming(card: Card, file: str) -> Incoming | Problem:
    """The card as a record's fields, or why it is none."""
    if any(one.name in _KINDS and one.text.strip().lower() == "group" for one in card.properties):
        return problem(
            "import/group",
            file,
            Place(card.line, 1),
            message="this card is a group of others, not a contact, and is left out",
            fix="Give its members a tag, if the group matters.",
        )
    draft = Draft(file, card.line)
    draft.problems += card.problems
    labels = _group_labels(card)
    properties = sorted((one for one in card.properties if one.name not in _IGNORED), key=_preference)
    for one in properties:
        label = labels.get(one.group, "") if one.group else ""
        if one.name in _READERS:
            _READERS[one.name](draft, one, label)
        elif one.name.startswith(_OWN_FIELD):
            draft.custom(label or one.name.removeprefix(_OWN_FIELD), one.text)
        else:
            _unknown(draft, one, label)
    names = _names(draft, properties)
    _address(draft, properties, labels)
    _picture(draft, properties)
    return draft.incoming([*names, *(one.text for one in properties if one.name == "NICKNAME")])


def _group_labels(card: Card) -> Mapping[str, str]:
    """What the properties of each group are called (X-ABLabel, which Apple brought and many write)."""
    return {one.group: one.text.strip() for one in card.properties if one.group and one.name == "X-ABLABEL"}


def _preference(one: Property) -> int:
    pref = one.parameter("PREF")
    if pref.isascii() and pref.isdecimal() and len(pref) < 4:
        return min(int(pref), _LAST)
    return 1 if "PREF" in one.types else _LAST


def _label(one: Property, given: str) -> str:
    """The word that tells this address or number from others of its contact: its label, or its types in words."""
    if own := _APPLES_OWN.fullmatch(given):
        return _APPLES_WORDS.get(own[1], own[1].lower())
    if given:
        return given
    kinds = [kind for kind in one.parameters.get("TYPE", ()) if kind.upper() not in _TECHNICAL]
    known = sorted({kind.upper() for kind in kinds} & _LABELS.keys(), key=[*_LABELS].index)
    others = [kind.lower() if kind.isupper() else kind for kind in kinds if kind.upper() not in _LABELS]
    return " ".join(dict.fromkeys([*(_LABELS[kind] for kind in known), *others]))


# --- properties with a place of their own ----------------------------------------------------------------------------


def _text_of(field: str) -> Callable[[Draft, Property, str], None]:
    def read(draft: Draft, one: Property, _label: str) -> None:
        draft.put(field, one.text)

    return read


def _nothing(_draft: Draft, _one: Property, _label: str) -> None:
    """Read together with others, when all are known."""


def _organisation(draft: Draft, one: Property, _label: str) -> None:
    company, *units = [part for part in one.parts(";") if part.strip()] or [""]
    draft.put("company", company)
    draft.custom("Department", ", ".join(units))


def _email(draft: Draft, one: Property, label: str) -> None:
    draft.add("emails", re.sub(r"(?i)^\s*mailto:", "", one.text), _label(one, label))


def _phone(draft: Draft, one: Property, label: str) -> None:
    text = one.text.strip()
    if text.lower().startswith("tel:"):  # RFC 3966
        number, *parameters = unquote(text[4:]).split(";")
        extension = next((part[4:] for part in parameters if part.lower().startswith("ext=")), "")
        text = f"{number} ext. {extension}" if extension else number
    draft.add("phones", text, _label(one, label))


def _website(draft: Draft, one: Property, label: str) -> None:
    draft.add("websites", one.text, _label(one, label))


def _tags(draft: Draft, one: Property, _label: str) -> None:
    for tag in one.parts(","):
        if tag.strip().lower() not in _GROUPS_OF_PROGRAMS:
            draft.add("tags", tag)


def _birthday(draft: Draft, one: Property, _label: str) -> None:
    """A day; one without a year (which Apple says in its own way) belongs into no calendar."""
    text = one.text.strip()
    day = _DAY.fullmatch(text)
    if day is None:
        draft.custom("Birthday", text)
    elif day["year"] in ("-", one.parameter("X-APPLE-OMIT-YEAR")):
        draft.custom("Birthday", f"--{day['month']}-{day['day']}")
    else:
        draft.put("birthday", "-".join(day.groups()))


def _created(draft: Draft, one: Property, _label: str) -> None:
    day = _DAY.fullmatch(one.text.strip())
    draft.put("created", "-".join(day.groups()) if day else one.text)


def _zone(draft: Draft, one: Property, _label: str) -> None:
    """An IANA name; an offset, as version 3.0 has it, belongs to no place and no season."""
    text = one.text.strip()
    if re.match("[A-Za-z]", text):
        draft.put("time_zone", text)
    else:
        draft.custom("Time zone", text)


def _uid(draft: Draft, one: Property, _label: str) -> None:
    text = one.text.strip()
    own = text.removeprefix(OWN_UID)
    if own != text and not ids.fault(own):
        draft.own_id = draft.own_id or own
    else:
        draft.custom(UID, text)


def _kind(draft: Draft, one: Property, _label: str) -> None:
    if one.text.strip().lower() not in ("individual", "org"):
        draft.custom("Kind", one.text)


def _service(draft: Draft, one: Property, label: str) -> None:
    """An address of a chat or a social network: a custom field that is called by the service."""
    kinds = [kind for kind in one.parameters.get("TYPE", ()) if kind.upper() not in {*_TECHNICAL, *_LABELS}]
    service = one.parameter("X-SERVICE-TYPE") or one.parameter("SERVICE-TYPE") or next(iter(kinds), "")
    own = _APPLES_OWN.fullmatch(label)
    key = service or (own[1] if own else label) or _pretty(one.name)
    draft.unknown(one.name, key[:1].upper() + key[1:], one.text)


def _channels(draft: Draft, one: Property, _label: str) -> None:
    for channel in one.parts(","):
        draft.add("do_not_disturb", channel)


_READERS: Mapping[str, Callable[[Draft, Property, str], None]] = {
    "FN": _text_of("name"),
    "PRONOUNS": _text_of("pronouns"),
    "ORG": _organisation,
    "TITLE": _text_of("title"),
    "EMAIL": _email,
    "TEL": _phone,
    "URL": _website,
    "BDAY": _birthday,
    "CREATED": _created,
    "TZ": _zone,
    "CATEGORIES": _tags,
    "NOTE": _text_of("notes"),
    "UID": _uid,
    "IMPP": _service,
    "SOCIALPROFILE": _service,
    "X-SOCIALPROFILE": _service,
    "X-CONTACTSHEET-TYPE": _text_of("type"),
    "X-CONTACTSHEET-OWNER": _text_of("owner"),
    "X-CONTACTSHEET-SOURCE": _text_of("source"),
    "X-CONTACTSHEET-DO-NOT-DISTURB": _channels,
    **dict.fromkeys(_KINDS, _kind),
    **dict.fromkeys(("N", "ADR", "LABEL", "PHOTO", "LOGO"), _nothing),
}


def _unknown(draft: Draft, one: Property, label: str) -> None:
    if one.is_base64 or one.value[:5].lower() == "data:":
        draft.left_out.append(one.name)
        return
    own = _APPLES_OWN.fullmatch(label)
    key = (own[1] if own else label) or _pretty(one.name)
    kinds = _label(one, "")
    draft.unknown(one.name, f"{key} ({kinds})" if kinds and not label else key, one.text)


def _pretty(name: str) -> str:
    """NICKNAME as Nickname; what is short for something, or somebody's own, as it stands."""
    return name if name.startswith("X-") or name in _UNCHANGED else name.replace("-", " ").capitalize()


# --- what several properties say together ----------------------------------------------------------------------------


def _names(draft: Draft, properties: list[Property]) -> list[str]:
    """Puts what N says: family name, given name, further names, and what stands before and behind the name.

    Gives the whole name that this makes, for cards without FN, which version 2.1 does not ask for.
    """
    found = next((one for one in properties if one.name == "N"), None)
    if found is None:
        return []
    family, given, further, before, behind = [*map(line, found.parts(";")), *[""] * 5][:5]
    whole = " ".join(part for part in (before, given, further, family, behind) if part)
    name = draft.fields.get("name", "") or whole
    if family or given != name:  # where one part holds all of the name, it says nothing
        draft.put("family_name", family)
        draft.put("given_name", given)
    for key, text in (("Further names", further), ("Name prefix", before), ("Name suffix", behind)):
        if text not in name:
            draft.custom(key, text)
    return [whole]


def _address(draft: Draft, properties: list[Property], labels: Mapping[str, str]) -> None:
    """The postal addresses, as their labels have them where these say all of it."""
    plain = [one for one in properties if one.name == "LABEL"]
    for one in properties:
        if one.name != "ADR":
            continue
        text = one.parameter("LABEL") or _address_text(one)
        for written in plain:
            if set(written.types) == set(one.types) and all(part in written.text for part in _address_parts(one)):
                text = written.text
                plain.remove(written)
                break
        draft.address(text, _label(one, labels.get(one.group, "") if one.group else ""))
    for one in plain:
        draft.address(one.text, _label(one, ""))


def _address_parts(one: Property) -> list[str]:
    return [part.strip() for part in one.parts(";") if part.strip()]


def _address_text(one: Property) -> str:
    return address_text(dict(zip(ADDRESS_PARTS, one.parts(";"), strict=False)))


def _picture(draft: Draft, properties: list[Property]) -> None:
    """The photo, or else the logo. An address of a picture is told and not followed."""
    for one in sorted(
        (one for one in properties if one.name in ("PHOTO", "LOGO")), key=lambda one: one.name != "PHOTO"
    ):
        if vcard_photo.is_address(one):
            draft.custom(one.name.capitalize(), one.text)
            message = f"the picture stands elsewhere, at “{shortened(one.text)}”, and is not fetched"
            draft.warn(
                "import/picture", one.line, message, "Save it yourself, and run `python build.py set-avatar ID FILE`."
            )
        elif draft.photo:
            draft.left_out.append(one.name)
        else:
            draft.photo = vcard_photo.photo(one)
            if draft.photo is None and one.value.strip():
                message = "the picture's data are broken: they are no base64"
                draft.warn(
                    "import/picture",
                    one.line,
                    message,
                    "Export the contact again, or run `python build.py set-avatar ID FILE`.",
                )
