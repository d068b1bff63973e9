"""Smooth hair: its outlines, partings and strands, for the styles of `hair`. It never decides who wears what."""

from __future__ import annotations

import numpy as np
from canvas import Canvas, Linear, Path, Pixels, Points, curve, darker, joined, lighter, mirrored, moved, ribbon
from faces import Person, face_path, shade_of

CLOSE = [(-0.345, 0.0), (-0.37, -0.2), (-0.36, -0.4), (-0.24, -0.58), (0.0, -0.655)]
CLOSE += [(0.24, -0.58), (0.36, -0.4), (0.37, -0.2), (0.345, 0.0)]
FULL = [(-0.37, 0.02), (-0.415, -0.2), (-0.39, -0.44), (-0.26, -0.63), (0.0, -0.705)]
FULL += [(0.26, -0.63), (0.39, -0.44), (0.415, -0.2), (0.37, 0.02)]
SWEPT = [(-0.345, -0.02), (-0.375, -0.2), (-0.38, -0.42), (-0.29, -0.64), (-0.06, -0.75)]
SWEPT += [(0.2, -0.72), (0.36, -0.52), (0.375, -0.22), (0.345, -0.02)]

SIDE_PART = [
    (0.325, -0.02),
    (0.315, -0.2),
    (0.24, -0.34),
    (0.06, -0.43),
    (-0.15, -0.5),
    (-0.24, -0.4),
    (-0.31, -0.23),
    (-0.325, -0.02),
]
MIDDLE_PART = [
    (0.31, 0.02),
    (0.295, -0.14),
    (0.205, -0.315),
    (0.0, -0.485),
    (-0.205, -0.315),
    (-0.295, -0.14),
    (-0.31, 0.02),
]
FRINGE = [
    (0.315, 0.04),
    (0.305, -0.15),
    (0.26, -0.235),
    (0.13, -0.255),
    (0.0, -0.25),
    (-0.13, -0.255),
    (-0.26, -0.235),
    (-0.305, -0.15),
    (-0.315, 0.04),
]
HIGH = [
    (0.33, -0.02),
    (0.315, -0.2),
    (0.255, -0.37),
    (0.12, -0.45),
    (0.0, -0.46),
    (-0.12, -0.45),
    (-0.255, -0.37),
    (-0.315, -0.2),
    (-0.33, -0.02),
]
RECEDED = [
    (0.33, 0.0),
    (0.32, -0.17),
    (0.285, -0.35),
    (0.2, -0.48),
    (0.06, -0.47),
    (-0.08, -0.49),
    (-0.2, -0.46),
    (-0.285, -0.35),
    (-0.32, -0.17),
    (-0.33, 0.0),
]
SWEEP = [
    (0.315, 0.02),
    (0.3, -0.12),
    (0.27, -0.2),
    (0.1, -0.31),
    (-0.12, -0.46),
    (-0.2, -0.51),
    (-0.27, -0.36),
    (-0.31, -0.15),
    (-0.32, 0.02),
]

LONG = [
    (0, -0.68),
    (0.26, -0.61),
    (0.4, -0.4),
    (0.43, -0.05),
    (0.44, 0.3),
    (0.47, 0.62),
    (0.42, 0.84),
    (0.24, 0.9),
    (0, 0.88),
]
WAVY = [
    (0, -0.7),
    (0.27, -0.63),
    (0.395, -0.42),
    (0.42, -0.16),
    (0.43, 0.06),
    (0.51, 0.28),
    (0.47, 0.48),
    (0.56, 0.7),
    (0.46, 0.86),
    (0.26, 0.9),
    (0, 0.88),
]
BOB = [
    (0, -0.68),
    (0.26, -0.61),
    (0.405, -0.4),
    (0.435, -0.1),
    (0.45, 0.12),
    (0.415, 0.28),
    (0.3, 0.32),
    (0.15, 0.29),
    (0, 0.28),
]
CAP = [(0, -0.64), (0.24, -0.57), (0.36, -0.38), (0.37, -0.16), (0.33, 0.12), (0.2, 0.26), (0, 0.3)]


def resampled(line: Path, count: int = 48) -> Path:
    """Give a line of `count` points at even steps."""
    at = np.linspace(0, len(line) - 1, count)
    whole = np.arange(len(line))
    return np.stack([np.interp(at, whole, line[:, i]) for i in (0, 1)], axis=1)


