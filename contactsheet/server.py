"""The preview's web server: uvicorn on one socket, in the main thread. When it is to end, it ends the open streams."""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from contactsheet.answering import Preview
from contactsheet.guard import Guard, Terms
from contactsheet.live import Live
from contactsheet.patience import PatientProtocol
from contactsheet.preview import application

if TYPE_CHECKING:
    from contactsheet.rebuilding import Rebuilding

_GRACE = 2  # seconds for answers under way when it ends


class Server:
    """Serves the ``site`` on a socket to those who fulfil the terms."""

    def __init__(self, listening: socket.socket, site: Path, terms: Terms, live: Live) -> None:
        self._listening, self._site, self._terms, self._live = listening, site, terms, live
        self._server: _Server | None = None
        self._is_over = False

    def run(self, rebuilding: Rebuilding, address: str | None) -> None:
        """Serves until a signal comes or ``end`` is called; opens the browser at an address."""
        preview = Preview(self._site, self._live, rebuilding, self._terms.token, run=secrets.token_hex(4))
        config = uvicorn.Config(
            Guard(application(preview), self._terms),
            loop="asyncio",
            http=PatientProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
        self._server = _Server(config, self._live, address)
        self._server.should_exit = self._is_over
        asyncio.run(self._server.serve(sockets=[self._listening]))

    def end(self) -> None:
        """Ends it; any thread may call this."""
        self._is_over = True
        if self._server:
            self._server.should_exit = True


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, live: Live, address: str | None) -> None:
        super().__init__(config)
        self._live, self._address = live, address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.attach(asyncio.get_running_loop())
        await super().startup(sockets)
        if self._address:  # some browsers return only when they are closed
            threading.Thread(target=webbrowser.open, args=(self._address,), daemon=True).start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.close()
        await super().shutdown(sockets)
