"""Any picture that Pillow reads to one that a contact may have. The file is untrusted; a process apart decodes it.

What is a JPEG or PNG already is taken as it is, unless it is to be made smaller. Nothing here judges the result.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from contactsheet.anatomy import MAX_PIXELS
from contactsheet.kinds import a_file, kind_of
from contactsheet.read import Unread, read_bytes
from contactsheet.workers import Workers

if TYPE_CHECKING:
    from PIL import Image

SOURCE_LIMIT = 100 * 1024 * 1024  # bytes of a file that is to be converted
_SECONDS = 30
_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png"}
# What Pillow decodes by itself, without another program. HEIF comes with pillow-heif.
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "TIFF", "BMP", "DIB", "AVIF", "HEIF", "ICO", "TGA", "PPM", "JPEG2000")
_SIDES = (2048, 1024, 512)  # pixels of the longest side, one after the other until the file is small enough


@dataclass(frozen=True)
class Prepared:
    """A picture as JPEG or PNG; ``note`` says what became of the file, ``fault`` why there is no picture."""

    data: bytes = field(default=b"", repr=False)
    suffix: str = ""
    note: str = ""
    fault: str = ""


@dataclass(frozen=True)
class _Work:
    data: bytes
    limit: int
    smaller: bool


def prepared(path: Path, limit: int, *, scale_down: bool, workers: Workers) -> Prepared:
    """The picture in the file ``path``, of at most ``limit`` bytes where ``scale_down`` allows to make it smaller."""
    data = read_bytes(path.parent, path.name, SOURCE_LIMIT)
    if isinstance(data, Unread):
        return Prepared(fault=data.message)
    kind = kind_of(data)
    if kind in _SUFFIXES and not (scale_down and len(data) > limit):
        return Prepared(data, _SUFFIXES[kind])
    work = _Work(data, limit, scale_down)
    (made,) = workers.map(_converted, [work], apart=True, on_death=_died, seconds=_SECONDS)
    return made


def _died(_work: _Work) -> Prepared:
    return Prepared(fault="it could not be decoded safely: the process that tried came to its limits or crashed")


def _converted(work: _Work) -> Prepared:
    """The picture as one that a contact may have, upright and in sRGB; a photo as JPEG, with transparency as PNG."""
    from PIL import Image, UnidentifiedImageError

    with suppress(ImportError):
        import pillow_heif  # type: ignore[import-not-found]  # not everywhere installed

        pillow_heif.register_heif_opener()
    Image.init()
    known = [name for name in _FORMATS if name in Image.OPEN]
    try:
        with Image.open(io.BytesIO(work.data), formats=known) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                return Prepared(fault=f"it has {width} × {height} pixels; {MAX_PIXELS // 10**6} million are accepted")
            notes = [f"{image.format or 'the picture'} of {width} × {height} pixels"]
            if getattr(image, "n_frames", 1) > 1:
                notes.append("its first frame")
            return _fitting(_upright_srgb(image), work, notes)
    except UnidentifiedImageError:
        kind = kind_of(work.data)
        hint = "; install pillow-heif to read it" if kind == "HEIC" else ""
        return Prepared(fault=f"it is {a_file(kind)}, which cannot be read{hint}" if kind else "it is no picture")
    except Exception as error:  # noqa: BLE001  # decoders raise whatever they like at strangers' files
        return Prepared(fault=f"it cannot be decoded: {error}")


def _upright_srgb(image: Image.Image) -> Image.Image:
    """The pixels in sRGB, the way up that they are meant, and nothing beside them."""
    from PIL import ImageOps

    from contactsheet.colour import to_srgb

    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    alpha = None
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        alpha = upright.getchannel("A")
        upright = upright.convert("RGB")
    if upright.mode not in ("L", "RGB", "CMYK"):
        upright = upright.convert("RGB")
    colours, _ = to_srgb(upright, profile)
    if alpha is not None and alpha.getextrema() != (255, 255):
        colours.putalpha(alpha)
    colours.info = {}
    return colours


def _fitting(image: Image.Image, work: _Work, notes: list[str]) -> Prepared:
    """The picture as a file; if it is too large and may be smaller, in fewer pixels."""
    kind = "PNG" if image.mode == "RGBA" else "JPEG"
    save: Callable[[Image.Image], bytes] = _png if kind == "PNG" else _jpeg
    data = save(image)
    for side in _SIDES if work.smaller else ():
        if len(data) <= work.limit:
            break
        image.thumbnail((side, side))
        data = save(image)
    notes.append(f"written as {kind} of {image.width} × {image.height} pixels")
    return Prepared(data, _SUFFIXES[kind], ", ".join(notes))


def _jpeg(image: Image.Image) -> bytes:
    made = io.BytesIO()
    image.save(made, "JPEG", quality=92, optimize=True)
    return made.getvalue()


def _png(image: Image.Image) -> bytes:
    made = io.BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()
