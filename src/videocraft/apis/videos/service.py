"""Use cases around jobs of the videos family: ask for a film, look, cancel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from videocraft.apis.videos import estimate
from videocraft.apis.videos.elements import CheckUrl, reference_of
from videocraft.apis.videos.project import Project
from videocraft.apis.videos.schemas import parse, unwrap
from videocraft.apis.videos.status import (
    CANCELLED,
    FAMILY,
    GENERATE,
    STATES_OF_STATUS,
    STATUS_OF_STATE,
    job_details,
    job_item,
    status_url,
    timestamp,
)
from videocraft.core import idempotency, webhooks
from videocraft.core.assets import READY
from videocraft.core.database import clock
from videocraft.core.database.models import Asset, Job, VideoStep, VideoUpload
from videocraft.core.jobs import JobsService, JobState, submit
from videocraft.core.jobs import cancel as cancel_job
from videocraft.core.storage import targets
from videocraft.core.storage.targets import Refusal, allow_list
from videocraft.errors import Conflict, InvalidInput, NotFound, Unavailable
from videocraft.services import Services
from videocraft.settings import Settings

LET_GO_SECONDS = 3.0
"""How long a cancel waits for the worker; FFmpeg is gone within 2."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Request:
    """What comes with a body."""

    owner: str
    request_id: str
    idempotency_key: str | None = None


def jobs_of(services: Services) -> JobsService:
    """Transactions that ring once they are committed."""
    return JobsService(services.database, services.dispatcher)


def is_id(text: str) -> bool:
    """Whether ``text`` can be the id of anything here; databases refuse some of what can't."""
    return _ID.fullmatch(text) is not None


def parse_project(document: Mapping[str, Any], settings: Settings) -> Project:
    """A project, checked, its URLs too as far as that needs no network.

    Raises:
        InvalidInput: ``VALIDATION_ERROR`` with details by path.
    """
    return parse(document, url_check(settings))


def url_check(settings: Settings) -> CheckUrl:
    """Refuses, with a sentence, a URL that the server would never ask."""
    allowed = allow_list(settings.fetch_allow)

    def check(url: str) -> None:
        try:
            target = targets.parse(url, allowed)
        except Refusal as refusal:
            raise InvalidInput(f"This URL can't be used: {refusal}") from None
        name = target.host.rstrip(".")
        is_this_machine = name == "localhost" or name.endswith(".localhost")
        # The job would find out; a name that can mean nothing else is refused while somebody listens.
        if is_this_machine and (target.host, target.port) not in allowed:
            raise InvalidInput("This URL can't be used: its address is not a public one (loopback)")

    return check


def create(
    services: Services, document: Any, request: Request, *, is_dry_run: bool = False
) -> tuple[int, dict[str, Any]]:
    """Queue a film, or say what it would be.

    Returns:
        The status and the body of the answer.

    Raises:
        InvalidInput: ``VALIDATION_ERROR`` with details by path.
        Unprocessable: the idempotency key was used for another body.
        Unavailable: nobody could be told of the job; it will never run.
    """
    config = unwrap(document)
    digest = idempotency.digest_of(config)
    scope = f"{request.owner} generate-video"
    if request.idempotency_key is not None:
        with services.database.read() as session:
            earlier = idempotency.find(session, scope, request.idempotency_key, digest)
        if earlier is not None:
            return 202, earlier
    project = parse_project(config, services.settings)
    with services.database.read() as session:
        check_references(session, project, request.owner)
    if project.is_dry_run or is_dry_run:
        return 200, {
            "success": True,
            "data": estimate.dry_run(project),
            "message": "Dry run: the project is valid and nothing was queued",
            "request_id": request.request_id,
        }
    payload = {"config": dict(config), "video_id": f"video_{uuid4().hex}", "warnings": list(project.warnings)}
    return 202, queue(
        services,
        GENERATE,
        payload,
        request,
        scope=scope,
        digest=digest,
        webhook_url=project.webhook_url,
        message="Video generation job created successfully",
    )


def queue(
    services: Services,
    kind: str,
    payload: Mapping[str, Any],
    request: Request,
    *,
    scope: str,
    digest: str,
    message: str,
    webhook_url: str | None = None,
) -> dict[str, Any]:
    """Submit a job with its webhook and its idempotency key in one transaction; the body of the answer."""
    key = request.idempotency_key
    try:
        with jobs_of(services).transaction() as session:
            earlier = None if key is None else idempotency.recall(session, scope, key, digest)
            if earlier is not None:
                return earlier
            job = submit(
                session,
                family=FAMILY,
                kind=kind,
                payload=payload,
                owner=request.owner,
                request_id=request.request_id,
            )
            if webhook_url is not None:
                webhooks.register(session, job.id, webhook_url)
            body = _created(job, message, payload.get("warnings", ()), request.request_id)
            if key is not None:
                idempotency.keep(session, scope, key, body)
    except Unavailable:
        if key is not None:
            with services.database.write() as session:
                idempotency.forget(session, scope, key)
        raise
    return body


