"""Cleaning a picture: everything it says beside the picture goes, and nothing that one sees of it changes."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from contactsheet.anatomy import Anatomy, shape_findings
from contactsheet.clean import cleaned
from contactsheet.inspection import inspect
from contactsheet.png import chunks
from contactsheet.thumbnails import Thumbnails, examine
from tests import pictures as make

SECRET = b"52 Secret Street"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LONG_PROFILE = PROFILE + bytes(150_000)  # takes three of the segments of a JPEG

EXIF = make.exif_position()
XMP = b'<x:xmpmeta><rdf:RDF><a exif:GPSLatitude="52,31N" b="' + SECRET + b'"/></rdf:RDF></x:xmpmeta>'


def looked_at(data: bytes) -> tuple[Anatomy, set[str], Thumbnails]:
    """What the program makes of a picture: its parts, the rules it breaks, its thumbnails."""
    anatomy, findings = inspect(data, suffix=".png" if data.startswith(make.SIGNATURE) else ".jpg")
    assert anatomy is not None, findings
    thumbnails, more = examine(data, anatomy)
    assert thumbnails is not None, more
    return anatomy, {finding.rule for finding in (*findings, *more)}, thumbnails


def pixels(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    """The first frame as another program shows it, transparency included."""
    image = make.opened(data)
    transparency = image.info.get("transparency")
    if transparency is not None and image.mode in ("L", "RGB", "P", "1"):
        image = image.convert("RGBA")
    return image.mode, image.size, image.tobytes()


def clean(data: bytes, *, like: bytes = b"") -> bytes:
    """The clean picture, which is checked to be the same to look at, and to stay as it is when cleaned again.

    ``like`` has the same pixels, for data that other programs cannot open.
    """
    before, _, thumbnails = looked_at(data)
    result = cleaned(data, before)
    after, rules, thumbnails_after = looked_at(result)
    assert rules == set()
    assert thumbnails_after == thumbnails
    assert pixels(result) == pixels(like or data)
    assert (after.orientation, after.profile) == (before.orientation, before.profile)
    assert shape_findings(after, "cover", (0.5, 0.5)) == shape_findings(before, "cover", (0.5, 0.5))
    assert cleaned(result, after) == result
    assert SECRET not in result
    return result


def segments(jpeg: bytes) -> list[int]:
    """The codes of a JPEG's segments up to its scan."""
    found, at = [], 2
    while jpeg[at + 1] != 0xDA:
        found.append(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def kinds(png: bytes) -> list[bytes]:
    """The kinds of a PNG's chunks."""
    found: list[bytes] = []
    for chunk in chunks(png):
        found.append(chunk.kind)
        if chunk.kind == b"IEND":
            break
    return found


# --- JPEG ------------------------------------------------------------------------------------------------------------

ATTACHED = {
    "EXIF": make.segment(0xE1, b"Exif\0\0" + EXIF),
    "XMP": make.segment(0xE1, make.XMP + XMP),
    "extended XMP": make.segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(40) + XMP),
    "IPTC": make.segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x13\x1c\x02\x5a\0\x10" + SECRET),
    "comment": make.segment(0xFE, SECRET),
    "maker": make.segment(0xEB, SECRET * 100),
    "broken EXIF": make.segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\x7f"),
    "stray bytes": SECRET,
}


@pytest.mark.parametrize("name", ATTACHED)
def test_what_is_attached_to_a_jpeg_goes(name: str) -> None:
    sound = make.saved(make.textured(96, 96))
    assert segments(clean(make.with_segments(sound, ATTACHED[name]), like=sound)) == segments(sound)


def test_a_jpeg_that_says_nothing_stays_as_it_is_to_the_byte() -> None:
    image = make.quarters(64, 64)
    for data in (make.saved(image), make.saved(image, dpi=(72, 72))):
        assert data[6:11] == b"JFIF\0"
        assert clean(data) == data


def test_data_behind_a_jpeg_go() -> None:
    assert clean(make.saved(make.quarters(64, 64)) + SECRET).endswith(b"\xff\xd9")


