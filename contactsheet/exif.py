"""Reads the little that is wanted from EXIF, XMP and MPF: the way up, whether there is a position, how many frames.

The reader never raises, never follows a loop and never interprets anything else.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

ORIENTATION = 0x0112
EXIF_IFD = 0x8769
GPS_IFD = 0x8825
INTEROP_IFD = 0xA005
MPF_NUMBER_OF_IMAGES = 0xB001
LATITUDE, LONGITUDE = 2, 4

_MAX_DIRECTORIES = 32
_MAX_ENTRIES = 2000  # real directories have some 60
# Bytes that one value of a TIFF type takes (TIFF 6.0, section 2); unknown types are skipped, as the standard demands.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_SHORT, _LONG, _RATIONAL = 3, 4, 5

_XMP_POSITION = re.compile(rb"GPS(?:Latitude|Longitude)\s*(?:=\s*[\"']\s*[^\"'\s]|>\s*[^<\s])")


@dataclass(frozen=True, slots=True)
class Exif:
    """What an EXIF block says. ``broken`` names the first fault of its structure, or is None."""

    orientation: int = 1
    has_position: bool = False
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    tag: int
    kind: int
    count: int
    value: bytes  # the bytes of the value itself, empty where they lie outside the block


@dataclass(slots=True)
class _Tiff:
    """A TIFF structure while it is read; it remembers where it has been and the first fault it met."""

    data: bytes
    order: str
    seen: set[int]
    broken: str | None = None

    def fault(self, words: str) -> None:
        self.broken = self.broken or words

    def number(self, form: str, at: int) -> int | None:
        size = struct.calcsize(form)
        if at < 0 or at + size > len(self.data):
            return None
        value: int = struct.unpack_from(self.order + form, self.data, at)[0]
        return value


def read(block: bytes | None) -> Exif:
    """Read an EXIF block, with or without its six bytes of label. None stands for a picture without EXIF."""
    if block is None:
        return Exif()
    tiff, first = _open(block)
    if tiff is None:
        return Exif(broken="the EXIF data do not begin as EXIF does")
    entries = _directories(tiff, first)
    position = False
    for gps in (at for at in (_whole(tiff, e) for e in entries if e.tag == GPS_IFD) if at is not None):
        position = _has_position(tiff, _directory(tiff, gps)[0]) or position
    orientation = next((_whole(tiff, e) for e in entries if e.tag == ORIENTATION), None)
    for sub in (EXIF_IFD, INTEROP_IFD):
        for at in (_whole(tiff, e) for e in entries if e.tag == sub):
            if at is not None:
                entries = [*entries, *_directory(tiff, at)[0]]
    orientation = orientation if orientation is not None and 1 <= orientation <= 8 else 1
    return Exif(orientation, position, tiff.broken)


def frames(block: bytes) -> int:
    """The number of pictures that a multi-picture index (CIPA DC-007) declares; 1 where it cannot be read."""
    tiff, first = _open(block)
    if tiff is None:
        return 1
    return next((_whole(tiff, e) or 1 for e in _directory(tiff, first)[0] if e.tag == MPF_NUMBER_OF_IMAGES), 1)


def xmp_has_position(packet: bytes) -> bool:
    """Whether an XMP packet (UTF-8, or UTF-16 by the look of it) holds a GPS position."""
    return _XMP_POSITION.search(packet.replace(b"\0", b"")) is not None


def xmp_fault(packet: bytes) -> str | None:
    """What is wrong with the outer structure of an XMP packet, or None."""
    plain = packet.replace(b"\0", b"")
    for tag in (b"x:xmpmeta", b"rdf:RDF"):
        if b"<" + tag in plain and b"</" + tag not in plain and not re.search(b"<" + tag + rb"[^<>]*/>", plain):
            return "the XMP metadata break off in the middle"
    return None


def _open(block: bytes) -> tuple[_Tiff | None, int]:
    if block[:4] == b"Exif":
        block = block[6:]
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None or len(block) < 8:
        return None, 0
    tiff = _Tiff(block, order, set())
    return tiff, tiff.number("I", 4) or 0


def _directories(tiff: _Tiff, at: int) -> list[_Entry]:
    """The entries of the first directory; those that it links to are only walked to see that they are sound."""
    first, following = _directory(tiff, at)
    while following:
        _, following = _directory(tiff, following)
    return first


def _directory(tiff: _Tiff, at: int) -> tuple[list[_Entry], int]:
    """The entries of the directory at an offset, and the offset of the next (0: none)."""
    if at in tiff.seen or len(tiff.seen) >= _MAX_DIRECTORIES:
        tiff.fault("the EXIF directories form a loop")
        return [], 0
    tiff.seen.add(at)
    count = tiff.number("H", at)
    if count is None or at < 8 or count > _MAX_ENTRIES:
        tiff.fault("the EXIF data point outside of themselves")
        return [], 0
    entries: list[_Entry] = []
    for place in range(at + 2, at + 2 + 12 * count, 12):
        if place + 12 > len(tiff.data):
            tiff.fault("the EXIF data break off in the middle")
            return entries, 0
        entries.append(_entry(tiff, place))
    # Many writers leave the link to the next directory out of the last one.
    return entries, tiff.number("I", at + 2 + 12 * count) or 0


def _entry(tiff: _Tiff, at: int) -> _Entry:
    tag, kind, count = struct.unpack_from(tiff.order + "HHI", tiff.data, at)
    size = _SIZES.get(kind, 0) * count
    start = at + 8 if size <= 4 else tiff.number("I", at + 8) or 0
    if start + size > len(tiff.data):
        tiff.fault("the EXIF data point outside of themselves")
        return _Entry(tag, kind, count, b"")
    return _Entry(tag, kind, count, tiff.data[start : start + min(size, 64)])


def _whole(tiff: _Tiff, entry: _Entry) -> int | None:
    """The first number of an entry of whole numbers, or None."""
    form = {_SHORT: "H", _LONG: "I", 13: "I", 1: "B"}.get(entry.kind)
    if form is None or len(entry.value) < struct.calcsize(form):
        return None
    value: int = struct.unpack_from(tiff.order + form, entry.value)[0]
    return value


def _has_position(tiff: _Tiff, entries: list[_Entry]) -> bool:
    """Whether latitude or longitude is there with a number in it (some cameras write 0/0 while they search)."""
    for entry in entries:
        if entry.tag in (LATITUDE, LONGITUDE) and entry.kind == _RATIONAL and len(entry.value) >= 8:
            numbers = struct.unpack_from(f"{tiff.order}{len(entry.value) // 8 * 2}I", entry.value)
            if any(numbers[1::2]):
                return True
    return False
