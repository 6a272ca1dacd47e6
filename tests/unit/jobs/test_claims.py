"""Claims: what a worker may do to a row, and what a fenced one may not."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.databases import FakeClock
from videocraft.core.database import Database
from videocraft.core.database.models import Job
from videocraft.core.jobs import JobState, cancel, claims, get, submit
from videocraft.core.jobs.claims import Claim, Fence
from videocraft.core.jobs.outcomes import Completed, Failed, Outcome, Stopped
from videocraft.core.jobs.reports import Report

LEASE = 15.0
REPORT = Report(0.5, "Half.", ["Odd."], [{"timestamp": 1.0, "message": "line"}], is_event=True)


def put(database: Database, job_id: str, priority: int = 0) -> str:
    with database.write() as session:
        return submit(
            session,
            family="test",
            kind="test.kind",
            payload={"a": [1]},
            job_id=job_id,
            priority=priority,
            request_id="r-1",
        ).id


def take(database: Database, clock: FakeClock, worker_id: str = "w") -> Claim | None:
    with database.write() as session:
        return claims.claim(session, worker_id=worker_id, lease_seconds=LEASE, at=clock())


def taken(database: Database, clock: FakeClock) -> Fence:
    claim = take(database, clock)
    assert claim is not None
    return claim.fence


def end(database: Database, clock: FakeClock, fence: Fence, outcome: Outcome) -> JobState | None:
    with database.write() as session:
        return claims.finish(session, fence, outcome, at=clock(), report=REPORT)


def row(database: Database, job_id: str) -> Job:
    with database.read() as session:
        job = get(session, job_id)
    assert job is not None
    return job


def test_nothing_to_claim(database: Database, clock: FakeClock) -> None:
    assert take(database, clock) is None


def test_priority_comes_before_age(database: Database, clock: FakeClock) -> None:
    for job_id, priority in (("low", -1), ("first", 0), ("second", 0), ("urgent", 9)):
        put(database, job_id, priority)
    assert [taken(database, clock).job_id for _ in range(4)] == ["urgent", "first", "second", "low"]


def test_the_best_row_is_found_without_sorting(sqlite_template: Path) -> None:
    with Database(f"sqlite:///{sqlite_template}").read() as session:
        query = "SELECT * FROM jobs WHERE state = 'queued' ORDER BY priority DESC, seq LIMIT 1"
        plan = " ".join(str(line) for line in session.execute(text(f"EXPLAIN QUERY PLAN {query}")))
    assert "ix_jobs_claim" in plan
    assert "TEMP B-TREE" not in plan


def test_a_claim_takes_a_lease_and_the_next_epoch(database: Database, clock: FakeClock) -> None:
    put(database, "job")
    claim = take(database, clock, "worker-7")
    assert claim == Claim(Fence("job", 1), "test.kind", {"a": [1]}, "r-1", 0, 0.0, "", [])
    job = row(database, "job")
    assert (job.state, job.epoch, job.worker_id) == (JobState.RUNNING, 1, "worker-7")
    assert (job.lease_until, job.started_at) == (clock() + LEASE, clock())
    assert take(database, clock) is None


def test_workers_at_once_never_claim_the_same_row(database: Database, clock: FakeClock) -> None:
    for number in range(40):
        put(database, f"job-{number}")
    found: list[str] = []

    def work() -> None:
        while (claim := take(database, clock)) is not None:
            found.append(claim.fence.job_id)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(found) == sorted(f"job-{number}" for number in range(40))


def test_renewing_prolongs_the_lease_and_writes_the_report(database: Database, clock: FakeClock) -> None:
    fence = taken_job(database, clock)
    clock.advance(5)
    with database.write() as session:
        state = claims.renew(session, fence, lease_seconds=LEASE, at=clock(), report=REPORT)
    job = row(database, "job")
    assert (state, job.lease_until) == (JobState.RUNNING, clock() + LEASE)
    assert (job.progress, job.message, job.warnings, job.log) == (
        0.5,
        "Half.",
        ["Odd."],
        [{"timestamp": 1.0, "message": "line"}],
    )


def taken_job(database: Database, clock: FakeClock) -> Fence:
    put(database, "job")
    return taken(database, clock)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Completed({"file": "a.mp4"}), JobState.COMPLETED),
        (Failed("MEDIA_ERROR", "It failed.", {"exit_code": 1}), JobState.FAILED),
        (Stopped(), JobState.QUEUED),
    ],
)
def test_every_outcome_has_its_state_and_keeps_the_last_report(
    database: Database, clock: FakeClock, outcome: Outcome, state: JobState
) -> None:
    fence = taken_job(database, clock)
    clock.advance(1)
    assert end(database, clock, fence, outcome) == state
    job = row(database, "job")
    assert (job.state, job.lease_until, job.worker_id, job.lost) == (state, None, None, 0)
    assert (job.message, job.warnings) == ("Half.", ["Odd."])
    assert job.progress == (1.0 if state == JobState.COMPLETED else 0.5)
    assert job.result == ({"file": "a.mp4"} if state == JobState.COMPLETED else None)
    assert job.error_code == ("MEDIA_ERROR" if state == JobState.FAILED else None)
    assert job.completed_at == (None if state == JobState.QUEUED else clock())


@pytest.mark.parametrize("outcome", [Completed({"a": 1}), Failed("X", "x", {}), Stopped()])
def test_a_job_that_is_to_stop_is_cancelled_whatever_its_worker_did(
    database: Database, clock: FakeClock, outcome: Outcome
) -> None:
    fence = taken_job(database, clock)
    with database.write() as session:
        cancel(session, "job")
    assert end(database, clock, fence, outcome) == JobState.CANCELLED
    job = row(database, "job")
    assert (job.state, job.result, job.error_code) == (JobState.CANCELLED, None, None)


def test_a_handed_back_job_keeps_its_place_and_starts_with_the_next_epoch(
    database: Database, clock: FakeClock
) -> None:
    fence = taken_job(database, clock)
    put(database, "younger")
    started_at = clock()
    clock.advance(1)
    end(database, clock, fence, Stopped())
    claim = take(database, clock)
    assert claim is not None
    assert (claim.fence, claim.progress, claim.message) == (Fence("job", 2), 0.5, "Half.")
    job = row(database, "job")
    assert (job.started_at, job.warnings) == (started_at, [])


@pytest.mark.parametrize("fenced_by", ["time", "epoch", "end"])
def test_a_fenced_worker_changes_nothing(database: Database, clock: FakeClock, fenced_by: str) -> None:
    fence = taken_job(database, clock)
    if fenced_by == "time":
        clock.advance(LEASE)
    elif fenced_by == "epoch":
        end(database, clock, fence, Stopped())
        taken(database, clock)
    else:
        end(database, clock, fence, Completed({}))
    before = vars(row(database, "job")).copy()
    with database.write() as session:
        assert claims.renew(session, fence, lease_seconds=LEASE, at=clock(), report=REPORT) is None
        assert claims.look(session, fence, at=clock()) is None
        assert claims.hold_still(session, fence, at=clock()) is False
        assert claims.finish(session, fence, Completed({"late": 1}), at=clock()) is None
        assert claims.finish(session, fence, Stopped(), at=clock()) is None
    after = vars(row(database, "job")).copy()
    del before["_sa_instance_state"], after["_sa_instance_state"]
    assert after == before


def test_what_is_to_stop_may_be_renewed_but_not_published(database: Database, clock: FakeClock) -> None:
    fence = taken_job(database, clock)
    with database.write() as session:
        assert claims.hold_still(session, fence, at=clock()) is True
        cancel(session, "job")
        assert claims.hold_still(session, fence, at=clock()) is False
        assert claims.look(session, fence, at=clock()) == JobState.STOPPING
        assert claims.renew(session, fence, lease_seconds=LEASE, at=clock()) == JobState.STOPPING
