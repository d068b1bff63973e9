"""Curly hair: each curl a round with its own light, for the styles of `hair`. It never draws smooth hair."""

from __future__ import annotations

import numpy as np
from canvas import Canvas, Linear, Path, curve, darker, ellipse, joined, lighter, mirrored, moved, ribbon
from faces import Person, face_path, shade_of
from strands import CLOSE, FULL, HIGH


def _curls(canvas: Canvas, person: Person, places: Path, size: float, seed: int) -> None:
    """Draw round curls, the farthest up first, each with its own light."""
    dice = np.random.default_rng(seed)
    for x, y in places[np.argsort(places[:, 1])]:
        radius = size * float(dice.uniform(0.75, 1.25))
        depth = float(np.clip(0.25 + 0.35 * x + 0.15 * y + dice.normal(0, 0.1), 0, 0.6))
        tone = darker(person.hair, depth)
        centre = (float(x), float(y))
        canvas.fill(
            ellipse(*centre, radius, radius),
            Linear((x - radius, y - radius), (x + radius, y + radius), (lighter(tone, 0.14), darker(tone, 0.3))),
        )
        start = float(dice.uniform(2.4, 4.2))
        for turn, wide in ((0.66, 0.16), (0.34, 0.13)):
            angle = np.linspace(start, start + 2.6, 6)
            arc = np.stack([x + radius * turn * np.cos(angle), y + radius * turn * np.sin(angle)], axis=1)
            canvas.fill(ribbon(arc, (0.1 * radius, wide * radius, 0.05 * radius)), lighter(tone, 0.42), 0.4, 0.002)


def ring_of(count: int, rx: float, ry: float, centre: tuple[float, float], start: float, stop: float) -> Path:
    """Give `count` places on an arc, from `start` to `stop` degrees."""
    angle = np.radians(np.linspace(start, stop, count))
    return np.stack([centre[0] + rx * np.cos(angle), centre[1] + ry * np.sin(angle)], axis=1)


def afro_back(canvas: Canvas, person: Person) -> None:
    """Draw an afro behind the head."""
    canvas.fill(ellipse(0, -0.3, 0.53, 0.5), darker(person.hair, 0.3))
    rings = [ring_of(40, rx, rx - 0.02, (0, -0.3), 130, 410) for rx in (0.54, 0.49, 0.44, 0.39)]
    _curls(canvas, person, np.vstack(rings), 0.055, person.seed)


def afro_front(canvas: Canvas, person: Person) -> None:
    """Draw an afro around the forehead."""
    face = canvas.stencil(face_path(person))
    band = joined(curve(FULL, closed=False), curve(HIGH, closed=False))
    canvas.fill(moved(band, 0, 0.035), shade_of(person.skin), 0.6, 0.025, face)
    canvas.fill(band, darker(person.hair, 0.2))
    rings = [
        ring_of(32, rx, ry, (0, -0.2), 172, 368)
        for rx, ry in ((0.42, 0.5), (0.385, 0.42), (0.355, 0.345), (0.335, 0.28))
    ]
    drops = np.array([(x, y) for x in (-0.37, -0.34, 0.34, 0.37) for y in (-0.14, -0.08, -0.02, 0.03)])
    _curls(canvas, person, np.vstack([*rings, drops]), 0.042, person.seed + 3)


def curly_back(canvas: Canvas, person: Person) -> None:
    """Draw shoulder-long curls behind the head."""
    canvas.fill(
        mirrored([(0, -0.66), (0.3, -0.58), (0.44, -0.3), (0.47, 0.1), (0.44, 0.42), (0.2, 0.5), (0, 0.5)]),
        darker(person.hair, 0.35),
    )
    dice = np.random.default_rng(person.seed)
    sides = np.stack([dice.choice([-1, 1], 210) * dice.uniform(0.31, 0.52, 210), dice.uniform(-0.35, 0.5, 210)], axis=1)
    rim = ring_of(24, 0.44, 0.44, (0, -0.25), 170, 370)
    _curls(canvas, person, np.vstack([sides, rim]), 0.052, person.seed + 2)


def curly_front(canvas: Canvas, person: Person) -> None:
    """Draw curls around the forehead."""
    face = canvas.stencil(face_path(person))
    band = joined(curve(FULL, closed=False), curve(HIGH, closed=False))
    canvas.fill(moved(band, 0, 0.03), shade_of(person.skin), 0.55, 0.022, face)
    canvas.fill(band, darker(person.hair, 0.25))
    rings = [
        ring_of(22, rx, ry, (0, -0.24), 184, 356) for rx, ry in ((0.42, 0.46), (0.39, 0.38), (0.35, 0.3), (0.31, 0.23))
    ]
    drops = np.array([(-0.36, -0.1), (-0.37, 0.0), (-0.38, 0.1), (0.36, -0.1), (0.37, 0.0), (0.38, 0.1)])
    _curls(canvas, person, np.vstack([*rings, drops]), 0.055, person.seed + 4)


def short_curls_front(canvas: Canvas, person: Person) -> None:
    """Draw short curls, close at the sides."""
    face = canvas.stencil(face_path(person))
    band = joined(curve(CLOSE, closed=False), curve(HIGH, closed=False))
    canvas.fill(moved(band, 0, 0.03), shade_of(person.skin), 0.5, 0.02, face)
    canvas.fill(band, darker(person.hair, 0.25))
    rings = [
        ring_of(24, rx, ry, (0, -0.26), 200, 340) for rx, ry in ((0.35, 0.46), (0.34, 0.39), (0.31, 0.31), (0.29, 0.25))
    ]
    _curls(canvas, person, np.vstack(rings), 0.046, person.seed + 4)
