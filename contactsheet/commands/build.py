"""`build`: check everything, publish the site; with --watch again on every change."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from contactsheet import console
from contactsheet.commands.shared import (
    FAILED,
    FailedError,
    RefusedError,
    jobs_option,
    root_option,
    settings_of,
    strict_option,
    told,
)
from contactsheet.problems import Severity
from contactsheet.read import AVATARS, CONTACTS, TEMPLATES

if TYPE_CHECKING:
    from contactsheet.memo import Memo
    from contactsheet.outcome import Outcome
    from contactsheet.workers import Workers


@click.command()
@root_option
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DIR", help="Where the site goes [default: output/]."
)
@jobs_option
@strict_option
@click.option("--watch", is_flag=True, help="Build again whenever something changes, until Ctrl-C.")
@click.option(
    "--poll", is_flag=True, help="With --watch, look at the files instead of waiting for the system's events."
)
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("--verbose", is_flag=True, help="Show notices too.")
def build(
    root: Path, output: Path | None, jobs: int, strict: bool, watch: bool, poll: bool, quiet: bool, verbose: bool
) -> int:
    """Check everything, then publish the site to output/.

    An error leaves the last good site as it was.
    """
    from contactsheet.standing import Standing

    place = Path(os.path.abspath(output)) if output else root / "output"  # noqa: PTH100  # a link is to be refused
    least = Severity.ERROR if quiet else Severity.NOTICE if verbose else Severity.WARNING
    builder = _Builder(root, place, least, strict)
    if not watch:
        began = time.monotonic()
        outcome = Standing(root, place, strict=strict).outcome()
        if outcome:
            builder.tell(outcome, began)
            return 0
    from contactsheet.workers import Workers

    with Workers(jobs) as workers, builder:
        if watch:
            return _watch(builder, workers, poll)
        return FAILED if builder(workers).failed(strict) else 0


class _Builder:
    """One build after the other of the same site, each told on standard error. It remembers while it is open."""

    def __init__(self, root: Path, output: Path, least: Severity, strict: bool) -> None:
        self.root, self.output, self.least, self.strict = root, output, least, strict
        self._memo: Memo | None = None

    def __enter__(self) -> Self:
        from contactsheet import seal
        from contactsheet.memo import FOLDER, Memo

        key = seal.key()
        self._memo = Memo(self.root / FOLDER, key) if key else Memo()
        return self

    def __exit__(self, *_: object) -> None:
        if self._memo:
            self._memo.close()

    def __call__(self, workers: Workers) -> Outcome:
        from contactsheet.standing import Standing

        began = time.monotonic()
        standing = Standing(self.root, self.output, strict=self.strict)
        with console.Bar(wanted=self.least is not Severity.ERROR) as bar:
            outcome = self._build(workers, bar)
        standing.note(outcome)
        self.tell(outcome, began)
        return outcome

    def tell(self, outcome: Outcome, began: float) -> None:
        """Says what a build gave that began at that time (monotonic seconds)."""
        ranks = list(Severity)
        told = [one for one in outcome.problems if ranks.index(one.severity) <= ranks.index(self.least)]
        if told:
            console.tell(told, self.root)
        if self.least is not Severity.ERROR:
            console.say(console.summary(outcome, self.output, time.monotonic() - began))

    def _build(self, workers: Workers, bar: console.Bar) -> Outcome:
        from contactsheet import pipeline
        from contactsheet.publish import OutputError

        settings = settings_of(self.root)
        try:
            return pipeline.build(self.root, self.output, settings, workers, bar, self._memo, strict=self.strict)
        except OutputError as error:
            raise RefusedError(str(error)) from None
        except OSError as error:
            raise FailedError(f"{told(error)}; the site stays as it was") from None


def _watch(builder: _Builder, workers: Workers, poll: bool) -> int:
    """Builds on every change until it is interrupted; a failed build is told and the next change awaited."""
    from contactsheet.snapshot import describe
    from contactsheet.watch import Watch

    talk = builder.least is not Severity.ERROR
    with Watch(
        builder.root, (CONTACTS, AVATARS, TEMPLATES, "pyproject.toml"), poll=poll, on_fallback=console.say
    ) as watch:
        _build_once(builder, workers)
        if talk:
            console.say("Watching for changes; Ctrl-C ends.")
        for changes in watch:
            if talk:
                console.say(f"\n{describe(changes)}")
            _build_once(builder, workers)
    return 0


def _build_once(builder: _Builder, workers: Workers) -> None:
    try:
        builder(workers)
    except click.ClickException as error:
        error.show()
