"""`build`: check everything, publish the site; with --watch again on every change."""

from __future__ import annotations

import os
from pathlib import Path

import click

from contactsheet.commands.building import Builder
from contactsheet.commands.shared import cluster_option, jobs_option, root_option, strict_option
from contactsheet.problems import Severity


@click.command(
    epilog="""\b
Examples:
  build.py
  build.py --watch
  build.py build --strict --output ../site
""",
)
@root_option
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DIR", help="Where the site goes [default: output/]."
)
@jobs_option
@cluster_option
@strict_option
@click.option("--watch", is_flag=True, help="Build again whenever something changes, until Ctrl-C.")
@click.option(
    "--poll", is_flag=True, help="With --watch, look at the files instead of waiting for the system's events."
)
@click.option("--verify", is_flag=True, help="Compare the site with one that is built without what is remembered.")
@click.option("--timings", is_flag=True, help="Say where the time went, by stage.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("--verbose", is_flag=True, help="Show notices too.")
def build(
    root: Path,
    output: Path | None,
    jobs: int,
    cluster: str,
    strict: bool,
    watch: bool,
    poll: bool,
    verify: bool,
    timings: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Check everything, then publish the site to output/.

    An error leaves the last good site as it was. What did not change since the last build is not done again.
    """
    place = Path(os.path.abspath(output)) if output else root / "output"  # noqa: PTH100  # a link is to be refused
    least = Severity.ERROR if quiet else Severity.NOTICE if verbose else Severity.WARNING
    builder = Builder(root, place, least, strict, timings)
    return builder.watch(jobs, cluster, poll) if watch else builder.once(jobs, cluster, verify=verify)
