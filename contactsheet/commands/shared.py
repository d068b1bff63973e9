"""What the commands share: the options, the ways to end, the settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contactsheet import console
from contactsheet.repository import AVATARS, CONTACTS
from contactsheet.start import Start

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from contactsheet.converting import Prepared
    from contactsheet.memo import Memo
    from contactsheet.read import Changes, SourceFile
    from contactsheet.settings import Settings
    from contactsheet.standing import Standing

FAILED, USAGE, FAULT = 1, 2, 3


class FailedError(click.ClickException):
    """Ends the command with exit status 1 and one line that says why."""

    exit_code = FAILED

    def show(self, file: Any = None) -> None:  # noqa: ARG002  # click's signature
        """Says it on standard error."""
        from contactsheet.formats import visible

        console.say(f"error: {visible(self.message, 1000)}")


class RefusedError(FailedError):
    """Ends the command with exit status 2: what was typed, or set, cannot be done."""

    exit_code = USAGE


class FaultError(FailedError):
    """Ends the command with exit status 3: the program did what it should not."""

    exit_code = FAULT


_folder = click.Path(path_type=Path, file_okay=False)


def _start(ctx: click.Context) -> Start:
    return ctx.obj or Start(None)


def seen(root: Path) -> Standing | None:
    """The look at a repository and its output/ that was taken before the command was looked up, if it was."""
    start = _start(click.get_current_context())
    return start.standing if start.seen == str(root) else None


def _root(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path:
    root = Path(os.path.abspath(value or _start(ctx).root or Path.cwd()))  # noqa: PTH100  # resolve() would follow links
    if not any((root / name).exists() for name in (CONTACTS, AVATARS, "pyproject.toml")):
        raise RefusedError(
            f"{root} is no repository of contacts: it has no folder {CONTACTS}/; say where with --root DIR"
        )
    return root


def _jobs(_ctx: click.Context, _parameter: click.Parameter, value: int | None) -> int:
    from contactsheet.machine import cores

    return value or cores()


root_option = click.option(
    "--root", type=_folder, callback=_root, metavar="DIR", help="The repository of contacts [default: this one]."
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 256), callback=_jobs, metavar="N", help="Processes to use [default: one a core]."
)
cluster_option = click.option(
    "--cluster", default="", metavar="ADDRESS", help="Compute on a Dask cluster, as in tcp://scheduler:8786."
)


def complete_contact(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The IDs that begin so, for the shell; only names of files are looked at."""
    from click.shell_completion import CompletionItem

    from contactsheet.read import scan

    root = Path(ctx.params.get("root") or _start(ctx).root or Path.cwd())
    return [CompletionItem(one) for one in sorted(scan(root).ids) if one.startswith(incomplete)]


picture_file = click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
scale_down_option = click.option("--scale-down", is_flag=True, help="Make a picture smaller that is too large.")
strict_option = click.option("--strict", is_flag=True, help="Let warnings fail as errors do.")


def settings_of(root: Path) -> Settings:
    """The settings of a repository; ends the command where they cannot be used."""
    from contactsheet.settings import SettingsError, load

    try:
        return load(root)
    except SettingsError as error:
        raise RefusedError(str(error)) from None


def memo_of(root: Path) -> Memo:
    """What is remembered of a repository; without a key to seal it, what this process computes alone."""
    from contactsheet import seal
    from contactsheet.memo import Memo
    from contactsheet.receipt import FOLDER

    key = seal.key()
    return Memo(root / FOLDER, key) if key else Memo()


def remembered(root: Path) -> Memo:
    """What builds remember of a repository, for who builds nothing: none of it is begun, unless machines share it."""
    from contactsheet.memo import Memo
    from contactsheet.receipt import FOLDER
    from contactsheet.seal import is_shared

    return memo_of(root) if is_shared() or (root / FOLDER).is_dir() else Memo()


