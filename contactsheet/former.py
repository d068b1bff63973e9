"""The stage that tells the history of the contacts' pictures, with thumbnails of those that were there before.

A former picture goes the way of every picture: judged and decoded by the workers, and remembered. One that is refused
is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import PurePosixPath
from typing import NamedTuple

from contactsheet import tasks
from contactsheet.contacts import Joined
from contactsheet.edition import edition
from contactsheet.fingerprints import fingerprint
from contactsheet.gallery import Gallery, thumbnail_path
from contactsheet.git import GitError, blobs
from contactsheet.history import Change, history
from contactsheet.pictures import Picture
from contactsheet.publish import Publication
from contactsheet.read import SourceFile, read_bytes
from contactsheet.run import Run

_LONG = 64  # digits of an object's name where git uses SHA-256; else it is SHA-1


class Past(NamedTuple):
    """A change of a contact's picture: commit, moment (seconds since 1970, UTC), author, and the address of the
    thumbnail (96 pixels) of the picture that it brought; the address is empty where that is the present one.
    """

    commit: str
    at: int
    author: str
    thumb: str


class _Wanted(NamedTuple):
    """A former picture that a contact's page is to show; ``key`` is what its thumbnail is remembered by."""

    owner: str
    change: Change
    picture: Picture
    key: bytes


def tell(run: Run, contacts: Iterable[Joined], gallery: Gallery, site: Publication) -> Mapping[str, tuple[Past, ...]]:
    """The changes of each contact's picture, newest first, by ID; the thumbnails are added to the ``site``.

    Nothing where git knows nothing, or where the settings leave it out.
    """
    told = history(run.root, run.memo).pictures if run.settings.picture_history else {}
    if not told:
        return {}
    shown = {one.summary.id: one.picture for one in contacts if one.picture and one.summary.id in gallery.examined}
    changes = {owner: found for owner, picture in shown.items() if (found := told.get(picture.file.path))}
    is_long = any(len(found[0].blob) == _LONG for found in changes.values())
    present = _present(run, gallery, {owner: shown[owner] for owner in changes}, "sha256" if is_long else "sha1")
    wanted = [
        _wanted(run, owner, shown[owner], change)
        for owner, found in changes.items()
        for change in found
        if change.blob != present[owner]
    ]
    thumbs = _thumbs(run, wanted, site)
    return {owner: tuple(_past(owner, found, present[owner], thumbs)) for owner, found in changes.items()}


def _past(owner: str, changes: Sequence[Change], present: str, thumbs: Mapping[tuple[str, str], str]) -> Iterator[Past]:
    for change in changes:
        thumb = "" if change.blob == present else thumbs.get((owner, change.blob))
        if thumb is not None:
            yield Past(change.commit, change.at, change.author, thumb)


# --- which of them is the present one --------------------------------------------------------------------------------


def _present(run: Run, gallery: Gallery, shown: Mapping[str, Picture], algorithm: str) -> dict[str, str]:
    """Git's name for the content of each contact's picture as it lies in the working tree, committed or not."""
    known: Mapping[str, str] = run.memo.table("blob", algorithm.encode())
    found = {}
    for owner, picture in shown.items():
        digest = gallery.examined[owner].digest
        found[digest] = known.get(digest) or _blob(run, picture, algorithm)
    run.memo.set_table("blob", algorithm.encode(), found)
    return {owner: found[gallery.examined[owner].digest] for owner in shown}


def _blob(run: Run, picture: Picture, algorithm: str) -> str:
    """The name of a file's content in git (gitformat-pack, “Object types”); empty where the file cannot be read."""
    data = read_bytes(run.root, picture.file.path, run.settings.max_picture_bytes)
    if not isinstance(data, bytes):
        return ""
    return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


# --- thumbnails ------------------------------------------------------------------------------------------------------


def _wanted(run: Run, owner: str, now: Picture, change: Change) -> _Wanted:
    path = PurePosixPath(change.path)
    # How it was cropped then, the record of that time said; the middle is what most have.
    picture = Picture(SourceFile(change.path, path.stem, path.suffix.lower(), 0), fit=now.fit)
    key = fingerprint(edition(), run.settings.max_picture_bytes, change.blob, picture.file.suffix, picture.fit)
    return _Wanted(owner, change, picture, key)


def _thumbs(run: Run, wanted: Sequence[_Wanted], site: Publication) -> dict[tuple[str, str], str]:
    """The addresses of the thumbnails by contact and blob; those that are not remembered are made."""
    digests: dict[bytes, str] = run.memo.find("former", (one.key for one in wanted))
    missing = {one.key: one for one in wanted if not _is_there(run, one, digests.get(one.key), site)}
    made = dict(_made(run, list(missing.values())))
    found = {}
    for one in wanted:
        digest = digests.get(one.key, "")
        if one.key in made:
            digest, data = made[one.key]
            if digest and not site.has(thumbnail_path(one.owner, "96", digest)):
                site.add(thumbnail_path(one.owner, "96", digest), data, bytes.fromhex(digest))
        if digest:
            found[one.owner, one.change.blob] = thumbnail_path(one.owner, "96", digest)
    run.memo.album.use(digest for digest in digests.values() if digest)
    return found


def _is_there(run: Run, one: _Wanted, digest: str | None, site: Publication) -> bool:
    """Whether nothing has to be made: the picture is known as refused, or its thumbnail is on the site or is added."""
    if not digest:
        return digest is not None
    path = thumbnail_path(one.owner, "96", digest)
    if site.has(path) or site.keep(path, bytes.fromhex(digest)):
        return True
    data = run.memo.album.get(digest)
    if data is not None:
        site.add(path, data, bytes.fromhex(digest))
    return data is not None


def _made(run: Run, wanted: Sequence[_Wanted]) -> Iterator[tuple[bytes, tuple[str, bytes]]]:
    """The SHA-256 and the bytes of each thumbnail, both empty of a picture that is refused; and remembers them."""
    by_blob: dict[str, list[_Wanted]] = {}
    for wish in wanted:
        by_blob.setdefault(wish.change.blob, []).append(wish)
    examined = run.workers.map(
        tasks.examine_picture,
        _work(run, by_blob),
        apart=True,
        on_death=tasks.died_examining,
        seconds=tasks.PICTURE_SECONDS,
    )
    # Where git fails meanwhile, there are fewer answers; the others are left out, and asked for the next time.
    asked = (one for same in by_blob.values() for one in same)
    for done, (one, answer) in enumerate(zip(asked, examined, strict=False), 1):
        digest, data = dict(answer.digests).get("96", ""), answer.thumbnails.get("96", b"")
        run.memo.keep("former", one.key, digest)
        if digest:
            run.memo.album.keep(digest, data)
        run.progress("history", done, len(wanted))
        yield one.key, (digest, data)


def _work(run: Run, by_blob: Mapping[str, Sequence[_Wanted]]) -> Iterator[tasks.PictureWork]:
    limit = run.settings.max_picture_bytes
    with suppress(GitError):
        for blob, data in blobs(run.root, by_blob, limit):
            for one in by_blob[blob]:
                yield tasks.PictureWork(run.root, one.picture, limit, encode=True, content=data or b"")
