"""The walk through a JPEG: sizes, scans, metadata, and what lies between and behind its segments."""

from __future__ import annotations

import struct
import time

import pytest
from PIL import Image, ImageCms

from contactsheet.anatomy import Anatomy, Finding, essence
from contactsheet.inspection import inspect
from tests import pictures as make

SOUND = make.saved(make.quarters(64, 64))


def accepted(data: bytes) -> tuple[Anatomy, set[str]]:
    anatomy, findings = inspect(data, suffix=".jpg")
    assert anatomy is not None, findings
    assert all(make.in_house_style(finding.message, finding.fix) for finding in findings), findings
    return anatomy, {finding.rule for finding in findings}


def refused(data: bytes) -> Finding:
    anatomy, findings = inspect(data, suffix=".jpg")
    assert anatomy is None
    assert make.in_house_style(findings[0].message, findings[0].fix), findings
    return findings[0]


@pytest.mark.parametrize(("width", "height"), [(60000, 60000), (65535, 65535), (10000, 5001)])
def test_too_many_pixels_are_refused_from_the_header(width: int, height: int) -> None:
    assert refused(make.with_size(SOUND, width, height)).rule == "avatar/too-many-pixels"


@pytest.mark.parametrize(("width", "height"), [(0, 10), (10, 0)])
def test_a_side_of_zero_is_refused(width: int, height: int) -> None:
    assert refused(make.with_size(SOUND, width, height)).rule == "avatar/too-many-pixels"


def test_scans_are_counted() -> None:
    accepted(make.with_scans(64))
    finding = refused(make.with_scans(65))
    assert finding.rule == "avatar/too-many-scans"


def test_five_thousand_scans_cost_no_time() -> None:
    hostile = make.with_scans(5006)
    begun = time.perf_counter()
    assert refused(hostile).rule == "avatar/too-many-scans"
    assert time.perf_counter() - begun < 0.2


@pytest.mark.parametrize("value", range(1, 9))
def test_orientation_is_read(value: int) -> None:
    anatomy, rules = accepted(make.with_exif(SOUND, make.exif_orientation(value)))
    assert anatomy.orientation == value
    assert not rules


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_impossible_orientation_counts_as_upright(value: int) -> None:
    anatomy, rules = accepted(make.with_exif(SOUND, make.exif_orientation(value)))
    assert anatomy.orientation == 1
    assert not rules


def test_a_position_is_a_warning_that_keeps_it_to_itself() -> None:
    anatomy, findings = inspect(make.with_exif(SOUND, make.exif_position()), suffix=".jpg")
    assert anatomy is not None
    assert [finding.rule for finding in findings] == ["avatar/location"]
    assert "52" not in findings[0].message


def test_a_position_in_xmp_is_found_too() -> None:
    packet = b'<x:xmpmeta><rdf:RDF><a exif:GPSLatitude="52,31N"/></rdf:RDF></x:xmpmeta>'
    assert accepted(make.with_segments(SOUND, make.segment(0xE1, make.XMP + packet)))[1] == {"avatar/location"}


def test_a_position_in_extended_xmp_is_found_too() -> None:
    body = b"http://ns.adobe.com/xmp/extension/\0" + bytes(40) + b'<a exif:GPSLatitude="52,31N"/>'
    assert accepted(make.with_segments(SOUND, make.segment(0xE1, body)))[1] == {"avatar/location"}


@pytest.mark.parametrize("block", [b"II*\0\xff\xff\xff\x7f", make.tiff(following=8), b"rubbish"])
def test_broken_exif_is_a_warning(block: bytes) -> None:
    assert accepted(make.with_exif(SOUND, block))[1] == {"avatar/metadata-broken"}


def test_scripts_in_metadata_are_nobodys_business() -> None:
    script = b"<script>alert(1)</script>"
    comment = make.segment(0xFE, script)
    xmp = make.segment(0xE1, make.XMP + script)
    anatomy, rules = accepted(make.with_segments(SOUND, comment, xmp))
    assert not rules
    assert script not in essence(make.with_segments(SOUND, comment, xmp), anatomy)


@pytest.mark.parametrize("stray", [b"\0", b"\0" * 40, b"stray bytes"])
def test_stray_bytes_between_segments_are_a_warning(stray: bytes) -> None:
    data = make.with_segments(SOUND, stray)
    anatomy, rules = accepted(data)
    assert rules == {"avatar/metadata-broken"}
    assert essence(data, anatomy) == essence(SOUND, accepted(SOUND)[0])


def test_fill_bytes_before_a_marker_are_allowed() -> None:
    assert accepted(make.with_segments(SOUND, b"\xff\xff\xff"))[1] == set()
    assert accepted(SOUND[:-2] + b"\xff\xff" + SOUND[-2:])[1] == set()


