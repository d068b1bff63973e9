"""What stands behind people, out of focus, and a landscape; it never draws a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from canvas import Canvas, Linear, Path, Radial, blend, curve, darker, ellipse, lighter, ribbon


def _extent(canvas: Canvas) -> tuple[float, float]:
    """Half the width and half the height of the picture in scene units."""
    return canvas.size[0] / 2 / canvas.scale, canvas.size[1] / 2 / canvas.scale


def _frame(canvas: Canvas) -> Path:
    x, y = _extent(canvas)
    return np.array([(-x, -y), (x, -y), (x, y), (-x, y)]) * 1.02


def box(left: float, top: float, right: float, bottom: float) -> Path:
    """Give a rectangle."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def _studio(canvas: Canvas, air: tuple[str, ...], _seed: int) -> None:
    canvas.fill(_frame(canvas), Radial((-0.35, -0.55), 2.3, (lighter(air[0], 0.35), air[0], air[1])))


def _disc(canvas: Canvas, air: tuple[str, ...], _seed: int) -> None:
    _studio(canvas, air, 0)
    canvas.fill(
        ellipse(0, 0, 0.86, 0.86),
        Linear((-0.6, -0.7), (0.6, 0.8), (lighter(air[2], 0.25), air[2], darker(air[2], 0.15))),
    )


def _bokeh(canvas: Canvas, air: tuple[str, ...], seed: int) -> None:
    dice = np.random.default_rng(seed)
    wide, high = _extent(canvas)
    canvas.fill(_frame(canvas), Linear((-0.8, -high), (0.6, high), (air[0], air[1])))
    canvas.fill(ellipse(-0.5, -0.5, 0.9, 0.8), air[2], 0.35, 0.4)
    for _ in range(46):
        x, y = float(dice.uniform(-wide, wide)), float(dice.uniform(-high, high * 0.75))
        radius, strength = float(dice.uniform(0.05, 0.19)), float(dice.uniform(0.08, 0.3))
        tone = str(dice.choice(np.array(air[2:])))
        canvas.fill(ellipse(x, y, radius, radius), lighter(tone, float(dice.uniform(0, 0.4))), strength, 0.008)
        canvas.fill(ellipse(x, y, radius * 0.9, radius * 0.9), tone, strength * 0.3, 0.012)


def _room(canvas: Canvas, air: tuple[str, ...], seed: int) -> None:
    """A shelf with books and a window, far out of focus."""
    dice = np.random.default_rng(seed)
    _, high = _extent(canvas)
    canvas.fill(_frame(canvas), Linear((-1, -1), (1, 1), (lighter(air[0], 0.2), air[0], air[1])))
    canvas.fill(
        box(-1.3, -high * 0.95, -0.45, 0.45), Linear((-1.2, -1), (-0.5, 0.4), ("#fffaf0", "#dcebf0")), 0.85, 0.05
    )
    for x in (-0.88,):
        canvas.fill(box(x - 0.025, -high, x + 0.025, 0.45), air[1], 0.45, 0.03)
    canvas.fill(box(-1.3, -0.36, -0.45, -0.31), air[1], 0.45, 0.03)
    for shelf in (-0.95, -0.42, 0.12, 0.66):
        x = 0.32
        while x < 1.05:
            wide = float(dice.uniform(0.05, 0.12))
            rise = float(dice.uniform(0.24, 0.4))
            tone = str(dice.choice(np.array(air[2:])))
            canvas.fill(box(x, shelf - rise, x + wide * 0.9, shelf), tone, 0.75, 0.028)
            x += wide
        canvas.fill(box(0.28, shelf, 1.3, shelf + 0.06), darker(air[1], 0.3), 0.7, 0.022)
    canvas.fill(ellipse(-0.7, -0.6, 0.9, 0.9), "#fff3d6", 0.35, 0.4)


def _leaves(canvas: Canvas, air: tuple[str, ...], seed: int) -> None:
    """Foliage with light between the leaves."""
    dice = np.random.default_rng(seed)
    wide, high = _extent(canvas)
    canvas.fill(_frame(canvas), Linear((-0.6, -high), (0.7, high), (lighter(air[0], 0.3), air[0], air[1])))
    for i in range(60):
        x, y = float(dice.uniform(-wide, wide)), float(dice.uniform(-high, high))
        length, turn = float(dice.uniform(0.12, 0.32)), float(dice.uniform(0, 180))
        tone = str(dice.choice(np.array(air[2:])))
        canvas.fill(
            ellipse(x, y, length, length * 0.36, turn),
            darker(tone, float(dice.uniform(0, 0.3))),
            0.5,
            0.045 if i < 40 else 0.02,
        )
    for _ in range(16):
        x, y = float(dice.uniform(-wide, wide)), float(dice.uniform(-high, 0.2))
        canvas.fill(ellipse(x, y, 0.07, 0.07), "#fff7cf", float(dice.uniform(0.12, 0.35)), 0.012)


