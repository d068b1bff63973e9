"""Clothes by name. It never draws hair, a face or what is worn on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from canvas import (
    Canvas,
    Linear,
    Path,
    Pixels,
    Points,
    curve,
    darker,
    ellipse,
    joined,
    lighter,
    moved,
    ribbon,
)
from faces import Person

SHOULDERS = [(0.2, 0.5), (0.32, 0.585), (0.56, 0.66), (0.72, 0.76), (0.82, 0.98), (0.9, 1.5), (0.9, 2.4)]


def _torso(neckline: Points) -> Path:
    """Give a garment's outline; the neckline runs from the left to the right."""
    right = curve(SHOULDERS, closed=False)
    return joined(right, (right * (-1, 1))[::-1], curve(neckline, closed=False))


def _cloth(canvas: Canvas, shape: Path, tone: str) -> Pixels:
    canvas.fill(shape, Linear((-0.6, 0.5), (0.7, 1.5), (lighter(tone, 0.14), tone, darker(tone, 0.35))))
    within = canvas.stencil(shape)
    for side in (-1, 1):
        sleeve = [(side * 0.52, 1.5), (side * 0.535, 1.15), (side * 0.6, 0.92)]
        canvas.fill(ribbon(sleeve, (0.05, 0.03, 0.005)), darker(tone, 0.6), 0.4, 0.02, within)
        fold = [(side * 0.5, 0.98), (side * 0.36, 1.08), (side * 0.2, 1.1)]
        canvas.fill(ribbon(fold, (0.03, 0.03, 0.004)), darker(tone, 0.6), 0.25, 0.02, within)
    canvas.rim(shape, (0.04, 0.05), lighter(tone, 0.6), 0.3, 0.03)
    return within


def _crew(canvas: Canvas, person: Person) -> None:
    neckline = [(-0.2, 0.5), (-0.14, 0.6), (0, 0.655), (0.14, 0.6), (0.2, 0.5)]
    within = _cloth(canvas, _torso(neckline), person.cloth)
    canvas.fill(
        ribbon(moved(np.asarray(neckline), 0, 0.018), (0.05, 0.05)), darker(person.cloth, 0.2), 0.9, 0.002, within
    )
    canvas.fill(
        ribbon(moved(np.asarray(neckline), 0, 0.05), (0.01, 0.014, 0.01)), darker(person.cloth, 0.6), 0.4, 0.006, within
    )


def _striped(canvas: Canvas, person: Person) -> None:
    neckline = [(-0.2, 0.5), (-0.13, 0.575), (0, 0.61), (0.13, 0.575), (0.2, 0.5)]
    shape = _torso(neckline)
    canvas.fill(shape, person.cloth)
    within = canvas.stencil(shape)
    for i in range(11):
        y = 0.74 + i * 0.115
        canvas.fill(
            ribbon(
                [(-0.95, y - 0.05), (-0.45, y + 0.01), (0, y + 0.03), (0.45, y + 0.01), (0.95, y - 0.05)],
                (0.042, 0.042),
            ),
            person.accent,
            1,
            0,
            within,
        )
    canvas.rim(shape, (-0.14, -0.02), "#1a1026", 0.35, 0.1)
    for side in (-1, 1):
        canvas.fill(
            ribbon([(side * 0.52, 1.5), (side * 0.535, 1.15), (side * 0.6, 0.92)], (0.05, 0.03, 0.005)),
            "#1a1026",
            0.3,
            0.02,
            within,
        )


