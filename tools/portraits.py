"""A whole portrait: backdrop, hair, clothes, head and what is worn, layer upon layer."""

from __future__ import annotations

from accessories import draw_earrings, draw_glasses, draw_necklace
from backdrops import BACKDROPS
from canvas import Canvas
from clothes import WEAR
from faces import Person, draw_features, draw_head, draw_neck
from hair import BEFORE, BEHIND, draw_beard

PIVOT = 0.42
"""The height about which a head tilts: the base of the neck."""


def draw_portrait(canvas: Canvas, person: Person, scale: float = 1.16, at: tuple[float, float] = (0.0, 0.17)) -> None:
    """Draw a person and the backdrop; `scale` and `at` place the person within the picture."""
    BACKDROPS[person.backdrop](canvas, person.air, person.seed)
    figure = canvas.placed(scale, at=at)
    body = figure.placed(at=(0, -0.065))
    head = figure.placed(at=(0, PIVOT)).placed(turn=person.tilt).placed(at=(0, -PIVOT))
    BEHIND[person.style](head, person)
    draw_neck(body, person)
    draw_necklace(body, person)
    WEAR[person.wear](body, person)
    draw_head(head, person)
    draw_beard(head.placed(at=(person.turn * 0.6, 0)), person)
    draw_features(head.placed(at=(person.turn, 0)), person)
    draw_earrings(head, person)
    BEFORE[person.style](head, person)
    draw_glasses(head.placed(at=(person.turn, 0)), person)