@pytest.mark.parametrize("way", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_way_up_stays(kind: str, way: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = way
    exif[0x010E] = SECRET.decode()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 0.0)}
    data = make.saved(make.quarters(90, 60), kind, exif=exif)
    result = clean(data)
    assert make.opened(result).getexif().get(0x0112, 1) == way
    assert set(make.opened(result).getexif()) <= {0x0112}


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("profile", [PROFILE, LONG_PROFILE], ids=["short", "long"])
def test_the_profile_stays(kind: str, profile: bytes) -> None:
    data = make.saved(make.quarters(64, 64), kind, icc_profile=profile, comment=SECRET)
    assert make.opened(clean(data)).info["icc_profile"] == profile


def test_of_several_pictures_the_first_stays() -> None:
    further = [make.textured(64, 64, seed) for seed in (2, 3)]
    mpo = clean(make.saved(make.quarters(64, 64), "MPO", save_all=True, append_images=further))
    assert make.opened(mpo).format == "JPEG"
    assert mpo.count(b"\xff\xd8\xff") == 1
    apng = clean(make.saved(make.quarters(64, 64), "PNG", save_all=True, append_images=further))
    assert kinds(apng) == [b"IHDR", b"IDAT", b"IEND"]


def without_adobe(jpeg: bytes) -> bytes:
    at = make.marker_at(jpeg, 0xEE)
    return jpeg[:at] + jpeg[at + 16 :]


JPEGS: dict[str, Callable[[], bytes]] = {
    "plain": lambda: make.saved(make.textured(96, 64)),
    "grey": lambda: make.saved(make.textured(96, 64).convert("L")),
    "RGB": lambda: make.saved(make.textured(96, 64), keep_rgb=True),
    "progressive": lambda: make.saved(make.textured(96, 64), progressive=True),
    "restarts": lambda: make.saved(make.textured(96, 64), restart_marker_rows=1),
    "CMYK": lambda: make.saved(make.quarters(96, 64, "CMYK")),
}


@pytest.mark.parametrize("name", JPEGS)
def test_every_kind_of_jpeg_stays_the_same(name: str) -> None:
    clean(make.with_segments(JPEGS[name](), ATTACHED["comment"]))


def test_cmyk_without_adobes_marker_gets_none() -> None:
    data = without_adobe(make.saved(make.quarters(96, 64, "CMYK"), comment=SECRET))
    anatomy, _, thumbnails = looked_at(data)
    result = cleaned(data, anatomy)
    assert looked_at(result)[2] == thumbnails
    assert 0xEE not in segments(result)


# --- PNG -------------------------------------------------------------------------------------------------------------

NOTED = {
    "tEXt": make.chunk(b"tEXt", b"Comment\0" + SECRET),
    "zTXt": make.text(b"Comment", SECRET * 9),
    "iTXt": make.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
    "eXIf": make.chunk(b"eXIf", EXIF),
    "tIME": make.chunk(b"tIME", b"\x07\xea\x0b\x16\0\0\0"),
    "unknown": make.chunk(b"prVt", SECRET),
    "too long": make.chunk(b"gAMA", SECRET),
    "broken profile": make.chunk(b"iCCP", b"x\0\0" + SECRET),
}
SHOWN = {
    "sRGB": make.chunk(b"sRGB", b"\0"),
    "gAMA": make.chunk(b"gAMA", struct.pack(">I", 45455)),
    "cHRM": make.chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
    "sBIT": make.chunk(b"sBIT", b"\x05\x06\x05"),
    "cICP": make.chunk(b"cICP", b"\x01\x0d\0\x01"),
    "pHYs": make.chunk(b"pHYs", struct.pack(">IIB", 2, 1, 0)),
}


@pytest.mark.parametrize("name", NOTED)
def test_what_is_noted_in_a_png_goes(name: str) -> None:
    result = clean(make.with_chunks(make.saved(make.quarters(64, 64), "PNG"), NOTED[name]))
    assert kinds(result) == [b"IHDR", b"IDAT", b"IEND"]


@pytest.mark.parametrize("name", SHOWN)
def test_what_says_how_pixels_are_shown_stays(name: str) -> None:
    data = make.with_chunks(make.saved(make.quarters(64, 64), "PNG"), NOTED["tEXt"], SHOWN[name])
    assert SHOWN[name] in clean(data)


def test_a_number_that_is_given_twice_stays_once() -> None:
    data = make.with_chunks(make.saved(make.quarters(64, 64), "PNG"), SHOWN["gAMA"], SHOWN["gAMA"])
    assert clean(data).count(b"gAMA") == 1


