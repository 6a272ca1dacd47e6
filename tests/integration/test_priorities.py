"""A thousand jobs of mixed priorities, some of which come while the workers run, on every pair of parts."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.support.farm import Farm
from tests.support.postgres import Postgres
from tests.support.redis_server import RedisServer
from videocraft.core.database.models import Job
from videocraft.core.jobs import TERMINAL, JobState, submit

WORKERS = 3
BEFORE, MEANWHILE = 600, 400
AT_ONCE = 20
FINISH_SECONDS = 180.0
PRIORITIES = (-5, 0, 0, 0, 3, 5, 9)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return ""
    server: Postgres = request.getfixturevalue("postgres")
    return server.make_database()


@pytest.fixture(params=["embedded", "celery"])
def queue_url(request: pytest.FixtureRequest) -> str:
    if request.param == "embedded":
        return "embedded"
    server: RedisServer = request.getfixturevalue("redis_server")
    server.flush()
    return server.url


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_best_job_is_always_the_next(tmp_path: Path, database_url: str, queue_url: str) -> None:
    farm = Farm(tmp_path / "data", database_url=database_url, queue_url=queue_url)
    try:
        chance = random.Random(7)
        known_at: dict[str, float] = {}
        for _ in range(BEFORE // AT_ONCE):
            known_at |= queue(farm, chance)
        for _ in range(WORKERS):
            farm.start()
        for _ in range(MEANWHILE // AT_ONCE):
            known_at |= queue(farm, chance)
        finish(farm)
        jobs = jobs_of(farm)
    finally:
        farm.close()
    assert len(jobs) == len(known_at) == BEFORE + MEANWHILE
    assert {(job.state, job.epoch) for job in jobs} == {(JobState.COMPLETED, 1)}
    assert len({job.priority for job in jobs[:BEFORE]}) == len(set(PRIORITIES))
    assert overtaken(jobs, known_at) == []


def queue(farm: Farm, chance: random.Random) -> dict[str, float]:
    """Queue some jobs; for each when every worker could know of it."""
    with farm.jobs.transaction() as session:
        ids = [
            submit(
                session, family="test", kind="test.trivial", payload={}, priority=chance.choice(PRIORITIES)
            ).id
            for _ in range(AT_ONCE)
        ]
    return dict.fromkeys(ids, time.time())


def finish(farm: Farm) -> None:
    """Wait until every job has ended; seldom looked at, since the workers need the processor."""
    going_on = select(func.count()).select_from(Job).where(Job.state.not_in(sorted(TERMINAL)))
    end, pause = time.monotonic() + FINISH_SECONDS, threading.Event()
    while time.monotonic() < end:
        with farm.database.read() as session:
            if session.scalar(going_on) == 0:
                return
        pause.wait(0.2)
    raise AssertionError("not all jobs have ended")


def jobs_of(farm: Farm) -> list[Job]:
    """Every job, in order of arrival."""
    with farm.database.read() as session:
        return list(session.scalars(select(Job).order_by(Job.seq)))


def overtaken(jobs: list[Job], known_at: dict[str, float]) -> list[tuple[str, str]]:
    """Pairs of jobs of which the second one ran first, though everybody knew of the first, better one.

    Workers that claim in the same moment may note their times in either order.
    """
    ran = sorted(jobs, key=lambda job: job.started_at or 0.0)
    best = {job.id: (-job.priority, job.seq) for job in jobs}
    found: list[tuple[str, str]] = []
    for place, job in enumerate(ran):
        started_at = job.started_at
        assert started_at is not None
        found += [
            (late.id, job.id)
            for late in ran[place + WORKERS :]
            if best[late.id] < best[job.id] and known_at[late.id] < started_at
        ]
    return found