def _turtleneck(canvas: Canvas, person: Person) -> None:
    _cloth(canvas, _torso([(-0.2, 0.5), (0, 0.56), (0.2, 0.5)]), person.cloth)
    wide = 0.175 * person.neck
    collar = curve(
        [
            (-wide, 0.37),
            (0, 0.425),
            (wide, 0.37),
            (wide * 1.1, 0.5),
            (wide * 1.35, 0.58),
            (0, 0.64),
            (-wide * 1.35, 0.58),
            (-wide * 1.1, 0.5),
        ]
    )
    canvas.fill(moved(collar, 0.01, 0.03), "#1a1026", 0.3, 0.02)
    canvas.fill(
        collar,
        Linear((-0.2, 0.4), (0.22, 0.6), (lighter(person.cloth, 0.14), person.cloth, darker(person.cloth, 0.35))),
    )
    within = canvas.stencil(collar)
    for x in np.linspace(-0.2, 0.2, 13):
        canvas.fill(
            ribbon([(x * 0.85, 0.36), (x, 0.5), (x * 1.2, 0.66)], (0.008, 0.01, 0.008)),
            darker(person.cloth, 0.5),
            0.3,
            0.003,
            within,
        )
    canvas.fill(
        curve([(-wide, 0.33), (0, 0.4), (wide, 0.33), (wide, 0.4), (0, 0.47), (-wide, 0.4)]),
        "#1a1026",
        0.4,
        0.025,
        within,
    )


def _shirt(canvas: Canvas, person: Person) -> None:
    within = _cloth(canvas, _torso([(-0.2, 0.5), (-0.1, 0.66), (0, 0.79), (0.1, 0.66), (0.2, 0.5)]), person.cloth)
    canvas.fill(
        ribbon([(0.0, 0.78), (0.005, 1.2), (0.0, 1.6)], (0.055, 0.055)), lighter(person.cloth, 0.1), 0.7, 0.002, within
    )
    canvas.fill(
        ribbon([(0.03, 0.79), (0.035, 1.2), (0.03, 1.6)], (0.01, 0.01)), darker(person.cloth, 0.6), 0.35, 0.004, within
    )
    for y in (0.9, 1.12, 1.34):
        canvas.fill(ellipse(0.0, y, 0.015, 0.015), lighter(person.cloth, 0.7))
        canvas.fill(ellipse(0.002, y + 0.003, 0.008, 0.008), darker(person.cloth, 0.3), 0.6)
    _collar(canvas, person.cloth)


def _collar(canvas: Canvas, tone: str) -> None:
    for side in (-1, 1):
        wing = np.array(
            [(side * 0.165, 0.42), (side * 0.23, 0.53), (side * 0.2, 0.75), (side * 0.015, 0.775), (side * 0.09, 0.63)]
        )
        canvas.fill(moved(wing, 0.005, 0.025), "#1a1026", 0.35, 0.015)
        canvas.fill(wing, Linear((side * 0.2, 0.45), (side * 0.05, 0.78), (darker(tone, 0.06), lighter(tone, 0.25))))


def _blazer(canvas: Canvas, person: Person) -> None:
    _cloth(canvas, _torso([(-0.2, 0.5), (-0.13, 0.62), (0, 0.7), (0.13, 0.62), (0.2, 0.5)]), person.accent)
    right = curve(SHOULDERS, closed=False)
    for side in (1, -1):
        half = joined(right, np.array([(0.0, 2.4), (0.0, 1.36), (0.08, 1.1), (0.17, 0.75), (0.19, 0.54)])) * (side, 1)
        canvas.fill(
            moved(half, -side * 0.02, 0.02),
            "#1a1026",
            0.3,
            0.03,
            canvas.stencil(_torso([(-0.2, 0.5), (0, 0.7), (0.2, 0.5)])),
        )
        canvas.fill(
            half,
            Linear((-0.6, 0.5), (0.7, 1.4), (lighter(person.cloth, 0.16), person.cloth, darker(person.cloth, 0.35))),
        )
        within = canvas.stencil(half)
        sleeve = [(side * 0.52, 1.5), (side * 0.535, 1.15), (side * 0.6, 0.92)]
        canvas.fill(ribbon(sleeve, (0.05, 0.03, 0.005)), darker(person.cloth, 0.7), 0.4, 0.02, within)
        lapel = np.array(
            [
                (0.18, 0.5),
                (0.24, 0.56),
                (0.34, 0.76),
                (0.26, 0.78),
                (0.3, 0.86),
                (0.05, 1.3),
                (0.0, 1.36),
                (0.08, 1.1),
                (0.17, 0.75),
            ]
        ) * (side, 1)
        canvas.fill(moved(lapel, side * 0.012, 0.02), "#1a1026", 0.4, 0.014, within)
        canvas.fill(
            lapel,
            Linear((-0.3, 0.5), (0.3, 1.3), (lighter(person.cloth, 0.24), person.cloth, darker(person.cloth, 0.15))),
        )


