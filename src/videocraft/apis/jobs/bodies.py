"""What the jobs family shows: a job, an asset, a clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from videocraft.apis.jobs.schemas import timestamp
from videocraft.core.database.models import Asset, Clip, ClipVersion, Job, LibraryAsset
from videocraft.core.jobs import JobState

QUEUE_NAME = "ai-video-editor-jobs"

_CONTAINERS = (dict, list)
_STATUSES = {JobState.RUNNING.value: "in_progress", JobState.STOPPING.value: "in_progress"}
_VERSION_STATUSES = {
    "pending": "queued",
    "queued": "queued",
    "in_progress": "processing",
    "failed": "failed",
    "cancelled": "cancelled",
}


def states_of(status: str) -> list[str]:
    """The states of a job that this family calls ``status``."""
    return [str(state) for state in JobState if _STATUSES.get(state.value, state.value) == status]


def status_of(state: str) -> str:
    """The contract's name of a job's state."""
    return _STATUSES.get(state, state)


def absolute(value: Any, base: str) -> Any:
    """The same JSON with whole URLs: what is kept says only the path, since a server may move."""
    if isinstance(value, dict):
        return {
            key: (base + inner if inner.startswith("/") and (key == "url" or key.endswith("_url")) else inner)
            if isinstance(inner, str)
            else (absolute(inner, base) if isinstance(inner, _CONTAINERS) else inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        # Most of what is polled is neither: a call for each number would be a third of the work.
        return [absolute(inner, base) if isinstance(inner, _CONTAINERS) else inner for inner in value]
    return value


def job_body(job: Job, base: str) -> dict[str, Any]:
    """The documented job object; ``base`` is what absolute URLs of this server start with."""
    return {
        "id": job.id,
        "created_at": timestamp(job.created_at),
        "updated_at": timestamp(job.updated_at),
        "clip_version_id": job.payload["clip_version_id"],
        "job_type": job.kind.partition(".")[2],
        "status": status_of(job.state),
        "queue_name": QUEUE_NAME,
        "priority": job.priority,
        "payload": job.payload["given"],
        "result_payload": _result(job, base),
        "error_message": job.error_message,
        "started_at": timestamp(job.started_at),
        "completed_at": timestamp(job.completed_at),
    }


def _result(job: Job, base: str) -> dict[str, Any] | None:
    if job.started_at is None:
        return None
    log = [{"timestamp": timestamp(line["timestamp"]), "message": line["message"]} for line in job.log]
    result: dict[str, Any] = {"progress": round(job.progress, 4), "log": log}
    if job.warnings:
        result["warnings"] = job.warnings
    if job.result:
        result |= absolute(job.result, base)
    return result


def file_body(base: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """A derivative: its kind, where it is fetched, its size."""
    name = stored["key"].rpartition("/")[2]
    return {"kind": stored["kind"], "url": f"{base}/{name}", "size_bytes": stored["size_bytes"]}


def asset_body(asset: LibraryAsset | Asset) -> dict[str, Any]:
    """An asset, of the library or of a session."""
    if isinstance(asset, LibraryAsset):
        own = {"status": "ready", "session_id": None, "project_id": asset.project_id}
    else:
        own = {"status": asset.status, "session_id": asset.session_id, "project_id": None}
    return {
        "id": asset.id,
        "filename": asset.filename,
        "content_type": asset.content_type,
        "size_bytes": asset.size_bytes,
        **own,
        "metadata": asset.media,
        "derivatives": [file_body(f"/assets/{asset.id}/files", stored) for stored in asset.derivatives],
        "created_at": timestamp(asset.created_at),
        "updated_at": timestamp(asset.updated_at),
    }


def version_body(version: ClipVersion, job: Job | None) -> dict[str, Any]:
    """A clip version; what it is follows from its last job and its file."""
    status = _VERSION_STATUSES.get(status_of(job.state)) if job is not None else None
    if status is None:
        status = "draft" if version.file_key is None else "ready"
    has_file = version.file_key is not None
    return {
        "id": version.id,
        "clip_id": version.clip_id,
        "number": version.number,
        "status": status,
        "settings": version.settings,
        "job_id": version.job_id,
        "url": f"/clips/{version.clip_id}/versions/{version.id}/file" if has_file else None,
        "size_bytes": version.size_bytes,
        "duration": version.duration,
        "width": version.width,
        "height": version.height,
        "error_message": job.error_message if job is not None and status == "failed" else None,
        "created_at": timestamp(version.created_at),
        "updated_at": timestamp(version.updated_at),
    }


def clip_body(clip: Clip, versions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A clip with its versions, the newest last."""
    return {
        "id": clip.id,
        "source_asset_id": clip.asset_id,
        "path": clip.source_key if clip.asset_id is None else None,
        "title": clip.title,
        "start": clip.start,
        "end": clip.end,
        "duration": round(clip.end - clip.start, 6),
        "score": clip.score,
        "reason": clip.reason,
        "job_id": clip.job_id,
        "versions": list(versions),
        "created_at": timestamp(clip.created_at),
        "updated_at": timestamp(clip.updated_at),
    }
