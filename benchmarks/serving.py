"""The server's own numbers: how soon it answers after its start, and how many status requests it serves."""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.exports import Exports, config, segment
from tests.support.server import Server, running_server

from benchmarks.load_client import poll
from benchmarks.material import Cut

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Serving:
    """What was measured of the server."""

    first_start_seconds: float
    """From the start of ``serve`` in an empty data directory to its first answer."""
    next_start_seconds: float
    """The same in a data directory that is there; median of three."""
    statuses_a_second: float
    """Answers of the status route while an export runs, on one core, over sixteen connections."""
    statuses_a_cpu_second: float
    """The same for each second of processor time that the server used: free of what else ran."""


def serve(cut: Cut, working: Path, seconds: float) -> Serving:
    """Start servers, then ask one of them for a running export's status for ``seconds``."""
    data_dir = working / "data"
    starts = [_start_seconds(data_dir) for _ in range(4)]
    with running_server(data_dir) as server:
        exports = Exports(server, working)
        job_id = exports.submit(_long_export(cut, server.media))
        exports.wait(job_id, "processing")
        rate, cpu_rate = status_rate(server, f"/api/export/{job_id}/status", seconds)
        exports.wait(job_id, "processing")
        server.http.delete(f"/api/export/{job_id}")
    return Serving(starts[0], statistics.median(starts[1:]), rate, cpu_rate)


def _start_seconds(data_dir: Path) -> float:
    started = time.monotonic()
    with running_server(data_dir) as server:
        assert server.http.get("/live").status_code == 200
        return time.monotonic() - started


def _long_export(cut: Cut, media: Path) -> dict[str, object]:
    """An encode that lasts longer than the measurement."""
    for camera in cut.cameras:
        shutil.copyfile(camera.path, media / camera.path.name)
    length = int(cut.cameras[0].seconds)
    segments = [segment(index % len(cut.cameras), 0, length) for index in range(8)]
    return config(cut.cameras, segments, codec="h265", quality="very_high")


def status_rate(server: Server, path: str, seconds: float, headers: str = "") -> tuple[float, float]:
    """(answers a second, answers a second of the server's CPU time), the server on a core of its own.

    Args:
        headers: further lines of each request, each with its line end.
    """
    cores = sorted(os.sched_getaffinity(0))
    pids = [server.process.pid, *server.workers(), *server.media_processes()]
    before = [(pid, os.sched_getaffinity(pid)) for pid in pids]
    try:
        for pid in pids:
            # Not on the server's core: everything else, this client included.
            pin(pid, cores[:1] if pid == server.process.pid else cores[1:] or cores)
        pin(os.getpid(), cores[1:] or cores)
        cpu = cpu_seconds(server.process.pid)
        found = poll(server.address, [path], seconds, headers=headers)
        assert not found.errors, found.errors[0]
        return found.a_second, len(found.milliseconds) / (cpu_seconds(server.process.pid) - cpu)
    finally:
        pin(os.getpid(), cores)
        for pid, affinity in before:
            pin(pid, sorted(affinity))


def pin(pid: int, cores: Sequence[int]) -> None:
    """Let all threads of a process run on some cores only; one that has ended needs none."""
    try:
        threads = [int(entry.name) for entry in Path(f"/proc/{pid}/task").iterdir()]
    except FileNotFoundError:
        return
    for thread in threads:
        try:
            os.sched_setaffinity(thread, cores)
        except ProcessLookupError:
            continue


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
