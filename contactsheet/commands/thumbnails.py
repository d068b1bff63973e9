"""`thumbnails`: fills the memory with what a build will need most time for, alone or as one of several machines."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import click

from contactsheet import console
from contactsheet.commands.endings import FAILED, RefusedError, memo_of, refusals, settings_of
from contactsheet.commands.shared import cluster_option, jobs_option, root_option

_SHARD = re.compile(r"(?P<number>\d{1,4})/(?P<count>\d{1,4})")


def _shard(_ctx: click.Context, _parameter: click.Parameter, value: str) -> tuple[int, int]:
    """The number of a part and the count of parts, from 3/8."""
    found = _SHARD.fullmatch(value)
    if not found or not 1 <= int(found["number"]) <= int(found["count"]):
        raise click.BadParameter("write the number of the part and how many there are, as in 3/8")
    return int(found["number"]), int(found["count"])


@click.command(
    epilog="""\b
Examples:
  build.py thumbnails
  build.py thumbnails --shard 3/8
""",
)
@root_option
@jobs_option
@cluster_option
@click.option("--shard", callback=_shard, default="1/1", metavar="N/COUNT", help="Make one part of several, as in 3/8.")
def thumbnails(root: Path, jobs: int, cluster: str, shard: tuple[int, int]) -> int:
    """Make the thumbnails that a build will need.

    They are remembered in .contactsheet/. Several machines make a part each; whoever has all parts in .contactsheet/
    builds without decoding a picture.
    """
    from contactsheet import pipeline
    from contactsheet.formats import counted
    from contactsheet.problems import Severity
    from contactsheet.workers import Workers

    with (
        refusals(),
        closing(memo_of(root)) as memo,
        Workers(jobs, cluster) as workers,
        console.Progress(wanted=True) as progress,
    ):
        if not memo.is_kept:
            raise RefusedError(f"nothing can be remembered in {root / '.contactsheet'}: it cannot be written to")
        outcome = pipeline.thumbnails(root, settings_of(root), workers, progress, memo, shard)
        if shard != (1, 1):
            memo.give_away()
    console.tell([one for one in outcome.problems if one.severity is Severity.ERROR], root)
    console.say(f"{counted(outcome.work.pictures, 'picture')} made, {outcome.pictures - outcome.work.pictures} known.")
    return FAILED if outcome.failed(strict=False) else 0
