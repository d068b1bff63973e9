"""A person's neck, head and face, in layers of soft light; hair and clothes are drawn elsewhere.

Scene units: the picture's short side is 2 wide, the chin of an upright head is at y = 0.33, its crown at y = -0.58.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from canvas import (
    Canvas,
    Linear,
    Path,
    Pixels,
    Radial,
    blend,
    curve,
    darker,
    ellipse,
    joined,
    lighter,
    mirrored,
    moved,
    ribbon,
)


@dataclass(frozen=True, slots=True)
class Person:
    """How someone looks. Colours are codes; `jaw`, `neck`, `brow`, `nose`, `wide` (the mouth) are factors of the usual.

    `tilt` is in degrees, `turn` (how far the features look aside) in scene units; `trim` colours what is on the head.
    """

    skin: str
    hair: str
    style: str
    wear: str
    cloth: str
    accent: str
    backdrop: str
    air: tuple[str, ...]
    eyes: str = "#4a2f1f"
    lips: str | None = None
    mouth: str = "smile"
    beard: str | None = None
    glasses: str | None = None
    extras: tuple[str, ...] = ()
    jaw: float = 1.0
    neck: float = 1.0
    brow: float = 1.0
    tilt: float = 0.0
    trim: str = "#d9a441"
    turn: float = 0.0
    nose: float = 1.0
    wide: float = 1.0
    seed: int = 1


def face_path(person: Person) -> Path:
    """Give the outline of the face, ears not included."""
    jaw = person.jaw
    half = [(0, -0.58), (0.2, -0.54), (0.31, -0.38), (0.335, -0.16), (0.325, 0.0)]
    half += [(0.295 * (0.6 + 0.4 * jaw), 0.13), (0.215 * jaw, 0.25), (0.1 * jaw, 0.322), (0, 0.335)]
    return mirrored(half)


def shade_of(skin: str) -> str:
    """Give the colour of a skin in the shade: deeper and warmer, never grey."""
    return blend(blend(skin, "#7c2a1c", 0.32), "#2a0f24", 0.18)


def draw_neck(canvas: Canvas, person: Person) -> None:
    """Draw the neck and the upper chest, with the shadow that the head throws on them."""
    wide = 0.15 * person.neck
    neck = mirrored(
        [
            (0, 0.02),
            (wide, 0.1),
            (wide, 0.34),
            (wide * 1.08, 0.46),
            (wide * 1.3, 0.54),
            (0.22, 0.64),
            (0.22, 1.0),
            (0, 1.1),
        ]
    )
    shade = shade_of(person.skin)
    canvas.fill(neck, Linear((-0.2, 0.3), (0.3, 0.6), (person.skin, blend(person.skin, shade, 0.35))))
    within = canvas.stencil(neck)
    canvas.fill(moved(face_path(person), 0.02, 0.1), shade, 0.62, 0.035, within)
    for side in (-1, 1):
        bone = ribbon([(side * 0.05, 0.69), (side * 0.13, 0.66), (side * 0.22, 0.645)], (0.012, 0.02, 0.004))
        canvas.fill(bone, shade, 0.35, 0.008, within)


def draw_head(canvas: Canvas, person: Person) -> Pixels:
    """Draw ears and the modelled face without its features; gives the face's stencil."""
    face, skin, shade = face_path(person), person.skin, shade_of(person.skin)
    if "covered ears" not in person.extras:
        for side in (-1, 1):
            ear = ellipse(side * 0.335, -0.02, 0.05, 0.088, side * 12)
            canvas.fill(
                ear, Linear((-0.3, -0.1), (0.35, 0.1), (blend(skin, "#e0705a", 0.12), blend(skin, shade, 0.45)))
            )
            canvas.fill(ellipse(side * 0.34, -0.02, 0.025, 0.055, side * 12), shade, 0.45, 0.01)
    canvas.fill(face, Linear((-0.3, -0.4), (0.35, 0.3), (lighter(skin, 0.1), skin, blend(skin, shade, 0.25))))
    within = canvas.stencil(face)
    canvas.rim(face, (-0.1, -0.05), shade, 0.5, 0.06)
    canvas.rim(face, (0.05, 0.03), lighter(skin, 0.6), 0.3, 0.03)
    canvas.fill(ellipse(-0.09, -0.33, 0.15, 0.1), lighter(skin, 0.55), 0.28, 0.06, within)
    for side in (-1, 1):
        blush = blend(skin, "#e2483d", 0.55)
        canvas.fill(ellipse(side * 0.195, 0.075, 0.075, 0.055), blush, 0.3, 0.035, within)
        canvas.fill(ellipse(side * 0.135, -0.105, 0.085, 0.05), shade, 0.2, 0.03, within)
    canvas.fill(ellipse(-0.18, 0.04, 0.05, 0.03, -20), lighter(skin, 0.6), 0.3, 0.02, within)
    canvas.fill(ellipse(0, 0.27, 0.07, 0.03), lighter(skin, 0.5), 0.16, 0.02, within)
    return within


