"""`set-avatar` gives a contact a picture from any file that holds one; there is one picture before and after."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from contactsheet.converting import Prepared, prepared
from contactsheet.workers import Workers
from tests.conftest import Site
from tests.pictures import chunk, foreign, header, opened, quarters, saved, textured
from tests.test_new import files

JPEG, PNG = saved(quarters(512, 512)), saved(quarters(512, 512), "PNG")


@pytest.fixture
def ada(site: Site) -> Site:
    """A contact without a picture."""
    site.contact("ada", "# hers\nname: Ada\n")
    return site


def pictures(site: Site) -> dict[str, bytes]:
    """The pictures of a site."""
    return {path: data for path, data in files(site).items() if not path.endswith(".yaml")}


def given(site: Site, tmp_path: Path, data: bytes, *arguments: str, name: str = "file.bin") -> str:
    """Sets a picture; gives what the command said on standard error."""
    (tmp_path / name).write_bytes(data)
    done = site.command("set-avatar", "ada", str(tmp_path / name), *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("old", "data", "path"),
    [
        (None, PNG, "avatars/ada.png"),
        ("avatars/ada.JPEG", JPEG, "avatars/ada.JPEG"),
        ("avatars/ada.png", JPEG, "avatars/ada.jpg"),
        ("contacts/ada.jpg", PNG, "contacts/ada.png"),
    ],
)
def test_a_jpeg_or_png_becomes_the_picture_byte_for_byte(
    ada: Site, tmp_path: Path, old: str | None, data: bytes, path: str
) -> None:
    """Wherever the old one lies and whatever it is, it is the only one then; the record stays as it is."""
    if old:
        ada.write(old, saved(quarters(520, 520), "PNG" if "png" in old else "JPEG"))
    before = files(ada)["contacts/ada.yaml"]
    given(ada, tmp_path, data)
    assert pictures(ada) == {path: data}
    assert files(ada)["contacts/ada.yaml"] == before


@pytest.mark.parametrize(
    ("data", "suffix", "said"),
    [
        (saved(quarters(600, 600), "WEBP", lossless=True), ".jpg", "WEBP of 600 × 600"),
        (saved(quarters(512, 512), "TIFF"), ".jpg", "TIFF"),
        (saved(quarters(512, 512), "BMP"), ".jpg", "BMP"),
        (saved(quarters(512, 512, "CMYK"), "TIFF"), ".jpg", "TIFF"),
        (saved(quarters(512, 512).convert("RGBA"), "WEBP", lossless=True), ".jpg", "written as JPEG"),
        (saved(Image.new("RGBA", (512, 512), (200, 0, 0, 99)), "WEBP", lossless=True), ".png", "written as PNG"),
        (
            saved(quarters(512, 512), "GIF", save_all=True, append_images=[Image.new("RGB", (512, 512))]),
            ".jpg",
            "its first frame",
        ),
    ],
    ids=["webp", "tiff", "bmp", "cmyk", "opaque alpha", "alpha", "animation"],
)
def test_another_kind_of_picture_is_converted(tmp_path: Path, data: bytes, suffix: str, said: str) -> None:
    """To PNG where something shows through, else to JPEG; what became of it is said."""
    made = made_of(tmp_path, data)
    assert made.suffix == suffix
    assert said in made.note
    image = opened(made.data)
    assert image.mode == ("RGBA" if suffix == ".png" else "RGB")
    if suffix == ".jpg":
        near, wanted = (one.getpixel((100, 100)) for one in (image, quarters(512, 512)))
        assert isinstance(near, tuple)
        assert isinstance(wanted, tuple)
        assert all(abs(one - other) < 40 for one, other in zip(near, wanted, strict=True))


def made_of(tmp_path: Path, data: bytes) -> Prepared:
    """The picture that a file gives, made in this process."""
    (tmp_path / "file").write_bytes(data)
    with Workers(0) as workers:
        return prepared(tmp_path / "file", 2_621_440, scale_down=False, workers=workers)


def test_a_turned_picture_is_converted_upright(ada: Site, tmp_path: Path) -> None:
    """What EXIF says of the way up is done, and nothing of EXIF stays."""
    exif = Image.Exif()
    exif[0x0112] = 6
    assert "WEBP of 600 × 512 pixels" in given(ada, tmp_path, saved(quarters(600, 512), "WEBP", exif=exif))
    image = opened(pictures(ada)["avatars/ada.jpg"])
    assert image.size == (512, 600)
    assert not image.getexif()


def test_a_picture_that_is_too_large_is_made_smaller_on_request(ada: Site, tmp_path: Path) -> None:
    """Without the request the way is told, and nothing is written."""
    ada.settings("max_picture_bytes = 60000")
    (tmp_path / "large.png").write_bytes(saved(textured(700, 700), "PNG"))
    done = ada.command("set-avatar", "ada", str(tmp_path / "large.png"))
    assert done.returncode == 1
    assert "--scale-down" in done.stderr
    assert pictures(ada) == {}
    given(ada, tmp_path, (tmp_path / "large.png").read_bytes(), "--scale-down")
    (data,) = pictures(ada).values()
    assert len(data) <= 60_000


def test_how_it_becomes_a_square_goes_into_the_record(ada: Site, tmp_path: Path) -> None:
    """And nothing else in the record changes; what is not said again stays."""
    given(ada, tmp_path, JPEG, "--focus", "0.5,0.3")
    assert files(ada)["contacts/ada.yaml"].decode() == "# hers\nname: Ada\navatar:\n  focus: [0.5, 0.3]\n"
    given(ada, tmp_path, PNG, "--focus", "top", "--fit", "contain")
    assert files(ada)["contacts/ada.yaml"].decode() == "# hers\nname: Ada\navatar:\n  focus: top\n  fit: contain\n"
    assert list(pictures(ada)) == ["avatars/ada.png"]


def test_a_shared_picture_stays_and_the_contact_gets_one_of_its_own(site: Site, tmp_path: Path) -> None:
    """The record no longer names the shared one."""
    site.contact("ada", "# hers\nname: Ada\navatar: {file: logo.png, fit: contain}\ntags: [a]\n")
    site.contact("bob", "avatar: logo.png\n", name="Bob")
    site.write("avatars/logo.png", PNG)
    said = given(site, tmp_path, JPEG)
    assert "avatars/logo.png stays" in said
    assert pictures(site) == {"avatars/logo.png": PNG, "avatars/ada.jpg": JPEG}
    assert files(site)["contacts/ada.yaml"].decode() == "# hers\nname: Ada\ntags: [a]\n"


BOMB = b"\x89PNG\r\n\x1a\n" + header(60_000, 60_000) + chunk(b"IDAT", b"x") + chunk(b"IEND")


@pytest.mark.parametrize(
    "data",
    [
        *(data for name, data in sorted(foreign().items()) if name in ("SVG", "HTML", "PDF", "HEIC", "PostScript")),
        b"",
        saved(quarters(600, 600), "WEBP")[:900],
    ],
)
def test_what_cannot_be_converted_is_refused(tmp_path: Path, data: bytes) -> None:
    """No picture, one that needs another program, a piece of one: each in a sentence."""
    made = made_of(tmp_path, data)
    assert made.fault
    assert made.data == b""


def test_a_bomb_is_not_converted(tmp_path: Path) -> None:
    made = made_of(tmp_path, saved(Image.new("1", (9000, 9000)), "TIFF", compression="group4"))
    assert made.fault
    assert made.data == b""


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"hello", "it is no picture"), (b"%PDF-1.7", "it is a PDF file, which cannot be read")],
    ids=["text", "PDF"],
)
def test_a_file_that_is_no_picture_is_called_by_what_it_is(tmp_path: Path, data: bytes, said: str) -> None:
    assert made_of(tmp_path, data).fault == said


@pytest.mark.parametrize("data", [JPEG[:-300], BOMB, b"<svg>"], ids=["cut", "bomb", "no picture"])
def test_what_is_no_sound_picture_is_refused_and_nothing_changes(ada: Site, tmp_path: Path, data: bytes) -> None:
    """By the check's rules or by the decoder."""
    ada.write("avatars/ada.png", PNG)
    (tmp_path / "file").write_bytes(data)
    before = files(ada)
    done = ada.command("set-avatar", "ada", str(tmp_path / "file"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert files(ada) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["adda", "x.jpg"], "did you mean ada?"),
        (["ada", "x.jpg", "--focus", "middle"], "no side of a picture"),
        (["ada", "x.jpg", "--focus", "2,3"], "not a number from 0 to 1"),
    ],
)
def test_a_wrong_use_is_told(ada: Site, arguments: list[str], said: str) -> None:
    """With exit status 2."""
    done = ada.command("set-avatar", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
