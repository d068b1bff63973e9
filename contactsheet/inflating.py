"""Inflates what is packed in a PNG, within bounds of memory and time: the picture data are only counted.

No row is unfiltered and no pixel looked at.
"""

from __future__ import annotations

import zlib

from contactsheet.anatomy import damaged, too_much_metadata

MAX_METADATA_BYTES = 16 * 1024 * 1024  # all inflated text and the profile together
_STEP = 256 * 1024  # bytes inflated at a time
_SLACK = 64 * 1024  # more than this beyond the picture's own data is no encoder's padding

# Channels and allowed bits a sample of each colour type (W3C PNG, table 11.1).
GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGB_ALPHA: (8, 16)}

# Adam7: first column, first row, step across, step down.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


class Pixels:
    """Inflates the picture data piece by piece, and only counts what comes out."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.count = 0
        self._inflater = zlib.decompressobj()
        self._more = False

    @property
    def complete(self) -> bool:
        """Whether the compressed data have come to their end."""
        return self._inflater.eof

    @property
    def surplus(self) -> bool:
        """Whether there is more than the picture has, before the end of the compressed data or behind it."""
        return self.count > self.expected or bool(self._inflater.unused_data) or self._more

    def feed(self, compressed: bytes) -> None:
        """Count what the next piece inflates to; raises Refusal where it cannot be that picture's."""
        if self.complete:
            self._more = self._more or bool(compressed)
            return
        try:
            while compressed and not self.complete:
                self.count += len(self._inflater.decompress(compressed, _STEP))
                compressed = self._inflater.unconsumed_tail
                if self.count > self.expected + _SLACK:
                    raise damaged("the PNG is damaged: far more picture data are packed in it than its size allows")
        except zlib.error:
            raise damaged("the PNG is damaged: its compressed picture data cannot be unpacked") from None


def expected_bytes(width: int, height: int, bits: int, colour_type: int, interlaced: bool) -> int:
    """How many bytes a PNG's inflated picture data must have: each row with its filter byte, each pass of Adam7."""
    depth = bits * CHANNELS[colour_type]
    if not interlaced:
        return height * (1 + (width * depth + 7) // 8)
    total = 0
    for column, row, across, down in _PASSES:
        columns, rows = (width - column + across - 1) // across, (height - row + down - 1) // down
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * depth + 7) // 8)
    return total


class Allowance:
    """What all compressed metadata of a file may inflate to together, broken ones included."""

    def __init__(self) -> None:
        self._left = MAX_METADATA_BYTES

    def inflate(self, compressed: bytes) -> bytes | None:
        """The plain bytes; None where they are broken. Raises Refusal when the allowance is used up."""
        inflater = zlib.decompressobj()
        pieces: list[bytes] = []
        try:
            while compressed and not inflater.eof:
                pieces.append(inflater.decompress(compressed, _STEP))
                compressed = inflater.unconsumed_tail
                self._left -= len(pieces[-1])
                if self._left < 0:
                    raise too_much_metadata(f"the PNG's metadata unpack to more than {MAX_METADATA_BYTES // 2**20} MiB")
        except zlib.error:
            return None
        return b"".join(pieces) if inflater.eof else None
