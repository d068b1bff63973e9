"""Pictures that strangers send, through the whole program: group I of what untrusted input looks like.

Beside each stands a sound contact whose picture is small, so that a warning shows that it was judged all the same.
"""

from __future__ import annotations

import os
import random
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from PIL import Image, ImageCms, ImageOps

from contactsheet import pipeline, tasks
from contactsheet.outcome import Outcome
from contactsheet.problems import Problem, Severity
from contactsheet.settings import load
from contactsheet.workers import Workers
from tests import pictures as make
from tests.conftest import Site
from tests.hostile import dying

Make = Callable[[], bytes]

SECRET = b"52 Secret Street"
SCRIPT = b"<script>alert('secret')</script>"
KINDS = {"JPEG": ".jpg", "PNG": ".png"}
END = make.chunk(b"IEND")


@cache
def plain(kind: str) -> bytes:
    """A sound picture of a kind."""
    return make.saved(make.textured(600, 600, grain=20), kind)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """One process for all pictures of this module: each case goes to the same one, unless that has died."""
    with Workers(1) as staff:
        yield staff


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A repository with a sound contact, whose picture is small."""
    site = Site(tmp_path_factory.mktemp("hostile") / "site")
    site.settings('rules = {"avatar/alike" = "off"}')  # the cases are made of a few pictures
    site.contact("ada", name="Ada Lovelace")
    site.write("avatars/ada.jpg", make.saved(make.quarters(300, 300)))
    return site


def judge(site: Site, workers: Workers, **pictures: tuple[str, bytes]) -> Outcome:
    """Check contacts with these pictures (suffix and bytes); the sound one beside them is judged as ever."""
    for name, (suffix, data) in pictures.items():
        site.contact(name, name=name.title())
        site.write(f"avatars/{name}{suffix}", data)
    begun = time.monotonic()
    outcome = pipeline.check(site.root, load(site.root), workers)
    assert time.monotonic() - begun < 60
    assert [found.rule for found in about(outcome, "avatars/ada.jpg")] == ["avatar/small"]
    for found in (one for one in outcome.problems if one.rule != "avatar/too-large"):  # which no picture module says
        assert make.in_house_style(found.message, found.fix), found
    return outcome


def about(outcome: Outcome, file: str, *severities: Severity) -> list[Problem]:
    wanted = severities or tuple(Severity)
    return [found for found in outcome.problems if found.file == file and found.severity in wanted]


def refusal(site: Site, workers: Workers, suffix: str, data: bytes) -> Problem:
    """The one error, and the only finding, about a picture that is refused."""
    outcome = judge(site, workers, mallory=(suffix, data))
    assert outcome.failed(strict=False)
    assert [one.severity for one in outcome.problems].count(Severity.ERROR) == 1
    (found,) = about(outcome, f"avatars/mallory{suffix}")
    assert found.severity is Severity.ERROR
    return found


def warnings(site: Site, workers: Workers, suffix: str, data: bytes) -> list[str]:
    """The rules of the warnings about a picture that is accepted."""
    outcome = judge(site, workers, mallory=(suffix, data))
    assert not outcome.failed(strict=False)
    return [found.rule for found in about(outcome, f"avatars/mallory{suffix}", Severity.WARNING)]


# --- the files -------------------------------------------------------------------------------------------------------


def cut(kind: str, share: float) -> Make:
    return lambda: plain(kind)[: int(len(plain(kind)) * share)]


def short_by(kind: str, missing: int) -> Make:
    return lambda: plain(kind)[:-missing]


def jpeg_of_size(width: int, height: int) -> Make:
    return lambda: make.with_size(make.saved(make.quarters(64, 64)), width, height)


def png_of_size(width: int, height: int) -> Make:
    return lambda: make.png(make.header(width, height), make.idat(b""), END)


def one_bit(side: int) -> Make:
    return lambda: make.saved(Image.new("1", (side, side)), "PNG")


def flipped(at: int) -> Make:
    def broken() -> bytes:
        data = plain("PNG")
        return data[:at] + bytes([data[at] ^ 16]) + data[at + 1 :]

    return broken


def with_png_chunks(*chunks: bytes) -> Make:
    return lambda: make.with_chunks(plain("PNG"), *chunks)


def with_text(megabytes: int) -> Make:
    return lambda: make.with_chunks(plain("PNG"), make.text(b"Comment", bytes(megabytes * 1_000_000)))


def with_packed_profile(megabytes: int) -> Make:
    def packed() -> bytes:
        profile = zlib.compress(bytes(megabytes * 1_000_000))
        return make.with_chunks(plain("PNG"), make.chunk(b"iCCP", b"x\0\0" + profile))

    return packed


def gigabyte() -> bytes:
    """Picture data for 8 x 8 pixels that inflate to a gibibyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return make.png(make.header(8, 8), make.chunk(b"IDAT", b"\x78\xda" + zeros * 1024 + packer.flush()), END)


