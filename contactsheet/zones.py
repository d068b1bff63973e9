"""Time zones and countries, from the tzdata package on every machine.

The system's own data differ, and some file systems ignore case.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@cache
def time_zones() -> frozenset[str]:
    """The IANA names of all time zones."""
    return frozenset((_folder() / "zones").read_text(encoding="utf-8").split())


@cache
def zone(name: str) -> ZoneInfo | None:
    """The time zone of that IANA name, or None."""
    from zoneinfo import ZoneInfo

    if name not in time_zones():
        return None
    with _folder().joinpath("zoneinfo", *name.split("/")).open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)


def countries() -> frozenset[str]:
    """The two letters of every country (ISO 3166), as the time zones' data list them."""
    table = (_folder() / "zoneinfo/iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line.partition("\t")[0] for line in table.splitlines() if not line.startswith("#"))


def _folder() -> Path:
    import tzdata  # type: ignore[import-untyped]  # it carries no types

    return Path(tzdata.__file__).parent  # importlib.resources would take longer than all else here
