"""Real worker processes: killed, suspended, told to stop, and raced against each other."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.job_worker import FOLDERS
from videocraft.core.database import Database
from videocraft.core.database.migrate import migrate
from videocraft.core.database.models import Job
from videocraft.core.jobs import JobsService, JobState, cancel, get, submit
from videocraft.core.jobs.dispatch.embedded import EmbeddedDispatcher
from videocraft.settings import Settings

ROOT = Path(__file__).parents[2]
WAIT = 90.0


def until(condition: Callable[[], object]) -> None:
    """Wait for another process."""
    pause = threading.Event()
    for _ in range(int(WAIT * 100)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")


class Farm:
    """A data directory and the workers that a test starts on it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        for folder in FOLDERS:
            (data_dir / folder).mkdir(parents=True)
        self.database = Database(Settings(data_dir=data_dir).effective_database_url)
        migrate(self.database)
        self.jobs = JobsService(self.database, EmbeddedDispatcher(data_dir / "run"))
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self, lease_seconds: float = 15.0) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.support.job_worker"]
        name = f"worker-{len(self.workers)}"
        worker = subprocess.Popen([*command, str(self.data_dir), str(lease_seconds), name], cwd=ROOT)
        self.workers.append(worker)
        return worker

    def submit(self, job_id: str, kind: str = "test.publish", *, hold: int = 0, priority: int = 0) -> None:
        """Queue a job that is held in its first ``hold`` epochs."""
        for epoch in range(1, hold + 1):
            (self.data_dir / "hold" / f"{job_id}-{epoch}").touch()
        with self.jobs.transaction() as session:
            submit(session, family="test", kind=kind, payload={}, job_id=job_id, priority=priority)

    def suspend(self, worker: subprocess.Popen[bytes]) -> None:
        """Stop a process, but not while it holds SQLite's write lock: that would stop everybody."""
        for _ in range(100):
            worker.send_signal(signal.SIGSTOP)
            with contextlib.closing(sqlite3.connect(self.data_dir / "videocraft.db", timeout=1)) as database:
                try:
                    database.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError:
                    worker.send_signal(signal.SIGCONT)
                else:
                    return
        raise AssertionError("the worker writes all the time")

    def begun(self, name: str) -> None:
        until((self.data_dir / "begun" / name).exists)

    def release(self, name: str) -> None:
        (self.data_dir / "hold" / name).unlink()

    def effects(self) -> list[str]:
        return sorted(path.name for path in (self.data_dir / "effects").iterdir())

    def ended(self, job_id: str) -> Job:
        job = self.jobs.wait_until_terminal(job_id, WAIT)
        assert job is not None
        return job

    def row(self, job_id: str) -> dict[str, Any]:
        with self.database.read() as session:
            job = get(session, job_id)
        assert job is not None
        return {column.name: getattr(job, column.name) for column in Job.__table__.columns}

    def close(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            worker.wait(WAIT)
        self.database.dispose()


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