def draw_features(canvas: Canvas, person: Person) -> None:
    """Draw brows, eyes, nose and mouth, and what belongs to them: freckles, lines, a bindi."""
    if "freckles" in person.extras:
        _freckles(canvas, person)
    if "lines" in person.extras:
        _lines(canvas, person)
    for side in (-1, 1):
        _brow(canvas, person, side)
        _eye(canvas, person, side)
    _nose(canvas, person)
    _mouth(canvas, person)


def _brow(canvas: Canvas, person: Person, side: int) -> None:
    hair = "#8b8680" if "lines" in person.extras else darker(person.hair, 0.25)
    if sum(int(hair[i : i + 2], 16) for i in (1, 3, 5)) > 330:
        hair = blend(hair, "#6b4a2c", 0.6)
    points = [
        (side * 0.064, -0.176),
        (side * 0.095, -0.19),
        (side * 0.135, -0.198),
        (side * 0.175, -0.193),
        (side * 0.208, -0.174),
    ]
    full = 0.025 * person.brow
    canvas.fill(ribbon(points, (full * 0.6, full, full, full * 0.75, 0.004)), hair, 0.88, 0.0035)


def _eye(canvas: Canvas, person: Person, side: int) -> None:
    x, y = side * 0.137, -0.085
    half = 0.062
    lid = [
        (x - half, y + 0.006),
        (x - half * 0.5, y - 0.026),
        (x, y - 0.034),
        (x + half * 0.5, y - 0.026),
        (x + half, y + 0.006),
    ]
    low = [
        (x + half, y + 0.006),
        (x + half * 0.45, y + 0.026),
        (x, y + 0.031),
        (x - half * 0.45, y + 0.026),
        (x - half, y + 0.006),
    ]
    shade = shade_of(person.skin)
    if "laughing eyes" in person.extras:
        arc = [
            (x - half, y + 0.012),
            (x - half * 0.5, y - 0.018),
            (x, y - 0.027),
            (x + half * 0.5, y - 0.018),
            (x + half, y + 0.012),
        ]
        canvas.fill(ribbon(arc, (0.006, 0.017, 0.02, 0.017, 0.006)), "#24140f", 0.95)
        return
    opening = joined(curve(lid, closed=False), curve(low, closed=False))
    canvas.fill(opening, "#f6f1ec")
    within = canvas.stencil(opening)
    canvas.fill(ellipse(x, y - 0.03, 0.07, 0.018), shade, 0.4, 0.008, within)
    iris = Radial((x, y), 0.036, (lighter(person.eyes, 0.25), person.eyes, darker(person.eyes, 0.6)))
    canvas.fill(ellipse(x, y - 0.003, 0.034, 0.034), iris, within=within)
    canvas.fill(ellipse(x, y - 0.003, 0.017, 0.017), "#120a08", within=within)
    canvas.fill(ellipse(x - 0.012, y - 0.014, 0.0085, 0.0085), "#ffffff", 0.95)
    canvas.fill(ellipse(x + 0.012, y + 0.01, 0.005, 0.005), "#ffffff", 0.4, 0.002)
    lash = [(x - half, y + 0.008), *lid[1:4], (x + half, y + 0.008)]
    widths = (0.009, 0.015, 0.017, 0.015, 0.011) if side > 0 else (0.011, 0.015, 0.017, 0.015, 0.009)
    canvas.fill(ribbon(lash, widths), "#24140f", 0.92)
    if "lashes" in person.extras:
        tip = x + side * half
        wing = ribbon(
            [(tip - side * 0.02, y - 0.012), (tip + side * 0.006, y - 0.006), (tip + side * 0.022, y - 0.02)],
            (0.012, 0.012, 0.002),
        )
        canvas.fill(wing, "#24140f", 0.92)
    crease = [(x - half * 0.85, y - 0.03), (x, y - 0.056), (x + half * 0.85, y - 0.03)]
    canvas.fill(ribbon(crease, (0.002, 0.008, 0.002)), shade, 0.55, 0.002)
    under = [(x - half * 0.7, y + 0.045), (x, y + 0.054), (x + half * 0.7, y + 0.042)]
    canvas.fill(ribbon(under, (0.002, 0.008, 0.002)), shade, 0.25, 0.004)


