"""Which program this is, told from the outside of its files, and which libraries it has. No file is opened."""

from __future__ import annotations

import os
import sys

from contactsheet.digest import blake2b

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
        "pyuca",
        "pyyaml",
        "regex",
        "simplejpeg",
        "tzdata",
    )
)
_INSTALLED = (".dist-info", ".egg-info")
# Pillow's, which is built with other codecs elsewhere.
_CODECS = ("PIL", "pillow.libs")
_COMPILED = (".so", ".dylib", ".pyd", ".dll")


def appearance() -> bytes:
    """A digest of this program's own code, of which it takes the names, sizes, times and inodes, of the versions of the
    libraries below it, and of the Python that runs it.

    Two that are equal come from one edition; of one edition there may be several, as after a checkout.
    """
    files = code_files()
    seen = [
        (file.path, found.st_size, found.st_mtime_ns, found.st_ino) for _, file in files for found in (file.stat(),)
    ]
    told = repr((seen, sys.version, sys.platform, installed()))
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=32).digest()


def code_files() -> list[tuple[str, os.DirEntry[str]]]:
    """The files of this program's own code, by their names below its folder."""
    package = os.path.dirname(os.path.abspath(__file__))
    found: list[tuple[str, os.DirEntry[str]]] = []
    for entry in _entries(package):
        if entry.name.endswith((".py", ".toml")):
            found.append((entry.name, entry))
        elif entry.is_dir():
            found += ((f"{entry.name}/{one.name}", one) for one in _entries(entry.path) if one.name.endswith(".py"))
    return sorted(found, key=lambda file: file[0])


def installed() -> list[str]:
    """The libraries that count, as name-version.dist-info, the first that Python would find of each; and of Pillow's
    codecs the sizes.
    """
    found: dict[str, str] = {}
    codecs: dict[str, list[str]] = {}
    for place in sys.path:
        for entry in sorted(_names(place or os.curdir)):
            name = entry.rpartition(".")[0].rpartition("-")[0].replace("_", "-").replace(".", "-").lower()
            if name in LIBRARIES:
                found.setdefault(name, entry)
            elif entry in _CODECS and entry not in codecs:
                codecs[entry] = sorted(
                    f"{entry}/{one.name} {one.stat().st_size}"
                    for one in _entries(os.path.join(place, entry))
                    if any(suffix in one.name for suffix in _COMPILED)
                )
    return [*sorted(found.values()), *(one for entry in sorted(codecs) for one in codecs[entry])]


def _names(place: str) -> list[str]:
    """What of a folder that Python looks into tells of a library."""
    try:
        return [name for name in os.listdir(place) if name.endswith(_INSTALLED) or name in _CODECS]
    except OSError:  # it is not there, or is an archive
        return []


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except NotADirectoryError:
        return []
