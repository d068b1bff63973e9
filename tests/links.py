"""Follows the links of a site's pages on the disk, as a reader of the site would."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

_LINK = re.compile(r'(?:href|src)="([^"]*)"|srcset="([^"]*)"')


def links(page: Path, output: Path) -> frozenset[str]:
    """The paths in the output to which a page leads, pictures and style sheets included."""
    return _links(page.read_text(encoding="utf-8"), page.relative_to(output).parent.as_posix())


@lru_cache(maxsize=1000)  # many tests look at a site again and again, of which little changed
def _links(text: str, folder: str) -> frozenset[str]:
    found: set[str] = set()
    for link, several in _LINK.findall(text):
        for one in [link] if link else [part.split()[0] for part in several.split(",") if part.split()]:
            target = one.partition("#")[0]
            if target and not re.match(r"[a-z]+:", target):
                found.add(_normal(f"{folder}/{unquote(target)}"))
    return frozenset(found)


def _normal(path: str) -> str:
    parts: list[str] = []
    for part in PurePosixPath(path).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def dead_links(output: Path, entry: str = "index.html") -> list[str]:
    """What pages that can be reached from the entry lead to and is not there, as `page -> path`."""
    return _dead(output, [entry] if (output / entry).exists() else [])


def all_dead_links(output: Path) -> list[str]:
    """What any page that is there leads to and is not there, whether a reader comes to the page by a link or not."""
    return _dead(output, [page.relative_to(output).as_posix() for page in output.rglob("*.html")])


def _dead(output: Path, pages: list[str]) -> list[str]:
    dead: list[str] = []
    waiting, seen = [*pages], {*pages}
    while waiting:
        page = waiting.pop()
        for path in links(output / page, output) - seen:
            seen.add(path)
            if not (output / path).is_file():
                dead.append(f"{page} -> {path}")
            elif path.endswith(".html"):
                waiting.append(path)
    return dead
