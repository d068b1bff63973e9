"""What an ID and a picture's name may be, and what to propose where a file's name is neither.

It knows names, never files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import count

from contactsheet.romanising import romanised

# Characters in one part of a name: with suffixes and hashes it stays below every file system's 255 bytes.
PART_LIMIT = 100

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# Names that Windows keeps for devices, with any suffix: learn.microsoft.com, "Naming Files, Paths, and Namespaces".
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
# A picture that a record names may be called as its camera or its designer called it, as long as every file system,
# shell and reader sees the same name: so no other scripts, no signs that a system keeps for itself.
_PICTURE_PART = re.compile(r"[A-Za-z0-9_(\[][A-Za-z0-9 _.,;=@!#&'()\[\]{}+-]*(?<![ .])")
_SUFFIX_INSIDE = re.compile(
    r"\.(?:ya?ml|jpe?g|jpe|jfif|png|gif|webp|svg|php|phtml|html?|js|exe|sh|bat|cmd|zip)$", re.IGNORECASE
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


def picture_fault(name: str) -> str:
    """Why no picture may be called this (a path without suffix), in words that follow “the name”; empty where it may.

    The name of a contact's own picture is its ID; others have a little more freedom.
    """
    for part in name.split("/"):
        if not part:
            return "is empty"
        if len(part) > PART_LIMIT:
            return f"has {len(part)} characters; {PART_LIMIT} are allowed"
        if is_reserved(part):
            return "is one that Windows reserves for a device"
        if found := _SUFFIX_INSIDE.search(part):
            return f"has two suffixes, {found[0]} and its own"
        if not _PICTURE_PART.fullmatch(part):
            if part[0] in "-. " or part[-1] in ". ":
                return "begins or ends with a sign that file systems and programs take for their own"
            return "has other signs than ASCII letters, digits, blanks and common punctuation"
    return ""


def suggestion(name: str) -> str:
    """The ID that a person's name suggests; empty where its letters have no common spelling in ASCII."""
    plain = romanised(name)
    if any(not c.isascii() and unicodedata.category(c)[0] in "LN" for c in plain):
        return ""
    return _sound_part(plain)


def is_reserved(part: str) -> bool:
    """Whether Windows takes a file of that name for a device."""
    return _RESERVED.fullmatch(part.partition(".")[0].rstrip()) is not None


def proposal(name: str, taken: Collection[str] = ()) -> str:
    """The nearest ID to a name that is none: spelt in ASCII, other signs turned to hyphens; never empty.

    It is none of ``taken``, which are names in small letters.
    """
    *folders, last = (_proposed_part(part) for part in name.split("/"))
    stem = "/".join([*(folder for folder in folders if folder), last or "contact"])
    if stem not in taken:
        return stem
    return next(found for number in count(2) if (found := f"{stem}-{number}") not in taken)


def _proposed_part(part: str) -> str:
    return _sound_part(romanised(part))


def _sound_part(plain: str) -> str:
    name = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[: PART_LIMIT - 10].strip("-_")
    return f"{name}-contact" if _RESERVED.fullmatch(name) else name
