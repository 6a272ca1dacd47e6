"""The state of an export as clients see it: the body of the status route and of ``status.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from videocraft.core.database import Database
from videocraft.core.database.models import Export, Job
from videocraft.core.database.polled import PolledQuery, moment
from videocraft.core.json import dumps

PENDING = "pending"
PROCESSING = "processing"
COMPLETED = "completed"
FAILED = "failed"
CANCELLED = "cancelled"

# A job that is told to stop still runs.
STATUS_OF_STATE = {
    "pending": PENDING,
    "queued": PENDING,
    "running": PROCESSING,
    "stopping": PROCESSING,
    "completed": COMPLETED,
    "failed": FAILED,
    "cancelled": CANCELLED,
}

_DEFAULT_MESSAGES = {
    PENDING: "Waiting for a worker",
    PROCESSING: "Starting",
    COMPLETED: "Export completed.",
    CANCELLED: "Export cancelled",
}


_QUERY = PolledQuery(
    select(Job.state, Job.progress, Job.message, Job.error_message, Job.warnings, Job.result)
    .join(Export, Export.job_id == Job.id)
    .where(Export.id == bindparam("export_id"))
)


def read_status(database: Database, export_id: str) -> dict[str, Any] | None:
    """The body for an export by its row; ``None`` when there is no such export."""
    with moment(database) as ask:
        found = ask(_QUERY, export_id=export_id)
    if not found:
        return None
    row = found[0]
    return status_body(
        export_id,
        STATUS_OF_STATE[row.state],
        progress=row.progress,
        message=row.message,
        warnings=row.warnings,
        error=row.error_message,
        result=row.result,
    )


def encode(body: Mapping[str, Any]) -> bytes:
    """A body as it is sent and as it is written to ``status.json``."""
    return dumps(body)


def status_body(
    export_id: str,
    status: str,
    *,
    progress: float = 0.0,
    message: str | None = None,
    warnings: Sequence[str] = (),
    error: str | None = None,
    result: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The documented keys of ``status``, and beside them ``warnings`` and what the finished file holds."""
    body: dict[str, Any] = {
        "jobId": export_id,
        "status": status,
        "progress": 1.0 if status == COMPLETED else progress,
    }
    if status == FAILED:
        body["error"] = error or "The export failed."
    else:
        # What a run said last is not true of a job that waits for its next one, or was cancelled.
        told = message if status in {PROCESSING, COMPLETED} else None
        body["message"] = told or _DEFAULT_MESSAGES[status]
    if status == COMPLETED:
        body["downloadUrl"] = f"/api/export/{export_id}/download"
        finished = result or {}
        body |= {
            key: finished[key] for key in ("framesCopied", "framesEncoded", "duration") if key in finished
        }
    body["warnings"] = list(warnings)
    return body
