"""All commands, as one group of which `build` is the one without a name. Each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from contactsheet import __version__
from contactsheet.nearest import nearest

# Module below commands/ and function of those that are not both called as the command is.
_ELSEWHERE = {
    "import": ("import_contacts", "import_contacts"),
    "rules": ("explain", "rules"),
    "schema": ("explain", "schema"),
}
COMMANDS = (
    "build",
    "serve",
    "check",
    "changes",
    "init",
    "import",
    "new",
    "set-avatar",
    "merge",
    "clean-avatar",
    "duplicates",
    "thumbnails",
    "export",
    "rules",
    "explain",
    "schema",
)


class _Commands(click.Group):
    """Without a command, build."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ("--help", "--version")):
            args.insert(0, "build")
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # as above
        return command(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        near = "" if args[0] in COMMANDS else nearest(args[0], COMMANDS, 0.6)
        if near:
            ctx.fail(f"No such command '{args[0]}'. Did you mean '{near}'?")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """A team's contacts in git: checks the records and pictures, and builds the site of static pages.

    Without a command, the site is built.
    """


def command(name: str) -> click.Command:
    """The command of that name."""
    module, function = _ELSEWHERE.get(name) or (name.replace("-", "_"), name.replace("-", "_"))
    found: click.Command = getattr(import_module(f"contactsheet.commands.{module}"), function)
    return found
