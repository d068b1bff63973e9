"""What is read at a glance is what the parser of all of YAML reads, and nothing that it has anything against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contactsheet import document, glance, tree
from contactsheet.check import check

ROOT = Path(__file__).parent.parent

RECORD = """\
---
# Ada
name: Ada Lovelace
emails:
  - {label: work, value: ada@example.org}
  - ada@example.com
phones:
- label: home
  value: '+44 20 7946 0958'
tags: [first, engine room]
website: https://example.org/#ada  # her own
birthday:
fields:
  Shoe size: "38"
messages:
  - {at: 2026-01-31T09:00:00Z, from: contact, text: Hello}
  - at: 2026-01-31T10:00:00Z
    from: contact
    text: |
      Hello,

        there: # is no comment
    read: null

notes: |
   the engine

   weaves
"""
KEYS = ["name", "a", "b", "null", "e f", "emails", "1", "-", "?", "'q'", "{", "<<"]
PIECES = [
    *(
        "a",
        "b c",
        "a: b",
        "a:b",
        "a #b",
        "a#b",
        "é",
        "\u00a0",
        "漢",
        "null",
        "~",
        "",
        "+44 20",
        "https://x.y/z",
        "=",
        "1",
    ),
    *("[a, b]", "[a,b , c]", "[a: b]", "[a, ]", "[]", "[", "{a: b}", "{a: b, c: d}", "{a: b, a: c}", "{a}", "{}"),
    *("'q'", '"q"', "'it''s'", '"\\n"', "'", '"', "|", "|-", "|\n  x", "|\n  x\n\n   y\n  ", ">", "- a", "- ", "-"),
    *("[a:b, c]", "[a: b:c]", "[a:, b]", "[a:b:c]", "[:a]", "{a: b:c, d: e}", "{a: b:, c: d}", "{a:b}", "{a: b::c}"),
    *("{at: 2026-01-31T10:00:00Z, by: a}", "{a: https://x.y/z?b}", "{a: https://x.y/z#b}", "{a: b: c}", "{a: b:[c]}"),
    *("}", "- a: b", "&a", "*a", "!a", "%", "@", "`", "# c", " # c", "\n", "\n  more", "\n- a", "\n  - a", "\n  c: d"),
    *("\t", "\r\n", "---", "..."),
]
lines = st.builds(
    "{}{}: {}{}".format,
    st.sampled_from(["", "", "", "  ", "    ", " ", "- ", "  - ", "# "]),
    st.sampled_from(KEYS),
    st.sampled_from(PIECES),
    st.sampled_from(["\n", "\n", "\n", "", " \n", "\n\n"]),
)


def agrees(text: str) -> bool:
    """Whether it was read at a glance; the parser then reads the same."""
    data = text.encode()
    glanced = glance.content(data)
    if glanced is not None:
        found, problems = document.parse(data, "a.yaml")
        assert found is not None
        assert problems == ()
        assert plain(found) == glanced
    return glanced is not None


def plain(node: tree.Node) -> Any:
    if isinstance(node, tree.Scalar):
        return node.text
    if isinstance(node, tree.Items):
        return [plain(item) for item in node.items]
    return {entry.key: plain(entry.value) for entry in node.entries}


def test_a_record_is_read_at_a_glance() -> None:
    assert agrees(RECORD)


@pytest.mark.parametrize("path", sorted((ROOT / "contacts").rglob("*.y*ml")), ids=lambda path: path.stem)
def test_the_sample_is_read_at_a_glance(path: Path) -> None:
    assert agrees(path.read_text(encoding="utf-8"))


@given(st.lists(lines, max_size=5).map("".join))
@example("a: |\n  x\n y\n")
@example("a:\n- b\n- c: d\n  e:\n  - f\n")
@example("a: b\n\n  c\n")
@example("a: b\na: c\n")
@example("a:\n- b\n- c: |\n  d: e\n")
@example("a:\n  - b: |\n    c\n\n    # d\n")
@example("a: |\n  b\n \n  # c\nd: e\n")
@example("a: |\n    b\n\n   \n     # c\n")
def test_made_up_texts_are_read_as_the_parser_reads_them(text: str) -> None:
    agrees(text)


@given(st.integers(0, len(RECORD)), st.integers(0, 3), st.sampled_from(PIECES))
def test_changed_records_are_read_as_the_parser_reads_them(at: int, count: int, piece: str) -> None:
    agrees(RECORD[:at] + piece + RECORD[at + count :])


@given(st.integers(0, len(RECORD)), st.integers(0, 3), st.sampled_from(PIECES))
def test_what_is_read_at_a_glance_is_judged_as_all_else(at: int, count: int, piece: str) -> None:
    data = (RECORD[:at] + piece + RECORD[at + count :]).encode()
    assert check("a", "a.yaml", data, None, glance.content(data)) == check("a", "a.yaml", data, None)


def test_the_limits_hold() -> None:
    assert agrees("a:\n" + "- b\n" * tree.ITEMS_LIMIT)
    assert not agrees("a:\n" + "- b\n" * (tree.ITEMS_LIMIT + 1))
    assert not agrees(f"a: [{', '.join('b' * (tree.ITEMS_LIMIT + 1))}]\n")
    assert not agrees("".join(f"a{number}: b\n" for number in range(tree.KEYS_LIMIT + 1)))
    assert not agrees(f"a: {{{', '.join(f'a{number}: b' for number in range(tree.KEYS_LIMIT + 1))}}}\n")
    assert not agrees("".join(f"{' ' * depth}a:\n" for depth in range(tree.DEPTH_LIMIT + 2)))
