"""Closing what a job left open: a job can end without a word of its handler (it raised, its worker was lost).

Whoever is about to show a session settles it first, so nothing waits for a timer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from videocraft.apis.sessions.status import COMPUTING, FAILED, announce_status
from videocraft.apis.sessions.stream import announce
from videocraft.core.database import clock
from videocraft.core.database.models import Asset, Job, Sync
from videocraft.core.jobs import TERMINAL, JobsService
from videocraft.services import Services

_INGESTION_CODES = frozenset({"INGESTION_FAILED", "VFR_CONVERSION_FAILED"})
_SYNC_CODES = frozenset({"SYNC_FAILED"})
_OPERATORS = frozenset({"command", "exit_code", "stderr", "traceback", "exception"})


def settle(services: Services, session_id: str | None = None) -> None:
    """Fail the assets and syncs whose job has ended without setting them, of one session or of all."""
    with services.database.read() as session:
        unsettled = _unsettled(session, session_id)
    for each in unsettled:
        _settle_one(services, each)


def _settle_one(services: Services, session_id: str) -> None:
    """One session in a transaction: with the locks of several, two of these might wait for each other."""
    with JobsService(services.database, services.dispatcher).transaction() as session:
        # All of them before the first event, which locks the session.
        assets = session.execute(_assets(session_id).with_for_update(of=Asset)).all()
        syncs = session.execute(_syncs(session_id).with_for_update(of=Sync)).all()
        for asset, job in assets:
            asset.status = FAILED
            asset.error = _error(job, _INGESTION_CODES, "INGESTION_FAILED", "The recording was not ingested.")
            asset.error["details"].setdefault("camera", asset.camera_label)
            asset.updated_at = clock.now(session)
            session.flush()
            told = {"assetId": asset.id, "cameraLabel": asset.camera_label, "error": asset.error}
            announce(session, asset.session_id, "asset.failed", told)
            announce_status(session, asset.session_id)
        for sync, job in syncs:
            sync.status = FAILED
            sync.error = _error(job, _SYNC_CODES, "SYNC_FAILED", "The sync was not computed.")
            session.flush()
            announce(session, sync.session_id, "sync.failed", {"error": sync.error})
            announce_status(session, sync.session_id)


def _unsettled(session: Session, session_id: str | None) -> Sequence[str]:
    assets = _assets(session_id).with_only_columns(Asset.session_id)
    syncs = _syncs(session_id).with_only_columns(Sync.session_id)
    return sorted({*session.scalars(assets), *session.scalars(syncs)})


def _assets(session_id: str | None) -> Any:
    query = select(Asset, Job).outerjoin(Job, Job.id == Asset.ingest_job_id)
    query = query.where(Asset.status == "ingesting", _has_ended()).order_by(Asset.id)
    return query if session_id is None else query.where(Asset.session_id == session_id)


def _syncs(session_id: str | None) -> Any:
    query = select(Sync, Job).outerjoin(Job, Job.id == Sync.job_id)
    query = query.where(Sync.status == COMPUTING, _has_ended()).order_by(Sync.id)
    return query if session_id is None else query.where(Sync.session_id == session_id)


def _has_ended() -> ColumnElement[bool]:
    return or_(Job.id.is_(None), Job.state.in_(sorted(TERMINAL)))


def _error(job: Job | None, known: frozenset[str], code: str, message: str) -> dict[str, Any]:
    if job is None or job.error_code is None:
        return {"code": code, "message": message, "details": {}}
    details: Mapping[str, Any] = job.error_details or {}
    shown = {key: value for key, value in details.items() if key not in _OPERATORS}
    if job.error_code not in known:
        shown.setdefault("reason", job.error_code)
    return {
        "code": job.error_code if job.error_code in known else code,
        "message": job.error_message or message,
        "details": shown,
    }
