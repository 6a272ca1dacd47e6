"""Status polls of each family, one core, while two encodes run and 10,000 jobs of each family are there.

``python -m benchmarks.load_polling [--seconds N]``: a real server on a core of its own, every request
shows its key; two exports encode on the other cores, where the client runs too (before them: it has to keep
up). Every request asks for another job. Prints a Markdown table; the promise is 2,000 a second, p99 40 ms, no
error.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from tests.support.cameras import Camera, make_camera
from tests.support.exports import Exports, config, segment
from tests.support.server import Server, running_server

from benchmarks import load_rows
from benchmarks.load_client import Answers, poll
from benchmarks.serving import cpu_seconds, pin
from videocraft.core.database import Database
from videocraft.core.database.migrate import migrate

KEY = "benchmark-key"
ENCODES = 2
GOAL, GOAL_MS = 2000, 40
BEHIND = 19
"""How nice the encodes are beside the client."""


def measure(server: Server, paths: Sequence[str], seconds: float) -> tuple[Answers, float]:
    """The answers, and how many there were for each second of the server's processor time."""
    cpu = cpu_seconds(server.process.pid)
    found = poll(server.address, paths, seconds, headers=f"Authorization: Bearer {KEY}\r\n")
    return found, len(found.milliseconds) / (cpu_seconds(server.process.pid) - cpu)


def start_encodes(server: Server, folder: Path) -> tuple[Exports, list[str]]:
    """Exports that outlast the measurement; their ids."""
    camera: Camera = make_camera(server.media / "camera.mp4", seconds=Fraction(30), size=(640, 360))
    exports = Exports(server, folder)
    segments = [segment(0, 0, 30) for _ in range(40)]
    ids = [
        exports.submit(config([camera], segments, codec="h265", quality="very_high")) for _ in range(ENCODES)
    ]
    for job_id in ids:
        exports.wait(job_id, "processing")
    return exports, ids


def separate(server: Server) -> None:
    """The server's process on the first core, everybody else on the others."""
    cores = sorted(os.sched_getaffinity(0))
    pin(server.process.pid, cores[:1])
    pin(os.getpid(), cores[1:] or cores)
    for pid in [*server.workers(), *server.media_processes()]:
        # A probe may have ended by now.
        with suppress(OSError):
            pin(pid, cores[1:] or cores)
            os.setpriority(os.PRIO_PROCESS, pid, BEHIND)
            # Each media process has a session of its own, and Linux shares the time between sessions first.
            Path(f"/proc/{pid}/autogroup").write_text(f"{BEHIND}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the table to standard output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load_polling", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="for each family")
    parser.add_argument("--jobs", type=int, default=load_rows.JOBS, help="of each family")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data_dir = folder / "data"
        data_dir.mkdir()
        database = Database(f"sqlite:///{data_dir / 'videocraft.db'}")
        migrate(database)
        load_rows.fill(database, options.jobs)
        database.dispose()
        settings = {
            "VIDEOCRAFT_API_KEY": KEY,
            "VIDEOCRAFT_OPEN_APIS": "",
            "VIDEOCRAFT_RATE_LIMIT": "0",
            "VIDEOCRAFT_LOG_LEVEL": "info",
        }
        with running_server(data_dir, workers=ENCODES, environment=settings) as server:
            server.http.headers["Authorization"] = f"Bearer {KEY}"
            exports, ids = start_encodes(server, folder)
            separate(server)
            print(f"{options.jobs} jobs of each family, {len(server.media_processes())} media processes")
            print("| family | a second | a second of CPU | p50 ms | p99 ms | errors |")
            print("| --- | ---: | ---: | ---: | ---: | ---: |")
            for family, paths in load_rows.polled_paths(options.jobs):
                found, of_cpu = measure(server, paths, options.seconds)
                figures = f"{found.a_second:.0f} | {of_cpu:.0f} | {found.percentile(0.5):.1f}"
                print(
                    f"| {family} | {figures} | {found.percentile(0.99):.1f} | {len(found.errors)} |",
                    flush=True,
                )
                assert not found.errors, found.errors[0]
            for job_id in ids:
                assert exports.status(job_id)["status"] == "processing", "the encodes ended too soon"
                server.http.delete(f"/api/export/{job_id}")
    print(f"Goal: {GOAL} a second, p99 {GOAL_MS} ms, no error.")


if __name__ == "__main__":
    main()
