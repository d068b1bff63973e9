"""What the last build was made of, what it left and what it told: sealed, and believed by that seal alone."""

from __future__ import annotations

import marshal
import os

from contactsheet import own
from contactsheet.digest import blake2b, compare_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FOLDER = ".contactsheet"
RECEIPT = "receipt"
SEEN = "seen"  # what lies beside it, for ``since``
_LIMIT = 268_435_456  # bytes
_SEAL = 16  # bytes


def path_of(root: str | os.PathLike[str], output: str | os.PathLike[str], suffix: str = RECEIPT) -> str:
    """Where the receipt of the builds of ``root`` to ``output`` is kept, or what lies beside it."""
    name = blake2b(os.fsencode(output), digest_size=8).hexdigest()
    return os.path.join(root, FOLDER, f"{name}.{suffix}")


def read(path: str | os.PathLike[str], key: bytes) -> Any:
    """The receipt, as it was written with that key, or None."""
    data = memoryview(own.read(path, _LIMIT) or b"")  # of which no slice is a copy: there may be tens of megabytes
    if data and key and compare_digest(data[:_SEAL], _seal(data[_SEAL:], key)):
        return marshal.loads(data[_SEAL:])  # noqa: S302  # the seal says that this program wrote it
    return None


def write(path: str | os.PathLike[str], key: bytes, receipt: Any) -> None:
    """Writes a receipt (plain values). Where that fails, the next build is merely slower."""
    from pathlib import Path

    data = marshal.dumps(receipt)
    if key and os.path.isdir(os.path.dirname(path)):
        own.write(Path(path), _seal(data, key) + data)


def _seal(data: bytes | memoryview, key: bytes) -> bytes:
    return blake2b(data, digest_size=_SEAL, key=key, person=b"receipt").digest()
