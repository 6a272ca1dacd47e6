"""Leases, the heartbeat that keeps them, and the janitor."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.support.bells import RecordingDispatcher
from tests.support.databases import FakeClock, copy_of
from tests.unit.jobs.test_claims import put, row, taken
from videocraft.core.database import Database
from videocraft.core.jobs import JobsService, JobState, cancel, claims, leases, workdirs
from videocraft.core.jobs.claims import Fence
from videocraft.core.jobs.dispatch.base import Topic
from videocraft.core.jobs.heartbeat import Heartbeat
from videocraft.core.jobs.janitor import Janitor
from videocraft.core.jobs.leases import Lease, StopReason
from videocraft.core.jobs.reports import Reporter

LEASE = 15.0


@pytest.fixture
def monotonic(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock(100.0)
    monkeypatch.setattr(leases.time, "monotonic", clock)
    return clock


def test_a_lease_is_over_when_its_time_is(monotonic: FakeClock) -> None:
    lease = Lease(Fence("job", 1), LEASE, asked_at=monotonic())
    monotonic.advance(LEASE - 0.001)
    assert not lease.should_stop()
    lease.extend(monotonic())
    monotonic.advance(LEASE)
    assert lease.reason == StopReason.LOST


def test_a_reason_to_stop_stays(monotonic: FakeClock) -> None:
    lease = Lease(Fence("job", 1), LEASE, asked_at=monotonic())
    monotonic.advance(LEASE)
    assert lease.should_stop()
    lease.extend(monotonic())
    lease.stop(StopReason.CANCELLED)
    assert lease.reason == StopReason.LOST


def quiet() -> Reporter:
    return Reporter(0, "", [], on_news=lambda: None)


def until(condition: Callable[[], bool]) -> None:
    """Wait for another thread; the test's own time limit ends it otherwise."""
    pause = threading.Event()
    for _ in range(6000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")


def keep(database: Database, dispatcher: RecordingDispatcher, seconds: float) -> tuple[Heartbeat, Lease]:
    fence = Fence("job", 1)
    with database.read() as session:
        assert claims.look(session, fence, at=0) == JobState.RUNNING
    heartbeat = Heartbeat(JobsService(database, dispatcher), seconds)
    return heartbeat, Lease(fence, seconds, asked_at=leases.time.monotonic())


@pytest.fixture
def running(tmp_path: Path, template: Path | str) -> Iterator[Database]:
    """On the machine's clock, with one running job."""
    database = copy_of(template, tmp_path)
    put(database, "job")
    with database.write() as session:
        claims.claim(session, worker_id="w", lease_seconds=1000, at=1_000_000_000_000.0)
    yield database
    database.dispose()


def test_the_heartbeat_renews_before_the_lease_ends(running: Database) -> None:
    heartbeat, lease = keep(running, RecordingDispatcher(), seconds=3.0)
    before, deadline = row(running, "job").lease_until, lease.deadline
    with heartbeat:
        heartbeat.watch(lease, quiet())
        until(lambda: row(running, "job").lease_until != before)
        until(lambda: lease.deadline > deadline)
        heartbeat.release()
    assert not lease.should_stop()


def test_the_heartbeat_tells_of_a_cancel_and_goes_on_renewing(running: Database) -> None:
    dispatcher = RecordingDispatcher()
    heartbeat, lease = keep(running, dispatcher, seconds=3.0)
    with heartbeat:
        heartbeat.watch(lease, quiet())
        with JobsService(running, dispatcher).transaction() as session:
            cancel(session, "job")
        until(lease.should_stop)
        deadline = lease.deadline
        until(lambda: lease.deadline > deadline)
    assert lease.reason == StopReason.CANCELLED


def test_the_heartbeat_tells_of_a_claim_that_is_gone(running: Database) -> None:
    heartbeat, lease = keep(running, RecordingDispatcher(), seconds=30.0)
    with heartbeat:
        heartbeat.watch(lease, quiet())
        with running.write() as session:
            session.execute(claims.update(claims.JOBS).values(epoch=2))
        until(lease.should_stop)
    assert lease.reason == StopReason.LOST


def test_the_heartbeat_survives_a_database_that_is_away(
    running: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew, calls = claims.renew, []

    def failing_first(*arguments: object, **named: object) -> object:
        calls.append(1)
        if len(calls) <= 2:
            raise OperationalError("UPDATE", {}, Exception("away"))
        return renew(*arguments, **named)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(claims, "renew", failing_first)
    heartbeat, lease = keep(running, RecordingDispatcher(), seconds=30.0)
    reporter = Reporter(0, "", [], on_news=heartbeat.wake)
    with heartbeat:
        heartbeat.watch(lease, reporter)
        reporter.progress(0.5, "Half")
        until(lambda: row(running, "job").message == "Half")
        heartbeat.release()


def test_after_release_nothing_is_written(running: Database) -> None:
    heartbeat, lease = keep(running, RecordingDispatcher(), seconds=3.0)
    reporter = Reporter(0, "", [], on_news=heartbeat.wake)
    heartbeat.watch(lease, reporter)
    heartbeat.release()
    with heartbeat:
        reporter.progress(0.5)
    assert row(running, "job").progress == 0
    assert reporter.has_news


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_the_janitor_requeues_and_rings_and_removes_what_ended(
    database: Database, clock: FakeClock, data_dir: Path
) -> None:
    dispatcher = RecordingDispatcher()
    janitor = Janitor(JobsService(database, dispatcher), data_dir, LEASE)
    for job_id in ("again", "stopped"):
        put(database, job_id)
        workdirs.prepare(data_dir / "work", job_id, taken(database, clock).epoch)
    with database.write() as session:
        cancel(session, "stopped")
    janitor.sweep()
    assert dispatcher.rings == []
    clock.advance(LEASE)
    janitor.sweep()
    assert row(database, "again").state == JobState.QUEUED
    assert row(database, "stopped").state == JobState.CANCELLED
    assert [path.name for path in (data_dir / "work").iterdir()] == ["again"]
    assert Topic.WORK in dispatcher.rings


def test_the_janitor_rings_again_for_what_waits(database: Database, data_dir: Path) -> None:
    dispatcher = RecordingDispatcher()
    janitor = Janitor(JobsService(database, dispatcher), data_dir, LEASE)
    janitor.sweep()
    assert dispatcher.rings == []
    put(database, "job")
    janitor.sweep()
    assert dispatcher.rings == [Topic.WORK]
    dispatcher.broken = {Topic.WORK}
    janitor.sweep()
    assert dispatcher.rings == [Topic.WORK]


def test_the_janitor_removes_what_nobody_needs(database: Database, clock: FakeClock, data_dir: Path) -> None:
    put(database, "running")
    put(database, "cancelled")
    workdirs.prepare(data_dir / "work", "running", 1)
    with database.write() as session:
        cancel(session, "cancelled")
    for root in (data_dir / "work", data_dir / "stages" / ".parts"):
        for job_id in ("unknown", "cancelled"):
            (workdirs.prepare(root, job_id, 1) / "file").touch()
    old = data_dir / "stages" / "old.mp4"
    old.touch()
    os.utime(old, (1, 1))
    janitor = Janitor(JobsService(database, RecordingDispatcher()), data_dir, LEASE)
    janitor.tidy()
    left = {path.relative_to(data_dir).as_posix() for path in data_dir.rglob("*")}
    assert left == {"work", "work/running", "work/running/1", "stages", "stages/.parts"}


def test_the_janitor_survives_what_fails(
    database: Database, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    janitor = Janitor(JobsService(database, RecordingDispatcher()), data_dir, 0.03)
    calls: list[int] = []

    def sweep() -> None:
        calls.append(1)
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(janitor, "sweep", sweep)
    with janitor:
        until(lambda: len(calls) >= 2)


def test_folders_of_later_claims_are_left_alone(tmp_path: Path) -> None:
    for epoch in (1, 3):
        (workdirs.prepare(tmp_path, "job", epoch) / "file").touch()
    assert workdirs.prepare(tmp_path, "job", 2).is_dir()
    workdirs.remove(tmp_path, "job", 2)
    assert [path.name for path in (tmp_path / "job").iterdir()] == ["3"]
    workdirs.remove(tmp_path, "job", 3)
    assert workdirs.jobs_with_folders(tmp_path) == []
    assert workdirs.jobs_with_folders(tmp_path / "missing") == []