def palette_png(*chunks: bytes) -> Make:
    return lambda: make.png(make.header(8, 8, 8, 3), *chunks, make.idat(bytes(72)), END)


def grown(size: int) -> bytes:
    """A JPEG of so many bytes, all in segments."""
    parts, missing = [], size - len(plain("JPEG"))
    while missing:
        length = missing if missing <= 65_000 else min(65_000, missing - 4)
        parts.append(make.segment(0xEB, bytes(length - 4)))
        missing -= length
    return make.with_segments(plain("JPEG"), *parts)


def animation(frames: int) -> bytes:
    """A PNG whose first frame is the picture, and whose others are of noise."""
    first = plain("PNG")
    control = struct.pack(">IIIIHHBB", 600, 600, 0, 0, 1, 10, 0, 0)
    head = make.chunk(b"acTL", struct.pack(">II", frames, 0)) + make.chunk(b"fcTL", struct.pack(">I", 0) + control)
    rest = b""
    packed = zlib.compress(b"\0" * 600 * 1801)
    for number in range(1, 2 * frames - 2, 2):
        rest += make.chunk(b"fcTL", struct.pack(">I", number) + control)
        rest += make.chunk(b"fdAT", struct.pack(">I", number + 1) + packed)
    return make.with_chunks(first, head)[:-12] + rest + END


def with_profile(kind: str, profile: bytes) -> Make:
    return lambda: make.saved(make.textured(600, 600, grain=20), kind, icc_profile=profile)


def with_exif(kind: str, block: bytes) -> Make:
    if kind == "PNG":
        return with_png_chunks(make.chunk(b"eXIf", block))
    return lambda: make.with_exif(plain("JPEG"), block)


# --- refused ---------------------------------------------------------------------------------------------------------

LIES = "avatar/name-lies"
HUGE = "avatar/too-many-pixels"
DAMAGED = "avatar/damaged"
HEAVY = "avatar/too-much-metadata"

