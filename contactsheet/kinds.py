"""Tells what a file truly is by its first bytes, so that a name that lies is refused in words. Parses nothing."""

from __future__ import annotations

import re

from contactsheet.anatomy import AGAIN, Finding
from contactsheet.read import PICTURE_KINDS

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# First bytes of the kinds that turn up under a picture's name. A dot stands for any byte.
_MAGIC: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (kind, re.compile(pattern, re.DOTALL))
    for kind, pattern in (
        ("JPEG", rb"\xff\xd8"),
        ("PNG", re.escape(PNG_SIGNATURE)),
        ("GIF", rb"GIF8[79]a"),
        ("WebP", rb"RIFF....WEBP"),
        ("WAV", rb"RIFF....WAVE"),
        ("AVI", rb"RIFF....AVI "),
        ("TIFF", rb"II[*+]\0|MM\0[*+]"),
        ("BMP", rb"BM.{4}\0\0\0\0|BM.{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0"),
        ("AVIF", rb"....ftyp(?:avif|avis)"),
        ("HEIC", rb"....ftyp(?:hei[cmsxf]|hev[cmsx]|mif1|msf1)"),
        ("JPEG 2000", rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"),
        ("JPEG XL", rb"\0\0\0\x0cJXL \r\n\x87\n|\xff\x0a"),
        ("JPEG XR", rb"II\xbc"),
        ("MNG or JNG", rb"[\x8a\x8b][MJ]NG\r\n\x1a\n"),
        ("MP4 video", rb"....ftyp"),
        ("QuickTime video", rb"....(?:moov|mdat|wide|free)"),
        ("ICO", rb"\0\0[\x01\x02]\0[^\0]\0"),
        ("PDF", rb"\s{0,64}%PDF-"),
        ("PostScript", rb"%!PS|\xc5\xd0\xd3\xc6"),
        ("PPM", rb"P[1-7][\s#]"),
        ("PFM", rb"P[Ff]\s"),
        ("DDS", rb"DDS \x7c\0\0\0"),
        ("PSD", rb"8BPS"),
        ("SGI", rb"\x01\xda[\0\x01][\x01\x02]"),
        ("PCX", rb"\x0a[\0\x02-\x05][\0\x01][\x01\x02\x04\x08]"),
        ("QOI", rb"qoif"),
        ("ICNS", rb"icns"),
        ("OpenEXR", rb"v/1\x01"),
        ("Radiance HDR", rb"#\?R(?:ADIANC|GB)E"),
        ("FITS", rb"SIMPLE  ="),
        ("farbfeld", rb"farbfeld"),
        ("Sun raster", rb"\x59\xa6\x6a\x95"),
        ("XPM", rb"/\* XPM \*/"),
        ("XBM", rb"(?:/\*.{0,200}?\*/\s*)?#define\s+\S+_width\s"),
        ("Windows metafile", rb"\xd7\xcd\xc6\x9a|\x01\0\0\0.{36} EMF"),
        ("ZIP", rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"),
        ("gzip", rb"\x1f\x8b\x08"),
        ("7z", rb"7z\xbc\xaf\x27\x1c"),
        ("RAR", rb"Rar!\x1a\x07"),
        ("bzip2", rb"BZh[1-9]1AY"),
        ("xz", rb"\xfd7zXZ\0"),
        ("program (ELF)", rb"\x7fELF"),
        ("program (Windows)", rb"MZ.{58}"),
        ("script", rb"#!\s*/"),
    )
)
_MARKUP = (
    ("PHP", re.compile(rb"<\?(?:php|=)", re.IGNORECASE)),
    ("SVG", re.compile(rb"<svg[\s>]|<!doctype svg", re.IGNORECASE)),
    (
        "HTML",
        re.compile(rb"<(?:!doctype html|html|head|body|script|title|iframe|img|meta|div|[ap])[\s>]", re.IGNORECASE),
    ),
    ("XML", re.compile(rb"<\?xml", re.IGNORECASE)),
)
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def refuse_foreign(data: bytes, suffix: str) -> Finding | None:
    """The finding on a file that is not the kind of picture that its ``suffix`` says, or None where it is."""
    if not data:
        return Finding("avatar/not-a-picture", "the file is empty", "Put a JPEG or PNG in its place.")
    if data.startswith(_LFS_POINTER):
        return Finding(
            "avatar/lfs-pointer",
            "the file is a Git LFS pointer, a few lines of text in place of the picture",
            "Fetch the picture with `git lfs pull` (in CI: check out with LFS), or commit the picture itself.",
        )
    kind = kind_of(data)
    if kind == PICTURE_KINDS.get(suffix):
        return None
    if kind is None:
        return _unknown(data)
    return Finding("avatar/name-lies", f"the name ends in {suffix}, but this is {a_file(kind)}", _remedy(kind))


def kind_of(data: bytes) -> str | None:
    """What the bytes are ("JPEG", "PNG", "GIF", "HTML", …), as far as their beginning tells; None where it does not."""
    for kind, pattern in _MAGIC:
        if pattern.match(data):
            return kind
    return _markup_kind(data) or _tga_kind(data)


def _markup_kind(data: bytes) -> str | None:
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"<\0" in head[:64] or b"\0<" in head[:64]:
        head = head.replace(b"\0", b"")
    if not head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\f\v\0").startswith(b"<"):
        return "PHP" if _MARKUP[0][1].search(head) and b"\0" not in head else None
    return next((kind for kind, pattern in _MARKUP if pattern.search(head)), None)


def _tga_kind(data: bytes) -> str | None:
    """TGA has no magic number: a footer in its second version, and a header that is plausible as a whole."""
    if data[-18:] == b"TRUEVISION-XFILE.\0":
        return "TGA"
    if len(data) < 18:
        return None
    has_map, image_type, depth = data[1], data[2], data[16]
    plausible = (
        image_type in (1, 2, 3, 9, 10, 11)
        and has_map == (1 if image_type in (1, 9) else 0)
        and depth in (8, 15, 16, 24, 32)
        and data[12:14] != b"\0\0" != data[14:16]
        and data[17] & 0xC0 == 0
    )
    return "TGA" if plausible else None


def _unknown(data: bytes) -> Finding:
    if _is_nearly_png(data):
        return Finding(
            "avatar/damaged",
            "the first eight bytes are almost a PNG's; they were altered, as by a transfer in text mode",
            "Copy the original again as a binary file and replace this one; in git, mark `*.png` as binary.",
        )
    return Finding(
        "avatar/not-a-picture",
        "the file is neither JPEG nor PNG, nor of any other known kind",
        AGAIN,
    )


def _is_nearly_png(data: bytes) -> bool:
    """Whether the first bytes are PNG's signature with some of them flipped, or with changed line ends."""
    same = sum(mine == theirs for mine, theirs in zip(data, PNG_SIGNATURE, strict=False))
    return same >= 6 or data[1:4] == b"PNG"


def a_file(kind: str) -> str:
    """A file of a kind that ``kind_of`` gives, in words: a PDF file, an SVG file."""
    return f"{'an' if kind[0] in 'AEIOX' or kind[:2] in ('HT', 'SV', 'MN', 'RA', 'SG', 'FI') else 'a'} {kind} file"


def _remedy(kind: str) -> str:
    if kind == "JPEG":
        return "Rename it so that it ends in .jpg."
    if kind == "PNG":
        return "Rename it so that it ends in .png."
    return "Only JPEG and PNG are accepted. Export it again as one of them and replace the file."