def test_notes_behind_the_picture_data_go() -> None:
    sound = make.saved(make.quarters(64, 64), "PNG")
    data = sound[:-12] + NOTED["tEXt"] + NOTED["eXIf"] + sound[-12:] + SECRET
    assert clean(data) == clean(sound)


def keyed(colour_type: int, bits: int) -> bytes:
    """A grey or RGB picture one of whose colours is declared transparent."""
    sample = struct.pack(">H", 0x3131)[: bits // 8]
    channels = 1 if colour_type == 0 else 3
    row = sample * channels * 20 + b"\xee" * (bits // 8) * channels * 20
    key = struct.pack(">H", int.from_bytes(sample, "big")) * channels
    return make.raw_png(40, 8, bits, colour_type, row * 8, before=make.chunk(b"tRNS", key) + NOTED["tEXt"])


PNGS: dict[str, Callable[[], bytes]] = {
    "RGB": lambda: make.saved(make.textured(96, 64), "PNG"),
    "RGBA": lambda: make.saved(make.textured(96, 64).convert("RGBA"), "PNG"),
    "grey": lambda: make.saved(make.textured(96, 64).convert("L"), "PNG"),
    "grey and alpha": lambda: make.saved(make.textured(96, 64).convert("LA"), "PNG"),
    "one bit": lambda: make.saved(make.textured(96, 64).convert("1"), "PNG"),
    "palette": lambda: make.saved(make.textured(96, 64).quantize(16), "PNG"),
    "palette and transparency": lambda: make.saved(make.textured(96, 64).quantize(16), "PNG", transparency=3),
    "interlaced": lambda: make.interlaced_png(make.textured(96, 64)),
    "transparent grey": lambda: keyed(0, 8),
    "transparent colour": lambda: keyed(2, 8),
    "transparent deep grey": lambda: keyed(0, 16),
    "transparent deep colour": lambda: keyed(2, 16),
}


@pytest.mark.parametrize("name", PNGS)
def test_every_kind_of_png_stays_the_same(name: str) -> None:
    clean(make.with_chunks(PNGS[name](), NOTED["eXIf"]))


# --- together --------------------------------------------------------------------------------------------------------

TOGETHER = settings(max_examples=25)


@TOGETHER
@given(
    st.sampled_from(sorted(JPEGS)),
    st.lists(st.sampled_from(sorted(ATTACHED)), max_size=5),
    st.integers(1, 8),
    st.sampled_from([None, PROFILE]),
    st.sampled_from([b"", SECRET]),
)
def test_any_jpeg_with_anything_attached(
    name: str, attached: list[str], way: int, profile: bytes | None, tail: bytes
) -> None:
    parts = [make.segment(0xE1, b"Exif\0\0" + make.exif_orientation(way)), *(ATTACHED[one] for one in attached)]
    if profile and name not in ("grey", "CMYK"):
        parts.append(make.segment(0xE2, make.ICC + b"\1\1" + profile))
    result = clean(make.with_segments(JPEGS[name](), *parts) + tail, like=JPEGS[name]())
    assert set(segments(result)) <= {0xE0, 0xEE, 0xE1, 0xE2, 0xC0, 0xC2, 0xC4, 0xDB, 0xDD}
    assert (0xE1 in segments(result)) == (way != 1)


@TOGETHER
@given(
    st.sampled_from(sorted(PNGS)),
    st.lists(st.sampled_from(sorted(NOTED)), max_size=5),
    st.sets(st.sampled_from(sorted(set(SHOWN) - {"sBIT"}))),
    st.integers(1, 8),
    st.sampled_from([b"", SECRET]),
)
def test_any_png_with_anything_noted(name: str, noted: list[str], shown: set[str], way: int, tail: bytes) -> None:
    parts = [make.chunk(b"eXIf", make.exif_orientation(way)), *(NOTED[one] for one in noted)]
    parts += [SHOWN[one] for one in sorted(shown)]
    result = clean(make.with_chunks(PNGS[name](), *parts) + tail)
    assert set(kinds(result)) <= {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf", *(n.encode() for n in shown)}
    assert (b"eXIf" in kinds(result)) == (way != 1)
