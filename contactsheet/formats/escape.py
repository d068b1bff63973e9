"""Texts from the input, made harmless for whoever reads them: a terminal, a CI's log, GitHub's commands, Markdown."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

LONGEST = 200  # characters of a message or a line that are shown
LONGEST_FIX = 400

# GitHub's older runners, Azure Pipelines and TeamCity take `##[` or `##word[` anywhere in a line for a command.
_LOG_COMMAND = re.compile(r"##(?=\w*\[)")
# In Markdown a word of these characters is nothing but a word. Others may be markup, a mention, an issue or a link; so
# may www. and GH-1, !1 and %1 (GitLab's merge requests and milestones), wherever in the word they begin. At the
# beginning of a line of GitHub's log, two colons begin a command. A plus before digits is a telephone's.
_HARMLESS = re.compile(r"(?!.*(?:\bwww\.|\bgh-|[!%][\"\w])|::)(?:\+(?=\d))?[\w.,;:!?'\"()“”‘’…→×%–—-]*", re.IGNORECASE)
_QUOTED = re.compile(r"`([^`]*)`|“([^“”]*)”")


def visible(text: str, longest: int = LONGEST) -> str:
    r"""A text from the input as a terminal may show it: cut if long, invisible and directing characters as escapes.

    A name thus cannot move the cursor, turn the text round, pass for another line of the report or command the log's
    reader. Escapes are written as in Python: \x1b, \u202e; a byte of a file name that is not UTF-8 as \xff.
    """
    cut = text if len(text) <= longest else f"{text[:longest]}…"
    return no_log_command("".join(c if _is_plain(c) else _escape(c) for c in cut))


def no_log_command(line: str) -> str:
    """The line without what the readers of CI logs would take for a command."""
    return _LOG_COMMAND.sub(r"#\\x23", line)


def _is_plain(c: str) -> bool:
    return c == " " or unicodedata.category(c)[0] not in "CZ"


def _escape(c: str) -> str:
    code = ord(c)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def ascii_json(value: object) -> str:
    """A value as JSON in ASCII, so that every pipe carries it, and without what a log's reader takes for a command."""
    # Within JSON, signs of this kind stand in texts alone, where an escape means the same.
    import json

    return json.dumps(value, indent=1).replace("##", "#\\u0023")


def command_data(value: str) -> str:
    """The text of a GitHub workflow command (docs.github.com, “Workflow commands for GitHub Actions”)."""
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(value: str) -> str:
    """A property of a GitHub workflow command."""
    return command_data(value).replace(":", "%3A").replace(",", "%2C")


def markdown_code(text: str) -> str:
    """A text as a code span, in which nothing is markup (CommonMark 0.31.2, 6.1)."""
    shown = visible(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{'`' * (longest + 1)}{pad}{shown}{pad}{'`' * (longest + 1)}"


def markdown(text: str, longest: int = LONGEST) -> str:
    """A sentence as Markdown: what it quotes, and every word that might be more than a word, becomes a code span."""
    shown = visible(text, longest)
    told = ""
    end = 0
    for quoted in _QUOTED.finditer(shown):
        told = _beside(told, _words(shown[end : quoted.start()]))
        told = _beside(told, markdown_code(quoted[1] or quoted[2] or " "))
        end = quoted.end()
    return _beside(told, _words(shown[end:]))


def _words(text: str) -> str:
    groups = groupby(text.split(" "), key=_is_harmless)
    return " ".join(" ".join(words) if harmless else _coded(" ".join(words)) for harmless, words in groups)


def _coded(words: str) -> str:
    """Words as a code span; what ends the sentence or a part of it is not of it, for people copy code spans."""
    inside = words[:-1] if words.endswith((".", ",", ";")) else ""
    return markdown_code(inside) + words[-1] if inside else markdown_code(words)


def _is_harmless(word: str) -> bool:
    # An underscore may begin or end an emphasis.
    return _HARMLESS.fullmatch(word) is not None and "_" not in word


def _beside(first: str, second: str) -> str:
    """Two pieces of Markdown side by side; the marks of two code spans must not run into one."""
    return f"{first} {second}" if first.endswith("`") and second.startswith("`") else first + second