def test_the_essence_is_a_jpeg_of_the_same_pixels() -> None:
    data = make.saved(make.textured(), exif=make.exif_orientation(6), comment=b"hello", icc_profile=b"x" * 70_000)
    pure = essence(data, accepted(data)[0])
    assert make.opened(pure).tobytes() == make.opened(data).tobytes()
    assert not {"exif", "comment", "icc_profile"} & make.opened(pure).info.keys()


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_a_profile_is_put_together_from_its_parts() -> None:
    whole = profile()
    parts = [make.segment(0xE2, make.ICC + bytes([n, 2]) + part) for n, part in ((2, whole[200:]), (1, whole[:200]))]
    anatomy, rules = accepted(make.with_segments(SOUND, *parts))
    assert anatomy.profile == whole
    assert not rules


@pytest.mark.parametrize("numbers", [[(1, 2)], [(2, 2)], [(1, 1), (1, 1)], [(0, 0)], [(1, 3), (3, 3)]])
def test_a_profile_with_a_part_missing_is_a_warning(numbers: list[tuple[int, int]]) -> None:
    parts = [make.segment(0xE2, make.ICC + bytes(pair) + b"data") for pair in numbers]
    anatomy, rules = accepted(make.with_segments(SOUND, *parts))
    assert anatomy.profile is None
    assert rules == {"avatar/profile"}


def test_an_absurdly_large_profile_is_a_warning() -> None:
    assert accepted(make.saved(make.quarters(64, 64), icc_profile=bytes(400_000)))[1] == {"avatar/profile"}


def test_a_multi_picture_file_gives_its_first() -> None:
    data = make.saved(make.quarters(64, 64), "MPO", save_all=True, append_images=[make.textured(64, 64)])
    anatomy, rules = accepted(data)
    assert rules == {"avatar/animated"}
    assert make.opened(essence(data, anatomy)).getpixel((10, 10)) == make.opened(data).getpixel((10, 10))


@pytest.mark.parametrize("kind", [0xC3, 0xC5, 0xCB, 0xCF, 0xDE, 0xF7])
def test_kinds_that_no_browser_shows_are_refused(kind: int) -> None:
    at = make.marker_at(SOUND, 0xC0)
    assert refused(SOUND[: at + 1] + bytes([kind]) + SOUND[at + 2 :]).rule == "avatar/undecodable"


def test_twelve_bits_a_sample_are_refused() -> None:
    at = make.marker_at(SOUND, 0xC0)
    assert refused(SOUND[: at + 4] + b"\x0c" + SOUND[at + 5 :]).rule == "avatar/undecodable"


def test_two_headers_are_damage() -> None:
    at = make.marker_at(SOUND, 0xC0)
    assert refused(SOUND[:at] + SOUND[at : at + 19] + SOUND[at:]).rule == "avatar/damaged"


def test_a_hundred_thousand_comments_are_refused_soon() -> None:
    begun = time.perf_counter()
    finding = refused(make.with_segments(SOUND, make.segment(0xFE, b"x") * 100_000))
    assert finding.rule == "avatar/too-much-metadata"
    assert time.perf_counter() - begun < 1


def test_restart_markers_and_stuffed_bytes_belong_to_the_picture() -> None:
    data = make.saved(make.textured(320, 320), quality=98, restart_marker_rows=1)
    assert b"\xff\xd3" in data
    assert b"\xff\x00" in data
    anatomy, rules = accepted(data)
    assert not rules
    assert make.opened(essence(data, anatomy)).tobytes() == make.opened(data).tobytes()


def test_cmyk_keeps_its_adobe_marker() -> None:
    data = make.saved(make.quarters(64, 64, "CMYK"))
    anatomy, _ = accepted(data)
    assert (anatomy.components, anatomy.adobe) == (4, True)
    assert make.opened(essence(data, anatomy)).tobytes() == make.opened(data).tobytes()


def test_the_largest_jpegs_are_walked_in_no_time() -> None:
    data = make.saved(Image.effect_noise((2000, 1500), 60).convert("RGB"), quality=90)
    begun = time.perf_counter()
    accepted(data)
    assert time.perf_counter() - begun < 0.1
    assert len(data) > 1_000_000


def test_a_mangled_length_is_refused_without_an_exception() -> None:
    for at in range(2, 200):
        for value in (0, 1, 0xFFFF):
            broken = SOUND[:at] + struct.pack(">H", value) + SOUND[at + 2 :]
            anatomy, findings = inspect(broken, suffix=".jpg")
            assert anatomy is not None or findings
