"""Decodes a picture to the part that a thumbnail shows, coarsely, and hears every warning of the decoder.

A JPEG goes through simplejpeg in strict mode at a reduced scale, a PNG through Pillow and an averaging filter. Decoders
get the essence of the file alone. Nothing here knows about profiles, ways up or the thumbnail's encoding.
"""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contactsheet.anatomy import Anatomy, Finding, Refusal, damaged, essence, metadata_broken
from contactsheet.inflating import GREY, RGB
from contactsheet.stray import without_stray

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    Pixels = np.ndarray[Any, np.dtype[np.uint8]]

Box = tuple[float, float, float, float]

# A reduced decode leaves at least so much more than the thumbnail needs. libjpeg's reduction is a good filter; the
# averaging that PNG gets needs more left for the better one that comes after it.
JPEG_SURPLUS = 1.25
PNG_SURPLUS = 2.0
# So many eighths of a JPEG's width and height may be decoded. Seven would take longer than all of it.
_EIGHTHS = (1, 2, 3, 4, 5, 6, 8)

# So large is the gist of a picture: a multiple of 8 and of 9, the columns and rows that likeness is told by.
GIST_SIDE = 72
_SAMPLED = 4  # pixels a side of which one of the gist is the average

_STRIP_ROWS = 256  # of a PNG are converted at a time, so that a large one needs no second copy
_MAX_STRAYS = 4
_UNSUPPORTED = re.compile(r"not implemented|not supported|subsampling level|Unsupported (?:color|JPEG)")
_COLOURS = {1: "GRAY", 3: "RGB", 4: "CMYK"}  # of simplejpeg, by the number of channels
_MODES = {1: "L", 3: "RGB", 4: "CMYK"}  # of Pillow
_PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}
_STRAIGHT = {"La": "LA", "RGBa": "RGBA"}


@dataclass(frozen=True, slots=True)
class Coarse:
    """A decoded picture or part (L, RGB, CMYK, or premultiplied La, RGBa), and the ``box`` inside of it to be shown.

    ``gist`` is the whole picture as stored, whatever the box, squeezed into 72 x 72 pixels (L, RGB, CMYK, LA or RGBA).
    """

    image: Image.Image
    box: Box
    gist: Image.Image
    warning: Finding | None = None


def decode(data: bytes, anatomy: Anatomy, box: Box, ratio: float) -> Coarse:
    """Decode the ``box`` (left, top, right, bottom in stored pixels); ``ratio`` pixels go into one of the thumbnail.

    Raises Refusal for a damaged picture, and whatever Pillow raises.
    """
    from PIL import Image  # noqa: F401  (its absence is a fault of the installation, to be found before the picture)

    if anatomy.format == "JPEG":
        return _decode_jpeg(essence(data, anatomy), anatomy, box, ratio)
    return _decode_png(essence(data, anatomy), anatomy, box, max(1, int(ratio / PNG_SURPLUS)))


def _scaled(box: Box, scale: float, size: tuple[int, int]) -> Box:
    """A box of the stored picture in one that is reduced by ``scale`` to ``size``."""
    left, top, right, bottom = (edge / scale for edge in box)
    return left, top, min(right, size[0]), min(bottom, size[1])


def _sample(whole: Image.Image) -> Image.Image:
    """So many pixels of a picture that they show as much of it as all would; itself where it has no more."""
    from PIL.Image import Resampling

    side = _SAMPLED * GIST_SIDE
    return whole.resize((side, side), Resampling.NEAREST) if min(whole.size) > side else whole


def _gist(sample: Image.Image) -> Image.Image:
    from PIL.Image import Resampling

    gist = sample.resize((GIST_SIDE, GIST_SIDE), Resampling.BOX)
    return gist.convert(_STRAIGHT.get(gist.mode, gist.mode))


# --- JPEG ------------------------------------------------------------------------------------------------------------


def _decode_jpeg(jpeg: bytes, anatomy: Anatomy, box: Box, ratio: float) -> Coarse:
    from PIL import Image, ImageChops

    enough = next(eighths for eighths in _EIGHTHS if eighths == 8 or ratio * eighths / 8 >= JPEG_SURPLUS)
    pixels, warning = _strictly(jpeg, anatomy, enough)
    mode, size = _MODES[anatomy.components], (pixels.shape[1], pixels.shape[0])
    scale = 8 / round(8 * max(size) / max(anatomy.width, anatomy.height))  # no decoder gives less, some give more
    whole = Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1)
    if anatomy.components == 4 and anatomy.adobe:
        whole = ImageChops.invert(whole)  # Adobe stores ink inverted: 255 is none
    return Coarse(whole, _scaled(box, scale, size), _gist(_sample(whole)), warning)


def _strictly(jpeg: bytes, anatomy: Anatomy, eighths: int) -> tuple[Pixels, Finding | None]:
    """The pixels, if libjpeg has nothing to complain about but stray bytes that are no picture data."""
    warning = None
    for _ in range(_MAX_STRAYS):
        try:
            return _pixels(jpeg, anatomy, eighths), warning
        except ValueError as error:
            fault = str(error)
        forgiven = without_stray(jpeg, anatomy, fault, _pixels)
        if forgiven is None:
            break
        warning = metadata_broken("stray bytes lie behind the JPEG's picture data")
        jpeg = forgiven
    if _UNSUPPORTED.search(fault):
        return _pixels_by_pillow(jpeg, anatomy, eighths), warning
    raise damaged(f"the JPEG is damaged, as a rule visibly; the decoder says: {fault.rstrip('.')}")


