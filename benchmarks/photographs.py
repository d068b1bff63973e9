"""Makes pictures as large and as hard to encode as photographs, each unlike all others, the same every time."""

from __future__ import annotations

import io
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

SEED = 20261122

_Pixels = np.ndarray[Any, np.dtype[np.int16]]


@dataclass(frozen=True, slots=True)
class Photograph:
    """What one picture shall be: a file without suffix, its size in pixels, and how it is encoded.

    ``grain`` is the noise of the sensor, in steps of 256. ``quality`` 0 means PNG. ``orientation`` is EXIF's, 1 to 8.
    """

    path: Path
    number: int
    width: int
    height: int
    grain: float
    quality: int
    orientation: int = 1

    def file(self) -> Path:
        """Where it is written."""
        return self.path.with_suffix(".jpg" if self.quality else ".png")


def phone_pictures(folder: Path, count: int) -> list[Photograph]:
    """What a team brings: 60 % from phones, 12 megapixels, many on the side; 20 % of 1024², 10 % of 512², 10 % PNG."""
    return [_brought(folder / f"contact-{number:06}", number) for number in range(count)]


def _brought(path: Path, number: int) -> Photograph:
    kind, variety = number % 10, number // 10
    if kind < 6:
        way = (1, 6, 8, 3)[number % 4]
        return Photograph(path, number, 4000, 3000, 7 + variety % 3 * 3, 80 + variety % 4, way)
    if kind < 8:
        return Photograph(path, number, 1024, 1024, 8, 88)
    if kind == 8:
        return Photograph(path, number, 512, 512, 8, 88)
    side = 512 + 256 * (variety % 3)
    return Photograph(path, number, side, side, 1, 0)


def small_pictures(folder: Path, count: int, every: int) -> list[Photograph]:
    """A picture of the recommended size, some 40 kB, for every so-manieth contact."""
    return [Photograph(folder / f"contact-{n:06}", n, 512, 512, 3, 85) for n in range(0, count, every)]


def make(wanted: Iterable[Photograph]) -> None:
    """Writes the pictures, on all cores."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for _ in pool.map(write, wanted, chunksize=8):
            pass


def write(wanted: Photograph) -> None:
    """Draws and encodes one picture: the detail is that of its size, the large forms are its own."""
    chance = np.random.default_rng([SEED, wanted.number])
    forms = _layer(wanted.width, wanted.height, 6, chance)
    pixels = _detail(wanted.width, wanted.height, wanted.grain) + forms
    image = Image.fromarray(np.clip(pixels + 127, 0, 255).astype(np.uint8))
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif[0x0112] = wanted.orientation
    out = io.BytesIO()
    if wanted.quality:
        image.save(out, "JPEG", quality=wanted.quality, exif=exif)
    else:
        image.save(out, "PNG", compress_level=6)
    wanted.file().write_bytes(out.getvalue())


@lru_cache(maxsize=1)
def _detail(width: int, height: int, grain: float) -> _Pixels:
    """Structure at several scales, and grain, about 0."""
    chance = np.random.default_rng([SEED, width, height, int(grain)])
    fine = _layer(width, height, 30, chance) // 3 + _layer(width, height, 120, chance) // 9
    noise = chance.standard_normal((height, width, 1), np.float32) * grain
    drawn = Image.fromarray(np.clip(fine + noise + 127, 0, 255).astype(np.uint8))
    return np.asarray(drawn.filter(ImageFilter.GaussianBlur(0.6))).astype(np.int16) - np.int16(127)


def _layer(width: int, height: int, cells: int, chance: np.random.Generator) -> _Pixels:
    """Soft patches of random colours, ``cells`` side by side, from about -100 to 100."""
    coarse = chance.integers(28, 228, (max(2, height * cells // width), cells, 3), np.uint8)
    drawn = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(drawn).astype(np.int16) - np.int16(127)
