"""Tells bytes that were put behind a JPEG scan's data from data that damage left over.

libjpeg complains of both in the same words, "extraneous bytes". The first are harmless (cameras write them); the second
mean that a flipped bit made the picture end too early, and that it is visibly torn. Nothing is decoded for its pixels.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from contactsheet.anatomy import Anatomy
from contactsheet.jpeg import EOI, marker_before_scan, scan_ends

if TYPE_CHECKING:
    import numpy as np

    # Decodes a JPEG strictly, at 1 to 8 eighths of its size: ValueError with libjpeg's first error or warning.
    Decode = Callable[[bytes, Anatomy, int], np.ndarray[Any, np.dtype[np.uint8]]]

COMPLAINT = re.compile(r"(\d+) extraneous bytes before marker 0x([0-9a-f]{2})")
_TEXT = re.compile(rb"[\t\n\r -~]{6,}")
_READ_AHEAD = 24  # more bytes than libjpeg's bit buffer holds, stuffing included
_MOST_UNITS = 1000
_BYTES_FOR_A_BLOCK = 256  # of zero bits, which are a valid code in every table
_RESTART = b"\xff\xd0"


def without_stray(jpeg: bytes, anatomy: Anatomy, fault: str, decode: Decode) -> bytes | None:
    """The JPEG without the stray bytes that the ``fault`` complains of; None where it means damage or another thing."""
    said = COMPLAINT.search(fault)
    if said is None:
        return None
    count, marker = int(said[1]), int(said[2], 16)
    for end in (at for at, code in scan_ends(jpeg) if code == marker):
        shorter = jpeg[: end - count] + jpeg[end:]
        left = _complaint(shorter, anatomy, decode)
        if left is None or (left != fault and COMPLAINT.search(left)):
            start = _data_end(shorter, end - count, left, anatomy, decode)
            shorter = jpeg[:start] + jpeg[end:]
            return shorter if _is_foreign(shorter, start, jpeg[start:end], anatomy, decode) else None
    return None


def _complaint(jpeg: bytes, anatomy: Anatomy, decode: Decode) -> str | None:
    try:
        decode(jpeg, anatomy, 1)
    except ValueError as error:
        return str(error)
    return None


def _data_end(jpeg: bytes, end: int, complaint: str | None, anatomy: Anatomy, decode: Decode) -> int:
    """Where a scan's data really end: libjpeg reads ahead, and does not complain of stray bytes that it has read."""
    needed, spare = _READ_AHEAD, 0  # so many bytes cannot all be spared, so many can
    while needed - spare > 1:
        middle = (needed + spare) // 2
        if _complaint(jpeg[: end - middle] + jpeg[end:], anatomy, decode) == complaint:
            spare = middle
        else:
            needed = middle
    return end - spare


def _is_foreign(jpeg: bytes, end: int, stray: bytes, anatomy: Anatomy, decode: Decode) -> bool:
    """Whether the data are padded as a scan is, with ones (T.81, F.1.2.3), and do not go on in the stray."""
    if len(set(stray)) == 1 or _TEXT.fullmatch(stray):
        return True
    if jpeg[end - 2 : end] == b"\xff\x00":
        end -= 1
    ones = _trailing_ones(jpeg[end - 1])
    whole = _checksum(jpeg, anatomy, decode)
    if ones < 8 and _checksum(_flipped(jpeg, end, ones), anatomy, decode) == whole:
        return False
    unused, used = 0, ones
    while unused < used:
        middle = (unused + used) // 2
        if _checksum(_flipped(jpeg, end, middle), anatomy, decode) == whole:
            unused = middle + 1
        else:
            used = middle
    ends = scan_ends(jpeg)
    if len(ends) > 1 or ends[0][1] != EOI or marker_before_scan(jpeg, 0xDD) is not None:
        return True  # the next test is for the plain case alone
    rest = _shifted(jpeg[end - 1 : end] + stray.replace(b"\xff\x00", b"\xff"), 8 - unused)
    return not any(_goes_on(jpeg, data, anatomy, decode) for data in {rest, rest.removesuffix(b"\xff")} if data)


