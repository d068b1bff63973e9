"""A picture without what it says beside the picture: no position, no camera, no text. Not a pixel changes.

What stays is what the pixels need: the way up, the colour profile, and the few numbers that say how they are shown.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from contactsheet import png
from contactsheet.anatomy import Anatomy, essence

_ORIENTATION, _SHORT = 0x0112, 3  # EXIF 2.32, 4.6.4
# SOI, and JFIF's own segment with a version and a density but no picture (JFIF 1.02): it says nothing else.
_JFIF = re.compile(rb"\xff\xd8\xff\xe0\0\x10JFIF\0.{7}\0\0", re.DOTALL)
_PROFILE_PART = 65_519  # bytes of an ICC profile that one JPEG segment holds (ICC.1:2010, B.4)

# PNG's chunks about colours and the shape of pixels, with their lengths, which leave no room for anything else. All
# stand before PLTE and IDAT (W3C PNG, third edition, 11.3).
_SHOWN_BY = {
    b"sRGB": (1,),
    b"gAMA": (4,),
    b"cHRM": (32,),
    b"sBIT": (1, 2, 3, 4),
    b"cICP": (4,),
    b"mDCV": (24,),
    b"cLLI": (8,),
    b"pHYs": (9,),
}


def cleaned(data: bytes, anatomy: Anatomy) -> bytes:
    """The picture file ``data``, of which ``anatomy`` is known, without metadata and further frames.

    Stray bytes go as well, but for those that stand within the packed picture data.
    """
    bare = essence(data, anatomy)
    if anatomy.format == "JPEG":
        if (own := _JFIF.match(data)) and _JFIF.match(bare):
            bare = own[0] + bare[own.end() :]
        at = 2  # behind SOI, and behind JFIF's own segment, which must be the first
        if bare[2:4] == b"\xff\xe0":
            at = 4 + int.from_bytes(bare[4:6], "big")
        clean = bare[:at] + b"".join(_jpeg_parts(anatomy)) + bare[at:]
        return data if _but_for_density(data) == _but_for_density(clean) else clean
    at = 8 + 25  # behind the signature and IHDR
    return bare[:at] + b"".join(_png_parts(data, anatomy)) + bare[at:]


def _but_for_density(data: bytes) -> bytes:
    """A JPEG without JFIF's version and density, which say nothing of anybody; a file that has others is as clean."""
    return data[:11] + data[18:] if data[6:11] == b"JFIF\0" else data


def _exif(orientation: int) -> bytes:
    """The smallest EXIF block that says which way is up."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)


def _jpeg_parts(anatomy: Anatomy) -> Iterator[bytes]:
    if anatomy.orientation != 1:
        yield _segment(0xE1, b"Exif\0\0" + _exif(anatomy.orientation))
    profile = anatomy.profile or b""
    pieces = [profile[start : start + _PROFILE_PART] for start in range(0, len(profile), _PROFILE_PART)]
    for number, piece in enumerate(pieces, 1):
        yield _segment(0xE2, b"ICC_PROFILE\0" + bytes((number, len(pieces))) + piece)


def _segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2, "big") + body


def _png_parts(data: bytes, anatomy: Anatomy) -> Iterator[bytes]:
    if anatomy.profile:
        yield _chunk(b"iCCP", b"profile\0\0" + zlib.compress(anatomy.profile, 9))
    yield from _shown_by(data)
    if anatomy.orientation != 1:
        yield _chunk(b"eXIf", _exif(anatomy.orientation))
    if anatomy.colour_key is not None:
        yield _chunk(b"tRNS", struct.pack(f">{len(anatomy.colour_key)}H", *anatomy.colour_key))


def _shown_by(data: bytes) -> Iterator[bytes]:
    """The chunks that say how a PNG's pixels are shown, the first of each kind."""
    seen: set[bytes] = set()
    for chunk in png.chunks(data):
        if chunk.kind in (b"PLTE", b"IDAT"):
            return
        if chunk.stop - chunk.start - 12 in _SHOWN_BY.get(chunk.kind, ()) and chunk.kind not in seen:
            seen.add(chunk.kind)
            yield data[chunk.start : chunk.stop]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
