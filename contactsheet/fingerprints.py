"""Fingerprints: short bytes that stand for what something is made of, so that equal ones need no second look."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

_SIZE = 16  # bytes of a fingerprint: so many that no two differing values ever share one


def fingerprint(*values: object) -> bytes:
    """16 bytes that are the same for the same plain values: texts, numbers, bytes, tuples and frozen dataclasses."""
    return hashlib.blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()


def combined(fingerprints: Iterable[bytes]) -> bytes:
    """The fingerprint of several, in their order."""
    return hashlib.blake2b(b"".join(fingerprints), digest_size=_SIZE).digest()


def content_digest(data: bytes) -> bytes:
    """The SHA-256 of a file's bytes."""
    return hashlib.sha256(data).digest()
