"""Whether two sites are the same, byte for byte."""

from __future__ import annotations

from pathlib import Path

from contactsheet.before import published_files


def differences(site: Path, other: Path) -> list[str]:
    """The files that this program published and that differ between two outputs: POSIX paths, sorted."""
    paths = published_files(site) | published_files(other)
    return sorted(path for path in paths if _content(site / path) != _content(other / path))


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
