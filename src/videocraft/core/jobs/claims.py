"""What a worker does to a job's row: claim, renew, finish, and hold still while it publishes.

Every function takes the session of a write transaction and ``at``, seconds on the database's clock
(``clock.now(session)``). All but ``claim`` are fenced: they compare id, epoch, state and lease, and change
nothing for a worker whose claim is over.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

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
_QUEUED = JOBS.alias("queued")
_BEST = (
    select(_QUEUED.c.seq)
    .where(_QUEUED.c.state == JobState.QUEUED.value)
    .order_by(_QUEUED.c.priority.desc(), _QUEUED.c.seq)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_BEST_OF_KINDS = _BEST.where(_QUEUED.c.kind.in_(bindparam("kinds", expanding=True)))


def _claiming(best: Select[tuple[int]]) -> ReturningUpdate[Any]:
    """Finding the best row and taking it is one statement; in between nobody can change the row."""
    return (
        update(JOBS)
        .where(JOBS.c.seq == best.scalar_subquery(), JOBS.c.state == JobState.QUEUED.value)
        .values(
            **transitions.NEXT_EVENT,
            state=JobState.RUNNING.value,
            epoch=JOBS.c.epoch + 1,
            started_at=func.coalesce(JOBS.c.started_at, bindparam("now")),
            warnings=[],  # this run says its own
        )
        .returning(
            *transitions.FACTS,
            JOBS.c.id,
            JOBS.c.kind,
            JOBS.c.payload,
            JOBS.c.request_id,
            JOBS.c.lost,
            JOBS.c.log,
        )
    )


_CLAIM = _claiming(_BEST)
_CLAIM_OF_KINDS = _claiming(_BEST_OF_KINDS)
_WAITING = select(JOBS.c.seq).where(JOBS.c.state == JobState.QUEUED.value).limit(1)
_WAITING_OF_KINDS = _WAITING.where(JOBS.c.kind.in_(bindparam("kinds", expanding=True)))
_HELD = and_(
    JOBS.c.id == bindparam("old_id"),
    JOBS.c.epoch == bindparam("old_epoch"),
    JOBS.c.state.in_(sorted(HELD)),
    JOBS.c.lease_until > bindparam("now"),
)
_RENEW = update(JOBS).where(_HELD).returning(*transitions.FACTS)
_RENEW_AND_TELL = _RENEW.values(transitions.NEXT_EVENT)
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
    mine: dict[str, Any] = {
        "worker_id": worker_id,
        "lease_until": at + lease_seconds,
        "updated_at": at,
        "now": at,
    }
    if kinds is None:
        claimed = session.connection().execute(_CLAIM, mine)
    else:
        claimed = session.connection().execute(_CLAIM_OF_KINDS, mine | {"kinds": sorted(kinds)})
    row = claimed.mappings().one_or_none()
    if row is None:
        return None
    transitions.announce(session, row["id"], row["kind"], dict(row))
    return Claim(
        Fence(row["id"], row["epoch"]),
        **{
            name: row[name]
            for name in ("kind", "payload", "request_id", "lost", "progress", "message", "log")
        },
    )


def renew(
    session: Session, fence: Fence, *, lease_seconds: float, at: float, report: Report | None = None
) -> JobState | None:
    """Prolong the lease to ``lease_seconds`` from now, and write what the handler reports.

    Returns:
        RUNNING, or STOPPING when the job is to be cancelled, or None when the claim is over.
    """
    new = {"lease_until": at + lease_seconds, "updated_at": at} | (report.columns() if report else {})
    is_told = report is not None and report.is_event
    statement = _RENEW_AND_TELL if is_told else _RENEW
    row = session.connection().execute(statement, new | _held(fence, at)).mappings().one_or_none()
    if row is None:
        return None
    if is_told:
        transitions.append_event(session, fence.job_id, "progress", dict(row))
    return JobState(row["state"])


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
