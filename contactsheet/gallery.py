"""The stage that judges the pictures, and makes the thumbnails of those that contacts show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from contactsheet import tasks, views
from contactsheet.distinct import Pair, pair
from contactsheet.edition import edition
from contactsheet.fingerprints import fingerprint
from contactsheet.memo import ForgottenError
from contactsheet.names import size_in_words
from contactsheet.pictures import Picture
from contactsheet.problems import Problem, from_plain, plain
from contactsheet.publish import Publication
from contactsheet.read import SourceFile
from contactsheet.recall import Asked, Name, Recall
from contactsheet.rules import problem
from contactsheet.run import Run
from contactsheet.tasks import Examined

_ON_PAGES = ("512", "96")  # the uses of thumbnails that are files of the site, named by their contact

Shown = tuple[str, Picture]
"""A picture with the contact that shows it, or with an empty ID."""

Look = tuple[str, int]
"""A picture as ``likeness`` compares it: the SHA-256 of its file, and its fingerprint."""


class Thumb(NamedTuple):
    """A contact's picture on the site: its thumbnails' addresses, and the facts of the source that the record tells."""

    avatar: views.Avatar
    facts: str


@dataclass(frozen=True)
class Gallery:
    """The pictures that contacts show, by contact: what the pages need, what the ledger says, and a fingerprint.

    ``looks`` are the SHA-256 of the file and the fingerprint of what it looks like, also where no thumbnail was made.
    """

    thumbs: Mapping[str, Thumb]
    examined: Mapping[str, Examined]
    contents: Mapping[str, bytes]
    looks: Mapping[str, Look]

    @cached_property
    def files(self) -> Sequence[tuple[str, bytes]]:
        """The thumbnails on the site: their addresses and their SHA-256."""
        return [
            (thumbnail_path(owner, size, digest), bytes.fromhex(digest))
            for owner, examined in self.examined.items()
            for size, digest in _on_pages(examined)
        ]

    def stands(self, site: Publication) -> bool:
        """Whether all thumbnails stand on the site; then they stay there."""
        return all(site.keep(*one) for one in self.files)

    def hang(self, site: Publication) -> None:
        """Keeps the thumbnails that were published with the site. Raises ForgottenError if one is lost."""
        for path, digest in self.files:
            if not (site.has(path) or site.keep(path, digest)):
                raise ForgottenError(path)


def with_owners(shown: Iterable[Shown], owned: Mapping[str, Picture], others: Sequence[SourceFile]) -> list[Shown]:
    """The ``shown`` pictures, and behind them, with no one, those that nobody shows."""
    found = list(shown)
    seen = {picture for _, picture in found}
    hidden = [picture for picture in (*owned.values(), *map(Picture, others)) if picture not in seen]
    return [*found, *(("", picture) for picture in hidden)]


def expect(run: Run, files: Sequence[SourceFile], *, encode: bool) -> None:
    """Lets the workers begin with these pictures while the records are read, where none of them is known.

    Most pictures are shown by somebody, and cropped around their centre; the others are examined again.
    """
    foreseen = files if _recall(run).is_empty else ()
    run.workers.expect(len(foreseen), tasks.load_decoders)
    work = (_work(run, Picture(file), encode=encode) for file in foreseen)
    run.workers.begin(tasks.examine_picture, work, seconds=tasks.PICTURE_SECONDS)


def _recall(run: Run) -> Recall:
    common = fingerprint(edition(), run.settings.max_picture_bytes, run.settings.avatar_service)
    return Recall(run.memo, "picture", common, run.root, run.began, run.changes)


def examine(
    run: Run,
    pictures: Sequence[Shown],
    site: Publication | None,
    *,
    encode: bool,
    distinct: frozenset[Pair] = frozenset(),
) -> tuple[Gallery, list[Problem]]:
    """Judges every picture; with ``encode``, those that contacts show become thumbnails.

    They are remembered and added to the ``site`` at once, so that none is held. ``distinct`` are the pairs of contacts
    that may have pictures alike.
    """
    run.progress("pictures", 0, len(pictures))
    if (before := _as_before(run, pictures, site, distinct)) is not None:
        return before
    recall = _recall(run)
    asked = [_asked(picture) for _, picture in pictures]
    names = [(file.path, question) for file, question in asked]
    known = recall.answers(asked, run.settings.max_picture_bytes)
    results: dict[int, Examined] = {}
    for at, (owner, _) in enumerate(pictures):
        if (answer := known.get(names[at])) is not None:
            examined = _told(run, names[at], answer)
            if not (encode and owner and examined.is_sound) or _is_hung(run, owner, examined, site):
                results[at] = examined
    unknown = [at for at in range(len(pictures)) if at not in results]
    for at, examined in zip(unknown, _examined(run, [pictures[at] for at in unknown], encode=encode), strict=True):
        if examined.digest:
            recall.learn(asked[at], bytes.fromhex(examined.digest), _plain(examined))
        _hang(run, pictures[at][0], examined, site)
        results[at] = examined._replace(thumbnails={})
    recall.finish()
    run.memo.album.use(digest for one in results.values() for _, digest in one.digests)
    problems = [one for at, (_, picture) in enumerate(pictures) for one in results[at].problems(picture.file.path)]
    owned = [(owner, picture, results[at]) for at, (owner, picture) in enumerate(pictures) if owner]
    problems += _alike(run, owned, distinct)
    hung = {owner: at for at, (owner, _) in enumerate(pictures) if owner and results[at].digests}
    gallery = Gallery(
        thumbs={owner: _thumb(run, owner, results[at]) for owner, at in hung.items()},
        examined={owner: results[at] for owner, at in hung.items()},
        contents={owner: recall.key(names[at]) for owner, at in hung.items()},
        looks={owner: (one.digest, one.fingerprint) for owner, _, one in owned if one.format},
    )
    run.memo.cache("gallery")[_looked_for(run, site)] = pictures, distinct, (gallery, problems)
    return gallery, problems


def _as_before(
    run: Run, pictures: Sequence[Shown], site: Publication | None, distinct: frozenset[Pair]
) -> tuple[Gallery, list[Problem]] | None:
    """What was found before in this process, if the very same pictures are shown, and stand on the site."""
    before, apart, found = run.memo.cache("gallery").get(_looked_for(run, site), ((), None, None))
    if found is None or apart != distinct or len(before) != len(pictures):
        return None
    if any(now[1] is not was[1] or now[0] != was[0] for now, was in zip(pictures, before, strict=True)):
        return None
    if site and not found[0].stands(site):
        return None
    gallery: Gallery = found[0]
    return gallery, found[1]


def _looked_for(run: Run, site: Publication | None) -> tuple[object, ...]:
    """What is made of pictures besides what they are."""
    return site is not None, run.settings.max_picture_bytes, run.settings.avatar_service


def _thumb(run: Run, owner: str, examined: Examined) -> Thumb:
    cache: dict[str, tuple[Examined, Thumb]] = run.memo.cache("thumbs")
    if owner not in cache or cache[owner][0] is not examined:
        cache[owner] = examined, thumb(owner, examined)
    return cache[owner][1]


def thumb(owner: str, examined: Examined) -> Thumb:
    """A contact's picture on the site."""
    return Thumb(_avatar(owner, examined), _facts(examined))


