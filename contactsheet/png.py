"""Walks through a PNG's chunks (W3C PNG, third edition): their order, lengths and checksums, and what they say.

Nothing here looks at a pixel; what is packed is inflated within the bounds of ``inflating``.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from contactsheet import exif
from contactsheet.anatomy import (
    Anatomy,
    Finding,
    Piece,
    Refusal,
    animated,
    damaged,
    large_profile,
    location,
    metadata_broken,
    profile_unusable,
    refuse_impossible_size,
    too_much_metadata,
    trailing_data,
)
from contactsheet.inflating import (
    CHANNELS,
    DEPTHS,
    GREY,
    GREY_ALPHA,
    PALETTE,
    RGB,
    Allowance,
    Pixels,
    expected_bytes,
)
from contactsheet.kinds import PNG_SIGNATURE as SIGNATURE

MAX_METADATA_CHUNKS = 10_000
_NAME = re.compile(rb"[A-Za-z]{4}")
_RAW_EXIF = (b"Raw profile type exif", b"Raw profile type APP1")
_RAW_XMP = b"Raw profile type xmp"
_XMP_KEYWORD = b"XML:com.adobe.xmp"


class Chunk(NamedTuple):
    """One chunk: its kind, and where it stands in the file."""

    kind: bytes
    start: int  # of its length field
    stop: int  # after its checksum

    @property
    def span(self) -> tuple[int, int]:
        """Where it begins and ends."""
        return self.start, self.stop


class _Header(NamedTuple):
    width: int
    height: int
    bits: int
    colour_type: int
    interlaced: bool


@dataclass(slots=True)
class _Walk:
    """What was met so far on the way through the file."""

    data: bytes
    header: _Header | None = None
    pieces: list[Piece] = field(default_factory=list)
    palette: int = 0  # entries
    colour_key: tuple[int, ...] | None = None
    pixels: Pixels | None = None
    pixels_ended: bool = False
    metadata_chunks: int = 0
    allowance: Allowance = field(default_factory=Allowance)
    exif: bytes | None = None
    xmp: list[bytes] = field(default_factory=list)
    profile: bytes | None = None
    frames: int = 1
    ended: bool = False
    findings: list[Finding] = field(default_factory=list)


def walk(data: bytes) -> tuple[Anatomy, list[Finding]]:
    """Walk from the signature to IEND. Raises Refusal where the picture is refused; the findings are warnings."""
    way = _Walk(data)
    end = len(SIGNATURE)
    for chunk in chunks(data):
        _visit(way, chunk)
        end = chunk.stop
        if way.ended:
            break
    if way.header is None or way.pixels is None or not way.ended:
        raise damaged("the PNG is cut off: its end (IEND) is missing")
    _judge_pixels(way, way.pixels)
    turned = exif.read(way.exif)
    anatomy = Anatomy(
        format="PNG",
        width=way.header.width,
        height=way.header.height,
        orientation=turned.orientation,
        profile=way.profile,
        components=CHANNELS[way.header.colour_type],
        bits=way.header.bits,
        pieces=(SIGNATURE, *way.pieces),
        colour_type=way.header.colour_type,
        colour_key=way.colour_key,
    )
    _judge_metadata(way, turned)
    if len(data) > end:
        way.findings.append(trailing_data(len(data) - end, "the PNG's end (IEND)"))
    return anatomy, way.findings


def chunks(data: bytes) -> Iterator[Chunk]:
    """Every chunk whose length and checksum are right; raises Refusal at the first that is not."""
    view = memoryview(data)
    at = len(SIGNATURE)
    while True:
        if at + 12 > len(data):
            raise damaged("the PNG is cut off: its end (IEND) is missing")
        length, kind = int.from_bytes(view[at : at + 4], "big"), data[at + 4 : at + 8]
        stop = at + 12 + length
        if not _NAME.fullmatch(kind) or length > 0x7FFFFFFF:
            raise damaged(f"the PNG is damaged: what should be a chunk at byte {at} is none")
        if stop > len(data):
            raise damaged(f"the PNG is cut off inside the chunk {kind.decode('ascii')} at byte {at}")
        if zlib.crc32(view[at + 4 : stop - 4]) != int.from_bytes(view[stop - 4 : stop], "big"):
            raise damaged(f"the PNG is damaged: the checksum (CRC) of the chunk {kind.decode('ascii')} is wrong")
        yield Chunk(kind, at, stop)
        at = stop


def _visit(way: _Walk, chunk: Chunk) -> None:
    body = way.data[chunk.start + 8 : chunk.stop - 4]
    if way.header is None:
        _visit_first(way, chunk, body)
        return
    if way.pixels is not None and chunk.kind != b"IDAT":
        way.pixels_ended = True
    if chunk.kind == b"IDAT":
        _visit_pixels(way, chunk, body)
    elif chunk.kind == b"PLTE":
        _visit_palette(way, chunk, body)
    elif chunk.kind == b"IEND":
        _visit_end(way, body)
    elif chunk.kind == b"IHDR":
        raise damaged("the PNG is damaged: it has two headers (IHDR)")
    elif not chunk.kind[0] & 0x20:
        raise damaged(f"the PNG is damaged: it has a chunk {chunk.kind.decode('ascii')} that no reader knows")
    else:
        way.metadata_chunks += 1
        if way.metadata_chunks > MAX_METADATA_CHUNKS:
            raise too_much_metadata(f"the PNG has more than {MAX_METADATA_CHUNKS} metadata chunks")
        _visit_ancillary(way, chunk, body)


def _visit_first(way: _Walk, chunk: Chunk, body: bytes) -> None:
    if chunk.kind == b"CgBI":
        raise Refusal("avatar/undecodable", "the PNG is in Apple's private form for apps, which browsers cannot show")
    if chunk.kind != b"IHDR" or len(body) != 13:
        raise damaged("the PNG is damaged: it does not begin with its header (IHDR)")
    width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
    bits, colour_type, compression, filtering, interlace = body[8:]
    refuse_impossible_size(width, height)
    if bits not in DEPTHS.get(colour_type, ()):
        raise damaged(f"the PNG is damaged: there is no colour type {colour_type} with {bits} bits")
    if compression or filtering or interlace > 1:
        raise damaged("the PNG is damaged: its header names a method of packing that does not exist")
    way.header = _Header(width, height, bits, colour_type, interlace == 1)
    way.pieces.append(chunk.span)


def _visit_palette(way: _Walk, chunk: Chunk, body: bytes) -> None:
    assert way.header is not None  # IHDR came first
    if way.palette or way.pixels is not None:
        raise damaged("the PNG is damaged: its palette (PLTE) comes twice or too late")
    sound = body and len(body) % 3 == 0 and len(body) <= 768
    way.palette = len(body) // 3 or 1
    if way.header.colour_type == PALETTE:
        if not sound:
            raise damaged("the PNG is damaged: its palette (PLTE) has an impossible length")
        way.pieces.append(chunk.span)
    elif not sound or way.header.colour_type in (GREY, GREY_ALPHA):
        way.findings.append(metadata_broken("the PNG has a palette that its colour type has no use for"))


def _visit_pixels(way: _Walk, chunk: Chunk, body: bytes) -> None:
    assert way.header is not None  # IHDR came first
    if way.pixels_ended:
        raise damaged("the PNG is damaged: its picture data (IDAT) are torn apart by another chunk")
    if way.pixels is None:
        if way.header.colour_type == PALETTE and not way.palette:
            raise damaged("the PNG is damaged: its palette (PLTE) is missing")
        way.pixels = Pixels(expected_bytes(*way.header))
        way.pieces.append(chunk.span)
    else:
        start = way.pieces[-1][0]
        way.pieces[-1] = (int(start), chunk.stop)
    way.pixels.feed(body)


def _visit_end(way: _Walk, body: bytes) -> None:
    if way.pixels is None:
        raise damaged("the PNG is damaged: it has no picture data (IDAT)")
    if body:
        way.findings.append(metadata_broken("the PNG's end (IEND) is not empty"))
    way.pieces.append(b"\0\0\0\0IEND\xaeB`\x82")
    way.ended = True


def _judge_pixels(way: _Walk, pixels: Pixels) -> None:
    if pixels.count < pixels.expected:
        raise damaged(f"the PNG is damaged: its picture data are {pixels.expected - pixels.count} bytes short")
    if pixels.surplus:
        way.findings.append(
            Finding(
                "avatar/trailing-data",
                "more is packed into the PNG's picture data than the picture has",
                "Export the picture again.",
            )
        )
    if not pixels.complete:
        way.findings.append(metadata_broken("the PNG's compressed data lack their end and their checksum"))


def _visit_ancillary(way: _Walk, chunk: Chunk, body: bytes) -> None:
    if chunk.kind == b"tRNS":
        _visit_transparency(way, chunk, body)
    elif chunk.kind == b"acTL":
        way.frames = max(way.frames, int.from_bytes(body[:4], "big"))
    elif chunk.kind == b"eXIf":
        way.exif = way.exif or body
    elif chunk.kind == b"iCCP":
        _visit_profile(way, body)
    elif chunk.kind in (b"tEXt", b"zTXt", b"iTXt"):
        _visit_text(way, chunk.kind, body)


def _visit_transparency(way: _Walk, chunk: Chunk, body: bytes) -> None:
    assert way.header is not None  # IHDR came first
    kind = way.header.colour_type
    if way.pixels is not None or (kind == PALETTE and not way.palette):
        way.findings.append(metadata_broken("the PNG's transparency (tRNS) comes at the wrong place and is left out"))
    elif kind == PALETTE and 0 < len(body) <= 256:
        way.pieces.append(chunk.span)
    elif kind in (GREY, RGB) and len(body) == 2 * CHANNELS[kind]:
        mask = (1 << way.header.bits) - 1
        way.colour_key = tuple(int.from_bytes(body[at : at + 2], "big") & mask for at in range(0, len(body), 2))
    else:
        way.findings.append(metadata_broken("the PNG's transparency (tRNS) does not fit its kind and is left out"))


def _visit_profile(way: _Walk, body: bytes) -> None:
    _, _, rest = body.partition(b"\0")
    profile = way.allowance.inflate(rest[1:]) if rest[:1] == b"\0" else None
    if not profile:
        way.findings.append(profile_unusable("the embedded colour profile cannot be unpacked; sRGB is assumed"))
        return
    way.profile = way.profile or profile


def _visit_text(way: _Walk, kind: bytes, body: bytes) -> None:
    keyword, _, rest = body.partition(b"\0")
    text: bytes | None = rest
    if kind == b"zTXt":
        text = way.allowance.inflate(rest[1:])
    elif kind == b"iTXt":
        compressed = rest[:1] == b"\1"
        text = rest[2:].split(b"\0", 2)[-1]
        if compressed:
            text = way.allowance.inflate(text)
    if text is None:
        way.findings.append(metadata_broken("a compressed text in the PNG cannot be unpacked"))
    elif keyword == _XMP_KEYWORD:
        way.xmp.append(text)
    elif keyword in _RAW_EXIF:
        way.exif = way.exif or _unhex(text)
    elif keyword == _RAW_XMP:
        way.xmp.append(_unhex(text) or b"")


def _unhex(text: bytes) -> bytes | None:
    """The bytes of ImageMagick's form of a profile in a text: a name, a length, lines of hexadecimal digits."""
    lines = text.strip().split(b"\n", 2)
    try:
        return bytes.fromhex(lines[-1].decode("ascii")) if len(lines) == 3 else None
    except ValueError:
        return None


def _judge_metadata(way: _Walk, turned: exif.Exif) -> None:
    if turned.has_position or any(map(exif.xmp_has_position, way.xmp)):
        way.findings.append(location())
    fault = turned.broken or next(filter(None, map(exif.xmp_fault, way.xmp)), None)
    if fault:
        way.findings.append(metadata_broken(fault))
    if way.frames > 1:
        way.findings.append(animated(f"the PNG is an animation of {way.frames} frames"))
    large = large_profile(way.profile)
    if large:
        way.findings.append(large)
