"""The end where files come in: what lies in contacts/ and avatars/, and the bytes of one file.

Links are never followed and nothing but regular files is opened. It judges names and kinds of files, never contents.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from contactsheet import ids, regular
from contactsheet.problems import Problem
from contactsheet.repository import AVATARS, CONTACTS, TEMPLATES, own_templates
from contactsheet.rules import problem

if TYPE_CHECKING:
    from contactsheet import snapshot

RECORD_SUFFIXES = (".yaml", ".yml")
PICTURE_KINDS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}
PICTURE_SUFFIXES = tuple(PICTURE_KINDS)
# Pictures of a kind that is not read: worth a word, since their owner expects to see them.
OTHER_PICTURES = (".gif", ".webp", ".svg", ".heic", ".heif", ".avif", ".bmp", ".tif", ".tiff", ".jfif", ".jpe")
# A record or picture that passes for something else: “ann.yaml ” and “ann.yaml:x” are ann.yaml on some systems, and a
# file manager that hides suffixes shows ann.yaml.txt as ann.yaml. Compiled when it is needed, for that takes a while.
_DISGUISED = (
    r"(?is)\.(?P<suffix>ya?ml|jpe?g|png)"
    r"(?:\.+|[\s:\x00-\x1f\x7f-\U0010ffff].*|\.(?:txt|php|phtml|html?|js|exe|sh|bat|cmd|zip))\Z"
)
RECORD_LIMIT = 1_048_576  # bytes of a record
_TEMPLATE_LIMIT = 10_485_760  # bytes of one template or asset

Changes = Mapping[str, bytes | None]
"""Files by their paths with what they are to hold; None where they are to go."""
UNCHANGED: Changes = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A regular file.

    ``path`` is POSIX and relative to the root, ``name`` the path below contacts/ or avatars/ without suffix, ``size``
    in bytes. ``stamp`` tells that the file changed without reading it: times of modification and of status in
    nanoseconds, and the inode.
    """

    path: str
    name: str
    suffix: str
    size: int
    stamp: tuple[int, int, int] = field(default=(0, 0, 0), compare=False, repr=False)


class Sources(NamedTuple):
    """What there is to build from, each in the order of the paths, and what lies there that should not."""

    records: tuple[SourceFile, ...]
    pictures: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]

    @property
    def ids(self) -> frozenset[str]:
        """The IDs that have a record, sound or not."""
        return frozenset(record.name for record in self.records)


class Unread(NamedTuple):
    """Why a file gave no bytes. ``message`` says it in a sentence without the file's name."""

    kind: regular.Kind
    message: str


def record_paths(contact_id: str) -> tuple[str, ...]:
    """The files in which a contact's record may be."""
    return tuple(f"{CONTACTS}/{contact_id}{suffix}" for suffix in RECORD_SUFFIXES)


def scan(root: Path, changes: Changes = UNCHANGED) -> Sources:
    """What lies below contacts/ and avatars/ of the repository ``root``, without opening a file.

    A folder that is not there counts as empty. ``changes`` are files as if they were written or deleted already.
    """
    problems: list[Problem] = []
    records: list[SourceFile] = []
    pictures: list[SourceFile] = []
    for folder, group in ((CONTACTS, "contact"), (AVATARS, "avatar")):
        for file in _changed(_files(root, folder, group, problems), folder, changes):
            if file.suffix in PICTURE_SUFFIXES:
                pictures.append(file)
            elif folder == CONTACTS and file.suffix.lower() in RECORD_SUFFIXES:
                records.append(file)
            elif other := _other_file(file):
                problems.append(other)
    sound = tuple(_with_sound_ids(sorted(records, key=_path), problems))
    named = tuple(_with_sound_names(sorted(pictures, key=_path), problems))
    return Sources(sound, named, tuple(problems))


def some(root: Path, paths: Iterable[str]) -> list[SourceFile] | None:
    """The files of these paths, looked at anew; None where one is no regular file."""
    found: list[SourceFile] = []
    for path in paths:
        try:
            status = root.joinpath(*path.split("/")).lstat()
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        found.append(_source_file(path.partition("/")[0], path, status))
    return found


def refreshed(root: Path, sources: Sources, changed: Collection[str]) -> Sources | None:
    """The sources, with the files looked at anew that are told to have ``changed``; None where more than that did."""
    files = some(root, changed)
    if files is None:
        return None
    found = {file.path: file for file in files}
    records, pictures = _replaced(sources.records, found), _replaced(sources.pictures, found)
    if len(records) + len(pictures) != len(found):
        return None
    return sources._replace(records=_with(sources.records, records), pictures=_with(sources.pictures, pictures))


def brought_up(root: Path, sources: Sources, changes: snapshot.Changes) -> Sources:
    """The sources after changes that were seen; the whole tree is looked at only where files came or went."""
    below = (f"{CONTACTS}/", f"{AVATARS}/")
    changed = [path for path in changes.changed if path.startswith(below)]
    if not any(path.startswith(below) for path in (*changes.added, *changes.removed)):
        return refreshed(root, sources, changed) or scan(root)
    return scan(root)