def hair_paint(tone: str) -> Linear:
    """Give the gradient of hair lit from the upper left."""
    return Linear((-0.35, -0.6), (0.4, 0.4), (lighter(tone, 0.2), tone, darker(tone, 0.4)))


def strands(canvas: Canvas, first: Path, last: Path, tone: str, within: Pixels, seed: int, count: int = 34) -> None:
    """Comb strands between two lines that run the same way."""
    dice = np.random.default_rng(seed)
    first, last = resampled(first), resampled(last)
    for _ in range(count):
        share, sway = float(dice.uniform(0.02, 0.98)), float(dice.normal(0, 0.006))
        line = moved(first * (1 - share) + last * share, sway, sway)
        start, stop = sorted(int(v) for v in dice.integers(0, 48, 2))
        if stop - start < 8:
            continue
        light = bool(dice.random() < 0.5)
        shade = lighter(tone, 0.4) if light else darker(tone, 0.55)
        wide = float(dice.uniform(0.006, 0.02))
        stroke = ribbon(line[start:stop:4], (0.001, wide, 0.001))
        canvas.fill(stroke, shade, float(dice.uniform(0.12, 0.32)), 0.002, within)


def cap(canvas: Canvas, person: Person, outer: Points, hairline: Points) -> None:
    """Lay hair over the skull: from the outline to the hairline, with its shadow on the face, strands and sheen."""
    top, low = curve(outer, closed=False), curve(hairline, closed=False)
    shape, tone = joined(top, low), person.hair
    face = canvas.stencil(face_path(person))
    canvas.fill(moved(shape, 0.012, 0.035), shade_of(person.skin), 0.55, 0.022, face)
    canvas.fill(shape, hair_paint(tone))
    within = canvas.stencil(shape)
    strands(canvas, top, low[::-1], tone, within, person.seed)
    middle = resampled(top) * 0.6 + resampled(low[::-1]) * 0.4
    canvas.fill(ribbon(middle[8:26:3], (0.01, 0.075, 0.06, 0.01)), lighter(tone, 0.6), 0.32, 0.025, within)
    canvas.rim(shape, (0.025, 0.03), lighter(tone, 0.65), 0.28, 0.015)


def back(canvas: Canvas, person: Person, half: Points) -> None:
    """Draw smooth hair that falls behind the head; `half` is the right half of its outline."""
    shape, tone = mirrored(half), darker(person.hair, 0.22)
    canvas.fill(shape, Linear((-0.4, -0.5), (0.35, 0.9), (person.hair, tone, darker(tone, 0.3))))
    within = canvas.stencil(shape)
    right = curve(half[1:], closed=False)
    strands(canvas, right * (-1, 1), right, tone, within, person.seed + 1, 70)


def side_locks(canvas: Canvas, person: Person, half: Points, inner: Points, sides: tuple[int, ...] = (-1, 1)) -> None:
    """Let long hair fall before the shoulders on each side."""
    outline = np.asarray(half, dtype=np.float64)
    below = outline[(outline[:, 1] > -0.3) & (outline[:, 0] > 0.2)]
    for side in sides:
        out, low = curve(below, closed=False) * (side, 1), curve(inner, closed=False) * (side, 1)
        shape = joined(out, low[::-1])
        canvas.fill(moved(shape, 0.02, 0.02), "#1a1026", 0.22, 0.03)
        canvas.fill(
            shape,
            Linear((-0.4, -0.2), (0.45, 0.8), (lighter(person.hair, 0.14), person.hair, darker(person.hair, 0.35))),
        )
        strands(canvas, out, low, person.hair, canvas.stencil(shape), person.seed + 5 + side, 46)
        shine = resampled(out) * 0.55 + resampled(low) * 0.45
        canvas.fill(
            ribbon(shine[6:30:4], (0.01, 0.05, 0.01)), lighter(person.hair, 0.6), 0.25, 0.02, canvas.stencil(shape)
        )


INNER_LONG = [(0.3, -0.3), (0.325, -0.1), (0.33, 0.1), (0.285, 0.32), (0.27, 0.6), (0.25, 0.88)]
INNER_WAVY = [(0.3, -0.3), (0.33, -0.1), (0.315, 0.1), (0.36, 0.28), (0.28, 0.48), (0.33, 0.66), (0.24, 0.88)]
INNER_BOB = [(0.3, -0.3), (0.32, -0.1), (0.325, 0.05), (0.3, 0.2), (0.27, 0.315)]
