"""One record's tree to a record, or to the problems that keep it from being one.

Shapes are the schema's; here is what values mean: e-mail addresses, phone numbers, web addresses, time zones, times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from contactsheet import ordinary, schema, wording
from contactsheet.problems import Place, Problem
from contactsheet.rules import problem
from contactsheet.schema import SINGULAR, Labelled, Message, Record
from contactsheet.shapes import Fault, Path
from contactsheet.tree import Entry, Items, Map, Node, Scalar, plain
from contactsheet.values import shortened
from contactsheet.zones import time_zones

# The fields that say something of other files, so that later stages judge them.
_JUDGED_LATER = ("merge_into", "avatar", "aliases", "distinct_from")
# Of so many wrong values in one file nobody reads more, and a hostile file could have a hundred thousand.
_MOST_OF_A_KIND = 1000
_NO_TREE = Map((), Place(1, 1))

Settled = frozenset[tuple[str, str]]
"""Values in their best form that are known to be in order, each with its field: the libraries need not be asked again.
"""


class SourceRecord(NamedTuple):
    """A record with where it came from: its ID, its file, and the places of the fields that later stages judge.

    Those are the fields that say something of other files: the picture, the merge, other IDs.
    """

    id: str
    file: str
    record: Record
    places: Mapping[str, Place]

    def place(self, field: str) -> Place | None:
        """Where the field stands (``merge_into.take.0``), or the nearest field around it."""
        while field and field not in self.places:
            field = field.rpartition(".")[0]
        return self.places.get(field)


def check(
    contact_id: str,
    file: str,
    data: bytes,
    region: str | None,
    glanced: Mapping[str, Any] | None = None,
    settled: Settled = frozenset(),
) -> tuple[SourceRecord | None, tuple[Problem, ...]]:
    """The record in ``data``, with everything that is to be said about it.

    ``file`` is the name that problems give, ``region`` the country (ISO 3166, two letters) of phone numbers that name
    none, ``glanced`` what ``glance`` reads in ``data``, if that is known, and ``settled`` are values that are known to
    be in order. The record is None where the file is no map of texts. A field of the wrong shape is left out of it; a
    value that means nothing stays as it was typed.
    """
    if glanced and (record := _in_order(glanced, region, settled)):
        return SourceRecord(contact_id, file, record, {}), ()
    from contactsheet.document import parse

    tree, problems = parse(data, file)
    if tree is None:
        return None, problems
    judge = _Judge(file, tree, settled)
    content = {field: plain(entry.value) for field, entry in judge.fields.items()}
    record, faults = schema.read(content)
    judge.shape(faults)
    judge.kept = _kept(content, faults)
    record = _judged(record, judge, region)
    return SourceRecord(contact_id, file, record, _places(tree)), (*problems, *judge.problems)


def settled(record: Record) -> Settled:
    """The values of a record about which there was nothing to be said."""
    lists = (("emails", record.emails), ("phones", record.phones))
    return frozenset((field, one.value) for field, given in lists for one in given)


def _in_order(written: Mapping[str, Any], region: str | None, settled: Settled) -> Record | None:
    """The record where there is nothing to be said about it, and nobody will ask where it says what; else None."""
    if not written.keys().isdisjoint(_JUDGED_LATER):
        return None
    content = {SINGULAR.get(key, key): value for key, value in written.items()}
    if len(content) < len(written):
        return None
    record, faults = schema.read(content)
    if faults:
        return None
    judge = _Judge("", _NO_TREE, settled)
    record = _judged(record, judge, region)
    return None if judge.problems else record


def _judged(record: Record, judge: _Judge, region: str | None) -> Record:
    """The record with all that has one best form in that; ``judge`` hears what the schema cannot tell."""
    judge.values(record)
    updates = _normalised(record, judge, region)
    return replace(record, **updates) if updates else record


def _kept(content: Mapping[str, Any], faults: Sequence[Fault]) -> Mapping[str, Sequence[int]]:
    """The indexes of the items that stay in the lists from which some were left out, by field."""
    wrong: dict[str, set[int]] = {}
    for fault in faults:
        field, index = str(fault.path[0]), fault.path[1:2]
        if fault.kind != "unknown" and index and isinstance(index[0], int) and isinstance(content[field], list):
            wrong.setdefault(field, set()).add(index[0])
    return {field: [i for i in range(len(content[field])) if i not in out] for field, out in wrong.items()}


def _places(tree: Map) -> dict[str, Place]:
    """The places of the fields that later stages judge, and of what stands inside them."""
    places: dict[str, Place] = {}
    for entry in tree.entries:
        if entry.key in _JUDGED_LATER:
            is_empty = isinstance(entry.value, Scalar) and entry.value.text is None
            places[entry.key] = entry.place if is_empty else entry.value.place
            places.update(_inner_places(entry.key, entry.value))
    return places


def _inner_places(path: str, node: Node) -> Iterable[tuple[str, Place]]:
    inner: Iterable[tuple[str, Node]] = ()
    if isinstance(node, Map):
        inner = ((f"{path}.{entry.key}", entry.value) for entry in node.entries)
    elif isinstance(node, Items):
        inner = ((f"{path}.{index}", item) for index, item in enumerate(node.items))
    for name, value in inner:
        yield name, value.place
        yield from _inner_places(name, value)


class _Judge:
    """Collects the problems of one record, each at its place in the tree."""

    def __init__(self, file: str, tree: Map, settled: Settled) -> None:
        self.file, self.tree, self.settled = file, tree, settled
        self.problems: list[Problem] = []
        self.kept: Mapping[str, Sequence[int]] = {}
        self.fields = self._in_plural(tree)

    def _in_plural(self, tree: Map) -> Mapping[str, Entry]:
        """The record's entries by the plural names of their fields; of both names in one record, the first."""
        fields: dict[str, Entry] = {}
        for entry in tree.entries:
            plural = SINGULAR.get(entry.key, entry.key)
            if fields.setdefault(plural, entry) is not entry:
                self.add_at(
                    "contact/singular-and-plural",
                    entry.place,
                    (entry.key,),
                    f"“{entry.key}” says the same as another field of this record, in the other number",
                    f"Put all values in one list under “{plural}”.",
                )
        return fields

    def add(self, rule: str, path: Path, message: str, fix: str, *, at_key: bool = False) -> None:
        """A problem at the value that ``path`` leads to, or at its key."""
        place, written = self._find(path, at_key)
        self.add_at(rule, place, written, message, fix)

    def add_at(self, rule: str, place: Place, written: Path, message: str, fix: str) -> None:
        """A problem at a place; ``written`` is the path of the field in the words of the file."""
        field = ".".join(str(step) for step in written)
        self.problems.append(problem(rule, self.file, place, field=field, message=message, fix=fix))

    def item(self, field: str, index: int) -> int:
        """The index in the file of a list's item, from its index among those that were kept."""
        return self.kept[field][index] if field in self.kept else index

    def _find(self, path: Path, at_key: bool) -> tuple[Place, Path]:
        """The place of the deepest node on the path that was written, and the path in the words of the file."""
        node: Node = self.tree
        place = Place(1, 1)
        written: list[int | str] = []
        for step in path:
            if isinstance(node, Map) and isinstance(step, str):
                entry = self.fields.get(step) if node is self.tree else node.get(step)
                written.append(entry.key if entry else step)
                if entry is None:
                    break
                node, place = entry.value, entry.place
                if not at_key and not (isinstance(node, Scalar) and node.text is None):
                    place = node.place
            elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
                place = node.place
                written.append(step)
        return place, tuple(written)

    def shape(self, faults: Sequence[Fault]) -> None:
        """What is wrong with the values' shapes, as problems."""
        for fault in faults[:_MOST_OF_A_KIND]:
            if fault.kind == "unknown":
                self._unknown(fault.path)
                continue
            place, written = self._find(fault.path, fault.at_key)
            called = wording.called(written, fault.at_key)
            if fault.rule:
                self.add_at(fault.rule.rule, place, written, f"{called} {fault.rule.message}", fault.rule.fix)
            elif fault.kind == "missing":
                fix = f"Write “{fault.path[-1]}: …” with a text behind the colon."
                self.add_at("contact/missing", place, written, f"{called} is missing", fix)
            else:
                message, fix = wording.wrong_shape(fault, called)
                self.add_at("contact/type", place, written, message, fix)
        if len(faults) > _MOST_OF_A_KIND:
            message = f"{len(faults) - _MOST_OF_A_KIND:,} more values of this record are wrong in the same ways"
            self.add_at("contact/type", Place(1, 1), (), message, "Mend those above, and check again.")

    def _unknown(self, path: Path) -> None:
        message, fix = wording.unknown_field(path)
        self.add("contact/unknown-field", path, message, fix, at_key=True)

    def values(self, record: Record) -> None:
        """What the schema cannot tell: that a directive names somebody, that a time zone exists."""
        directive = self.fields.get("merge_into")
        if directive and isinstance(directive.value, Scalar) and directive.value.text is None:
            fix = "Write the ID of the contact that survives, or take the line out."
            self.add("merge/unknown-target", ("merge_into",), "“merge_into” names no contact", fix)
        if record.time_zone and record.time_zone not in time_zones():
            message, fix = wording.unknown_zone(record.time_zone)
            self.add("contact/time-zone", ("time_zone",), message, fix)


