"""What a session's status is: derived from its assets and its syncs, never stored.

``syncing`` while a sync is computed; else ``ingesting`` while an asset is uploaded or processed; else
``needs-review`` or ``ready`` by the last computed sync; without one, ``draft`` when there is no asset and
``ingesting`` until somebody asks for a sync. A sync that fails therefore leaves no trace in the status.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from videocraft.apis.sessions.schemas import timestamp
from videocraft.apis.sessions.stream import announce
from videocraft.core.database.models import Asset, RecordingSession, Sync

COMPUTING = "computing"
COMPLETE = "complete"
FAILED = "failed"
INGESTING = "ingesting"
PENDING = "pending"


@dataclass
class Facts:
    """What a session's status depends on."""

    assets: dict[str, str] = field(default_factory=dict)
    """Status by camera label."""
    is_computing: bool = False
    operator_status: str | None = None
    """Of the last computed sync; None while there is none."""
    final_cameras: Collection[str] = ()

    def note(self, sync: Any) -> None:
        """Take in the row of a sync; they come in their order."""
        if sync.status == COMPUTING:
            self.is_computing = True
        elif sync.status == COMPLETE:
            self.operator_status = sync.operator_status
            self.final_cameras = tuple(sync.final_offsets or ())

    @property
    def status(self) -> str:
        """One of the five documented ones."""
        if self.is_computing:
            return "syncing"
        if {"uploading", INGESTING} & set(self.assets.values()):
            return "ingesting"
        if self.operator_status is not None:
            return "needs-review" if self.operator_status == PENDING else "ready"
        return "ingesting" if self.assets else "draft"

    @property
    def is_ready_for_next_phase(self) -> bool:
        """Approved or corrected, and no camera has come since."""
        ready = {label for label, status in self.assets.items() if status == "ready"}
        return self.status == "ready" and ready <= set(self.final_cameras)


def facts_of(session: Session, ids: Collection[str]) -> dict[str, Facts]:
    """The facts of each of these sessions, by id."""
    found = {session_id: Facts() for session_id in ids}
    assets = select(Asset.session_id, Asset.camera_label, Asset.status).where(Asset.session_id.in_(ids))
    for session_id, label, status in session.execute(assets):
        found[session_id].assets[label] = status
    syncs = select(Sync.session_id, Sync.status, Sync.operator_status, Sync.final_offsets)
    for row in session.execute(syncs.where(Sync.session_id.in_(ids)).order_by(Sync.seq)):
        found[row.session_id].note(row)
    return found


def status_of(session: Session, session_id: str) -> str:
    """The status of one session."""
    return facts_of(session, [session_id])[session_id].status


def status_body(row: RecordingSession, facts: Facts) -> Mapping[str, Any]:
    """The answer of ``GET …/status``. Assets count as ingested once that has ended, well or not."""
    statuses = list(facts.assets.values())
    ready, failed = statuses.count("ready"), statuses.count("failed")
    return {
        "sessionId": row.id,
        "status": facts.status,
        "assets": {
            "total": len(statuses),
            "ingested": ready + failed,
            "ready": ready,
            "failed": failed,
        },
        "sync": {
            "computed": facts.operator_status is not None,
            "operatorStatus": facts.operator_status or PENDING,
        },
        "readyForNextPhase": facts.is_ready_for_next_phase,
        "updatedAt": timestamp(row.updated_at),
    }


def announce_status(session: Session, session_id: str) -> str:
    """Append ``session.status`` to the session's events, and return the status."""
    status = status_of(session, session_id)
    announce(session, session_id, "session.status", {"status": status})
    return status
