"""All commands, as one group of which `build` is the one without a name."""

from __future__ import annotations

import click

from contactsheet import __version__
from contactsheet.commands import (
    build,
    changes,
    check,
    clean_avatar,
    duplicates,
    explain,
    export,
    import_contacts,
    init,
    merge,
    new,
    serve,
    set_avatar,
    thumbnails,
)


class _Commands(click.Group):
    """Without a command, build."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ("--help", "--version")):
            args.insert(0, "build")
        return super().parse_args(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """A team's contacts in git: checks the records and pictures, and builds the site of static pages.

    Without a command, the site is built.
    """


for command in (
    build.build,
    serve.serve,
    check.check,
    changes.changes,
    init.init,
    import_contacts.import_contacts,
    new.new,
    set_avatar.set_avatar,
    merge.merge,
    clean_avatar.clean_avatar,
    duplicates.duplicates,
    thumbnails.thumbnails,
    export.export,
    explain.rules,
    explain.explain,
    explain.schema,
):
    commands.add_command(command)