def _arches(canvas: Canvas, air: tuple[str, ...], _seed: int) -> None:
    """A painted wall with a rounded arch."""
    _studio(canvas, air, 0)
    for grow, tone in ((1.0, air[2]), (0.78, blend(air[2], air[3], 0.5)), (0.56, air[3])):
        half = 0.95 * grow
        angle = np.linspace(np.pi, 2 * np.pi, 64)
        dome = np.stack([half * np.cos(angle), 0.1 + (0.62 * grow + 0.38) * np.sin(angle)], axis=1)
        arch = np.vstack([[(-half, 3.0)], dome, [(half, 3.0)]])
        canvas.fill(arch, Linear((-0.6, -0.8), (0.6, 1.2), (lighter(tone, 0.12), darker(tone, 0.06))))


def _sea(canvas: Canvas, air: tuple[str, ...], seed: int) -> None:
    """A soft horizon over water."""
    wide, high = _extent(canvas)
    dice = np.random.default_rng(seed)
    canvas.fill(_frame(canvas), Linear((0, -high), (0, 0.35), (air[0], blend(air[0], air[1], 0.5), air[1])))
    canvas.fill(ellipse(0.55, -0.1, 0.5, 0.4), "#fff1cf", 0.6, 0.25)
    hills = curve(
        [
            (-wide * 1.1, 0.35),
            (-wide * 0.7, 0.12),
            (-wide * 0.3, 0.2),
            (0.1, 0.3),
            (wide * 0.6, 0.2),
            (wide * 1.1, 0.1),
            (wide * 1.1, 0.5),
            (-wide * 1.1, 0.5),
        ]
    )
    canvas.fill(hills, air[2], 0.8, 0.03)
    canvas.fill(
        box(-wide * 1.1, 0.34, wide * 1.1, high * 1.1),
        Linear((0, 0.3), (0, high), (lighter(air[3], 0.3), air[3], darker(air[3], 0.25))),
        1,
        0.012,
    )
    for _ in range(60):
        x, y = float(dice.uniform(-wide, wide)), float(dice.uniform(0.37, high))
        length = 0.05 + 0.25 * (y - 0.3)
        canvas.fill(ellipse(x, y, length, 0.008 + 0.012 * y), "#fff4dc", float(dice.uniform(0.05, 0.25)), 0.01)


Scene = Callable[[Canvas, tuple[str, ...], int], None]
BACKDROPS: Mapping[str, Scene] = MappingProxyType(
    {
        "studio": _studio,
        "disc": _disc,
        "bokeh": _bokeh,
        "room": _room,
        "leaves": _leaves,
        "arches": _arches,
        "sea": _sea,
    }
)
"""Backdrops by name; each takes the canvas, its colours (the first two are the ground's) and a seed."""


