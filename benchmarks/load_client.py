"""A client that asks over kept connections as fast as it is answered, and notes how long each answer took."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Answers:
    """What came back; ``milliseconds`` has one entry for each answer."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    """The beginnings of answers that were no 200."""

    @property
    def a_second(self) -> float:
        """Answers in each second."""
        return len(self.milliseconds) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds that ``share`` (0-1) of the answers took at most."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def poll(
    address: str, paths: Sequence[str], seconds: float, *, headers: str = "", connections: int = 16
) -> Answers:
    """Ask for ``paths`` in turn; each connection sends its next request when the last one is answered.

    Args:
        headers: further lines of each request, each with its line end.
    """
    where = urlsplit(address)
    assert where.hostname
    assert where.port
    requests = [f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\n{headers}\r\n".encode() for path in paths]
    waiting = selectors.DefaultSelector()
    found = Answers()
    sent = 0

    def ask(connection: socket.socket) -> None:
        nonlocal sent
        begun[connection] = time.perf_counter()
        partial[connection] = b""
        connection.sendall(requests[sent % len(requests)])
        sent += 1

    begun: dict[socket.socket, float] = {}
    partial: dict[socket.socket, bytes] = {}
    started = time.perf_counter()
    for _ in range(connections):
        one = socket.create_connection((where.hostname, where.port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        waiting.register(one, selectors.EVENT_READ)
        ask(one)
    while time.perf_counter() < started + seconds:
        for key, _ in waiting.select(timeout=1):
            one = key.fileobj  # type: ignore[assignment]  # only sockets were registered
            partial[one] += one.recv(262_144)
            if _is_whole(partial[one]):
                found.milliseconds.append((time.perf_counter() - begun[one]) * 1000)
                if not partial[one].startswith(b"HTTP/1.1 200"):
                    found.errors.append(partial[one][:300])
                ask(one)
    found.seconds = time.perf_counter() - started
    for one in partial:
        one.close()
    return found


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return bool(end) and length is not None and len(body) >= int(length[1])
