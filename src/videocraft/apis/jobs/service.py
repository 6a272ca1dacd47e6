"""Use cases of jobs: create, show, list, cancel, hand out their files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from videocraft.apis.jobs.admission import admit
from videocraft.apis.jobs.bodies import job_body, states_of
from videocraft.apis.jobs.work import file_key
from videocraft.core.database import clock
from videocraft.core.database.models import ClipVersion, Job
from videocraft.core.jobs import JobsService, JobState, submit
from videocraft.core.jobs import cancel as cancel_job
from videocraft.core.jobs import get as get_job
from videocraft.core.storage import InvalidKey, ObjectInfo
from videocraft.errors import Conflict, NotFound, Unavailable
from videocraft.services import Services, public_base

FAMILY = "jobs"
LET_GO_SECONDS = 3.0
"""How long a cancel waits for the worker to let go; FFmpeg is gone within 2."""


def jobs_of(services: Services) -> JobsService:
    """Transactions that ring once they are committed."""
    return JobsService(services.database, services.dispatcher)


def create(
    services: Services,
    job_type: str,
    given: Mapping[str, Any],
    *,
    clip_version_id: str | None = None,
    priority: int = 0,
    owner: str | None = None,
    request_id: str | None = None,
) -> dict[str, Any]:
    """Check and queue a job; the documented answer.

    Raises:
        Unprocessable: the payload is wrong, or names what there is not.
        Unavailable: the workers could not be told; nothing is left queued.
    """
    payload = admit(services, job_type, given, clip_version_id)
    try:
        with jobs_of(services).transaction() as session:
            job = submit(
                session,
                family=FAMILY,
                kind=f"{FAMILY}.{job_type}",
                payload=payload,
                job_id=f"job_{uuid4().hex}",
                priority=priority,
                owner=owner,
                request_id=request_id,
            )
            _note_at_version(session, payload["clip_version_id"], job.id)
            # As it is at this moment: a worker may be quicker than the answer.
            return job_body(job, public_base(services.settings))
    except Unavailable as error:
        raise _not_queued(error) from error


def _not_queued(error: Unavailable) -> Unavailable:
    prefix = "Failed to enqueue job: "
    if error.message.startswith(prefix):
        return error
    return Unavailable(prefix + error.message, code=error.code, headers=error.headers)


def _note_at_version(session: Session, version_id: str | None, job_id: str) -> None:
    if version_id is not None:
        row = update(ClipVersion).where(ClipVersion.id == version_id)
        session.execute(row.values(job_id=job_id, updated_at=clock.now(session)))


def require_job(session: Session, job_id: str) -> Job:
    """A job of this family.

    Raises:
        NotFound: ``Job X not found``.
    """
    job = get_job(session, job_id) if len(job_id) <= 64 else None
    if job is None or job.family != FAMILY:
        raise NotFound(f"Job {job_id} not found")
    return job


def show(services: Services, job_id: str) -> dict[str, Any]:
    """The documented job object."""
    with services.database.read() as session:
        return job_body(require_job(session, job_id), public_base(services.settings))


def listing(
    services: Services,
    *,
    limit: int,
    offset: int,
    status: str | None = None,
    job_type: str | None = None,
    clip_version_id: str | None = None,
) -> dict[str, Any]:
    """A page of jobs, newest first."""
    conditions = [Job.family == FAMILY]
    if status is not None:
        conditions.append(Job.state.in_(states_of(status)))
    if job_type is not None:
        conditions.append(Job.kind == f"{FAMILY}.{job_type}")
    if clip_version_id is not None:
        conditions.append(Job.payload["clip_version_id"].as_string() == clip_version_id)
    with services.database.read() as session:
        total = session.execute(select(func.count()).select_from(Job).where(*conditions)).scalar_one()
        page = select(Job).where(*conditions).order_by(Job.seq.desc()).limit(limit).offset(offset)
        jobs = [job_body(job, public_base(services.settings)) for job in session.scalars(page)]
    return {"jobs": jobs, "total": total, "limit": limit, "offset": offset}


def cancel(services: Services, job_id: str) -> dict[str, Any]:
    """Stop a job; the job object as it is once its worker has let go (or after some seconds).

    Raises:
        NotFound: there is none.
        Conflict: it has come to its end.
    """
    jobs = jobs_of(services)
    with jobs.transaction() as session:
        before = require_job(session, job_id).state
        if before in {JobState.COMPLETED, JobState.FAILED}:
            raise Conflict(f"Job {job_id} has already {before}")
        job = cancel_job(session, job_id)
    if job is not None and job.state == JobState.STOPPING:
        jobs.wait_until_terminal(job_id, LET_GO_SECONDS)
    return show(services, job_id)


def find_file(services: Services, job_id: str, name: str) -> ObjectInfo:
    """A file that a job has made.

    Raises:
        NotFound: no such job, or no such file of it.
    """
    with services.database.read() as session:
        job = require_job(session, job_id)
        is_done, epoch = job.state == JobState.COMPLETED, job.epoch
    found = stat(services, file_key(job_id, epoch, name)) if is_done else None
    if found is None:
        raise NotFound(f"Job {job_id} has no file {name}")
    return found


def stat(services: Services, key: str) -> ObjectInfo | None:
    """The object of a key that a stranger's text is a part of."""
    try:
        return services.storage.stat(key)
    except InvalidKey:
        return None
