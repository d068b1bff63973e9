"""What is told of a picture before anything is decoded: its size, way up, profile, and what is wrong with it, in words.

Nothing here decodes a pixel, reads a file or knows a file's name beyond its suffix.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MAX_PIXELS = 50_000_000
TINY_SIDE = 64  # below it a face cannot be told
RECOMMENDED_SIDE = 512
LARGE_PROFILE = 256 * 1024  # real RGB and grey profiles have 0.5 to 60 kB; print (CMYK) profiles up to 2 MB
LARGE_PRINT_PROFILE = 2 * 1024 * 1024

AGAIN = "Export it again as JPEG or PNG from the original and replace the file."
TURNED_SIDEWAYS = frozenset({5, 6, 7, 8})  # the EXIF orientations that exchange width and height

Piece = bytes | tuple[int, int]
Fit = Literal["cover", "contain"]
Focus = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a picture's bytes, before a file name is known: the rule, what is wrong, how to mend it."""

    rule: str
    message: str
    fix: str


class Refusal(Exception):  # noqa: N818  (a verdict on the picture, no error of the program)
    """Ends a walk through a picture that cannot be accepted; ``inspection`` turns it into its finding."""

    def __init__(self, rule: str, message: str, fix: str = AGAIN) -> None:
        super().__init__(message)
        self.finding = Finding(rule, message, fix)


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The parts of a picture that the walkers found sound enough to decode.

    ``width`` and ``height`` are pixels as stored, before ``orientation`` (EXIF, 1 to 8) is applied. ``bits`` is the
    depth of a sample. ``components`` counts JPEG's colour channels (1, 3 or 4) or those of a PNG's pixel.
    ``colour_type`` is PNG's, ``adobe`` says whether a JPEG carries Adobe's marker (its CMYK is then stored inverted),
    ``colour_key`` is the one colour that a grey or RGB PNG declares transparent, in samples of ``bits``.
    ``pieces`` lists what a decoder needs and nothing else, as spans of the file or as bytes in their stead.
    """

    format: Literal["JPEG", "PNG"]
    width: int
    height: int
    orientation: int
    profile: bytes | None = field(repr=False)
    components: int
    bits: int
    pieces: tuple[Piece, ...] = field(repr=False)
    colour_type: int | None = None
    colour_key: tuple[int, ...] | None = None
    adobe: bool = False

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height after orientation, in pixels."""
        if self.orientation in TURNED_SIDEWAYS:
            return self.height, self.width
        return self.width, self.height


def essence(data: bytes, anatomy: Anatomy) -> bytes:
    """The picture without metadata, stray bytes and further frames: all that its decoder gets to see."""
    whole = memoryview(data)  # slices of it are not copied before they are joined
    return b"".join(piece if isinstance(piece, bytes) else whole[piece[0] : piece[1]] for piece in anatomy.pieces)


def refuse_impossible_size(width: int, height: int) -> None:
    """Refuse a side of zero and more than 50 million pixels, raising Refusal."""
    if width == 0 or height == 0:
        raise Refusal("avatar/too-many-pixels", f"the picture says that it is {width} × {height} pixels, which is none")
    if width * height > MAX_PIXELS:
        raise Refusal(
            "avatar/too-many-pixels",
            f"the picture has {width} × {height} pixels; at most {MAX_PIXELS // 10**6} million in all are accepted",
            "Scale it down: 512 × 512 is enough, 2000 × 2000 is plenty.",
        )


def damaged(message: str) -> Refusal:
    """The refusal of a picture whose bytes are incomplete or altered."""
    return Refusal("avatar/damaged", message, "Copy the original again or export it anew, and replace the file.")


def too_much_metadata(message: str) -> Refusal:
    """The refusal of a picture that carries more metadata than a picture has reason to."""
    return Refusal("avatar/too-much-metadata", message, "Export the picture again without metadata.")


def metadata_broken(message: str) -> Finding:
    """The warning that something beside the pixels is broken."""
    return Finding(
        "avatar/metadata-broken",
        f"{message}; the picture itself is used",
        "Look whether it is upright, and export it again without metadata.",
    )


