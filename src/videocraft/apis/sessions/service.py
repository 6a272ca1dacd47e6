"""Use cases of sessions themselves: make, list, show, delete.

Whoever locks more than one row of this room takes them in one order, which is that of a worker that
publishes: the job, its asset (then the asset's upload) or its sync, last the session, which every event
touches. Two that took them in different orders would wait for each other, until PostgreSQL fails one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
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
    forgotten = None
    while forgotten is None:
        _stop_jobs(jobs_of(services), session_id)
        forgotten = _forget(jobs_of(services), session_id)
    for upload_id in forgotten.uploads:
        services.storage.abort_upload(upload_id)
    day = keys.day_prefix(forgotten.project_id, forgotten.date)
    # By name and not by what the rows list: a job that was stopped may have left more.
    for stored in list(services.storage.list(day)):
        if stored.key.rpartition("/")[2].partition(".")[0] in forgotten.angles:
            services.storage.delete(stored.key)
    for sync_id in forgotten.syncs:
        services.storage.delete_prefix(keys.sync_prefix(forgotten.project_id, forgotten.date, sync_id))


@dataclass(frozen=True)
class _Forgotten:
    """What tells the files of a session whose rows are gone."""

    project_id: str
    date: str
    angles: Collection[str]
    uploads: Collection[str]
    """As the storage knows them."""
    syncs: Collection[str]


def _stop_jobs(jobs: JobsService, session_id: str) -> None:
    """Cancel what runs or waits, and give its workers a moment to let go."""
    with jobs.transaction() as session:
        require_session(session, session_id)
        job_ids = _job_ids(session, session_id)
        for job_id in job_ids:
            cancel_job(session, job_id)
    for job_id in job_ids:
        jobs.wait_until_terminal(job_id, LET_GO_SECONDS)


def _forget(jobs: JobsService, session_id: str) -> _Forgotten | None:
    """Remove the rows; None when a job was begun meanwhile, which is to be stopped first."""
    with jobs.transaction() as session:
        job_ids = _job_ids(session, session_id)
        session.execute(select(Job.id).where(Job.id.in_(job_ids)).order_by(Job.id).with_for_update()).all()
        assets = select(Asset).where(Asset.session_id == session_id).order_by(Asset.id)
        angles = {
            keys.angle(asset.camera_label, asset.version)
            for asset in session.scalars(assets.with_for_update())
        }
        syncs = select(Sync.id).where(Sync.session_id == session_id).order_by(Sync.id)
        sync_ids = list(session.scalars(syncs.with_for_update()))
        row = require_session(session, session_id, lock=True)
        if _job_ids(session, session_id) != job_ids:
            return None
        own = select(Asset.id).where(Asset.session_id == session_id)
        uploads = list(session.scalars(select(Upload.storage_upload_id).where(Upload.asset_id.in_(own))))
        _remove_rows(session, session_id, job_ids)
    return _Forgotten(row.project_id, row.date, angles, uploads, sync_ids)


def _job_ids(session: Session, session_id: str) -> list[str]:
    """In the order in which several of them are locked."""
    ingests = select(Asset.ingest_job_id).where(
        Asset.session_id == session_id, Asset.ingest_job_id.is_not(None)
    )
    syncs = select(Sync.job_id).where(Sync.session_id == session_id)
    return sorted(str(job_id) for query in (ingests, syncs) for job_id in session.scalars(query))


def _remove_rows(session: Session, session_id: str, job_ids: Collection[str]) -> None:
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
