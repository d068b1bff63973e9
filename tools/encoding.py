"""Pictures as the bytes of JPEG and PNG files, as a camera or a designer would save them; it never writes a file.

Nothing but the orientation and, where asked for, a colour profile goes into a file beside the pixels.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from types import MappingProxyType

from PIL import Image, ImageCms

ORIENTATION_TAG = 0x0112
STORED_BY: Mapping[int, Image.Transpose | None] = MappingProxyType(
    {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
)
"""How upright pixels are turned for storage, by EXIF orientation (Exif 2.32, tag 274); viewers turn them back."""

P3_PRIMARIES = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
"""Red, green and blue of SMPTE EG 432-1 with the white of daylight, as XYZ adapted to D50 (ICC.1:2022, annex E)."""
D50 = (0.9642, 1.0, 0.8249)


def _fixed(*numbers: float) -> bytes:
    """Encode numbers as s15Fixed16 (ICC.1:2022, 4.6)."""
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


def _label(text: str) -> bytes:
    """Encode a text as multiLocalizedUnicodeType with one language (ICC.1:2022, 10.15)."""
    encoded = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">4xII2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded


def wide_gamut_profile() -> bytes:
    """Make an ICC profile of the colours of a phone's screen: wide primaries with the tone curve of sRGB."""
    tone = b"para" + struct.pack(">4xH2x", 3) + _fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    tags = {
        b"desc": _label("Sample wide gamut"),
        b"cprt": _label("No rights reserved"),
        b"wtpt": b"XYZ " + bytes(4) + _fixed(*D50),
    }
    for letter, primary in zip("rgb", P3_PRIMARIES, strict=True):
        tags[f"{letter}XYZ".encode()] = b"XYZ " + bytes(4) + _fixed(*primary)
        tags[f"{letter}TRC".encode()] = tone
    table, data, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    size = start + len(data)
    head = struct.pack(">I4xI4s4s4s12x4s", size, 0x04400000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    return (head + bytes(28) + _fixed(*D50)).ljust(128, b"\0") + table + data


def jpeg(upright: Image.Image, orientation: int | None = None, wide_gamut: bool = False, quality: int = 82) -> bytes:
    """Encode an upright RGB picture; with an orientation it is stored turned, as phones do, and says so."""
    stored, profile = upright, None
    if wide_gamut:
        profile = wide_gamut_profile()
        target = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(upright, ImageCms.createProfile("sRGB"), target)
        stored = converted if converted is not None else upright
    turn = STORED_BY[orientation or 1]
    if turn is not None:
        stored = stored.transpose(turn)
    exif = Image.Exif()
    if orientation is not None:
        exif[ORIENTATION_TAG] = orientation
    out = io.BytesIO()
    stored.save(out, "JPEG", quality=quality, optimize=True, subsampling="4:2:0", exif=exif, icc_profile=profile)
    return out.getvalue()


def png(picture: Image.Image) -> bytes:
    """Encode a picture without loss."""
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
