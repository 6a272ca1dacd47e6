"""Jobs as clients of the videos family see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from videocraft.core.database import Database
from videocraft.core.database.models import Job, VideoStep
from videocraft.core.database.polled import PolledQuery, moment
from videocraft.core.jobs import JobState

FAMILY = "videos"
GENERATE = "videos.generate"
RECAPTION = "videos.recaption"

PENDING = "pending"
PROCESSING = "processing"
COMPLETED = "completed"
FAILED = "failed"
CANCELLED = "cancelled"

# What is told to stop will end as cancelled, whatever its worker does.
STATES_OF_STATUS: Mapping[str, tuple[JobState, ...]] = {
    PENDING: (JobState.PENDING, JobState.QUEUED),
    PROCESSING: (JobState.RUNNING,),
    COMPLETED: (JobState.COMPLETED,),
    FAILED: (JobState.FAILED,),
    CANCELLED: (JobState.STOPPING, JobState.CANCELLED),
}
STATUS_OF_STATE: Mapping[str, str] = {
    str(state): status for status, states in STATES_OF_STATUS.items() for state in states
}

_STEP_MESSAGES = {
    PENDING: "Waiting for a worker",
    PROCESSING: "Starting",
    COMPLETED: "Video generation completed",
    FAILED: "Video generation failed",
    CANCELLED: "Video generation cancelled",
}
_UNKNOWN_ESTIMATE = 0.02
"""Below this progress nothing can be said about the end."""

_QUERY = PolledQuery(
    select(
        Job.state, Job.progress, Job.message, Job.updated_at, Job.error_code, Job.error_message, Job.result
    ).where(Job.id == bindparam("job_id"), Job.family == FAMILY)
)


def timestamp(seconds: float) -> str:
    """Seconds since 1970 as ``2024-01-01T12:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"


def status_url(job_id: str) -> str:
    """Where a job is polled."""
    return f"/api/v1/jobs/{job_id}/status"


def percent(progress: float, status: str) -> int:
    """Progress as a whole number; 100 only when the job is completed."""
    return 100 if status == COMPLETED else min(99, int(progress * 100))


def current_step(status: str, message: str) -> str:
    """What a job does; what its last run said is not true of one that waits or has ended."""
    return (message if status == PROCESSING else "") or _STEP_MESSAGES[status]


def read_status(database: Database, job_id: str) -> dict[str, Any] | None:
    """The body of ``GET /jobs/{id}/status``; None when there is no such job."""
    with moment(database) as ask:
        found = ask(_QUERY, job_id=job_id)
    if not found:
        return None
    row = found[0]
    status = STATUS_OF_STATE[row.state]
    data: dict[str, Any] = {
        "job_id": job_id,
        "status": status,
        "progress": percent(row.progress, status),
        "current_step": current_step(status, row.message),
    }
    if status == COMPLETED:
        data["result"] = result_body(row.result or {})
    elif status == FAILED:
        data |= {"error": row.error_message or "The job failed.", "code": row.error_code}
    data["updated_at"] = timestamp(row.updated_at)
    return {"success": True, "data": data}


def result_body(result: Mapping[str, Any]) -> dict[str, Any]:
    """The film that a job has made."""
    return {
        "video_id": result["video_id"],
        "download_url": f"/api/v1/videos/{result['video_id']}/download",
        "file_size": result["file_size"],
        "duration": result["duration"],
    }


def job_item(job: Job | Row[*tuple[Any, ...]]) -> dict[str, Any]:
    """A job in a list, of its row or of the columns that are shown."""
    status = STATUS_OF_STATE[job.state]
    return {
        "id": job.id,
        "status": status,
        "progress": percent(job.progress, status),
        "current_step": current_step(status, job.message),
        "created_at": timestamp(job.created_at),
        "updated_at": timestamp(job.updated_at),
    }


def job_details(job: Job, steps: Sequence[VideoStep], now: float) -> dict[str, Any]:
    """A job with what it was asked and what it has done."""
    item = job_item(job)
    status = item["status"]
    body: dict[str, Any] = {key: item[key] for key in ("id", "status", "progress", "current_step")}
    config = job.payload.get("config", {})
    body |= {
        "estimated_completion": _estimate(job, status, now),
        "video_config": {"scenes": [], "elements": [], **config},
        "processing_log": [_step_body(step, status, item["progress"]) for step in steps],
        "warnings": list(dict.fromkeys((*job.payload.get("warnings", ()), *job.warnings))),
    }
    if status == COMPLETED:
        body["result"] = result_body(job.result or {})
    elif status == FAILED:
        body |= {"error": job.error_message or "The job failed.", "code": job.error_code}
    return body | {key: item[key] for key in ("created_at", "updated_at")}


def _estimate(job: Job, status: str, now: float) -> str | None:
    if status != PROCESSING or job.started_at is None or job.progress < _UNKNOWN_ESTIMATE:
        return None
    elapsed = max(0.0, now - job.started_at)
    return timestamp(now + elapsed * (1 - job.progress) / job.progress)


def _step_body(step: VideoStep, status: str, progress: int) -> dict[str, Any]:
    body: dict[str, Any] = {"timestamp": timestamp(step.at), "step": step.step, "status": step.status}
    if step.duration is not None:
        return body | {"duration": round(step.duration, 1)}
    if status in {FAILED, CANCELLED}:  # its worker was lost, or stopped in the middle
        return body | {"status": status}
    return body | {"progress": progress}