def _nose(canvas: Canvas, person: Person) -> None:
    shade = shade_of(person.skin)
    size = (person.nose, 1)
    side = curve([(0.012, -0.13), (0.03, -0.02), (0.062, 0.06), (0.03, 0.085), (0.005, 0.06), (0.008, -0.04)]) * size
    canvas.fill(side, shade, 0.42, 0.014)
    canvas.fill(
        ribbon([(-0.008, -0.14), (-0.012, -0.04), (-0.008, 0.03)], (0.004, 0.02, 0.024)),
        lighter(person.skin, 0.65),
        0.4,
        0.009,
    )
    canvas.fill(ellipse(-0.008, 0.038, 0.02, 0.016), lighter(person.skin, 0.8), 0.5, 0.008)
    base = [
        (-0.056, 0.055),
        (-0.042, 0.079),
        (-0.016, 0.076),
        (0.004, 0.086),
        (0.024, 0.076),
        (0.048, 0.079),
        (0.06, 0.055),
    ]
    canvas.fill(
        ribbon(np.asarray(base) * size, (0.002, 0.011, 0.011, 0.013, 0.012, 0.013, 0.003)),
        darker(shade, 0.15),
        0.72,
        0.003,
    )


def _mouth(canvas: Canvas, person: Person) -> None:
    skin, shade = person.skin, shade_of(person.skin)
    lips = person.lips or blend(skin, "#b4453f", 0.45)
    wide = 0.105 * person.wide
    if person.mouth == "grin":
        _grin(canvas, lips, wide)
    else:
        lift = 0.01 if person.mouth == "smile" else 0.0
        seam = [(-wide, 0.166 - lift), (-0.05, 0.18), (0, 0.181 + lift / 2), (0.05, 0.18), (wide, 0.166 - lift)]
        top = [
            (-wide, 0.164 - lift),
            (-0.045, 0.155),
            (-0.018, 0.149),
            (0, 0.154),
            (0.018, 0.149),
            (0.045, 0.155),
            (wide, 0.164 - lift),
        ]
        bottom = [(wide, 0.168 - lift), (0.055, 0.208), (0, 0.219), (-0.055, 0.208), (-wide, 0.168 - lift)]
        canvas.fill(joined(curve(top, closed=False), curve(seam[::-1], closed=False)), darker(lips, 0.14))
        canvas.fill(
            joined(curve(seam, closed=False), curve(bottom, closed=False)),
            Linear((-0.06, 0.18), (0.08, 0.22), (lips, darker(lips, 0.1))),
        )
        canvas.fill(ellipse(-0.015, 0.2, 0.04, 0.007), "#fff4ea", 0.35, 0.005)
        canvas.fill(ribbon(seam, (0.004, 0.01, 0.008, 0.01, 0.004)), darker(shade, 0.45), 0.85)
    for side in (-1, 1):
        fold = [(side * 0.118, 0.146), (side * 0.126, 0.158), (side * 0.12, 0.172)]
        canvas.fill(ribbon(fold, (0.003, 0.011, 0.003)), shade, 0.65, 0.004)
    canvas.fill(ellipse(0, 0.258, 0.06, 0.01), shade, 0.3, 0.01)