def _normalised(record: Record, judge: _Judge, region: str | None) -> dict[str, Any]:
    """The fields whose values have one best form and were written in another, in the best form."""
    updates: dict[str, Any] = {}
    emails = tuple([_email(judge, index, email) for index, email in enumerate(record.emails)])
    if emails != record.emails:
        updates["emails"] = emails
    phones = tuple([_phone(judge, index, phone, region) for index, phone in enumerate(record.phones)])
    if phones != record.phones:
        updates["phones"] = phones
    for index, website in enumerate(record.websites):
        if fix := web_address_fault(website.value):
            path = ("websites", judge.item("websites", index), "value")
            judge.add("contact/website", path, f"“{shortened(website.value)}” is not a web address", fix)
    if record.messages:
        updates["messages"] = tuple([_message(judge, index, message) for index, message in enumerate(record.messages)])
    return updates


def _email(judge: _Judge, index: int, email: Labelled) -> Labelled:
    if ("emails", email.value) in judge.settled or ordinary.is_email(email.value):
        return email
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(email.value, check_deliverability=False)
    except EmailNotValidError as error:
        path = ("emails", judge.item("emails", index), "value")
        message = f"“{shortened(email.value)}” is not an e-mail address: {error}"
        judge.add("contact/email", path, message, "Write the address alone, as in ada@example.org.")
        return email
    return _with_value(email, found.normalized)