REFUSED: dict[str, tuple[str, Make, str]] = {
    "I1 a JPEG named .png": (".png", lambda: plain("JPEG"), LIES),
    "I1 a PNG named .jpg": (".jpg", lambda: plain("PNG"), LIES),
    "I4 a Git LFS pointer": (
        ".jpg",
        lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        "avatar/lfs-pointer",
    ),
    "I5 0 bytes": (".png", lambda: b"", "avatar/not-a-picture"),
    "I5 1 byte": (".jpg", lambda: b"\xff", "avatar/not-a-picture"),
    "I5 3 bytes": (".png", lambda: b"\x89PN", "avatar/not-a-picture"),
    "I5 4 bytes of a PNG": (".png", lambda: b"\x89PNG", DAMAGED),
    "I5 4 bytes of a JPEG": (".jpg", lambda: b"\xff\xd8\xff\xe0", DAMAGED),
    **{
        f"I6 {kind} cut at {share:.0%}": (suffix, cut(kind, share), DAMAGED)
        for kind, suffix in KINDS.items()
        for share in (0.1, 0.5, 0.9, 0.99)
    },
    "I6 IEND missing": (".png", short_by("PNG", 12), DAMAGED),
    "I6 EOI missing": (".jpg", short_by("JPEG", 2), DAMAGED),
    "I6 the last 4 bytes of a PNG missing": (".png", short_by("PNG", 4), DAMAGED),
    "I6 the last 4 bytes of a JPEG missing": (".jpg", short_by("JPEG", 4), DAMAGED),
    **{f"I7 a flip at {at}": (".png", flipped(at), DAMAGED) for at in (3, 20, 30, 5000, -5)},
    **{f"I9 JPEG of {w} x {h}": (".jpg", jpeg_of_size(w, h), HUGE) for w, h in ((60000, 60000), (65535, 65535))},
    **{
        f"I9 PNG of {w} x {h}": (".png", png_of_size(w, h), HUGE)
        for w, h in ((60000, 60000), (2**31 - 1, 2**31 - 1), (1, 2**31 - 1))
    },
    "I10 177 megapixels of one bit": (".png", one_bit(13304), HUGE),
    "I11 88 megapixels of one bit": (".png", one_bit(9381), HUGE),
    "I13 5006 scans": (".jpg", lambda: make.with_scans(5006), "avatar/too-many-scans"),
    "I14 a text of 70 MB": (".png", with_text(70), HEAVY),
    "I14 100 texts of 1 MB": (".png", with_png_chunks(*[make.text(b"Comment", bytes(1_000_000))] * 100), HEAVY),
    "I15 a profile of 70 MB": (
        ".png",
        with_packed_profile(70),
        HEAVY,
    ),
    "I16 a gigabyte of picture data": (".png", gigabyte, DAMAGED),
    "I17 100,000 texts": (".png", with_png_chunks(make.chunk(b"tEXt", b"a\0b") * 100_000), HEAVY),
    "I27 picture data before the header": (
        ".png",
        lambda: make.png(make.idat(bytes(72)), make.header(8, 8, 8, 0), END),
        DAMAGED,
    ),
    "I27 two headers": (".png", with_png_chunks(make.header(600, 600)), DAMAGED),
    "I27 no palette": (".png", palette_png(), DAMAGED),
    "I28 too little picture data": (
        ".png",
        lambda: make.png(make.header(9, 9, 8, 0), make.idat(bytes(89)), END),
        DAMAGED,
    ),
    **{f"I29 PNG of {w} x {h}": (".png", png_of_size(w, h), HUGE) for w, h in ((0, 10), (10, 0))},
    **{f"I29 JPEG of {w} x {h}": (".jpg", jpeg_of_size(w, h), HUGE) for w, h in ((0, 10), (10, 0))},
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_and_named(site: Site, workers: Workers, case: str) -> None:
    suffix, data, rule = REFUSED[case]
    assert refusal(site, workers, suffix, data()).rule == rule


FOREIGN = {**make.foreign(), "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n"}
NAMED = (
    "GIF",
    "BMP",
    "WebP",
    "TIFF",
    "PPM",
    "TGA",
    "ICO",
    "PDF",
    "PostScript",
    "JPEG 2000",
    "AVIF",
    "PCX",
    "DDS",
    "SGI",
)


@pytest.mark.parametrize("suffix", KINDS.values())
@pytest.mark.parametrize("kind", [*(f"I2 {kind}" for kind in NAMED), "I3 SVG", "I3 HTML", "I3 PHP"])
def test_another_kind_of_file_is_called_by_its_name(site: Site, workers: Workers, kind: str, suffix: str) -> None:
    name = kind.split(" ", 1)[1]
    found = refusal(site, workers, suffix, FOREIGN[name])
    assert found.rule == LIES
    assert f"{name} file" in found.message


def test_i1_the_true_kind_is_named(site: Site, workers: Workers) -> None:
    found = refusal(site, workers, ".png", plain("JPEG"))
    assert found.message == "the name ends in .png, but this is a JPEG file"
    assert found.fix == "Rename it so that it ends in .jpg."


def test_i8_a_flip_in_a_jpeg_is_refused_where_a_strict_decoder_hears_it(site: Site, workers: Workers) -> None:
    simplejpeg = pytest.importorskip("simplejpeg")
    sound = make.saved(make.textured(520, 520, grain=6), quality=80)
    chance = random.Random(8)
    damaged: dict[str, tuple[str, bytes]] = {}
    heard = set()
    for number in range(40):
        at = chance.randrange(700, len(sound) - 2)
        data = sound[:at] + bytes([sound[at] ^ 1 << chance.randrange(8)]) + sound[at + 1 :]
        damaged[f"flip-{number}"] = (".jpg", data)
        try:
            simplejpeg.decode_jpeg(data, strict=True)
        except ValueError:
            heard.add(f"avatars/flip-{number}.jpg")
    outcome = judge(site, workers, **damaged)
    errors = [found for found in outcome.problems if found.severity is Severity.ERROR]
    assert {found.file for found in errors} == heard
    assert {found.rule for found in errors} == {DAMAGED}
    assert 5 < len(heard) < 40


def test_i18_a_file_of_ten_gigabytes_is_refused_unread(site: Site, workers: Workers) -> None:
    path = site.write("avatars/mallory.jpg", plain("JPEG"))
    site.contact("mallory", name="Mallory")
    os.truncate(path, 10 * 2**30)
    begun = time.monotonic()
    (found,) = about(judge(site, workers), "avatars/mallory.jpg")
    assert found.rule == "avatar/too-large"
    assert time.monotonic() - begun < 20


def test_a_refused_picture_keeps_the_site_from_being_published(site: Site) -> None:
    site.contact("mallory", name="Mallory")
    site.write("avatars/mallory.png", cut("PNG", 0.5)())
    assert site.build().published is None
    assert not list(site.output.glob("*"))


# --- accepted, some with a warning -----------------------------------------------------------------------------------

JUNK = b"junk" * 100
LOOP = make.tiff(following=8)
PAST_THE_END = b"II*\0\xff\xff\xff\x7f"

ACCEPTED: dict[str, tuple[str, Make, list[str]]] = {
    "I18 2,500,000 bytes": (".jpg", lambda: grown(2_500_000), []),
    "I18 2,500,001 bytes": (".jpg", lambda: grown(2_500_001), []),
    "I18 2,621,440 bytes": (".jpg", lambda: grown(2_621_440), []),
    **{
        f"I19 {what} behind a {kind}": (
            suffix,
            lambda kind=kind, tail=tail: plain(kind) + tail(),  # type: ignore[misc]  # the defaults are bound early
            ["avatar/trailing-data"],
        )
        for kind, suffix in KINDS.items()
        for what, tail in (
            ("HTML", lambda: SCRIPT),
            ("ZIP", lambda: b"PK\x03\x04" + bytes(60)),
            ("PNG", lambda: plain("PNG")),
        )
    },
    **{
        f"I21 orientation {way} in a {kind}": (suffix, with_exif(kind, make.exif_orientation(way)), [])
        for kind, suffix in KINDS.items()
        for way in (0, 1, 8, 9, 65535)
    },
    **{
        f"I22 a position in a {kind}": (suffix, with_exif(kind, make.exif_position()), ["avatar/location"])
        for kind, suffix in KINDS.items()
    },
    **{
        f"I23 {what} in a {kind}": (suffix, with_exif(kind, block), ["avatar/metadata-broken"])
        for kind, suffix in KINDS.items()
        for what, block in (("EXIF past the end", PAST_THE_END), ("an EXIF loop", LOOP))
    },
    **{
        f"I25 {what} in a {kind}": (suffix, with_profile(kind, profile), ["avatar/profile"])
        for kind, suffix in KINDS.items()
        for what, profile in (("a junk profile", JUNK), ("a profile of 400 kB", bytes(400_000)))
    },
    "I26 2 frames": (".png", lambda: animation(2), ["avatar/animated"]),
    "I26 300 frames": (".png", lambda: animation(300), ["avatar/animated"]),
    "I26 several pictures in a JPEG": (
        ".jpg",
        lambda: make.saved(make.quarters(), "MPO", save_all=True, append_images=[make.textured()]),
        ["avatar/animated"],
    ),
    "I30 1 x 1": (".png", lambda: make.saved(Image.new("RGB", (1, 1)), "PNG"), ["avatar/tiny"]),
    "I30 65500 x 8": (".jpg", lambda: make.saved(make.quarters(65500, 8)), ["avatar/tiny"]),
    "I30 1 x 3000": (".png", lambda: make.saved(Image.new("RGB", (1, 3000)), "PNG"), ["avatar/tiny"]),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_it_is_accepted(site: Site, workers: Workers, case: str) -> None:
    suffix, data, expected = ACCEPTED[case]
    assert warnings(site, workers, suffix, data()) == expected


def test_i12_fifty_megapixels_are_accepted_within_a_gibibyte(site: Site) -> None:
    resource = pytest.importorskip("resource")
    row, packer = b"\0" + bytes((10, 200, 30, 100)) * 7070, zlib.compressobj(1)
    packed = b"".join(packer.compress(row) for _ in range(7070)) + packer.flush()
    large = make.png(make.header(7070, 7070, 8, 6), make.chunk(b"IDAT", packed), END)
    with Workers(1) as alone:
        assert warnings(site, alone, ".png", large) == []
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    assert peak < 2**30


# --- what comes out --------------------------------------------------------------------------------------------------


def thumbnail(site: Site, contact_id: str) -> Image.Image:
    """A contact's published thumbnail."""
    return make.opened((site.output / site.index()[contact_id]["avatar"]["512"]).read_bytes())


def add(site: Site, contact_id: str, suffix: str, data: bytes) -> None:
    site.contact(contact_id, name=contact_id)
    site.write(f"avatars/{contact_id}{suffix}", data)


def texts() -> dict[str, tuple[str, bytes]]:
    """Pictures that carry a script, a street and a position wherever a picture can carry a text."""
    exif = Image.Exif()
    exif[0x010E], exif[0x9286] = SCRIPT.decode(), SECRET.decode()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 0.0)}
    jpeg = make.saved(make.quarters(), exif=exif, comment=SCRIPT)
    jpeg = make.with_segments(jpeg, make.segment(0xE1, make.XMP + SECRET), make.segment(0xED, SECRET))
    png = make.saved(make.quarters(), "PNG", exif=exif)
    notes = make.chunk(b"tEXt", b"Comment\0" + SCRIPT), make.text(b"Title", SECRET)
    return {"jpeg": (".jpg", jpeg + SECRET), "png": (".png", make.with_chunks(png, *notes) + SECRET)}


