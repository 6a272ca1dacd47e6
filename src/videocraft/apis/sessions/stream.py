"""The event stream of a session: what is appended to it, and by whom.

``asset.ingesting`` {assetId, cameraLabel, progress}, ``asset.ready`` {assetId, cameraLabel}, ``asset.failed``
{assetId, cameraLabel, error}, ``sync.computing`` {progress}, ``sync.complete`` {confidence}, ``sync.failed``
{error}, ``session.status`` {status}. Job handlers append the first five of their own work; a job that ends
without a word of its handler is closed by ``settling``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from videocraft.core import events
from videocraft.core.database import clock
from videocraft.core.database.models import RecordingSession


def stream_of(session_id: str) -> str:
    """The name of a session's event stream."""
    return f"session:{session_id}"


def announce(session: Session, session_id: str, kind: str, data: Mapping[str, Any]) -> int:
    """Append an event inside the caller's write transaction and return its number.

    Open the transaction with ``JobsService.transaction``, which rings for the readers once it is committed;
    an event without a ring is seen up to a second later. The session's ``updated_at`` changes with it.
    """
    touch(session, session_id)
    return events.append(session, stream_of(session_id), kind, data)


def touch(session: Session, session_id: str) -> None:
    """Note that something about a session changed now."""
    row = update(RecordingSession).where(RecordingSession.id == session_id)
    session.execute(
        row.values(updated_at=clock.now(session)), execution_options={"synchronize_session": False}
    )
