"""How many trivial jobs a second live their whole life, and how soon one starts, on either queue.

A life is: submitted, claimed, run, completed, with its events, on SQLite with synchronous=FULL. Beside each
figure stand the goal and a measure of the disk, for which every commit waits.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import select
from tests.support.redis_server import running_redis

from videocraft.apis import task_modules
from videocraft.commands.worker import work
from videocraft.core.database.models import Job
from videocraft.core.jobs import JobsService, submit
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.registry import handler, load_handlers
from videocraft.services import Services
from videocraft.settings import Settings

LIVES_GOAL = 300
START_GOAL_MS = {"embedded": 20, "celery": 50}
BATCH = 50
"""Jobs of one transaction where many are queued at once."""
COMMITS = 300
LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Plan:
    """What is asked of the benchmark; ``jobs`` for each throughput, ``starts`` for each latency."""

    jobs: int = 2000
    starts: int = 200
    workers: int = 2
    clients: int = 8


@handler("bench.trivial")
def trivial(payload: Mapping[str, Any], _context: JobContext) -> Mapping[str, Any]:
    """Notes when it runs."""
    return {"asked": payload["asked"], "ran": time.time()}


def run_worker(settings: Settings) -> None:
    """A worker process until SIGTERM."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    services = Services.open(settings)
    load_handlers(task_modules())
    work(services)
    services.close()


@contextmanager
def workers(settings: Settings, count: int) -> Iterator[None]:
    """Worker processes, stopped in the end."""
    made = [get_context("spawn").Process(target=run_worker, args=(settings,)) for _ in range(count)]
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


def ask(jobs: JobsService, count: int = 1) -> list[str]:
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


def one_after_the_other(jobs: JobsService, count: int) -> list[str]:
    """One client, which submits the next job when the last one is on the disk."""
    return [job_id for _ in range(count) for job_id in ask(jobs)]


def at_once(jobs: JobsService, count: int, clients: int) -> list[str]:
    """Clients side by side, as the threads of the server that answer requests."""
    with ThreadPoolExecutor(clients) as threads:
        shares = threads.map(lambda _: one_after_the_other(jobs, count // clients), range(clients))
    return [job_id for share in shares for job_id in share]


def in_batches(jobs: JobsService, count: int) -> list[str]:
    """Many jobs in each transaction."""
    return [job_id for _ in range(count // BATCH) for job_id in ask(jobs, BATCH)]


def lives_a_second(jobs: JobsService, submitted: Callable[[], list[str]]) -> float:
    """Jobs a second from the first submission to the end of the last one."""
    started = time.perf_counter()
    ids = submitted()
    # Seldom, and without a bell: whoever follows every event takes the workers' processor.
    while _are_left(jobs):
        time.sleep(LOOK_SECONDS)
    seconds = time.perf_counter() - started
    for job_id in ids:
        wait(jobs, job_id)
    return len(ids) / seconds


def _are_left(jobs: JobsService) -> bool:
    going_on = select(Job.seq).where(Job.family == "bench", Job.state.in_(("queued", "running"))).limit(1)
    with jobs.database.read() as session:
        return session.scalar(going_on) is not None


def starts_ms(jobs: JobsService, count: int) -> list[float]:
    """Milliseconds from a submission, before its commit, to the handler's first line; idle workers."""
    results = [wait(jobs, *ask(jobs)) for _ in range(count)]
    return sorted((result["ran"] - result["asked"]) * 1000 for result in results)


def rows(queue: str, folder: Path, plan: Plan, queue_url: str) -> Iterator[Sequence[str]]:
    """The rows of one queue's table."""
    folder.mkdir()
    settings = Settings(data_dir=folder / "data", queue_url=queue_url)
    services = Services.open(settings)
    jobs = JobsService(services.database, services.dispatcher)
    with workers(settings, plan.workers):
        for job_id in ask(jobs, plan.workers):
            wait(jobs, job_id)
        ways = {
            "1 client": lambda: one_after_the_other(jobs, plan.jobs),
            f"{plan.clients} clients": lambda: at_once(jobs, plan.jobs, plan.clients),
            f"{BATCH} in a transaction": lambda: in_batches(jobs, plan.jobs),
        }
        for way, submitted in ways.items():
            disk = commits_a_second(folder)
            (folder / "probe.db").unlink()
            lives = lives_a_second(jobs, submitted)
            goal = f"{LIVES_GOAL}" if queue == "embedded" else ""
            yield f"{queue}: lives a second, {way}", f"{lives:.0f}", goal, f"{disk:.0f}"
        starts = starts_ms(jobs, plan.starts)
    p95 = starts[int(0.95 * len(starts))]
    yield f"{queue}: start, median", f"{statistics.median(starts):.1f} ms", "", ""
    yield f"{queue}: start, 95 of 100", f"{p95:.1f} ms", f"{START_GOAL_MS[queue]} ms", ""
    services.close()


def main(plan: Plan, queues: Sequence[str]) -> None:
    """Measure and print a Markdown table."""
    print(f"{plan.workers} workers, {plan.jobs} jobs, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("| what | figure | goal | commits of the disk a second |")
    print("| --- | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder, running_redis() as redis:
        urls = {"embedded": "embedded", "celery": redis.url}
        for queue in queues:
            for row in rows(queue, Path(folder) / queue, plan, urls[queue]):
                print(f"| {' | '.join(row)} |", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.jobs",
        description=__doc__,
        epilog=f"Goals: {LIVES_GOAL} lives a second on the embedded queue; 95 of 100 jobs start within "
        f"{START_GOAL_MS['embedded']} ms embedded and {START_GOAL_MS['celery']} ms with Celery over Redis. "
        "Run it while the machine does nothing else.",
    )
    parser.add_argument("--jobs", type=int, default=Plan.jobs, help="for each throughput (%(default)s)")
    parser.add_argument("--starts", type=int, default=Plan.starts, help="for each latency (%(default)s)")
    parser.add_argument("--workers", type=int, default=Plan.workers, help="processes (%(default)s)")
    parser.add_argument("--clients", type=int, default=Plan.clients, help="threads that submit (%(default)s)")
    parser.add_argument(
        "--queue", choices=tuple(START_GOAL_MS), action="append", help="which queue; default: both"
    )
    return parser.parse_args()


if __name__ == "__main__":
    asked = _arguments()
    main(
        Plan(jobs=asked.jobs, starts=asked.starts, workers=asked.workers, clients=asked.clients),
        asked.queue or tuple(START_GOAL_MS),
    )
