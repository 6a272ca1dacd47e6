"""Thousands of interleavings of two workers, a sweeper, cancels, stops and crashes, against a model.

Write transactions exclude each other (and lock their rows), so every history of concurrent processes is one
sequence of these functions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from tests.support.databases import FakeClock, clear, copy_of
from videocraft.core import events
from videocraft.core.database import Database
from videocraft.core.database.models import Job
from videocraft.core.jobs import TERMINAL, JobState, cancel, claims, submit, sweeper
from videocraft.core.jobs.claims import Fence
from videocraft.core.jobs.outcomes import Completed, Failed, Outcome, Stopped
from videocraft.core.jobs.reports import Report
from videocraft.core.jobs.states import HELD

LEASE = 15.0
WORKERS = ("A", "B")
FENCED_TRIED = 6
"""So many of the last claims that are over are tried in each step."""
OUTCOMES: tuple[Outcome, ...] = (Completed({"n": 1}), Failed("MEDIA_ERROR", "It failed.", {}), Stopped())


@dataclass
class Expected:
    """What the model knows of a job."""

    number: int
    priority: int
    state: JobState = JobState.QUEUED
    epoch: int = 0
    lost: int = 0
    lease_until: float = 0.0
    progress: float = 0.0
    effects: list[int] = field(default_factory=list)
    """Epochs that published."""
    final: dict[str, Any] | None = None
    """The row when it had become terminal."""


def row_of(job: Job) -> dict[str, Any]:
    return {column.name: getattr(job, column.name) for column in Job.__table__.columns}


class JobsMachine(RuleBasedStateMachine):
    """Rules are what processes do; a worker keeps its fence for as long as it likes, also when it is over."""

    database: Database
    clock: FakeClock

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[str, Expected] = {}
        self.fences: dict[str, Fence | None] = dict.fromkeys(WORKERS)
        self.zombies: list[Fence] = []
        self.given: list[Fence] = []

    @initialize()
    def begin(self) -> None:
        clear(self.database)
        for priority in (0, 1, 0):
            self.submits(priority)
        self.claims()

    # What happens. Preconditions keep steps from being idle: few jobs at a time, and most of them held.

    @precondition(lambda self: len(self.in_state(*JobState)) - len(self.in_state(*TERMINAL)) < 3)
    @rule(priority=st.integers(-1, 1))
    def submits(self, priority: int) -> None:
        with self.database.write() as session:
            job = submit(session, family="test", kind="test.none", payload={}, priority=priority)
        self.expected[job.id] = Expected(len(self.expected), priority)

    @precondition(lambda self: self.in_state(*HELD))
    @rule(seconds=st.sampled_from([LEASE / 2, LEASE]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @precondition(lambda self: None in self.fences.values())
    @rule()
    def claims(self) -> None:
        worker = next(worker for worker, fence in self.fences.items() if fence is None)
        self.fences[worker] = self.claim(worker)

    @precondition(lambda self: self.holders())
    @rule(data=st.data(), progress=st.none() | st.floats(0, 1))
    def renews(self, data: st.DataObject, progress: float | None) -> None:
        self.renew(self.fence_of(data), progress)

    @precondition(lambda self: self.holders())
    @rule(data=st.data())
    def publishes(self, data: st.DataObject) -> None:
        self.publish(self.fence_of(data))

    @precondition(lambda self: self.holders())
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES))
    def finishes(self, data: st.DataObject, outcome: Outcome) -> None:
        self.finish(self.fence_of(data, forget=True), outcome)

    @precondition(lambda self: self.holders())
    @rule(data=st.data())
    def crashes(self, data: st.DataObject) -> None:
        self.fence_of(data, forget=True)

    @precondition(lambda self: self.holders())
    @rule(data=st.data())
    def is_suspended(self, data: st.DataObject) -> None:
        """It will go on writing for its claim at any later time."""
        self.zombies.append(self.fence_of(data, forget=True))

    @precondition(lambda self: self.holders())
    @rule(data=st.data())
    def is_suspended_until_another_has_its_job(self, data: st.DataObject) -> None:
        """What single steps would seldom make up."""
        self.is_suspended(data)
        self.clock.advance(LEASE)
        self.sweep()
        self.claims()

    @precondition(lambda self: self.zombies)
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES))
    def suspended_worker_goes_on(self, data: st.DataObject, outcome: Outcome) -> None:
        fence = data.draw(st.sampled_from(self.zombies))
        what = data.draw(st.sampled_from(["renew", "publish", "finish"]))
        if what == "renew":
            self.renew(fence, 0.5)
        elif what == "publish":
            self.publish(fence)
        else:
            self.finish(fence, outcome)

    @precondition(lambda self: self.in_state(*JobState))
    @rule(data=st.data())
    def cancels_any(self, data: st.DataObject) -> None:
        self.cancel(data.draw(st.sampled_from(self.in_state(*JobState))))

    @precondition(lambda self: self.in_state(JobState.RUNNING))
    @rule(data=st.data())
    def cancels_a_running_one(self, data: st.DataObject) -> None:
        self.cancel(data.draw(st.sampled_from(self.in_state(JobState.RUNNING))))

    @precondition(lambda self: self.in_state(*HELD))
    @rule()
    def sweeps(self) -> None:
        self.sweep()

    def in_state(self, *states: JobState) -> list[str]:
        return [job_id for job_id, job in self.expected.items() if job.state in states]

    def holders(self) -> list[str]:
        return [worker for worker, fence in self.fences.items() if fence is not None]

    def fence_of(self, data: st.DataObject, *, forget: bool = False) -> Fence:
        worker = data.draw(st.sampled_from(self.holders()))
        fence = self.fences[worker]
        assert fence is not None
        if forget:
            self.fences[worker] = None
        return fence

    # What each must do

    def holds(self, fence: Fence, *states: JobState) -> bool:
        expected = self.expected[fence.job_id]
        is_current = expected.epoch == fence.epoch and expected.lease_until > self.clock()
        return is_current and expected.state in states

    def claim(self, worker: str) -> Fence | None:
        waiting = self.in_state(JobState.QUEUED)
        with self.database.write() as session:
            claim = claims.claim(session, worker_id=worker, lease_seconds=LEASE, at=self.clock())
        if not waiting:
            assert claim is None
            return None
        best_id = min(
            waiting, key=lambda job_id: (-self.expected[job_id].priority, self.expected[job_id].number)
        )
        best = self.expected[best_id]
        assert claim is not None
        assert claim.fence == Fence(best_id, best.epoch + 1), "the best row first, and the next epoch"
        best.state, best.epoch, best.lease_until = JobState.RUNNING, best.epoch + 1, self.clock() + LEASE
        self.given.append(claim.fence)
        return claim.fence

    def cancel(self, job_id: str) -> None:
        expected = self.expected[job_id]
        with self.database.write() as session:
            job = cancel(session, job_id)
        assert job is not None
        if expected.state == JobState.QUEUED:
            expected.state = JobState.CANCELLED
        elif expected.state == JobState.RUNNING:
            is_held = expected.lease_until > self.clock()
            expected.state = JobState.STOPPING if is_held else JobState.CANCELLED
        assert job.state == expected.state

    def renew(self, fence: Fence, progress: float | None) -> None:
        expected = self.expected[fence.job_id]
        report = None
        if progress is not None:
            report = Report(max(progress, expected.progress), "On it.", [], [], is_event=True)
        with self.database.write() as session:
            state = claims.renew(session, fence, lease_seconds=LEASE, at=self.clock(), report=report)
        if not self.holds(fence, *HELD):
            assert state is None
            return
        assert state == expected.state
        expected.lease_until = self.clock() + LEASE
        expected.progress = report.progress if report else expected.progress

    def publish(self, fence: Fence) -> None:
        with self.database.write() as session:
            may_publish = claims.hold_still(session, fence, at=self.clock())
            if may_publish:
                self.expected[fence.job_id].effects.append(fence.epoch)
        assert may_publish == self.holds(fence, JobState.RUNNING)

    def finish(self, fence: Fence, outcome: Outcome) -> None:
        expected = self.expected[fence.job_id]
        is_mine = self.holds(fence, *HELD)
        with self.database.write() as session:
            state = claims.finish(session, fence, outcome, at=self.clock())
        if not is_mine:
            assert state is None
            return
        if expected.state == JobState.STOPPING:
            expected.state = JobState.CANCELLED
        else:
            ends = {Completed: JobState.COMPLETED, Failed: JobState.FAILED, Stopped: JobState.QUEUED}
            expected.state = ends[type(outcome)]
        if isinstance(outcome, Completed) and expected.state == JobState.COMPLETED:
            expected.progress = 1.0
        assert state == expected.state

    def sweep(self) -> None:
        with self.database.write() as session:
            swept = sweeper.sweep(session, at=self.clock())
        assert len({*swept.requeued, *swept.ended}) == len(swept.requeued) + len(swept.ended)
        for job_id, expected in self.expected.items():
            if expected.state not in HELD or expected.lease_until > self.clock():
                assert job_id not in (*swept.requeued, *swept.ended)
                continue
            if expected.state == JobState.STOPPING:
                expected.state = JobState.CANCELLED
                assert job_id in swept.cancelled
                continue
            expected.lost += 1
            expected.state = JobState.QUEUED if expected.lost < 3 else JobState.FAILED
            assert job_id in (swept.requeued if expected.lost < 3 else swept.failed)

    # What always holds

    @invariant()
    def rows_are_as_expected(self) -> None:
        with self.database.read() as session:
            rows = {job.id: job for job in session.scalars(select(Job))}
            assert rows.keys() == self.expected.keys()
            for job_id, expected in self.expected.items():
                job = rows[job_id]
                found = (job.state, job.epoch, job.lost, job.progress)
                assert found == (expected.state, expected.epoch, expected.lost, expected.progress)
                is_held = expected.state in HELD
                assert job.lease_until == (expected.lease_until if is_held else None)
                assert (job.worker_id is not None) == is_held
                if expected.final is None and expected.state in TERMINAL:
                    expected.final = row_of(job)
                    assert job.completed_at is not None
                assert expected.final is None or row_of(job) == expected.final, "a terminal row never changes"

    @invariant()
    def fenced_workers_change_nothing(self) -> None:
        """Whoever held a claim that is over is refused at every moment; the rows are compared after it."""
        over = [fence for fence in self.given if not self.holds(fence, *HELD)]
        with self.database.write() as session:
            for number, fence in enumerate(over[-FENCED_TRIED:]):
                outcome = OUTCOMES[number % len(OUTCOMES)]
                assert claims.renew(session, fence, lease_seconds=LEASE, at=self.clock()) is None
                assert not claims.hold_still(session, fence, at=self.clock())
                assert claims.finish(session, fence, outcome, at=self.clock()) is None

    @invariant()
    def effects_come_from_holders_in_order(self) -> None:
        for expected in self.expected.values():
            assert expected.effects == sorted(expected.effects)

    def teardown(self) -> None:
        """Nothing is stuck: two workers that come back bring every job to its end."""
        self.fences = dict.fromkeys(WORKERS)
        self.clock.advance(LEASE + 1)
        self.sweep()
        while (fence := self.claim("A")) is not None:
            self.publish(fence)
            self.finish(fence, OUTCOMES[0])
        self.rows_are_as_expected()
        self.effects_come_from_holders_in_order()
        with self.database.read() as session:
            for job_id, expected in self.expected.items():
                assert expected.state in TERMINAL
                story = events.read_after(session, f"job:{job_id}", 0, 10_000)
                assert [event.seq for event in story] == list(range(1, len(story) + 1))
                assert story[-1].data["state"] == expected.state
                epochs = [event.data["epoch"] for event in story]
                assert epochs == sorted(epochs)
                claimed = [event.data["epoch"] for event in story if event.type == "job.running"]
                assert claimed == list(range(1, expected.epoch + 1)), "every claim has an epoch of its own"
                assert sum(event.data["state"] in TERMINAL for event in story) == 1


def test_no_interleaving_breaks_an_invariant(tmp_path: Path, template: Path | str, clock: FakeClock) -> None:
    database = copy_of(template, tmp_path, clock)

    class Machine(JobsMachine):
        pass

    Machine.database, Machine.clock = database, clock
    # A transaction of PostgreSQL takes several times as long, and the rules are the same.
    examples = 50 if database.is_sqlite else 6
    run_state_machine_as_test(
        Machine, settings=settings(max_examples=examples, stateful_step_count=60, deadline=None)
    )
    database.dispose()
