"""A picture without what it says beside the picture: no position, no camera, no text. Not a pixel changes.

What stays is what the pixels need: the way up, and the colour profile.
"""

from __future__ import annotations

import struct
import zlib

from contactsheet.anatomy import Anatomy, essence

_ORIENTATION, _SHORT = 0x0112, 3  # EXIF 2.32, 4.6.4
_PROFILE_PART = 65_519  # bytes of an ICC profile that one JPEG segment holds (ICC.1:2010, B.4)


def cleaned(data: bytes, anatomy: Anatomy) -> bytes:
    """The picture file ``data``, of which ``anatomy`` is known, without metadata, stray bytes and further frames."""
    bare = essence(data, anatomy)
    return _with_jpeg_parts(bare, anatomy) if anatomy.format == "JPEG" else _with_png_parts(bare, anatomy)


def _exif(orientation: int) -> bytes:
    """The smallest EXIF block that says which way is up."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)


def _with_jpeg_parts(bare: bytes, anatomy: Anatomy) -> bytes:
    parts = b""
    if anatomy.orientation != 1:
        parts += _segment(0xE1, b"Exif\0\0" + _exif(anatomy.orientation))
    profile = anatomy.profile or b""
    pieces = [profile[start : start + _PROFILE_PART] for start in range(0, len(profile), _PROFILE_PART)]
    for number, piece in enumerate(pieces, 1):
        parts += _segment(0xE2, b"ICC_PROFILE\0" + bytes((number, len(pieces))) + piece)
    at = 2  # behind SOI, and behind JFIF's own segment, which must be the first
    if bare[2:4] == b"\xff\xe0":
        at = 4 + int.from_bytes(bare[4:6])
    return bare[:at] + parts + bare[at:]


def _segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2) + body


def _with_png_parts(bare: bytes, anatomy: Anatomy) -> bytes:
    parts = b""
    if anatomy.profile:
        parts += _chunk(b"iCCP", b"profile\0\0" + zlib.compress(anatomy.profile, 9))
    if anatomy.orientation != 1:
        parts += _chunk(b"eXIf", _exif(anatomy.orientation))
    at = 8 + 25  # behind the signature and IHDR (PNG 5.6: iCCP before PLTE and IDAT)
    return bare[:at] + parts + bare[at:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)
