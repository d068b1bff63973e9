"""What comes out of a picture: the pixels, upright and in sRGB, and the damage that only a strict decoder hears."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

from contactsheet.inspection import inspect
from contactsheet.thumbnails import Thumbnails, examine
from tests import pictures as make

CENTRES = {"upper left": (100, 100), "upper right": (400, 100), "lower left": (100, 400), "lower right": (400, 400)}


def examined(data: bytes, **options: object) -> tuple[Thumbnails | None, set[str]]:
    suffix = ".png" if data.startswith(make.SIGNATURE) else ".jpg"
    anatomy, findings = inspect(data, suffix=suffix)
    assert anatomy is not None, findings
    thumbnails, more = examine(data, anatomy, **options)  # type: ignore[arg-type]  # any of them
    assert all(make.in_house_style(finding.message, finding.fix) for finding in more), more
    return thumbnails, {finding.rule for finding in more}


def thumbnail(data: bytes, **options: object) -> Image.Image:
    """The large thumbnail of a picture about which there is nothing to say."""
    thumbnails, rules = examined(data, **options)
    assert not rules
    assert thumbnails is not None
    return make.opened(thumbnails.large)


def far(image: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures of one size, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(image.convert("RGB"), other.convert("RGB"))).mean)


def close(pixel: object, colour: tuple[int, ...], tolerance: int = 10) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(mine - theirs) <= tolerance for mine, theirs in zip(pixel, colour, strict=True))


def reference(image: Image.Image) -> Image.Image:
    return ImageOps.fit(image.convert("RGB"), (512, 512), Image.Resampling.LANCZOS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(512, 512), (900, 700), (1500, 2100), (200, 300), (2600, 2600)])
def test_both_thumbnails_are_square_webp_of_the_picture(kind: str, size: tuple[int, int]) -> None:
    source = make.textured(*size, grain=max(4, size[0] // 120))
    thumbnails, rules = examined(make.saved(source, kind))
    assert not rules
    assert thumbnails is not None
    large, small = make.opened(thumbnails.large), make.opened(thumbnails.small)
    assert (large.format, large.size, large.mode) == ("WEBP", (512, 512), "RGB")
    assert (small.format, small.size, small.mode) == ("WEBP", (96, 96), "RGB")
    assert far(large, reference(source)) < 4
    assert far(small, reference(source).resize((96, 96), Image.Resampling.LANCZOS)) < 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("way", range(1, 9))
def test_every_orientation_comes_out_upright_with_the_focus_where_it_was(kind: str, way: int) -> None:
    stored = make.quarters(900, 700)
    exif = Image.Exif()
    exif[0x0112] = way
    data = make.saved(stored, kind, exif=exif)
    upright = ImageOps.exif_transpose(make.opened(data)).convert("RGB")
    for focus in ((0.5, 0.5), (0.0, 0.0), (1.0, 0.9)):
        expected = ImageOps.fit(upright, (512, 512), Image.Resampling.LANCZOS, centering=(focus[0], focus[1]))
        if focus == (1.0, 0.9):
            expected = upright.crop((upright.width - 700, upright.height - 700, upright.width, upright.height))
            expected = expected.resize((512, 512), Image.Resampling.LANCZOS)
        assert far(thumbnail(data, focus=focus), expected) < 4


def test_the_focus_is_the_middle_of_the_crop_and_never_leaves_the_picture() -> None:
    stripes = Image.new("RGB", (1500, 300))
    for column in range(1500):
        stripes.paste((column * 255 // 1500, 0, 0), (column, 0, column + 1, 300))
    data = make.saved(stripes, "PNG")
    for focus, middle in ((0.0, 150), (0.3, 450), (0.5, 750), (1.0, 1350)):
        red = thumbnail(data, focus=(focus, 0.5)).getpixel((256, 256))[0]  # type: ignore[index]  # several channels
        assert abs(red - middle * 255 / 1500) < 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(900, 600), (600, 900), (3000, 1000), (200, 100)])
def test_contain_pads_with_transparency(kind: str, size: tuple[int, int]) -> None:
    image = thumbnail(make.saved(make.quarters(*size), kind), fit="contain")
    assert image.mode == "RGBA"
    alpha = image.getchannel("A")
    longer = max(size)
    width, height = round(size[0] * 512 / longer), round(size[1] * 512 / longer)
    left, top, right, bottom = alpha.getbbox() or (0, 0, 0, 0)
    assert (right - left, bottom - top) == (width, height)
    assert abs(left - (512 - width) // 2) <= 1
    assert abs(top - (512 - height) // 2) <= 1
    assert close(image.getpixel((left + width // 4, top + height // 4)), (*make.RED, 255))
    assert close(image.getpixel((left + width * 3 // 4, top + height * 3 // 4)), (*make.YELLOW, 255))


def test_contain_of_a_turned_picture_pads_the_upright_sides() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = thumbnail(make.saved(make.quarters(900, 600), exif=exif), fit="contain")
    assert image.getchannel("A").getbbox() == (85, 0, 426, 512)
    assert close(image.getpixel((150, 100)), (*make.BLUE, 255))


def test_contain_of_a_square_is_opaque() -> None:
    assert thumbnail(make.saved(make.quarters()), fit="contain").mode == "RGB"


# --- colours ---------------------------------------------------------------------------------------------------------


def test_cmyk_as_adobe_stores_it() -> None:
    source = make.quarters(700, 700).convert("CMYK")
    image = thumbnail(make.saved(source, quality=95))
    for place in CENTRES.values():
        assert close(image.getpixel(place), source.convert("RGB").resize((512, 512)).getpixel(place))  # type: ignore[arg-type]  # RGB


def test_cmyk_without_adobes_marker_is_not_inverted() -> None:
    source = make.quarters(700, 700).convert("CMYK")
    inverted = make.saved(ImageChops.invert(source), quality=95)
    at = make.marker_at(inverted, 0xEE)
    image = thumbnail(inverted[:at] + inverted[at + 16 :])
    assert close(image.getpixel((100, 100)), source.convert("RGB").getpixel((100, 100)))  # type: ignore[arg-type]  # RGB


def test_ycck() -> None:
    simplejpeg = pytest.importorskip("simplejpeg")
    numpy = pytest.importorskip("numpy")
    source = make.quarters(700, 700).convert("CMYK")
    data = simplejpeg.encode_jpeg(255 - numpy.asarray(source), 95, "CMYK", "420")
    assert data[make.marker_at(data, 0xEE) + 15] == 2
    image = thumbnail(data)
    for place in CENTRES.values():
        assert close(image.getpixel(place), source.convert("RGB").resize((512, 512)).getpixel(place))  # type: ignore[arg-type]  # RGB


def test_a_jpeg_of_rgb_and_one_of_grey() -> None:
    source = make.quarters(600, 600)
    assert far(thumbnail(make.saved(source, keep_rgb=True)), reference(source)) < 2
    assert far(thumbnail(make.saved(source.convert("L"))), reference(source.convert("L"))) < 2


def swapped() -> bytes:
    """A profile in which red and blue are exchanged, so that its use cannot be overlooked."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(132, 132 + 12 * int.from_bytes(profile[128:132], "big"), 12):
        tag = bytes(profile[at : at + 4])
        profile[at : at + 4] = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(tag, tag)
    return bytes(profile)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_embedded_profile_is_heard(kind: str) -> None:
    image = thumbnail(make.saved(Image.new("RGB", (600, 600), (255, 0, 0)), kind, icc_profile=swapped()))
    assert close(image.getpixel((256, 256)), (0, 0, 255), 4)


