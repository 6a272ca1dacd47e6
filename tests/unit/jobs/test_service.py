"""Submitting, looking, cancelling, deleting, listing and waiting."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from sqlalchemy.exc import IntegrityError

from tests.support.bells import RecordingDispatcher
from tests.support.databases import FakeClock
from tests.unit.jobs.test_claims import LEASE, end, put, row, take, taken
from videocraft.core import events
from videocraft.core.database import Database
from videocraft.core.database.models import Job
from videocraft.core.jobs import JobsService, JobState, cancel, delete, get, list_jobs, submit
from videocraft.core.jobs.claims import Fence
from videocraft.core.jobs.dispatch.base import Topic
from videocraft.core.jobs.outcomes import Completed, Stopped
from videocraft.errors import Unavailable


@pytest.fixture
def dispatcher() -> RecordingDispatcher:
    return RecordingDispatcher()


@pytest.fixture
def jobs(database: Database, dispatcher: RecordingDispatcher) -> JobsService:
    return JobsService(database, dispatcher)


def put_in(jobs: JobsService, *job_ids: str) -> None:
    with jobs.transaction() as session:
        for job_id in job_ids:
            submit(session, family="test", kind="test.kind", payload={}, job_id=job_id)


def cancel_in(jobs: JobsService, job_id: str) -> Job | None:
    with jobs.transaction() as session:
        return cancel(session, job_id)


def test_a_new_job_is_queued_with_everything_that_was_given(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        job = submit(
            session,
            family="exports",
            kind="exports.export",
            payload={"a": 1},
            priority=3,
            owner="key-1",
            request_id="r-1",
        )
    found = row(database, job.id)
    assert (found.family, found.kind, found.payload) == ("exports", "exports.export", {"a": 1})
    assert (found.state, found.epoch, found.lost, found.priority) == (JobState.QUEUED, 0, 0, 3)
    assert (found.owner, found.request_id, found.progress) == ("key-1", "r-1", 0.0)
    assert (found.created_at, found.updated_at, found.started_at) == (clock(), clock(), None)
    assert len(job.id) == 36
    assert job.state == JobState.QUEUED


@pytest.mark.parametrize("job_id", ["", "a/b", "..", ".hidden", "a" * 65, "a b", "a\n", "ä"])
def test_an_id_that_could_not_name_a_folder_is_refused(database: Database, job_id: str) -> None:
    with pytest.raises(ValueError, match="A job's id"):
        put(database, job_id)


def test_an_id_is_taken_once(database: Database) -> None:
    put(database, "job")
    with pytest.raises(IntegrityError):
        put(database, "job")


def test_a_job_rings_for_workers_once_it_can_be_seen(
    jobs: JobsService, dispatcher: RecordingDispatcher
) -> None:
    with jobs.transaction() as session:
        submit(session, family="test", kind="test.kind", payload={})
        assert dispatcher.rings == []
    assert dispatcher.rings == [Topic.EVENTS, Topic.WORK]


def submit_and_fail(jobs: JobsService) -> None:
    with jobs.transaction() as session:
        submit(session, family="test", kind="test.kind", payload={}, job_id="job")
        raise InterruptedError


def test_nothing_rings_for_what_was_rolled_back(jobs: JobsService, dispatcher: RecordingDispatcher) -> None:
    with pytest.raises(InterruptedError):
        submit_and_fail(jobs)
    assert dispatcher.rings == []
    with jobs.database.read() as session:
        assert get(session, "job") is None


def test_what_could_not_be_rung_for_is_closed_and_never_runs(
    jobs: JobsService, dispatcher: RecordingDispatcher, clock: FakeClock
) -> None:
    dispatcher.broken = {Topic.WORK}
    with pytest.raises(Unavailable):
        put_in(jobs, "a", "b")
    for job_id in ("a", "b"):
        job = row(jobs.database, job_id)
        assert (job.state, job.error_code, job.completed_at) == (
            JobState.FAILED,
            "QUEUE_UNAVAILABLE",
            clock(),
        )
    assert take(jobs.database, clock) is None


def test_what_a_worker_found_by_itself_is_not_closed(
    jobs: JobsService,
    dispatcher: RecordingDispatcher,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ring(topic: Topic, kinds: Sequence[str] = ()) -> None:
        if topic == Topic.WORK:
            taken(jobs.database, clock)
            raise Unavailable("The queue can't be reached.")

    monkeypatch.setattr(dispatcher, "ring", ring)
    put_in(jobs, "a", "b")
    assert [row(jobs.database, job_id).state for job_id in ("a", "b")] == [JobState.RUNNING, JobState.QUEUED]


def test_a_lost_ring_of_anything_else_does_no_harm(
    jobs: JobsService, dispatcher: RecordingDispatcher, clock: FakeClock
) -> None:
    put_in(jobs, "job")
    fence = taken(jobs.database, clock)
    dispatcher.broken = set(Topic)
    cancel_in(jobs, "job")
    assert row(jobs.database, "job").state == JobState.STOPPING
    assert end(jobs.database, clock, fence, Stopped()) == JobState.CANCELLED


def test_what_waits_is_cancelled_at_once(
    jobs: JobsService, dispatcher: RecordingDispatcher, clock: FakeClock
) -> None:
    put_in(jobs, "job")
    dispatcher.rings.clear()
    job = cancel_in(jobs, "job")
    assert job is not None
    assert (job.state, job.completed_at) == (JobState.CANCELLED, clock())
    assert dispatcher.rings == [Topic.EVENTS]
    assert take(jobs.database, clock) is None


def test_what_runs_is_told_to_stop(
    jobs: JobsService, dispatcher: RecordingDispatcher, clock: FakeClock
) -> None:
    put_in(jobs, "job")
    taken(jobs.database, clock)
    dispatcher.rings.clear()
    job = cancel_in(jobs, "job")
    assert job is not None
    assert (job.state, job.completed_at, job.worker_id) == (JobState.STOPPING, None, "w")
    assert dispatcher.rings == [Topic.CANCEL, Topic.EVENTS]
    dispatcher.rings.clear()
    cancel_in(jobs, "job")
    assert dispatcher.rings == []


def test_what_only_a_lost_worker_holds_is_cancelled_at_once(jobs: JobsService, clock: FakeClock) -> None:
    put_in(jobs, "job")
    taken(jobs.database, clock)
    clock.advance(LEASE)
    job = cancel_in(jobs, "job")
    assert job is not None
    assert (job.state, job.worker_id, job.lease_until) == (JobState.CANCELLED, None, None)


def test_what_has_ended_stays_as_it_is(jobs: JobsService, clock: FakeClock) -> None:
    put_in(jobs, "job")
    end(jobs.database, clock, taken(jobs.database, clock), Completed({}))
    job = cancel_in(jobs, "job")
    assert job is not None
    assert job.state == JobState.COMPLETED
    assert cancel_in(jobs, "unknown") is None


def test_only_what_has_ended_can_be_deleted_and_its_events_go_too(
    jobs: JobsService, clock: FakeClock
) -> None:
    put_in(jobs, "job", "other")
    with jobs.transaction() as session:
        assert delete(session, "job") is False
    cancel_in(jobs, "job")
    with jobs.transaction() as session:
        assert delete(session, "job") is True
        assert delete(session, "job") is False
        assert get(session, "job") is None
        assert events.read_after(session, "job:job", 0, 10) == []
        assert len(events.read_after(session, "job:other", 0, 10)) == 1


def test_the_events_of_a_job_tell_its_story(jobs: JobsService, clock: FakeClock) -> None:
    put_in(jobs, "job")
    fence = taken(jobs.database, clock)
    end(jobs.database, clock, fence, Stopped())
    end(jobs.database, clock, taken(jobs.database, clock), Completed({}))
    with jobs.database.read() as session:
        story = events.read_after(session, "job:job", 0, 10)
    assert [(event.seq, event.type, event.data["epoch"]) for event in story] == [
        (1, "job.queued", 0),
        (2, "job.running", 1),
        (3, "job.queued", 1),
        (4, "job.running", 2),
        (5, "job.completed", 2),
    ]
    assert story[-1].data == {"state": "completed", "epoch": 2, "progress": 1.0, "message": "Half."}


def test_lists_are_newest_first_and_paged(jobs: JobsService, clock: FakeClock) -> None:
    put_in(jobs, "a", "b", "c")
    with jobs.transaction() as session:
        submit(session, family="other", kind="x", payload={}, job_id="d")
    cancel_in(jobs, "b")
    with jobs.database.read() as session:
        page, total = list_jobs(session, family="test", limit=2, offset=0)
        assert ([job.id for job in page], total) == (["c", "b"], 3)
        page, total = list_jobs(session, family="test", limit=2, offset=2)
        assert ([job.id for job in page], total) == (["a"], 3)
        page, total = list_jobs(session, family="test", states=[JobState.QUEUED], limit=9, offset=0)
        assert ([job.id for job in page], total) == (["c", "a"], 2)
        assert list_jobs(session, family="test", states=[], limit=9, offset=0) == ([], 0)


def test_waiting_ends_with_the_job(jobs: JobsService, clock: FakeClock) -> None:
    put_in(jobs, "job")
    found: list[Job | None] = []
    waiter = threading.Thread(target=lambda: found.append(jobs.wait_until_terminal("job", 60)))
    waiter.start()
    fence = taken(jobs.database, clock)
    with jobs.transaction() as session:
        assert fence == Fence("job", 1)
        cancel(session, "job")
    end(jobs.database, clock, fence, Stopped())
    waiter.join(30)
    assert [job.state for job in found if job] == [JobState.CANCELLED]


def test_waiting_ends_with_the_time_or_without_a_job(jobs: JobsService) -> None:
    put_in(jobs, "job")
    job = jobs.wait_until_terminal("job", 0.01)
    assert job is not None
    assert job.state == JobState.QUEUED
    assert jobs.wait_until_terminal("unknown", 60) is None