def changed_records(before: Sources, now: Sources) -> list[SourceFile] | None:
    """The records that changed from one look to the next; None where files came or went, or anything else changed."""
    if len(now.records) != len(before.records) or now.problems != before.problems:
        return None
    if now.pictures is not before.pictures and list(map(_seen, now.pictures)) != list(map(_seen, before.pictures)):
        return None
    if now.records is before.records:
        return []
    pairs = [(one, was) for one, was in zip(now.records, before.records, strict=True) if one is not was]
    if any(one.path != was.path for one, was in pairs):
        return None
    return [one for one, was in pairs if _seen(one) != _seen(was)]


def _seen(file: SourceFile) -> tuple[object, ...]:
    return file.path, file.size, file.stamp


def _replaced(files: tuple[SourceFile, ...], new: Mapping[str, SourceFile]) -> dict[int, SourceFile]:
    """Those of the files that are new, by their positions."""
    return {position: new[file.path] for position, file in enumerate(files) if file.path in new} if new else {}


def _with(files: tuple[SourceFile, ...], new: Mapping[int, SourceFile]) -> tuple[SourceFile, ...]:
    if not new:
        return files  # the same, so that whoever compares them sees at once that nothing changed
    listed = list(files)
    for position, file in new.items():
        listed[position] = file
    return tuple(listed)


def _changed(files: Iterator[SourceFile], folder: str, changes: Changes) -> Iterator[SourceFile]:
    yield from (file for file in files if file.path not in changes)
    now = time.time_ns()
    for path, data in changes.items():
        if data is not None and path.startswith(f"{folder}/"):
            # No file has this stamp, and it is too young to be believed: what is remembered of the path does not count.
            yield _named_file(folder, path, len(data), (now, now, -1))


def _other_file(file: SourceFile) -> Problem | None:
    """What is to be said about a file that is neither a record nor a picture by its name."""
    if file.suffix in OTHER_PICTURES:
        return problem(
            "avatar/orphan",
            file.path,
            message=f"pictures of the kind {file.suffix} are not read",
            fix="Save it as JPEG or PNG.",
        )
    found = re.search(_DISGUISED, file.path.rpartition("/")[2])
    if found is None:
        return None
    suffix = f".{found['suffix'].lower()}"
    stem = file.path[: -len(found[0])]
    folder, _, name = stem.partition("/")
    return problem(
        "contact/id" if suffix in RECORD_SUFFIXES else "avatar/name",
        file.path,
        message=f"something stands behind the suffix {suffix}, so that the file is not read",
        fix=f"Rename it to {folder}/{ids.proposal(name)}{suffix}, or take it out.",
    )


def _path(file: SourceFile) -> str:
    return file.path


def _files(root: Path, folder: str, group: str, problems: list[Problem]) -> Iterator[SourceFile]:
    """The regular files below a folder; what is neither a file nor a folder becomes a problem."""
    try:
        top = (root / folder).lstat()
    except OSError:
        return
    if not regular.is_folder(top):
        problems.append(_not_a_file(group, folder, "a link or a file, not a folder", "a folder"))
        return
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        try:
            with os.scandir(root / place) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            problems.append(_unreadable(group, place, error))
            continue
        for entry in found:
            path = f"{place}/{entry.name}"
            if entry.name.startswith(".") or entry.name.endswith("~"):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError as error:
                problems.append(_unreadable(group, path, error))
                continue
            if regular.is_folder(status):
                if entry.name.lower().endswith(RECORD_SUFFIXES + PICTURE_SUFFIXES):
                    problems.append(_not_a_file(group, path, "a folder", "a file"))
                else:
                    waiting.append(path)
            elif stat.S_ISREG(status.st_mode):
                yield _source_file(folder, path, status)
            else:
                problems.append(_not_a_file(group, path, _kind(status.st_mode), "a file"))


def _source_file(folder: str, path: str, status: os.stat_result) -> SourceFile:
    return _named_file(folder, path, status.st_size, (status.st_mtime_ns, status.st_ctime_ns, status.st_ino))


def _named_file(folder: str, path: str, size: int, stamp: tuple[int, int, int]) -> SourceFile:
    below = path.removeprefix(f"{folder}/")
    stem, dot, suffix = below.rpartition(".")
    if not dot or "/" in suffix:
        return SourceFile(path, below, "", size, stamp)
    # A record's suffix is kept as written, so that .YAML can be told from .yaml; a picture's case does not matter.
    lower = f".{suffix.lower()}"
    kept = f".{suffix}" if lower in RECORD_SUFFIXES else lower
    return SourceFile(path, stem, kept, size, stamp)


