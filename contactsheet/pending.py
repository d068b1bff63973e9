"""What is not committed yet, contact by contact: the files, what was done to the contact in words, a commit message.

Nothing here changes a file or the repository.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contactsheet import changes
from contactsheet.committing import Difference, Kind, branch, commands, differences
from contactsheet.git import GitError, blobs
from contactsheet.pictures import Picture
from contactsheet.read import PICTURE_SUFFIXES, RECORD_LIMIT, RECORD_SUFFIXES, SourceFile, read_bytes
from contactsheet.repository import CONTACTS
from contactsheet.revision import Entry, tree
from contactsheet.schema import Record

_COMPARED = 50  # contacts whose records are compared
_SAID = 2  # fields that a phrase names
_NAMED = 3  # contacts that the first line of a message names
_LINE = 72  # characters of that line
_PICTURE_VERBS: Mapping[Kind, str] = {"new": "add", "changed": "replace", "removed": "remove", "conflict": "settle"}


@dataclass(frozen=True, slots=True)
class Pending:
    """What was done to a contact, or to a file that is nobody's: ``phrase`` says it (“Add Ada Lovelace”).

    ``page`` is the address of its page below the top of the site, or empty; ``avatar`` that of its picture there.
    """

    id: str
    name: str
    page: str
    avatar: str
    phrase: str
    files: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A contact as contacts.json tells of it, under its own ID or under one that was merged into it."""

    name: str
    page: str
    avatar: str
    source: str


def entry(root: Path, index: bytes | None) -> dict[str, object]:
    """All that is pending, as JSON tells it; ``index`` is contacts.json of the last good build.

    Raises NoRepositoryError and GitError.
    """
    goes_to = branch(root)
    found = differences(root)
    groups = pending(root, found, known(index))
    message = message_of(groups)
    return {
        "branch": goes_to,
        "count": len(found),
        "message": message,
        "commands": commands(found, message) if found else (),
        "changes": [_told(group) for group in groups],
    }


def _told(group: Pending) -> dict[str, object]:
    files = [{"path": one.path, "kind": one.kind, "picture": is_picture(one.path)} for one in group.files]
    told = {"id": group.id, "name": group.name, "page": group.page, "avatar": group.avatar, "phrase": group.phrase}
    return {**told, "files": files}


def is_picture(path: str) -> bool:
    """Whether a file is a picture by its name."""
    return path.lower().endswith(PICTURE_SUFFIXES)


def known(index: bytes | None) -> Mapping[str, Known]:
    """The contacts of contacts.json by all their IDs."""
    found: dict[str, Known] = {}
    with suppress(ValueError):
        for one in json.loads(index or b'{"contacts": []}')["contacts"]:
            avatar = one["avatar"] or {}
            contact = Known(one["name"], one["page"], avatar.get("512", ""), avatar.get("source", ""))
            found.update(dict.fromkeys([one["id"], *one["merged_from"]], contact))
    return found


# --- contacts and their files ----------------------------------------------------------------------------------------


def pending(root: Path, found: Sequence[Difference], contacts: Mapping[str, Known]) -> list[Pending]:
    """What was done, in the order of the IDs; files that are no contact's come last. Raises GitError."""
    owners = {contact.source: contact_id for contact_id, contact in contacts.items() if contact.source}
    before = _tree(root)
    ids = {*contacts, *(_record_id(path) for path in (*before, *(one.path for one in found)))}
    files: dict[tuple[bool, str], list[Difference]] = {}
    for one in found:
        owner = _record_id(one.path) or owners.get(one.path) or _stem(one.path)
        files.setdefault((owner not in ids, owner if owner in ids else one.path), []).append(one)
    groups = sorted(files.items())
    records = _Records(root, before, [one for _, some in groups[:_COMPARED] for one in some])
    return [_group(name, some, contacts, records, is_own=not alone) for (alone, name), some in groups]


def _group(
    name: str, files: Sequence[Difference], contacts: Mapping[str, Known], records: _Records, *, is_own: bool
) -> Pending:
    if not is_own:
        (one,) = files
        return Pending("", one.path, "", "", f"{_verb(one.kind)} {one.path}", (one,))
    contact = contacts.get(name)
    record = next((one for one in files if _record_id(one.path)), None)
    old, new = records.pair(record.path) if record else (None, None)
    shown = next((one.name for one in (new, old) if one), contact.name if contact else name)
    phrase = _phrase(shown, record.kind if record else None, old, new, _picture_kind(files), contacts)
    is_there = contact is not None and not (record and record.kind == "removed")
    page, avatar = (contact.page, contact.avatar) if contact and is_there else ("", "")
    return Pending(name, shown, page, avatar, phrase, tuple(files))


class _Records:
    """The records of changed files as HEAD has them, and as they are."""

    def __init__(self, root: Path, before: Mapping[str, Entry], files: Iterable[Difference]) -> None:
        self._root = root
        self._blobs = {one.path: before[one.path].blob for one in files if _record_id(one.path) and one.path in before}
        self._wanted = {one.path for one in files}
        self._data = dict(blobs(root, self._blobs.values(), RECORD_LIMIT))

    def pair(self, path: str) -> tuple[Record | None, Record | None]:
        """A record before and after; None where it is not there, is no record, or was not looked at."""
        if path not in self._wanted:
            return None, None
        after = read_bytes(self._root, path, RECORD_LIMIT)
        old = _record(path, self._data.get(self._blobs.get(path, "")))
        return old, _record(path, after if isinstance(after, bytes) else None)


