"""Builds as the commands have them: once, or again and again, and what came of each is told."""

from __future__ import annotations

import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from contactsheet import console, read
from contactsheet.commands.endings import FAILED, FailedError, FaultError, memo_of, refusals, settings_of
from contactsheet.problems import Severity
from contactsheet.standing import Standing

if TYPE_CHECKING:
    from threading import Event

    from contactsheet.memo import Memo
    from contactsheet.outcome import Outcome
    from contactsheet.read import Sources
    from contactsheet.run import Progress
    from contactsheet.since import Since
    from contactsheet.workers import Workers


class Builder(NamedTuple):
    """Builds the site of a repository, and tells on standard error what came of it; ``stop`` interrupts a build."""

    root: Path
    output: Path
    least: Severity
    strict: bool
    timings: bool
    stop: Event | None = None

    def once(self, jobs: int, cluster: str = "", *, standing: Standing | None = None, verify: bool = False) -> int:
        """Builds if there is anything to do, and gives the exit status; ``standing`` is a look at what there is."""
        standing = standing or Standing(self.root, self.output, strict=self.strict)
        if not (verify or self.timings) and self.stands(standing):
            return 0
        from contactsheet.machine import last_work
        from contactsheet.pipeline import foresee
        from contactsheet.workers import Workers

        with last_work(), closing(standing):
            self.check_place()
            with closing(memo_of(self.root)) as memo, Workers(jobs, cluster) as workers:
                foresee(workers, memo, *standing.sources)
                outcome = self.build(workers, memo, since=standing.since())
                if verify and outcome.published:
                    _verify(self, workers, memo)
                standing.note(outcome)
                return FAILED if outcome.failed(self.strict) else 0

    def watch(self, jobs: int, cluster: str, poll: bool) -> int:
        """Builds on every change until it is interrupted; a failed build is told and the next change awaited."""
        from contactsheet.snapshot import describe
        from contactsheet.watch import WATCHED, Watch
        from contactsheet.workers import Workers

        self.check_place()
        talk = self.least is not Severity.ERROR
        with (
            closing(memo_of(self.root)) as memo,
            Workers(jobs, cluster) as workers,
            Watch(self.root, WATCHED, poll=poll, on_fallback=console.say) as watch,
        ):
            self.attempt(workers, memo)
            sources = read.scan(self.root)
            if talk:
                console.say("Watching for changes; Ctrl-C ends.")
            for changes in watch:
                if talk:
                    console.say(f"\n{describe(changes)}")
                sources = read.brought_up(self.root, sources, changes)
                self.attempt(workers, memo, sources)
        return 0

    def stands(self, standing: Standing) -> bool:
        """Whether there is nothing to do; then that is said."""
        began = time.monotonic()
        outcome = standing.outcome()
        if outcome:
            self._tell(outcome, time.monotonic() - began)
        return outcome is not None

    def check_place(self) -> None:
        """Ends the command where the site must not go, before anything is written."""
        from contactsheet.destination import check_place

        with refusals():
            check_place(self.root, self.output)

    def build(
        self, workers: Workers, memo: Memo, sources: Sources | None = None, since: Since | None = None
    ) -> Outcome:
        """A build of what is not remembered; ``sources`` lie there, ``since`` changed, if that is known."""
        from contactsheet import pipeline

        began = time.monotonic()
        settings = settings_of(self.root)
        with refusals(), console.Progress(wanted=self.least is not Severity.ERROR) as progress:
            outcome = pipeline.build(
                self.root,
                self.output,
                settings,
                workers,
                partial(self._heed, progress),
                memo,
                strict=self.strict,
                sources=sources,
                since=since,
            )
        self._tell(outcome, time.monotonic() - began)
        if self.timings:
            for line in progress.timings():
                console.say(line)
        return outcome

    def attempt(self, workers: Workers, memo: Memo, sources: Sources | None = None) -> Outcome | str:
        """A build that may be followed by others: what makes it impossible is told, and given as a sentence."""
        try:
            return self.build(workers, memo, sources)
        except FailedError as error:
            error.show()
            return error.message

    def _heed(self, progress: Progress, stage: str, done: int, total: int) -> None:
        if self.stop and self.stop.is_set():
            raise KeyboardInterrupt
        progress(stage, done, total)

    def _tell(self, outcome: Outcome, seconds: float) -> None:
        console.tell_outcome(outcome, self.root, self.output, self.least, seconds)


def _verify(builder: Builder, workers: Workers, memo: Memo) -> None:
    """Builds once more without what is remembered, elsewhere, and compares; what differs is a fault of the program."""
    import tempfile

    from contactsheet import pipeline
    from contactsheet.formats import counted
    from contactsheet.verify import differences

    with tempfile.TemporaryDirectory() as folder, refusals():
        clean = Path(folder) / "site"
        pipeline.build(builder.root, clean, settings_of(builder.root), workers, strict=builder.strict)
        found = differences(builder.output, clean)
    if not found:
        console.say("Verified: a build without what is remembered gives the same, byte for byte.")
        return
    memo.forget()
    for path in found:  # which no build takes for its own any more, and so makes anew
        (builder.output / path).unlink(missing_ok=True)
    shown = ", ".join(found[:5]) + (" …" if len(found) > 5 else "")
    raise FaultError(
        f"not the same as a clean build: {counted(len(found), 'file')}, {shown}. "
        "What was remembered is deleted, and so are these files; build again"
    )
