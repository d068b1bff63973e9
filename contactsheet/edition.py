"""Which program this is: what makes its results what they are, besides their input."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from functools import cache
from pathlib import Path

# The libraries whose version may show in a result. Their versions are read from the names of their folders, because
# asking importlib.metadata takes longer than a build with nothing to do.
LIBRARIES = frozenset(
    (
        "email-validator",
        "idna",
        "jinja2",
        "markupsafe",
        "numpy",
        "phonenumbers",
        "pillow",
        "pydantic",
        "pydantic-core",
        "pyuca",
        "pyyaml",
        "regex",
        "simplejpeg",
        "tzdata",
    )
)
_INSTALLED = re.compile(r"(?P<name>.+?)-[^-]+\.(?:dist-info|egg-info)\Z")


@cache
def edition() -> bytes:
    """A digest of this program's own code, of the versions of the libraries below it, and of the Python that runs it.

    Results of another edition are never used, so nothing has to be kept compatible.
    """
    return hashlib.blake2b(repr((code(), sys.version, sys.platform, _installed())).encode(), digest_size=32).digest()


def appearance() -> bytes:
    """A digest of the same that opens no file: of the code it takes the names, sizes, times and inodes.

    Two that are equal come from one edition; of one edition there may be several, as after a checkout.
    """
    package = Path(__file__).parent
    seen = [
        (str(path), found.st_size, found.st_mtime_ns, found.st_ino) for path in _files() for found in (path.stat(),)
    ]
    told = repr((str(package), seen, sys.version, sys.platform, _installed()))
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=32).digest()


def _files() -> list[Path]:
    """The files of this program's own code."""
    package = Path(__file__).parent
    return sorted((*package.glob("*.py"), *package.glob("*/*.py"), *package.glob("*.toml")))


def code() -> bytes:
    """A digest of this program's own code."""
    digest = hashlib.blake2b(digest_size=32)
    package = Path(__file__).parent
    for path in _files():
        digest.update(f"{path.relative_to(package).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.digest()


def _installed() -> list[str]:
    """The libraries that count, as name-version.dist-info, the first that Python would find of each; and of Pillow,
    which is built with other codecs elsewhere, what lies in its folders.
    """
    found: dict[str, str] = {}
    codecs: list[str] = []
    for place in map(Path, sys.path):
        if not place.is_dir():
            continue
        for entry in sorted(os.listdir(place)):  # noqa: PTH208  # a thousand names, no use for paths
            match = _INSTALLED.match(entry)
            name = re.sub(r"[-_.]+", "-", match["name"]).lower() if match else ""
            if name in LIBRARIES:
                found.setdefault(name, entry)
            elif entry in ("PIL", "pillow.libs") and not any(one.startswith(f"{entry}/") for one in codecs):
                libraries = sorted((place / entry).glob("*.[sdp]*"))  # .so, .dylib, .pyd
                codecs += [f"{entry}/{library.name} {library.stat().st_size}" for library in libraries]
    return [*sorted(found.values()), *codecs]
