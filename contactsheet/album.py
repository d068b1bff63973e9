"""The thumbnails that were made before: files in .contactsheet/, each with the SHA-256 of its bytes for a name.

They need no seal: the name that a result has of one says what it holds.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from contactsheet import own
from contactsheet.store import THUMBNAILS, Store, allowance

_LIMIT = 10_485_760  # bytes


class Album:
    """Thumbnails by their SHA-256, in a place beside the ``store``; while that is closed, none is put there."""

    def __init__(self, place: Path | None, store: Store) -> None:
        self._folder = place / THUMBNAILS if place else None
        self._store = store
        self._held: dict[str, bytes] = {}
        self._used: set[str] = set()
        self._has_new = False

    def get(self, digest: str) -> bytes | None:
        """The thumbnail of that SHA-256, or None. What is not what its name says is deleted."""
        if digest in self._held:
            return self._held[digest]
        path = self._path(digest)
        data = own.read(path, _LIMIT) if path else None
        if path is None or data is None:
            return None
        if hashlib.sha256(data).hexdigest() == digest:
            return data
        with suppress(OSError):
            path.unlink()
        return None

    def has(self, digest: str) -> bool:
        """Whether there is a thumbnail of that SHA-256, as far as its name tells."""
        if self._folder is None or digest in self._held:
            return digest in self._held
        return os.path.exists(os.path.join(self._folder, digest[:2], digest))  # noqa: PTH110, PTH118  # for each picture

    def keep(self, digest: str, data: bytes, *, hold: bool = False) -> None:
        """Remembers a thumbnail by its SHA-256; with ``hold``, while this lives even where it cannot be written."""
        path = self._path(digest)
        if path and self._store.is_open and own.write(path, data):
            self._has_new = True
        elif hold:
            self._held[digest] = data

    def use(self, digests: Iterable[str]) -> None:
        """Says which thumbnails are in use."""
        self._used.update(digests)

    def drop_unused(self) -> None:
        """Deletes what is not used, where there is too much of it: never, where no new ones came."""
        if self._folder is None or not self._has_new:
            return
        there = list(self._folder.glob("*/*"))
        if len(there) > allowance(len(self._used)):
            for path in there:
                if path.name not in self._used:
                    with suppress(OSError):
                        path.unlink()

    def forget(self) -> None:
        """Forgets what is held; a file is right by its name."""
        self._held.clear()

    def _path(self, digest: str) -> Path | None:
        return self._folder / digest[:2] / digest if self._folder else None
