"""Three hundred WebSockets on one session while ten events a second happen, and one reader that stalls.

``python -m benchmarks.load_sockets [--sockets N] [--seconds N] [--rate N]``: a real server on a core of its
own. Events are written by another process, as workers write them. Prints the delay from the writing of
an event to its arrival at a reader, whether anybody missed one, and how much memory the server took beyond
what it had before the first connection. The promise: p95 100 ms, no gap, 100 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr
from tests.support.memory import MemorySampler, memory
from tests.support.server import Server, running_server
from websockets.asyncio.client import connect

from benchmarks.serving import cpu_seconds, pin
from videocraft.apis.sessions import stream
from videocraft.apis.sessions.service import jobs_of
from videocraft.services import Services
from videocraft.settings import Settings

KEY = "benchmark-key"
KIND = "sync.computing"
SETTLE_SECONDS = 20.0


@dataclass
class Heard:
    """What all readers together have received."""

    milliseconds: list[float] = field(default_factory=list)
    gaps: int = 0
    readers: int = 0
    ended: int = 0

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


async def listen(url: str, count: int, heard: Heard) -> None:
    """Read ``count`` events of one connection."""
    headers = {"Authorization": f"Bearer {KEY}"}
    async with connect(url, additional_headers=headers, proxy=None, compression=None) as opened:
        before = json.loads(await opened.recv())["seq"]
        heard.readers += 1
        for _ in range(count):
            event = json.loads(await opened.recv())
            heard.milliseconds.append((time.time() - event["at"]) * 1000)
            heard.gaps += event["seq"] != before + 1
            before = event["seq"]
    heard.ended += 1


def stalled(url: str) -> socket.socket:
    """A connection whose other end never reads."""
    where = urlsplit(url)
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.connect((where.hostname, where.port))
    lines = [f"GET {where.path} HTTP/1.1", f"Host: {where.netloc}", "Upgrade: websocket"]
    lines += [
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ]
    lines += [f"Authorization: Bearer {KEY}", "", ""]
    opened.sendall("\r\n".join(lines).encode())
    assert opened.recv(12) == b"HTTP/1.1 101"
    return opened


async def measure(server: Server, session_id: str, options: argparse.Namespace) -> Heard:
    """Connect everybody, let the events happen, and wait until all have heard them."""
    url = f"{server.address.replace('http', 'ws')}/v2/sessions/{session_id}/events"
    count = int(options.seconds * options.rate)
    heard = Heard()
    asleep = stalled(url)
    async with asyncio.timeout(options.seconds + SETTLE_SECONDS), asyncio.TaskGroup() as tasks:
        for _ in range(options.sockets - 1):
            tasks.create_task(listen(url, count, heard))
        while heard.readers < options.sockets - 1:  # noqa: ASYNC110 - nothing else goes on meanwhile
            await asyncio.sleep(0.05)
        arguments = (str(server.data_dir), session_id, count, options.rate, options.bytes)
        writer = multiprocessing.get_context("spawn").Process(target=write_events, args=arguments)
        writer.start()
        pin(server.process.pid, CORES[:1])
    writer.join()
    asleep.close()
    return heard


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
                heard = asyncio.run(measure(server, made.json()["id"], options))
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
