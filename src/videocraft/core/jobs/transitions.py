"""The one way in which a job changes its state: a compare-and-set, with its event, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, and_, bindparam, true, update
from sqlalchemy.orm import Session

from videocraft.core import events
from videocraft.core.database.models import Job
from videocraft.core.jobs import totals
from videocraft.core.jobs.dispatch.base import Topic
from videocraft.core.jobs.states import TERMINAL, JobState

JOBS = cast("Table", Job.__table__)

_TOPICS = "videocraft.jobs.topics"
_WAITING = "videocraft.jobs.waiting"


class Seen(NamedTuple):
    """What somebody knows of a row, and wants to find unchanged."""

    job_id: str
    epoch: int
    state: JobState


class LeaseIs(Enum):
    """What a compare-and-set asks of the lease, beside id, epoch and state."""

    ANY = "any"
    HOLDING = "holding"
    OVER = "over"


_LEASES = {
    LeaseIs.ANY: true(),
    LeaseIs.HOLDING: JOBS.c.lease_until > bindparam("now"),
    LeaseIs.OVER: JOBS.c.lease_until <= bindparam("now"),
}
_UNCHANGED = and_(
    JOBS.c.id == bindparam("old_id"),
    JOBS.c.epoch == bindparam("old_epoch"),
    JOBS.c.state == bindparam("old_state"),
)
NEXT_EVENT = {"event_seq": JOBS.c.event_seq + 1}
"""What an update sets whose event is then appended."""
FACTS = (JOBS.c.event_seq, JOBS.c.state, JOBS.c.epoch, JOBS.c.progress, JOBS.c.message)
"""What an event tells, with its number."""
# Built once: to build a statement takes longer than to run it. What is set comes with the parameters.
_UPDATES = {
    lease: update(JOBS)
    .where(_UNCHANGED, condition)
    .values(NEXT_EVENT)
    .returning(*FACTS, JOBS.c.kind, JOBS.c.family, JOBS.c.started_at)
    for lease, condition in _LEASES.items()
}


def change(
    session: Session,
    seen: Seen,
    target: JobState,
    columns: Mapping[str, Any],
    *,
    at: float,
    lease: LeaseIs = LeaseIs.ANY,
) -> bool:
    """Bring a job from one state to another, set further columns, and append the event ``job.<target>``.

    Args:
        session: of a write transaction.
        seen: what the row must still be for anything to happen.
        target: its new state.
        columns: further names and new values.
        at: seconds on the database's clock.
        lease: what must be true of the lease at that time.

    Returns:
        Whether the row was as compared; if not, somebody was quicker and nothing has changed.
    """
    new = {**columns, "state": str(target), "updated_at": at}
    old = {"old_id": seen.job_id, "old_epoch": seen.epoch, "old_state": str(seen.state)}
    now = {} if lease is LeaseIs.ANY else {"now": at}
    changed = session.connection().execute(_UPDATES[lease], new | old | now).mappings().one_or_none()
    if changed is None:
        return False
    if target in TERMINAL:
        seconds = 0.0 if changed["started_at"] is None else at - changed["started_at"]
        totals.count(session, family=changed["family"], state=str(target), seconds=seconds)
    announce(session, seen.job_id, changed["kind"], dict(changed))
    return True


def announce(session: Session, job_id: str, kind: str, facts: Mapping[str, Any]) -> None:
    """Append the event of a state that a row has just got, and note the bell to ring after the commit.

    Args:
        session, job_id, kind: of the write transaction, and the row.
        facts: ``FACTS`` of the row, ``event_seq`` being the number of this event.
    """
    state: str = facts["state"]
    append_event(session, job_id, state, facts)
    if state == JobState.QUEUED:
        _topics(session).add(Topic.WORK)
        session.info.setdefault(_WAITING, []).append(kind)
    elif state == JobState.STOPPING:
        _topics(session).add(Topic.CANCEL)


def append_event(session: Session, job_id: str, name: str, facts: Mapping[str, Any]) -> None:
    """Append the event ``job.<name>`` to the stream of a job; ``facts`` as in ``announce``."""
    told = {column.name: facts[column.name] for column in FACTS[1:]}
    events.append_as(session, stream_of(job_id), facts["event_seq"], f"job.{name}", told)


def stream_of(job_id: str) -> str:
    """The name of the event stream of a job."""
    return f"job:{job_id}"


def topics_to_ring(session: Session) -> frozenset[Topic]:
    """The bells that a transaction's changes call for, to be rung once it is committed."""
    topics = frozenset(_topics(session))
    return topics | {Topic.EVENTS} if events.appended_streams(session) else topics


def kinds_to_ring(session: Session) -> tuple[str, ...]:
    """The kind of each job that a transaction has put into the queue."""
    return tuple(session.info.get(_WAITING, ()))


def _topics(session: Session) -> set[Topic]:
    topics: set[Topic] = session.info.setdefault(_TOPICS, set())
    return topics
