"""Records join other records. The sources stay as they are; every value that loses goes into the ledger.

Who merges into whom is settled in ``directives``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date

from contactsheet import directives
from contactsheet.check import SourceRecord
from contactsheet.pictures import Picture
from contactsheet.problems import Problem
from contactsheet.rules import problem
from contactsheet.schema import SINGULAR, Labelled, Message, Record

# Every field merges in one of these ways. A test holds the list against the schema.
SCALARS = (
    "name",
    "given_name",
    "family_name",
    "pronouns",
    "company",
    "title",
    "type",
    "owner",
    "source",
    "address",
    "birthday",
    "time_zone",
    "notes",
)
LABELLED = ("emails", "phones", "websites")
SPECIAL = ("tags", "fields", "do_not_disturb", "created", "starred", "messages", "avatar")
FIELDS = frozenset((*SCALARS, *LABELLED, *SPECIAL))


@dataclass(frozen=True, slots=True)
class Lost:
    """A value that lost: the field, the value, the value that stayed, and the ID of the record that it came from."""

    field: str
    value: str
    kept: str
    origin: str


@dataclass(frozen=True, slots=True)
class MergedRecord:
    """A record that was merged away.

    ``picture`` is the file of the picture that it brought, if that is shown now; ``had_thread``: it had a conversation.
    """

    id: str
    name: str
    file: str
    picture: str | None
    had_thread: bool
    lost: tuple[Lost, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as the site shows it: its record after all merges, its picture, and what was merged into it."""

    id: str
    file: str
    record: Record
    picture: Picture | None
    merged: tuple[MergedRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """All contacts in the order of their IDs, where each merged-away ID leads, and the problems."""

    contacts: tuple[Contact, ...]
    moved: Mapping[str, str]
    problems: tuple[Problem, ...]


def merge(records: Sequence[SourceRecord], pictures: Mapping[str, Picture], ids: frozenset[str]) -> Merged:
    """Carries out the directives of all records, whatever their order.

    ``pictures`` are the records' own pictures by ID, ``ids`` all IDs that have a record, sound or not. A directive that
    cannot be carried out is a problem and its record stays a contact.
    """
    by_id = {record.id: record for record in sorted(records, key=lambda record: record.id)}
    roots, found = directives.roots(by_id, ids, FIELDS)
    problems = list(found)
    arrivals: dict[str, list[SourceRecord]] = {}
    for contact_id, root in roots.items():
        if root != contact_id:
            arrivals.setdefault(root, []).append(by_id[contact_id])
    contacts = []
    for contact_id, root in roots.items():
        if root == contact_id:
            survivor = _Survivor(by_id[contact_id], pictures.get(contact_id))
            for source in sorted(arrivals.get(contact_id, ()), key=_arrival):
                survivor.join(source, pictures.get(source.id))
            contacts.append(survivor.contact())
            problems.extend(survivor.problems)
    moved = {contact_id: root for contact_id, root in roots.items() if root != contact_id}
    return Merged(tuple(contacts), moved, tuple(problems))


def _arrival(record: SourceRecord) -> tuple[date, str]:
    """Sources apply in the order of (created, ID); one without a date counts as the oldest."""
    return record.record.created or date.min, record.id


class _Survivor:
    """The record that others join, while they do: each field's values so far, and the ledger."""

    def __init__(self, record: SourceRecord, picture: Picture | None) -> None:
        self.origin, self.picture = record, picture
        self.values: dict[str, object] = {name: getattr(record.record, name) for name in SCALARS}
        self.origins = dict.fromkeys(SCALARS, record.id)
        self.labelled = {name: _keyed(name, getattr(record.record, name)) for name in LABELLED}
        self.tags = {tag.casefold(): tag for tag in record.record.tags}
        self.fields = dict(record.record.fields)
        self.field_origins = dict.fromkeys(self.fields, record.id)
        self.do_not_disturb = record.record.do_not_disturb
        self.created, self.created_origin = record.record.created, record.id
        self.starred = record.record.starred
        self.messages = {_message_key(message): message for message in record.record.messages}
        self.picture_origin = record.id
        self.merged: list[MergedRecord] = []
        self.problems: list[Problem] = []

    def join(self, source: SourceRecord, picture: Picture | None) -> None:
        """One source joins: its values fill, unite or lose, by the directive that it carries."""
        directive = source.record.merge_into
        assert directive is not None
        take = {SINGULAR.get(field, field) for field in directive.take}
        keep = {SINGULAR.get(field, field) for field in directive.keep}
        lost = [
            *self._scalars(source, take, keep),
            *self._lists(source, take, keep),
            *self._custom(source, take, keep),
            *self._rest(source, take, keep),
            *self._messages(source, keep),
        ]
        decided = take | keep
        doubtful = [
            one.field
            for one in lost
            if one.field.partition(".")[0] in (*SCALARS, "fields") and one.field.partition(".")[0] not in decided
        ]
        if doubtful:
            self.problems.append(_conflict(source, self.origin.id, doubtful))
        lost.extend(self._picture(source, picture, keep))
        self.merged.append(
            MergedRecord(source.id, source.record.name, source.file, None, bool(source.record.messages), tuple(lost))
        )

    def _scalars(self, source: SourceRecord, take: set[str], keep: set[str]) -> Iterator[Lost]:
        for name in SCALARS:
            old, new = self.values[name], getattr(source.record, name)
            if new is None or new == old:
                continue
            if name not in keep and (old is None or name in take):
                if old is not None:
                    yield Lost(name, str(old), str(new), self.origins[name])
                self.values[name], self.origins[name] = new, source.id
            else:
                yield Lost(name, str(new), _shown(old), source.id)

    def _lists(self, source: SourceRecord, take: set[str], keep: set[str]) -> Iterator[Lost]:
        for name in LABELLED:
            mine, new = self.labelled[name], _keyed(name, getattr(source.record, name))
            if name in keep:
                kept = ", ".join(item.value for item in mine.values())
                yield from (Lost(name, item.value, kept, source.id) for key, item in new.items() if key not in mine)
                continue
            for key, item in new.items():
                known = mine.get(key)
                if known and known.label and item.label and known.label != item.label:
                    yield Lost(name, f"{item.label}: {item.value}", f"{known.label}: {known.value}", source.id)
                elif known and item.label:
                    mine[key] = known.model_copy(update={"label": item.label})
                else:
                    mine.setdefault(key, item)
            if name in take:
                self.labelled[name] = {key: mine[key] for key in (*new, *mine)}
        tags = {tag.casefold(): tag for tag in source.record.tags}
        if "tags" in keep:
            kept = ", ".join(self.tags.values())
            yield from (Lost("tags", tag, kept, source.id) for key, tag in tags.items() if key not in self.tags)
        else:
            first, then = (tags, self.tags) if "tags" in take else (self.tags, tags)
            self.tags = {key: self.tags.get(key, tags.get(key, "")) for key in (*first, *then)}

    def _custom(self, source: SourceRecord, take: set[str], keep: set[str]) -> Iterator[Lost]:
        for key, new in source.record.fields.items():
            old = self.fields.get(key)
            if new == old:
                continue
            if "fields" not in keep and (old is None or "fields" in take):
                if old is not None:
                    yield Lost(f"fields.{key}", old, new, self.field_origins[key])
                self.fields[key], self.field_origins[key] = new, source.id
            else:
                yield Lost(f"fields.{key}", new, _shown(old), source.id)

    def _rest(self, source: SourceRecord, take: set[str], keep: set[str]) -> Iterator[Lost]:
        record = source.record
        if record.do_not_disturb and record.do_not_disturb != self.do_not_disturb:
            mine, new = self.do_not_disturb, record.do_not_disturb
            if "do_not_disturb" in keep:
                yield Lost("do_not_disturb", ", ".join(new), ", ".join(mine), source.id)
            elif "do_not_disturb" in take:
                if mine:
                    yield Lost("do_not_disturb", ", ".join(mine), ", ".join(new), self.origin.id)
                self.do_not_disturb = new
            else:
                both = tuple(dict.fromkeys((*mine, *new)))
                self.do_not_disturb = ("all",) if "all" in both else both
        if record.created and record.created != self.created:
            earlier = self.created is None or record.created < self.created
            if "created" not in keep and (earlier or "created" in take):
                if self.created:
                    yield Lost("created", str(self.created), str(record.created), self.created_origin)
                self.created, self.created_origin = record.created, source.id
            else:
                yield Lost("created", str(record.created), _shown(self.created), source.id)
        if "starred" not in keep:
            self.starred = self.starred or record.starred

    def _messages(self, source: SourceRecord, keep: set[str]) -> Iterator[Lost]:
        for message in source.record.messages:
            key = _message_key(message)
            known = self.messages.get(key)
            if known:
                self.messages[key] = known.model_copy(update={"read": known.read or message.read})
            elif "messages" in keep:
                yield Lost("messages", f"{message.at.isoformat()} {message.sender}: {message.text}", "", source.id)
            else:
                self.messages[key] = message

    def _picture(self, source: SourceRecord, picture: Picture | None, keep: set[str]) -> Iterator[Lost]:
        if picture is None or (self.picture and picture.file.path == self.picture.file.path):
            return
        if "avatar" in keep:
            yield Lost("avatar", picture.file.path, self.picture.file.path if self.picture else "", source.id)
            return
        if self.picture:
            yield Lost("avatar", self.picture.file.path, picture.file.path, self.picture_origin)
            self.problems.append(
                problem(
                    "merge/picture-replaced",
                    source.file,
                    source.place("merge_into.contact"),
                    field="merge_into",
                    message=f"{picture.file.path} replaces {self.picture.file.path} as the picture of {self.origin.id}",
                    fix="Nothing, if that is meant; “keep: [avatar]” keeps the present picture.",
                )
            )
        self.picture, self.picture_origin = picture, source.id

    def contact(self) -> Contact:
        """The contact with everything that joined it."""
        if not self.merged:
            return Contact(self.origin.id, self.origin.file, self.origin.record, self.picture)
        record = self.origin.record.model_copy(
            update={
                **self.values,
                **{name: tuple(items.values()) for name, items in self.labelled.items()},
                "tags": tuple(self.tags.values()),
                "fields": self.fields,
                "do_not_disturb": self.do_not_disturb,
                "created": self.created,
                "starred": self.starred,
                "messages": tuple(sorted(self.messages.values(), key=lambda message: message.at.astimezone(UTC))),
            }
        )
        brought = self.picture.file.path if self.picture and self.picture_origin != self.origin.id else None
        merged = tuple(replace(one, picture=brought) if one.id == self.picture_origin else one for one in self.merged)
        return Contact(self.origin.id, self.origin.file, record, self.picture, merged)


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _keyed(field: str, items: Iterable[Labelled]) -> dict[str, Labelled]:
    """Items by what makes them the same: addresses and numbers in their normal form."""
    keyed: dict[str, Labelled] = {}
    for item in items:
        keyed.setdefault(_key(field, item.value), item)
    return keyed


def _key(field: str, value: str) -> str:
    if field == "phones":
        return "".join(c for c in value if c.isalnum() or c == "+")
    return value.casefold() if field == "emails" else value.rstrip("/")


def _message_key(message: Message) -> tuple[object, ...]:
    return message.at.astimezone(UTC), message.sender, message.channel, message.text


def _conflict(source: SourceRecord, target: str, fields: Sequence[str]) -> Problem:
    names = ", ".join(dict.fromkeys(fields))
    tops = ", ".join(dict.fromkeys(field.partition(".")[0] for field in fields))
    return problem(
        "merge/conflict",
        source.file,
        source.place("merge_into.contact"),
        field="merge_into",
        message=f"{target} keeps its own {names}; what this record says is kept in the ledger alone",
        fix=f"Decide it: “take: [{tops}]” lets this record win, “keep: [{tops}]” settles it as it is.",
    )
