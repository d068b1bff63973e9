"""The walk through a PNG: order, lengths, checksums, the amount of picture data, and bounds on all that is packed."""

from __future__ import annotations

import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from itertools import product

import pytest
from PIL import Image, ImageCms

from contactsheet.anatomy import Anatomy, Finding, essence
from contactsheet.inflating import expected_bytes
from contactsheet.inspection import inspect
from tests import pictures as make

SOUND = make.saved(make.quarters(64, 64), "PNG")
GREY_ROWS = bytes(range(64)) * 64
END = make.chunk(b"IEND")


def accepted(data: bytes) -> tuple[Anatomy, set[str]]:
    anatomy, findings = inspect(data, suffix=".png")
    assert anatomy is not None, findings
    assert all(make.in_house_style(finding.message, finding.fix) for finding in findings), findings
    return anatomy, {finding.rule for finding in findings}


def refused(data: bytes) -> Finding:
    anatomy, findings = inspect(data, suffix=".png")
    assert anatomy is None, findings
    assert make.in_house_style(findings[0].message, findings[0].fix), findings
    return findings[0]


@pytest.mark.parametrize("size", [(2**31 - 1, 2**31 - 1), (1, 2**31 - 1), (60000, 60000), (7072, 7072)])
def test_too_many_pixels_are_refused_from_the_header(size: tuple[int, int]) -> None:
    assert refused(make.png(make.header(*size), make.idat(b""), END)).rule == "avatar/too-many-pixels"


def test_a_real_one_bit_picture_of_177_megapixels_is_refused() -> None:
    assert refused(make.saved(Image.new("1", (13304, 13304)), "PNG")).rule == "avatar/too-many-pixels"


@pytest.mark.parametrize("size", [(0, 10), (10, 0)])
def test_a_side_of_zero_is_refused(size: tuple[int, int]) -> None:
    assert refused(make.png(make.header(*size), make.idat(b""), END)).rule == "avatar/too-many-pixels"


@pytest.mark.parametrize(("bits", "colour_type"), [(3, 0), (8, 1), (4, 2), (16, 3), (8, 5), (2, 6), (8, 7)])
def test_impossible_colour_types_and_depths_are_damage(bits: int, colour_type: int) -> None:
    assert refused(make.png(make.header(8, 8, bits, colour_type), make.idat(bytes(9999)), END)).rule == "avatar/damaged"


KINDS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


@pytest.mark.parametrize(("colour_type", "bits"), [(kind, bits) for kind, depths in KINDS.items() for bits in depths])
def test_the_amount_of_data_is_known_for_every_kind(colour_type: int, bits: int) -> None:
    palette = make.chunk(b"PLTE", bytes(768)) if colour_type == 3 else b""
    for size, interlace in product(((1, 1), (3, 5), (9, 8), (33, 7)), (0, 1)):
        head = make.header(*size, bits, colour_type, interlace)
        amount = expected_bytes(*size, bits, colour_type, interlace == 1)
        whole = make.png(head, palette, make.idat(bytes(amount)), END)
        assert accepted(whole)[1] == set(), (size, interlace)
        assert make.opened(whole).size == size  # Pillow finds enough in it, too
        short = make.png(head, palette, make.idat(bytes(amount - 1)), END)
        assert refused(short).rule == "avatar/damaged", (size, interlace)
        long = make.png(head, palette, make.idat(bytes(amount + 1)), END)
        assert accepted(long)[1] == {"avatar/trailing-data"}, (size, interlace)


def test_order_matters() -> None:
    head, palette = make.header(8, 8, 8, 3), make.chunk(b"PLTE", bytes(12))
    data = make.idat(bytes(72))
    text = make.chunk(b"tEXt", b"a\0b")
    assert accepted(make.png(head, palette, data, END))[1] == set()
    half = zlib.compress(bytes(72))
    halves = make.chunk(b"IDAT", half[:5]), make.chunk(b"IDAT", half[5:])
    assert accepted(make.png(head, palette, *halves, END))[1] == set()
    for wrong in (
        (data, head, palette, END),
        (head, head, palette, data, END),
        (head, data, END),
        (head, data, palette, END),
        (head, palette, palette, data, END),
        (head, palette, END),
        (head, palette, halves[0], text, halves[1], END),
        (head, palette, data),
        (head, make.chunk(b"PLTE", bytes(13)), data, END),
        (head, palette, make.chunk(b"ABCD", b"?"), data, END),
        (text, head, palette, data, END),
        (palette, data, END),
        (END,),
    ):
        assert refused(make.png(*wrong)).rule == "avatar/damaged", wrong


def test_unknown_ancillary_chunks_are_tolerated() -> None:
    assert accepted(make.with_chunks(SOUND, make.chunk(b"abCd", b"?"), make.chunk(b"tIME", b"")))[1] == set()


def test_a_wrong_checksum_is_damage_in_any_chunk() -> None:
    for kind in (b"IHDR", b"tEXt", b"IDAT", b"IEND"):
        data = make.with_chunks(SOUND, make.chunk(b"tEXt", b"a\0b"))
        at = data.index(kind)
        length = int.from_bytes(data[at - 4 : at], "big")
        crc = at + 4 + length
        finding = refused(data[:crc] + bytes([data[crc] ^ 1]) + data[crc + 1 :])
        assert finding.rule == "avatar/damaged"
        assert kind.decode() in finding.message


def test_idat_that_inflates_to_a_gigabyte_takes_neither_time_nor_memory() -> None:
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(256)) + packer.flush()
    hostile = make.png(make.header(8, 8), make.chunk(b"IDAT", bomb), END)
    tracemalloc.start()
    begun = time.process_time()
    assert refused(hostile).rule == "avatar/damaged"
    assert time.process_time() - begun < 0.5
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


