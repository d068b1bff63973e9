"""The check before the decoder: what a file is, what it says of itself, and what of it is shown."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactsheet.anatomy import Anatomy, Finding, shape_findings
from contactsheet.inspection import inspect
from contactsheet.thumbnails import examine
from tests import pictures as make

QUICK = settings(max_examples=150, deadline=2000)


def rules(data: bytes, suffix: str = ".jpg") -> set[str]:
    return {finding.rule for finding in inspect(data, suffix=suffix)[1]}


def refused(data: bytes, suffix: str = ".jpg") -> Finding:
    anatomy, findings = inspect(data, suffix=suffix)
    assert anatomy is None
    assert len(findings) == 1
    assert make.in_house_style(findings[0].message, findings[0].fix), findings[0]
    return findings[0]


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg"])
def test_a_sound_jpeg_has_no_findings(suffix: str) -> None:
    anatomy, findings = inspect(make.saved(make.quarters(640, 480)), suffix=suffix)
    assert anatomy is not None
    assert findings == ()
    assert (anatomy.format, anatomy.width, anatomy.height) == ("JPEG", 640, 480)


def test_a_sound_png_has_no_findings() -> None:
    anatomy, findings = inspect(make.saved(make.quarters(640, 480), "PNG"), suffix=".png")
    assert anatomy is not None
    assert findings == ()
    assert (anatomy.format, anatomy.upright) == ("PNG", (640, 480))


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
@pytest.mark.parametrize("kind", make.foreign())
def test_a_foreign_file_is_called_by_its_name(kind: str, suffix: str) -> None:
    finding = refused(make.foreign()[kind], suffix)
    assert finding.rule == "avatar/name-lies"
    assert kind in finding.message


def test_a_jpeg_named_png_and_the_other_way_round() -> None:
    jpeg, png = make.saved(make.quarters(64, 64)), make.saved(make.quarters(64, 64), "PNG")
    assert "a JPEG file" in refused(jpeg, ".png").message
    assert ".jpg" in refused(jpeg, ".png").fix
    assert "a PNG file" in refused(png, ".jpg").message
    assert ".png" in refused(png, ".jpeg").fix


def test_a_git_lfs_pointer_is_told() -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    assert refused(pointer).rule == "avatar/lfs-pointer"
    assert "git lfs pull" in refused(pointer, ".png").fix


@pytest.mark.parametrize("data", [b"", b"\xff", b"abc", b"\0\0\0\0", b"hello, world", bytes(5000)])
def test_what_is_no_picture_at_all(data: bytes) -> None:
    assert refused(data).rule == "avatar/not-a-picture"
    assert refused(data, ".png").rule == "avatar/not-a-picture"


@pytest.mark.parametrize("data", [b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xd9"])
def test_the_beginning_of_a_jpeg_is_a_damaged_jpeg(data: bytes) -> None:
    assert refused(data).rule == "avatar/damaged"


def test_a_png_that_went_through_a_text_transfer_is_damaged() -> None:
    png = make.saved(make.quarters(64, 64), "PNG")
    assert refused(png.replace(b"\r\n", b"\n"), ".png").rule == "avatar/damaged"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_a_picture_that_is_cut_off_is_damaged(kind: str, share: float) -> None:
    data = make.saved(make.textured(), kind)
    finding = refused(data[: int(len(data) * share)], ".jpg" if kind == "JPEG" else ".png")
    assert finding.rule == "avatar/damaged"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("missing", [1, 2, 4, 12])
def test_a_picture_without_its_end_is_damaged(kind: str, missing: int) -> None:
    data = make.saved(make.textured(), kind)
    assert refused(data[:-missing], ".jpg" if kind == "JPEG" else ".png").rule == "avatar/damaged"


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x03\x04" + bytes(99), make.SIGNATURE, b"\0"])
def test_data_behind_the_end_are_a_warning(tail: bytes) -> None:
    _, (finding,) = inspect(make.saved(make.quarters()) + tail, suffix=".jpg")
    assert make.in_house_style(finding.message, finding.fix)
    assert rules(make.saved(make.quarters()) + tail) == {"avatar/trailing-data"}
    assert rules(make.saved(make.quarters(), "PNG") + tail, ".png") == {"avatar/trailing-data"}


def anatomy_of(width: int, height: int, orientation: int = 1) -> Anatomy:
    return Anatomy("JPEG", width, height, orientation, None, 3, 8, ())


def test_orientation_turns_the_size() -> None:
    assert [anatomy_of(3, 2, way).upright for way in range(1, 9)] == [(3, 2)] * 4 + [(2, 3)] * 4


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((512, 512), []),
        ((511, 511), ["avatar/small"]),
        ((63, 63), ["avatar/tiny"]),
        ((64, 64), ["avatar/small"]),
        ((1, 1), ["avatar/tiny"]),
        ((65500, 8), ["avatar/tiny", "avatar/not-square"]),
        ((600, 800), ["avatar/not-square"]),
    ],
)
def test_small_and_oblong_pictures_are_told(size: tuple[int, int], expected: list[str]) -> None:
    findings = shape_findings(anatomy_of(*size), "cover", (0.5, 0.5))
    assert [finding.rule for finding in findings] == expected
    assert all(make.in_house_style(finding.message, finding.fix) for finding in findings)


@pytest.mark.parametrize(
    ("size", "way", "focus", "expected"),
    [
        ((3024, 4032), 1, (0.5, 0.5), "cropped to the middle square, 504 cut off at the top and at the bottom"),
        ((4032, 3024), 1, (0.5, 0.5), "cropped to the middle square, 504 cut off at the left and at the right"),
        ((800, 600), 1, (0.0, 0.5), "cropped to a square, 200 at the right cut off"),
        ((800, 600), 6, (0.5, 1.0), "cropped to a square, 200 at the top cut off"),
        ((2400, 1200), 1, (0.29, 0.5), "cropped to a square, 96 at the left and 1104 at the right cut off"),
        ((801, 800), 1, (0.5, 0.5), "cropped to a square, by less than a pixel"),
    ],
)
def test_the_crop_is_told_by_its_sides(
    size: tuple[int, int], way: int, focus: tuple[float, float], expected: str
) -> None:
    (found,) = shape_findings(anatomy_of(*size, way), "cover", focus)
    width, height = size if way == 1 else size[::-1]
    assert found.message == f"{width} × {height} pixels: {expected}"
    side = "left" if width > height else "top"  # moving the focus up or down leaves a wide picture as it is
    assert found.fix == f"Choose what stays with `avatar: {{focus: {side}}}` (or another side), or `fit: contain`."


def test_the_padding_is_told_by_its_sides() -> None:
    (wide,) = shape_findings(anatomy_of(800, 600), "contain", (0.5, 0.5))
    assert wide.message == "800 × 600 pixels: padded with transparency above and below to be square"
    (tall,) = shape_findings(anatomy_of(600, 800), "contain", (0.5, 0.5))
    assert "left and right" in tall.message


@QUICK
@given(st.binary(max_size=400), st.sampled_from([".jpg", ".png"]), st.sampled_from([b"", b"\xff\xd8", make.SIGNATURE]))
def test_any_bytes_get_a_verdict(data: bytes, suffix: str, start: bytes) -> None:
    anatomy, findings = inspect(start + data, suffix=suffix)
    assert anatomy is not None or findings
    assert len({finding.rule for finding in findings}) == len(findings)


@pytest.mark.parametrize(("kind", "suffix"), [("JPEG", ".jpg"), ("PNG", ".png"), ("progressive", ".jpg")])
def test_any_mutation_of_a_sound_picture_gets_a_verdict_soon(kind: str, suffix: str) -> None:
    options = {"progressive": True} if kind == "progressive" else {}
    sound = make.saved(make.textured(96, 96), "PNG" if kind == "PNG" else "JPEG", **options)

    @QUICK
    @given(st.data())
    def check(data: st.DataObject) -> None:
        broken = bytearray(sound)
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(broken) - 1))
            how = data.draw(st.sampled_from(["set", "cut", "insert", "double"]))
            piece = data.draw(st.binary(min_size=1, max_size=6))
            if how == "set":
                broken[at : at + len(piece)] = piece
            elif how == "cut":
                del broken[at : at + len(piece)]
            elif how == "insert":
                broken[at:at] = piece
            else:
                broken[at:at] = broken[at : at + 200]
        begun = time.perf_counter()
        anatomy, findings = inspect(bytes(broken), suffix=suffix)
        if anatomy is not None:
            thumbnails, more = examine(bytes(broken), anatomy, encode=False)
            findings += more
            assert thumbnails is None or not (thumbnails.large or thumbnails.small)
            assert thumbnails or more
        else:
            assert findings
        assert all(make.in_house_style(finding.message, finding.fix) for finding in findings), findings
        assert time.perf_counter() - begun < 1.5

    check()


def test_one_flipped_byte_anywhere_in_a_png_is_damage() -> None:
    png = make.saved(make.textured(64, 64), "PNG")
    chance = random.Random(3)
    for at in [*range(60), *(chance.randrange(len(png)) for _ in range(200)), *range(len(png) - 16, len(png))]:
        flipped = png[:at] + bytes([png[at] ^ 1 << chance.randrange(8)]) + png[at + 1 :]
        anatomy, _ = inspect(flipped, suffix=".png")
        assert anatomy is None, at
