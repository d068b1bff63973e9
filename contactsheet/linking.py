"""Finds addresses in what people wrote. What is shown of a link is its address, sign by sign, never a name for it."""

from __future__ import annotations

import re

from contactsheet.check import web_address_fault
from contactsheet.views import Piece

# Where an address ends at the latest: white space, quotation marks and brackets of markup, the full stops, commas and
# brackets of Chinese and Japanese, after which a sentence goes on without a space.
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9_.+/@-])(?:"
    r"(?P<web>(?i:https?)://[^\s<>\"'`{}|\\^“”„«»‹›，。、；：！？「」『』（）《》【】]{1,2000})"
    r"|(?P<mail>(?:mailto:)?[A-Za-z0-9_.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z0-9-]{2,63})(?![\w@-])"
    r")"
)
_TRAILING = ".,;:!?…*_~"
_BRACKETS = {")": "(", "]": "["}
# A host as it goes over the wire. One in other letters could pass for another and stays text; xn--… is shown as such.
_HOST = re.compile(r"(?i:https?)://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?(?:[/?#]|\Z)")


def pieces(text: str) -> tuple[Piece, ...]:
    """A text in pieces, some of which are links to the address that they say; together they are the text.

    Links lead to http, https and mailto alone. Addresses with a user name, invisible signs, or a host in other letters
    than ASCII's stay text.
    """
    found: list[Piece] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        address = _web(match["web"]) if match["web"] else match[0]
        if not address:
            continue
        start = match.start()
        if start > end:
            found.append(Piece(text[end:start]))
        end = start + len(address)
        found.append(Piece(address, address if match["web"] else f"mailto:{address.removeprefix('mailto:')}"))
    if end < len(text) or not found:
        found.append(Piece(text[end:]))
    return tuple(found)


def _web(found: str) -> str:
    """The web address at the beginning of what was found; empty where it is not to be followed."""
    if not found.isprintable():
        return ""
    address = found
    while address and (address[-1] in _TRAILING or _closes_more(address)):
        address = address[:-1]
    return "" if not _HOST.match(address) or web_address_fault(address) else address


def _closes_more(address: str) -> bool:
    """Whether the address ends with a bracket that was opened before it: (see https://example.org/a_(b))."""
    opening = _BRACKETS.get(address[-1])
    return opening is not None and address.count(address[-1]) > address.count(opening)
