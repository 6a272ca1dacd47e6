"""An HTTP proxy in front of a real server that cuts, stalls or replaces chosen answers."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

PIECE = 65536


@dataclass
class _Plan:
    """What to do to the next ``times`` answers to requests that begin like ``request``."""

    request: bytes
    times: int
    stalls: bool = False
    loses: bool = False
    cut_after: int | None = None
    answer: bytes | None = None


class TamperingProxy:
    """Serves one request a connection, on a port of its own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._plans: list[_Plan] = []
        self.sent = 0
        """Bytes that went to clients."""
        self._closing = threading.Event()
        self._refusing = False
        self._listen(0)
        self._own_port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._own_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Refuse connections from now on."""
        if not self._closing.is_set():
            self._closing.set()
            if not self._refusing:
                self._hang_up()

    def forgive(self) -> None:
        """Let everything pass from now on."""
        self._plans.clear()
        if self._refusing:
            self._refusing = False
            self._listen(self._own_port)

    def refuse(self) -> None:
        """Refuse connections until ``forgive``, as a server that is down."""
        if not self._refusing:
            self._refusing = True
            self._hang_up()

    def answer_instead(self, request: str, status: int, body: bytes, *, times: int) -> None:
        """Answer by itself; the server does not hear of the request."""
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        self._plans.append(_Plan(request.encode(), times, answer=head.encode() + body))

    def cut_after(self, request: str, count: int, *, times: int) -> None:
        """Reset the connection when so many bytes of the answer have passed."""
        self._plans.append(_Plan(request.encode(), times, cut_after=count))

    def lose_answer(self, request: str) -> None:
        """Let the next one through, and reset the connection instead of handing on its answer."""
        self._plans.append(_Plan(request.encode(), 1, loses=True))

    def stall(self, request: str, *, times: int = 99) -> None:
        """Never answer."""
        self._plans.append(_Plan(request.encode(), times, stalls=True))

    def _listen(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _hang_up(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._port)) as server:
            try:
                self._exchange(client, server)
            except OSError:
                return  # one of the two has hung up

    def _exchange(self, client: socket.socket, server: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(PIECE)
            if not piece:
                return
            head += piece
        top, _, body = head.partition(b"\r\n\r\n")
        lines = [line for line in top.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        plan = next((plan for plan in self._plans if plan.times and top.startswith(plan.request)), None)
        if plan is not None:
            plan.times -= 1
            if plan.stalls:
                self._closing.wait(30)
                return
        server.sendall(
            b"\r\n".join([*lines, b"Connection: close", b"", b""]) if not _has_answer(plan) else b""
        )
        threading.Thread(target=self._upstream, args=(client, server, body, plan), daemon=True).start()
        if plan is not None and plan.answer is not None:
            client.sendall(plan.answer)
            client.shutdown(socket.SHUT_WR)
            return
        left = plan.cut_after if plan is not None else None
        while piece := server.recv(PIECE):
            if plan is not None and plan.loses:
                if piece.startswith(b"HTTP/1.1 100 "):
                    client.sendall(piece)  # the request has not come yet
                    continue
                left = 0
            if left is not None and left < len(piece):
                client.sendall(piece[:left])
                _reset(client)
                return
            left = None if left is None else left - len(piece)
            self.sent += len(piece)
            client.sendall(piece)

    def _upstream(
        self, client: socket.socket, server: socket.socket, body: bytes, plan: _Plan | None
    ) -> None:
        try:
            while True:
                if body and not _has_answer(plan):
                    server.sendall(body)
                body = client.recv(PIECE)
                if not body:
                    return
        except OSError:
            return  # one of the two has hung up


def _reset(client: socket.socket) -> None:
    # No lingering: the other side gets a reset, as from a router that forgot the connection.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def _has_answer(plan: _Plan | None) -> bool:
    return plan is not None and plan.answer is not None
