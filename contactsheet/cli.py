"""The commands: what people type, what they read, and the exit status. All work is done elsewhere."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from contactsheet import __version__, console
from contactsheet.problems import Severity
from contactsheet.read import AVATARS, CONTACTS, TEMPLATES

if TYPE_CHECKING:
    from contactsheet.formats import Report
    from contactsheet.pipeline import Outcome
    from contactsheet.settings import Settings
    from contactsheet.workers import Workers

FAILED, USAGE, FAULT, INTERRUPTED, TERMINATED = 1, 2, 3, 130, 143


class _Failed(click.ClickException):
    """Ends the command with exit status 1 and one line that says why."""

    exit_code = FAILED

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        from contactsheet.formats import visible

        console.say(f"error: {visible(self.message, 1000)}")


class _Refused(_Failed):
    """Ends the command with exit status 2: what was typed, or set, cannot be done."""

    exit_code = USAGE


class _Terminated(BaseException):
    """SIGTERM arrived: what is under way is undone on the way out, as for Ctrl-C."""


class _Commands(click.Group):
    """Without a command, build."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ("--help", "--version")):
            args.insert(0, "build")
        return super().parse_args(ctx, args)


_folder = click.Path(path_type=Path, file_okay=False)


def _root(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path:
    root = Path(os.path.abspath(value or ctx.obj or Path.cwd()))  # noqa: PTH100  # resolve() would follow links
    if not any((root / name).exists() for name in (CONTACTS, AVATARS, "pyproject.toml")):
        raise _Refused(f"{root} is no repository of contacts: it has no folder {CONTACTS}/; say where with --root DIR")
    return root


def _jobs(_ctx: click.Context, _parameter: click.Parameter, value: int | None) -> int:
    from contactsheet.workers import cores

    return value or cores()


root_option = click.option(
    "--root", type=_folder, callback=_root, metavar="DIR", help="The repository of contacts [default: this one]."
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 256), callback=_jobs, metavar="N", help="Processes to use [default: one a core]."
)
strict_option = click.option("--strict", is_flag=True, help="Let warnings fail as errors do.")


@click.group(cls=_Commands, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """A team's contacts in git: checks the records and pictures, and builds the site of static pages.

    Without a command, the site is built.
    """


@commands.command()
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
    from contactsheet.workers import Workers

    place = Path(os.path.abspath(output)) if output else root / "output"  # noqa: PTH100  # a link is to be refused
    least = Severity.ERROR if quiet else Severity.NOTICE if verbose else Severity.WARNING
    builder = _Builder(root, place, least, strict)
    with Workers(jobs) as workers:
        if watch:
            return _watch(builder, workers, poll)
        return FAILED if builder(workers).failed(strict) else 0


class _Builder:
    """One build after the other of the same site, each told on standard error."""

    def __init__(self, root: Path, output: Path, least: Severity, strict: bool) -> None:
        self.root, self.output, self.least, self.strict = root, output, least, strict

    def __call__(self, workers: Workers) -> Outcome:
        began = time.monotonic()
        quiet = self.least is Severity.ERROR
        with console.Bar(wanted=not quiet) as bar:
            outcome = self._build(workers, bar)
        ranks = list(Severity)
        told = [one for one in outcome.problems if ranks.index(one.severity) <= ranks.index(self.least)]
        console.tell(told, self.root)
        if not quiet:
            console.say(console.summary(outcome, self.output, time.monotonic() - began))
        return outcome

    def _build(self, workers: Workers, bar: console.Bar) -> Outcome:
        from contactsheet import pipeline
        from contactsheet.publish import OutputError

        settings = _settings(self.root)
        try:
            return pipeline.build(self.root, self.output, settings, workers, bar, strict=self.strict)
        except OutputError as error:
            raise _Refused(str(error)) from None
        except OSError as error:
            raise _Failed(f"{_told(error)}; the site stays as it was") from None


def _settings(root: Path) -> Settings:
    from contactsheet.settings import SettingsError, load

    try:
        return load(root)
    except SettingsError as error:
        raise _Refused(str(error)) from None


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


@commands.command()
@root_option
@jobs_option
@strict_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "github", "gitlab", "sarif", "junit", "json", "markdown"]),
    help="How problems are told [default: github on GitHub Actions, else text].",
)
def check(root: Path, jobs: int, strict: bool, form: str | None) -> int:
    """Check everything and write nothing: what CI runs."""
    from contactsheet import pipeline
    from contactsheet.formats import FORMATS, Report, counted, verdict
    from contactsheet.workers import Workers

    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    chosen = form or ("github" if on_github else "text")
    with Workers(jobs) as workers, console.Bar(wanted=True) as bar:
        outcome = pipeline.check(root, _settings(root), workers, bar)
    lines = console.SourceLines(root)
    report = Report(outcome.problems, lines, strict, colour=chosen == "text" and console.has_colours(sys.stdout))
    if chosen == "github":
        report = replace(report, summarised=_summarised(report))
    console.put(FORMATS[chosen](report))
    console.say(f"{counted(outcome.contacts, 'contact')} checked: {verdict(outcome.problems)}.")
    return FAILED if outcome.failed(strict) else 0


def _summarised(report: Report) -> bool:
    """Whether the full list could be added to the summary of the run on GitHub, which names a file for it."""
    from contactsheet.formats.markdown import SUMMARY_LIMIT, markdown

    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        return False
    try:
        with Path(file).open("ab") as stream:
            room = SUMMARY_LIMIT - stream.tell()
            stream.write("".join(f"{line}\n" for line in markdown(report, room)).encode())
    except OSError as error:
        console.say(f"warning: the run's summary could not be written: {_told(error)}")
        return False
    return True


@commands.command()
def schema() -> int:
    """Print the JSON Schema of a record."""
    import json

    from contactsheet.schema import json_schema

    console.put([json.dumps(json_schema(), indent=2)])
    return 0


@commands.command()
def rules() -> int:
    """List the rules with their severities."""
    from contactsheet.rules import catalogue

    console.put(f"{rule.name:28} {rule.severity:8} {rule.summary}" for rule in catalogue().values())
    return 0


@commands.command()
@click.argument("rule")
def explain(rule: str) -> int:
    """Say why a rule exists, with an example."""
    from contactsheet.rules import catalogue, explanation

    if rule not in catalogue():
        raise _Refused(f"there is no rule {rule!r}; `rules` lists all")
    console.put(explanation(catalogue()[rule]))
    return 0


def main(arguments: list[str] | None = None, *, root: Path | None = None) -> int:
    """Runs a command and gives its exit status; ``root`` is the repository when --root does not say another.

    0 fine, 1 problems in the content, 2 usage or settings, 3 a fault of the program, 130 and 143 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows little is no reason to fail
    signal.signal(signal.SIGTERM, _terminate)
    try:
        result = commands.main(arguments, standalone_mode=False, obj=root)
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        console.say("interrupted")
        return INTERRUPTED
    except _Terminated:
        console.say("terminated")
        return TERMINATED
    except OSError as error:
        _Failed(_told(error)).show()
        return FAILED
    except Exception as error:  # noqa: BLE001  # the edge: whatever is left becomes a sentence and an exit status
        return _fault(error)


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


def _fault(error: Exception) -> int:
    import traceback

    console.say("".join(traceback.format_exception(error)))
    console.say(
        f"This is a fault of contactsheet {__version__} (Python {sys.version.split()[0]} on {sys.platform}), "
        "not of your contacts. Please report it to the maintainers with these lines."
    )
    return FAULT


def _told(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"
