"""Writes the figures into docs/performance.md, between its two markers, and draws the plots beside it.

Nothing outside the markers is touched; where they are missing they are added at the end.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from figures import Part

BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
_ORDER = ("pictures", "contacts", "unchanged", "change", "growth", "quality")
_OURS, _OTHERS, _GOAL = "#2563eb", "#94a3b8", "#dc2626"


def machine() -> str:
    """What it was measured on."""
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def write(docs: Path, parts: Mapping[str, Part]) -> None:
    """Puts all parts that there are into ``docs``/performance.md, and their plots beside it."""
    docs.mkdir(parents=True, exist_ok=True)
    pictures = plots(docs, parts)
    path = docs / "performance.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else "# Performance\n"
    if BEGIN not in text or END not in text:
        text = f"{text.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    shown = [section(parts[name], pictures.get(name, "")) for name in _ORDER if name in parts]
    between = "\n".join(["", "", *shown, ""])
    path.write_text(f"{before}{BEGIN}{between}{END}{after}", encoding="utf-8", newline="\n")


def section(part: Part, picture: str) -> str:
    """A part in Markdown."""
    lines = [f"### {part.title}", "", part.intro, "", _line(part.columns)]
    lines += [_line(["---", *["---:"] * (len(part.columns) - 1)]), *map(_line, part.rows), ""]
    lines += [f"- {verdict.told()}" for verdict in part.verdicts]
    lines += [f"- {remark}" for remark in part.remarks]
    if part.verdicts or part.remarks:
        lines.append("")
    if picture:
        lines += [f"![{part.title}]({picture})", ""]
    return "\n".join([*lines, f"<sub>{part.machine}</sub>", ""])


def _line(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


# --- plots -----------------------------------------------------------------------------------------------------------


def plots(docs: Path, parts: Mapping[str, Part]) -> dict[str, str]:
    """Draws what can be drawn; the files' names by part. Without matplotlib there are the tables alone."""
    try:
        matplotlib = importlib.import_module("matplotlib")
        matplotlib.use("svg")
        pyplot = importlib.import_module("matplotlib.pyplot")
    except ImportError:
        print("no plots: matplotlib is not installed (pip install matplotlib)", file=sys.stderr)
        return {}
    matplotlib.rcParams.update({"svg.hashsalt": "contactsheet", "font.size": 9, "axes.spines.top": False})
    matplotlib.rcParams.update({"axes.spines.right": False, "svg.fonttype": "none"})
    drawers = {"pictures": _draw_bars, "contacts": _draw_bars, "growth": _draw_growth, "change": _draw_saves}
    drawn = {}
    for name, draw in drawers.items():
        if data := parts[name].data if name in parts else None:
            figure = draw(pyplot, data)
            drawn[name] = f"performance-{name}.svg"
            figure.savefig(docs / drawn[name], metadata={"Date": None}, bbox_inches="tight")
            pyplot.close(figure)
    return drawn


def _draw_bars(pyplot: Any, data: dict[str, Any]) -> Any:
    bars = list(reversed(data["bars"]))
    figure, axes = pyplot.subplots(figsize=(7, 0.5 + 0.4 * len(bars)))
    colours = [_OURS if name == "contactsheet" else _OTHERS for name, _ in bars]
    drawn = axes.barh([name for name, _ in bars], [seconds for _, seconds in bars], color=colours)
    axes.bar_label(drawn, fmt="%.1f", padding=3)
    axes.set_xlabel("wall seconds")
    return figure


def _draw_growth(pyplot: Any, data: dict[str, Any]) -> Any:
    counts, seconds, peaks = zip(*data["points"], strict=True)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    left.loglog(counts, seconds, "o-", color=_OURS, label="cold build")
    linear = [seconds[-1] * count / counts[-1] for count in counts]
    left.loglog(counts, linear, "--", color=_OTHERS, label="in proportion")
    left.set(xlabel="contacts", ylabel="wall seconds")
    left.legend(frameon=False)
    right.semilogx(counts, [peak or 0 for peak in peaks], "o-", color=_OURS)
    right.axhline(1536, color=_GOAL, linestyle=":")
    right.text(counts[0], 1536, "goal for 100,000", color=_GOAL, va="bottom")
    right.set(xlabel="contacts", ylabel="peak MiB, all processes", ylim=(0, None))
    return figure


def _draw_saves(pyplot: Any, data: dict[str, Any]) -> Any:
    figure, axes = pyplot.subplots(figsize=(7, 1.6))
    for row, (name, goal) in enumerate((("watching", 0.1), ("shell", 0.5))):
        axes.plot(data[name], [row] * len(data[name]), "o", color=_OURS, alpha=0.4)
        axes.plot([goal, goal], [row - 0.3, row + 0.3], color=_GOAL, linestyle=":")
    axes.set_yticks([0, 1], ["watching", "from the shell"])
    axes.set(xlabel="seconds from the save to the page, each dot a save; dotted: the goal", xlim=(0, None))
    axes.set_ylim(-0.6, 1.6)
    return figure