def _phone(judge: _Judge, index: int, phone: Labelled, region: str | None) -> Labelled:
    if ("phones", phone.value) in judge.settled:
        return phone
    if shown := ordinary.phone(phone.value):
        return _with_value(phone, shown)
    import phonenumbers

    path = ("phones", judge.item("phones", index), "value")
    called = f"“{shortened(phone.value)}”"
    fix = "Write it with the country's code, as in +44 20 7946 0958."
    try:
        number = phonenumbers.parse(phone.value, region)
    except phonenumbers.NumberParseException as error:
        abroad = phone.value.lstrip().startswith(("+", "\uff0b"))
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE and not abroad:
            judge.add("contact/phone-doubtful", path, f"{called} does not say its country", fix)
        else:
            judge.add("contact/phone", path, f"{called} is not a phone number", fix)
        return phone
    if not phonenumbers.is_possible_number(number):
        message = f"{called} is too short or too long for a phone number of its country"
        judge.add("contact/phone", path, message, fix)
        return phone
    if not phonenumbers.is_valid_number(number):
        message = f"{called} is in no known range of the numbers of +{number.country_code}"
        judge.add("contact/phone-doubtful", path, message, "Compare the digits; leave it if it works.")
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return _with_value(phone, shown)


def _with_value(given: Labelled, value: str) -> Labelled:
    return given if value == given.value else replace(given, value=value)


def web_address_fault(address: str) -> str:
    """How to mend what is no http or https address; empty where it is one. (RFC 3986, without user and password.)"""
    if ordinary.is_website(address):
        return ""
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "Write a whole address, as in https://example.org/."
    if parts.scheme not in ("http", "https"):
        begin = address.partition("/")[0]
        bare = "." in begin and not {":", "@", " "} & set(begin)
        return f"Write https://{address.lstrip('/')}." if bare else "Only addresses with https:// or http:// are shown."
    if not host or not address.lower().startswith(f"{parts.scheme}://") or "\\" in address:
        return "Write a whole address, as in https://example.org/."
    if parts.username is not None:
        return "Take the user name and the password out of the address."
    if any(not c.isprintable() or c in " <>\"'`{}|^" for c in address):
        return "Take out spaces, quotation marks, brackets and invisible signs, or write them as %20 and so on."
    return ""


def _message(judge: _Judge, index: int, message: Message) -> Message:
    if message.at.tzinfo is not None:
        return message
    judge.add(
        "contact/time-without-offset",
        ("messages", judge.item("messages", index), "at"),
        "the time has no offset and counts as UTC",
        "Add Z for UTC, or the offset, as in +01:00.",
    )
    return replace(message, at=message.at.replace(tzinfo=UTC))