def _trailing_ones(byte: int) -> int:
    return next((bit for bit in range(8) if not byte >> bit & 1), 8)


def _flipped(jpeg: bytes, end: int, bit: int) -> bytes:
    """The JPEG with one bit of the byte before ``end`` flipped."""
    changed = bytes([jpeg[end - 1] ^ 1 << bit]).replace(b"\xff", b"\xff\x00")
    rest = end + 1 if jpeg[end - 1 : end + 1] == b"\xff\x00" else end
    return jpeg[: end - 1] + changed + jpeg[rest:]


def _checksum(jpeg: bytes, anatomy: Anatomy, decode: Decode) -> int | str:
    """Of all pixels at full size, or the complaint."""
    try:
        return zlib.crc32(decode(jpeg, anatomy, 8).data)
    except ValueError as error:
        return str(error)


def _shifted(data: bytes, bits: int) -> bytes:
    """The data from a bit on, filled up with ones."""
    size = len(data) * 8 - bits
    fill = -size % 8
    number = (int.from_bytes(data, "big") & ((1 << size) - 1)) << fill | ((1 << fill) - 1)
    return number.to_bytes((size + fill) // 8, "big")


def _goes_on(jpeg: bytes, data: bytes, anatomy: Anatomy, decode: Decode) -> bool:
    """Whether the data are a number of whole units of this picture, to the last byte: then they are its own.

    A small picture with the same tables gets them, a restart after so many units, and zeros; libjpeg says whether the
    restart comes too late (stray bytes before it), too early, or just right.
    """
    fewest, most = 0, min(_MOST_UNITS, len(data) * 8 // 2 + 1)  # the first is too few, the second too many
    while most - fewest > 1:
        units = (fewest + most) // 2
        said = _complaint(*_strip(jpeg, data, units, anatomy), decode)
        if said is None or said.endswith("before marker 0xd9"):
            return _ends_in_ones(*_strip(jpeg, data, units, anatomy, rows=1), decode)
        if said.endswith("before marker 0xd0"):
            fewest = units
        else:
            most = units
    return False


def _ends_in_ones(strip: bytes, anatomy: Anatomy, decode: Decode) -> bool:
    """Whether the lowest zero bit of a picture's data belongs to a code, so that the padding below it is ones."""
    end = len(strip) - (3 if strip.endswith(b"\xff\x00\xff\xd9") else 2)
    ones = _trailing_ones(strip[end - 1])
    return ones == 8 or _checksum(_flipped(strip, end, ones), anatomy, decode) != _checksum(strip, anatomy, decode)


def _strip(jpeg: bytes, data: bytes, units: int, anatomy: Anatomy, rows: int = 2) -> tuple[bytes, Anatomy]:
    """A picture so many units wide: the data; with two ``rows``, a restart and zeros follow."""
    frame, scan = marker_before_scan(jpeg, 0xC0, 0xC1), marker_before_scan(jpeg, 0xDA)
    assert frame is not None is not scan
    factors = [jpeg[frame + 11 + 3 * number] for number in range(anatomy.components)]
    if len(factors) == 1:
        factors = [0x11]  # a scan of one component has units of one block, whatever its factors
    across, down = max(f >> 4 for f in factors), max(f & 15 for f in factors)
    blocks = sum((f >> 4) * (f & 15) for f in factors)
    width, height = units * 8 * across, rows * 8 * down
    start = scan + 2 + int.from_bytes(jpeg[scan + 2 : scan + 4], "big")
    strip = jpeg[: frame + 5] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + jpeg[frame + 9 : scan]
    if rows == 2:
        strip += b"\xff\xdd\x00\x04" + units.to_bytes(2, "big")
    strip += jpeg[scan:start] + data.replace(b"\xff", b"\xff\x00")
    if rows == 2:
        strip += _RESTART + bytes(units * blocks * _BYTES_FOR_A_BLOCK)
    return strip + b"\xff\xd9", replace(anatomy, width=width, height=height)
