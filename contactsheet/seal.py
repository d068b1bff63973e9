"""The key that seals what this program remembers, so that it believes itself alone.

A pull request could bring results of its making in .contactsheet/; it cannot bring the key, which lies in the folder
of the user's settings or in the environment.
"""

from __future__ import annotations

import os
import sys

from contactsheet.digest import blake2b

VARIABLE = "CONTACTSHEET_SEAL"  # a secret that several machines share, to share what they remember
_FOLDER, _FILE = "contactsheet", "seal"
_SIZE = 32  # bytes


def is_shared() -> bool:
    """Whether several machines share a key, and so what they remember."""
    return bool(os.environ.get(VARIABLE))


def key() -> bytes:
    """The key, 32 bytes, made if there is none yet; empty where none can be kept."""
    if shared := os.environ.get(VARIABLE):
        return blake2b(shared.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()
    try:
        folder = _folder()
        return _read(folder) or _made(folder)
    except OSError:
        return b""


def _folder() -> str:
    """The folder of the user's settings for this program, where click would have it: importing that takes a while."""
    if sys.platform == "win32":
        settings = os.environ.get("APPDATA") or os.path.expanduser("~")
    elif sys.platform == "darwin":
        settings = os.path.expanduser("~/Library/Application Support")
    else:
        settings = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return os.path.join(settings, _FOLDER)


def _read(folder: str) -> bytes:
    try:
        with open(os.path.join(folder, _FILE), "rb") as stream:
            found = stream.read(_SIZE + 1)
    except FileNotFoundError:
        return b""
    return found if len(found) == _SIZE else b""


def _made(folder: str) -> bytes:
    """A new key. Of several processes that make one at once, all get that of the last."""
    import secrets

    os.makedirs(folder, exist_ok=True)
    draft = os.path.join(folder, f"{_FILE}.{os.getpid()}")
    if os.path.lexists(draft):
        os.unlink(draft)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(draft, flags, 0o600), "wb") as stream:
        stream.write(secrets.token_bytes(_SIZE))
    os.replace(draft, os.path.join(folder, _FILE))
    return _read(folder)
