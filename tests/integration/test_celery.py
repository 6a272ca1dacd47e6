"""Jobs through Celery over a real Redis, with real workers: what a broker loses or doubles does no harm."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.farm import WAIT, Farm, until
from tests.support.redis_server import RedisServer, running_redis
from videocraft.core.jobs import JobState, QueueUnavailable, cancel, list_jobs
from videocraft.core.jobs.dispatch.base import Topic
from videocraft.core.jobs.dispatch.celery import queue_name


@pytest.fixture
def farm(tmp_path: Path, redis_server: RedisServer) -> Iterator[Farm]:
    redis_server.flush()
    farm = Farm(tmp_path / "data", queue_url=redis_server.url)
    yield farm
    farm.close()


def test_a_bell_starts_a_job_and_another_one_is_harmless(farm: Farm) -> None:
    farm.start()
    farm.submit("first")
    job = farm.ended("first")
    assert (job.state, job.epoch, farm.effects()) == (JobState.COMPLETED, 1, ["first-1"])
    for _ in range(5):
        farm.dispatcher.ring(Topic.WORK, ["test.publish"])
    farm.submit("second")
    assert farm.ended("second").state == JobState.COMPLETED
    assert farm.effects() == ["first-1", "second-1"]


def test_higher_priorities_run_first_and_equal_ones_in_order(farm: Farm) -> None:
    for job_id, priority in (("d", 0), ("e", 0), ("b", 5), ("f", -5), ("a", 9), ("c", 5)):
        farm.submit(job_id, priority=priority)
    farm.start()
    started = {job_id: farm.ended(job_id).started_at for job_id in "fedcba"}
    assert sorted(started, key=lambda job_id: started[job_id] or 0) == list("abcdef")


def test_a_worker_takes_the_kinds_that_it_is_told_to(farm: Farm, redis_server: RedisServer) -> None:
    farm.start(kinds="test.stubborn")
    farm.submit("other", "test.publish")
    farm.submit("mine", "test.stubborn")
    assert farm.ended("mine").state == JobState.COMPLETED
    assert farm.row("other")["state"] == JobState.QUEUED
    with redis_server.client() as client:
        assert client.llen(queue_name("test.publish")) == 1, "its bell waits for somebody else"
    farm.start(kinds="test.publish")
    assert farm.ended("other").state == JobState.COMPLETED


def test_a_flushed_broker_loses_no_job(farm: Farm, redis_server: RedisServer) -> None:
    farm.start(lease_seconds=1.5)
    farm.submit("warm")
    farm.ended("warm")
    farm.submit("held", hold=1)
    farm.begun("held-1")
    names = [f"job-{number}" for number in range(20)]
    for name in names:
        farm.submit(name)
    redis_server.flush()
    farm.start(lease_seconds=1.5)
    assert {farm.ended(name).state for name in names} == {JobState.COMPLETED}
    farm.release("held-1")
    assert farm.ended("held").epoch == 1


def test_a_cancel_reaches_a_worker_and_a_stop_hands_its_job_back(farm: Farm) -> None:
    worker = farm.start()
    farm.submit("cancelled", hold=1)
    farm.begun("cancelled-1")
    with farm.jobs.transaction() as session:
        cancel(session, "cancelled")
    assert farm.ended("cancelled").state == JobState.CANCELLED
    farm.submit("handed-back", hold=1)
    farm.begun("handed-back-1")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(WAIT) == 0
    row = farm.row("handed-back")
    assert (row["state"], row["lost"], row["epoch"]) == (JobState.QUEUED, 0, 1)
    farm.start()
    assert farm.ended("handed-back").result == {"epoch": 2}


def test_a_job_of_a_killed_worker_is_finished_by_another_one(farm: Farm) -> None:
    worker = farm.start(lease_seconds=3)
    farm.submit("job", hold=1)
    farm.begun("job-1")
    farm.start(lease_seconds=3)
    worker.kill()
    job = farm.ended("job")
    assert (job.state, job.result, job.lost, farm.effects()) == (
        JobState.COMPLETED,
        {"epoch": 2},
        1,
        ["job-2"],
    )


def test_what_a_dead_broker_refused_never_runs_and_a_new_one_is_found(tmp_path: Path) -> None:
    with running_redis() as server:
        farm = Farm(tmp_path / "data", queue_url=server.url)
        try:
            farm.start(lease_seconds=1.5)
            farm.submit("before")
            assert farm.ended("before").state == JobState.COMPLETED
            server.daemon.kill()
            with pytest.raises(QueueUnavailable) as caught:
                farm.submit("refused")
            where = f"127.0.0.1:{server.port}"
            sentence = f"Failed to enqueue job: Queue connection error: Error 111 connecting to {where}."
            assert (caught.value.message, caught.value.status) == (sentence, 503)
            server.daemon.start()
            until(lambda: _accepts(farm, "after"))
            assert farm.ended("after").state == JobState.COMPLETED
            with farm.database.read() as session:
                rows, _ = list_jobs(session, family="test", limit=10, offset=0)
            assert {row.id for row in rows} == {"before", "after"}
            assert farm.effects() == ["after-1", "before-1"]
        finally:
            farm.close()


def _accepts(farm: Farm, job_id: str) -> bool:
    try:
        farm.submit(job_id)
    except QueueUnavailable:
        return False
    return True