def _pixels(jpeg: bytes, anatomy: Anatomy, eighths: int) -> Pixels:
    """The whole picture at 1 to 8 eighths of its size; ValueError with libjpeg's first error or warning."""
    import simplejpeg  # type: ignore[import-untyped]  # it carries no types

    pixels: Pixels = simplejpeg.decode_jpeg(
        jpeg,
        _COLOURS[anatomy.components],
        min_width=-(-anatomy.width * eighths // 8),
        min_height=-(-anatomy.height * eighths // 8),
        strict=True,
    )
    return pixels


def _pixels_by_pillow(jpeg: bytes, anatomy: Anatomy, eighths: int) -> Pixels:
    """Decode what simplejpeg's interface cannot express (rare subsampling); Pillow can, at 1, 2, 4 or 8 eighths."""
    import numpy
    from PIL import Image

    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            image.draft(None, (anatomy.width * eighths // 8, anatomy.height * eighths // 8))
            pixels = numpy.asarray(image)
    except OSError as error:
        raise Refusal("avatar/undecodable", f"the JPEG is of a kind that cannot be decoded here: {error}") from None
    return 255 - pixels if anatomy.components == 4 else pixels  # Pillow takes all CMYK for inverted


# --- PNG -------------------------------------------------------------------------------------------------------------


def _decode_png(png: bytes, anatomy: Anatomy, box: Box, scale: int) -> Coarse:
    from PIL import Image

    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        image.load()
        part, inside = _part(image, box)
        part = _reduced(part, anatomy, (scale, scale))
        gist = _gist(_working(_sample(image), anatomy))
    return Coarse(part, _scaled(inside, scale, part.size), gist)


def _part(image: Image.Image, box: Box) -> tuple[Image.Image, Box]:
    """The whole pixels that a box covers, not copied where they are the whole picture, and the box inside of them."""
    left, top, right, bottom = _scaled(box, 1, image.size)
    around = math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)
    inside = left - around[0], top - around[1], right - around[0], bottom - around[1]
    return image if around == (0, 0, *image.size) else image.crop(around), inside


def _reduced(image: Image.Image, anatomy: Anatomy, factors: tuple[int, int]) -> Image.Image:
    """A decoded PNG in its working mode, averaged over blocks of so many columns and rows."""
    from PIL import Image as Pillow

    if factors == (1, 1):
        return _working(image, anatomy)
    rows = factors[1]
    reduced = None
    step = rows * max(1, _STRIP_ROWS // rows)
    for upper in range(0, image.height, step):
        strip = image.crop((0, upper, image.width, min(upper + step, image.height)))
        strip = _working(strip, anatomy).reduce(factors)
        reduced = reduced or Pillow.new(strip.mode, (strip.width, -(-image.height // rows)))
        reduced.paste(strip, (0, upper // rows))
    assert reduced is not None  # a picture has at least one row
    return reduced


def _working(image: Image.Image, anatomy: Anatomy) -> Image.Image:
    """A decoded PNG, or a strip of it, as L or RGB, or premultiplied La or RGBa where it may be transparent."""
    if anatomy.colour_type == GREY:
        return _working_grey(image, anatomy)
    if anatomy.colour_type == RGB and anatomy.colour_key is not None:
        return _working_keyed(image, anatomy.colour_key, anatomy.bits)
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    return image.convert(_PREMULTIPLIED.get(image.mode, image.mode))


def _working_grey(image: Image.Image, anatomy: Anatomy) -> Image.Image:
    import numpy
    from PIL import Image as Pillow

    deep = anatomy.bits == 16
    samples = numpy.asarray(image if deep else image.convert("L"))
    if deep:
        rounded = (samples.astype(numpy.uint32) * 255 + 32895) >> 16  # a division by 257
        grey = Pillow.fromarray(rounded.astype(numpy.uint8))
    else:
        grey = Pillow.fromarray(samples)
    if anatomy.colour_key is None:
        return grey
    key = anatomy.colour_key[0] if deep else anatomy.colour_key[0] * 255 // ((1 << anatomy.bits) - 1)
    alpha = Pillow.fromarray(numpy.where(samples == key, 0, 255).astype(numpy.uint8))
    return Pillow.merge("LA", (grey, alpha)).convert("La")


def _working_keyed(image: Image.Image, colour_key: tuple[int, ...], bits: int) -> Image.Image:
    """Make one colour transparent. Of 16 bits the upper 8 are compared, since no more are decoded."""
    import numpy
    from PIL import Image as Pillow

    key = [sample >> (bits - 8) for sample in colour_key]
    opaque = (numpy.asarray(image) != key).any(axis=2)
    image = image.copy()
    image.putalpha(Pillow.fromarray(opaque.astype(numpy.uint8) * numpy.uint8(255)))
    return image.convert("RGBa")
