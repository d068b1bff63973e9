"""Which pictures look the same, or nearly: a fingerprint of what is seen, which survives scaling and encoding anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

SIDE = 8
# Bits of 64 that two pictures of the same thing may differ in. The sample's pictures, encoded anew or scaled, differ in
# up to 3, with 1 % cut off all round in up to 6; pictures of different things in 10 and more.
ALIKE = 6
_STEP = 2  # of 256: differences that an encoder makes by itself
_LEAST_DETAIL = 8  # places that differ from their neighbours; below it a picture is too plain to be told by


def fingerprint(image: Picture) -> int:
    """64 bits that say, for an 8 × 8 grid over the picture, whether it gets lighter to the right (dHash).

    Transparency counts as white. 0 where the picture is too plain to be told by.
    """
    light = _light(image)
    bits = 0
    detail = 0
    for row in range(SIDE):
        for column in range(SIDE):
            left, right = light[row * (SIDE + 1) + column : row * (SIDE + 1) + column + 2]
            bits = bits << 1 | (right - left > _STEP)
            detail += abs(right - left) > _STEP
    return bits if detail >= _LEAST_DETAIL else 0


def _light(image: Picture) -> bytes:
    """How light the picture is in 8 rows of 9 columns."""
    from PIL import Image

    flat = image.convert("RGB" if image.mode == "CMYK" else "RGBA").convert("RGBA")
    small = flat.resize((SIDE + 1, SIDE), Image.Resampling.BOX)
    return Image.alpha_composite(Image.new("RGBA", small.size, "white"), small).convert("L").tobytes()


def pairs(pictures: Sequence[tuple[str, int]]) -> Iterator[tuple[int, int]]:
    """The positions of pictures that are the same or nearly so: each with the first such picture before it.

    ``pictures`` are (SHA-256 of the file, fingerprint). A file that was there before makes a pair with itself, whatever
    else looks like it. Each look is compared with all others, which for 20,000 takes about a second.
    """
    import numpy

    by_digest: dict[str, int] = {}
    known: set[int] = {0}
    looks = numpy.zeros(len(pictures), numpy.uint64)  # that are different, and where each was first seen
    places: list[int] = []
    for position, (digest, bits) in enumerate(pictures):
        same = by_digest.setdefault(digest, position)
        if same != position:
            yield same, position
            continue
        if bits and places:
            near = numpy.bitwise_count(looks[: len(places)] ^ numpy.uint64(bits)) <= ALIKE
            if near[first := int(near.argmax())]:
                yield places[first], position
        if bits not in known:
            known.add(bits)
            looks[len(places)] = bits
            places.append(position)
