"""`init`: a new repository of contacts that builds and checks at once."""

from __future__ import annotations

from pathlib import Path

import click

from contactsheet import console
from contactsheet.commands.endings import FAILED


@click.command(
    epilog="""\b
Examples:
  build.py init our-contacts
""",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> int:
    """Make a new repository of contacts in DIR.

    It gets settings, a first record where there is none, a workflow, a pre-commit hook and editor settings. Files that
    are there already stay as they are.
    """
    from contactsheet.formats import visible
    from contactsheet.init import create

    written, left = create(folder)
    for path in written:
        console.say(f"made {path}")
    for path in left:
        console.say(f"left {path}, which was there")
    console.say(f"Now: cd {visible(str(folder))} && python build.py")
    return 0 if written or not left else FAILED
