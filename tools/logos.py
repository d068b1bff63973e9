"""Marks of companies: strong geometry on transparency, without letters; it never draws on a background."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from canvas import Canvas, Linear, Paint, Path, curve, ellipse, joined, moved, ribbon
from PIL import Image


@dataclass(frozen=True, slots=True)
class Mark:
    """A transparent picture: colours multiplied by their coverage, and the coverage (both as canvases)."""

    colours: Canvas
    coverage: Canvas

    @staticmethod
    def blank(width: int, height: int) -> Mark:
        """Make a wholly transparent picture whose short side goes from -1 to 1."""
        mark = Mark(Canvas.blank(width, height), Canvas.blank(width, height))
        mark.colours.pixels[...] = 0
        mark.coverage.pixels[...] = 0
        return mark

    def fill(self, path: Path, paint: Paint) -> None:
        """Lay a shape over the mark."""
        self.colours.fill(path, paint)
        self.coverage.fill(path, "#ffffff")

    def cut(self, path: Path) -> None:
        """Take a shape out of the mark."""
        self.colours.fill(path, "#000000")
        self.coverage.fill(path, "#000000")

    def image(self) -> Image.Image:
        """Give the picture as RGBA."""
        alpha = self.coverage.pixels[..., :1]
        colours = np.where(alpha > 0, self.colours.pixels / np.maximum(alpha, 1e-6), 0)
        both = np.concatenate([colours, alpha], axis=-1)
        return Image.fromarray(np.clip(both * 255 + 0.5, 0, 255).astype(np.uint8), "RGBA")


def _paper_mill(mark: Mark) -> None:
    """Three sheets fanned out under a sun."""
    mark.fill(ellipse(0.32, -0.48, 0.3, 0.3), Linear((0.1, -0.7), (0.5, -0.2), ("#ffd166", "#f7a531")))
    for shift, tones in (
        (0.36, ("#0f4c5c", "#0a3644")),
        (0.0, ("#1b7f8c", "#12606d")),
        (-0.36, ("#5fc3b8", "#2e9d97")),
    ):
        sheet = moved(np.array([(-0.86, 0.3), (0.0, -0.02), (0.86, 0.3), (0.0, 0.62)]), 0, shift * 0.7 + 0.08)
        mark.cut(moved(sheet, 0, 0.075))
        mark.fill(sheet, Linear((-0.8, 0), (0.8, 0.4), tones))


def _tidewater(mark: Mark) -> None:
    """Waves in a disc, each in an ink of the press."""
    mark.fill(ellipse(0, 0, 0.92, 0.92), Linear((-0.6, -0.8), (0.5, 0.8), ("#12355b", "#0b1f3a")))
    inside = mark.colours.stencil(ellipse(0, 0, 0.8, 0.8))
    for y, tone in ((-0.3, "#29b6d8"), (0.0, "#e84a8a"), (0.3, "#ffd23f"), (0.6, "#f6f4ee")):
        wave = [(x, y + 0.11 * float(np.sin(3.4 * x + 5 * y))) for x in np.linspace(-1.1, 1.1, 17)]
        mark.colours.fill(ribbon(wave, (0.17, 0.17)), tone, within=inside)
    mark.colours.fill(ellipse(0.3, -0.56, 0.12, 0.12), "#f6f4ee", within=inside)


def _north_pier(mark: Mark) -> None:
    """A cube of three stacked plates, seen from its corner."""
    for lift, (top, left, right) in (
        (0.5, ("#8a7bff", "#4a3fc4", "#362c96")),
        (0.0, ("#7fd1ff", "#2f86d6", "#2067ad")),
        (-0.5, ("#a7f3d0", "#34b98a", "#208a66")),
    ):
        plate = moved(np.array([(0, -0.33), (0.76, 0.0), (0, 0.33), (-0.76, 0.0)]), 0, lift - 0.1)
        side = moved(np.array([(-0.76, 0.0), (0, 0.33), (0, 0.54), (-0.76, 0.21)]), 0, lift - 0.1)
        mark.cut(moved(plate, 0, 0.29))
        mark.fill(side, left)
        mark.fill(side * (-1, 1), right)
        mark.fill(plate, Linear((-0.7, lift), (0.7, lift), (top, left)))


def _copperleaf(mark: Mark) -> None:
    """A leaf of two halves that is also a coffee bean."""
    spine = curve([(-0.62, 0.72), (-0.28, 0.2), (0.1, 0.05), (0.32, -0.3), (0.66, -0.72)], closed=False)
    upper = curve([(0.66, -0.72), (0.05, -0.76), (-0.52, -0.46), (-0.76, 0.1), (-0.62, 0.72)], closed=False)
    lower = curve([(0.66, -0.72), (0.8, -0.1), (0.5, 0.46), (-0.02, 0.74), (-0.62, 0.72)], closed=False)
    mark.fill(joined(spine, upper), Linear((-0.6, -0.6), (0.3, 0.3), ("#f2a673", "#c8693a", "#9c4421")))
    mark.fill(joined(spine, lower), Linear((0.7, -0.5), (-0.3, 0.7), ("#8a3b1e", "#4f2213")))
    mark.cut(
        ribbon([(-0.7, 0.82), (-0.28, 0.2), (0.1, 0.05), (0.32, -0.3), (0.72, -0.8)], (0.1, 0.07, 0.07, 0.06, 0.09))
    )


def _lantern(mark: Mark) -> None:
    """Three arrowheads that gather speed; twice as wide as high."""
    for x, tones in ((-1.0, ("#ffcf5c", "#ffb02e")), (0.0, ("#ff8f3f", "#f26a2e")), (1.0, ("#e5484d", "#b5264a"))):
        head = moved(
            np.array([(-0.62, -0.78), (-0.08, -0.78), (0.62, 0), (-0.08, 0.78), (-0.62, 0.78), (0.08, 0)]), x, 0
        )
        mark.fill(head, Linear((x - 0.5, -0.7), (x + 0.5, 0.7), tones))


@dataclass(frozen=True, slots=True)
class Logo:
    """A mark's drawing and its size in pixels."""

    draw: Callable[[Mark], None]
    size: tuple[int, int]

    def image(self) -> Image.Image:
        """Draw the mark; gives RGBA."""
        mark = Mark.blank(*self.size)
        self.draw(mark)
        return mark.image()


LOGOS: Mapping[str, Logo] = MappingProxyType(
    {
        "suppliers/bright-paper-mill": Logo(_paper_mill, (1024, 1024)),
        "suppliers/tidewater-print": Logo(_tidewater, (1200, 1200)),
        "suppliers/north-pier-hosting": Logo(_north_pier, (1024, 1024)),
        "suppliers/copperleaf-coffee": Logo(_copperleaf, (800, 800)),
        "suppliers/lantern-couriers": Logo(_lantern, (1600, 800)),
    }
)
"""Logos by the contact they belong to."""
