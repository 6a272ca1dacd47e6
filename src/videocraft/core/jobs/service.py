"""Use cases of everybody but workers: submit, look, cancel, delete, wait."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import delete as sql_delete
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from videocraft import telemetry
from videocraft.core import events
from videocraft.core.database import Database, clock
from videocraft.core.database.models import Job
from videocraft.core.jobs import transitions
from videocraft.core.jobs.dispatch.base import Dispatcher, Topic
from videocraft.core.jobs.states import TERMINAL, UNCLAIMED, JobState
from videocraft.core.jobs.transitions import Seen
from videocraft.errors import Unavailable

LOOK_SECONDS = 1.0
"""A waiter looks at the row that often even if no bell rings."""

TRACE = "_trace"
"""The key of a payload under which the trace of the request goes to the worker; handlers don't get it."""

_JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SUBMITTED = "videocraft.jobs.submitted"
_INSERT = insert(transitions.JOBS)
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def submit(
    session: Session,
    *,
    family: str,
    kind: str,
    payload: Mapping[str, Any],
    job_id: str | None = None,
    priority: int = 0,
    owner: str | None = None,
    request_id: str | None = None,
) -> Job:
    """Queue a job inside the caller's write transaction.

    Args:
        session: of ``JobsService.transaction``, which wakes the workers once it is committed.
        family: the room that owns the job.
        kind: the name of a handler.
        payload: what the handler gets; JSON.
        job_id: letters, digits, ``.``, ``_`` and ``-``, at most 64; never one that was used before.
            Default: a new UUID.
        priority: higher ones are claimed first, equal ones in order of arrival.
        owner: the key that the job belongs to.
        request_id: of the request that asked for it; it is in the job's logs.

    Returns:
        What the row says; changing it changes nothing.

    Raises:
        ValueError: the id is of another form.
        IntegrityError: the id is taken.
    """
    job_id = str(uuid4()) if job_id is None else job_id
    trace = telemetry.carrier()
    if not _JOB_ID.fullmatch(job_id):
        raise ValueError("A job's id is 1 to 64 letters, digits, dots, underscores or hyphens.")
    at = clock.now(session)
    columns: dict[str, Any] = {
        "id": job_id,
        "family": family,
        "kind": kind,
        "state": JobState.QUEUED.value,
        "epoch": 0,
        "event_seq": 1,
        "lost": 0,
        "priority": priority,
        "payload": dict(payload) if trace is None else {**payload, TRACE: trace},
        "progress": 0.0,
        "message": "",
        "warnings": [],
        "log": [],
        "owner": owner,
        "request_id": request_id,
        "created_at": at,
        "updated_at": at,
    }
    # Not by the session's unit of work, which takes three times as long.
    session.connection().execute(_INSERT, columns)
    transitions.announce(session, job_id, kind, columns)
    session.info.setdefault(_SUBMITTED, []).append(job_id)
    return Job(**columns)


def get(session: Session, job_id: str) -> Job | None:
    """The job as it is now."""
    return _read(session, job_id, lock=False)


def cancel(session: Session, job_id: str) -> Job | None:
    """Cancel a job inside the caller's write transaction; None when there is no such job.

    What no worker holds (or only a worker whose lease is over) is cancelled at once. A running job is
    ``stopping`` until its worker has stopped, or is found to be lost. Terminal jobs stay as they are.
    """
    job = _read(session, job_id, lock=True)
    if job is None or job.state in TERMINAL or job.state == JobState.STOPPING:
        return job
    at = clock.now(session)
    seen = Seen(job_id, job.epoch, JobState(job.state))
    if seen.state in UNCLAIMED or job.lease_until is None or job.lease_until <= at:
        gone = {"completed_at": at, "lease_until": None, "worker_id": None}
        transitions.change(session, seen, JobState.CANCELLED, gone, at=at)
    else:
        transitions.change(session, seen, JobState.STOPPING, {}, at=at)
    return _read(session, job_id, lock=False)


def delete(session: Session, job_id: str) -> bool:
    """Delete a terminal job and its events inside the caller's write transaction; False when there is none.

    Rows of other tables that name the job must be gone before.
    """
    statement = sql_delete(Job).where(Job.id == job_id, Job.state.in_(sorted(TERMINAL))).returning(Job.seq)
    options = {"synchronize_session": False}
    if session.execute(statement, execution_options=options).scalar_one_or_none() is None:
        return False
    events.delete(session, transitions.stream_of(job_id))
    return True


def list_jobs(
    session: Session, *, family: str, states: Iterable[JobState] | None = None, limit: int, offset: int
) -> tuple[list[Job], int]:
    """A page of a family's jobs, newest first, and how many there are on all pages."""
    conditions = [Job.family == family]
    if states is not None:
        conditions.append(Job.state.in_(sorted(states)))
    total = session.execute(select(func.count()).select_from(Job).where(*conditions)).scalar_one()
    page = select(Job).where(*conditions).order_by(Job.seq.desc()).limit(limit).offset(offset)
    return list(session.scalars(page)), total


class JobsService:
    """The database and the bells together: transactions that ring once they are committed, and waiting."""

    def __init__(self, database: Database, dispatcher: Dispatcher) -> None:
        self.database = database
        self.dispatcher = dispatcher

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A write transaction; after its commit the bells ring that its changes call for.

        Raises:
            Unavailable: jobs were submitted, but workers can't be told. Nothing of the transaction is kept;
                if that became known only after its commit, the jobs are closed (``failed``). They never run.
        """
        with self.database.write() as session:
            yield session
            submitted: list[str] = session.info.get(_SUBMITTED, [])
            if submitted:
                session.flush()
                self.dispatcher.check()
        for topic in sorted(transitions.topics_to_ring(session)):
            try:
                if topic == Topic.WORK:
                    self.dispatcher.ring(topic, transitions.kinds_to_ring(session))
                else:
                    self.dispatcher.ring(topic)
            except Unavailable:
                _log.warning("ring failed", topic=str(topic))
                if topic == Topic.WORK and submitted and self._close(submitted):
                    raise

    def wait_until_terminal(self, job_id: str, timeout_seconds: float) -> Job | None:
        """Wait until a job is completed, failed or cancelled, at most so many seconds.

        Returns:
            The job as it is then, terminal or not; None when there is no such job.
        """
        deadline = time.monotonic() + timeout_seconds
        with self.dispatcher.listen(Topic.EVENTS) as bell:
            while True:
                with self.database.read() as session:
                    job = get(session, job_id)
                remaining = deadline - time.monotonic()
                if job is None or job.state in TERMINAL or remaining <= 0:
                    return job
                bell.wait(min(remaining, LOOK_SECONDS))

    def _close(self, job_ids: Collection[str]) -> bool:
        """Fail jobs that nobody could be told of: all, or none when a worker has found one by itself."""
        with self.database.write() as session:
            query = select(Job).where(Job.id.in_(job_ids), Job.state == JobState.QUEUED, Job.epoch == 0)
            waiting = session.scalars(query.with_for_update()).all()
            if len(waiting) < len(job_ids):
                return False
            at = clock.now(session)
            error = {
                "error_code": "QUEUE_UNAVAILABLE",
                "error_message": "The job was not queued because the queue could not be reached.",
                "completed_at": at,
            }
            for job in waiting:
                seen = Seen(job.id, 0, JobState.QUEUED)
                transitions.change(session, seen, JobState.FAILED, error, at=at)
            return True


def _read(session: Session, job_id: str, *, lock: bool) -> Job | None:
    query = select(Job).where(Job.id == job_id).execution_options(populate_existing=True)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()