def _kind(mode: int) -> str:
    """What is neither a file nor a folder, in words."""
    if stat.S_ISLNK(mode) or stat.S_ISDIR(mode):  # a folder that leads elsewhere is a link, too
        return "a link"
    return "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"


def _not_a_file(group: str, path: str, what: str, wanted: str) -> Problem:
    return problem(
        f"{group}/not-a-file",
        path,
        message=f"this is {what}; only regular files are read",
        fix=f"Put {wanted} in its place, or take it out.",
    )


def _unreadable(group: str, path: str, error: OSError) -> Problem:
    return problem(
        f"{group}/unreadable",
        path,
        message=f"it cannot be read: {error.strerror or error}",
        fix="Give the program the right to read it.",
    )


def _with_sound_ids(records: list[SourceFile], problems: list[Problem]) -> Iterator[SourceFile]:
    """The records whose names are IDs; two that claim one ID, or IDs that differ by case alone, are all refused."""
    claims: dict[str, list[SourceFile]] = {}
    for record in records:
        claims.setdefault(record.name.casefold(), []).append(record)
    taken = set(claims)
    for record in records:
        reason = ids.fault(record.name)
        if not reason and record.suffix not in RECORD_SUFFIXES:
            reason = f"ends with {record.suffix}, not with .yaml"
        rivals = [other for other in claims[record.name.casefold()] if other is not record]
        if reason:
            if not rivals:
                taken.discard(record.name.casefold())  # nobody else's: ann.YAML becomes ann.yaml, not ann-2.yaml
            stem = ids.proposal(record.name, taken)
            taken.add(stem)  # no two files get the same proposal
            better = f"{CONTACTS}/{stem}.yaml"
            problems.append(
                problem(
                    "contact/id",
                    record.path,
                    message=f"the name {reason}",
                    fix=f"Rename it to {better}; how the contact is spelt stands in the field “name”.",
                )
            )
        elif rivals:
            problems.append(_clash(record, rivals))
        else:
            yield record


def _clash(record: SourceFile, rivals: list[SourceFile]) -> Problem:
    rival = rivals[0]
    same = f"{rival.path} has the same ID" if rival.name == record.name else f"{rival.path} differs by case alone"
    return problem(
        "contact/id-clash",
        record.path,
        message=same,
        fix="Rename one of them, or put both into one file.",
        related=(rival.path,),
    )


def _with_sound_names(pictures: list[SourceFile], problems: list[Problem]) -> Iterator[SourceFile]:
    """The pictures whose names every system reads alike."""
    taken = {picture.name.lower() for picture in pictures}
    for picture in pictures:
        if reason := ids.picture_fault(picture.name):
            folder = picture.path.partition("/")[0]
            better = f"{folder}/{ids.proposal(picture.name, taken)}{picture.suffix}"
            problems.append(
                problem("avatar/name", picture.path, message=f"the name {reason}", fix=f"Rename it to {better}.")
            )
        else:
            yield picture


def read_bytes(root: Path, path: str, limit: int) -> bytes | Unread:
    """The bytes of the regular file ``path`` (POSIX, relative to ``root``), at most ``limit`` of them."""
    found = regular.content(os.path.join(root, *path.split("/")), limit)  # noqa: PTH118  # for ten thousand files
    return found if isinstance(found, bytes) else Unread(*found)


def bytes_of(root: Path, path: str, limit: int) -> bytes:
    """What ``read_bytes`` gives; raises OSError where it gives none."""
    found = read_bytes(root, path, limit)
    if isinstance(found, Unread):
        raise OSError(0, found.message, path)
    return found


def content(root: Path, path: str, limit: int, changes: Changes) -> bytes | Unread:
    """What ``read_bytes`` gives, once ``changes`` are written."""
    data = changes.get(path)
    if data is None:
        return read_bytes(root, path, limit)
    return data if len(data) <= limit else Unread(*regular.too_large(len(data), limit))


def read_templates(root: Path) -> dict[str, bytes]:
    """The templates and assets by name: those that come with the program, and over them the site's own.

    Only regular files directly in the folder are read; of the site's, a link is left out as if it were not there. A
    template of the program that the site replaces is there as program/NAME too, so that the site's can extend it.
    """
    found: dict[str, bytes] = {}
    for folder in (Path(own_templates()), *([root / TEMPLATES] if has_templates(root) else [])):
        if folder.is_symlink() or not folder.is_dir():
            continue
        for entry in sorted(folder.iterdir()):
            if not entry.name.startswith(".") and not entry.name.endswith("~"):
                data = read_bytes(folder, entry.name, _TEMPLATE_LIMIT)
                if isinstance(data, bytes):
                    if entry.name in found and entry.name.endswith(".html"):
                        found[f"program/{entry.name}"] = found[entry.name]
                    found[entry.name] = data
    return found


def has_templates(root: Path) -> bool:
    """Whether the site has a folder of templates other than the program's own."""
    return (root / TEMPLATES).exists() and not (root / TEMPLATES).samefile(own_templates())
