"""Standing merge directives carried out in the files: what the build does anew each time is written down for good.

Directives that lead to one contact depend on each other, so they are carried out together. The site stays the same. It
says what would change in which file, and writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contactsheet import read, records
from contactsheet.amend import amended
from contactsheet.contacts import involved, parties
from contactsheet.document import parse
from contactsheet.memo import Memo
from contactsheet.merge import Contact, MergedRecord, merge
from contactsheet.outcome import Work
from contactsheet.pictures import CENTRE, Picture, assign
from contactsheet.problems import Problem, Severity
from contactsheet.read import RECORD_LIMIT, bytes_of
from contactsheet.repository import AVATARS
from contactsheet.rules import weighed
from contactsheet.run import Run, silent
from contactsheet.schema import SINGULAR, AvatarChoice, Message, Record
from contactsheet.tree import Map, Node, Scalar, plain
from contactsheet.uniting import RULES
from contactsheet.workers import Workers

if TYPE_CHECKING:
    from contactsheet.check import SourceRecord
    from contactsheet.settings import Settings


@dataclass
class Carried:
    """What carrying out directives changes.

    ``files`` are the files with what they are to hold, None where they go; ``moves`` the pictures that get another
    name, from old to new; ``dropped`` those that are shown no longer and go; ``merges`` the merged IDs with their
    survivors.
    """

    files: dict[str, bytes | None] = field(default_factory=dict)
    moves: dict[str, str] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    merges: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """The repository's directives, ready to be carried out."""

    root: Path
    contacts: Mapping[str, Contact]
    moved: Mapping[str, str]
    sources: Mapping[str, SourceRecord]
    pictures: Mapping[str, Picture]
    problems: Sequence[Problem]

    def wrong(self, targets: Iterable[str]) -> list[Problem]:
        """The errors that keep the directives that lead to ``targets`` from being carried out."""
        chosen = set(targets)
        files = {one.file for one in self.sources.values() if self.moved.get(one.id, one.id) in chosen}
        return [one for one in self.problems if one.severity is Severity.ERROR and one.file in files]

    def carried(self, targets: Iterable[str]) -> Carried:
        """What changes when all directives that lead to ``targets`` are carried out; none of them is ``wrong``."""
        carried = Carried()
        for target in sorted(targets):
            _carry(self, self.contacts[target], carried)
        return carried


def standing(root: Path, settings: Settings, workers: Workers, memo: Memo) -> Standing:
    """The directives of the repository ``root`` and what they make of it."""
    run = Run(root, settings, workers, memo, silent, Work(), began=time.time_ns())
    sources = read.scan(root)
    found = records.read(run, sources)
    owned, _, unassigned = assign(sources.pictures, found.claims, sources.ids)
    joining = parties(found, sorted(involved(found)))
    merged = merge(joining, owned, sources.ids)
    problems = weighed([*found.problems, *unassigned, *merged.problems], settings.rules)
    by_id = {one.id: one for one in joining}
    return Standing(root, {one.id: one for one in merged.contacts}, merged.moved, by_id, owned, problems)


def _carry(standing: Standing, contact: Contact, carried: Carried) -> None:
    target = standing.sources[contact.id]
    joining = [target, *(standing.sources[one.id] for one in contact.merged if one.file)]
    texts = {one.id: _text(standing.root, one.file) for one in joining}
    as_typed = _AsTyped(joining, texts)
    changes: dict[str, object | None] = {
        name: _written(target.record, contact.record, name, as_typed)
        for name in RULES
        if getattr(contact.record, name) != getattr(target.record, name)
    }
    changes["aliases"] = [_alias(one) for one in contact.merged]
    changes["avatar"] = _pictured(standing, contact, joining, carried)
    carried.files[target.file] = amended(texts[target.id], changes).encode()
    for source in joining[1:]:
        carried.files[source.file] = None
        carried.merges[source.id] = contact.id


def _text(root: Path, file: str) -> str:
    return bytes_of(root, file, RECORD_LIMIT).decode()


# --- values ----------------------------------------------------------------------------------------------------------


