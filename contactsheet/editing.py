"""The changes that pages of the preview ask for, as values: which files become what, and what ``check`` says of that.

Names of files are made from the contact's ID alone, never from what an upload is called. What has an error is refused
whole and nothing of it is written. Nothing here knows of requests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from contactsheet import ids, read
from contactsheet.kinds import kind_of
from contactsheet.problems import Problem, Severity
from contactsheet.read import PICTURE_KINDS, RECORD_LIMIT, Changes, SourceFile, Sources
from contactsheet.repository import AVATARS, CONTACTS
from contactsheet.rules import problem
from contactsheet.views import record_path

if TYPE_CHECKING:
    from contactsheet.check import SourceRecord

_LISTS = ("emails", "phones", "websites", "tags")
_NUMBER = re.compile(r"\s*(-?[0-9]+(?:\.[0-9]+)?)\s*")
_ELSEWHERE = ("id", "focus", "fit")  # fields of a form that are none of the record


class Bench(Protocol):
    """Where changes are made: ``rebuilding.Bench``."""

    root: Path

    def judge(self, changes: Changes) -> Sequence[Problem]:
        """What ``check`` would say of changes if they were written."""

    def build(self) -> None:
        """Builds, so that the pages show the change."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a page sent: its fields in their order, a name perhaps several times, and a picture's bytes."""

    fields: tuple[tuple[str, str], ...] = ()
    picture: bytes | None = None

    def take(self, name: str) -> str:
        """The first value of a field; empty where there is none."""
        return next((value for key, value in self.fields if key == name), "")


@dataclass(frozen=True, slots=True)
class Saved:
    """A change that was made: the contact, the address of its page below the top of the site, and the files."""

    id: str
    page: str
    files: tuple[str, ...]


class UnknownContactError(Exception):
    """There is no record of that ID."""


class RefusedEditError(Exception):
    """The change would break what the problems say; nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)


# --- a new contact ---------------------------------------------------------------------------------------------------


def add_contact(form: Form, bench: Bench) -> Saved:
    """Writes the record of a new contact and its picture. Raises RefusedEditError, OSError and SettingsError."""
    from contactsheet.amend import written

    contact_id = form.take("id").strip() or ids.proposal(form.take("name"))
    path = f"{CONTACTS}/{contact_id}.yaml"
    sources = read.scan(bench.root)
    if contact_id in sources.ids:
        raise RefusedEditError([_taken(path, contact_id, sources)])
    files: dict[str, bytes | None] = {path: (written(_record_of(form)) or "name:\n").encode("utf-8", "surrogatepass")}
    if form.picture is not None:
        files[f"{AVATARS}/{contact_id}{_suffixes(form.picture)[0]}"] = form.picture
    saved = made(bench, contact_id, files, new=tuple(files))
    # What joins a contact is looked at there.
    return replace(saved, page=record_path(form.take("merge_into").strip() or contact_id))


def _record_of(form: Form) -> dict[str, object]:
    """A record's fields, as far as the form has them; what is wrong with them, the check says."""
    record: dict[str, object] = {}
    own: dict[str, str] = {}
    for name in dict.fromkeys(name for name, _ in form.fields):
        values = [value for key, value in form.fields if key == name]
        if name.startswith("fields."):
            own[name.removeprefix("fields.")] = values[0]
        elif name not in _ELSEWHERE:
            record[name] = values if name in _LISTS or len(values) > 1 else values[0]
    if own:
        record["fields"] = own
    if avatar := _placed({}, form):
        record["avatar"] = avatar
    return record


def _taken(path: str, contact_id: str, sources: Sources) -> Problem:
    taken = {one.casefold() for one in sources.ids}
    fix = f"Choose another ID, as {ids.proposal(contact_id, taken)}, or change the contact that has it."
    return problem("contact/id-clash", path, field="id", message=f"there is a contact {contact_id} already", fix=fix)


# --- a picture -------------------------------------------------------------------------------------------------------


def replace_picture(contact_id: str, form: Form, bench: Bench) -> Saved:
    """Puts a picture in the place of a contact's, changes what of it stays in view (``focus``, ``fit``), or both.

    A picture that is not named after the contact may be others' too: it stays, and the contact gets one of its own.
    Raises UnknownContactError, RefusedEditError, AmendError, OSError and SettingsError.
    """
    from contactsheet.amend import amended

    sources = read.scan(bench.root)
    record = record_file(contact_id, sources)
    text, avatar = text_and_avatar(bench.root, record)
    old = picture_of(contact_id, avatar, sources)
    kept, new = avatar, ""
    files: dict[str, bytes | None] = {}
    if form.picture is not None:
        own = old if old and old.name == contact_id else None
        path = _place(contact_id, own, form.picture)
        files[path] = form.picture
        if own is None:
            kept, new = {}, path
        elif own.path != path:
            files[own.path] = None
            kept = {key: value for key, value in avatar.items() if key != "file"}
    wanted = _placed(kept, form)
    if wanted != avatar:
        files[record.path] = amended(text, {"avatar": wanted or None}).encode()
    return made(bench, contact_id, files, new=[new] if new else [])


