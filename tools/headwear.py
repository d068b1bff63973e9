"""Scarves, turbans and hats; it never draws the hair below them."""

from __future__ import annotations

import numpy as np
from canvas import Canvas, Linear, curve, darker, ellipse, joined, lighter, mirrored, moved, ribbon
from faces import Person, face_path, shade_of


def scarf_back(canvas: Canvas, person: Person) -> None:
    """Draw the part of a headscarf that is behind the head."""
    canvas.fill(
        mirrored([(0, -0.7), (0.28, -0.64), (0.42, -0.4), (0.45, -0.05), (0.48, 0.35), (0.5, 0.6), (0, 0.7)]),
        darker(person.trim, 0.25),
    )


def scarf_front(canvas: Canvas, person: Person) -> None:
    """Draw a headscarf around the face and its drape over the chest."""
    tone, shade = person.trim, darker(person.trim, 0.45)
    opening = mirrored(
        [(0, -0.435), (0.17, -0.4), (0.27, -0.26), (0.3, -0.05), (0.28, 0.11), (0.2, 0.25), (0.09, 0.325), (0, 0.338)]
    )
    around = mirrored(
        [(0, -0.7), (0.27, -0.64), (0.41, -0.42), (0.44, -0.08), (0.43, 0.2), (0.36, 0.46), (0.2, 0.6), (0, 0.62)]
    )
    drape = curve(
        [
            (-0.4, 0.22),
            (-0.2, 0.4),
            (0.1, 0.44),
            (0.4, 0.2),
            (0.47, 0.4),
            (0.6, 0.62),
            (0.66, 0.82),
            (0.45, 0.98),
            (0.1, 1.02),
            (-0.3, 0.96),
            (-0.62, 0.84),
            (-0.58, 0.62),
            (-0.47, 0.42),
        ]
    )
    canvas.fill(moved(drape, 0.01, 0.04), "#1a1026", 0.35, 0.04)
    canvas.fill(drape, Linear((-0.5, 0.3), (0.5, 1.0), (lighter(tone, 0.1), tone, darker(tone, 0.28))))
    within = canvas.stencil(drape)
    for i, end in enumerate((0.95, 0.86, 0.76, 0.66)):
        fold = [(-0.42 - 0.02 * i, 0.3 + 0.04 * i), (-0.15, 0.5 + 0.07 * i), (0.2, 0.56 + 0.08 * i), (0.55, end)]
        canvas.fill(ribbon(fold, (0.01, 0.045, 0.03, 0.01)), shade, 0.42, 0.014, within)
        canvas.fill(
            moved(ribbon(fold, (0.005, 0.025, 0.02, 0.005)), -0.01, -0.035), lighter(tone, 0.5), 0.25, 0.012, within
        )
    ring = np.vstack([around, around[:1], opening[:1], opening[::-1]])
    face = canvas.stencil(face_path(person))
    canvas.fill(moved(ring, 0.012, 0.03), shade_of(person.skin), 0.55, 0.018, face)
    canvas.fill(ring, Linear((-0.4, -0.5), (0.4, 0.5), (lighter(tone, 0.22), tone, darker(tone, 0.3))))
    within = canvas.stencil(ring)
    for grow, strength in ((1.06, 0.35), (1.17, 0.3), (1.27, 0.25)):
        line = moved(opening * (grow, grow), 0, -0.02)
        canvas.fill(ribbon(line[60:120:9], (0.005, 0.02, 0.022, 0.008)), shade, strength, 0.008, within)
        canvas.fill(ribbon(line[4:70:9], (0.005, 0.018, 0.018, 0.004)), shade, strength, 0.008, within)
    canvas.fill(
        ribbon([(-0.3, -0.42), (-0.16, -0.56), (0.04, -0.6)], (0.01, 0.08, 0.01)),
        lighter(tone, 0.7),
        0.35,
        0.03,
        within,
    )
    canvas.rim(around, (0.03, 0.03), lighter(tone, 0.6), 0.25, 0.02)


def turban(canvas: Canvas, person: Person) -> None:
    """Draw a turban with its folds."""
    tone, shade = person.trim, darker(person.trim, 0.5)
    shape = curve(
        [
            (-0.375, -0.02),
            (-0.43, -0.28),
            (-0.45, -0.5),
            (-0.33, -0.74),
            (0.0, -0.83),
            (0.33, -0.74),
            (0.45, -0.5),
            (0.43, -0.28),
            (0.375, -0.02),
        ],
        closed=False,
    )
    low = curve(
        [(0.345, -0.06), (0.29, -0.22), (0.16, -0.345), (0.0, -0.4), (-0.16, -0.345), (-0.29, -0.22), (-0.345, -0.06)],
        closed=False,
    )
    whole = joined(shape, low)
    canvas.fill(moved(whole, 0.01, 0.035), shade_of(person.skin), 0.6, 0.022, canvas.stencil(face_path(person)))
    canvas.fill(whole, Linear((-0.35, -0.8), (0.4, -0.1), (lighter(tone, 0.18), tone, darker(tone, 0.3))))
    within = canvas.stencil(whole)
    for side in (-1, 1):
        for i in range(5):
            rise = 0.086 * i
            fold = [
                (side * (0.38 + 0.012 * i), -0.1 - rise),
                (side * 0.24, -0.335 - rise * 0.95),
                (-side * 0.03, -0.44 - rise * 0.9),
            ]
            canvas.fill(ribbon(fold, (0.012, 0.035, 0.008)), shade, 0.5, 0.01, within)
            canvas.fill(
                moved(ribbon(fold, (0.006, 0.026, 0.004)), -0.004, -0.034), lighter(tone, 0.6), 0.3, 0.01, within
            )
    canvas.rim(whole, (-0.07, 0.0), shade, 0.4, 0.06)


