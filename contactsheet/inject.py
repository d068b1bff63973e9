"""What the preview adds to a page while it is served; and what of a page changed, all of it or its style alone.

The files of the site stay as they are. Nothing here reads one.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass

CLIENT = "_preview"  # the folder, at the top of the site, under which the preview's own files are served
# The files whose names hold their content's hash: see DESIGN, what comes out.
_STYLE = re.compile(rb"(assets/[\w.-]+)\.[0-9a-f]{12}\.css")
_PICTURE = re.compile(rb"(avatars/[\w./%-]+-(?:96|512))\.[0-9a-f]{12}\.webp")
_HEAD_ENDS = re.compile(rb"</head\s*>|<body[\s>]", re.IGNORECASE)
_POLICY = re.compile(rb'(<meta\s+http-equiv="Content-Security-Policy"\s+content=")([^"<>]*)(")', re.IGNORECASE)
# For pages that set no policy themselves.
_USUAL_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'"
)
# The preview's own files, in the order in which they need each other; what changes a record is for its page alone.
_EVERYWHERE = (
    *("preview.css", "edit.css", "picture.css"),
    *("preview.js", "pieces.js", "changes.js", "framing.js", "drafting.js"),
)
_ON_RECORDS = ("portrait.js", "record.js", "merge.js")
_TAGS = {"css": '<link rel="stylesheet" href="{}">\n', "js": '<script src="{}" defer></script>\n'}
_NEEDED = ("script-src", "style-src", "connect-src")


@dataclass(frozen=True, slots=True)
class Mark:
    """How a page looked: short digests of all of it, and of all of it but the names of style sheets and pictures.

    ``run`` tells one run of the preview from the next. All are empty of a page that is not there.
    """

    run: str
    whole: str = ""
    bare: str = ""

    def __str__(self) -> str:
        return f"{self.run}.{self.whole}.{self.bare}"


def mark(run: str, page: bytes | None) -> Mark:
    """The mark of a page as it lies in the site; None where there is none."""
    if page is None:
        return Mark(run)
    return Mark(run, _digest(page), _digest(_PICTURE.sub(rb"\1", _STYLE.sub(rb"\1", page))))


def parsed(text: str) -> Mark | None:
    """The mark that was written as this text; None where it is none."""
    parts = text.split(".")
    return Mark(*parts) if len(parts) == 3 else None


def change(before: Mark, now: Mark) -> str:
    """What a page has to do that looked like ``before``: nothing (empty), swap its style and pictures, or reload."""
    if before == now:
        return ""
    return "swap" if before.run == now.run and before.bare == now.bare else "reload"


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def dressed(page: bytes, path: str, token: str, looks: Mark) -> tuple[bytes, str]:
    """A page with the preview's client and the token in its head, and the policy to send with it.

    ``path`` is its address below the top of the site.
    """
    found = _POLICY.search(page)
    policy = allowing(html.unescape(found[2].decode("utf-8", "replace")) if found else _USUAL_POLICY)
    if found:
        page = page[: found.start(2)] + html.escape(policy, quote=False).encode() + page[found.end(2) :]
    end = _HEAD_ENDS.search(page)
    place = end.start() if end else 0
    return page[:place] + _head(path, token, looks) + page[place:], f"{policy}; frame-ancestors 'none'"


def way_up(path: str) -> str:
    """The way from a page to the top of the site, as in ``../``."""
    return "../" * path.count("/")


def _head(path: str, token: str, looks: Mark) -> bytes:
    root = way_up(path)
    own = (*_EVERYWHERE, *(_ON_RECORDS if path.startswith("contacts/") else ()))
    files = "".join(_TAGS[name.rpartition(".")[2]].format(f"{root}{CLIENT}/{name}") for name in own)
    return (
        f'<meta name="csrf-token" content="{html.escape(token)}">\n'
        f'<meta name="contactsheet-preview" content="{looks}" data-root="{root}" data-page="{html.escape(path)}">\n'
        f"{files}"
    ).encode("utf-8", "replace")


def allowing(policy: str) -> str:
    """A Content-Security-Policy (w3.org/TR/CSP3) that also lets our own script, style and stream in."""
    directives = [part.split() for part in policy.split(";") if part.strip()]
    by_name = {words[0].lower(): words[1:] for words in reversed(directives)}  # of two alike the first counts
    for name in _NEEDED:
        sources = by_name.get(name, by_name.get("default-src"))
        if sources is not None and not {"'self'", "*"}.intersection(sources):
            by_name[name] = ["'self'", *(source for source in sources if source != "'none'")]
    order = list(dict.fromkeys([words[0].lower() for words in directives] + list(by_name)))
    return "; ".join(" ".join([name, *by_name[name]]) for name in order)
