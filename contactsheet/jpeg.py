"""Walks through a JPEG's segments and scans (ITU-T T.81, annex B) without decoding, and collects what a decoder needs.

Nothing here is as slow as a Python loop over bytes: the entropy-coded data are skipped by a compiled expression.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from contactsheet import exif
from contactsheet.anatomy import (
    LARGE_PRINT_PROFILE,
    LARGE_PROFILE,
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

MAX_SCANS = 64  # sound pictures have at most some 20; each costs a pass over the whole picture
MAX_SEGMENTS = 10_000

SOI, EOI, SOS, DNL, TEM = 0xD8, 0xD9, 0xDA, 0xDC, 0x01
_RESTARTS = range(0xD0, 0xD8)
_TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDD})  # DHT, DAC, DQT, DRI
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})  # what libjpeg decodes: Huffman or arithmetic, not hierarchical
_SEQUENTIAL = frozenset({0xC0, 0xC1, 0xC9})
_OTHER_FRAMES = {0xC3: "lossless", 0xC5: "hierarchical", 0xC6: "hierarchical", 0xC7: "hierarchical", 0xC8: "extended"}
_OTHER_FRAMES |= {0xCB: "lossless", 0xCD: "hierarchical", 0xCE: "hierarchical", 0xCF: "hierarchical"}
_OTHER_FRAMES |= {0xDE: "hierarchical", 0xDF: "hierarchical", 0xF7: "JPEG-LS"}
_SKIPPED = frozenset({DNL, 0xFE, *range(0xE0, 0xF0)})  # comments and application data

_MARKER = re.compile(rb"\xff[^\x00\xff]")
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_STRAY = re.compile(rb"[^\xff]")

# The two application segments that decide about colours, as libjpeg wants them and without anything else in them.
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"
_ADOBE = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"

_EXIF_LABEL = b"Exif\0"
_XMP_LABEL = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED_XMP_LABEL = b"http://ns.adobe.com/xmp/extension/\0"
_EXTENDED_XMP_HEADER = 40  # GUID, full length and offset
_ICC_LABEL = b"ICC_PROFILE\0"
_MPF_LABEL = b"MPF\0"


@dataclass(slots=True)
class _Walk:
    """What was met so far on the way through the file."""

    data: bytes
    frame: tuple[int, int, int, int, int] | None = None  # kind, bits, height, width, components
    scans: int = 0
    segments: int = 0
    stray: int = 0
    pieces: list[Piece] = field(default_factory=list)
    jfif: bool = False
    adobe: int | None = None
    exif: bytes | None = None
    xmp: list[bytes] = field(default_factory=list)
    extended_xmp: list[bytes] = field(default_factory=list)
    profile_parts: list[bytes] = field(default_factory=list)
    frames: int = 1
    findings: list[Finding] = field(default_factory=list)


def walk(data: bytes) -> tuple[Anatomy, list[Finding]]:
    """Walk from SOI to EOI. Raises Refusal where the picture cannot be accepted; the findings are warnings."""
    way = _Walk(data)
    end = _walk_segments(way)
    if way.frame is None or not way.scans:
        raise damaged("the JPEG ends before a picture begins")
    _, bits, height, width, components = way.frame
    turned = exif.read(way.exif)
    profile = _profile(way)
    anatomy = Anatomy(
        format="JPEG",
        width=width,
        height=height,
        orientation=turned.orientation,
        profile=profile,
        components=components,
        bits=bits,
        pieces=(_colour_segments(way), *way.pieces, b"\xff\xd9"),
        adobe=way.adobe is not None,
    )
    _judge_metadata(way, turned, anatomy)
    _judge_tail(way, end)
    return anatomy, way.findings


def _walk_segments(way: _Walk) -> int:
    """Visit every segment; the offset after EOI."""
    data, at = way.data, 2
    while True:
        found = _MARKER.search(data, at)
        if found is None:
            raise damaged("the JPEG is cut off: its end marker (EOI) is missing")
        way.stray += len(_STRAY.findall(data, at, found.start()))
        code, at = found[0][1], found.end()
        if code == EOI:
            return at
        if code in _RESTARTS or code == TEM:
            continue
        stop = _segment_end(data, code, at)
        _visit(way, code, at, stop)
        if code == SOS:
            stop = _scan_end(way, stop)
            way.pieces[-1] = _joined(way.pieces[-1], stop)
        at = stop


def _segment_end(data: bytes, code: int, at: int) -> int:
    if code == SOI or code < 0xC0:
        raise damaged(f"the JPEG is damaged: marker 0x{code:02x} at byte {at - 2} does not belong there")
    if at + 2 > len(data):
        raise damaged("the JPEG is cut off inside a segment")
    length = int.from_bytes(data[at : at + 2], "big")
    if length < 2:
        raise damaged(f"the JPEG is damaged: the segment at byte {at - 2} has an impossible length")
    if at + length > len(data):
        raise damaged("the JPEG is cut off inside a segment")
    return at + length


def _visit(way: _Walk, code: int, at: int, stop: int) -> None:
    """Take from one segment (length at ``at``, end at ``stop``) what is needed of it."""
    body = way.data[at + 2 : stop] if code not in _TABLES else b""
    if code == SOS:
        _visit_scan(way, body, at - 2, stop)
    elif code in _TABLES:
        _keep(way, at - 2, stop)
    elif code in _FRAMES:
        _visit_frame(way, code, body)
        _keep(way, at - 2, stop)
    elif code in _OTHER_FRAMES:
        raise Refusal("avatar/undecodable", f"the JPEG is {_OTHER_FRAMES[code]}, a kind that browsers cannot show")
    elif code in _SKIPPED:
        way.segments += 1
        if way.segments > MAX_SEGMENTS:
            raise too_much_metadata(f"the JPEG has more than {MAX_SEGMENTS} metadata segments")
        _visit_application(way, code, body)
    else:
        raise damaged(f"the JPEG is damaged: marker 0x{code:02x} at byte {at - 2} has no meaning")


def _visit_frame(way: _Walk, code: int, body: bytes) -> None:
    if way.frame is not None:
        raise damaged("the JPEG is damaged: it declares its size twice")
    if len(body) < 6:
        raise damaged("the JPEG is damaged: the segment with its size is too short")
    bits, height, width, components = struct.unpack_from(">BHHB", body)
    if len(body) != 6 + 3 * components:
        raise damaged("the JPEG is damaged: the segment with its size has the wrong length")
    refuse_impossible_size(width, height)
    if bits != 8:
        raise Refusal("avatar/undecodable", f"the JPEG has {bits} bits a sample; browsers show those with 8")
    if components not in (1, 3, 4):
        raise Refusal("avatar/undecodable", f"the JPEG has {components} colour channels; only 1, 3 and 4 can be shown")
    way.frame = (code, bits, height, width, components)


def _visit_scan(way: _Walk, body: bytes, start: int, stop: int) -> None:
    if way.frame is None:
        raise damaged("the JPEG is damaged: picture data come before its size")
    way.scans += 1
    if way.scans > MAX_SCANS:
        raise Refusal(
            "avatar/too-many-scans",
            f"the JPEG has more than {MAX_SCANS} scans, each of which takes time to decode; sound ones have about ten",
            "Save it again as an ordinary JPEG and replace the file.",
        )
    if way.frame[0] in _SEQUENTIAL and len(body) >= 6 and body[-3:] != b"\x00\x3f\x00":
        # A sequential scan has no spectral selection; libjpeg ignores a wrong one, with a warning that hides others.
        way.findings.append(metadata_broken("a scan's header has values that this kind of JPEG has no use for"))
        way.pieces.append(way.data[start : stop - 3] + b"\x00\x3f\x00")
        way.pieces.append((stop, stop))
        return
    _keep(way, start, stop)


def _scan_end(way: _Walk, at: int) -> int:
    """The offset of the marker that ends the entropy-coded data; stuffed bytes and restarts belong to them."""
    found = _MARKER_IN_SCAN.search(way.data, at)
    if found is None:
        raise damaged("the JPEG is cut off: its picture data have no end")
    return found.start()


def scan_ends(jpeg: bytes) -> list[tuple[int, int]]:
    """Where each scan's data end in a JPEG that was walked: the offset of the marker, and its code."""
    ends, at = [], 2
    while (found := _MARKER.search(jpeg, at)) is not None and found[0][1] != EOI:
        at = _segment_end(jpeg, found[0][1], found.end())
        if found[0][1] == SOS and (end := _MARKER_IN_SCAN.search(jpeg, at)) is not None:
            at = end.start()
            ends.append((at, end[0][1]))
    return ends


