"""Builders of pictures for the tests: sound ones, odd ones and hostile ones, made with Pillow or byte by byte."""

from __future__ import annotations

import io
import random
import re
import struct
import zlib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 60), (30, 60, 200), (230, 200, 40)
XMP = b"http://ns.adobe.com/xap/1.0/\0"
ICC = b"ICC_PROFILE\0"


def quarters(width: int = 800, height: int = 800, mode: str = "RGB") -> Image.Image:
    """Red, green, blue and yellow in the upper left, upper right, lower left and lower right."""
    image = Image.new("RGB", (width, height), RED)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height), fill=GREEN)
    draw.rectangle((0, height // 2, width // 2 - 1, height), fill=BLUE)
    draw.rectangle((width // 2, height // 2, width, height), fill=YELLOW)
    return image if mode == "RGB" else image.convert(mode)


def textured(width: int = 640, height: int = 640, seed: int = 1, grain: int = 4) -> Image.Image:
    """Something as rich in detail as a photograph, so that its entropy-coded data are not all alike."""
    size = width // grain, height // grain
    small = Image.frombytes("RGB", size, random.Random(seed).randbytes(size[0] * size[1] * 3)).filter(
        ImageFilter.GaussianBlur(2)
    )
    return small.resize((width, height), Image.Resampling.BICUBIC)


def saved(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file; a PNG is packed as fast as it can be, for its size is of no matter."""
    if kind == "PNG":
        options.setdefault("compress_level", 1)
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def in_house_style(message: str, fix: str) -> bool:
    """Whether a message reads well behind "file: error: ", and its fix as sentences of their own."""
    lines = "\n" not in message + fix and len(message) <= 140 and len(fix) <= 130
    clause = (message[:1].islower() or message[:1].isdigit()) and not message.endswith(".")
    sizes = not re.search(r"\d x \d|\d,\d{3}", message + fix)
    return lines and clause and sizes and fix[:1].isupper() and fix.endswith(".")


# --- JPEG ------------------------------------------------------------------------------------------------------------


def segment(code: int, body: bytes) -> bytes:
    return bytes([0xFF, code]) + struct.pack(">H", len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """The JPEG with bytes put in right after SOI."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def marker_at(jpeg: bytes, code: int) -> int:
    """The offset of the first segment of a kind, found by walking from segment to segment."""
    at = 2
    while jpeg[at + 1] != code:
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return at


def with_size(jpeg: bytes, width: int, height: int) -> bytes:
    """The JPEG with another size in its header."""
    at = next(marker_at(jpeg, code) for code in (0xC0, 0xC1, 0xC2) if bytes([0xFF, code, 0, 17]) in jpeg)
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def flat_jpeg(across: int, down: int, luma: int) -> bytes:
    """A grey JPEG of ``across`` x ``down`` minimal units, with sampling factors ``luma`` (0x31: 3 x 1)."""
    horizontal, vertical = luma >> 4, luma & 15
    model = with_size(saved(quarters(64, 64), subsampling=0), across * 8 * horizontal, down * 8 * vertical)
    frame, scan = marker_at(model, 0xC0), marker_at(model, 0xDA)
    # In the usual Huffman tables a block equal to the one before is 00 1010 in luma and 00 00 in chroma.
    bits = ("001010" * horizontal * vertical + "0000" * 2) * across * down
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    model = model[: frame + 11] + bytes([luma]) + model[frame + 12 :]
    return model[: scan + 14] + data + b"\xff\xd9"


def with_scans(count: int, side: int = 64) -> bytes:
    """A progressive JPEG whose last scan (a refinement) comes again and again."""
    jpeg = saved(textured(side, side), progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    scan = jpeg[last:-2]
    scans = jpeg.count(b"\xff\xda")
    return jpeg[:-2] + scan * (count - scans) + jpeg[-2:]


def tiff(*entries: tuple[int, int, int, bytes], order: str = "<", following: int = 0, at: int = 8) -> bytes:
    """A TIFF block with one directory; each entry is tag, type, count and its four bytes."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", at)
    body = struct.pack(order + "H", len(entries))
    for tag, kind, count, value in entries:
        body += struct.pack(order + "HHI", tag, kind, count) + value
    return head + body + struct.pack(order + "I", following)


def exif_orientation(value: int) -> bytes:
    return tiff((0x0112, 3, 1, struct.pack("<HH", value, 0)))


def exif_position(denominator: int = 1) -> bytes:
    """EXIF with latitude and longitude."""
    gps_at = 8 + 2 + 12 + 4
    values_at = gps_at + 2 + 4 * 12 + 4
    head = tiff((0x8825, 4, 1, struct.pack("<I", gps_at)))
    gps = struct.pack("<H", 4)
    gps += struct.pack("<HHI", 1, 2, 2) + b"N\0\0\0" + struct.pack("<HHII", 2, 5, 3, values_at)
    gps += struct.pack("<HHI", 3, 2, 2) + b"E\0\0\0" + struct.pack("<HHII", 4, 5, 3, values_at + 24)
    numbers = struct.pack("<6I", 52, denominator, 31, denominator, 12, denominator)
    return head + gps + bytes(4) + numbers * 2


def with_exif(jpeg: bytes, block: bytes) -> bytes:
    return with_segments(jpeg, segment(0xE1, b"Exif\0\0" + block))


# --- PNG -------------------------------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    """A PNG of these chunks, whatever they are."""
    return SIGNATURE + b"".join(chunks)


def idat(plain: bytes) -> bytes:
    """The chunk of the picture data."""
    return chunk(b"IDAT", zlib.compress(plain))


def header(width: int, height: int, bits: int = 8, colour_type: int = 2, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, interlace))


def raw_png(
    width: int,
    height: int,
    bits: int,
    colour_type: int,
    rows: bytes,
    *,
    before: bytes = b"",
    after: bytes = b"",
    filtered: bool = False,
    interlace: int = 0,
) -> bytes:
    """A PNG of rows, which have no filter bytes unless ``filtered``."""
    data = rows
    if not filtered:
        stride = len(rows) // height
        data = b"".join(b"\0" + rows[at : at + stride] for at in range(0, len(rows), stride))
    head = SIGNATURE + header(width, height, bits, colour_type, interlace)
    return head + before + chunk(b"IDAT", zlib.compress(data)) + after + chunk(b"IEND")


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """The PNG with bytes put in right after IHDR."""
    at = len(SIGNATURE) + 25
    return png[:at] + b"".join(chunks) + png[at:]


def text(keyword: bytes, plain: bytes) -> bytes:
    """A zTXt chunk."""
    return chunk(b"zTXt", keyword + b"\0\0" + zlib.compress(plain))


def interlaced_png(image: Image.Image) -> bytes:
    """The picture (RGB) in the seven passes of Adam7."""
    rows = []
    for column, row, across, down in _PASSES:
        for y in range(row, image.height, down):
            line = image.crop((0, y, image.width, y + 1)).tobytes()
            rows.append(b"\0" + b"".join(line[x * 3 : x * 3 + 3] for x in range(column, image.width, across)))
    return raw_png(*image.size, 8, 2, b"".join(rows), filtered=True, interlace=1)


_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


# --- what comes under a picture's name -------------------------------------------------------------------------------


@cache
def foreign() -> Mapping[str, bytes]:
    """Files of other kinds, by the name that the check must call them."""
    image = quarters(32, 32)
    made = {name: saved(image, kind) for name, kind in _PILLOW_KINDS.items()}
    ftyp = struct.pack(">I", 24) + b"ftyp"
    others = {
        "HEIC": ftyp + b"heic\0\0\0\0mif1heic",
        "MP4 video": ftyp + b"isom\0\0\0\0isommp42",
        "SVG": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "HTML": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        "PHP": b"<?php system($_GET['c']); ?>",
        "XML": b'\xef\xbb\xbf<?xml version="1.0"?><feed/>',
        "ZIP": b"PK\x03\x04" + bytes(40),
        "program (ELF)": b"\x7fELF" + bytes(60),
        "script": b"#!/bin/sh\nexit\n",
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n",
        "JPEG XL": b"\xff\x0a" + bytes(30),
    }
    return MappingProxyType(made | others)


_PILLOW_KINDS = {
    "GIF": "GIF",
    "BMP": "BMP",
    "WebP": "WEBP",
    "TIFF": "TIFF",
    "PPM": "PPM",
    "TGA": "TGA",
    "ICO": "ICO",
    "PDF": "PDF",
    "JPEG 2000": "JPEG2000",
    "AVIF": "AVIF",
    "PCX": "PCX",
    "DDS": "DDS",
    "SGI": "SGI",
}
