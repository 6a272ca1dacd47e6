"""Jobs on the embedded queue: how many trivial ones a second live their whole life, and how soon one starts.

``python -m benchmarks.jobs [jobs] [workers]``; run it while the machine does nothing else. Beside each figure
stands a measure of the disk: a commit with ``synchronous=FULL`` waits for it, and a job has three of them.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from videocraft.apis import task_modules
from videocraft.core.jobs import JobsService, submit
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.registry import handler, load_handlers
from videocraft.core.jobs.runner import Worker
from videocraft.services import Services
from videocraft.settings import Settings

BATCH = 50
"""Jobs of one transaction where many are queued at once."""
LATENCY_JOBS = 200
COMMITS = 300


@handler("bench.trivial")
def trivial(payload: Mapping[str, Any], _context: JobContext) -> Mapping[str, Any]:
    """Notes when it runs."""
    return {"asked": payload["asked"], "ran": time.time()}


def run_worker(data_dir: str, name: str) -> None:
    """A worker process until SIGTERM."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    settings = Settings(data_dir=Path(data_dir))
    services = Services.open(settings)
    load_handlers(task_modules())
    Worker(settings, services.database, services.storage, services.dispatcher, name).run()
    services.close()


@contextmanager
def workers(data_dir: Path, count: int) -> Iterator[None]:
    """Worker processes, stopped in the end."""
    made = [
        get_context("spawn").Process(target=run_worker, args=(str(data_dir), f"w{number}"))
        for number in range(count)
    ]
    for process in made:
        process.start()
    try:
        yield
    finally:
        for process in made:
            process.terminate()
        for process in made:
            process.join(30)


def commits_a_second(folder: Path) -> float:
    """What SQLite does on this disk: transactions of one row, synchronous=FULL, WAL."""
    connection = sqlite3.connect(folder / "probe.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE probe (value INTEGER)")
    started = time.perf_counter()
    for value in range(COMMITS):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO probe VALUES (?)", (value,))
        connection.execute("COMMIT")
    connection.close()
    return COMMITS / (time.perf_counter() - started)


def ask(jobs: JobsService, count: int) -> list[str]:
    """Queue jobs in one transaction; their ids."""
    with jobs.transaction() as session:
        return [
            submit(session, family="bench", kind="bench.trivial", payload={"asked": time.time()}).id
            for _ in range(count)
        ]


def wait(jobs: JobsService, job_id: str) -> Mapping[str, Any]:
    """The result of a job that must succeed."""
    job = jobs.wait_until_terminal(job_id, 300)
    assert job is not None
    assert job.result is not None, (job.state, job.error_message)
    return job.result


def throughput(jobs: JobsService, count: int, batch: int) -> float:
    """Jobs a second from the first submission to the end of the last one."""
    started = time.perf_counter()
    ids: list[str] = []
    while len(ids) < count:
        ids += ask(jobs, min(batch, count - len(ids)))
    for job_id in ids[-BATCH:]:
        wait(jobs, job_id)
    return count / (time.perf_counter() - started)


def latencies(jobs: JobsService) -> list[float]:
    """Milliseconds from a submission, before its commit, to the handler's first line; idle workers."""
    found = []
    for _ in range(LATENCY_JOBS):
        (job_id,) = ask(jobs, 1)
        result = wait(jobs, job_id)
        found.append((result["ran"] - result["asked"]) * 1000)
    return found


def main(count: int = 2000, worker_count: int = 2) -> None:
    """Measure and print a Markdown table."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        services = Services.open(Settings(data_dir=data_dir))
        jobs = JobsService(services.database, services.dispatcher)
        disk = commits_a_second(Path(folder))
        with workers(data_dir, worker_count):
            for job_id in ask(jobs, worker_count):
                wait(jobs, job_id)
            single = throughput(jobs, count, 1)
            batched = throughput(jobs, count, BATCH)
            delays = sorted(latencies(jobs))
        services.close()
    print(f"{worker_count} workers, {count} jobs, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("| what | figure | / commits of the disk |")
    print("| --- | ---: | ---: |")
    print(f"| commits of one row a second | {disk:.0f} | 1 |")
    print(f"| whole lives a second, one submission a commit | {single:.0f} | {single / disk:.2f} |")
    print(f"| whole lives a second, {BATCH} submissions a commit | {batched:.0f} | {batched / disk:.2f} |")
    p95 = delays[int(0.95 * len(delays))]
    print(f"| start, median | {statistics.median(delays):.1f} ms | |")
    print(f"| start, 95 of 100 | {p95:.1f} ms | |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