def _record(path: str, data: bytes | None) -> Record | None:
    from contactsheet.check import check

    found = check(_record_id(path), path, data, None)[0] if data is not None else None
    return found.record if found else None


def _tree(root: Path) -> Mapping[str, Entry]:
    with suppress(GitError):  # there may be no commit yet
        return tree(root, "HEAD")
    return {}


def _record_id(path: str) -> str:
    """The ID of the record in the file ``path``; empty where that is none by its name."""
    folder, _, name = path.partition("/")
    return _stem(path) if folder == CONTACTS and name.endswith(RECORD_SUFFIXES) else ""


def _stem(path: str) -> str:
    return path.partition("/")[2].rpartition(".")[0]


def _picture_kind(files: Sequence[Difference]) -> Kind | None:
    kinds = {one.kind for one in files if is_picture(one.path)}
    return "changed" if len(kinds) > 1 else next(iter(kinds), None)


# --- the picture that was --------------------------------------------------------------------------------------------


def picture_before(root: Path, path: str, limit: int) -> tuple[Picture, bytes] | None:
    """A picture that is another now, or gone, as HEAD has it, cropped as it was; None where there is none to show.

    ``limit`` is in bytes. Raises GitError.
    """
    if not is_picture(path) or not any(one.path == path and one.kind != "new" for one in differences(root)):
        return None
    before = _tree(root)
    data = next((data for _, data in blobs(root, [before[path].blob], limit)), None) if path in before else None
    if data is None:
        return None
    file = SourceFile(path, _stem(path), f".{path.rpartition('.')[2].lower()}", len(data))
    record = next((one for end in RECORD_SUFFIXES if (one := f"{CONTACTS}/{_stem(path)}{end}") in before), "")
    old = _Records(root, before, [Difference(record, "changed")]).pair(record)[0] if record else None
    avatar = old.avatar if old else None
    return (Picture(file, avatar.focus, avatar.fit) if avatar else Picture(file)), data


# --- words -----------------------------------------------------------------------------------------------------------


def _phrase(
    name: str,
    kind: Kind | None,
    old: Record | None,
    new: Record | None,
    picture: Kind | None,
    contacts: Mapping[str, Known],
) -> str:
    """What was done to a contact, as the first line of a commit says it."""
    if kind is None:
        return f"{_PICTURE_VERBS[picture or 'changed'].capitalize()} the picture of {name}"
    if kind in ("new", "removed", "conflict"):
        joins = new.merge_into.contact if kind == "new" and new and new.merge_into else ""
        return f"Merge {name} into {_named(joins, contacts)}" if joins else f"{_verb(kind)} {name}"
    told = _difference(name, old, new, contacts) if old and new else f"Change {name}"
    if picture:
        verb = f"{_PICTURE_VERBS[picture].capitalize()} the picture of {name}"
        return f"{told}, {_PICTURE_VERBS[picture]} the picture" if told else verb
    return told or f"Tidy the record of {name}"


def _difference(name: str, old: Record, new: Record, contacts: Mapping[str, Known]) -> str:
    """What differs between two states of a record; empty where nothing does, or the picture's crop alone."""
    if old.merge_into != new.merge_into:
        into = new.merge_into or old.merge_into
        assert into
        target = _named(into.contact, contacts)
        return f"Merge {name} into {target}" if new.merge_into else f"Undo the merge of {name} into {target}"
    fields = [one.field for one in changes.fields(changes.values(old), changes.values(new))]
    if fields:
        told = f"the {' and '.join(map(_in_words, fields))} of " if len(fields) <= _SAID else ""
        return f"Change {told}{old.name}"
    return f"Crop the picture of {name} anew" if old.avatar != new.avatar else ""


def _in_words(field: str) -> str:
    top, _, key = field.partition(".")
    return (
        f"field {key}"
        if key
        else {"emails": "e-mail addresses", "phones": "phone numbers"}.get(top, top.replace("_", " "))
    )


def _verb(kind: Kind) -> str:
    verbs: dict[Kind, str] = {"new": "Add", "changed": "Change", "removed": "Remove", "conflict": "Settle"}
    return verbs[kind]


def _named(contact_id: str, contacts: Mapping[str, Known]) -> str:
    contact = contacts.get(contact_id)
    return contact.name if contact else contact_id


def message_of(groups: Sequence[Pending]) -> str:
    """A message for the commit of them all: one line, and for several a list of what was done."""
    phrases = [group.phrase for group in groups]
    if len(phrases) < 2:
        return "".join(phrases)
    verbs = {phrase.partition(" ")[0] for phrase in phrases}
    whole = f"{phrases[0]}, {', '.join(phrase[0].lower() + phrase[1:] for phrase in phrases[1:])}"
    if len(phrases) <= _NAMED and len(whole) <= _LINE:
        return whole
    verb = verbs.pop() if len(verbs) == 1 else "Change"
    contacts = sum(1 for group in groups if group.id)
    counts = [_counted(contacts, "contact"), _counted(len(groups) - contacts, "other file")]
    subject = f"{verb} {' and '.join(filter(None, counts))}"
    return "\n".join([subject, "", *(f"- {phrase}" for phrase in phrases)])


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}" if count else ""
