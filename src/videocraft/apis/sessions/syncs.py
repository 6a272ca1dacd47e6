"""Use cases of syncs: compute one, show what came out, and the figures for drawing it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from videocraft.apis.sessions import results
from videocraft.apis.sessions.assets import URL_SECONDS, ready_assets
from videocraft.apis.sessions.schemas import SyncRequest, parse, timestamp
from videocraft.apis.sessions.service import FAMILY, check_exists, jobs_of, require_session
from videocraft.apis.sessions.settling import settle
from videocraft.apis.sessions.status import COMPLETE, COMPUTING, FAILED, announce_status, status_of
from videocraft.core.database import clock
from videocraft.core.database.models import Asset, Sync
from videocraft.core.jobs import submit
from videocraft.core.storage import Storage
from videocraft.errors import Conflict, InvalidInput, NotFound
from videocraft.services import Services

SYNC = "sessions.sync"
METHOD = "xcorr"
DEFAULT_MASTER = "A"

SECONDS_OF_START = 1.0
SPEED = 250.0
"""Seconds of recordings that are measured in a second, until this server has measured some itself."""
_REMEMBERED = 5


def compute(services: Services, session_id: str, document: Any, request_id: str | None) -> dict[str, Any]:
    """Queue a sync; the documented answer.

    Raises:
        NotFound: there is no such session.
        InvalidInput: ``MISSING_AUDIO_TRACK``; another method; fewer than two ready assets; a master camera
            that is none of them.
        Conflict: a sync is running.
    """
    check_exists(services, session_id)
    wanted = parse(SyncRequest, document)
    settle(services, session_id)
    with jobs_of(services).transaction() as session:
        require_session(session, session_id, lock=True)
        assets = ready_assets(session, session_id)
        _require_audio(assets)
        if last_sync(session, session_id, COMPUTING) is not None:
            raise sync_in_progress()
        if wanted.method != METHOD:
            raise InvalidInput(
                f"method must be {METHOD}", details={"method": wanted.method[:100], "supported": [METHOD]}
            )
        if len(assets) < 2:
            raise InvalidInput("A sync needs at least two ready assets", details={"readyAssets": len(assets)})
        master = _master(assets, wanted.master_camera)
        sync_id = f"sync-{uuid4().hex}"
        job = submit(
            session,
            family=FAMILY,
            kind=SYNC,
            payload={"sessionId": session_id, "syncId": sync_id, "masterCamera": master},
            job_id=f"sync-job-{uuid4().hex}",
            request_id=request_id,
        )
        sync = Sync(
            id=sync_id,
            session_id=session_id,
            job_id=job.id,
            status=COMPUTING,
            master_camera=master,
            method=METHOD,
            plots={},
            operator_status="pending",
            created_at=clock.now(session),
        )
        session.add(sync)
        session.flush()
        status = announce_status(session, session_id)
        estimate = estimated_seconds(session, assets)
    return {
        "sessionId": session_id,
        "syncJobId": job.id,
        "status": status,
        "estimatedCompletionMs": round(estimate * 1000),
    }


def show(services: Services, session_id: str) -> dict[str, Any]:
    """The last computed sync; ``error`` when a later one failed.

    Raises:
        NotFound: none was computed, and none has failed.
    """
    settle(services, session_id)
    with services.database.read() as session:
        require_session(session, session_id)
        status = status_of(session, session_id)
        sync = last_sync(session, session_id, COMPLETE)
        failed = last_sync(session, session_id, FAILED)
    if failed is not None and sync is not None and failed.seq < sync.seq:
        failed = None
    shown = sync or failed
    if shown is None:
        raise NotFound("Sync not computed yet", code="SYNC_NOT_FOUND")
    body = _body(services.storage, shown, status)
    if failed is not None:
        body["error"] = failed.error
    return body


def peaks(services: Services, session_id: str) -> dict[str, Any]:
    """What a sync's plots are drawn from.

    Raises:
        NotFound: none was computed.
    """
    with services.database.read() as session:
        require_session(session, session_id)
        sync = last_sync(session, session_id, COMPLETE)
    if sync is None:
        raise NotFound("Sync not computed yet", code="SYNC_NOT_FOUND")
    cameras = {}
    for label, pair in results.pairs_of(sync).items():
        lags, heights = pair["peaks"]
        cameras[label] = {
            "offsetMs": pair["offset_ms"],
            "driftPpm": pair["drift_ppm"],
            "lagsMs": lags,
            "heights": heights,
            "windows": [
                {"timeSeconds": time, "offsetMs": offset, "weight": weight}
                for time, offset, weight in pair["windows"]
            ],
        }
    return {"sessionId": session_id, "masterCamera": sync.master_camera, "cameras": cameras}


def last_sync(session: Session, session_id: str, status: str, *, lock: bool = False) -> Sync | None:
    """The newest sync of a session in this state."""
    query = select(Sync).where(Sync.session_id == session_id, Sync.status == status)
    query = query.order_by(Sync.seq.desc()).limit(1)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def sync_in_progress() -> Conflict:
    """The error while a sync runs."""
    return Conflict("Sync already in progress", code="SYNC_IN_PROGRESS")


def estimated_seconds(session: Session, assets: Sequence[Asset]) -> float:
    """How long a sync of these recordings is likely to take: as fast as the last ones of this server."""
    query = select(Sync).where(Sync.status == COMPLETE).order_by(Sync.seq.desc()).limit(_REMEMBERED)
    speeds = []
    for sync in session.scalars(query):
        earlier = [
            asset for asset in ready_assets(session, sync.session_id) if asset.created_at < sync.created_at
        ]
        took = (sync.computed_at or sync.created_at) - sync.created_at - SECONDS_OF_START
        if took > 0 and earlier:
            speeds.append(_seconds(earlier) / took)
    speed = statistics.median(speeds) if speeds else SPEED
    return SECONDS_OF_START + _seconds(assets) / max(speed, 1.0)


def _seconds(assets: Sequence[Asset]) -> float:
    return sum(float((asset.media or {}).get("durationMs") or 0) for asset in assets) / 1000


def _require_audio(assets: Sequence[Asset]) -> None:
    for asset in assets:
        if not (asset.media or {}).get("audioTracks"):
            raise InvalidInput(
                f"Camera {asset.camera_label} has no audio track",
                code="MISSING_AUDIO_TRACK",
                details={"camera": asset.camera_label, "reason": "No audio track found"},
            )


def _master(assets: Sequence[Asset], wanted: str | None) -> str:
    labels = [asset.camera_label for asset in assets]
    if wanted is None:
        return DEFAULT_MASTER if DEFAULT_MASTER in labels else labels[0]
    if wanted not in labels:
        raise InvalidInput(
            "masterCamera must be one of the session's ready cameras",
            code="INVALID_CAMERA_LABEL",
            details={"masterCamera": wanted[:100], "cameras": labels},
        )
    return wanted


def _body(storage: Storage, sync: Sync, status: str) -> dict[str, Any]:
    pairs = results.pairs_of(sync)
    is_computed = sync.status == COMPLETE
    exact = results.exact_offsets(sync) if is_computed else {}
    plots = {label: storage.signed_url("GET", key, URL_SECONDS) for label, key in sorted(sync.plots.items())}
    body: dict[str, Any] = {
        "sessionId": sync.session_id,
        "status": status,
        "masterCamera": sync.master_camera,
        "method": sync.method,
        "offsets": results.whole(exact),
        "offsetsExact": exact,
        "confidence": {label: pair["confidence"] for label, pair in pairs.items()},
        "classification": {label: pair["classification"] for label, pair in pairs.items()},
        "driftPpm": {label: pair["drift_ppm"] for label, pair in pairs.items()},
        "overlapMs": {label: pair["overlap_ms"] for label, pair in pairs.items()},
        "reasons": {label: list(pair["reasons"]) for label, pair in pairs.items()},
        "operatorStatus": sync.operator_status,
        "computedAt": timestamp(sync.computed_at) if sync.computed_at is not None else None,
        "debugArtifacts": {
            "correlationPlot": next(iter(plots.values()), None),
            "correlationPlots": plots,
        },
    }
    if sync.final_offsets is not None:
        body["finalOffsets"] = results.whole(sync.final_offsets)
    return body
