"""The sweeper: what becomes of jobs whose worker is lost."""

from __future__ import annotations

import pytest

from tests.support.databases import FakeClock
from tests.unit.jobs.test_claims import LEASE, put, row, taken
from videocraft.core.database import Database
from videocraft.core.jobs import JobState, cancel, submit, sweeper
from videocraft.core.jobs.sweeper import Swept


def sweep(database: Database, clock: FakeClock) -> Swept:
    with database.write() as session:
        return sweeper.sweep(session, at=clock())


def has_lost(database: Database, clock: FakeClock) -> bool:
    with database.read() as session:
        return (end := sweeper.first_end(session)) is not None and end <= clock()


def test_a_lease_that_holds_is_left_alone(database: Database, clock: FakeClock) -> None:
    put(database, "waiting")
    put(database, "running", priority=1)
    taken(database, clock)
    clock.advance(LEASE - 0.001)
    assert not has_lost(database, clock)
    assert sweep(database, clock) == Swept((), (), ())


def test_two_losses_cost_an_attempt_each_and_the_third_the_job(database: Database, clock: FakeClock) -> None:
    put(database, "job")
    for lost in (1, 2, 3):
        taken(database, clock)
        clock.advance(LEASE)
        assert has_lost(database, clock)
        swept = sweep(database, clock)
        job = row(database, "job")
        assert (job.lost, job.epoch, job.lease_until, job.worker_id) == (lost, lost, None, None)
        assert swept == (Swept(("job",), (), ()) if lost < 3 else Swept((), ("job",), ()))
        assert job.state == (JobState.QUEUED if lost < 3 else JobState.FAILED)
    assert job.error_code == "WORKER_LOST"
    assert job.error_message == "The job was stopped because its worker was lost three times."
    assert job.completed_at == clock()


def test_cancelling_wins_over_running_again(database: Database, clock: FakeClock) -> None:
    put(database, "job")
    taken(database, clock)
    with database.write() as session:
        cancel(session, "job")
    clock.advance(LEASE)
    assert sweep(database, clock) == Swept((), (), ("job",))
    job = row(database, "job")
    assert (job.state, job.lost, job.completed_at) == (JobState.CANCELLED, 0, clock())


def test_a_sweep_is_bounded(database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "BATCH", 2)
    for number in range(3):
        put(database, f"job-{number}")
        taken(database, clock)
        clock.advance(1)
    clock.advance(LEASE)
    assert sweep(database, clock).requeued == ("job-0", "job-1")
    assert sweep(database, clock).requeued == ("job-2",)


def test_the_kinds_of_waiting_jobs_are_told_in_their_order(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "BATCH", 2)
    with database.write() as session:
        assert sweeper.waiting_kinds(session) == ()
        for kind, priority in (("test.low", 0), ("test.high", 5), ("test.last", 0)):
            submit(session, family="test", kind=kind, payload={}, priority=priority)
        assert sweeper.waiting_kinds(session) == ("test.high", "test.low")