def test_i19_i20_i22_no_metadata_and_nothing_hidden_reach_the_output(site: Site) -> None:
    for name, (suffix, data) in texts().items():
        add(site, name, suffix, data)
    outcome = site.build()
    assert outcome.published
    told = {found.rule for found in outcome.problems if found.file != "avatars/ada.jpg"}
    assert told == {"avatar/location", "avatar/trailing-data"}
    files = [path for path in site.output.rglob("*") if path.is_file()]
    assert sum(path.suffix == ".webp" for path in files) == 6
    for path in files:
        data = path.read_bytes()
        if path.suffix == ".webp":
            image = make.opened(data)
            assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
        assert SECRET not in data, path
        assert SCRIPT not in data, path
        assert b"alert(" not in data, path


def test_i21_every_orientation_comes_out_upright(site: Site) -> None:
    expected: dict[str, Image.Image] = {}
    for kind, suffix in KINDS.items():
        for way in (*range(1, 9), 0, 9, 65535):
            exif = Image.Exif()
            exif[0x0112] = way
            data = make.saved(make.quarters(600, 600), kind, exif=exif)
            expected[f"{kind.lower()}-{way}"] = ImageOps.exif_transpose(make.opened(data)).convert("RGB")
            add(site, f"{kind.lower()}-{way}", suffix, data)
    assert site.build().published
    for name, upright in expected.items():
        assert_same_quarters(thumbnail(site, name), upright.resize((512, 512)), name)


