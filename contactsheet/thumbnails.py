"""Makes a contact's thumbnails, upright, square and in sRGB, from one decode, which is also the check.

Only what the walkers of ``anatomy`` passed comes here. Nothing is read from or written to a file, and no exception of
a decoder leaves this module: each becomes a finding.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contactsheet.anatomy import Anatomy, Finding, Fit, Focus, Refusal, crop_box, damaged
from contactsheet.decoding import Box, Coarse

if TYPE_CHECKING:
    from PIL import Image

# The recipe: what makes a thumbnail's bytes what they are. Whoever changes it changes every thumbnail.
LARGE_SIDE = 512
SMALL_SIDE = 96
QUALITY = 80
# Of 0 to 6: 0 takes 5 ms, 1 takes 6, 2 takes 9, and 3 and 4 take 21. At equal bytes (SSIM against a full decode, how
# far from 1) 3 and 4 lose what sharp does, 2 loses 1.1 times as much, 1 and 0 1.25 times.
LARGE_METHOD = 2
SMALL_METHOD = 4  # pages load these by the hundred, and at this size the effort costs next to nothing
# An unsharp mask: 45 % of the difference from a Gaussian blur of 0.6 pixels, as one kernel.
SHARPENED = (-1, -4, -1, -4, 100, -4, -1, -4, -1), 80
JPEG_QUALITY = 85

_ADDRESS = re.compile(r" ?<[^>]* at 0x[0-9a-fA-F]+>")


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """A contact's pictures; each is empty where it was not asked for.

    ``large`` (512 x 512 pixels) and ``small`` (96 x 96) are WebP, for the pages. ``card`` (256 x 256) is a JPEG, for
    the vCard. ``served`` (512 x 512), for the avatar service, is a JPEG, or a PNG where something shows through.
    ``fingerprint`` says what the whole picture looks like, however it is cropped (``likeness.fingerprint``).
    """

    fingerprint: int
    large: bytes = b""
    small: bytes = b""
    card: bytes = b""
    served: bytes = b""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What part of the stored picture is shown (in its pixels), and how large it gets: width and height."""

    box: Box
    size: tuple[int, int]

    @property
    def ratio(self) -> float:
        """Source pixels for one of the thumbnail, on the longer side."""
        left, top, right, bottom = self.box
        return max(right - left, bottom - top) / max(self.size)


def examine(
    data: bytes,
    anatomy: Anatomy,
    *,
    focus: Focus = (0.5, 0.5),
    fit: Fit = "cover",
    encode: bool = True,
    serve: bool = False,
) -> tuple[Thumbnails | None, tuple[Finding, ...]]:
    """Decode a picture that ``inspection.inspect`` passed, say what is wrong with it and make its thumbnails.

    ``focus`` is a point of the upright picture, 0 to 1 from the left and the top. The thumbnails are empty without
    ``encode``, and None when a finding means refusal (avatar/damaged, avatar/undecodable); with ``serve`` there is one
    for the avatar service too. The same input gives the same bytes.
    """
    try:
        square, bits, findings = _decoded(data, anatomy, focus, fit)
        return (_encoded(square, bits, serve) if encode else Thumbnails(bits)), findings
    except Refusal as refusal:
        return None, (refusal.finding,)
    except MemoryError:
        words = "the picture could not be decoded safely: it needs more memory than there is"
        return None, (Refusal("avatar/undecodable", words).finding,)
    except Exception as error:  # noqa: BLE001  (decoders raise anything: OSError, SyntaxError, IndexError, struct.error)
        return None, (damaged(f"the picture cannot be decoded: {_said(error)}").finding,)


def _said(error: Exception) -> str:
    """What a decoder said, without the addresses in memory that some put into it."""
    return _ADDRESS.sub("", str(error)).strip().rstrip(".") or type(error).__name__


def _decoded(data: bytes, anatomy: Anatomy, focus: Focus, fit: Fit) -> tuple[Image.Image, int, tuple[Finding, ...]]:
    """The finished square, the fingerprint of the whole picture, and what is wrong with it."""
    from contactsheet import decoding
    from contactsheet.likeness import fingerprint

    frame = _frame(anatomy, focus, fit)
    coarse = decoding.decode(data, anatomy, frame.box, frame.ratio)
    square, profile_warning = _square(coarse, frame, anatomy)
    findings = tuple(finding for finding in (coarse.warning, profile_warning) if finding)
    return square, fingerprint(_upright(coarse.gist, anatomy.orientation)), findings