# Made when its test runs: what is packed here is large.
TOO_MUCH: dict[str, Callable[[], list[bytes]]] = {
    "one text": lambda: [make.text(b"Comment", bytes(70_000_000))],
    "hundred texts": lambda: [make.text(b"Comment", bytes(1_000_000))] * 100,
    "international text": lambda: [make.chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(70_000_000)))],
    "profile": lambda: [make.chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(70_000_000)))],
    "chunks": lambda: [make.chunk(b"tEXt", b"a\0b")] * 100_000,
    "hundred broken texts": lambda: (
        [make.chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(15_000_000))[:-9] + b"?" * 20)] * 100
    ),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_bombs_in_metadata_are_refused_soon(what: str) -> None:
    hostile = make.with_chunks(SOUND, *TOO_MUCH[what]())
    begun = time.process_time()
    assert refused(hostile).rule == "avatar/too-much-metadata"
    assert time.process_time() - begun < 2


def test_long_texts_of_a_sensible_length_are_tolerated() -> None:
    data = make.with_chunks(SOUND, make.text(b"Comment", bytes(3_000_000)))
    anatomy, rules = accepted(data)
    assert rules == set()
    assert make.opened(essence(data, anatomy)).tobytes() == make.opened(SOUND).tobytes()


@pytest.mark.parametrize(
    "chunk",
    [make.chunk(b"zTXt", b"a\0\0rubbish"), make.chunk(b"iTXt", b"a\0\1\0\0\0rubbish"), make.chunk(b"eXIf", b"rubbish")],
)
def test_broken_metadata_are_a_warning(chunk: bytes) -> None:
    assert accepted(make.with_chunks(SOUND, chunk))[1] == {"avatar/metadata-broken"}


def test_an_animation_is_a_warning() -> None:
    frames = [make.textured(64, 64, seed) for seed in range(3)]
    two = make.saved(make.quarters(64, 64), "PNG", save_all=True, append_images=frames[:1])
    anatomy, rules = accepted(two)
    assert rules == {"avatar/animated"}
    still = make.opened(essence(two, anatomy))
    assert getattr(still, "n_frames", 1) == 1
    assert still.tobytes() == make.quarters(64, 64).tobytes()
    assert accepted(make.with_chunks(SOUND, make.chunk(b"acTL", struct.pack(">II", 1, 0))))[1] == set()


@pytest.mark.parametrize("value", range(1, 9))
def test_orientation_is_read(value: int) -> None:
    anatomy, rules = accepted(make.with_chunks(SOUND, make.chunk(b"eXIf", make.exif_orientation(value))))
    assert anatomy.orientation == value
    assert rules == set()


def test_orientation_in_imagemagicks_text_is_read() -> None:
    block = b"Exif\0\0" + make.exif_orientation(6)
    text = b"\nexif\n%8d\n%s\n" % (len(block), block.hex().encode())
    assert accepted(make.with_chunks(SOUND, make.text(b"Raw profile type exif", text)))[0].orientation == 6


def test_a_position_is_a_warning() -> None:
    assert accepted(make.with_chunks(SOUND, make.chunk(b"eXIf", make.exif_position())))[1] == {"avatar/location"}
    packet = b'<x:xmpmeta><a exif:GPSLatitude="52,31N"/></x:xmpmeta>'
    xmp = make.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)
    assert accepted(make.with_chunks(SOUND, xmp))[1] == {"avatar/location"}


def test_a_profile_is_unpacked_and_a_broken_one_is_a_warning() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    anatomy, rules = accepted(make.saved(make.quarters(64, 64), "PNG", icc_profile=profile))
    assert anatomy.profile == profile
    assert rules == set()
    assert accepted(make.with_chunks(SOUND, make.chunk(b"iCCP", b"x\0\0rubbish")))[1] == {"avatar/profile"}
    assert accepted(make.saved(make.quarters(64, 64), "PNG", icc_profile=bytes(400_000)))[1] == {"avatar/profile"}


def test_data_behind_the_end_of_the_compressed_ones_are_a_warning() -> None:
    packed = zlib.compress(bytes(72))
    head = make.header(8, 8, 8, 0)
    assert accepted(make.png(head, make.chunk(b"IDAT", packed + b"secret"), END))[1] == {"avatar/trailing-data"}
    apart = make.chunk(b"IDAT", packed), make.chunk(b"IDAT", b"secret")
    assert accepted(make.png(head, *apart, END))[1] == {"avatar/trailing-data"}


def test_data_without_their_checksum_are_a_warning_and_a_wrong_one_is_damage() -> None:
    packed = zlib.compress(bytes(72))
    head = make.header(8, 8, 8, 0)
    assert accepted(make.png(head, make.chunk(b"IDAT", packed[:-4]), END))[1] == {"avatar/metadata-broken"}
    assert refused(make.png(head, make.chunk(b"IDAT", packed[:-1] + b"?"), END)).rule == "avatar/damaged"


def test_a_hundred_thousand_tiny_pieces_of_picture_data_are_read_soon() -> None:
    packed = zlib.compress(make.textured(256, 256).convert("L").tobytes() + bytes(256))
    pieces = b"".join(make.chunk(b"IDAT", packed[at : at + 1]) for at in range(len(packed)))
    begun = time.process_time()
    anatomy, _ = accepted(make.png(make.header(256, 256, 8, 0), pieces, END))
    assert time.process_time() - begun < 2
    assert len(anatomy.pieces) == 4


def test_apples_private_form_is_told() -> None:
    assert (
        refused(make.png(make.chunk(b"CgBI", b"\x50\0\x20\x02"), make.header(8, 8), END)).rule == "avatar/undecodable"
    )
