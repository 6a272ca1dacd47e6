"""Uploads measured against the disk: the same bytes written and synced by themselves, in the same run.

``python -m benchmarks.uploads [--megabytes 2048] [--connections 3] [--runs 3] [--folder FOLDER]`` writes
Markdown. A real server takes the parts through the URLs that it signed, over as many connections as asked
for; the time runs from the first byte sent to the answer of ``complete``, when the file is on the disk under
its name. The disk's own time is that of one process that writes as many bytes one after the other, a MiB at a
time, and syncs the file in the end. The promises: at least 0.8 times the disk's speed, and at most 64 MB more
memory than the idle server has.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from tests.support.memory import MemorySampler, memory
from tests.support.server import Server, running_server

_KEY = "benchmark-key"
_HEADERS = {"Authorization": f"Bearer {_KEY}"}
_MIB = 2**20
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Uploaded:
    """One upload of the whole file."""

    seconds: float
    complete_seconds: float
    """Of them, for joining the parts."""
    cpu_seconds: float
    """Of the server."""
    more_bytes: int
    """The server's memory at its highest, above what it held before."""


def write_alone(folder: Path, size: int) -> float:
    """Seconds to write so many bytes to the disk and have them there."""
    path = folder / "alone"
    block = os.urandom(_MIB)
    started = time.monotonic()
    with path.open("wb", buffering=0) as file:
        for _ in range(size // _MIB):
            file.write(block)
        os.fsync(file.fileno())
    seconds = time.monotonic() - started
    path.unlink()
    _settle()
    return seconds


def upload(server: Server, size: int, connections: int) -> Uploaded:
    """Send a file of random bytes in parts, several at a time, and complete it."""
    session = _answer(server.http.post("/v2/sessions", json=_SESSION, headers=_HEADERS))
    address = f"/v2/sessions/{session['id']}"
    begun = _answer(
        server.http.post(
            f"{address}/assets/init-upload", json={**_CAMERA, "sizeBytes": size}, headers=_HEADERS
        )
    )
    urls = [part["uploadUrl"] for part in begun["parts"]]
    lengths = [min(begun["partSizeBytes"], size - n * begun["partSizeBytes"]) for n in range(len(urls))]
    # Processes that are there already, so that neither their start nor their interpreter is measured.
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(connections, spawning, _prepare, (max(lengths),)) as pool:
        list(pool.map(time.sleep, [0.3] * connections))
        used = _cpu_seconds(server.process.pid)
        held = memory(server.process.pid).anonymous
        # Looking takes a hundredth of a second of processor: more often would slow down what is measured.
        with MemorySampler(server.process.pid, 0.25) as during:
            started = time.monotonic()
            etags = list(pool.map(_send, urls, lengths))
            sent = time.monotonic()
            parts = [{"partNumber": number, "etag": etag} for number, etag in enumerate(etags, 1)]
            body = {"uploadId": begun["uploadId"], "parts": parts}
            _answer(
                server.http.post(f"{address}/assets/{begun['assetId']}/complete", json=body, headers=_HEADERS)
            )
            ended = time.monotonic()
        used = _cpu_seconds(server.process.pid) - used
    server.http.delete(address, headers=_HEADERS).raise_for_status()
    _settle()
    return Uploaded(ended - started, ended - sent, used, during.peak.anonymous - held)


_SESSION = {"title": "Benchmark", "date": "2026-11-21", "projectId": "benchmark"}
_CAMERA = {"cameraLabel": "A", "filename": "a.mp4", "contentType": "video/mp4"}
_content: BinaryIO | None = None
_connections: dict[str, http.client.HTTPConnection] = {}


def _prepare(length: int) -> None:
    global _content  # noqa: PLW0603 -- of one sending process, which lives as long as the upload
    _content = tempfile.TemporaryFile()  # noqa: SIM115 -- open as long as the process lives
    _content.write(os.urandom(length))
    _content.flush()


def _send(url: str, length: int) -> str:
    parts = urlsplit(url)
    connection = _connections.setdefault(parts.netloc, http.client.HTTPConnection(parts.netloc, timeout=300))
    connection.putrequest("PUT", f"{parts.path}?{parts.query}")
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    if connection.sock is None or _content is None:
        raise RuntimeError("there is nothing to send, or nobody to send it to")
    # From the page cache by the kernel: senders should take as little as they can of the server's machine.
    connection.sock.sendfile(_content, 0, length)
    response = connection.getresponse()
    text = response.read()
    if response.status != http.HTTPStatus.OK:
        raise RuntimeError(f"a part was answered {response.status}: {text[:500]!r}")
    return response.headers["ETag"]


def _answer(response: Any) -> Mapping[str, Any]:
    response.raise_for_status()
    body: Mapping[str, Any] = response.json()
    return body


def _cpu_seconds(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / _TICKS


def _settle() -> None:
    """Nothing that one way left to be written may slow down the next."""
    os.sync()


def report(size: int, connections: int, runs: int, folder: Path) -> Iterator[str]:
    """The lines of the report, as they are measured: the ways in turn, so that both meet the same disk."""
    alone: list[float] = []
    ours: list[Uploaded] = []
    yield f"{size / 1e6:.0f} MB, {connections} connections, {os.cpu_count()} cores; {runs} runs of each."
    yield ""
    yield "| way | seconds | MB/s | of the disk's own | complete | server CPU | more memory |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    environment = {"VIDEOCRAFT_API_KEY": _KEY}
    with running_server(folder / "data", workers=0, environment=environment) as server:
        upload(server, 64 * _MIB, connections)  # what is imported and allocated once
        for _ in range(runs):
            alone.append(write_alone(folder, size))
            yield f"| write and sync | {alone[-1]:.2f} | {size / alone[-1] / 1e6:.0f} | 1.00 | | | |"
            one = upload(server, size, connections)
            ours.append(one)
            speed = size / one.seconds / 1e6
            yield (
                f"| upload | {one.seconds:.2f} | {speed:.0f} | {alone[-1] / one.seconds:.2f} "
                f"| {one.complete_seconds:.2f} s | {one.cpu_seconds:.1f} s | {one.more_bytes / 1e6:.0f} MB |"
            )
    yield ""
    share = statistics.median(alone) / statistics.median(one.seconds for one in ours)
    memory = max(one.more_bytes for one in ours) / 1e6
    yield f"Medians: {share:.2f} x the disk's own speed (goal 0.8); at most {memory:.0f} MB more (goal 64)."


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the report to standard output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.uploads", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2048, help="size of the file, in MiB")
    parser.add_argument("--connections", type=int, default=3)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(".benchmarks"), help="on the disk to be measured")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    working = Path(tempfile.mkdtemp(dir=options.folder.absolute(), prefix="uploads-"))
    try:
        for line in report(options.megabytes * _MIB, options.connections, options.runs, working):
            print(line, flush=True)
    finally:
        shutil.rmtree(working)


if __name__ == "__main__":
    main()