def test_the_profile_leaves_transparency_alone() -> None:
    source = Image.new("RGBA", (600, 600), (255, 0, 0, 128))
    image = thumbnail(make.saved(source, "PNG", icc_profile=swapped()))
    assert close(image.getpixel((256, 256)), (0, 0, 255, 128), 4)


def test_a_palette_and_a_grey_picture_take_an_rgb_profile() -> None:
    red = Image.new("RGB", (600, 600), (255, 0, 0)).quantize(4)
    assert close(thumbnail(make.saved(red, "PNG", icc_profile=swapped())).getpixel((9, 9)), (0, 0, 255), 4)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    grey = thumbnail(make.saved(Image.new("L", (600, 600), 90), "PNG", icc_profile=srgb))
    assert close(grey.getpixel((9, 9)), (90, 90, 90), 3)


@pytest.mark.parametrize("profile", [b"junk" * 100, b"\0" * 128, swapped()[:300]])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_junk_profile_is_a_warning_and_srgb_is_assumed(kind: str, profile: bytes) -> None:
    thumbnails, rules = examined(make.saved(make.quarters(), kind, icc_profile=profile))
    assert rules == {"avatar/profile"}
    assert thumbnails is not None
    assert far(make.opened(thumbnails.large), reference(make.quarters())) < 3


