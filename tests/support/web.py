"""A web server for tests whose every byte is the test's own: it can lie, stall, trickle and never end."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CERTIFICATE = Path(__file__).parent / "certificates" / "named.pem"
"""Of ``media.test``."""

Handler = Callable[["Exchange"], None]


class Exchange:
    """One request; ``send`` answers it."""

    def __init__(self, connection: socket.socket, request: str) -> None:
        self.request = request
        self._connection = connection

    @property
    def path(self) -> str:
        """What the request line asks for."""
        return self.request.split(" ", 2)[1]

    def header(self, name: str) -> str | None:
        """A header of the request."""
        for line in self.request.split("\r\n")[1:]:
            key, _, value = line.partition(": ")
            if key.lower() == name.lower():
                return value
        return None

    def send(self, data: bytes) -> bool:
        """Send bytes; False when the client is gone."""
        try:
            self._connection.sendall(data)
        except OSError:
            return False
        return True

    def respond(self, body: bytes = b"", status: str = "200 OK", **headers: str) -> None:
        """An honest answer; ``_`` in a header's name is a hyphen."""
        lines = {"Content_Length": str(len(body)), "Connection": "close"} | headers
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
        self.send(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)

    def wait_for_close(self) -> None:
        """Wait until the client has closed the connection."""
        with contextlib.suppress(OSError):
            while self._connection.recv(1024):
                pass


class Web:
    """A listening server. ``connections`` counts who has connected, whatever they said."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None, address: str) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, 0), family=family)
        self._handler = handler
        self._tls = tls
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[Exchange] = []
        self.connections = 0
        self.names: list[str | None] = []
        """Server names that clients have asked for in TLS."""
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop to listen."""
        self._is_closing.set()
        self._thread.join(10)
        # Not before: the number of a closed socket may be another one's at once.
        self._listener.close()

    def _serve(self) -> None:
        self._listener.settimeout(0.02)
        while not self._is_closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            connection.settimeout(20)
            if self._tls is not None:
                # The socket moves into a new object, which is to be closed instead.
                connection = stack.enter_context(self._tls.wrap_socket(connection, server_side=True))
            received = b""
            while b"\r\n\r\n" not in received:
                data = connection.recv(65536)
                received += data
                if received.startswith(b"\x16\x03"):  # TLS to a server that speaks none
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    return
                if not data:
                    return
            exchange = Exchange(connection, received.decode("latin-1"))
            self.requests.append(exchange)
            self._handler(exchange)
            connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def web(handler: Handler, *, tls: bool = False, address: str = "127.0.0.1") -> Iterator[Web]:
    """A server that answers with ``handler`` while the block runs."""
    context = None
    names: list[str | None] = []
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, CERTIFICATE.with_suffix(".key"))
        context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = Web(handler, context, address)
    server.names = names
    try:
        yield server
    finally:
        server.close()


def trusting() -> ssl.SSLContext:
    """What verifies the test's certificate, and no other."""
    return ssl.create_default_context(cafile=CERTIFICATE)
