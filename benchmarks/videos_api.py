"""How soon the videos family answers with 10,000 jobs in its database, and how often it can be polled.

``python -m benchmarks.videos_api [--database sqlite|postgresql|both]``: a real server without workers, one
client on one kept connection. Prints a Markdown table with the median and the 95th percentile of each route
in milliseconds, and the server's own processor time for it, which says more on a machine that does other
things too; then the status requests that one core answers in a second. The PostgreSQL is as it is installed:
it waits for the disk at every commit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
from tests.support.postgres import running_postgres
from tests.support.server import Server, running_server

from benchmarks.serving import cpu_seconds, status_rate
from videocraft.core.database import Database
from videocraft.core.database.migrate import migrate
from videocraft.core.database.models import Job, JobTotal, Video

JOBS = 10_000
REQUESTS = 100
STATUS_SECONDS = 5.0
KEY = "benchmark-key"
# As a state would be found in life: most have ended, a few wait.
STATES = ("completed",) * 90 + ("failed",) * 5 + ("cancelled",) * 3 + ("queued", "queued")
TARGET_MS = 20.0

ROUTES = (
    "/api/v1/videos",
    "/api/v1/videos?status=completed&limit=100&offset=9000",
    "/api/v1/videos?created_after=2024-06-01T00:00:00Z&limit=10",
    "/api/v1/jobs",
    "/api/v1/jobs?status=completed&limit=100",
    "/api/v1/jobs?status=failed&limit=20",
    "/api/v1/jobs?limit=100&offset=9900",
    f"/api/v1/jobs/{UUID(int=0)}",
    f"/api/v1/jobs/{UUID(int=0)}/status",
    "/health",
    "/live",
    "/ready",
    "/health/detailed",
    "/metrics",
)


def job_id_of(number: int) -> str:
    """A job's id."""
    return str(UUID(int=number))


def fill(database: Database, count: int = JOBS) -> None:
    """Jobs with configurations of some 3 kB, and the films of those that were completed."""
    scene = {"elements": [{"type": "audio", "src": f"https://example.com/{'a' * 200}.mp3"}]}
    config: dict[str, Any] = {"scenes": [scene] * 10, "elements": [{"type": "subtitles"}]}
    begun = time.time() - 2 * 86400
    with database.write() as session:
        for number in range(count):
            session.add(_job(number, STATES[number % len(STATES)], begun + 10 * number, config))
            if STATES[number % len(STATES)] == "completed":
                session.add(_video(number, begun + 10 * number, config))
        session.add(JobTotal(family="videos", state="completed", bucket=4, jobs=count, seconds=30.0 * count))


def _job(number: int, state: str, at: float, config: dict[str, Any]) -> Job:
    has_ended = state in {"completed", "failed", "cancelled"}
    result = {"video_id": f"video_{number}", "file_size": 1, "duration": 1.0}
    return Job(
        id=job_id_of(number),
        family="videos",
        kind="videos.generate",
        state=state,
        payload={"config": config, "video_id": f"video_{number}", "warnings": []},
        result=result if state == "completed" else None,
        error_code="FFMPEG_FAILED" if state == "failed" else None,
        error_message="FFmpeg failed." if state == "failed" else None,
        owner="key_configured",
        created_at=at,
        updated_at=at,
        started_at=at if has_ended else None,
        completed_at=at + 30 if has_ended else None,
    )


def _video(number: int, at: float, config: dict[str, Any]) -> Video:
    return Video(
        id=f"video_{number}",
        job_id=job_id_of(number),
        version=1,
        prefix=f"videos/video_{number}/1",
        file_size=1,
        duration=1.0,
        width=1920,
        height=1080,
        framerate=30.0,
        has_audio=True,
        subtitle_tracks=[],
        processing_stats={},
        config=config,
        owner="key_configured",
        created_at=at,
        completed_at=at + 30,
    )


def _milliseconds(http: httpx.Client, path: str) -> list[float]:
    found = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        answer = http.get(path)
        found.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, (path, answer.text)
    return found


def _table(server: Server) -> Iterator[str]:
    yield f"| route ({JOBS} jobs) | median ms | p95 ms | server CPU ms | |"
    yield "|---|---|---|---|---|"
    server.http.headers["Authorization"] = f"Bearer {KEY}"
    for path in ROUTES:
        cpu = cpu_seconds(server.process.pid)
        found = _milliseconds(server.http, path)
        cpu = (cpu_seconds(server.process.pid) - cpu) * 1000 / REQUESTS
        p95 = statistics.quantiles(found, n=20)[-1]
        verdict = "" if p95 <= TARGET_MS else f"more than {TARGET_MS:.0f}"
        yield f"| `{path}` | {statistics.median(found):.2f} | {p95:.2f} | {cpu:.1f} | {verdict} |"


@contextmanager
def filled(backend: str, folder: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """A data directory whose database has the jobs, and the settings that lead to it."""
    data_dir = folder / "data"
    data_dir.mkdir()
    if backend == "sqlite":
        _fill(f"sqlite:///{data_dir / 'videocraft.db'}")
        yield data_dir, {}
        return
    with running_postgres(durable=True) as postgres:
        url = postgres.make_database()
        _fill(url.replace("postgresql://", "postgresql+psycopg://"))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")  # autovacuum does so within a minute of such a change
        yield data_dir, {"VIDEOCRAFT_DATABASE_URL": url}


def _fill(url: str) -> None:
    database = Database(url)
    migrate(database)
    fill(database)
    database.dispose()


def report(backend: str) -> Iterator[str]:
    """The table of one kind of database."""
    with tempfile.TemporaryDirectory() as folder, filled(backend, Path(folder)) as (data_dir, settings):
        environment = {"VIDEOCRAFT_API_KEY": KEY, "VIDEOCRAFT_RATE_LIMIT": "100000000", **settings}
        with running_server(data_dir, workers=0, environment=environment) as server:
            yield f"### {backend}, load {os.getloadavg()[0]:.1f}\n"
            yield from _table(server)
            path = f"/api/v1/jobs/{job_id_of(0)}/status"
            rate, cpu_rate = status_rate(server, path, STATUS_SECONDS, f"Authorization: Bearer {KEY}\r\n")
            yield f"\nStatus requests a second, one core: {rate:.0f}; for each CPU second: {cpu_rate:.0f}\n"


def main() -> None:
    """Fill databases, start a server on each, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    chosen = parser.parse_args().database
    for backend in ("sqlite", "postgresql") if chosen == "both" else (chosen,):
        for line in report(backend):
            print(line, flush=True)


if __name__ == "__main__":
    main()
