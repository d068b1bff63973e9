"""The key that seals what this program remembers, so that it believes itself alone.

A pull request could bring results of its making in .contactsheet/; it cannot bring the key, which lies in the folder
of the user's settings or in the environment.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

VARIABLE = "CONTACTSHEET_SEAL"  # a secret that several machines share, to share what they remember
_FILE = "seal"
_SIZE = 32  # bytes


def is_shared() -> bool:
    """Whether several machines share a key, and so what they remember."""
    return bool(os.environ.get(VARIABLE))


def key() -> bytes:
    """The key, 32 bytes, made if there is none yet; empty where none can be kept."""
    if shared := os.environ.get(VARIABLE):
        return hashlib.blake2b(shared.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()
    import click

    path = Path(click.get_app_dir("contactsheet")) / _FILE
    with suppress(OSError):
        return _read(path) or _made(path)
    return b""


def _read(path: Path) -> bytes:
    with suppress(FileNotFoundError):
        found = path.read_bytes()
        return found if len(found) == _SIZE else b""
    return b""


def _made(path: Path) -> bytes:
    """A new key. Of several processes that make one at once, all get that of the last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    import secrets

    draft = path.with_name(f"{_FILE}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(draft, flags, 0o600), "wb") as stream:
        stream.write(secrets.token_bytes(_SIZE))
    draft.replace(path)
    return _read(path)
