"""Finding jobs whose worker is lost, and giving them to another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from videocraft.core.database.models import Job
from videocraft.core.jobs import transitions
from videocraft.core.jobs.states import HELD, JobState
from videocraft.core.jobs.transitions import LeaseIs, Seen

MOST_LOST = 3
"""A job that loses so many workers fails: it is probably what kills them."""
BATCH = 100
"""Most rows that one transaction changes, so that nobody waits long for it."""


@dataclass(frozen=True, slots=True)
class Swept:
    """The jobs that a sweep changed, by what became of them."""

    requeued: tuple[str, ...]
    failed: tuple[str, ...]
    cancelled: tuple[str, ...]

    @property
    def ended(self) -> tuple[str, ...]:
        """Those that are terminal now."""
        return self.failed + self.cancelled


def first_end(session: Session) -> float | None:
    """When the first of all leases ends, unless it is renewed: from then on ``sweep`` finds something.

    It only reads, so it costs other writers nothing.
    """
    return session.execute(select(func.min(Job.lease_until)).where(Job.state.in_(sorted(HELD)))).scalar_one()


def waiting_kinds(session: Session) -> tuple[str, ...]:
    """The kinds of the jobs that wait to be claimed, the best ``BATCH`` of them in their order."""
    query = select(Job.kind).where(Job.state == JobState.QUEUED).order_by(Job.priority.desc(), Job.seq)
    return tuple(session.scalars(query.limit(BATCH)))


def sweep(session: Session, *, at: float) -> Swept:
    """Take the jobs whose lease is over from their workers, inside the caller's write transaction.

    A running job is queued again, at the cost of one attempt; the third loss fails it. One that was to stop
    is cancelled: cancelling wins over running again.
    """
    query = select(Job).where(*_is_lost(at)).order_by(Job.lease_until).limit(BATCH)
    swept: dict[JobState, list[str]] = {JobState.QUEUED: [], JobState.FAILED: [], JobState.CANCELLED: []}
    for job in session.scalars(query.with_for_update(skip_locked=True)).all():
        target, columns = _end_of(job, at)
        seen = Seen(job.id, job.epoch, JobState(job.state))
        if transitions.change(session, seen, target, columns, at=at, lease=LeaseIs.OVER):
            swept[target].append(job.id)
    return Swept(*(tuple(ids) for ids in swept.values()))


def _is_lost(at: float) -> tuple[ColumnElement[bool], ...]:
    return (Job.state.in_(sorted(HELD)), Job.lease_until <= at)


def _end_of(job: Job, at: float) -> tuple[JobState, dict[str, Any]]:
    gone = {"lease_until": None, "worker_id": None}
    if job.state == JobState.STOPPING:
        return JobState.CANCELLED, gone | {"completed_at": at}
    lost = job.lost + 1
    if lost < MOST_LOST:
        return JobState.QUEUED, gone | {"lost": lost}
    error = {
        "error_code": "WORKER_LOST",
        "error_message": "The job was stopped because its worker was lost three times.",
    }
    return JobState.FAILED, gone | error | {"lost": lost, "completed_at": at}
