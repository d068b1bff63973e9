"""Hair and beards by style: what is drawn behind the head, and what is drawn before it.

Every style is a row of `BEHIND` or `BEFORE`; an unknown style is a KeyError, never a silent bald head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from canvas import Canvas, Linear, Points, curve, darker, ellipse, lighter, mirrored, moved
from curls import afro_back, afro_front, curly_back, curly_front, ring_of, short_curls_front
from faces import Person, face_path
from headwear import beanie, scarf_back, scarf_front, straw_hat_back, straw_hat_front, turban
from strands import (
    BOB,
    CAP,
    CLOSE,
    FRINGE,
    FULL,
    HIGH,
    INNER_BOB,
    INNER_LONG,
    INNER_WAVY,
    LONG,
    MIDDLE_PART,
    RECEDED,
    SIDE_PART,
    SWEEP,
    SWEPT,
    WAVY,
    back,
    cap,
    hair_paint,
    side_locks,
    strands,
)


def _bun_back(canvas: Canvas, person: Person) -> None:
    back(canvas, person, CAP)
    bun = ellipse(0.02, -0.76, 0.17, 0.15)
    canvas.fill(bun, hair_paint(person.hair))
    within = canvas.stencil(bun)
    for radius in (0.03, 0.07, 0.11):
        strands(
            canvas,
            ring_of(40, radius, radius, (0.02, -0.76), 0, 330),
            ring_of(40, radius + 0.05, radius + 0.04, (0.02, -0.76), 20, 350),
            person.hair,
            within,
            person.seed,
            16,
        )
    canvas.fill(ellipse(-0.04, -0.82, 0.06, 0.03, -25), lighter(person.hair, 0.6), 0.35, 0.02, within)


def _braid_over(canvas: Canvas, person: Person) -> None:
    """A thick plait over one shoulder."""
    for i in range(9):
        y, x = 0.2 + i * 0.082, 0.36 - 0.012 * i + 0.012 * np.sin(i)
        size = 0.088 - 0.0035 * i
        for side in (1, -1):
            part = ellipse(float(x) + side * 0.032, y, 0.048, size, side * 34)
            canvas.fill(moved(part, 0.01, 0.02), "#1a1026", 0.22, 0.012)
            canvas.fill(
                part,
                Linear(
                    (x - 0.08, y - 0.06),
                    (x + 0.08, y + 0.06),
                    (lighter(person.hair, 0.24), person.hair, darker(person.hair, 0.4)),
                ),
            )
    canvas.fill(ellipse(0.27, 0.955, 0.05, 0.026), person.trim)
    canvas.fill(curve([(0.23, 0.96), (0.31, 0.96), (0.29, 1.08), (0.26, 1.12), (0.235, 1.06)]), hair_paint(person.hair))


def draw_beard(canvas: Canvas, person: Person) -> None:
    """Draw a beard below the mouth's place: `full`, `long`, `stubble` or `moustache`; nothing if there is none."""
    if person.beard is None:
        return
    tone, jaw = person.hair if person.beard != "white" else "#e9e4dc", person.jaw
    drop = {"long": 0.2, "white": 0.1, "full": 0.05}.get(person.beard, 0.005)
    line = mirrored(
        [
            (0, 0.104),
            (0.06, 0.107),
            (0.13, 0.135),
            (0.21, 0.12),
            (0.295, 0.0),
            (0.325, -0.06),
            (0.342, -0.02),
            (0.335 * (0.4 + 0.6 * jaw), 0.14),
            (0.255 * jaw, 0.27 + drop * 0.5),
            (0.13 * jaw, 0.345 + drop),
            (0, 0.36 + drop),
        ]
    )
    lip = curve([(-0.08, 0.2), (0, 0.225), (0.08, 0.2), (0.06, 0.235), (0, 0.25), (-0.06, 0.235)])
    if person.beard == "stubble":
        canvas.fill(line, darker(tone, 0.2), 0.42, 0.02, canvas.stencil(face_path(person)))
        return
    moustache = mirrored(
        [(0, 0.1), (0.05, 0.094), (0.105, 0.128), (0.145, 0.178), (0.1, 0.17), (0.05, 0.158), (0, 0.152)]
    )
    if person.beard == "moustache":
        canvas.fill(moustache, hair_paint(tone))
        return
    canvas.fill(moved(line, 0, 0.03), "#1a1026", 0.3, 0.03)
    canvas.fill(line, Linear((-0.25, 0.0), (0.25, 0.5), (lighter(tone, 0.12), tone, darker(tone, 0.35))), blur=0.004)
    within = canvas.stencil(line)
    for side in (-1, 1):
        first = curve(
            [(side * 0.31, -0.02), (side * 0.3, 0.15), (side * 0.2, 0.3 + drop), (side * 0.05, 0.37 + drop)],
            closed=False,
        )
        last = curve(
            [(side * 0.15, 0.13), (side * 0.14, 0.2), (side * 0.08, 0.27), (side * 0.01, 0.3 + drop)], closed=False
        )
        strands(canvas, first, last, tone, within, person.seed + side, 60)
    canvas.fill(lip, darker(tone, 0.4), 0.5, 0.01)
    canvas.fill(moustache, Linear((-0.1, 0.1), (0.12, 0.19), (lighter(tone, 0.14), darker(tone, 0.2))), blur=0.002)


