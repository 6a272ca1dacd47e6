"""Jobs and workers over as long a time as the numbers ask for; each of these takes a minute or more."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.support.farm import Farm, until
from tests.support.redis_server import running_redis
from videocraft.core.database.models import Event, Job
from videocraft.core.jobs import JobState

LEASE = 15.0
"""As it is by default."""
QUEUED = 100


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    made = Farm(tmp_path / "data")
    yield made
    made.close()


def starts_of(farm: Farm, job_id: str) -> int:
    """How often a worker began with a job."""
    query = select(func.count()).where(Event.stream == f"job:{job_id}", Event.type == "job.running")
    with farm.database.read() as session:
        return session.scalar(query) or 0


def test_a_healthy_job_of_ten_leases_starts_once(farm: Farm) -> None:
    for _ in range(2):
        farm.start(lease_seconds=LEASE)
    farm.submit("long", "test.stubborn", hold=1)
    farm.begun("long-1")
    threading.Event().wait(10 * LEASE)
    farm.release("long-1")
    job = farm.ended("long")
    assert (job.state, job.epoch, job.lost) == (JobState.COMPLETED, 1, 0)
    assert starts_of(farm, "long") == 1
    assert farm.effects() == ["long-1"]


def test_a_worker_that_is_suspended_for_a_minute_writes_nothing(farm: Farm) -> None:
    suspended = farm.start(lease_seconds=LEASE)
    farm.submit("job", "test.stubborn", hold=1)
    farm.begun("job-1")
    farm.suspend(suspended)
    stopped_at = time.monotonic()
    farm.start(lease_seconds=LEASE)
    assert farm.ended("job").state == JobState.COMPLETED
    before, effects = farm.row("job"), farm.effects()
    threading.Event().wait(stopped_at + 60 - time.monotonic())
    suspended.send_signal(signal.SIGCONT)
    # Its handler still believes that it is to go on, and is let do so.
    farm.release("job-1")
    farm.submit("next")
    farm.ended("next")
    suspended.terminate()
    assert suspended.wait(60) == 0
    assert farm.row("job") == before
    assert (before["epoch"], before["lost"], effects) == (2, 1, ["job-2"])
    assert farm.effects() == ["job-2", "next-1"]
    assert starts_of(farm, "job") == 2


def test_a_flushed_broker_keeps_none_of_a_hundred_jobs_from_starting(
    tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    with running_redis() as server:
        farm = Farm(tmp_path / "data", queue_url=server.url)
        try:
            idle, _ = (farm.start(lease_seconds=LEASE) for _ in range(2))
            for number in range(2):
                farm.submit(f"held-{number}", hold=1)
                farm.begun(f"held-{number}-1")
            held = {farm.row(f"held-{number}")["worker_id"]: number for number in range(2)}
            farm.release(f"held-{held['worker-0']}-1")
            farm.ended(f"held-{held['worker-0']}")
            # One is busy; the other one sleeps while a hundred bells ring, and wakes when they are gone.
            farm.suspend(idle)
            for number in range(QUEUED):
                farm.submit(f"job-{number}")
            server.flush()
            flushed_at = time.time()
            idle.send_signal(signal.SIGCONT)
            query = select(func.count()).where(Job.state == JobState.COMPLETED)
            until(lambda: _scalar(farm, query) == QUEUED + 1)
            last = _scalar(farm, select(func.max(Job.started_at)))
            record_testsuite_property("flush_to_last_start_s", round(last - flushed_at, 1))
            print(f"flushed: the last of {QUEUED} jobs started after {last - flushed_at:.1f} s")
            assert sum(name.startswith("job-") for name in farm.effects()) == QUEUED
        finally:
            farm.close()


def _scalar(farm: Farm, query: object) -> float:
    with farm.database.read() as session:
        found: float = session.scalar(query)  # type: ignore[call-overload]  # any statement of one number
    return found
