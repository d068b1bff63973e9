"""The preview's connections: who says nothing, or says it too slowly, is let go, so that nobody is kept out.

The server itself has no such limit before a request is whole (slowloris). Nothing here knows what a request asks.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_SECONDS = 10.0  # from the connection, or the last answer, to the end of a request's head
_MOST = 100  # connections that may wait for a request at a time


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that waits for a request's head 10 seconds, and for 100 of them at a time: the eldest goes first."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A client connected."""
        super().connection_made(transport)
        self._wait()
        waiting = [one for one in self.connections if isinstance(one, PatientProtocol) and one._deadline]
        if len(waiting) > _MOST:
            min(waiting, key=PatientProtocol._patience_ends)._give_up()

    def handle_events(self) -> None:
        """Something arrived."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """An answer is given. What is left of its request is thrown away until patience ends."""
        self._wait()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._deadline = None

    def _patience_ends(self) -> float:
        return self._deadline.when() if self._deadline else 0.0

    def _give_up(self) -> None:
        self._stop_waiting()
        self.transport.abort()  # closing would wait for a client that does not read, either
