"""`serve`: the preview: the site on this machine, built again and shown anew with every change."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contactsheet import console
from contactsheet.commands.building import Builder
from contactsheet.commands.endings import RefusedError, memo_of, told
from contactsheet.commands.shared import jobs_option, root_option
from contactsheet.problems import Severity

if TYPE_CHECKING:
    from contactsheet.guard import Terms

_USUAL_PORT = 8000
_LOOPBACK = "127.0.0.1"
_BREATH = 1.0  # seconds; on Windows, Ctrl-C is not heard while one waits for longer


@click.command(
    epilog="""\b
Examples:
  build.py serve
  build.py serve --port 0 --no-open
""",
)
@root_option
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DIR", help="Where the site goes [default: output/]."
)
@click.option("--host", default=_LOOPBACK, metavar="ADDRESS", help="Whom to serve [default: this machine alone].")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help=f"The port; 0 is any free one [default: {_USUAL_PORT}, or a free one if that is taken].",
)
@click.option("--no-open", is_flag=True, help="Do not open the browser.")
@jobs_option
@click.option("--poll", is_flag=True, help="Look at the files instead of waiting for the system's events.")
def serve(root: Path, output: Path | None, host: str, port: int | None, no_open: bool, jobs: int, poll: bool) -> int:
    """Show the site in the browser, and every change at once.

    It ends with Ctrl-C. The address is the first line on standard output. What is wrong is shown over the last good
    page. In the preview, adding a contact and replacing a picture write the files. With --host others can do so too,
    who have the address with its key.
    """
    site = Path(os.path.abspath(output)) if output else root / "output"  # noqa: PTH100  # a link is to be refused
    stop = threading.Event()
    builder = Builder(root, site, Severity.WARNING, strict=False, timings=False, stop=stop)
    builder.check_place()
    from contactsheet.live import Live
    from contactsheet.rebuilding import Crew, Rebuilding
    from contactsheet.server import Server
    from contactsheet.workers import Workers

    with _listening(host, port) as listening:
        live = Live()
        terms = _terms(host, listening, _picture_bytes(root))
        server = Server(listening, site, terms, live)
        crew = Crew(root, builder.attempt, partial(memo_of, root), partial(Workers, jobs), poll, console.say)
        rebuilding = Rebuilding(crew, live, stop, server.end)
        rebuilding.start()
        try:
            while not rebuilding.is_ready.wait(_BREATH):
                pass
            if rebuilding.fault is None:
                address = _address(host, listening, terms)
                console.put([address])
                console.say("Watching for changes; Ctrl-C ends.")
                server.run(rebuilding, None if no_open else address)
        finally:
            rebuilding.end()
    if rebuilding.fault:
        raise rebuilding.fault
    return 0


def _listening(host: str, port: int | None) -> socket.socket:
    """A socket bound to the port, or to any free one where the usual one is taken and no other was asked for."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host or "?", 0, type=socket.SOCK_STREAM)[0]
        address = str(place[0])
        if port is None:
            with suppress(OSError):
                return socket.create_server((address, _USUAL_PORT), family=family)
        return socket.create_server((address, port or 0), family=family)
    except OSError as error:
        raise RefusedError(f"--host {host} --port {port or 0}: {told(error)}") from None


def _picture_bytes(root: Path) -> int:
    """The largest picture that is accepted; the usual one where the settings cannot be read, which the pages tell."""
    from contactsheet.settings import PICTURE_BYTES, SettingsError, load

    try:
        return load(root).max_picture_bytes
    except SettingsError:
        return PICTURE_BYTES


def _terms(host: str, listening: socket.socket, picture_bytes: int) -> Terms:
    """Whom the preview answers: on another address than loopback only those who know its key."""
    from contactsheet.answering import PARTS_BYTES
    from contactsheet.guard import LOOPBACK, Terms

    bound, port = ip_address(listening.getsockname()[0]), listening.getsockname()[1]
    names = {*LOOPBACK, _in_address(host).lower()}
    if not bound.is_loopback:
        names.add(socket.gethostname().lower())
    return Terms(
        names=frozenset(names),
        token=secrets.token_urlsafe(32),
        body=picture_bytes + PARTS_BYTES,
        key="" if bound.is_loopback else secrets.token_urlsafe(32),
        cookie=f"contactsheet-{port}",
        any_address=bound.is_unspecified,
    )


def _address(host: str, listening: socket.socket, terms: Terms) -> str:
    bound, port = listening.getsockname()[:2]
    name = socket.gethostname() if ip_address(bound).is_unspecified else _in_address(host)
    return f"http://{name}:{port}/{f'?key={terms.key}' if terms.key else ''}"


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