def assert_same_quarters(image: Image.Image, reference: Image.Image, name: str) -> None:
    """Compare the middle of each quarter; where nothing shows, its colour does not matter."""
    for place in ((128, 128), (384, 128), (128, 384), (384, 384)):
        mine, theirs = image.convert("RGBA").getpixel(place), reference.convert("RGBA").getpixel(place)
        assert isinstance(mine, tuple)
        assert isinstance(theirs, tuple)
        if mine[3] or theirs[3]:
            assert all(abs(one - other) <= 10 for one, other in zip(mine, theirs, strict=True)), (name, place)


def sixteen_bit_grey() -> tuple[bytes, Image.Image]:
    left, right = 0x3130, 0xC8C9
    rows = (struct.pack(">H", left) * 300 + struct.pack(">H", right) * 300) * 600
    reference = Image.new("L", (600, 600), left // 257)
    reference.paste(right // 257, (300, 0, 600, 600))
    return make.raw_png(600, 600, 16, 0, rows), reference


def ycck() -> bytes:
    simplejpeg, numpy = pytest.importorskip("simplejpeg"), pytest.importorskip("numpy")
    data: bytes = simplejpeg.encode_jpeg(255 - numpy.asarray(make.quarters(600, 600, "CMYK")), 95, "CMYK", "420")
    assert data[make.marker_at(data, 0xEE) + 15] == 2
    return data


def translucent(mode: str) -> Image.Image:
    """Quarters in a mode with alpha: opaque, half transparent, transparent and opaque."""
    image = make.quarters(600, 600, mode)
    alpha = Image.new("L", (600, 600), 255)
    alpha.paste(128, (300, 0, 600, 300))
    alpha.paste(0, (0, 300, 300, 600))
    image.putalpha(alpha)
    return image


def unusual() -> dict[str, tuple[str, bytes, Image.Image]]:
    """Unusual kinds of pictures: suffix, bytes, and what they look like."""
    quarters = make.quarters(600, 600)
    palette = quarters.quantize(4)
    transparent = palette.getpixel((150, 450))
    seen = palette.convert("RGBA")
    seen.paste((0, 0, 0, 0), (0, 300, 300, 600))
    deep, deep_seen = sixteen_bit_grey()
    bits = quarters.convert("L").point(lambda value: 255 if value > 90 else 0).convert("1")
    nothing = Image.new("RGBA", (600, 600), (200, 30, 30, 0))
    pictures = {
        "cmyk": (".jpg", make.saved(quarters.convert("CMYK"), quality=95), quarters.convert("CMYK").convert("RGB")),
        "ycck": (".jpg", ycck(), quarters.convert("CMYK").convert("RGB")),
        "grey": (".jpg", make.saved(quarters.convert("L")), quarters.convert("L")),
        "grey-of-16-bits": (".png", deep, deep_seen),
        "one-bit": (".png", make.saved(bits, "PNG"), bits),
        "palette": (".png", make.saved(palette, "PNG", transparency=transparent), seen),
        "grey-and-alpha": (".png", make.saved(translucent("L"), "PNG"), translucent("L")),
        "colour-and-alpha": (".png", make.saved(translucent("RGB"), "PNG"), translucent("RGB")),
        "nothing": (".png", make.saved(nothing, "PNG"), nothing),
    }
    return {
        name: (suffix, data, look.convert("RGBA").resize((512, 512))) for name, (suffix, data, look) in pictures.items()
    }


def test_i24_unusual_kinds_of_pictures_look_as_they_should(site: Site) -> None:
    expected = unusual()
    for name, (suffix, data, _) in expected.items():
        add(site, name, suffix, data)
    outcome = site.build()
    assert outcome.published
    assert {found.file for found in outcome.problems} == {"avatars/ada.jpg"}
    for name, (_, _, look) in expected.items():
        assert_same_quarters(thumbnail(site, name), look, name)


def test_i25_with_a_junk_profile_the_colours_are_those_of_srgb(site: Site) -> None:
    add(site, "junk", ".jpg", make.saved(make.quarters(), icc_profile=JUNK))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    add(site, "sound", ".jpg", make.saved(make.quarters(), icc_profile=srgb))
    assert site.build().published
    for name in ("junk", "sound"):
        assert_same_quarters(thumbnail(site, name), make.quarters(512, 512), name)


def test_i26_the_first_frame_alone_is_shown(site: Site) -> None:
    add(site, "apng", ".png", animation(300))
    add(site, "mpo", ".jpg", make.saved(make.quarters(), "MPO", save_all=True, append_images=[make.textured()]))
    assert site.build().published
    assert_same_quarters(thumbnail(site, "apng"), make.opened(plain("PNG")).resize((512, 512)), "apng")
    assert_same_quarters(thumbnail(site, "mpo"), make.quarters(512, 512), "mpo")


# --- decoders that die -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("death", "jobs"),
    [(dying.by_signal, 1), (dying.by_signal, 2), (dying.by_memory, 1), (dying.by_time, 2)],
    ids=lambda one: getattr(one, "__name__", f"{one}"),
)
def test_i31_a_picture_that_ends_its_decoder_is_refused_and_the_others_are_judged(
    site: Site, monkeypatch: pytest.MonkeyPatch, death: Callable[[tasks.PictureWork], tasks.Examined], jobs: int
) -> None:
    pytest.importorskip("resource")
    if death is dying.by_memory and sys.platform == "darwin":
        pytest.skip("macOS does not keep the limit of memory")
    monkeypatch.setattr(tasks, "examine_picture", death)
    monkeypatch.setattr(tasks, "PICTURE_SECONDS", 1)
    with Workers(jobs) as staff:
        found = refusal(site, staff, ".jpg", plain("JPEG"))
    assert found.rule == "avatar/undecodable"
    assert found.message.startswith("it could not be decoded safely")
