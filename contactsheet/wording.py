"""Fields and their shapes in words: what a field is called, which one was meant, what belongs in it.

It knows the schema and judges no values.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from contactsheet import shapes, values
from contactsheet.nearest import nearest
from contactsheet.schema import SINGULAR, Alias, AvatarChoice, Labelled, LostValue, MergeDirective, Message, Record
from contactsheet.shapes import Fault, Part, Path
from contactsheet.values import shortened
from contactsheet.zones import time_zones

# The maps that stand in fields, at any depth.
_PARTS: Mapping[str, type[Part]] = {
    "emails": Labelled,
    "phones": Labelled,
    "websites": Labelled,
    "avatar": AvatarChoice,
    "merge_into": MergeDirective,
    "aliases": Alias,
    "messages": Message,
    "lost": LostValue,
}
_NEVER_ONE_TEXT = (Message, LostValue)
_LISTS = frozenset(("tags", "do_not_disturb", "distinct_from", "take", "keep"))
# What other address books call the fields.
_OTHER_NAMES: Mapping[str, str] = {
    "bday": "birthday",
    "comment": "notes",
    "comments": "notes",
    "custom": "fields",
    "custom_fields": "fields",
    "dnd": "do_not_disturb",
    "dob": "birthday",
    "e_mail": "email",
    "first_name": "given_name",
    "forename": "given_name",
    "full_name": "name",
    "image": "avatar",
    "job_title": "title",
    "last_name": "family_name",
    "mail": "email",
    "mobile": "phone",
    "org": "company",
    "organisation": "company",
    "organization": "company",
    "photo": "avatar",
    "picture": "avatar",
    "position": "title",
    "role": "title",
    "surname": "family_name",
    "tel": "phone",
    "telephone": "phone",
    "timezone": "time_zone",
    "url": "website",
    "web": "website",
}


def called(written: Path, at_key: bool = False) -> str:
    """A field in a sentence: “title”, an item of “tags”, a key of “fields”."""
    names = [str(step) for step in written]
    if at_key:
        return f"a key of “{names[0]}”"
    if written and isinstance(written[-1], int):
        return f"an item of “{'.'.join(names[:-1])}”"
    return f"“{shortened('.'.join(names))}”"


def unknown_field(path: Path) -> tuple[str, str]:
    """What is wrong with a field that does not exist, and the field that was meant or all there are."""
    key = str(path[-1])
    part = Record if len(path) == 1 else _PARTS[_declared(path[:-1])[1]]
    near = _nearest(key, part is Record, tuple(_known(part)))
    fix = f"Did you mean “{near}”?" if near else f"Known are: {', '.join(_known(part))}."
    own = " A field of your own belongs under “fields”." if part is Record else ""
    return f"there is no field “{shortened(key)}”", f"{fix}{own}"


def wrong_shape(fault: Fault, called: str) -> tuple[str, str]:
    """What is wrong with a value of another shape than its field's, and how to mend it."""
    if fault.given is None or (isinstance(fault.given, str) and not fault.given.strip()):
        message, fix = values.EMPTY
        return f"{called} {message}", fix
    declaring, field = _declared(fault.path)
    part = _PARTS.get(field)
    wanted = "one text"
    if fault.kind == "texts":
        wanted = "a map of texts"
    elif part and fault.kind == "map":
        wanted = f"{'' if part in _NEVER_ONE_TEXT else 'a text or '}a map of {', '.join(_known(part))}"
    elif field in _LISTS and not called.startswith("an item"):
        wanted = "a text or a list of texts"
    example = _example(declaring, field)
    return f"{called} is {values.shape(fault.given)}, not {wanted}", f"Write it as in “{field}: {example}”."


def _declared(path: Path) -> tuple[type[Part], str]:
    """The innermost declared field on the path, and the part that declares it."""
    part: type[Part] = Record
    field = str(path[0])
    for step in path[1:]:
        if isinstance(step, str):
            if field not in _PARTS or step not in _known(_PARTS[field]):
                break
            part, field = _PARTS[field], step
    return part, field


def _example(part: type[Part], field: str) -> str:
    """An example of a field's value as YAML."""
    import json

    declared = next(one for name, one in shapes.fields(part).items() if field in (name, one.key))
    example = declared.examples[0]
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)


def _known(part: type[Part]) -> list[str]:
    return list(shapes.keys(part))


@lru_cache(maxsize=1024)
def _nearest(key: str, in_record: bool, fields: tuple[str, ...]) -> str:
    """The one of a record's or a part's fields that someone who wrote ``key`` most likely meant, if any."""
    known = [*fields, *(SINGULAR if in_record else ())]
    spelt = key.strip().lower().replace("-", "_").replace(" ", "_")
    if in_record and spelt in _OTHER_NAMES:
        return _OTHER_NAMES[spelt]
    words = reversed(spelt.split("_"))
    return nearest(spelt, known, 0.6) or next((word for word in words if word in known), "")


def unknown_zone(name: str) -> tuple[str, str]:
    """What is wrong with a time zone that does not exist, and the one that was meant."""
    near = _nearest_zone(name)
    fix = f"Did you mean {near}?" if near else "Write an IANA name such as Europe/London."
    return f"there is no time zone “{shortened(name)}”", fix


@lru_cache(maxsize=1024)
def _nearest_zone(name: str) -> str:
    zones = sorted(time_zones())
    spelt = name.strip().replace(" ", "_")
    # Of two zones for one city the longer name is today's: America/Argentina/Buenos_Aires.
    by_city = {zone.rpartition("/")[2].lower(): zone for zone in sorted(zones, key=len) if "/" in zone}
    city = nearest(spelt.rpartition("/")[2].lower(), by_city, 0.8)
    return by_city[city] if city else nearest(spelt, zones, 0.75)
