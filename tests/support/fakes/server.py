"""What all fake providers share: a real HTTP server on a free port that can misbehave on demand."""

from __future__ import annotations

import io
import json
import threading
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from PIL import Image

SLOW_SECONDS = 30.0
"""How long a slow answer keeps its client waiting, unless the server is closed before."""

KEY = "sk-of-the-fake"


class Failure(Enum):
    """How a request can go wrong; each queued failure spoils one request."""

    SLOW = auto()
    BUSY = auto()
    """429 with ``Retry-After: 0``."""
    BUSY_AN_HOUR = auto()
    """429 with ``Retry-After: 3600``."""
    QUOTA = auto()
    """429 that no waiting helps against."""
    BROKEN = auto()
    """500 with a page of HTML."""
    REFUSED = auto()
    """400 with the provider's own words, and the key in them."""
    MALFORMED = auto()
    """Half a JSON document as a whole answer."""
    WRONG_TYPE = auto()
    """A page of HTML with status 200."""
    HALF = auto()
    """The connection breaks in the middle of the answer."""
    HANG_UP = auto()
    """The connection is closed without an answer."""
    REDIRECT = auto()
    FLOOD = auto()
    """An answer that does not end."""


@dataclass(frozen=True)
class Received:
    """One request: its path, headers (names in lower case) and parsed JSON body."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """One answer; ``body`` is JSON unless it is bytes."""

    body: Any
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class FakeServer:
    """Listens while it is used as a context manager. Subclasses answer requests in ``reply``."""

    prefix = ""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.failures: deque[Failure] = deque()
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def address(self) -> str:
        """``http://host:port``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def base_url(self) -> str:
        """What a client is configured with."""
        return self.address + self.prefix

    def fail(self, *failures: Failure) -> None:
        """Spoil the next requests, one each."""
        self.failures.extend(failures)

    def reset(self) -> None:
        """Forget requests and failures."""
        self.requests.clear()
        self.failures.clear()

    def reply(self, request: Received) -> Reply:
        """The answer to a request that is not spoiled."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def png(width: int = 64, height: int = 48, colour: tuple[int, int, int] = (200, 80, 40)) -> bytes:
    """A small picture with a lighter left half, as PNG."""
    image = Image.new("RGB", (width, height), colour)
    image.paste(tuple(min(255, part + 40) for part in colour), (0, 0, width // 2, height))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _handler_for(fake: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            data = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.command, self.path, headers, json.loads(data) if data else None)
            fake.requests.append(request)
            failure = fake.failures.popleft() if fake.failures else None
            try:
                self._spoil(failure, request) if failure else self._send(fake.reply(request))
            except ConnectionError:
                # The client has gone away, which is what some tests are about.
                self.close_connection = True

        def _send(self, reply: Reply) -> None:
            self._head(reply, len(reply.data))
            self.wfile.write(reply.data)

        def _head(self, reply: Reply, length: int) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(length))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def _spoil(self, failure: Failure, request: Received) -> None:
            page = b"<html><body>Bad gateway</body></html>"
            if failure is Failure.SLOW:
                fake.closing.wait(SLOW_SECONDS)
                self.close_connection = True
            elif failure is Failure.HANG_UP:
                self.close_connection = True
            elif failure is Failure.HALF:
                reply = fake.reply(request)
                self._head(reply, len(reply.data))
                self.wfile.write(reply.data[: len(reply.data) // 2])
                self.close_connection = True
            elif failure is Failure.FLOOD:
                self._head(Reply(b""), 2**40)
                while not fake.closing.is_set():
                    self.wfile.write(b" " * 65536)
            else:
                self._send(_spoiled(failure, page, fake))

        def log_message(self, *_: object) -> None:
            """Tests look at ``requests`` instead."""

    return Handler


def _spoiled(failure: Failure, page: bytes, fake: FakeServer) -> Reply:
    busy = {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}
    quota = {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}
    refused = {
        "error": {"message": f"Your request was rejected. \x1b[31m key {KEY}", "code": "moderation_blocked"}
    }
    return {
        Failure.BUSY: Reply(busy, 429, headers={"Retry-After": "0"}),
        Failure.BUSY_AN_HOUR: Reply(busy, 429, headers={"Retry-After": "3600"}),
        Failure.QUOTA: Reply(quota, 429),
        Failure.BROKEN: Reply(page, 500, "text/html"),
        Failure.REFUSED: Reply(refused, 400),
        Failure.MALFORMED: Reply(b'{"data": [{"b64_json": "iVBO'),
        Failure.WRONG_TYPE: Reply(page, 200, "text/html"),
        Failure.REDIRECT: Reply(b"", 307, headers={"Location": f"{fake.address}/elsewhere"}),
    }[failure]
