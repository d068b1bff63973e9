"""EXIF, XMP and MPF: the little that is read from them, and that nothing in them can do harm."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactsheet import exif
from tests import pictures as make


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_is_read_in_both_byte_orders(value: int, order: str) -> None:
    block = make.tiff((0x0112, 3, 1, struct.pack(order + "HH", value, 0)), order=order)
    assert exif.read(block) == exif.Exif(value)
    assert exif.read(b"Exif\0\0" + block) == exif.Exif(value)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_unknown_orientation_is_upright(value: int) -> None:
    assert exif.read(make.exif_orientation(value)) == exif.Exif(1)


def test_no_exif_is_nothing_wrong() -> None:
    assert exif.read(None) == exif.Exif()


def test_a_position_is_found() -> None:
    assert exif.read(make.exif_position()).has_position


def test_a_position_of_nothing_is_none() -> None:
    assert exif.read(make.exif_position(denominator=0)) == exif.Exif()


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"Exif\0\0",
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\0\0\0\0",
        b"XX*\0" + bytes(20),
        make.tiff((0x8769, 4, 1, struct.pack("<I", 0x7FFFFFFF))),
        make.tiff((0x010F, 2, 4_000_000_000, struct.pack("<I", 8))),
        make.tiff((0x0112, 3, 1, struct.pack("<HH", 6, 0)))[:15],
        make.tiff(following=8),
        make.tiff((0x8769, 4, 1, struct.pack("<I", 8))),
        make.tiff((0x8825, 4, 1, struct.pack("<I", 8))),
    ],
)
def test_a_broken_structure_is_told(block: bytes) -> None:
    assert exif.read(block).broken


def test_orientation_survives_what_is_broken_elsewhere() -> None:
    block = make.tiff((0x0112, 3, 1, struct.pack("<HH", 6, 0)), following=9999)
    assert exif.read(block).orientation == 6
    assert exif.read(block).broken


@pytest.mark.parametrize("link", ['exif:GPSLatitude="52,31.2N"', "<exif:GPSLongitude>13,24E</exif:GPSLongitude>"])
def test_a_position_in_xmp_is_found(link: str) -> None:
    assert exif.xmp_has_position(f"<rdf:Description {link}/>".encode())
    assert exif.xmp_has_position(f"<rdf:Description {link}/>".encode("utf-16-le"))


def test_xmp_without_a_position() -> None:
    assert not exif.xmp_has_position(b'<a exif:GPSLatitude="" exif:GPSVersionID="2.2.0.0" exif:GPSLatitudeRef="N"/>')


def test_xmp_that_breaks_off() -> None:
    assert exif.xmp_fault(b"<x:xmpmeta><rdf:RDF>")
    assert exif.xmp_fault(b"<x:xmpmeta><rdf:RDF></rdf:RDF></x:xmpmeta>") is None
    assert exif.xmp_fault(b"no XMP at all") is None


@given(st.binary(max_size=300), st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]))
def test_any_bytes_are_read_without_an_exception(data: bytes, start: bytes) -> None:
    assert exif.read(start + data).orientation in range(1, 9)
    assert exif.frames(start + data) >= 0
    exif.xmp_has_position(data)


def test_a_tangle_of_directories_ends_soon() -> None:
    entry = struct.pack("<HHII", 0x8769, 4, 1, 10)
    block = b"II*\0\x08\0\0\0" + (struct.pack("<H", 1999) + entry * 1999) * 80
    begun = time.perf_counter()
    exif.read(block)
    assert time.perf_counter() - begun < 1
