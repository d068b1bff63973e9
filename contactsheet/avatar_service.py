"""The pictures at the addresses where other programs look for them: by e-mail address, as on Libravatar and Gravatar.

Both take the address without white space around it and in lower case; Libravatar its MD5 or SHA-256, Gravatar the
latter, and the former of old. Who knows an address can tell whether its picture is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

FOLDER = "avatar"


def paths(address: str) -> Iterator[str]:
    """Where the picture of an e-mail address lies on the site. There is no suffix, for the addresses have none."""
    plain = address.strip().lower().encode()
    yield f"{FOLDER}/{hashlib.sha256(plain).hexdigest()}"
    yield f"{FOLDER}/{hashlib.md5(plain, usedforsecurity=False).hexdigest()}"


def places(owners: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str]:
    """Which contact's picture lies where; ``owners`` are contacts with their e-mail addresses, and the first wins."""
    found: dict[str, str] = {}
    for owner, addresses in owners:
        for address in addresses:
            for path in paths(address):
                found.setdefault(path, owner)
    return found
