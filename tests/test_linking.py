"""Addresses in texts become links: to what they say, to nothing else, and in time that grows with the text alone."""

from __future__ import annotations

import time

import pytest

from contactsheet.linking import pieces


def links(text: str) -> list[str]:
    """What the links of a text lead to."""
    return [piece.href for piece in pieces(text) if piece.href]


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("see https://example.org/a?b=1&c=2#d now", "https://example.org/a?b=1&c=2#d"),
        ("HTTPS://Example.ORG", "HTTPS://Example.ORG"),
        ("http://localhost:3000/x", "http://localhost:3000/x"),
        ("(https://example.org/a)", "https://example.org/a"),
        ("(see https://example.org/a_(b)).", "https://example.org/a_(b)"),
        ("“https://example.org/a”, she said", "https://example.org/a"),
        ("https://example.org/a, https", "https://example.org/a"),
        ("Really https://example.org/a?!", "https://example.org/a"),
        ("見てhttps://example.org/あ。よろしく", "https://example.org/あ"),
        ("https://xn--80ak6aa92e.com/", "https://xn--80ak6aa92e.com/"),
        ("write to ada@example.org.", "mailto:ada@example.org"),
        ("mailto:ada@example.org?bcc=eve@example.com", "mailto:ada@example.org"),
    ],
)
def test_an_address_becomes_a_link_to_what_it_says(text: str, href: str) -> None:
    assert links(text)[0] == href


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "https://",
        "https://аpple.com/",  # its first letter is Cyrillic
        "https://good.example@evil.example/",
        "https://good.example:secret@evil.example/",
        "https://evil.example/\u202egnp.exe",
        "https://evil\u200b.example/",
        "hxttps://example.org",
        "x@y",
        "@example.org",
        "//example.org/a",
    ],
)
def test_what_could_lead_elsewhere_than_it_says_stays_text(text: str) -> None:
    assert links(text) == []


@pytest.mark.parametrize(
    "text", ["", "no link", "https://example.org", "a https://b.example c d@e.example f", "\n\nhttps://a.example\n"]
)
def test_the_pieces_are_the_text_and_a_link_says_its_address(text: str) -> None:
    found = pieces(text)
    assert "".join(piece.text for piece in found) == text
    assert all(piece.href in ("", piece.text, f"mailto:{piece.text}") for piece in found)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "a@" * 50_000,
        "https://" * 12_500,
        "https://a.b/" + ")" * 100_000,
        "a.b-c" * 20_000,
        "a@" + "a." * 50_000,
        "https://" + "a-" * 50_000 + "!",
        "mailto:" * 14_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_text_of_100_kb_is_done_at_once_whatever_it_says(text: str) -> None:
    before = time.perf_counter()
    pieces(text)
    assert time.perf_counter() - before < 1
