"""What a worker does to a job's row: claim, renew, finish, and hold still while it publishes.

Every function takes the session of a write transaction and ``at``, seconds on the database's clock
(``clock.now(session)``). All but ``claim`` are fenced: they compare id, epoch, state and lease, and change
nothing for a worker whose claim is over.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from videocraft.core.jobs import transitions
from videocraft.core.jobs.outcomes import Completed, Failed, Outcome
from videocraft.core.jobs.reports import Report
from videocraft.core.jobs.states import HELD, JobState
from videocraft.core.jobs.transitions import JOBS, LeaseIs, Seen


@dataclass(frozen=True, slots=True)
class Fence:
    """What a worker shows whenever it writes: the job, and the epoch of its claim."""

    job_id: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that a worker has just taken, as far as the worker has to know it."""

    fence: Fence
    kind: str
    payload: dict[str, Any]
    request_id: str | None
    lost: int
    progress: float
    message: str
    log: list[dict[str, Any]]


# Built once: to build a statement takes longer than to run it.
_BEST = (
    select(JOBS)
    .where(JOBS.c.state == JobState.QUEUED.value)
    .order_by(JOBS.c.priority.desc(), JOBS.c.seq)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_BEST_OF_KINDS = _BEST.where(JOBS.c.kind.in_(bindparam("kinds", expanding=True)))
_WAITING = select(JOBS.c.seq).where(JOBS.c.state == JobState.QUEUED.value).limit(1)
_WAITING_OF_KINDS = _WAITING.where(JOBS.c.kind.in_(bindparam("kinds", expanding=True)))
_HELD = and_(
    JOBS.c.id == bindparam("old_id"),
    JOBS.c.epoch == bindparam("old_epoch"),
    JOBS.c.state.in_(sorted(HELD)),
    JOBS.c.lease_until > bindparam("now"),
)
_RENEW = update(JOBS).where(_HELD).returning(JOBS.c.state)
_LOOK = select(JOBS.c.state).where(_HELD)
_LOCK = _LOOK.with_for_update()


def is_any_waiting(session: Session, kinds: Collection[str] | None = None) -> bool:
    """Whether ``claim`` would find a job; only reads, so any session will do."""
    if kinds is None:
        return session.connection().execute(_WAITING).first() is not None
    return session.connection().execute(_WAITING_OF_KINDS, {"kinds": sorted(kinds)}).first() is not None


def claim(
    session: Session,
    *,
    worker_id: str,
    lease_seconds: float,
    at: float,
    kinds: Collection[str] | None = None,
) -> Claim | None:
    """Take the best queued job (highest priority, then oldest) for ``lease_seconds``; None when none waits.

    With ``kinds`` it is the best of these kinds.

    On PostgreSQL rows that another worker is just claiming are passed over; SQLite has no row locks and needs
    none, since its write transactions exclude each other.
    """
    connection = session.connection()
    if kinds is None:
        row = connection.execute(_BEST).one_or_none()
    else:
        row = connection.execute(_BEST_OF_KINDS, {"kinds": sorted(kinds)}).one_or_none()
    if row is None:
        return None
    fence = Fence(row.id, row.epoch + 1)
    mine: dict[str, Any] = {
        "epoch": fence.epoch,
        "worker_id": worker_id,
        "lease_until": at + lease_seconds,
        "started_at": at if row.started_at is None else row.started_at,
        "warnings": [],  # this run says its own
    }
    seen = Seen(row.id, row.epoch, JobState.QUEUED)
    taken = transitions.change(session, seen, JobState.RUNNING, mine, at=at)
    found = Claim(fence, row.kind, row.payload, row.request_id, row.lost, row.progress, row.message, row.log)
    return found if taken else None


def renew(
    session: Session, fence: Fence, *, lease_seconds: float, at: float, report: Report | None = None
) -> JobState | None:
    """Prolong the lease to ``lease_seconds`` from now, and write what the handler reports.

    Returns:
        RUNNING, or STOPPING when the job is to be cancelled, or None when the claim is over.
    """
    new = {"lease_until": at + lease_seconds, "updated_at": at} | (report.columns() if report else {})
    state = session.connection().execute(_RENEW, new | _held(fence, at)).scalar_one_or_none()
    if state is None:
        return None
    if report and report.is_event:
        facts = {"state": state, "epoch": fence.epoch, "progress": report.progress, "message": report.message}
        transitions.append_event(session, fence.job_id, "progress", facts)
    return JobState(state)


def look(session: Session, fence: Fence, *, at: float) -> JobState | None:
    """As ``renew``, but only reading; any session will do."""
    state = session.connection().execute(_LOOK, _held(fence, at)).scalar_one_or_none()
    return None if state is None else JobState(state)


def hold_still(session: Session, fence: Fence, *, at: float) -> bool:
    """Whether the claim holds and nobody cancelled the job; if so, the row stays so until the commit."""
    state = session.connection().execute(_LOCK, _held(fence, at)).scalar_one_or_none()
    return state == JobState.RUNNING


def finish(
    session: Session, fence: Fence, outcome: Outcome, *, at: float, report: Report | None = None
) -> JobState | None:
    """End a claim: completed, failed, or handed back to the queue at no cost; cancelled if so asked.

    Returns:
        The job's state now, or None when the claim was over before and nothing was changed.
    """
    given_up = (report.columns() if report else {}) | {"lease_until": None, "worker_id": None}
    target, columns = _end_of(outcome, at)
    ends = (
        (JobState.RUNNING, target, columns),
        (JobState.STOPPING, JobState.CANCELLED, {"completed_at": at}),
    )
    for source, end, columns in ends:
        new = given_up | columns
        seen = Seen(fence.job_id, fence.epoch, source)
        if transitions.change(session, seen, end, new, at=at, lease=LeaseIs.HOLDING):
            return end
    return None


def _end_of(outcome: Outcome, at: float) -> tuple[JobState, dict[str, Any]]:
    match outcome:
        case Completed(result):
            return JobState.COMPLETED, {"completed_at": at, "progress": 1.0, "result": result}
        case Failed(code, message, details):
            error = {"error_code": code, "error_message": message, "error_details": details}
            return JobState.FAILED, {"completed_at": at} | error
        case _:
            return JobState.QUEUED, {}


def _held(fence: Fence, at: float) -> dict[str, Any]:
    return {"old_id": fence.job_id, "old_epoch": fence.epoch, "now": at}
