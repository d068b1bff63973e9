"""What an ID may be, and what to propose where a file's name is none. It knows names, never files."""

from __future__ import annotations

import re
import unicodedata

PART_LIMIT = (
    100  # characters in one part of an ID: with suffixes and hashes it stays below every file system's 255 bytes
)

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# Names that Windows keeps for devices, with any suffix: learn.microsoft.com, "Naming Files, Paths, and Namespaces".
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_SPELT_OUT = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


def fault(contact_id: str) -> str:
    """Why this is no ID, in words that follow “the name”; empty where it is one."""
    for part in contact_id.split("/"):
        if not part:
            return "is empty"
        if len(part) > PART_LIMIT:
            return f"has {len(part)} characters; {PART_LIMIT} are allowed"
        if _RESERVED.fullmatch(part):
            return "is one that Windows reserves for a device"
        if "." in part:
            return "has a dot before its suffix"
        if not _PART.fullmatch(part):
            if not part[0].isascii() or not part[0].isalnum():
                return "does not begin with an ASCII letter or digit"
            return "has other signs than ASCII letters, digits, - and _"
    return ""


def proposal(contact_id: str) -> str:
    """The nearest ID to a name that is none: accents taken off, other signs turned to hyphens; never empty."""
    parts = [_proposed_part(part) for part in contact_id.split("/")]
    return "/".join(part for part in parts if part) or "contact"


def _proposed_part(part: str) -> str:
    spelt = unicodedata.normalize("NFKD", part.lower().translate(_SPELT_OUT))
    plain = "".join(c for c in spelt if not unicodedata.combining(c))
    name = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:PART_LIMIT].strip("-_")
    return f"{name}-contact" if _RESERVED.fullmatch(name) else name