def marker_before_scan(jpeg: bytes, *codes: int) -> int | None:
    """The offset of the first segment of a kind before any picture data, or None."""
    at = 2
    while (found := _MARKER.search(jpeg, at)) is not None and found[0][1] != EOI:
        if found[0][1] in codes:
            return found.start()
        if found[0][1] == SOS:
            return None
        at = _segment_end(jpeg, found[0][1], found.end())
    return None


def _keep(way: _Walk, start: int, stop: int) -> None:
    way.pieces.append((start, stop))


def _joined(piece: Piece, stop: int) -> Piece:
    return piece if isinstance(piece, bytes) else (piece[0], stop)


def _visit_application(way: _Walk, code: int, body: bytes) -> None:
    if code == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 14:
        way.jfif = True
    elif code == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
        way.adobe = body[11]
    elif code == 0xE1:
        if body.startswith(_EXIF_LABEL):
            way.exif = way.exif or body
        elif body.startswith(_XMP_LABEL):
            way.xmp.append(body.removeprefix(_XMP_LABEL))
        elif body.startswith(_EXTENDED_XMP_LABEL):
            way.extended_xmp.append(body[len(_EXTENDED_XMP_LABEL) + _EXTENDED_XMP_HEADER :])
    elif code == 0xE2 and body.startswith(_ICC_LABEL):
        way.profile_parts.append(body.removeprefix(_ICC_LABEL))
    elif code == 0xE2 and body.startswith(_MPF_LABEL):
        way.frames = max(way.frames, exif.frames(body.removeprefix(_MPF_LABEL)))


