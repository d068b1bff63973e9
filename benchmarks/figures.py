"""What a measurement found: rows for a table, verdicts on goals, numbers for the plots. Kept as JSON between runs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal, what was measured for it, and whether that meets it. All goals are upper bounds."""

    what: str
    measured: float
    goal: float
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether it is met."""
        return self.measured <= self.goal

    def told(self) -> str:
        """In a line."""
        unit = f" {self.unit}" if self.unit else ""
        verdict = "met" if self.met else "missed"
        return f"{self.what}: {short(self.measured)}{unit} (goal {short(self.goal)}{unit}: {verdict})"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the figures. ``rows`` are texts, as many a row as ``columns``; ``data`` is for the plots."""

    name: str
    title: str
    intro: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    verdicts: tuple[Verdict, ...] = ()
    remarks: tuple[str, ...] = ()
    data: dict[str, Any] | None = None
    machine: str = ""


def dated(part: Part, machine: str) -> Part:
    """The part, with what it was measured on, and when."""
    return replace(part, machine=machine)


def short(number: float) -> str:
    """A number with three digits that count."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}" if number >= 1 else f"{number:.3f}"


def mib(number: float | None) -> str:
    """A peak, or a dash where the system does not tell it."""
    return "–" if not number else f"{number:,.0f}"


def keep(path: Path, part: Part) -> None:
    """Puts a part beside those that were measured before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    path.write_text(json.dumps({**found, part.name: asdict(part)}, indent=1), encoding="utf-8")


def kept(path: Path) -> dict[str, Part]:
    """All parts that were measured, by name."""
    if not path.is_file():
        return {}
    return {name: _part(one) for name, one in json.loads(path.read_text(encoding="utf-8")).items()}


def _part(kept: dict[str, Any]) -> Part:
    return Part(
        **{
            **kept,
            "columns": tuple(kept["columns"]),
            "rows": tuple(tuple(row) for row in kept["rows"]),
            "verdicts": tuple(Verdict(**one) for one in kept["verdicts"]),
            "remarks": tuple(kept["remarks"]),
        }
    )