@contextmanager
def refusals() -> Iterator[None]:
    """Ends the command in a sentence where the output, the cluster or the system refuses."""
    try:
        yield
    except Exception as error:
        from contactsheet.cluster import ClusterError
        from contactsheet.destination import OutputError

        if isinstance(error, OutputError):
            raise RefusedError(str(error)) from None
        if isinstance(error, ClusterError):
            raise FailedError(f"{error}; the site stays as it was") from None
        if isinstance(error, OSError):
            raise FailedError(f"{told(error)}; the site stays as it was") from None
        raise


def told(error: OSError) -> str:
    """What the system refused, in a line."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def record_of(root: Path, contact_id: str) -> str:
    """The path of a contact's record; ends the command where there is none."""
    from contactsheet.nearest import Nearest
    from contactsheet.read import scan

    sources = scan(root)
    file = next((one.path for one in sources.records if one.name == contact_id), None)
    if file is None:
        near = Nearest(sources.ids)(contact_id, 0.5)
        raise RefusedError(f"there is no contact {contact_id}" + (f"; did you mean {near}?" if near else ""))
    return file


def picture_of(root: Path, contact_id: str, settings: Settings) -> SourceFile | None:
    """The picture of a contact, found as the build finds it."""
    from contactsheet.pictures import assign
    from contactsheet.read import scan
    from contactsheet.summaries import Claim
    from contactsheet.tasks import RecordWork, read_records

    sources = scan(root)
    files = tuple((file.name, file.path) for file in sources.records if file.name == contact_id)
    readings = read_records(RecordWork(root, files, settings, (None,) * len(files)))
    claims = [Claim(*claim) for _, (_, claim, _), _ in readings if claim]
    owned, _, _ = assign(sources.pictures, claims, sources.ids)
    return owned[contact_id].file if contact_id in owned else None


def prepared_picture(root: Path, file: Path, *, scale_down: bool) -> Prepared:
    """The picture in a file, as one that a contact may have; ends the command where there is none."""
    from contactsheet.converting import prepared
    from contactsheet.workers import Workers

    limit = settings_of(root).max_picture_bytes
    with Workers(1) as workers:
        made = prepared(Path(os.path.abspath(file)), limit, scale_down=scale_down, workers=workers)  # noqa: PTH100  # resolve() would follow links
    if made.fault:
        raise FailedError(f"{file}: {made.fault}")
    if len(made.data) > limit:
        remedy = "" if scale_down else "; --scale-down makes it smaller"
        raise FailedError(f"{file}: the picture has {len(made.data):,} bytes; {limit:,} are allowed{remedy}")
    return made


def record_text(root: Path, file: str) -> str:
    """The text of a record; ends the command where it cannot be read."""
    from contactsheet.read import RECORD_LIMIT, read_bytes

    data = read_bytes(root, file, RECORD_LIMIT)
    if not isinstance(data, bytes):
        raise FailedError(f"{file}: {data.message}")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise FailedError(f"{file}: it is not UTF-8; save it as UTF-8") from None


def write(root: Path, changes: Changes, *, new: Collection[str] = ()) -> bool:
    """Writes source files, if the check has no error to tell of them; says what is wrong, and which files were written.

    Those in ``new`` must not exist yet. Nothing is written where it gives False.
    """
    from contactsheet.edit import save

    if not is_sound(root, changes):
        return False
    save(root, changes, new=new)
    console.put(sorted(changes))
    return True


def is_sound(root: Path, changes: Changes) -> bool:
    """Whether the check has no error to tell of changes; what it has to tell is said."""
    from contactsheet.formats import Report, text
    from contactsheet.problems import Severity
    from contactsheet.trial import judged, quoted
    from contactsheet.workers import Workers

    with Workers(1) as workers, closing(remembered(root)) as memo:
        problems = judged(root, settings_of(root), changes, workers, memo)
    lines = quoted(changes, console.SourceLines(root))
    failed = any(one.severity is Severity.ERROR for one in problems)
    stream = sys.stdout if failed else sys.stderr
    lines_told = text(Report(problems, lines, colour=console.has_colours(stream)))
    if failed:
        console.put(lines_told)
        console.say("Nothing was written.")
    else:
        for line in lines_told:
            console.say(line)
    return not failed