def _asked(picture: Picture) -> Asked:
    return picture.file, (picture.file.suffix, picture.focus, picture.fit)


def _examined(run: Run, pictures: Sequence[Shown], *, encode: bool) -> Iterator[Examined]:
    """Decoders are the part that strangers attack. So pictures go to other processes, however few they are."""
    if not pictures:
        return  # without so much as importing what starts processes
    run.work.pictures += len(pictures)
    work = (_work(run, picture, encode=encode and bool(owner)) for owner, picture in pictures)
    examined = run.workers.map(
        tasks.examine_picture, work, apart=True, on_death=tasks.died_examining, seconds=tasks.PICTURE_SECONDS
    )
    for done, one in enumerate(examined, 1):
        yield one
        run.progress("pictures", done, len(pictures))


def _work(run: Run, picture: Picture, *, encode: bool) -> tasks.PictureWork:
    limit, serve = run.settings.max_picture_bytes, run.settings.avatar_service
    return tasks.PictureWork(run.root, picture, limit, encode, run.travelling(picture.file.path, limit), serve)


# --- thumbnails on the site ------------------------------------------------------------------------------------------


def picture_of(run: Run, examined: Examined, use: str) -> bytes:
    """A picture's thumbnail for a use that is no page. Raises ForgottenError."""
    digest = dict(examined.digests)[use]
    data = run.memo.album.get(digest)
    if data is None:
        raise ForgottenError(digest)
    return data