class _AsTyped:
    """Values as their authors typed them: a phone number in its groups, not in those of the build."""

    def __init__(self, parties: Sequence[SourceRecord], texts: Mapping[str, str]) -> None:
        self._typed: dict[tuple[str, str], Any] = {}
        for party in parties:
            tree, _ = parse(texts[party.id].encode(), party.file)
            for name in ("emails", "phones", "messages"):
                values, nodes = getattr(party.record, name), _items(tree, name)
                for value, node in zip(values, nodes, strict=True):
                    self._typed.setdefault((name, repr(value)), plain(node))

    def __call__(self, name: str, value: object) -> object:
        """A value of a list as it was typed where it comes from; itself where several made it."""
        return self._typed.get((name, repr(value)), value)


def _items(tree: Map | None, name: str) -> tuple[Node, ...]:
    assert tree is not None
    node = next((one.value for one in tree.entries if SINGULAR.get(one.key, one.key) == name), None)
    if node is None or (isinstance(node, Scalar) and node.text is None):
        return ()
    return (node,) if isinstance(node, Scalar | Map) else node.items


def _written(before: Record, after: Record, name: str, as_typed: _AsTyped) -> object:
    """A field's new value, as it is to be written."""
    value = getattr(after, name)
    if name == "do_not_disturb" and value == ("all",):
        return "all"
    if name == "messages":
        value = _in_place(before, after)
    if isinstance(value, tuple | list):
        return [as_typed(name, one) for one in value]
    return value


def _in_place(before: Record, after: Record) -> list[Any]:
    """The messages, those that the survivor has in the order of its file, since the pages put them in order anyway."""
    united = {_said(one): one for one in after.messages}
    ordered = dict.fromkeys(_said(one) for one in (*before.messages, *after.messages))
    return [united[said] for said in ordered if said in united]


def _said(message: Message) -> tuple[object, ...]:
    return message.at, message.sender, message.channel, message.text


def _alias(merged: MergedRecord) -> object:
    """What is kept of a record that is merged for good."""
    kept: dict[str, object] = {"id": merged.id}
    if merged.name != merged.id:
        kept["name"] = merged.name
    if not merged.had_thread:
        kept["thread"] = False
    if merged.picture:
        kept["picture"] = True
    if merged.lost:
        kept["lost"] = [
            {"field": one.field, "value": one.value, "kept": one.kept or None, "from": _other(one.origin, merged.id)}
            for one in merged.lost
        ]
    return kept if len(kept) > 1 else merged.id


def _other(origin: str, contact_id: str) -> str | None:
    return origin if origin != contact_id else None


# --- pictures --------------------------------------------------------------------------------------------------------


def _pictured(
    standing: Standing, contact: Contact, parties: Sequence[SourceRecord], carried: Carried
) -> dict[str, object] | str | None:
    """The survivor's choice of its picture; the files of all pictures move or go."""
    owner = next((one.id for one in contact.merged if one.file and one.picture), contact.id)
    for party in parties:
        picture = standing.pictures.get(party.id)
        if picture and party.id != owner and picture.file.name == party.id:
            carried.files[picture.file.path] = None
            carried.dropped.append(picture.file.path)
    by_id = {one.id: one.record.avatar for one in parties}
    if owner == contact.id or contact.picture is None:
        own = by_id[contact.id]
        return _choice(own, own.file if own else None)
    path = contact.picture.file.path
    if contact.picture.file.name != owner:
        return _choice(by_id[owner], path.removeprefix(f"{AVATARS}/"))
    data = bytes_of(standing.root, path, contact.picture.file.size)
    folder, _, name = path.partition("/")
    new = f"{folder}/{contact.id}{name[len(owner) :].lower()}"
    old = standing.pictures.get(contact.id)
    if old and old.file.path.casefold() == new.casefold():
        new = old.file.path
    carried.files[path] = None
    carried.files[new] = data
    carried.moves[path] = new
    return _choice(by_id[owner], None)


def _choice(avatar: AvatarChoice | None, file: str | None) -> dict[str, object] | str | None:
    kept: dict[str, object] = {}
    if file:
        kept["file"] = file
    if avatar and avatar.focus != CENTRE:
        kept["focus"] = list(avatar.focus)
    if avatar and avatar.fit != "cover":
        kept["fit"] = avatar.fit
    return file if file and len(kept) == 1 else kept or None
