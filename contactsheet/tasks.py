"""The pieces of work that go to the workers: read a file and judge it. Each gives values back and changes nothing."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from contactsheet.fingerprints import content_digest
from contactsheet.problems import Plain, Problem, plain
from contactsheet.read import RECORD_LIMIT, Unread, read_bytes
from contactsheet.rules import problem
from contactsheet.settings import Settings

if TYPE_CHECKING:
    from contactsheet.check import Settled
    from contactsheet.pictures import Picture

# What the examination of a picture may compute for; the largest that are accepted take some 2 seconds.
PICTURE_SECONDS = 10


class RecordWork(NamedTuple):
    """Records to be read and checked: their IDs and paths.

    ``contents`` are their bytes, or None where the worker is to read the file; ``settled`` are values that are known to
    be in order.
    """

    root: Path
    files: tuple[tuple[str, str], ...]
    contents: tuple[bytes | Unread | None, ...]
    settled: Settled = frozenset()


Answer = tuple[tuple[Plain, ...], tuple[Any, ...] | None, tuple[Any, ...] | None]
"""What is remembered of a record: its problems, its Claim and its Summary, all as plain values."""
Reading = tuple[bytes, Answer, bytes]
"""What reading a record gave, as plain values, since it travels and is kept.

The digest of the file's bytes, empty if it gave none; the answer; and the pickled SourceRecord. Where there is none, it
is empty, and in the answer are problems alone.
"""


def load_checks() -> None:
    """Imports what ``read_records`` needs, which takes as long as reading a thousand of them."""
    import phonenumbers  # noqa: F401  # so that it is there when it is needed

    from contactsheet import check, merge, present, search  # noqa: F401  # imported to be there


def read_records(settings: Settings, work: RecordWork) -> list[Reading]:
    """What each of the files says, as far as it can be read, and what is wrong with it."""
    from contactsheet import glance
    from contactsheet.check import check
    from contactsheet.claims import claim
    from contactsheet.merge import Contact
    from contactsheet.summaries import summarise

    region = settings.phone_region or None
    # Each step is taken for all of them: a processor holds the code of one step at a time, and waits for that of all.
    contents = [
        read_bytes(work.root, path, RECORD_LIMIT) if data is None else data
        for (_, path), data in zip(work.files, work.contents, strict=True)
    ]
    glanced = [glance.content(data) if isinstance(data, bytes) else None for data in contents]
    checked = [
        check(contact_id, path, data, region, written, work.settled)
        if isinstance(data, bytes)
        else (None, (_unread_record(path, data),))
        for (contact_id, path), data, written in zip(work.files, contents, glanced, strict=True)
    ]
    summaries = [
        summarise(Contact(record.id, record.file, record.record, None), settings) if record else None
        for record, _ in checked
    ]
    return [
        (
            content_digest(data) if isinstance(data, bytes) else b"",
            (
                tuple(map(plain, problems)),
                tuple(claim(record)) if record else None,
                tuple(summary) if summary else None,
            ),
            pickle.dumps(record, pickle.HIGHEST_PROTOCOL) if record else b"",
        )
        for data, (record, problems), summary in zip(contents, checked, summaries, strict=True)
    ]


def _unread_record(path: str, unread: Unread) -> Problem:
    if unread.kind == "too-large":
        fix = "Keep long texts elsewhere and link to them."
        return problem("yaml/too-large", path, message=unread.message, fix=fix)
    return _unread("contact", path, unread)


def _unread(group: str, path: str, unread: Unread) -> Problem:
    """The problem of a file that gave no bytes."""
    rule = f"{group}/{'not-a-file' if unread.kind == 'not-a-file' else 'unreadable'}"
    return problem(rule, path, message=unread.message, fix="Put a regular file that can be read in its place.")


def died_reading(work: RecordWork) -> list[Reading]:
    """The verdict on records whose reading ended its process."""
    died = Unread("unreadable", "the process that read it, or one of the files beside it, was ended")
    return [(b"", ((plain(_unread("contact", path, died)),), None, None), b"") for _, path in work.files]


# --- pictures --------------------------------------------------------------------------------------------------------


class PictureWork(NamedTuple):
    """A picture to be examined; ``encode``: its thumbnails are wanted too. ``limit`` is in bytes.

    ``serve``: so is the picture that the avatar service gives.

    ``content`` are its bytes, or None where the worker is to read the file.
    """

    root: Path
    picture: Picture
    limit: int
    encode: bool
    content: bytes | Unread | None = None
    serve: bool = False


class Examined(NamedTuple):
    """What the examination of a picture gave, whatever its file is called.

    ``digest`` is the SHA-256 of the file in hexadecimal, empty if it gave no bytes; ``size`` its bytes; ``width`` and
    ``height`` are pixels of the upright picture; ``fingerprint`` says what the picture looks like (see ``likeness``).
    ``findings`` are rule, message and fix of what is wrong, ``is_sound``: it could be decoded. ``digests`` are the
    SHA-256 of the thumbnails by their use (512 and 96 on the pages, card, served), ``thumbnails`` their bytes; both are
    empty where they were not wanted.
    """

    findings: tuple[tuple[str, str, str], ...] = ()
    digest: str = ""
    size: int = 0
    format: Literal["JPEG", "PNG"] | None = None
    width: int = 0
    height: int = 0
    orientation: int = 1
    has_profile: bool = False
    fingerprint: int = 0
    is_sound: bool = False
    digests: tuple[tuple[str, str], ...] = ()
    thumbnails: Mapping[str, bytes] = {}

    def problems(self, path: str) -> list[Problem]:
        """What is wrong, as problems of the file that was examined."""
        return [problem(rule, path, message=message, fix=fix) for rule, message, fix in self.findings]


def load_decoders() -> None:
    """Imports what ``examine_picture`` needs, which takes as long as some pictures do."""
    import PIL.WebPImagePlugin
    import simplejpeg  # type: ignore[import-untyped]  # noqa: F401  # as above

    from contactsheet import inspection, thumbnails  # noqa: F401  # imported to be there

    PIL.Image.preinit()


def examine_picture(work: PictureWork) -> Examined:
    """Reads a picture, judges its bytes, decodes it once and makes its thumbnails from the same pixels."""
    from contactsheet.anatomy import shape_findings
    from contactsheet.inspection import inspect
    from contactsheet.thumbnails import examine

    picture = work.picture
    data = read_bytes(work.root, picture.file.path, work.limit) if work.content is None else work.content
    if not isinstance(data, bytes):
        return Examined((_unread_picture(picture.file.path, data),))
    anatomy, findings = inspect(data, suffix=picture.file.suffix)
    if anatomy is None:
        return Examined(tuple((f.rule, f.message, f.fix) for f in findings), content_digest(data).hex(), len(data))
    made, more = examine(data, anatomy, focus=picture.focus, fit=picture.fit, encode=work.encode, serve=work.serve)
    shape = shape_findings(anatomy, picture.fit, picture.focus)
    by_rule = {finding.rule: finding for finding in (*more, *shape, *findings)}
    uses = {"512": made.large, "96": made.small, "card": made.card, "served": made.served} if made else {}
    thumbnails = {use: data for use, data in uses.items() if data}
    return Examined(
        findings=tuple((f.rule, f.message, f.fix) for f in by_rule.values()),
        digest=content_digest(data).hex(),
        size=len(data),
        format=anatomy.format,
        width=anatomy.upright[0],
        height=anatomy.upright[1],
        orientation=anatomy.orientation,
        has_profile=anatomy.profile is not None,
        fingerprint=made.fingerprint if made else 0,
        is_sound=made is not None,
        digests=tuple((use, content_digest(thumbnail).hex()) for use, thumbnail in thumbnails.items()),
        thumbnails=thumbnails,
    )


def _unread_picture(path: str, unread: Unread) -> tuple[str, str, str]:
    if unread.kind == "too-large":
        return "avatar/too-large", unread.message, "Save it smaller: 512 × 512 pixels are enough."
    found = _unread("avatar", path, unread)
    return found.rule, found.message, found.fix


def died_examining(_work: PictureWork) -> Examined:
    """The verdict on a picture whose examination ended its process: it crashed, or took too much time or memory."""
    message = "it could not be decoded safely: the process that tried came to its limits or crashed"
    fix = "Export it again as JPEG or PNG, 512 × 512 pixels are enough, and replace the file."
    return Examined((("avatar/undecodable", message, fix),))
