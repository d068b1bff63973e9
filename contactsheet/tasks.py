"""The pieces of work that go to the workers: read a file and judge it. Each gives values back and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from contactsheet.problems import Problem
from contactsheet.read import SourceFile, read_bytes
from contactsheet.rules import problem

if TYPE_CHECKING:
    from contactsheet.check import SourceRecord
    from contactsheet.pictures import Picture

# What the examination of a picture may compute for; the largest that are accepted take some 2 seconds.
PICTURE_SECONDS = 10


@dataclass(frozen=True)
class RecordWork:
    """Records to be read and checked; ``region`` is the country of phone numbers that name none, or empty."""

    root: Path
    files: tuple[SourceFile, ...]
    region: str


def read_records(work: RecordWork) -> tuple[list[SourceRecord], list[Problem]]:
    """The records of the files, as far as they can be read, and what is wrong with them."""
    from contactsheet.check import check
    from contactsheet.document import SIZE_LIMIT

    records: list[SourceRecord] = []
    problems: list[Problem] = []
    for file in work.files:
        data = read_bytes(work.root, file.path, SIZE_LIMIT)
        if isinstance(data, bytes):
            record, found = check(file.name, file.path, data, work.region or None)
            problems.extend(found)
            if record:
                records.append(record)
        elif data.kind == "too-large":
            fix = "Keep long texts elsewhere and link to them."
            problems.append(problem("yaml/too-large", file.path, message=data.message, fix=fix))
        else:
            problems.append(unread("contact", file.path, data.kind, data.message))
    return records, problems


def unread(group: str, path: str, kind: str, message: str) -> Problem:
    """The problem of a file that gave no bytes."""
    rule = f"{group}/{'not-a-file' if kind == 'not-a-file' else 'unreadable'}"
    return problem(rule, path, message=message, fix="Put a regular file that can be read in its place.")


@dataclass(frozen=True)
class PictureWork:
    """A picture to be examined; ``encode``: its thumbnails are wanted too. ``limit`` is in bytes."""

    root: Path
    picture: Picture
    limit: int
    encode: bool


def load_decoders() -> None:
    """Imports what ``examine_picture`` needs, which takes as long as some pictures do."""
    import PIL.WebPImagePlugin
    import simplejpeg  # type: ignore[import-untyped]  # noqa: F401

    from contactsheet import anatomy, thumbnails  # noqa: F401  # imported to be there

    PIL.Image.preinit()


@dataclass(frozen=True)
class Examined:
    """What the examination of a picture gave.

    ``digest`` is the SHA-256 of the file in hexadecimal; ``width`` and ``height`` are pixels of the upright picture;
    ``large`` and ``small`` are the thumbnails as WebP, where they were wanted and the picture is sound; ``fingerprint``
    says what the picture looks like (see ``likeness``).
    """

    picture: Picture
    problems: tuple[Problem, ...]
    digest: str = ""
    format: Literal["JPEG", "PNG"] | None = None
    width: int = 0
    height: int = 0
    orientation: int = 1
    has_profile: bool = False
    large: bytes = b""
    small: bytes = b""
    fingerprint: int = 0

    @property
    def thumbnails(self) -> tuple[tuple[str, bytes], ...]:
        """The thumbnails by their size."""
        return ("512", self.large), ("96", self.small)


def examine_picture(work: PictureWork) -> Examined:
    """Reads a picture, judges its bytes, decodes it once and makes its thumbnails from the same pixels."""
    import hashlib

    from contactsheet.anatomy import inspect, shape_findings
    from contactsheet.thumbnails import examine

    picture, path = work.picture, work.picture.file.path
    data = read_bytes(work.root, path, work.limit)
    if not isinstance(data, bytes):
        if data.kind == "too-large":
            fix = "Save it smaller: 512 × 512 pixels are enough."
            return Examined(picture, (problem("avatar/too-large", path, message=data.message, fix=fix),))
        return Examined(picture, (unread("avatar", path, data.kind, data.message),))
    anatomy, findings = inspect(data, suffix=picture.file.suffix)
    if anatomy is None:
        return Examined(picture, tuple(problem(f.rule, path, message=f.message, fix=f.fix) for f in findings))
    thumbnails, more = examine(data, anatomy, focus=picture.focus, fit=picture.fit, encode=work.encode)
    shape = shape_findings(anatomy, picture.fit, picture.focus)
    by_rule = {finding.rule: finding for finding in (*more, *shape, *findings)}
    width, height = anatomy.upright
    return Examined(
        picture,
        tuple(problem(f.rule, path, message=f.message, fix=f.fix) for f in by_rule.values()),
        hashlib.sha256(data).hexdigest(),
        anatomy.format,
        width,
        height,
        anatomy.orientation,
        anatomy.profile is not None,
        thumbnails.large if thumbnails else b"",
        thumbnails.small if thumbnails else b"",
        thumbnails.fingerprint if thumbnails else 0,
    )


def died_examining(work: PictureWork) -> Examined:
    """The verdict on a picture whose examination ended its process: it crashed, or took too much time or memory."""
    message = "it could not be decoded safely: the process that tried came to its limits or crashed"
    fix = "Export it again as JPEG or PNG, 512 × 512 pixels are enough, and replace the file."
    return Examined(work.picture, (problem("avatar/undecodable", work.picture.file.path, message=message, fix=fix),))


def died_reading(work: RecordWork) -> tuple[list[SourceRecord], list[Problem]]:
    """The verdict on records whose reading ended its process."""
    message = "the process that read it, or one of the files beside it, was ended"
    return [], [unread("contact", file.path, "unreadable", message) for file in work.files]