def test_a_profile_for_another_kind_of_picture_is_a_warning() -> None:
    thumbnails, rules = examined(make.saved(make.quarters(600, 600, "CMYK"), icc_profile=swapped()))
    assert rules == {"avatar/profile"}
    assert thumbnails is not None
    assert close(make.opened(thumbnails.large).getpixel((100, 100)), make.RED)


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_grey_of_every_depth(bits: int) -> None:
    levels = min(1 << bits, 8)
    values = [level * ((1 << bits) - 1) // (levels - 1) for level in range(levels)]
    side = 640
    samples = [values[column * levels // side] for column in range(side)]
    packed = int("".join(format(sample, f"0{bits}b") for sample in samples), 2).to_bytes(side * bits // 8, "big")
    data = make.raw_png(side, side, bits, 0, packed * side)
    image = thumbnail(data)
    for level, value in enumerate(values):
        grey = value * 255 / ((1 << bits) - 1)
        assert close(image.getpixel(((2 * level + 1) * 256 // levels, 256)), (round(grey),) * 3, 5)
    keyed = make.raw_png(side, side, bits, 0, packed * side, before=make.chunk(b"tRNS", struct.pack(">H", values[1])))
    alpha = thumbnail(keyed).getchannel("A")
    shown = [alpha.getpixel(((2 * level + 1) * 256 // levels, 256)) for level in range(levels)]
    assert shown == [0 if level == 1 else 255 for level in range(levels)]


@pytest.mark.parametrize("bits", [8, 16])
def test_rgb_with_a_transparent_colour(bits: int) -> None:
    size = bits // 8
    left, right = [[sample.to_bytes(1) * size for sample in colour] for colour in (make.RED, make.GREEN)]
    row = b"".join(left) * 300 + b"".join(right) * 300
    key = b"".join(sample.rjust(2, b"\0") for sample in right)
    image = thumbnail(make.raw_png(600, 600, bits, 2, row * 600, before=make.chunk(b"tRNS", key)))
    assert close(image.getpixel((100, 256)), (*make.RED, 255), 6)
    assert image.getpixel((400, 256))[3] == 0  # type: ignore[index]  # several channels


@pytest.mark.parametrize(("colour_type", "channels"), [(2, 3), (4, 2), (6, 4)])
def test_sixteen_bits_a_sample(colour_type: int, channels: int) -> None:
    samples = (0xC8C8, 0x1E1E, 0x5A5A, 0x8080)[: channels - 1] + ((0x8080,) if colour_type != 2 else (0x5A5A,))
    pixel = b"".join(sample.to_bytes(2, "big") for sample in samples)
    image = thumbnail(make.raw_png(600, 600, 16, colour_type, pixel * 360_000))
    expected = {2: (200, 30, 90), 4: (200, 200, 200, 128), 6: (200, 30, 90, 128)}[colour_type]
    assert close(image.getpixel((256, 256)), expected, 4)


def test_a_palette_with_transparency() -> None:
    before = make.chunk(b"PLTE", bytes((*make.RED, *make.GREEN, *make.BLUE))) + make.chunk(b"tRNS", b"\xff\x00\x80")
    row = b"\0" * 200 + b"\1" * 200 + b"\2" * 200
    image = thumbnail(make.raw_png(600, 600, 8, 3, row * 600, before=before))
    assert close(image.getpixel((80, 256)), (*make.RED, 255), 6)
    assert image.getpixel((256, 256))[3] == 0  # type: ignore[index]  # several channels
    assert close(image.getpixel((430, 256)), (*make.BLUE, 128), 6)


def test_a_palette_that_is_too_short_is_no_accident() -> None:
    before = make.chunk(b"PLTE", bytes(make.RED))
    assert thumbnail(make.raw_png(64, 64, 8, 3, bytes([0, 7] * 32) * 64, before=before)).mode == "RGB"


def test_opaque_alpha_is_dropped_and_real_alpha_is_kept() -> None:
    assert thumbnail(make.saved(Image.new("RGBA", (600, 600), (*make.RED, 255)), "PNG")).mode == "RGB"
    faint = Image.new("RGBA", (600, 600), (*make.RED, 255))
    faint.putpixel((300, 300), (0, 0, 0, 0))
    assert thumbnail(make.saved(faint, "PNG")).mode == "RGBA"
    nothing = thumbnail(make.saved(Image.new("RGBA", (600, 600), (0, 0, 0, 0)), "PNG"))
    assert nothing.getchannel("A").getextrema() == (0, 0)
    assert thumbnail(make.saved(Image.new("LA", (600, 600), (90, 255)), "PNG")).mode == "RGB"


@pytest.mark.parametrize("side", [700, 2500])
def test_colours_beside_transparency_do_not_bleed(side: int) -> None:
    logo = Image.new("RGBA", (side, side), (0, 255, 0, 0))
    logo.paste((255, 0, 0, 255), (side // 4, side // 4, side * 3 // 4, side * 3 // 4))
    image = thumbnail(make.saved(logo, "PNG"))
    for x in range(100, 412):
        red, green, _, alpha = image.getpixel((x, 256))  # type: ignore[misc]  # four channels
        if alpha > 60:
            assert green < 40, x
            assert red > 190, x


def test_a_progressive_jpeg_is_the_same_picture() -> None:
    source = make.textured(900, 900)
    assert far(thumbnail(make.saved(source, progressive=True)), reference(source)) < 4


def test_an_interlaced_png_is_the_same_picture() -> None:
    source = make.quarters(640, 640)
    assert far(thumbnail(make.interlaced_png(source)), reference(source)) < 2


def test_the_first_frame_alone() -> None:
    frames = [make.textured(600, 600, seed) for seed in (2, 3)]
    source = make.quarters(600, 600)
    apng = make.saved(source, "PNG", save_all=True, append_images=frames)
    mpo = make.saved(source, "MPO", save_all=True, append_images=frames)
    for data in (apng, mpo):
        thumbnails, _ = examined(data)
        assert thumbnails is not None
        assert far(make.opened(thumbnails.large), reference(source)) < 3


# --- what must not come out ------------------------------------------------------------------------------------------


def riff_chunks(webp: bytes) -> list[bytes]:
    chunks, at = [], 12
    while at < len(webp):
        chunks.append(webp[at : at + 4])
        at += 8 + (int.from_bytes(webp[at + 4 : at + 8], "little") + 1) // 2 * 2
    return chunks


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_no_metadata_reach_the_output(kind: str) -> None:
    secret = b"52 Secret Street <script>alert(1)</script>"
    exif = Image.Exif()
    exif[0x010E] = secret.decode()
    options = {"exif": exif, "icc_profile": swapped(), "comment": secret}
    data = make.saved(make.quarters(600, 600), kind, **options)
    if kind == "JPEG":
        data = make.with_segments(data, make.segment(0xE1, make.XMP + secret), make.segment(0xED, secret))
    else:
        data = make.with_chunks(data, make.chunk(b"tEXt", b"Comment\0" + secret))
    for fit, chunks in (("cover", {b"VP8 "}), ("contain", {b"VP8 "})):
        thumbnails, _ = examined(data + secret, fit=fit)
        assert thumbnails is not None
        for webp in (thumbnails.large, thumbnails.small):
            assert b"Secret" not in webp
            assert set(riff_chunks(webp)) == chunks


def test_the_same_picture_gives_the_same_bytes() -> None:
    data = make.saved(make.textured(900, 700), exif=make.exif_orientation(6))
    assert examined(data) == examined(data)
    assert examined(data)[0] == examined(make.with_segments(data, make.segment(0xFE, b"other metadata")))[0]


def test_a_check_alone_finds_the_same_and_encodes_nothing() -> None:
    data = make.saved(make.quarters(), icc_profile=b"junk" * 99)
    thumbnails, rules = examined(data)
    assert thumbnails is not None
    assert examined(data, encode=False) == (Thumbnails(thumbnails.fingerprint), rules)


# --- damage ----------------------------------------------------------------------------------------------------------

ENTROPY = 700


def test_a_flipped_bit_is_refused_wherever_a_strict_decoder_hears_it() -> None:
    simplejpeg = pytest.importorskip("simplejpeg")
    sound = make.saved(make.textured(400, 400, grain=6), quality=80, optimize=True)
    chance = random.Random(5)
    heard = 0
    for _ in range(150):
        at = chance.randrange(ENTROPY, len(sound) - 2)
        broken = sound[:at] + bytes([sound[at] ^ 1 << chance.randrange(8)]) + sound[at + 1 :]
        try:
            simplejpeg.decode_jpeg(broken, strict=True)
            complaint = ""
        except ValueError as error:
            complaint = str(error)
        anatomy, _ = inspect(broken, suffix=".jpg")
        refused = anatomy is None or "avatar/damaged" in examined(broken, encode=False)[1]
        assert refused == bool(complaint), complaint
        heard += "extraneous" in complaint
    assert heard > 5  # left over data, which look like stray bytes and are none


def test_a_piece_missing_from_the_middle_is_damage() -> None:
    sound = make.saved(make.textured(), quality=90)
    middle = len(sound) // 2
    for options in ({}, {"encode": False}):
        thumbnails, rules = examined(sound[:middle] + sound[middle + 3000 :], **options)
        assert thumbnails is None
        assert rules == {"avatar/damaged"}


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("stray", [bytes(20), bytes(500), b"stray bytes of a camera", bytes(range(9, 200))])
def test_stray_bytes_behind_the_picture_data_are_forgiven(progressive: bool, stray: bytes) -> None:
    sound = make.saved(make.textured(300, 300), progressive=progressive, quality=92)
    thumbnails, rules = examined(sound[:-2] + stray + sound[-2:])
    assert rules == {"avatar/metadata-broken"}
    assert thumbnails == examined(sound)[0]


def test_stray_bytes_do_not_hide_damage() -> None:
    sound = make.saved(make.textured(), quality=90)
    middle = len(sound) // 2
    thumbnails, rules = examined(make.with_segments(sound[:middle] + sound[middle + 3000 :], bytes(40)))
    assert thumbnails is None
    assert rules == {"avatar/damaged"}
    both = sound[:middle] + sound[middle + 3000 : -2] + bytes(40) + sound[-2:]
    assert examined(both)[1] == {"avatar/damaged"}


def test_an_unknown_adobe_transform_and_jfif_version_are_no_damage() -> None:
    sound = make.saved(make.quarters(600, 600))
    version = sound.index(b"JFIF\0") + 5
    odd = sound[:version] + b"\x09" + sound[version + 1 :]
    assert examined(odd)[1] == set()
    adobe = make.segment(0xEE, b"Adobe\0\x64\0\0\0\0\x07")
    assert far(thumbnail(make.with_segments(sound, adobe)), reference(make.quarters())) < 3


def test_a_nonsensical_spectral_selection_in_a_sequential_scan_is_forgiven() -> None:
    sound = make.saved(make.textured(300, 300))
    at = make.marker_at(sound, 0xDA)
    end = at + 2 + int.from_bytes(sound[at + 2 : at + 4], "big")
    odd = sound[: end - 3] + b"\0\0\0" + sound[end:]
    anatomy, findings = inspect(odd, suffix=".jpg")
    assert anatomy is not None
    assert [finding.rule for finding in findings] == ["avatar/metadata-broken"]
    assert examined(odd) == examined(sound)


def test_rare_subsampling_is_decoded_all_the_same() -> None:
    data = make.flat_jpeg(6, 6, luma=0x31)
    with pytest.raises(ValueError, match="subsampling"):
        pytest.importorskip("simplejpeg").decode_jpeg(data)
    assert close(thumbnail(data).getpixel((256, 256)), (128, 128, 128), 3)


def test_a_png_with_an_unknown_filter_is_damaged() -> None:
    rows = b"".join(b"\x09" + bytes(64) for _ in range(64))
    data = make.raw_png(64, 64, 8, 0, rows, filtered=True)
    assert examined(data) == (None, {"avatar/damaged"})


MEASURE = """
import resource, sys, time
from contactsheet.inspection import inspect
from contactsheet.thumbnails import examine
data = open(sys.argv[1], "rb").read()
anatomy, findings = inspect(data, suffix=".png")
thumbnails, more = examine(data, anatomy)
assert thumbnails and not findings + more
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (2**20 if sys.platform == "darwin" else 1024))
print(time.process_time())
"""


def test_a_png_of_fifty_megapixels_takes_little_memory_and_time(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    row, packer = b"\0" + bytes((10, 200, 30, 100)) * 7070, zlib.compressobj(1)
    packed = b"".join(packer.compress(row) for _ in range(7070)) + packer.flush()
    picture = tmp_path / "large.png"
    picture.write_bytes(
        make.SIGNATURE + make.header(7070, 7070, 8, 6) + make.chunk(b"IDAT", packed) + make.chunk(b"IEND")
    )
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(picture)], capture_output=True, text=True, check=True, timeout=60
    )
    peak, seconds = done.stdout.split()
    assert int(peak) < 500  # MiB
    assert float(seconds) < 8


def test_one_pixel() -> None:
    assert close(thumbnail(make.saved(Image.new("RGB", (1, 1), make.GREEN), "PNG")).getpixel((5, 5)), make.GREEN)
    assert thumbnail(make.saved(make.quarters(3000, 1), "PNG"), fit="contain").size == (512, 512)
    assert thumbnail(make.saved(make.quarters(8, 65500))).size == (512, 512)


def test_nothing_is_written_or_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = make.saved(make.quarters())
    examined(data)  # imports what it needs
    monkeypatch.setattr(io, "open", None)
    monkeypatch.setattr("builtins.open", None)
    assert examined(data)[0] is not None
