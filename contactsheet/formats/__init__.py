"""How problems are told: to people, to programs, to the services that run checks. A format is one function.

Everything that comes from the input is escaped for its reader.
"""

from __future__ import annotations

from collections.abc import Mapping

from contactsheet.formats.as_json import as_json
from contactsheet.formats.escape import visible
from contactsheet.formats.github import github
from contactsheet.formats.gitlab import gitlab
from contactsheet.formats.junit import junit
from contactsheet.formats.markdown import markdown
from contactsheet.formats.report import Format, Report, SourceLine, counted, verdict
from contactsheet.formats.sarif import sarif
from contactsheet.formats.text import text

FORMATS: Mapping[str, Format] = {
    "text": text,
    "github": github,
    "gitlab": gitlab,
    "sarif": sarif,
    "junit": junit,
    "json": as_json,
    "markdown": markdown,
}

__all__ = ["FORMATS", "Format", "Report", "SourceLine", "counted", "text", "verdict", "visible"]
