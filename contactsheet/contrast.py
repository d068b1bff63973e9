"""Two thumbnails to a third picture that shows where they differ. It knows nothing of contacts or files."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SIDE = 256  # pixels
_AMPLIFIED = 2
_STRONGEST = 208  # of 255: where all is different, the picture below is still to be seen
_NOTICED = 24  # of 255: less is the grain of compression
_GROUND, _MARK = (128, 128, 128), (255, 90, 31)


@dataclass(frozen=True, slots=True)
class Difference:
    """A WebP of SIDE pixels square: the later picture, grey and faint, and on it what differs, and how much of it is
    different, from 0 to 1.
    """

    share: float
    picture: bytes = field(repr=False)


def difference(before: bytes, after: bytes) -> Difference:
    """Where two thumbnails of this program (WebP, square) differ. What shows through counts as grey."""
    from PIL import Image, ImageChops

    old, new = _opaque(before), _opaque(after)
    red, green, blue = ImageChops.difference(old, new).split()
    apart = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    counts = apart.histogram()
    faint = Image.blend(new.convert("L").convert("RGB"), Image.new("RGB", new.size, _GROUND), 0.6)
    strength = apart.point([min(_STRONGEST, value * _AMPLIFIED) if value >= _NOTICED else 0 for value in range(256)])
    shown = Image.composite(Image.new("RGB", new.size, _MARK), faint, strength)
    out = io.BytesIO()
    shown.save(out, "WEBP", quality=75, method=4)
    return Difference(sum(counts[_NOTICED:]) / sum(counts), out.getvalue())


def _opaque(data: bytes) -> Image.Image:
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("WEBP",)) as image:
        picture = image.convert("RGBA").resize((SIDE, SIDE))
    ground = Image.new("RGBA", picture.size, (*_GROUND, 255))
    return Image.alpha_composite(ground, picture).convert("RGB")
