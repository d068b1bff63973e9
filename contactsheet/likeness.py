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
_FEW = 1000  # pictures are compared one by one in the time that it takes to import NumPy
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
    by_digest: dict[str, int] = {}
    known: set[int] = {0}
    looks = _Few() if len(pictures) <= _FEW else _Many(len(pictures))  # that are different
    places: list[int] = []  # where each of them was first seen
    for position, (digest, bits) in enumerate(pictures):
        same = by_digest.setdefault(digest, position)
        if same != position:
            yield same, position
            continue
        if bits and (first := looks.first_alike(bits)) is not None:
            yield places[first], position
        if bits not in known:
            known.add(bits)
            looks.add(bits)
            places.append(position)


class _Few:
    """Looks in their order. NumPy takes longer to be imported than these to be compared."""

    def __init__(self) -> None:
        self._looks: list[int] = []

    def add(self, bits: int) -> None:
        self._looks.append(bits)

    def first_alike(self, bits: int) -> int | None:
        """The number of the first that is alike, or None."""
        return next((at for at, look in enumerate(self._looks) if (look ^ bits).bit_count() <= ALIKE), None)


class _Many:
    """Up to ``most`` looks in their order, all compared at once."""

    def __init__(self, most: int) -> None:
        import numpy

        self._looks = numpy.zeros(most, numpy.uint64)
        self._count = 0

    def add(self, bits: int) -> None:
        self._looks[self._count] = bits
        self._count += 1

    def first_alike(self, bits: int) -> int | None:
        """The number of the first that is alike, or None."""
        import numpy

        near = numpy.bitwise_count(self._looks[: self._count] ^ numpy.uint64(bits)) <= ALIKE
        first = int(near.argmax()) if self._count else 0
        return first if self._count and near[first] else None