def draw_lighthouse(canvas: Canvas) -> None:
    """Draw a lighthouse on a headland at dawn: a picture without a person."""
    wide, high = _extent(canvas)
    canvas.fill(_frame(canvas), Linear((0, -high), (0, 0.45), ("#2b4a7e", "#7c86b8", "#e7a58f", "#ffd9a3")))
    canvas.fill(ellipse(-0.5, 0.28, 0.75, 0.5), "#fff0c4", 0.65, 0.28)
    canvas.fill(ellipse(-0.5, 0.24, 0.13, 0.13), "#fffbe6", 1, 0.008)
    for x, y, length in (
        (-0.9, -0.5, 0.5),
        (0.1, -0.66, 0.7),
        (-0.2, -0.34, 0.55),
        (0.9, -0.25, 0.45),
        (-1.1, -0.1, 0.3),
    ):
        canvas.fill(ellipse(x, y, length, 0.035), "#ffd7c2", 0.5, 0.03)
        canvas.fill(ellipse(x + 0.1, y + 0.03, length * 0.7, 0.02), "#b98fa8", 0.4, 0.025)
    for shift, tone in ((0.0, "#8f7fa6"), (0.06, "#6c668f")):
        ridge = [
            (-wide * 1.1, 0.3 + shift),
            (-0.9, 0.2 + shift),
            (-0.6, 0.3 + shift),
            (-0.2, 0.26 + shift),
            (0.2, 0.33),
            (0.2, 0.5),
            (-wide * 1.1, 0.5),
        ]
        canvas.fill(curve(ridge), tone, 0.85, 0.008)
    canvas.fill(
        box(-wide * 1.1, 0.37, wide * 1.1, high * 1.1), Linear((0, 0.35), (0, high), ("#f0b79b", "#7f86ad", "#2f4672"))
    )
    dice = np.random.default_rng(11)
    for _ in range(150):
        y = 0.38 + float(dice.uniform(0, 1)) ** 1.6 * (high - 0.38)
        x = -0.5 + float(dice.normal(0, 0.16 + (y - 0.36) * 0.5))
        canvas.fill(
            ellipse(x, y, 0.03 + 0.16 * (y - 0.35), 0.003 + 0.012 * (y - 0.35)),
            "#ffe7bd",
            float(dice.uniform(0.2, 0.6)),
            0.003,
        )
    cliff = curve(
        [
            (0.02, 0.62),
            (0.16, 0.44),
            (0.34, 0.4),
            (0.52, 0.27),
            (0.8, 0.22),
            (1.1, 0.27),
            (wide * 1.15, 0.2),
            (wide * 1.15, 1.4),
            (-0.5, 1.4),
            (-0.2, 0.86),
        ]
    )
    canvas.fill(cliff, Linear((0, 0.25), (0.5, 1.1), ("#6b5b62", "#3b3a52", "#20243c")))
    turf = curve(
        [
            (0.34, 0.4),
            (0.52, 0.27),
            (0.8, 0.22),
            (1.1, 0.27),
            (wide * 1.15, 0.2),
            (wide * 1.15, 0.42),
            (0.9, 0.37),
            (0.6, 0.42),
            (0.45, 0.46),
        ]
    )
    canvas.fill(turf, Linear((0.3, 0.3), (1.3, 0.4), ("#9c9a5b", "#56663f", "#3c4f3c")))
    tower = np.array([(0.63, 0.28), (0.675, -0.5), (0.805, -0.5), (0.85, 0.28)])
    canvas.fill(tower, Linear((0.63, 0), (0.85, 0), ("#fff6e6", "#f1ddd0", "#9c8ea6")))
    within = canvas.stencil(tower)
    for y in (-0.32, -0.02):
        canvas.fill(
            box(0.6, y, 0.9, y + 0.15), Linear((0.63, 0), (0.85, 0), ("#e2604f", "#c23f3d", "#762c47")), within=within
        )
    canvas.fill(box(0.645, -0.53, 0.835, -0.49), "#3a3450")
    canvas.fill(box(0.69, -0.64, 0.79, -0.53), Linear((0.69, 0), (0.79, 0), ("#fff8d0", "#ffd76a")))
    canvas.fill(np.array([(0.67, -0.64), (0.74, -0.75), (0.81, -0.64)]), "#8f2f3c")
    for side, reach in ((-1, 2.2), (1, 1.2)):
        canvas.fill(
            np.array([(0.74, -0.6), (0.74 + side * reach, -0.86), (0.74 + side * reach, -0.42), (0.74, -0.57)]),
            "#fff2b8",
            0.2,
            0.03,
        )
    canvas.fill(ellipse(0.74, -0.585, 0.16, 0.16), "#fff3c0", 0.7, 0.07)
    house = box(0.9, 0.1, 1.16, 0.29)
    canvas.fill(house, Linear((0.9, 0), (1.16, 0), ("#fbeede", "#b9a7b4")))
    canvas.fill(np.array([(0.87, 0.11), (0.93, -0.01), (1.13, -0.01), (1.19, 0.11)]), "#7a3d46")
    canvas.fill(box(0.97, 0.16, 1.02, 0.22), "#ffd97a")
    canvas.fill(box(1.07, 0.16, 1.12, 0.22), "#ffd97a")
    for x, y, size in ((-0.05, -0.15, 0.05), (0.12, -0.24, 0.038), (0.25, -0.12, 0.03)):
        bird = [
            (x - size, y - size * 0.4),
            (x - size * 0.4, y - size * 0.5),
            (x, y),
            (x + size * 0.4, y - size * 0.5),
            (x + size, y - size * 0.4),
        ]
        canvas.fill(ribbon(bird, (0.002, 0.009, 0.011, 0.009, 0.002)), "#3a3450", 0.8)
