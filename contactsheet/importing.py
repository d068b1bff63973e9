"""What becomes of who comes in: a new contact, a record that joins a contact, or nothing, where all of it is known.

Nothing is ever overwritten. Values that the checks refuse become custom fields, so that what is written passes them.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from contactsheet import kinds, tasks
from contactsheet.amend import written
from contactsheet.check import check
from contactsheet.contacts import parties
from contactsheet.edit import save
from contactsheet.incoming import Incoming, Photo, custom_into, key_of
from contactsheet.known import Known, Look
from contactsheet.memo import ForgottenError
from contactsheet.pictures import Picture, assign
from contactsheet.problems import Place, Problem, Severity
from contactsheet.read import SourceFile, scan
from contactsheet.records import read
from contactsheet.repository import AVATARS, CONTACTS
from contactsheet.rules import problem, weighed
from contactsheet.run import Run
from contactsheet.schema import SINGULAR, Record
from contactsheet.settings import Settings
from contactsheet.tasks import Examined

_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png"}
_ROUNDS = 5  # in which values are taken out of their fields; one is enough unless values hide each other
_AT_ONCE = 100  # contacts that are judged in one piece of work

Kind = Literal["new", "joins", "known", "refused", "told"]
"""A new contact; a record that joins one; nothing, as all is known; nothing, as it is wrong; a word on the file."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What becomes of one card or row.

    ``id`` is the record's, ``target`` the contact that it joins or that says all of it already, ``reason`` how that was
    found. ``files`` are what is to be written, POSIX paths relative to the root with their bytes.
    """

    kind: Kind
    problems: tuple[Problem, ...]
    name: str = ""
    id: str = ""
    target: str = ""
    reason: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    unplaced: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suited:
    """Somebody who comes in, with the record that the checks let through and its text.

    ``look`` is what the picture is like, and ``suffix`` what its file ends in, if there is one.
    """

    incoming: Incoming
    record: Record
    text: str
    problems: tuple[Problem, ...] = ()
    suffix: str = ""
    look: Look | None = None


def arrivals(run: Run, coming: Iterable[Incoming | Problem], folder: str) -> Iterator[Arrival]:
    """What becomes of each, in their order; ``folder`` is one below contacts/, or empty. Nothing is written.

    A problem stands for a card that could not be read.
    """
    everyone = list(coming)
    suited = _with_pictures(run, list(_suited(run, everyone)))
    try:
        known = _known(run, suited)
    except ForgottenError:
        run.memo.forget()
        known = _known(run, suited)
    for one in suited:
        yield _refused(one) if isinstance(one, Problem) else _arrival(one, known, folder)


def write(root: Path, some: Iterable[Arrival]) -> None:
    """Writes the files of some arrivals, all or none. Raises OSError; nothing of them is there then."""
    files = {path: data for arrival in some for path, data in arrival.files.items()}
    save(root, files, new=files)


def _refused(one: Problem) -> Arrival:
    return Arrival("refused" if one.severity is Severity.ERROR else "told", (one,), reason=one.message)


def _arrival(one: Suited, known: Known, folder: str) -> Arrival:
    incoming = one.incoming
    found = known.match(incoming.own_id, one.record)
    if said := known.says_it_all(found, one.record, one.look):
        return Arrival("known", (), incoming.name, target=said)
    contact_id = known.free_id("" if found else incoming.own_id, folder, _names(incoming))
    target, reason = (found.id, found.reason) if found else ("", "")
    files = {f"{CONTACTS}/{contact_id}.yaml": _text(one, target)}
    known.add(contact_id, one.record, target)
    if one.look and incoming.photo and (not found or known.is_new(one.look, found.id, found)):
        files[f"{AVATARS}/{contact_id}{one.suffix}"] = incoming.photo.data
        known.show(contact_id, one.look)
    return Arrival(
        "joins" if found else "new",
        one.problems,
        incoming.name,
        contact_id,
        target,
        reason,
        files,
        incoming.unplaced,
        incoming.left_out,
    )


def _names(incoming: Incoming) -> Iterator[str]:
    """What an ID can be made of, the best first."""
    yield incoming.name
    for email in incoming.fields.get("emails", ())[:1]:
        yield (email if isinstance(email, str) else email["value"]).partition("@")[0]


def _text(one: Suited, target: str) -> bytes:
    return (written({**one.incoming.fields, "merge_into": target}) if target else one.text).encode()


# --- what is known ---------------------------------------------------------------------------------------------------


def _known(run: Run, suited: Sequence[Suited | Problem]) -> Known:
    """The contacts of the repository, with the looks of those pictures that are to be compared."""
    sources = scan(run.root)
    records = read(run, sources)
    known = Known((*(file.name for file in sources.records), *(file.name for file in sources.pictures)))
    aliases = {alias: claim.id for claim in records.claims for alias in claim.aliases}
    joins = {claim.id: aliases.get(claim.joins, claim.joins) for claim in records.claims}
    for source in parties(records, [claim.id for claim in records.claims]):
        known.add(source.id, source.record, _survivor(source.id, joins))
    for alias, contact_id in aliases.items():
        known.lead(alias, contact_id)
    owned, _, _ = assign(sources.pictures, records.claims, sources.ids)
    seen = [(contact_id, owned[contact_id]) for contact_id in _compared(known, suited) if contact_id in owned]
    for (contact_id, _), examined in zip(seen, _examined(run, [(picture, None) for _, picture in seen]), strict=True):
        known.show(contact_id, _look(examined))
    return known


def _survivor(contact_id: str, joins: Mapping[str, str]) -> str:
    """Where a chain of directives ends; in a circle, anywhere."""
    seen = {contact_id}
    while (after := joins.get(contact_id, "")) in joins and after not in seen:
        seen.add(after)
        contact_id = after
    return contact_id


def _compared(known: Known, suited: Iterable[Suited | Problem]) -> Iterator[str]:
    """The records whose pictures somebody who comes in may have, too."""
    contacts: dict[str, None] = {}
    for one in suited:
        if isinstance(one, Suited) and one.look:
            found = known.match(one.incoming.own_id, one.record)
            contacts |= dict.fromkeys([found.id] if found else known.of_name(one.record.name))
    return iter(dict.fromkeys(member for contact in contacts for member in known.members(contact)))


# --- values ----------------------------------------------------------------------------------------------------------


def _suited(run: Run, everyone: Sequence[Incoming | Problem]) -> Iterator[Suited | Problem]:
    """Everyone with a record that the checks let through, judged by the workers."""
    batches = [everyone[start : start + _AT_ONCE] for start in range(0, len(everyone), _AT_ONCE)]
    # Pictures need not travel: they are judged by themselves.
    bare = ([replace(one, photo=None) if isinstance(one, Incoming) else one for one in some] for some in batches)
    results = run.workers.map(suit, bare, apart=run.spread(len(everyone)), on_death=_died, common=run.settings)
    for some, judged in zip(batches, results, strict=True):
        for one, result in zip(some, judged, strict=True):
            if isinstance(one, Incoming) and isinstance(result, Suited):
                yield replace(result, incoming=replace(result.incoming, photo=one.photo))
            else:
                yield result


def suit(settings: Settings, some: Sequence[Incoming | Problem]) -> list[Suited | Problem]:
    """Each of them with a record that the checks let through; or the problem why there is none."""
    return [_suit(settings, one) if isinstance(one, Incoming) else one for one in some]


def _died(some: Sequence[Incoming | Problem]) -> list[Suited | Problem]:
    return [one if isinstance(one, Problem) else _unfit(one, "the process that judged it was ended") for one in some]


def _suit(settings: Settings, one: Incoming) -> Suited | Problem:
    fields = copy.deepcopy(one.fields)
    moved: list[Problem] = []
    message = ""
    for _ in range(_ROUNDS):
        text = written(fields)
        source, found = check("", "", text.encode(), settings.phone_region or None)
        errors = [one for one in weighed(found, settings.rules) if one.severity is Severity.ERROR]
        if source and not errors:
            return Suited(replace(one, fields=fields), source.record, text, (*one.problems, *moved))
        message = errors[0].message
        taken = list(_taken_out(fields, errors)) if source else []
        if not taken:
            break
        moved += [_moved(one, *value) for value in taken]
    return _unfit(one, message)


def _unfit(one: Incoming, message: str) -> Problem:
    fix = "Mend it in the file, and import it again."
    return problem(
        "import/card", one.file, Place(one.line, 1), message=f"no record can be made of it: {message}", fix=fix
    )


def _moved(one: Incoming, name: str, key: str, message: str) -> Problem:
    fix = f"It stands in the custom field “{key}”; put the mended value into “{name}”."
    return problem("import/value", one.file, Place(one.line, 1), field=name, message=message, fix=fix)


def _taken_out(fields: dict[str, Any], errors: Iterable[Problem]) -> Iterator[tuple[str, str, str]]:
    """Takes the values that are wrong out of their fields and puts them among the custom ones.

    Gives for each its field, the custom one, and what is wrong with it.
    """
    wrong: dict[tuple[str, int], str] = {}
    for error in errors:
        name, _, path = error.field.partition(".")
        name, index = SINGULAR.get(name, name), path.partition(".")[0]
        wrong.setdefault((name, int(index) if index.isdecimal() else 0), error.message)
    for (name, at), message in sorted(wrong.items(), reverse=True):
        value = fields.get(name)
        if name in ("name", "fields") or value is None:
            continue
        item = value.pop(at) if isinstance(value, list) and at < len(value) else fields.pop(name)
        if not value:
            fields.pop(name, None)
        custom = fields.setdefault("fields", {})
        label = item.get("label") if isinstance(item, dict) else ""
        text = item["value"] if isinstance(item, dict) else str(item)
        key = f"{key_of(name)} ({label})" if label else key_of(name)
        custom_into(custom, key, text)
        yield name, key, message


# --- pictures --------------------------------------------------------------------------------------------------------


def _with_pictures(run: Run, suited: Sequence[Suited | Problem]) -> list[Suited | Problem]:
    """Everyone with what their pictures are like; a picture that is refused becomes a problem of theirs."""
    result = list(suited)
    sound: list[tuple[int, Picture, Photo]] = []
    for at, one in enumerate(suited):
        if isinstance(one, Suited) and (photo := one.incoming.photo):
            suffix = _SUFFIXES.get(kinds.kind_of(photo.data) or "", "")
            reason = _foreign(photo.data, run.settings.max_picture_bytes)
            if reason:
                result[at] = _without_picture(one, photo, reason)
            else:
                file = SourceFile(f"{AVATARS}/picture{suffix}", "picture", suffix, len(photo.data))
                sound.append((at, Picture(file), photo))
    examined = _examined(run, [(picture, photo.data) for _, picture, photo in sound])
    for (at, picture, photo), found in zip(sound, examined, strict=True):
        one = result[at]
        assert isinstance(one, Suited)
        errors = [bad for bad in weighed(found.problems(""), run.settings.rules) if bad.severity is Severity.ERROR]
        if errors:
            result[at] = _without_picture(one, photo, errors[0].message)
        else:
            result[at] = replace(one, suffix=picture.file.suffix, look=_look(found))
    return result


def _foreign(data: bytes, limit: int) -> str:
    """Why these bytes cannot be a contact's picture, before they are looked into; empty where they may be."""
    kind = kinds.kind_of(data)
    if kind not in _SUFFIXES:
        return f"it is of the kind {kind}; only JPEG and PNG are read" if kind else "its data are no picture"
    if len(data) > limit:
        return f"it has {len(data):,} bytes; {limit:,} are allowed"
    return ""


def _without_picture(one: Suited, photo: Photo, reason: str) -> Suited:
    found = problem(
        "import/picture",
        one.incoming.file,
        Place(photo.line, 1),
        message=f"the picture of {one.incoming.name} is left out: {reason}",
        fix="Save it as a file, and run `python build.py set-avatar ID FILE`, which converts what it can.",
    )
    return replace(one, incoming=replace(one.incoming, photo=None), problems=(*one.problems, found))


def _examined(run: Run, pictures: Sequence[tuple[Picture, bytes | None]]) -> Iterator[Examined]:
    """Verdicts on pictures, given as bytes or as files. As in the gallery, strangers' bytes go to other processes."""
    limit = run.settings.max_picture_bytes
    work = (tasks.PictureWork(run.root, picture, limit, encode=False, content=data) for picture, data in pictures)
    done = run.workers.map(
        tasks.examine_picture, work, apart=True, on_death=tasks.died_examining, seconds=tasks.PICTURE_SECONDS
    )
    for count, one in enumerate(done, 1):
        yield one
        run.progress("pictures", count, len(pictures))


def _look(examined: Examined) -> Look:
    return Look(examined.digest, examined.fingerprint, min(examined.width, examined.height))
