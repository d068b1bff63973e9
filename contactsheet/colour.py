"""Turns a decoded picture's colours into sRGB, by its embedded profile where that is of use. Never touches alpha."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from contactsheet.anatomy import Finding, profile_unusable

if TYPE_CHECKING:
    from PIL import Image

# Pillow's mode and the profile's colour space that fit each other. A grey picture may carry an RGB profile.
_SPACES = {"L": "GRAY", "RGB": "RGB ", "CMYK": "CMYK"}


def to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, Finding | None]:
    """The picture (mode L, RGB or CMYK) as RGB in sRGB; a finding where ``profile`` (ICC) is not usable."""
    if profile is None:
        return _plain(image), None
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space
        if image.mode == "L" and space == "RGB ":
            image = image.convert("RGB")
        if space != _SPACES[image.mode]:
            return _plain(image), profile_unusable(
                f"the embedded colour profile is for {space.strip() or 'unknown'} pictures, which this is not; "
                "sRGB is assumed"
            )
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            image.mode,
            "RGB",
            ImageCms.Intent.PERCEPTUAL,
        )
        changed = ImageCms.applyTransform(image, transform)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return _plain(image), profile_unusable("the embedded colour profile is broken; sRGB is assumed")
    return changed or image, None


def _plain(image: Image.Image) -> Image.Image:
    """The picture as RGB whose colours nobody knows better; itself, not a copy, where it is that."""
    return image if image.mode == "RGB" else image.convert("RGB")
