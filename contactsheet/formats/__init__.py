"""How problems are told: to people, to programs, to the services that run checks. A format is one function.

Everything that comes from the input is escaped for its reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from importlib import import_module

from contactsheet.formats.escape import visible
from contactsheet.formats.report import Format, Report, SourceLine, counted, verdict
from contactsheet.formats.text import text


def _told(module: str, report: Report) -> Iterator[str]:
    """A report in the format of that module, which is imported only now: most runs need one format, or none."""
    told: Format = getattr(import_module(f"{__name__}.{module}"), module)
    return told(report)


FORMATS: Mapping[str, Format] = {
    "text": text,
    **{name: partial(_told, name) for name in ("github", "gitlab", "sarif", "junit")},
    "json": partial(_told, "as_json"),
    "markdown": partial(_told, "markdown"),
}

__all__ = ["FORMATS", "Format", "Report", "SourceLine", "counted", "text", "verdict", "visible"]