def _grin(canvas: Canvas, lips: str, wide: float) -> None:
    upper = [(-wide, 0.15), (-wide * 0.5, 0.168), (0, 0.174), (wide * 0.5, 0.168), (wide, 0.15)]
    lower = [(wide, 0.15), (wide * 0.72, 0.198), (0, 0.232), (-wide * 0.72, 0.198), (-wide, 0.15)]
    outer = [(wide, 0.149), (wide * 0.78, 0.205), (0, 0.25), (-wide * 0.78, 0.205), (-wide, 0.149)]
    top = [
        (-wide, 0.149),
        (-wide * 0.45, 0.154),
        (-wide * 0.16, 0.152),
        (0, 0.157),
        (wide * 0.16, 0.152),
        (wide * 0.45, 0.154),
        (wide, 0.149),
    ]
    rim = joined(curve(top, closed=False), curve(outer, closed=False))
    canvas.fill(rim, Linear((0, 0.15), (0, 0.25), (darker(lips, 0.1), lips, lighter(lips, 0.18))))
    opening = joined(curve(upper, closed=False), curve(lower, closed=False))
    canvas.fill(opening, "#571a20")
    within = canvas.stencil(opening)
    canvas.fill(ellipse(0, 0.236, wide * 0.5, 0.022), "#c9645f", 0.9, 0.006, within)
    edge = [(wide, 0.148), (wide * 0.6, 0.188), (0, 0.207), (-wide * 0.6, 0.188), (-wide, 0.148)]
    teeth = joined(curve(upper, closed=False), curve(edge, closed=False))
    canvas.fill(teeth, Linear((-0.1, 0.16), (0.12, 0.19), ("#fffdf8", "#f0e7dd")), within=within)
    canvas.fill(ribbon(upper, (0.004, 0.012, 0.014, 0.012, 0.004)), "#3c1016", 0.3, 0.005, within)
    canvas.fill(ellipse(-0.012, 0.241, 0.034, 0.005), "#fff4ea", 0.4, 0.004)


def _freckles(canvas: Canvas, person: Person) -> None:
    dice = np.random.default_rng(person.seed)
    tone = blend(person.skin, "#a3552b", 0.7)
    for _ in range(70):
        x, y = float(dice.normal(0, 0.13)), float(dice.normal(0.02, 0.035))
        if abs(x) < 0.27:
            canvas.fill(
                ellipse(x, y + 0.1 * x * x, *(dice.uniform(0.003, 0.0065, 2))),
                tone,
                float(dice.uniform(0.3, 0.65)),
                0.001,
            )


def _lines(canvas: Canvas, person: Person) -> None:
    shade = shade_of(person.skin)
    for side in (-1, 1):
        cheek = [(side * 0.07, 0.06), (side * 0.118, 0.1), (side * 0.14, 0.15)]
        canvas.fill(ribbon(cheek, (0.003, 0.012, 0.004)), shade, 0.45, 0.005)
        for drop in (-0.02, 0.0, 0.022):
            ray = [
                (side * 0.218, -0.08 + drop),
                (side * 0.24, -0.083 + drop * 1.5),
                (side * 0.262, -0.085 + drop * 2.4),
            ]
            canvas.fill(ribbon(ray, (0.003, 0.007, 0.002)), shade, 0.4, 0.002)
    for y in (-0.3, -0.345):
        canvas.fill(
            ribbon([(-0.13, y + 0.008), (0, y - 0.004), (0.14, y + 0.008)], (0.002, 0.008, 0.002)), shade, 0.3, 0.003
        )
