"""Small things people wear on the face and the neck: glasses, earrings, a chain. It never draws the face."""

from __future__ import annotations

import numpy as np
from canvas import Canvas, Linear, Path, ellipse, mirrored, moved, ribbon
from faces import Person


def _ring(shape: Path, thickness: float, centre: tuple[float, float]) -> Path:
    spread = np.abs(shape - centre).max()
    inner = (shape - centre) * (1 - thickness / spread) + centre
    return np.vstack([shape, shape[:1], inner[:1], inner[::-1]])


def draw_glasses(canvas: Canvas, person: Person) -> None:
    """Draw glasses (`round` or `square`), nothing if there are none."""
    if person.glasses is None:
        return
    frame = "#2a2328" if person.glasses == "square" else "#8a5a2b"
    thick = 0.016 if person.glasses == "square" else 0.011
    for side in (-1, 1):
        centre = (side * 0.14, -0.078)
        angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
        power = 0.5 if person.glasses == "square" else 1.0
        unit = np.stack(
            [
                np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power,
                np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power,
            ],
            axis=1,
        )
        lens = unit * ((0.112, 0.085) if person.glasses == "square" else (0.106, 0.1)) + centre
        canvas.fill(moved(_ring(lens, thick, centre), 0.004, 0.014), "#1a1026", 0.28, 0.008)
        canvas.fill(lens, Linear((centre[0] - 0.1, -0.18), (centre[0] + 0.1, 0.02), ("#ffffff", "#cfe3f0")), 0.1)
        glare = np.array([(-0.07, -0.075), (-0.035, -0.085), (-0.075, 0.03), (-0.092, 0.0)]) + centre
        canvas.fill(glare, "#ffffff", 0.28, 0.004, canvas.stencil(lens))
        canvas.fill(_ring(lens, thick, centre), frame)
        canvas.fill(ribbon([(side * 0.245, -0.1), (side * 0.3, -0.1), (side * 0.338, -0.085)], (thick, thick)), frame)
    canvas.fill(ribbon([(-0.036, -0.09), (0, -0.106), (0.036, -0.09)], (thick, thick)), frame)


def draw_earrings(canvas: Canvas, person: Person) -> None:
    """Draw `hoops` or `studs` if the person wears them."""
    for side in (-1, 1):
        if "hoops" in person.extras:
            hoop = ellipse(side * 0.352, 0.135, 0.052, 0.062)
            canvas.fill(
                _ring(hoop, 0.014, (side * 0.352, 0.135)),
                Linear((-0.4, 0.07), (0.4, 0.2), ("#ffe9a8", "#d9a441", "#a9752a")),
            )
        if "studs" in person.extras:
            canvas.fill(
                ellipse(side * 0.342, 0.062, 0.018, 0.018), Linear((-0.36, 0.05), (0.36, 0.08), ("#ffffff", "#d8c7a0"))
            )
    if "bindi" in person.extras:
        canvas.fill(ellipse(0, -0.215, 0.014, 0.014), "#b3122f")


def draw_necklace(canvas: Canvas, person: Person) -> None:
    """Draw a fine chain with a pendant, or nothing."""
    if "necklace" in person.extras:
        chain = [(-0.16, 0.47), (-0.1, 0.6), (0, 0.675), (0.1, 0.6), (0.16, 0.47)]
        canvas.fill(ribbon(chain, (0.007, 0.007)), "#e8c36a")
        canvas.fill(
            mirrored([(0, 0.665), (0.02, 0.69), (0, 0.722)]),
            Linear((-0.02, 0.66), (0.02, 0.72), ("#ffe9a8", "#c58d2f")),
        )
