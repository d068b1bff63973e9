"""A canvas for drawings made of soft, layered shapes: curves, gradients, shadows and light.

It draws in scene units and knows nothing of faces or logos; it never reads or writes a file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Path: TypeAlias = NDArray[np.float64]
Pixels: TypeAlias = NDArray[np.float32]
Points: TypeAlias = Sequence[tuple[float, float]] | Path
Box: TypeAlias = tuple[int, int, int, int]

SUPERSAMPLING = 3
"""Polygons are drawn this many times larger and averaged: the smoothing of their edges."""
STEPS = 14
"""Segments that a curve has between two of its points."""
EMPTY_BOX = (0, 0, 0, 0)


def colour(code: str) -> Pixels:
    """Give the red, green and blue (0 to 1, shape (3,)) of a code such as `#c58a62`."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)], dtype=np.float32)


def blend(first: str, second: str, share: float) -> str:
    """Mix two colour codes: `share` 0 is the first, 1 the second."""
    mixed = colour(first) * (1 - share) + colour(second) * share
    return "#" + "".join(f"{round(float(v) * 255):02x}" for v in mixed)


def lighter(code: str, share: float = 0.2) -> str:
    """Mix a colour with a warm white."""
    return blend(code, "#fff6e8", share)


def darker(code: str, share: float = 0.25) -> str:
    """Mix a colour with a deep violet, as shadows are not black."""
    return blend(code, "#1a1026", share)


def curve(points: Points, closed: bool = True) -> Path:
    """Draw a smooth curve (Catmull-Rom) through points of shape (n, 2); gives shape (m, 2)."""
    knots = np.asarray(points, dtype=np.float64)
    if closed:
        knots = np.vstack([knots[-1:], knots, knots[:2]])
    else:
        knots = np.vstack([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    t = np.linspace(0, 1, STEPS, endpoint=False)[None, :, None]
    a, b, c, d = (knots[i : len(knots) - 3 + i, None, :] for i in range(4))
    run = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    flat = run.reshape(-1, 2)
    return flat if closed else np.vstack([flat, knots[-2:-1]])


def mirrored(half: Points) -> Path:
    """Close a smooth symmetric shape from its right half, which runs from the top to the bottom on x >= 0."""
    right = np.asarray(half, dtype=np.float64)
    left = right[::-1] * (-1, 1)
    return curve(np.vstack([right, left[left[:, 0] != 0]]))


def joined(*runs: Path) -> Path:
    """Join curves end to end, with corners where they meet."""
    return np.vstack(runs)


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0) -> Path:
    """Give an ellipse of centre (x, y), turned by `turn` degrees."""
    angle = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    local = np.stack([rx * np.cos(angle), ry * np.sin(angle)], axis=1)
    return moved(turned(local, turn), x, y)


def moved(path: Points, x: float, y: float) -> Path:
    """Move a path."""
    shifted: Path = np.asarray(path, dtype=np.float64) + np.array([x, y])
    return shifted


def turned(path: Path, degrees: float, about: tuple[float, float] = (0, 0)) -> Path:
    """Turn a path clockwise (y grows downwards)."""
    sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    centre = np.array(about)
    result: Path = (path - centre) @ np.array([[cos, sin], [-sin, cos]]) + centre
    return result


def ribbon(points: Points, widths: Sequence[float]) -> Path:
    """Give a stroke along a smooth curve, its width changing from point to point as a brush's does."""
    line = curve(points, closed=False)
    along = np.gradient(line, axis=0)
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / length[:, None]
    width = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(widths)), widths)[:, None] / 2
    return np.vstack([line + normal * width, (line - normal * width)[::-1]])


@dataclass(frozen=True, slots=True)
class Linear:
    """A gradient from one point to another; `stops` are colour codes at even distances."""

    start: tuple[float, float]
    end: tuple[float, float]
    stops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Radial:
    """A gradient around a centre up to `radius`; `stops` are colour codes at even distances."""

    centre: tuple[float, float]
    radius: float
    stops: tuple[str, ...]


Paint: TypeAlias = str | Linear | Radial