def _colour_segments(way: _Walk) -> bytes:
    """SOI and the segments by which libjpeg tells RGB from YCbCr and CMYK from YCCK."""
    segments = b"\xff\xd8"
    if way.jfif:
        segments += _JFIF
    if way.adobe is not None:
        # libjpeg takes an unknown transform for YCbCr or YCCK.
        usual = 2 if way.frame is not None and way.frame[4] == 4 else 1
        segments += _ADOBE + bytes([way.adobe if way.adobe in (0, 1, 2) else usual])
    return segments


def _profile(way: _Walk) -> bytes | None:
    """The ICC profile put together from its numbered parts (ICC.1, annex B.4); None if one is missing."""
    parts = {part[0]: part[2:] for part in way.profile_parts if len(part) > 2}
    if not way.profile_parts:
        return None
    total = way.profile_parts[0][1] if len(way.profile_parts[0]) > 2 else 0
    if sorted(parts) != list(range(1, total + 1)) or len(parts) != len(way.profile_parts):
        way.findings.append(profile_unusable("the embedded colour profile is incomplete; sRGB is assumed"))
        return None
    return b"".join(parts[number] for number in sorted(parts))


def _judge_metadata(way: _Walk, turned: exif.Exif, anatomy: Anatomy) -> None:
    extended = b"".join(way.extended_xmp)
    if turned.has_position or any(map(exif.xmp_has_position, (*way.xmp, extended))):
        way.findings.append(location())
    fault = turned.broken or next(filter(None, map(exif.xmp_fault, way.xmp)), None)
    if fault:
        way.findings.append(metadata_broken(fault))
    if way.stray:
        way.findings.append(metadata_broken("stray bytes lie between the JPEG's segments"))
    large = large_profile(anatomy.profile, LARGE_PRINT_PROFILE if anatomy.components == 4 else LARGE_PROFILE)
    if large:
        way.findings.append(large)


def _judge_tail(way: _Walk, end: int) -> None:
    """A multi-picture file has its further pictures after the first; in any other what follows the end is foreign."""
    if way.frames > 1:
        way.findings.append(animated(f"the file holds {way.frames} pictures (frames, a depth or a gain map)"))
    elif len(way.data) > end:
        way.findings.append(trailing_data(len(way.data) - end, "the JPEG's end marker"))
