"""The state of an export as clients see it: the body of the status route and of ``status.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, bindparam, select

from videocraft.core.database import Database
from videocraft.core.database.models import Export, Job
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


_QUERY = (
    select(Job.state, Job.progress, Job.message, Job.error_message, Job.warnings, Job.result)
    .join(Export, Export.job_id == Job.id)
    .where(Export.id == bindparam("export_id"))
)


def read_status(database: Database, export_id: str) -> dict[str, Any] | None:
    """The body for an export by its row; ``None`` when there is no such export.

    One statement, and on SQLite one without SQLAlchemy's execution layer around it: this is what every client
    polls, and it runs on the event loop (`is_quick`).
    """
    row = _read_sqlite(database, export_id) if database.is_sqlite else _read(database, export_id)
    if row is None:
        return None
    state, progress, message, error, warnings, result = row
    return status_body(
        export_id,
        STATUS_OF_STATE[state],
        progress=progress,
        message=message,
        warnings=warnings,
        error=error,
        result=result,
    )


def _read(database: Database, export_id: str) -> Sequence[Any] | None:
    with database.engine.connect() as connection:
        return connection.execute(_QUERY, {"export_id": export_id}).one_or_none()


def _read_sqlite(database: Database, export_id: str) -> Sequence[Any] | None:
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(_sql(database.engine.dialect), (export_id,))
        row: Sequence[Any] | None = cursor.fetchone()
    finally:
        connection.close()
    if row is None:
        return None
    # The driver knows no JSON columns; nearly always these are an empty list and nothing.
    *plain, warnings, result = row
    return (*plain, json.loads(warnings) if warnings != "[]" else (), json.loads(result) if result else None)


def is_quick(database: Database) -> bool:
    """Whether `read_status` may run on an event loop: SQLite reads from the page cache, without a server."""
    return database.is_sqlite


@lru_cache(maxsize=4)
def _sql(dialect: Dialect) -> str:
    return str(_QUERY.compile(dialect=dialect))


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
