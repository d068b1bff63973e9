"""What the commands share: the options, and what they look up and write in a repository."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contactsheet import console
from contactsheet.commands.endings import FailedError, RefusedError, remembered, repository, settings_of
from contactsheet.start import Start

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from contactsheet.converting import Prepared
    from contactsheet.read import Changes, SourceFile
    from contactsheet.settings import Settings

_folder = click.Path(path_type=Path, file_okay=False)


def _start(ctx: click.Context) -> Start:
    return ctx.obj or Start(None)


def _root(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path:
    return repository(value or _start(ctx).root or Path.cwd())


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
problem_formats = click.Choice(["text", "github", "gitlab", "sarif", "junit", "json", "markdown"])  # those of FORMATS
strict_option = click.option("--strict", is_flag=True, help="Let warnings fail as errors do.")


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
    from contactsheet.claims import Claim
    from contactsheet.pictures import assign
    from contactsheet.read import scan
    from contactsheet.tasks import RecordWork, read_records

    sources = scan(root)
    files = tuple((file.name, file.path) for file in sources.records if file.name == contact_id)
    readings = read_records(settings, RecordWork(root, files, (None,) * len(files)))
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