def animated(message: str) -> Finding:
    """The warning that only the first of several frames is used."""
    return Finding(
        "avatar/animated",
        f"{message}; only the first is used",
        "Save the wanted picture alone, as a plain JPEG or PNG.",
    )


def trailing_data(count: int, end: str) -> Finding:
    """The warning that ``count`` bytes follow the picture's ``end``."""
    return Finding(
        "avatar/trailing-data",
        f"{count} {'byte follows' if count == 1 else 'bytes follow'} {end}; whoever has the repository has them, too",
        "Look what they are, then run `python build.py clean-avatar ID` or export the picture again.",
    )


def profile_unusable(message: str) -> Finding:
    """The warning about an embedded colour profile."""
    return Finding("avatar/profile", message, "Convert the picture to sRGB and save it again.")


def large_profile(profile: bytes | None, limit: int = LARGE_PROFILE) -> Finding | None:
    """The warning about a profile of more than ``limit`` bytes, or None."""
    if profile is None or len(profile) <= limit:
        return None
    return profile_unusable(f"the embedded colour profile has {len(profile)} bytes; one for sRGB has 500 to 3000")


def location() -> Finding:
    """The warning that the file gives away a position."""
    return Finding(
        "avatar/location",
        "the file says where the photo was taken; whoever has the repository can read it",
        "Run `python build.py clean-avatar ID`; if it was pushed, the repository's history still holds the old file.",
    )


def shape_findings(anatomy: Anatomy, fit: Fit, focus: Focus) -> tuple[Finding, ...]:
    """What there is to say about the size and the proportions of a sound picture.

    ``focus`` is the point (0 to 1 from the left and the top of the upright picture) that ``fit`` "cover" crops around.
    """
    width, height = anatomy.upright
    return tuple(found for found in (_size_finding(width, height), _square_finding(width, height, fit, focus)) if found)


def _size_finding(width: int, height: int) -> Finding | None:
    short = min(width, height)
    if short >= RECOMMENDED_SIDE:
        return None
    fix = f"Use a picture of at least {RECOMMENDED_SIDE} × {RECOMMENDED_SIDE} pixels."
    if short < TINY_SIDE:
        return Finding("avatar/tiny", f"{width} × {height} pixels: too few to recognise anyone", fix)
    return Finding("avatar/small", f"{width} × {height} pixels: enlarged, it looks blurred", fix)


def _square_finding(width: int, height: int, fit: Fit, focus: Focus) -> Finding | None:
    if width == height:
        return None
    if fit == "contain":
        sides = "left and right" if width < height else "above and below"
        words = f"padded with transparency {sides} to be square"
        fix = "Nothing needs to be done; without `fit: contain` it fills the square and is cropped."
    else:
        words = _crop_words(width, height, focus)
        side = "left" if width > height else "top"
        fix = f"Choose what stays with `avatar: {{focus: {side}}}` (or another side), or `fit: contain`."
    return Finding("avatar/not-square", f"{width} × {height} pixels: {words}", fix)


def _crop_words(width: int, height: int, focus: Focus) -> str:
    left, top, right, bottom = crop_box((width, height), focus)
    sides = {"left": left, "right": width - right} if width > height else {"top": top, "bottom": height - bottom}
    cut = {side: round(pixels) for side, pixels in sides.items() if round(pixels) > 0}
    if not cut:
        return "cropped to a square, by less than a pixel"
    if len(set(cut.values())) < len(cut):
        first, second = cut
        return f"cropped to the middle square, {cut[first]} cut off at the {first} and at the {second}"
    said = " and ".join(f"{pixels} at the {side}" for side, pixels in cut.items())
    return f"cropped to a square, {said} cut off"


def crop_box(size: tuple[int, int], focus: Focus) -> tuple[float, float, float, float]:
    """The largest square around ``focus`` inside a picture of ``size``: left, top, right, bottom in pixels."""
    width, height = size
    side = min(size)
    left = min(max(focus[0] * width - side / 2, 0.0), float(width - side))
    top = min(max(focus[1] * height - side / 2, 0.0), float(height - side))
    return left, top, left + side, top + side
