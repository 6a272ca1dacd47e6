"""Use cases of the operator: approve what was measured, or correct it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy.orm import Session

from videocraft.apis.sessions import results
from videocraft.apis.sessions.schemas import Approval, Correction, camera_label, parse, timestamp
from videocraft.apis.sessions.service import check_exists, jobs_of, require_session
from videocraft.apis.sessions.settling import settle
from videocraft.apis.sessions.status import COMPLETE, COMPUTING, announce_status
from videocraft.apis.sessions.syncs import last_sync, sync_in_progress
from videocraft.core.database import clock
from videocraft.core.database.models import Sync
from videocraft.errors import Conflict, InvalidInput
from videocraft.services import Services


def approve(services: Services, session_id: str, document: Any) -> dict[str, Any]:
    """Take the measured offsets as they are.

    Raises:
        NotFound: there is no such session.
        Conflict: no sync was computed, or a new one is running.
    """
    check_exists(services, session_id)
    approval = parse(Approval, document)
    settle(services, session_id)
    with jobs_of(services).transaction() as session:
        sync = _computed(session, session_id)
        offsets = results.exact_offsets(sync)
        at = _decide(
            session, sync, offsets, decision="approved", by=approval.approved_by, notes=approval.notes
        )
        status = announce_status(session, session_id)
    return {
        "sessionId": session_id,
        "status": status,
        "operatorStatus": "approved",
        "finalOffsets": results.whole(offsets),
        "approvedAt": timestamp(at),
    }


def correct(services: Services, session_id: str, document: Any) -> dict[str, Any]:
    """Take an operator's offsets, in milliseconds; may be repeated.

    Raises:
        NotFound: there is no such session.
        InvalidInput: an unknown camera, or a master that is not at 0.
        Conflict: no sync was computed, or a new one is running.
    """
    check_exists(services, session_id)
    correction = parse(Correction, document)
    settle(services, session_id)
    with jobs_of(services).transaction() as session:
        sync = _computed(session, session_id)
        original = results.exact_offsets(sync)
        _check_offsets(correction.offsets, original, sync.master_camera)
        offsets = original | correction.offsets
        at = _decide(
            session, sync, offsets, decision="corrected", by=correction.corrected_by, notes=correction.notes
        )
        status = announce_status(session, session_id)
    return {
        "sessionId": session_id,
        "status": status,
        "operatorStatus": "corrected",
        "finalOffsets": results.whole(offsets),
        "originalOffsets": results.whole(original),
        "correctedAt": timestamp(at),
    }


def _computed(session: Session, session_id: str) -> Sync:
    require_session(session, session_id, lock=True)
    if last_sync(session, session_id, COMPUTING) is not None:
        raise sync_in_progress()
    sync = last_sync(session, session_id, COMPLETE, lock=True)
    if sync is None:
        raise Conflict("Sync not computed yet", code="SYNC_NOT_COMPUTED")
    return sync


def _decide(
    session: Session,
    sync: Sync,
    offsets: Mapping[str, float],
    *,
    decision: Literal["approved", "corrected"],
    by: str,
    notes: str | None,
) -> float:
    sync.operator_status = decision
    sync.decided_by = by
    sync.notes = notes
    sync.final_offsets = dict(offsets)
    sync.decided_at = at = clock.now(session)
    session.flush()
    return at


def _check_offsets(given: Mapping[str, float], known: Mapping[str, float], master: str) -> None:
    for label in given:
        camera_label(label)
        if label not in known:
            raise InvalidInput(
                f"Camera {label} is not part of this sync",
                code="INVALID_CAMERA_LABEL",
                details={"camera": label, "cameras": sorted(known)},
            )
    if given.get(master) != 0:
        raise InvalidInput(
            f"The offset of the master camera {master} must be given as 0", details={f"offsets.{master}": "0"}
        )