def _on_pages(examined: Examined) -> Iterator[tuple[str, str]]:
    """The thumbnails that are files of the site: size and SHA-256."""
    return (one for one in examined.digests if one[0] in _ON_PAGES)


def _is_hung(run: Run, owner: str, examined: Examined, site: Publication | None) -> bool:
    """Whether the thumbnails of a picture that is known are on the site, or remembered and now added to it."""
    for size, digest in _on_pages(examined):
        path = thumbnail_path(owner, size, digest)
        if not (site and site.keep(path, bytes.fromhex(digest))):
            data = run.memo.album.get(digest)
            if data is None:
                return False
            if site:
                site.add(path, data, bytes.fromhex(digest))
    others = (digest for use, digest in examined.digests if use not in _ON_PAGES)
    # There are none at all of a picture that was only checked.
    return bool(examined.digests) and all(map(run.memo.album.has, others))


def _hang(run: Run, owner: str, examined: Examined, site: Publication | None) -> None:
    """Adds new thumbnails to the site; those for other uses are remembered until they are asked for."""
    for use, digest in examined.digests:
        run.memo.album.keep(digest, examined.thumbnails[use], hold=use not in _ON_PAGES)
    for size, digest in _on_pages(examined):
        data = examined.thumbnails[size]
        path = thumbnail_path(owner, size, digest)
        if owner and site and not site.has(path):
            site.add(path, data, bytes.fromhex(digest))


def thumbnail_path(owner: str, size: str, digest: str) -> str:
    """The address of a contact's thumbnail of that size and SHA-256."""
    return f"avatars/{owner}-{size}.{digest[:12]}.webp"


def _avatar(owner: str, examined: Examined) -> views.Avatar:
    paths = {size: thumbnail_path(owner, size, digest) for size, digest in _on_pages(examined)}
    return views.Avatar(paths["512"], paths["96"])


def _facts(examined: Examined) -> str:
    """What a picture's file is, in words: JPEG, 3024 × 4032 pixels, 1.2 MB."""
    return f"{examined.format}, {examined.width} × {examined.height} pixels, {size_in_words(examined.size)}"


# --- what is remembered ----------------------------------------------------------------------------------------------

_REMEMBERED = tuple(one for one in Examined._fields if one != "thumbnails")


def _plain(examined: Examined) -> tuple[Any, ...]:
    return tuple(getattr(examined, name) for name in _REMEMBERED)


def _told(run: Run, name: Name, answer: tuple[Any, ...]) -> Examined:
    """What is remembered of an examination, as values with names."""
    cache: dict[Name, tuple[Any, Examined]] = run.memo.cache("pictures")
    if name not in cache or cache[name][0] is not answer:
        cache[name] = answer, Examined(*answer)
    return cache[name][1]


# --- pictures that look the same -------------------------------------------------------------------------------------


def _alike(run: Run, pictures: Sequence[tuple[str, Picture, Examined]], distinct: frozenset[Pair]) -> list[Problem]:
    """The same picture on two contacts, or nearly the same: one of them has the wrong one."""
    looks = [
        (owner, picture.file.path, examined.digest, examined.fingerprint)
        for owner, picture, examined in pictures
        if examined.format
    ]
    if len(looks) < 2:
        return []
    key = fingerprint(edition(), looks, sorted(distinct))
    kept = run.memo.get("alike", key)
    if kept is None:
        kept = tuple(map(plain, _compared(looks, distinct)))
        run.memo.keep("alike", key, kept)
    return [from_plain(one) for one in kept]


def _compared(looks: Sequence[tuple[str, str, str, int]], distinct: frozenset[Pair]) -> Iterator[Problem]:
    from contactsheet.likeness import pairs

    for first, second in pairs([(digest, bits) for _, _, digest, bits in looks]):
        (one, one_path, one_digest, _), (other, path, digest, _) = looks[first], looks[second]
        if pair(one, other) in distinct:
            continue
        what = "looks like" if one_digest != digest else "is the same as"
        yield problem(
            "avatar/alike",
            path,
            message=f"the picture of {other} {what} {one_path}, the picture of {one}",
            fix="Give one of the two another picture, or merge them if they are the same contact; if both are right, "
            "say so with `distinct_from`.",
            related=(one_path,),
        )