def _square(coarse: Coarse, frame: _Frame, anatomy: Anatomy) -> tuple[Image.Image, Finding | None]:
    """The finished square (RGB, or RGBA where something shows through), and what is wrong with its profile."""
    from PIL.Image import Resampling

    from contactsheet import colour

    # Bicubic takes two thirds of Lanczos' time and at equal bytes loses 1.02 times as much; Hamming takes half, and
    # loses 1.05 times as much.
    fine, alpha = _without_alpha(coarse.image.resize(frame.size, Resampling.BICUBIC, box=coarse.box))
    fine, profile_warning = colour.to_srgb(fine, anatomy.profile)
    if alpha is not None:
        fine.putalpha(alpha)
    return _padded(_upright(fine, anatomy.orientation)), profile_warning


def _frame(anatomy: Anatomy, focus: Focus, fit: Fit) -> _Frame:
    width, height = anatomy.width, anatomy.height
    if fit == "cover":
        return _Frame(crop_box((width, height), _stored(focus, anatomy.orientation)), (LARGE_SIDE, LARGE_SIDE))
    longer = max(width, height)
    size = max(1, round(width * LARGE_SIDE / longer)), max(1, round(height * LARGE_SIDE / longer))
    return _Frame((0.0, 0.0, float(width), float(height)), size)


def _stored(focus: Focus, orientation: int) -> Focus:
    """Where a point of the upright picture lies in the stored one (EXIF 2.32, tag 274)."""
    x, y = focus
    return {
        1: (x, y),
        2: (1 - x, y),
        3: (1 - x, 1 - y),
        4: (x, 1 - y),
        5: (y, x),
        6: (y, 1 - x),
        7: (1 - y, 1 - x),
        8: (1 - y, x),
    }[orientation]


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    from PIL.Image import Transpose

    turn = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(orientation)
    return image if turn is None else image.transpose(turn)


def _without_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Take the alpha channel off a premultiplied picture (La, RGBa); None where everything is opaque."""
    if image.mode not in ("La", "RGBa"):
        return image, None
    straight = image.convert("LA" if image.mode == "La" else "RGBA")
    alpha = straight.getchannel("A")
    colours = straight.convert("L" if image.mode == "La" else "RGB")
    return colours, None if alpha.getextrema() == (255, 255) else alpha


def _padded(image: Image.Image) -> Image.Image:
    """The picture in the middle of a transparent square, or itself where it is square."""
    if image.size == (LARGE_SIDE, LARGE_SIDE):
        return image
    from PIL import Image as Pillow

    square = Pillow.new("RGBA", (LARGE_SIDE, LARGE_SIDE), (0, 0, 0, 0))
    square.paste(image, ((LARGE_SIDE - image.width) // 2, (LARGE_SIDE - image.height) // 2))
    return square


def _encoded(large: Image.Image, fingerprint: int, serve: bool) -> Thumbnails:
    from PIL import ImageFilter
    from PIL.Image import Resampling

    half = large.reduce(2)
    small = half.resize((SMALL_SIDE, SMALL_SIDE), Resampling.BICUBIC)
    if small.mode == "RGB":  # sharpening beside transparency would draw a fringe
        small = small.filter(ImageFilter.Kernel((3, 3), *SHARPENED))
    return Thumbnails(
        fingerprint=fingerprint,
        large=_webp(large, LARGE_METHOD),
        small=_webp(small, SMALL_METHOD),
        card=_jpeg(_on_white(half)),
        served=(_jpeg(large) if large.mode == "RGB" else _png(large)) if serve else b"",
    )


def _on_white(image: Image.Image) -> Image.Image:
    """The picture as JPEG can hold it: what shows through is white."""
    if image.mode == "RGB":
        return image
    from PIL import Image as Pillow

    white = Pillow.new("RGB", image.size, (255, 255, 255))
    white.paste(image, mask=image.getchannel("A"))
    return white


def _jpeg(image: Image.Image) -> bytes:
    return _saved(image, "JPEG", quality=JPEG_QUALITY)  # optimised it has 3 % less bytes, and takes twice the time


def _png(image: Image.Image) -> bytes:
    return _saved(image, "PNG")


def _webp(image: Image.Image, method: int) -> bytes:
    return _saved(image, "WEBP", quality=QUALITY, method=method)


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    image.info.clear()  # Pillow writes whatever profile or EXIF it finds there
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
