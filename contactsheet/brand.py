"""What makes the pages a team's own: shades of its accent colour that everyone can read, and the size of its logo.

It reads no file and knows no template.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contactsheet.views import Logo

STYLE = "accent.css"
LOGO_SUFFIXES = (".svg", ".png")
TEXT_CONTRAST = 4.5  # WCAG 2.2 1.4.3
SIGN_CONTRAST = 3.0  # WCAG 2.2 1.4.11
# What the accent is read on, light and dark: --ground, --raised and --sunken of style.css.
GROUNDS = (("#fbfaf8", "#ffffff", "#f3f0ec"), ("#171514", "#1d1b19", "#262321"))
_SOFT = (0.11, 0.2)  # how much of the accent is in --accent-soft, light and dark
_STEPS = 100
_LOGO_WIDTH, _LOGO_HEIGHT = 160, 28  # the most it may have in the bar, in CSS pixels

Rgb = tuple[int, int, int]


def is_colour(text: str) -> bool:
    """Whether a text is a colour as the settings want it: #2f6f4f."""
    return re.fullmatch(r"#[0-9A-Fa-f]{6}", text) is not None


def style(accent: str) -> bytes:
    """The style sheet that gives the pages an accent colour (#rrggbb), in shades that can be read in both schemes.

    Text in the accent has a contrast of at least 4.5 : 1 on all it stands on, signs one of 3 : 1; the shades are the
    colour itself wherever that suffices.
    """
    colour = _rgb(accent)
    text: list[str] = []
    sign: list[str] = []
    soft: list[str] = []
    for grounds, towards, share in zip(GROUNDS, ((0, 0, 0), (255, 255, 255)), _SOFT, strict=True):
        below = [_rgb(ground) for ground in grounds]
        soft_colour = _mixed(below[0], colour, share)
        soft.append(_hex(soft_colour))
        sign.append(_hex(_readable(colour, towards, below, SIGN_CONTRAST)))
        text.append(_hex(_readable(colour, towards, [*below, soft_colour], TEXT_CONTRAST)))
    lines = (("accent", text), ("accent-strong", sign), ("accent-soft", soft))
    return "".join(
        [":root {\n", *(f"  --{name}: light-dark({', '.join(pair)});\n" for name, pair in lines), "}\n"]
    ).encode()


def logo_fault(data: bytes | None, name: str) -> str:
    """What keeps the file ``name`` from being the logo, in a sentence without its name; empty where nothing does."""
    if data is None:
        return "the setting logo names this file, and it is not there"
    return "" if _size(name, data) else "it does not say how wide and how high it is, as an SVG or PNG does"


def logo(name: str, data: bytes, src: str) -> Logo:
    """The logo at the address ``src``, in the size in which it fits the bar. It has no fault."""
    from contactsheet.views import Logo

    size = _size(name, data)
    assert size is not None, "the file was checked"
    scale = min(_LOGO_WIDTH / size[0], _LOGO_HEIGHT / size[1])
    return Logo(src, max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))


def _size(name: str, data: bytes) -> tuple[float, float] | None:
    """The width and height of a logo (SVG or PNG), in units of its own; None where the file does not tell."""
    if name.endswith(".png"):
        if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 24:
            return None
        width, height = struct.unpack(">II", data[16:24])
        return (width, height) if width and height else None
    tag = re.search(r"<svg\b([^>]{0,4000})>", data[:100_000].decode(errors="replace"))
    if not tag:
        return None
    box = re.search(r"\bviewBox\s*=\s*[\"']\s*[\d.+-]+[\s,]+[\d.+-]+[\s,]+([\d.]+)[\s,]+([\d.]+)", tag[1])
    sides = box.groups() if box else [_side(side, tag[1]) for side in ("width", "height")]
    try:
        width, height = (float(side) for side in sides)
    except ValueError:
        return None
    return (width, height) if width > 0 and height > 0 else None


def _side(name: str, attributes: str) -> str:
    found = re.search(rf"(?<![\w-]){name}\s*=\s*[\"']\s*([\d.]+)(?:px)?\s*[\"']", attributes)
    return found[1] if found else ""


def _readable(colour: Rgb, towards: Rgb, grounds: Sequence[Rgb], wanted: float) -> Rgb:
    """The colour with as little of ``towards`` in it as gives the contrast on all grounds."""
    shades = (_mixed(colour, towards, step / _STEPS) for step in range(_STEPS))
    return next((one for one in shades if all(_contrast(one, below) >= wanted for below in grounds)), towards)


def _mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """A colour with that share (0 to 1) of another in it, channel by channel."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(text: str) -> Rgb:
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
