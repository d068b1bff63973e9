"""The picture inside a card, in the three ways in which the versions of vCard write one, to its bytes.

It neither looks into the picture nor fetches one from elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from contactsheet.incoming import Photo
from contactsheet.vcard_reading import Property

_DATA = re.compile(r"data:[^,]*?(?P<packed>;base64)?,", re.IGNORECASE)


def is_address(one: Property) -> bool:
    """Whether the property says where a picture is, instead of holding it."""
    return not one.is_base64 and re.match(r"(?!data:)[A-Za-z][A-Za-z0-9+.-]*:", one.text) is not None


def photo(one: Property) -> Photo | None:
    """The picture, or None where its data are broken or empty."""
    text = one.value if one.is_base64 else one.text.strip()
    packed = True
    if start := _DATA.match(text):
        packed, text = start["packed"] is not None, text[start.end() :]
    try:
        data = _unpacked(text) if packed else unquote_to_bytes(text)
    except (binascii.Error, ValueError):
        return None
    return Photo(data, one.line) if data else None


def _unpacked(text: str) -> bytes:
    """The bytes of a base64 text, whose padding some programs leave away."""
    bare = re.sub(r"\s+", "", text).rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
