"""Three hundred WebSockets on one session while ten events a second happen, and one reader that stalls.

``python -m benchmarks.load_sockets [--sockets N] [--seconds N] [--rate N]``: a real server on a core of its
own. Events are written by another process, as workers write them. Prints the delay from the writing of
an event to its arrival at a reader, whether anybody missed one, and how much memory the server took beyond
what it had before the first connection. The promise: p95 100 ms, no gap, 100 MB.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import selectors
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr
from tests.support.memory import MemorySampler, memory
from tests.support.server import Server, running_server

from benchmarks.serving import cpu_seconds, pin
from videocraft.apis.sessions import stream
from videocraft.apis.sessions.service import jobs_of
from videocraft.services import Services
from videocraft.settings import Settings

KEY = "benchmark-key"
KIND = "sync.computing"
SETTLE_SECONDS = 20.0
_AT, _SEQ = re.compile(rb'"at":([0-9.]+)'), re.compile(rb'"seq":([0-9]+)')


@dataclass
class Heard:
    """What all readers together have received."""

    milliseconds: list[float] = field(default_factory=list)
    gaps: int = 0
    ended: int = 0
    """Readers that heard everything."""

    def percentile(self, share: float) -> float:
        """Milliseconds that ``share`` (0-1) of the events took at most."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def write_events(data_dir: str, session_id: str, count: int, rate: float, size: int) -> None:
    """In a process of its own: events of ``size`` bytes, ``rate`` of them a second."""
    services = Services.open(Settings(data_dir=Path(data_dir), api_key=SecretStr(KEY)))
    begun = time.monotonic()
    for number in range(1, count + 1):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        with jobs_of(services).transaction() as session:
            data = {"progress": number / count, "at": time.time(), "note": "x" * size}
            stream.announce(session, session_id, KIND, data)
    services.close()


class Reader:
    """One connection, read without any library: three hundred of them have to keep up on one core."""

    def __init__(self, url: str, *, receive_bytes: int = 0) -> None:
        where = urlsplit(url)
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.connect((where.hostname, where.port))
        lines = [f"GET {where.path} HTTP/1.1", f"Host: {where.netloc}", f"Authorization: Bearer {KEY}"]
        lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        lines += ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        self.seq = 0
        self.heard = 0
        self._data = b""

    def shake_hands(self) -> None:
        """Read the answer and the state that comes first."""
        while b"\r\n\r\n" not in self._data:
            self._data += self.socket.recv(65536)
        head, _, self._data = self._data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        while not any(text.startswith(b'{"event":"session.state"') for text in self._frames()):
            self._data += self.socket.recv(65536)

    def receive(self, found: Heard) -> None:
        """Take in what has come."""
        self._data += self.socket.recv(262_144)
        now = time.time()
        for text in self._frames():
            at, seq = _AT.search(text), _SEQ.search(text)
            if at and seq:
                found.milliseconds.append((now - float(at[1])) * 1000)
                found.gaps += int(seq[1]) != self.seq + 1
                self.seq = int(seq[1])
                self.heard += 1

    def _frames(self) -> Iterator[bytes]:
        """Whole unmasked frames (RFC 6455, 5.2); a ping needs no answer within a measurement."""
        while len(self._data) >= 4:
            length, start = self._data[1] & 0x7F, 2
            if length == 126:
                length, start = int.from_bytes(self._data[2:4], "big"), 4
            if len(self._data) < start + length:
                return
            yield self._data[start : start + length]
            self._data = self._data[start + length :]


def measure(server: Server, session_id: str, options: argparse.Namespace) -> Heard:
    """Connect everybody, let the events happen, and wait until all have heard them."""
    url = f"{server.address.replace('http', 'ws')}/v2/sessions/{session_id}/events"
    count = int(options.seconds * options.rate)
    found = Heard()
    asleep = Reader(url, receive_bytes=4096)
    readers = [Reader(url) for _ in range(options.sockets - 1)]
    waiting = selectors.DefaultSelector()
    for reader in readers:
        reader.shake_hands()
        waiting.register(reader.socket, selectors.EVENT_READ, reader)
    arguments = (str(server.data_dir), session_id, count, options.rate, options.bytes)
    writer = multiprocessing.get_context("spawn").Process(target=write_events, args=arguments)
    writer.start()
    deadline = time.monotonic() + options.seconds + SETTLE_SECONDS
    while time.monotonic() < deadline and any(reader.heard < count for reader in readers):
        for key, _ in waiting.select(timeout=0.5):
            key.data.receive(found)
    writer.join()
    for reader in (asleep, *readers):
        reader.socket.close()
    found.ended = sum(reader.heard == count for reader in readers)
    return found


CORES = sorted(os.sched_getaffinity(0))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the figures to standard output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load_sockets", description=__doc__)
    parser.add_argument("--sockets", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=10.0, help="events a second")
    parser.add_argument("--bytes", type=int, default=2000, help="of each event")
    options = parser.parse_args(arguments)
    pin(os.getpid(), CORES[1:] or CORES)
    with tempfile.TemporaryDirectory() as name:
        settings = {"VIDEOCRAFT_API_KEY": KEY}
        with running_server(Path(name) / "data", workers=0, environment=settings) as server:
            pin(server.process.pid, CORES[:1])
            server.http.headers["Authorization"] = f"Bearer {KEY}"
            made = server.http.post(
                "/v2/sessions", json={"title": "Load", "date": "2026-02-03", "projectId": "load"}
            )
            before = memory(server.process.pid).total
            cpu = cpu_seconds(server.process.pid)
            with MemorySampler(server.process.pid) as sampler:
                heard = measure(server, made.json()["id"], options)
            cpu = (cpu_seconds(server.process.pid) - cpu) / options.seconds
    load = f"{options.rate:g} events of {options.bytes} bytes a second"
    print(f"{options.sockets} sockets, one of them stalled; {load}")
    print(f"arrived: {len(heard.milliseconds)}, gaps: {heard.gaps}, readers that heard all: {heard.ended}")
    figures = ", ".join(
        f"p{share * 100:g} {heard.percentile(share):.1f} ms" for share in (0.5, 0.95, 0.99, 1.0)
    )
    print(f"delay: {figures}")
    print(
        f"server: +{(sampler.peak.total - before) / 1e6:.1f} MB over {before / 1e6:.1f} MB, {cpu:.2f} cores"
    )


if __name__ == "__main__":
    main()