Drawing = Callable[[Canvas, Person], None]


def _nothing(_canvas: Canvas, _person: Person) -> None:
    pass


def _cap_of(outer: Points, hairline: Points) -> Drawing:
    return lambda canvas, person: cap(canvas, person, outer, hairline)


def _back_of(half: Points) -> Drawing:
    return lambda canvas, person: back(canvas, person, half)


def _long_front(hairline: Points, half: Points, inner: Points) -> Drawing:
    def draw(canvas: Canvas, person: Person) -> None:
        side_locks(canvas, person, half, inner)
        cap(canvas, person, FULL, hairline)

    return draw


def _braided_front(canvas: Canvas, person: Person) -> None:
    cap(canvas, person, CLOSE, MIDDLE_PART)
    _braid_over(canvas, person)


def _hatted(canvas: Canvas, person: Person) -> None:
    side_locks(canvas, person, WAVY, INNER_WAVY)
    cap(canvas, person, FULL, MIDDLE_PART)
    straw_hat_front(canvas, person)


def _hatted_back(canvas: Canvas, person: Person) -> None:
    straw_hat_back(canvas)
    back(canvas, person, WAVY)


def _beanie_front(canvas: Canvas, person: Person) -> None:
    side_locks(canvas, person, BOB, INNER_BOB)
    cap(canvas, person, FULL, SWEEP)
    beanie(canvas, person)


BEHIND: Mapping[str, Drawing] = MappingProxyType(
    {
        "side part": _nothing,
        "quiff": _nothing,
        "receded": _nothing,
        "short curls": _nothing,
        "shaved": _nothing,
        "turban": _nothing,
        "pixie": _back_of(CAP),
        "long": _back_of(LONG),
        "wavy": _back_of(WAVY),
        "bob": _back_of(BOB),
        "fringe bob": _back_of(BOB),
        "bun": _bun_back,
        "braid": _back_of(CAP),
        "afro": afro_back,
        "curly": curly_back,
        "scarf": scarf_back,
        "straw hat": _hatted_back,
        "beanie": _back_of(BOB),
    }
)
"""What is drawn behind the head, by style."""

BEFORE: Mapping[str, Drawing] = MappingProxyType(
    {
        "side part": _cap_of(CLOSE, SIDE_PART),
        "quiff": _cap_of(SWEPT, HIGH),
        "receded": _cap_of(CLOSE, RECEDED),
        "short curls": short_curls_front,
        "shaved": _nothing,
        "turban": turban,
        "pixie": _cap_of(FULL, SWEEP),
        "long": _long_front(MIDDLE_PART, LONG, INNER_LONG),
        "wavy": _long_front(SIDE_PART, WAVY, INNER_WAVY),
        "bob": _long_front(SWEEP, BOB, INNER_BOB),
        "fringe bob": _long_front(FRINGE, BOB, INNER_BOB),
        "bun": _cap_of(CLOSE, MIDDLE_PART),
        "braid": _braided_front,
        "afro": afro_front,
        "curly": curly_front,
        "scarf": scarf_front,
        "straw hat": _hatted,
        "beanie": _beanie_front,
    }
)
"""What is drawn before the head, by style."""