def record_file(contact_id: str, sources: Sources) -> SourceFile:
    """The file of a contact's record. Raises UnknownContactError."""
    record = next((file for file in sources.records if file.name == contact_id), None)
    if record is None:
        raise UnknownContactError(contact_id)
    return record


def record_in(root: Path, file: SourceFile) -> tuple[bytes, SourceRecord]:
    """The bytes of a record's file, and what it says, whatever is wrong with it.

    Raises RefusedEditError where it is no record, and OSError.
    """
    from contactsheet.check import check

    data = read.bytes_of(root, file.path, RECORD_LIMIT)
    found, problems = check(file.name, file.path, data, None)
    if found is None:
        raise RefusedEditError(problems)
    return data, found


def text_and_avatar(root: Path, file: SourceFile) -> tuple[str, dict[str, object]]:
    """The text of a record, and its field ``avatar`` as a map of texts. Raises what ``record_in`` does."""
    from contactsheet.amend import says

    data, _ = record_in(root, file)
    text = data.decode()
    avatar = says(text, "avatar")
    return text, dict(avatar) if isinstance(avatar, dict) else {"file": avatar} if avatar else {}


def picture_of(contact_id: str, avatar: Mapping[str, object], sources: Sources) -> SourceFile | None:
    """The file of a contact's picture: the one that the record names, or the one that is named after it."""
    chosen = f"{AVATARS}/{avatar['file']}" if avatar.get("file") else ""
    named = [file for file in sources.pictures if file.path == chosen]
    return next(iter(named or [file for file in sources.pictures if file.name == contact_id]), None)


def _place(contact_id: str, own: SourceFile | None, data: bytes) -> str:
    """Where a picture belongs: in the place of the contact's own one, with a suffix that says what it is."""
    suffixes = _suffixes(data)
    if own is None:
        return f"{AVATARS}/{contact_id}{suffixes[0]}"
    return own.path if own.suffix in suffixes else own.path[: -len(own.suffix)] + suffixes[0]


def _suffixes(data: bytes) -> tuple[str, ...]:
    """The suffixes of the kind of picture that the bytes begin as; of what is none, a picture's all the same."""
    kind = kind_of(data)
    return tuple(suffix for suffix, its in PICTURE_KINDS.items() if its == kind) or (".jpg",)


def _placed(avatar: Mapping[str, object], form: Form) -> dict[str, object]:
    """The field ``avatar`` with the focus and fit of the form; a focus is a side's name, or two numbers and a comma."""
    wanted = dict(avatar)
    if focus := form.take("focus"):
        parts = [_NUMBER.fullmatch(part) for part in focus.split(",")]
        wanted["focus"] = [float(one[1]) for one in parts if one] if len(parts) == 2 and all(parts) else focus
    if wanted.get("focus") == [0.5, 0.5]:
        del wanted["focus"]
    if fit := form.take("fit"):
        wanted["fit"] = fit
    if wanted.get("fit") == "cover":
        del wanted["fit"]
    return wanted


# --- both ------------------------------------------------------------------------------------------------------------


def made(bench: Bench, contact_id: str, files: dict[str, bytes | None], new: Sequence[str]) -> Saved:
    """Saves the files, all or none of them, if nothing is wrong with them; the pages show it when this returns."""
    refuse_errors(bench, files)
    _write(bench.root, contact_id, files, new)
    bench.build()
    return Saved(contact_id, record_path(contact_id), tuple(files))


def refuse_errors(bench: Bench, files: Changes) -> None:
    """Raises RefusedEditError, with the warnings too, where the files would have an error."""
    found = [one for one in bench.judge(files) if one.severity is not Severity.NOTICE]
    if any(one.severity is Severity.ERROR for one in found):
        raise RefusedEditError(found)


def _write(root: Path, contact_id: str, files: Mapping[str, bytes | None], new: Sequence[str]) -> None:
    from contactsheet import edit

    match list(files.items()):
        case [(path, bytes(data)), (old, None)] if old.partition("/")[2].rpartition(".")[0] == contact_id:
            edit.put_picture(root, contact_id, data, Path(path).suffix, old)  # at no moment are there two
        case _:
            edit.save(root, files, new=new)