@dataclass(frozen=True, slots=True)
class Canvas:
    """Pixels (height, width, 3; 0 to 1) with the affine map from scene units to them."""

    pixels: Pixels
    scale: float
    matrix: NDArray[np.float64]

    @staticmethod
    def blank(width: int, height: int) -> Canvas:
        """Make a canvas whose origin is its middle and whose short side goes from -1 to 1."""
        scale = min(width, height) / 2
        matrix = np.array([[scale, 0, width / 2], [0, scale, height / 2]])
        return Canvas(np.ones((height, width, 3), dtype=np.float32), scale, matrix)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def placed(self, scale: float = 1, turn: float = 0, at: tuple[float, float] = (0, 0)) -> Canvas:
        """Give a view of the same pixels, scaled, turned by degrees about its origin, then moved to `at`."""
        sin, cos = math.sin(math.radians(turn)) * scale, math.cos(math.radians(turn)) * scale
        local = np.array([[cos, -sin, at[0]], [sin, cos, at[1]], [0, 0, 1]])
        return replace(self, scale=self.scale * scale, matrix=self.matrix @ local)

    def to_pixels(self, points: Points) -> Path:
        """Map scene points to pixels."""
        return np.asarray(points, dtype=np.float64) @ self.matrix[:, :2].T + self.matrix[:, 2]

    def cover(self, path: Path, blur: float = 0) -> tuple[Box, Pixels]:
        """Give the box (left, top, right, bottom) a shape touches and how much of each pixel it covers.

        `blur` is a standard deviation in scene units.
        """
        points = self.to_pixels(path)
        soft = blur * self.scale
        left, top = np.floor(points.min(axis=0) - 3 * soft - 1).astype(int)
        right, bottom = np.ceil(points.max(axis=0) + 3 * soft + 1).astype(int)
        width, height = self.size
        # Blurred shapes keep a margin outside the picture, so that the picture's border does not show in them.
        margin = math.ceil(3 * soft)
        drawn = (max(left, -margin), max(top, -margin), min(right, width + margin), min(bottom, height + margin))
        if drawn[2] <= drawn[0] or drawn[3] <= drawn[1]:
            return EMPTY_BOX, np.zeros((0, 0), dtype=np.float32)
        times = SUPERSAMPLING if soft < 3 else 1
        shape = ((drawn[2] - drawn[0]) * times, (drawn[3] - drawn[1]) * times)
        mask = Image.new("L", (int(shape[0]), int(shape[1])))
        local = (points - drawn[:2]) * times
        ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in local], fill=255)
        if times > 1:
            mask = mask.reduce(times)
        if soft:
            mask = mask.filter(ImageFilter.GaussianBlur(soft))
        box = (max(drawn[0], 0), max(drawn[1], 0), min(drawn[2], width), min(drawn[3], height))
        if box[2] <= box[0] or box[3] <= box[1]:
            return EMPTY_BOX, np.zeros((0, 0), dtype=np.float32)
        inner = np.asarray(mask, dtype=np.float32)[
            box[1] - drawn[1] : box[3] - drawn[1], box[0] - drawn[0] : box[2] - drawn[0]
        ]
        return (int(box[0]), int(box[1]), int(box[2]), int(box[3])), inner / np.float32(255)

    def stencil(self, *paths: Path) -> Pixels:
        """Give the union of shapes as a full-size mask (height, width; 0 to 1), to draw within."""
        mask = np.zeros(self.pixels.shape[:2], dtype=np.float32)
        for path in paths:
            (left, top, right, bottom), cover = self.cover(path)
            np.maximum(mask[top:bottom, left:right], cover, out=mask[top:bottom, left:right])
        return mask

    def fill(self, path: Path, paint: Paint, opacity: float = 1, blur: float = 0, within: Pixels | None = None) -> None:
        """Lay a shape over the picture; `blur` softens its edge, `within` is a stencil that bounds it."""
        (left, top, right, bottom), cover = self.cover(path, blur)
        if right <= left:
            return
        share = cover * np.float32(opacity)
        if within is not None:
            share = share * within[top:bottom, left:right]
        under = self.pixels[top:bottom, left:right]
        under += (self._paint(paint, (left, top, right, bottom)) - under) * share[..., None]

    def rim(self, path: Path, shift: tuple[float, float], paint: Paint, opacity: float, blur: float) -> None:
        """Light or shade the edge of a shape: what a copy moved by `shift` leaves uncovered within it."""
        left, top, right, bottom = box = self.cover(path)[0]
        shifted = np.zeros(self.pixels.shape[:2], dtype=np.float32)
        (x0, y0, x1, y1), cover = self.cover(moved(path, *shift), blur)
        shifted[y0:y1, x0:x1] = cover
        share = (self.stencil(path) * (1 - shifted))[top:bottom, left:right] * np.float32(opacity)
        under = self.pixels[top:bottom, left:right]
        under += (self._paint(paint, box) - under) * share[..., None]

    def _paint(self, paint: Paint, box: Box) -> Pixels:
        if isinstance(paint, str):
            return colour(paint)
        left, top, right, bottom = box
        x = np.arange(left, right, dtype=np.float32)[None, :] + 0.5
        y = np.arange(top, bottom, dtype=np.float32)[:, None] + 0.5
        if isinstance(paint, Linear):
            start, end = self.to_pixels([paint.start, paint.end])
            way = end - start
            share = ((x - start[0]) * way[0] + (y - start[1]) * way[1]) / float(way @ way)
        else:
            centre = self.to_pixels([paint.centre])[0]
            share = np.hypot(x - centre[0], y - centre[1]) / (paint.radius * self.scale)
        stops = np.stack([colour(stop) for stop in paint.stops])
        places = np.linspace(0, 1, len(stops))
        channels = [np.interp(share, places, stops[:, i]) for i in range(3)]
        return np.stack(channels, axis=-1).astype(np.float32)

    def image(self, size: tuple[int, int]) -> Image.Image:
        """Give the picture as RGB of `size`; a fixed fine noise hides the steps of the gradients."""
        noise = np.random.default_rng(7).uniform(-0.5, 0.5, self.pixels.shape[:2]).astype(np.float32)
        levels = np.clip(self.pixels * 255 + noise[..., None] + 0.5, 0, 255).astype(np.uint8)
        drawn = Image.fromarray(levels, "RGB")
        return drawn if drawn.size == size else drawn.resize(size, Image.Resampling.BICUBIC)
