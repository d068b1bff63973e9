"""Which pictures look the same: encoded anew, scaled and trimmed they do, and different ones do not."""

from __future__ import annotations

import random
import time
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from contactsheet.inspection import inspect
from contactsheet.likeness import ALIKE, fingerprint, pairs
from contactsheet.thumbnails import examine
from tests import pictures as make
from tests.conftest import PROJECT

SAMPLE = sorted(path for path in (PROJECT / "avatars").rglob("*") if path.suffix in (".jpg", ".jpeg", ".png"))


def seen(data: bytes, **options: object) -> int:
    """The fingerprint that the examination of a picture gives."""
    anatomy, _ = inspect(data, suffix=".png" if data.startswith(make.SIGNATURE) else ".jpg")
    assert anatomy is not None
    thumbnails, _ = examine(data, anatomy, **{"encode": False, **options})  # type: ignore[arg-type]  # any of them
    assert thumbnails is not None
    return thumbnails.fingerprint


@cache
def of_sample(path: Path) -> int:
    return seen(path.read_bytes())


def apart(one: int, other: int) -> int:
    return (one ^ other).bit_count()


@cache
def upright(path: Path) -> Image.Image:
    """A picture of the sample on white, upright and at most 800 pixels wide or high."""
    with Image.open(path) as stored:
        stored.thumbnail((800, 800))
        image = ImageOps.exif_transpose(stored).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


@pytest.mark.parametrize("path", SAMPLE[::4], ids=lambda path: path.stem)
def test_the_same_picture_scaled_encoded_anew_and_trimmed_is_alike(path: Path) -> None:
    image = upright(path)
    width, height = image.size
    trimmed = image.crop((width // 100, height // 100, width - width // 100, height - height // 100))
    for other in (
        make.saved(image, quality=60),
        make.saved(image, "PNG"),
        make.saved(image.resize((300, 300 * height // width), Image.Resampling.BICUBIC), quality=60),
        make.saved(image.resize((width * 4 // 5, height * 4 // 5)), "PNG"),
        make.saved(trimmed, quality=90),
    ):
        assert apart(seen(other), of_sample(path)) <= ALIKE


def test_the_different_pictures_of_the_sample_are_all_unlike() -> None:
    assert len(SAMPLE) >= 23
    assert not list(pairs([(path.name, of_sample(path)) for path in SAMPLE]))
    assert min(apart(of_sample(one), of_sample(other)) for one, other in combinations(SAMPLE, 2)) > ALIKE + 2


def test_the_thumbnails_of_different_pictures_are_unlike() -> None:
    squares = [(path.name, fingerprint(ImageOps.fit(upright(path), (512, 512)))) for path in SAMPLE]
    assert not list(pairs(squares))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(900, 600), (600, 2000), (75, 300), (2000, 1500)])
def test_neither_focus_nor_fit_nor_encoding_changes_the_fingerprint(kind: str, size: tuple[int, int]) -> None:
    data = make.saved(make.textured(*size, grain=min(size) // 15), kind)
    expected = seen(data)
    assert expected
    for options in ({"focus": (0.0, 0.0)}, {"focus": (1.0, 0.7)}, {"fit": "contain"}, {"encode": True}):
        # How much a JPEG is reduced while it is decoded depends on what of it is shown.
        assert apart(seen(data, **options), expected) <= (2 if kind == "JPEG" else 0)


@pytest.mark.parametrize("way", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_that_is_stored_turned_is_like_the_upright_one(kind: str, way: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = way
    data = make.saved(make.textured(900, 600, grain=30), kind, exif=exif)
    turned = ImageOps.exif_transpose(make.opened(data))
    assert apart(seen(data), seen(make.saved(turned, "PNG"))) <= ALIKE


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGBA", "P", "RGB"])
def test_the_kind_of_picture_does_not_matter(mode: str) -> None:
    image = make.textured(600, 600, grain=20)
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert apart(seen(make.saved(image.convert(mode), kind)), seen(make.saved(image))) <= ALIKE


def test_transparency_counts_as_white() -> None:
    logo = make.textured(600, 600, grain=20).convert("RGBA")
    logo.paste((0, 0, 0, 0), (0, 0, 600, 200))
    white = Image.alpha_composite(Image.new("RGBA", logo.size, "white"), logo).convert("RGB")
    assert apart(seen(make.saved(logo, "PNG")), seen(make.saved(white))) <= ALIKE


@pytest.mark.parametrize("colour", ["white", "black", (200, 30, 30), (128, 128, 128)])
def test_a_picture_of_one_colour_is_like_its_own_file_alone(colour: str | tuple[int, int, int]) -> None:
    plain = Image.new("RGB", (600, 600), colour)
    one, other = seen(make.saved(plain)), seen(make.saved(plain, "PNG"))
    assert list(pairs([("a", one), ("b", other), ("a", one)])) == [(0, 2)]


def test_each_picture_is_paired_with_the_first_like_it() -> None:
    look = 0x0F0F_3333_5555_9999
    files = [("a", look), ("b", ~look & 2**64 - 1), ("c", look ^ 0b111), ("d", look ^ 0b111_000), ("b", 5), ("e", look)]
    assert list(pairs(files)) == [(0, 2), (0, 3), (1, 4), (0, 5)]


def test_a_picture_that_is_like_the_second_of_a_pair_alone_is_found() -> None:
    first = 0x0123_4567_89AB_CDEF
    second = first ^ (1 << ALIKE) - 1
    third = second ^ ((1 << ALIKE) - 1 << 20)
    assert list(pairs([("a", first), ("b", second), ("c", third)])) == [(0, 1), (1, 2)]


def by_brute_force(pictures: list[tuple[str, int]]) -> list[tuple[int, int]]:
    found = []
    for position, (digest, bits) in enumerate(pictures):
        before = pictures[:position]
        same = [place for place, (other, _) in enumerate(before) if other == digest]
        alike = [place for place, (_, other) in enumerate(before) if bits and other and apart(bits, other) <= ALIKE]
        found += [(place, position) for place in (same or alike)[:1]]
    return found


@st.composite
def a_gallery(draw: st.DrawFn) -> list[tuple[str, int]]:
    """Files with fingerprints near a few looks; the same file has the same fingerprint."""
    looks = [0, *draw(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4))]
    changes = st.sets(st.integers(0, 63), max_size=2 * ALIKE).map(lambda bits: sum(1 << bit for bit in bits))
    files = {name: draw(st.sampled_from(looks)) ^ draw(changes | st.just(0)) for name in "abcdefghij"}
    return [(name, files[name]) for name in draw(st.lists(st.sampled_from(sorted(files)), max_size=24))]


@pytest.mark.parametrize("others", [0, 1000], ids=["few", "many"])
@given(pictures=a_gallery())
def test_the_pairs_are_those_of_a_plain_comparison(others: int, pictures: list[tuple[str, int]]) -> None:
    plain = [(f"plain {number}", 0) for number in range(others)]
    assert list(pairs([*pictures, *plain])) == by_brute_force(pictures)


@pytest.mark.parametrize("similar", [False, True], ids=["all different", "many alike"])
def test_twenty_thousand_pictures_take_about_a_second(similar: bool) -> None:
    chance = random.Random(4)
    kept = 0xFFFF_0000 if similar else 2**64 - 1
    pictures = [(str(number), chance.getrandbits(64) & kept) for number in range(20_000)]
    begun = time.process_time()
    found = list(pairs(pictures))
    assert time.process_time() - begun < 3
    assert bool(found) == similar
