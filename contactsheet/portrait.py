"""The picture that a contact shows, as the preview's picture area needs it: look at it, replace it, take it out.

What a contact shows may be the picture of a record that was merged into it; then that one is meant. Nothing here knows
of requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from contactsheet import editing, read, suggesting
from contactsheet.editing import Form, Saved, UnknownContactError
from contactsheet.kinds import kind_of
from contactsheet.views import record_path

if TYPE_CHECKING:
    from contactsheet.contacts import Joined
    from contactsheet.read import SourceFile

_LIMIT = 134_217_728  # bytes: what is too large is shown too, for it is to be replaced
_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}


class Bench(editing.Bench, Protocol):
    """Where changes are made: ``rebuilding.Bench``."""

    def contacts(self) -> Sequence[Joined]:
        """The contacts as they were when they were read last."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A contact's picture in the files: its path, and what of it stays in view.

    ``record`` is the file of the record that it belongs to. ``undo`` is the command that would bring the picture back
    if it were taken out; empty where git does not keep it.
    """

    path: str
    focus: tuple[float, float]
    fit: str
    record: str
    undo: str


def look(contact_id: str, bench: Bench) -> Portrait | None:
    """The picture that a contact shows, None where it has none.

    Raises UnknownContactError, RefusedEditError and OSError.
    """
    picture = _shown(contact_id, bench).picture
    if picture is None:
        return None
    record, (_, avatar) = _record(contact_id, bench)
    path = picture.file.path
    kept = suggesting.known(bench.root, [path, *([record.path] if avatar else [])]) or frozenset()
    undo = suggesting.undoing(kept) if path in kept else ""
    return Portrait(path, picture.focus, picture.fit, record.path, undo)


def source(contact_id: str, bench: Bench) -> tuple[bytes, str] | None:
    """The bytes of the picture that a contact shows and their media type; None for what is no JPEG or PNG.

    Raises UnknownContactError.
    """
    picture = _shown(contact_id, bench).picture
    data = read.read_bytes(bench.root, picture.file.path, _LIMIT) if picture else None
    if not isinstance(data, bytes):
        return None
    kind = kind_of(data)
    return (data, _MEDIA_TYPES[kind]) if kind in _MEDIA_TYPES else None


def change(contact_id: str, form: Form, bench: Bench) -> Saved:
    """Replaces the picture that a contact shows, or what of it stays in view. Raises what replace_picture does."""
    saved = editing.replace_picture(_owner(contact_id, bench), form, bench)
    return replace(saved, id=contact_id, page=record_path(contact_id))


def remove(contact_id: str, bench: Bench) -> Saved:
    """Takes out the picture that a contact shows, with what its record says of it. Raises what ``change`` does.

    A file that its record names and that others show too stays.
    """
    picture = _shown(contact_id, bench).picture
    if picture is None:
        raise UnknownContactError(contact_id)
    record, (text, avatar) = _record(contact_id, bench)
    path = picture.file.path
    shared = any(
        one.picture and one.picture.file.path == path for one in bench.contacts() if one.summary.id != contact_id
    )
    files: dict[str, bytes | None] = {} if shared and picture.file.name != record.name else {path: None}
    if avatar:
        from contactsheet.amend import amended

        files[record.path] = amended(text, {"avatar": None}).encode()
    saved = editing.made(bench, record.name, files, new=())
    return replace(saved, id=contact_id, page=record_path(contact_id))


def _shown(contact_id: str, bench: Bench) -> Joined:
    found = next((one for one in bench.contacts() if one.summary.id == contact_id), None)
    if found is None:
        raise UnknownContactError(contact_id)
    return found


def _record(contact_id: str, bench: Bench) -> tuple[SourceFile, tuple[str, dict[str, object]]]:
    """The record whose picture a contact shows: its file, its text and its field ``avatar``."""
    file = editing.record_file(_owner(contact_id, bench), read.scan(bench.root))
    return file, editing.text_and_avatar(bench.root, file)


def _owner(contact_id: str, bench: Bench) -> str:
    """The record whose picture a contact shows: itself, or one that was merged into it."""
    shown = next((one for one in bench.contacts() if one.summary.id == contact_id), None)
    if shown is None or shown.picture is None or not shown.merged:
        return contact_id
    sources = read.scan(bench.root)
    having = sources.ids  # an alias has no record
    for party in (contact_id, *(one.id for one in shown.merged if one.id in having)):
        _, avatar = editing.text_and_avatar(bench.root, editing.record_file(party, sources))
        picture = editing.picture_of(party, avatar, sources)
        if picture and picture.path == shown.picture.file.path:
            return party
    return contact_id
