"""What a record says about other files: the picture that it chooses, the contact that it joins, who it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from contactsheet.check import SourceRecord


class Claim(NamedTuple):
    """What a record says about other files: the picture that it chooses, and the contact that it joins.

    ``picture`` is its file below avatars/ or None, its focus and its fit, ``place`` where it says so: line and column.
    ``joins`` is an ID or empty; ``aliases`` are the IDs that led to it before, ``distinct`` those of contacts that it
    says it is not.
    """

    id: str
    file: str
    picture: tuple[str | None, tuple[float, float], Literal["cover", "contain"]] | None
    place: tuple[int, int] | None
    joins: str
    aliases: tuple[str, ...] = ()
    distinct: tuple[str, ...] = ()


def claim(source: SourceRecord) -> Claim:
    """What a record says about other files."""
    avatar, directive, place = source.record.avatar, source.record.merge_into, source.place("avatar.file")
    return Claim(
        source.id,
        source.file,
        (avatar.file, avatar.focus, avatar.fit) if avatar else None,
        (place.line, place.column) if place else None,
        directive.contact if directive else "",
        tuple(alias.id for alias in source.record.aliases),
        source.record.distinct_from,
    )
