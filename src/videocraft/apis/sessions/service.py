"""Use cases of sessions themselves: make, list, show, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from videocraft.apis.sessions import keys
from videocraft.apis.sessions.schemas import NewSession, parse, timestamp
from videocraft.apis.sessions.settling import settle
from videocraft.apis.sessions.status import Facts, facts_of, status_body
from videocraft.apis.sessions.stream import stream_of
from videocraft.core import events
from videocraft.core.database import clock
from videocraft.core.database.models import Asset, EventTicket, Job, RecordingSession, Sync, Upload
from videocraft.core.jobs import TERMINAL, JobsService, JobState
from videocraft.core.jobs import cancel as cancel_job
from videocraft.core.jobs import delete as delete_job
from videocraft.errors import NotFound
from videocraft.services import Services

FAMILY = "sessions"
LET_GO_SECONDS = 3.0
"""How long a delete waits for a worker to let go of a job."""


def jobs_of(services: Services) -> JobsService:
    """Transactions that ring once they are committed."""
    return JobsService(services.database, services.dispatcher)


def require_session(session: Session, session_id: str, *, lock: bool = False) -> RecordingSession:
    """The session's row, for writing if ``lock``.

    Raises:
        NotFound: there is none.
    """
    row = session.get(RecordingSession, session_id, with_for_update=lock) if len(session_id) <= 64 else None
    if row is None:
        raise NotFound("Session not found", code="SESSION_NOT_FOUND")
    return row


def check_exists(services: Services, session_id: str) -> None:
    """Raise ``NotFound`` when there is no such session: that comes before anything about a body."""
    with services.database.read() as session:
        require_session(session, session_id)


def create(services: Services, document: Any, owner: str | None) -> dict[str, Any]:
    """Make a session; the documented answer."""
    wanted = parse(NewSession, document)
    with services.database.write() as session:
        at = clock.now(session)
        row = RecordingSession(
            id=f"session-{uuid4().hex}",
            title=wanted.title,
            date=wanted.date,
            location=wanted.location,
            notes=wanted.notes,
            project_id=wanted.project_id,
            owner=owner,
            created_at=at,
            updated_at=at,
        )
        session.add(row)
    body = session_body(row, Facts())
    return {key: body[key] for key in ("id", "title", "date", "status", "createdAt", "projectId")}


def show(services: Services, session_id: str) -> dict[str, Any]:
    """One session."""
    settle(services, session_id)
    with services.database.read() as session:
        row = require_session(session, session_id)
        return session_body(row, facts_of(session, [session_id])[session_id])


def status(services: Services, session_id: str) -> Mapping[str, Any]:
    """The answer of ``GET …/status``."""
    settle(services, session_id)
    with services.database.read() as session:
        row = require_session(session, session_id)
        return status_body(row, facts_of(session, [session_id])[session_id])


def listing(services: Services, *, limit: int, offset: int, project_id: str | None) -> dict[str, Any]:
    """A page of sessions, newest first."""
    settle(services)
    with services.database.read() as session:
        page = select(RecordingSession)
        count = select(func.count()).select_from(RecordingSession)
        if project_id is not None:
            page = page.where(RecordingSession.project_id == project_id)
            count = count.where(RecordingSession.project_id == project_id)
        page = page.order_by(RecordingSession.created_at.desc(), RecordingSession.id.desc())
        rows = list(session.scalars(page.limit(limit).offset(offset)))
        facts = facts_of(session, [row.id for row in rows])
        return {
            "sessions": [session_body(row, facts[row.id]) for row in rows],
            "total": session.execute(count).scalar_one(),
            "limit": limit,
            "offset": offset,
        }


def session_body(row: RecordingSession, facts: Facts) -> dict[str, Any]:
    """A session as it is shown."""
    return {
        "id": row.id,
        "title": row.title,
        "date": row.date,
        "location": row.location,
        "notes": row.notes,
        "status": facts.status,
        "createdAt": timestamp(row.created_at),
        "updatedAt": timestamp(row.updated_at),
        "projectId": row.project_id,
    }


def delete(services: Services, session_id: str) -> None:
    """Stop what is going on for a session, and remove its rows and its files.

    Raises:
        NotFound: there is none.
    """
    jobs = jobs_of(services)
    with jobs.transaction() as session:
        require_session(session, session_id, lock=True)
        job_ids = _job_ids(session, session_id)
        for job_id in job_ids:
            cancel_job(session, job_id)
    for job_id in job_ids:
        jobs.wait_until_terminal(job_id, LET_GO_SECONDS)
    with jobs.transaction() as session:
        row = require_session(session, session_id, lock=True)
        angles = {
            keys.angle(asset.camera_label, asset.version)
            for asset in session.scalars(select(Asset).where(Asset.session_id == session_id))
        }
        own = select(Asset.id).where(Asset.session_id == session_id)
        uploads = list(session.scalars(select(Upload.storage_upload_id).where(Upload.asset_id.in_(own))))
        syncs = list(session.scalars(select(Sync.id).where(Sync.session_id == session_id)))
        _forget(session, session_id)
    for upload_id in uploads:
        services.storage.abort_upload(upload_id)
    day = keys.day_prefix(row.project_id, row.date)
    # By name and not by what the rows list: a job that was stopped may have left more.
    for stored in list(services.storage.list(day)):
        if stored.key.rpartition("/")[2].partition(".")[0] in angles:
            services.storage.delete(stored.key)
    for sync_id in syncs:
        services.storage.delete_prefix(keys.sync_prefix(row.project_id, row.date, sync_id))


def _job_ids(session: Session, session_id: str) -> list[str]:
    ingests = select(Asset.ingest_job_id).where(
        Asset.session_id == session_id, Asset.ingest_job_id.is_not(None)
    )
    syncs = select(Sync.job_id).where(Sync.session_id == session_id)
    return [str(job_id) for query in (ingests, syncs) for job_id in session.scalars(query)]


def _forget(session: Session, session_id: str) -> None:
    job_ids = _job_ids(session, session_id)
    own = select(Asset.id).where(Asset.session_id == session_id)
    session.execute(sql_delete(Upload).where(Upload.asset_id.in_(own)))
    session.execute(sql_delete(Asset).where(Asset.session_id == session_id))
    session.execute(sql_delete(Sync).where(Sync.session_id == session_id))
    session.execute(sql_delete(EventTicket).where(EventTicket.session_id == session_id))
    session.execute(sql_delete(RecordingSession).where(RecordingSession.id == session_id))
    # A worker that did not let go in time is fenced off by this, and finds out later.
    alive = update(Job).where(Job.id.in_(job_ids), Job.state.not_in(sorted(TERMINAL)))
    session.execute(alive.values(state=JobState.CANCELLED))
    for job_id in job_ids:
        delete_job(session, job_id)
    events.delete(session, stream_of(session_id))