def _shirt_blazer(canvas: Canvas, person: Person) -> None:
    _blazer(canvas, person)
    _collar(canvas, person.accent)


def _hoodie(canvas: Canvas, person: Person) -> None:
    neckline = [(-0.2, 0.5), (-0.14, 0.62), (0, 0.7), (0.14, 0.62), (0.2, 0.5)]
    _cloth(canvas, _torso(neckline), person.cloth)
    for side in (-1, 1):
        hood = curve(
            [
                (side * 0.16, 0.4),
                (side * 0.3, 0.46),
                (side * 0.38, 0.6),
                (side * 0.24, 0.76),
                (side * 0.02, 0.8),
                (side * 0.0, 0.7),
                (side * 0.13, 0.62),
            ]
        )
        canvas.fill(moved(hood, 0.01, 0.03), "#1a1026", 0.35, 0.022)
        canvas.fill(
            hood,
            Linear((side * 0.15, 0.45), (side * 0.25, 0.78), (lighter(person.cloth, 0.25), darker(person.cloth, 0.12))),
        )
        cord = [(side * 0.08, 0.76), (side * 0.095, 0.92), (side * 0.085, 1.08)]
        canvas.fill(ribbon(moved(np.asarray(cord), 0.008, 0.01), (0.02, 0.02)), "#1a1026", 0.3, 0.008)
        canvas.fill(ribbon(cord, (0.018, 0.018)), person.accent)
        canvas.fill(
            ribbon([*cord[-1:], (side * 0.085, 1.1), (side * 0.084, 1.13)], (0.024, 0.024)), darker(person.accent, 0.4)
        )


def _wrap(canvas: Canvas, person: Person) -> None:
    """A wrap dress or a sari's folded end: one shoulder to the other side."""
    neckline = [(-0.2, 0.5), (-0.13, 0.63), (0, 0.74), (0.13, 0.63), (0.2, 0.5)]
    _cloth(canvas, _torso(neckline), person.accent)
    right = curve(SHOULDERS, closed=False)
    edge = curve([(-0.62, 1.6), (-0.3, 1.2), (0.0, 0.84), (0.14, 0.66), (0.2, 0.5)], closed=False)
    fold = joined(right, np.array([(-0.7, 2.4)]), edge)
    canvas.fill(moved(fold, -0.02, 0.02), "#1a1026", 0.35, 0.025, canvas.stencil(_torso(neckline)))
    within = _cloth(canvas, fold, person.cloth)
    canvas.fill(joined(edge, (moved(edge, 0.07, 0.03))[::-1]), "#e9c46a", 0.95, 0.002, within)
    for shift in (0.13, 0.22, 0.33):
        canvas.fill(
            ribbon(moved(edge[::12], shift, shift * 0.6), (0.012, 0.022, 0.012)),
            darker(person.cloth, 0.6),
            0.35,
            0.01,
            within,
        )


def _apron(canvas: Canvas, person: Person) -> None:
    _crew(canvas, person)
    bib = curve([(-0.3, 0.86), (0.3, 0.86), (0.36, 1.3), (0.45, 1.9), (-0.45, 1.9), (-0.36, 1.3)])
    for side in (-1, 1):
        strap = [(side * 0.27, 0.9), (side * 0.25, 0.72), (side * 0.21, 0.56)]
        canvas.fill(ribbon(strap, (0.06, 0.055)), person.accent)
    canvas.fill(moved(bib, 0, 0.02), "#1a1026", 0.3, 0.02)
    canvas.fill(bib, Linear((-0.3, 0.85), (0.4, 1.6), (lighter(person.accent, 0.12), darker(person.accent, 0.2))))


Dressing = Callable[[Canvas, Person], None]
WEAR: Mapping[str, Dressing] = MappingProxyType(
    {
        "crew": _crew,
        "striped": _striped,
        "turtleneck": _turtleneck,
        "shirt": _shirt,
        "blazer": _blazer,
        "shirt and blazer": _shirt_blazer,
        "hoodie": _hoodie,
        "wrap": _wrap,
        "apron": _apron,
    }
)
"""Garments by name; an unknown one is a KeyError."""
