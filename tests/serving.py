"""The preview as a real process, and ways to talk to it: decent requests, and any bytes at all."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import PROJECT, clean_environment

Parts = Sequence[tuple[str, str | bytes]]


@dataclass(frozen=True)
class Answer:
    """What the preview answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Preview:
    """A preview that runs; ``address`` ends with a slash, or with its key."""

    process: subprocess.Popen[str]
    address: str
    said: list[str] = field(default_factory=list)

    @property
    def place(self) -> tuple[str, int]:
        parts = urlsplit(self.address)
        return parts.hostname or "", parts.port or 0

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """A request; names of headers are written with _ for -."""
        connection = http.client.HTTPConnection(*self.place, timeout=30)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def raw(self, data: bytes, seconds: float = 10) -> bytes:
        """Sends bytes as they are and gives all that comes back until the preview closes, or nothing more comes."""
        with socket.create_connection(self.place, timeout=seconds) as connection:
            connection.sendall(data)
            return received(connection)

    @property
    def token(self) -> str:
        found = re.search(r'<meta name="csrf-token" content="([^"]+)">', self.ask("/").text)
        assert found
        return found[1]

    def post(
        self, path: str, parts: Sequence[tuple[str, str | bytes]], *, file: str = "p.jpg", **headers: str
    ) -> Answer:
        """A change as a page sends it; parts of bytes are files called ``file``."""
        boundary = uuid.uuid4().hex
        body = form(parts, boundary, file)
        given = {"X_CSRF_Token": self.token, "Content_Type": f"multipart/form-data; boundary={boundary}", **headers}
        return self.ask(path, "POST", body, **given)

    def events(self, path: str = "_events") -> Events:
        return Events(self.place, path)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Sends a signal and gives the exit status."""
        self.process.send_signal(number)
        return self.process.wait(20)


class Events:
    """A stream of events, read one at a time."""

    def __init__(self, place: tuple[str, int], path: str) -> None:
        self._connection = http.client.HTTPConnection(*place, timeout=60)
        self._connection.request("GET", f"/{path}")
        self.answer = self._connection.getresponse()

    def next(self) -> tuple[str, str, str]:
        """Kind, ID and data of the next event."""
        found: dict[str, str] = {}
        while True:
            line = self.answer.readline().decode()
            assert line, "the stream is over"
            name, _, value = line.rstrip("\n").partition(": ")
            if line == "\n" and "event" in found:
                return found["event"], found["id"], found["data"]
            found[name] = value

    def close(self) -> None:
        self._connection.close()


def form(parts: Parts, boundary: str, file: str = "p.jpg") -> bytes:
    """A body of multipart/form-data (RFC 7578)."""
    made = b""
    for name, value in parts:
        called = f'; filename="{file}"' if isinstance(value, bytes) else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{called}\r\n\r\n'
        made += head.encode() + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return made + f"--{boundary}--\r\n".encode()


def received(connection: socket.socket) -> bytes:
    """All that comes until the other side closes or falls silent."""
    found = b""
    with suppress(TimeoutError, ConnectionError):
        while data := connection.recv(65536):
            found += data
    return found


@contextmanager
def serving(root: Path, *arguments: str) -> Iterator[Preview]:
    """The preview of the repository ``root``, from its address on until the block is over."""
    process = subprocess.Popen(
        [sys.executable, str(PROJECT / "build.py"), "serve", "--no-open", "--jobs", "1", "--root", str(root)]
        + (["--port", "0"] if "--port" not in arguments else [])
        + [*arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env=clean_environment(),
        start_new_session=True,
    )
    said: list[str] = []
    assert process.stdout
    assert process.stderr
    listener = threading.Thread(target=said.extend, args=(process.stderr,))
    listener.start()
    try:
        address = process.stdout.readline().strip()
        assert address, "".join(said)
        yield Preview(process, address, said)
    finally:
        process.kill()
        process.wait(20)
        listener.join(20)
        process.stdout.close()
        process.stderr.close()
