"""``GET /v2/sessions/{id}/status`` as clients poll it: a few small statements, on the event loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from videocraft.apis.sessions.status import COMPUTING, INGESTING, Facts, status_body
from videocraft.core.database import polled
from videocraft.core.database.models import Asset, Job, RecordingSession, Sync
from videocraft.core.jobs import TERMINAL
from videocraft.services import Services

_SESSION = polled.PolledQuery(
    select(RecordingSession.id, RecordingSession.updated_at).where(
        RecordingSession.id == bindparam("session_id")
    )
)
_ASSETS = polled.PolledQuery(
    select(Asset.camera_label, Asset.status, Job.state)
    .outerjoin(Job, Job.id == Asset.ingest_job_id)
    .where(Asset.session_id == bindparam("session_id"))
)
_SYNCS = polled.PolledQuery(
    select(Sync.status, Sync.operator_status, Sync.final_offsets, Job.state)
    .outerjoin(Job, Job.id == Sync.job_id)
    .where(Sync.session_id == bindparam("session_id"))
    .order_by(Sync.seq)
)
_ENDED = frozenset({None, *map(str, TERMINAL)})
"""States of a job (or that there is none) after which nobody will set what it worked on."""


def status(services: Services, session_id: str) -> Mapping[str, Any] | None:
    """The status, if it can be had at once.

    None: there is no such session, or something of it has to be settled first; ``service.status`` knows.
    """
    if not polled.is_quick(services.database):
        return None
    facts = Facts()
    with polled.moment(services.database) as ask:
        rows = ask(_SESSION, session_id=session_id)
        for asset in ask(_ASSETS, session_id=session_id):
            if asset.status == INGESTING and asset.state in _ENDED:
                return None
            facts.assets[asset.camera_label] = asset.status
        for sync in ask(_SYNCS, session_id=session_id):
            if sync.status == COMPUTING and sync.state in _ENDED:
                return None
            facts.note(sync)
    return status_body(rows[0], facts) if rows else None