def beanie(canvas: Canvas, person: Person) -> None:
    """Draw a knitted hat."""
    tone = person.trim
    dome = joined(
        curve(
            [(-0.385, -0.3), (-0.37, -0.5), (-0.24, -0.7), (0, -0.77), (0.24, -0.7), (0.37, -0.5), (0.385, -0.3)],
            closed=False,
        ),
        curve([(0.36, -0.29), (0, -0.32), (-0.36, -0.29)], closed=False),
    )
    cuff = joined(
        curve([(-0.395, -0.42), (-0.2, -0.46), (0, -0.47), (0.2, -0.46), (0.395, -0.42)], closed=False),
        curve([(0.392, -0.235), (0.2, -0.285), (0, -0.3), (-0.2, -0.285), (-0.392, -0.235)], closed=False),
    )
    canvas.fill(moved(cuff, 0.01, 0.04), shade_of(person.skin), 0.6, 0.025, canvas.stencil(face_path(person)))
    canvas.fill(dome, Linear((-0.3, -0.7), (0.4, -0.3), (lighter(tone, 0.16), tone, darker(tone, 0.35))))
    within = canvas.stencil(dome)
    for x in np.linspace(-0.36, 0.36, 15):
        canvas.fill(
            ribbon([(x * 0.35, -0.78), (x * 0.85, -0.62), (x, -0.4)], (0.006, 0.014, 0.016)),
            darker(tone, 0.5),
            0.4,
            0.004,
            within,
        )
    canvas.fill(moved(cuff, 0, -0.012), "#1a1026", 0.3, 0.012, within)
    canvas.fill(cuff, Linear((-0.35, -0.45), (0.4, -0.25), (lighter(tone, 0.24), tone, darker(tone, 0.3))))
    within = canvas.stencil(cuff)
    for x in np.linspace(-0.38, 0.38, 23):
        canvas.fill(
            ribbon([(x, -0.5), (x * 1.01, -0.36), (x, -0.22)], (0.008, 0.012, 0.008)),
            darker(tone, 0.5),
            0.4,
            0.004,
            within,
        )


def straw_hat_back(canvas: Canvas) -> None:
    """Draw the far brim of a straw hat."""
    canvas.fill(ellipse(0, -0.42, 0.76, 0.2), Linear((-0.6, -0.5), (0.6, -0.3), ("#c99f5c", "#a97c3d", "#8a6230")))


def straw_hat_front(canvas: Canvas, person: Person) -> None:
    """Draw the crown and the near brim of a straw hat."""
    straw = Linear((-0.4, -0.8), (0.45, -0.3), ("#f7e2ad", "#e8c580", "#c1934f"))
    face = canvas.stencil(face_path(person))
    canvas.fill(ellipse(0.02, -0.32, 0.5, 0.13), shade_of(person.skin), 0.55, 0.045, face)
    crown = joined(
        curve(
            [(-0.37, -0.4), (-0.36, -0.62), (-0.25, -0.8), (0, -0.84), (0.25, -0.8), (0.36, -0.62), (0.37, -0.4)],
            closed=False,
        ),
        curve([(0.2, -0.37), (0, -0.36), (-0.2, -0.37)], closed=False),
    )
    brim = joined(
        curve(
            [(-0.76, -0.43), (-0.45, -0.475), (-0.37, -0.47), (0.37, -0.47), (0.45, -0.475), (0.76, -0.43)],
            closed=False,
        ),
        curve([(0.62, -0.3), (0.33, -0.27), (0, -0.285), (-0.33, -0.27), (-0.62, -0.3)], closed=False),
    )
    canvas.fill(brim, straw)
    canvas.fill(crown, straw)
    within = canvas.stencil(crown, brim)
    for i in range(9):
        y = -0.82 + i * 0.045
        canvas.fill(
            ribbon([(-0.4, y + 0.03), (0, y), (0.4, y + 0.03)], (0.006, 0.008, 0.006)),
            "#9a6f35",
            0.3,
            0.002,
            canvas.stencil(crown),
        )
    for i in range(4):
        y = -0.43 + i * 0.035
        canvas.fill(
            ribbon(
                [(-0.76, y - 0.02), (-0.35, y + 0.02), (0, y + 0.01), (0.35, y + 0.02), (0.76, y - 0.02)],
                (0.004, 0.008, 0.008, 0.004),
            ),
            "#9a6f35",
            0.28,
            0.002,
            within,
        )
    band = joined(
        curve([(-0.375, -0.53), (0, -0.5), (0.375, -0.53)], closed=False),
        curve([(0.375, -0.4), (0, -0.365), (-0.375, -0.4)], closed=False),
    )
    canvas.fill(band, Linear((-0.3, -0.5), (0.35, -0.4), (lighter(person.trim, 0.12), darker(person.trim, 0.3))))
    canvas.rim(crown, (-0.1, 0), "#6e4a1e", 0.35, 0.06)