def _created(job: Job, message: str, warnings: Any, request_id: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "job_id": job.id,
        "status": "pending",
        "progress": 0,
        "created_at": timestamp(job.created_at),
        "status_url": status_url(job.id),
    }
    if warnings:
        data["warnings"] = list(warnings)
    return {"success": True, "data": data, "message": message, "request_id": request_id}


def check_references(session: Session, project: Project, owner: str) -> None:
    """Whether every ``asset:`` and ``upload:`` of a project is there.

    Raises:
        InvalidInput: ``VALIDATION_ERROR`` with the path of each that is not.
    """
    problems = {}
    for element in project.all_elements:
        reference = reference_of(element.src) if element.src else None
        if reference is None:
            continue
        kind, name = reference
        if kind == "upload":
            query = select(VideoUpload.id).where(VideoUpload.id == name, VideoUpload.owner == owner)
        else:
            query = select(Asset.id).where(Asset.id == name, Asset.status == READY)
        if session.scalar(query) is None:
            problems[f"{element.path}.src"] = f"There is no such {kind}"
    if problems:
        raise InvalidInput("Validation failed", details=problems)


def listing(services: Services, *, status: str | None, limit: int, offset: int) -> dict[str, Any]:
    """A page of jobs, newest first."""
    conditions = [Job.family == FAMILY]
    if status is not None:
        conditions.append(Job.state.in_(STATES_OF_STATUS[status]))
    # Only what is shown: the configurations of a hundred jobs can be a hundred megabytes.
    page = select(Job.id, Job.state, Job.progress, Job.message, Job.created_at, Job.updated_at)
    page = page.where(*conditions).order_by(Job.seq.desc()).limit(limit).offset(offset)
    with services.database.read() as session:
        total = session.execute(select(func.count()).select_from(Job).where(*conditions)).scalar_one()
        jobs = session.execute(page).all()
    return {
        "success": True,
        "data": {
            "jobs": [job_item(job) for job in jobs],
            "pagination": {"limit": limit, "offset": offset, "total": total},
        },
    }


def show(services: Services, job_id: str) -> dict[str, Any]:
    """One job with everything about it.

    Raises:
        NotFound: ``JOB_NOT_FOUND``.
    """
    with services.database.read() as session:
        job = require_job(session, job_id)
        steps = session.scalars(
            select(VideoStep).where(VideoStep.job_id == job_id).order_by(VideoStep.number)
        ).all()
        return {"success": True, "data": job_details(job, steps, clock.now(session))}


def require_job(session: Session, job_id: str) -> Job:
    """The row of a job of this family.

    Raises:
        NotFound: ``JOB_NOT_FOUND``.
    """
    job = None
    if is_id(job_id):
        job = session.scalar(select(Job).where(Job.id == job_id, Job.family == FAMILY))
    if job is None:
        raise no_job()
    return job


def no_job() -> NotFound:
    """404 of a job."""
    return NotFound("Job not found", code="JOB_NOT_FOUND")


def cancel(services: Services, job_id: str) -> dict[str, Any]:
    """Cancel a job, wherever it is on its way; one that is cancelled already stays so.

    Raises:
        NotFound: ``JOB_NOT_FOUND``.
        Conflict: ``JOB_NOT_CANCELLABLE``; it has ended by itself.
    """
    jobs = jobs_of(services)
    with jobs.transaction() as session:
        require_job(session, job_id)
        job = cancel_job(session, job_id)
    if job is not None and job.state == JobState.STOPPING:
        job = jobs.wait_until_terminal(job_id, LET_GO_SECONDS)
    if job is None:
        raise no_job()
    if STATUS_OF_STATE[job.state] != CANCELLED:
        raise Conflict("cannot cancel completed or failed job", code="JOB_NOT_CANCELLABLE")
    # A worker that does not let go in time is fenced: the job is cancelled all the same.
    at = job.updated_at if job.completed_at is None else job.completed_at
    return {
        "success": True,
        "data": {"job_id": job_id, "status": CANCELLED, "cancelled_at": timestamp(at)},
        "message": "Job cancelled successfully",
    }
