"""Judges a picture's bytes by reading alone: whether it is what its name says, and then part by part, by a walker.

Nothing here decodes a pixel, reads a file or knows a file's name beyond its suffix.
"""

from __future__ import annotations

from contactsheet import jpeg, kinds, png
from contactsheet.anatomy import Anatomy, Finding, Refusal


def inspect(data: bytes, *, suffix: str) -> tuple[Anatomy | None, tuple[Finding, ...]]:
    """Judge a picture file's bytes by reading alone.

    ``suffix`` is the file's, in lower case (".jpg", ".jpeg", ".png"). The anatomy is None when a finding means that the
    picture is refused; otherwise the findings are warnings. There is at most one finding of a rule. Nothing is raised.
    """
    refused = kinds.refuse_foreign(data, suffix)
    if refused is not None:
        return None, (refused,)
    walk = png.walk if data.startswith(kinds.PNG_SIGNATURE) else jpeg.walk
    try:
        anatomy, findings = walk(data)
    except Refusal as refusal:
        return None, (refusal.finding,)
    unique = {finding.rule: finding for finding in reversed(findings)}
    return anatomy, tuple(sorted(unique.values(), key=lambda finding: finding.rule))
