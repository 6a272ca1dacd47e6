"""Real worker processes: killed, suspended, told to stop, and raced against each other."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.farm import WAIT, Farm, until
from videocraft.core.jobs import JobState, cancel


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    farm = Farm(tmp_path / "data")
    yield farm
    farm.close()


def test_a_killed_worker_costs_an_attempt_and_the_job_has_its_effect_once(farm: Farm) -> None:
    first = farm.start(lease_seconds=3)
    farm.submit("job", hold=1)
    farm.begun("job-1")
    first.kill()
    first.wait(WAIT)
    assert (farm.data_dir / "work" / "job" / "1" / "result").exists()
    farm.start(lease_seconds=3)
    job = farm.ended("job")
    assert (job.state, job.result, job.lost) == (JobState.COMPLETED, {"epoch": 2}, 1)
    assert farm.effects() == ["job-2"]
    assert not (farm.data_dir / "work" / "job").exists()


def test_a_worker_that_was_suspended_for_longer_than_its_lease_writes_nothing(farm: Farm) -> None:
    suspended = farm.start(lease_seconds=3)
    farm.submit("job", "test.stubborn", hold=1)
    farm.begun("job-1")
    farm.suspend(suspended)
    farm.start(lease_seconds=3)
    assert farm.ended("job").state == JobState.COMPLETED
    before = farm.row("job")
    assert (before["epoch"], before["lost"], before["worker_id"]) == (2, 1, None)

    suspended.send_signal(signal.SIGCONT)
    farm.release("job-1")
    farm.submit("next", hold=0)
    farm.ended("next")
    suspended.terminate()
    assert suspended.wait(WAIT) == 0
    assert farm.row("job") == before
    assert [name for name in farm.effects() if name.startswith("job")] == ["job-2"]
    assert not (farm.data_dir / "work" / "job").exists()


def test_a_worker_that_is_told_to_stop_hands_its_job_back_at_no_cost(farm: Farm) -> None:
    worker = farm.start()
    farm.submit("job", hold=1)
    farm.begun("job-1")
    worker.terminate()
    assert worker.wait(WAIT) == 0
    job = farm.row("job")
    assert (job["state"], job["epoch"], job["lost"]) == (JobState.QUEUED, 1, 0)
    assert (job["progress"], job["message"]) == (0.5, "Epoch 1")
    farm.start()
    job = farm.ended("job")
    assert (job.state, job.lost, job.epoch) == (JobState.COMPLETED, 0, 2)
    assert farm.effects() == ["job-2"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_worker_ends_when_told_and_leaves_no_pipes(farm: Farm, number: signal.Signals) -> None:
    worker = farm.start()
    farm.submit("job")
    assert farm.ended("job").state == JobState.COMPLETED
    worker.send_signal(number)
    assert worker.wait(WAIT) == 0
    assert list((farm.data_dir / "run").iterdir()) == []


def test_a_cancelled_job_stops_and_has_no_effect(farm: Farm) -> None:
    farm.start()
    farm.submit("job", hold=1)
    farm.begun("job-1")
    with farm.jobs.transaction() as session:
        job = cancel(session, "job")
    assert job is not None
    assert job.state == JobState.STOPPING
    assert farm.ended("job").state == JobState.CANCELLED
    assert farm.effects() == []
    assert not (farm.data_dir / "work" / "job").exists()


def test_the_third_lost_worker_fails_the_job(farm: Farm) -> None:
    farm.submit("job", "test.suicide")
    for _ in range(3):
        worker = farm.start(lease_seconds=1)
        assert worker.wait(WAIT) == -signal.SIGKILL
    farm.start(lease_seconds=1)
    job = farm.ended("job")
    assert (job.state, job.error_code, job.lost, job.epoch) == (JobState.FAILED, "WORKER_LOST", 3, 3)
    until(lambda: not (farm.data_dir / "work" / "job").exists())


def test_jobs_run_by_priority_and_then_in_order_of_arrival(farm: Farm) -> None:
    for job_id, priority in (("d", 0), ("e", 0), ("b", 5), ("f", -5), ("a", 9), ("c", 5)):
        farm.submit(job_id, priority=priority)
    farm.start()
    started = {job_id: farm.ended(job_id).started_at for job_id in "fedcba"}
    assert sorted(started, key=lambda job_id: started[job_id] or 0) == list("abcdef")


def test_workers_at_once_run_every_job_once(farm: Farm) -> None:
    for _ in range(2):
        farm.start()
    names = [f"job-{number}" for number in range(40)]
    for name in names:
        farm.submit(name)
    assert {farm.ended(name).state for name in names} == {JobState.COMPLETED}
    assert farm.effects() == sorted(f"{name}-1" for name in names)


def test_an_idle_worker_begins_at_once(
    farm: Farm, record_testsuite_property: Callable[[str, object], None]
) -> None:
    farm.start()
    farm.submit("warm")
    farm.ended("warm")
    waits = []
    for number in range(20):
        farm.submit(f"job-{number}")
        job = farm.ended(f"job-{number}")
        assert job.started_at is not None
        waits.append(job.started_at - job.created_at)
    record_testsuite_property("enqueue_to_running_p95_ms", round(sorted(waits)[18] * 1000, 2))
    record_testsuite_property("load_average", os.getloadavg()[0])
