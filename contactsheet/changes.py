"""What differs between two states of the contacts, as people see them: after all merges. From values to values.

How it is told is the business of ``changes_text``, ``changes_json`` and ``changes_page``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from contactsheet import shapes
from contactsheet.problems import Problem

if TYPE_CHECKING:
    from contactsheet.merge import Contact
    from contactsheet.schema import Alias, Labelled, Message, Record

Kind = Literal["added", "changed", "renamed", "merged", "parted", "removed"]
KINDS: tuple[Kind, ...] = ("added", "changed", "renamed", "merged", "parted", "removed")
# Two records of which so much is the same, one gone and one new, are one that has another ID; as git has it for files.
_ALIKE = 0.5


@dataclass(frozen=True)
class Shot:
    """A picture as one of the two states has it.

    ``path`` is its file, ``facts`` what the file is in words (JPEG, 800 × 800 pixels, 90 kB), ``digest`` the SHA-256 of
    its bytes, ``shown`` its focus and fit. ``large`` (512 pixels square) and ``small`` (96) are its thumbnails as WebP,
    both empty where it was refused. ``problems`` are those of the picture.
    """

    path: str
    digest: str
    facts: str
    shown: tuple[tuple[float, float], str]
    problems: tuple[Problem, ...]
    large: bytes = field(default=b"", repr=False)
    small: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class FieldChange:
    """A field with its values that are gone and those that are new; the others stay.

    ``field`` is the record's name for it, ``fields.KEY`` for a custom one.
    """

    field: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class PictureChange(NamedTuple):
    """The picture before and after; None where there is none."""

    before: Shot | None
    after: Shot | None


@dataclass(frozen=True)
class Joining:
    """A record that now joins a contact: its ID, its name, its file, and the ID that its directive names."""

    id: str
    name: str
    file: str
    directive: str


@dataclass(frozen=True)
class ContactChange:
    """What became of a contact.

    ``kind`` says it in a word: merged is gone into another, whose ID is in ``into``; parted came out of one. ``was`` is
    the former ID of one that was renamed. ``joined`` are the records that joined it, ``left`` the IDs of those that no
    longer do. ``fields`` are those that differ; of a contact that was added or removed, all.
    """

    kind: Kind
    id: str
    name: str
    file: str
    initials: str
    tone: int
    was: str = ""
    into: str = ""
    joined: tuple[Joining, ...] = ()
    left: tuple[str, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    picture: PictureChange | None = None


@dataclass(frozen=True)
class Changes:
    """All that differs. ``base`` and ``to`` name the two states for people; ``commit`` is where the change began.

    ``others`` are the files that differ and are no contact's: the settings, templates, pictures that nobody shows.
    """

    base: str
    commit: str
    to: str
    contacts: tuple[ContactChange, ...]
    introduced: tuple[Problem, ...]
    mended: tuple[Problem, ...]
    others: tuple[str, ...]

    def of(self, kind: Kind) -> list[ContactChange]:
        """The changes of one kind."""
        return [change for change in self.contacts if change.kind == kind]

    @property
    def pictures(self) -> int:
        """How many pictures differ."""
        return sum(1 for change in self.contacts if change.picture)

    def __bool__(self) -> bool:
        return bool(self.contacts or self.introduced or self.mended or self.others)


# --- fields ----------------------------------------------------------------------------------------------------------


def values(record: Record) -> dict[str, tuple[str, ...]]:
    """The fields of a record that have a value, as texts; custom fields are ``fields.KEY``, the picture is left out."""
    found: dict[str, tuple[str, ...]] = {}
    for name in shapes.fields(type(record)):
        value = getattr(record, name)
        if name == "fields":
            found.update((f"fields.{key}", (text,)) for key, text in value.items())
        elif name not in ("avatar", "merge_into") and value:
            found[name] = tuple(map(_text, value)) if isinstance(value, tuple) else (_text(value),)
    return found


def _text(value: Any) -> str:
    from contactsheet.schema import Alias, Labelled, Message

    if isinstance(value, Labelled):
        return _labelled(value)
    if isinstance(value, Alias):
        return _alias(value)
    if isinstance(value, Message):
        return _message(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


def _labelled(value: Labelled) -> str:
    return f"{value.value} ({value.label})" if value.label else value.value


def _alias(alias: Alias) -> str:
    lost = ", ".join(f"{one.field} {one.value}" for one in alias.lost)
    return f"{alias.id} (lost: {lost})" if lost else alias.id


def _message(message: Message) -> str:
    unread = "" if message.read else ", unread"
    channel = f", {message.channel}" if message.channel else ""
    return f"{message.at.isoformat()} {message.sender}{channel}{unread}: {message.text}"


def fields(before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]) -> tuple[FieldChange, ...]:
    """The fields that differ, in the order of the record; of a list, the values that came and went."""
    names = dict.fromkeys((*after, *before))
    return tuple(
        _field(name, before.get(name, ()), after.get(name, ())) for name in names if before.get(name) != after.get(name)
    )


def _field(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> FieldChange:
    gone, new = (
        tuple((Counter(before) - Counter(after)).elements()),
        tuple((Counter(after) - Counter(before)).elements()),
    )
    # Where the same values stand in another order, that is the change.
    return FieldChange(name, gone, new) if gone or new else FieldChange(name, before, after)


# --- contacts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """One of the two states, as far as it differs from the other.

    ``contacts`` are those whose record, merges or picture are not the same in both, by ID; ``moved`` leads from a
    record that was merged away to its survivor, ``joins`` from a record to the ID that its directive names. ``shots``
    are the pictures of the contacts, by ID, where they were looked at.
    """

    contacts: Mapping[str, Contact]
    moved: Mapping[str, str]
    joins: Mapping[str, str]
    shots: Mapping[str, Shot]


def compare(before: State, after: State) -> tuple[ContactChange, ...]:
    """What became of the contacts, in the order of the kinds and of the IDs."""
    renamed = dict(_renamed(before, after))
    found = [_told(after.contacts[new], before.contacts[old], before, after) for old, new in renamed.items()]
    for contact_id in sorted(before.contacts.keys() | after.contacts.keys()):
        if contact_id in renamed or contact_id in renamed.values():
            continue
        found.append(_told(after.contacts.get(contact_id), before.contacts.get(contact_id), before, after))
    kept = [change for change in found if change.kind != "changed" or _shows(change)]
    return tuple(sorted(kept, key=lambda change: (KINDS.index(change.kind), change.id)))


def _shows(change: ContactChange) -> bool:
    return bool(change.fields or change.picture or change.joined or change.left)


def _told(new: Contact | None, old: Contact | None, before: State, after: State) -> ContactChange:
    from contactsheet.names import initials, tone

    shown = new or old
    assert shown is not None
    change = ContactChange(
        kind=_kind(new, old, before, after),
        id=shown.id,
        name=shown.record.name,
        file=shown.file,
        initials=initials(shown.record),
        tone=tone(shown.id),
        was=old.id if old and old.id != shown.id else "",
        fields=fields(values(old.record) if old else {}, values(new.record) if new else {}),
        picture=_picture(before.shots.get(old.id) if old else None, after.shots.get(new.id) if new else None),
    )
    if new is None:
        return replace(change, into=after.moved.get(shown.id, ""))
    ours = {one.id: one for one in new.merged}
    theirs = {one.id for one in old.merged} if old else set()
    arrived = (one for one in new.merged if one.file and one.id not in theirs)  # an alias has no file and no directive
    joined = tuple(Joining(one.id, one.name, one.file, after.joins[one.id]) for one in arrived)
    return replace(change, joined=joined, left=tuple(sorted(theirs - ours.keys())))


def _kind(new: Contact | None, old: Contact | None, before: State, after: State) -> Kind:
    if new and old:
        return "changed" if new.id == old.id else "renamed"
    if new:
        return "parted" if new.id in before.moved else "added"
    assert old is not None
    return "merged" if old.id in after.moved else "removed"


def _picture(before: Shot | None, after: Shot | None) -> PictureChange | None:
    if before and after and (before.digest, before.shown) == (after.digest, after.shown) and before.digest:
        return None
    return PictureChange(before, after) if before or after else None


def _renamed(before: State, after: State) -> Iterator[tuple[str, str]]:
    """Pairs of IDs, the former and the new one, of contacts that are the same but for the ID, the likest first."""
    gone = {
        one: _facts(contact)
        for one, contact in before.contacts.items()
        if one not in after.contacts and (one not in after.moved or one not in after.joins)
    }
    new = {
        one: _facts(contact)
        for one, contact in after.contacts.items()
        if one not in before.contacts.keys() | before.moved
    }
    having: dict[tuple[str, str], list[str]] = {}
    for contact_id, facts in new.items():
        for fact in facts:
            if fact[0] in ("name", "emails", "phones"):
                having.setdefault(fact, []).append(contact_id)
    pairs = []
    for old, facts in gone.items():
        for candidate in {one for fact in facts for one in having.get(fact, ())}:
            if after.moved.get(old, candidate) != candidate:
                continue  # it is an alias of somebody else
            likeness = 2 * len(facts & new[candidate]) / (len(facts) + len(new[candidate]))
            if likeness >= _ALIKE:
                pairs.append((-likeness, old, candidate))
    taken: set[str] = set()
    for _, old, candidate in sorted(pairs):
        if not {f"-{old}", f"+{candidate}"} & taken:
            taken |= {f"-{old}", f"+{candidate}"}
            yield old, candidate


def _facts(contact: Contact) -> frozenset[tuple[str, str]]:
    return frozenset((name, text) for name, texts in values(contact.record).items() for text in texts)


# --- problems --------------------------------------------------------------------------------------------------------


def new_problems(
    before: Iterable[Problem], after: Iterable[Problem], renamed: Mapping[str, str]
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """The problems that came, and those that went; where only the line is another, it is the same.

    ``renamed`` are files, old to new.
    """
    old, new = list(before), list(after)
    former = Counter(_seen(one, renamed) for one in old)
    present = Counter(_seen(one, {}) for one in new)
    return tuple(_beyond(new, former, {})), tuple(_beyond(old, present, renamed))


_Seen = tuple[str, str, str, str, str]


def _seen(problem: Problem, renamed: Mapping[str, str]) -> _Seen:
    file = renamed.get(problem.file, problem.file)
    return problem.rule, problem.severity.value, file, problem.field, problem.message


def _beyond(problems: Sequence[Problem], known: Counter[_Seen], renamed: Mapping[str, str]) -> Iterator[Problem]:
    left = Counter(known)
    for one in problems:
        name = _seen(one, renamed)
        if left[name]:
            left[name] -= 1
        else:
            yield one
