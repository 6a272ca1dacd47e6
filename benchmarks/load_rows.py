"""A database as it is after a long life: ten thousand jobs of each family, most of them ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, insert

from benchmarks import videos_api
from videocraft.core.database import Database
from videocraft.core.database.models import (
    Asset,
    Export,
    Job,
    RecordingSession,
    Storyboard,
    StoryboardScene,
    Sync,
)

JOBS = 10_000
CAMERAS = 3
SCENES = 6
Rows = list[dict[str, Any]]


def fill(database: Database, count: int = JOBS) -> None:
    """Add ``count`` jobs of every family with what belongs to them."""
    videos_api.fill(database, count)
    numbers = range(count)
    at = time.time() - 3600
    tables: list[tuple[Any, Rows]] = [
        (Job, [_job("exports", "export", f"core-{n}", at, n) for n in numbers]),
        (Export, [_export(n, at) for n in numbers]),
        (Job, [_job("jobs", "generate_clip", f"job_{n:032x}", at, n) for n in numbers]),
        (Job, [_job("sessions", "ingest", f"ingest-{n}", at, n) for n in numbers]),
        (Job, [_job("sessions", "sync", f"sync-job-{n}", at, n) for n in numbers]),
        (RecordingSession, [_session(n, at) for n in numbers]),
        (Asset, [_asset(n, camera, at) for n in numbers for camera in range(CAMERAS)]),
        (Sync, [_sync(n, at) for n in numbers]),
        (Job, [_job("storyboards", "plan", f"plan-{n}", at, n) for n in numbers]),
        (Storyboard, [_storyboard(n, at) for n in numbers]),
        (StoryboardScene, [_scene(n, scene) for n in numbers for scene in range(SCENES)]),
    ]
    with database.write() as session:
        for model, rows in tables:
            table: Table = model.__table__
            session.connection().execute(insert(table), rows)


def polled_paths(count: int = JOBS) -> Iterator[tuple[str, list[str]]]:
    """Each family's name and the addresses of its jobs' status."""
    numbers = range(count)
    yield "exports", [f"/api/export/export-{n}/status" for n in numbers]
    yield "videos", [f"/api/v1/jobs/{videos_api.job_id_of(n)}/status" for n in numbers]
    yield "sessions", [f"/v2/sessions/session-{n}/status" for n in numbers]
    yield "jobs", [f"/jobs/job_{n:032x}" for n in numbers]
    yield "storyboards", [f"/api/v2/jobs/{n + 1}" for n in numbers]


def _job(family: str, kind: str, job_id: str, at: float, number: int) -> dict[str, Any]:
    clip = {"start": 12.5, "end": 41.25, "score": 0.83, "title": "What holds a bridge up"}
    done: dict[str, Any] = {"clips": [clip] * 3} if family == "jobs" else {"duration": 10.0}
    given = {"source_asset_id": "asset_1", "prompt": "the best parts", "count": 3}
    lines = [{"timestamp": at + n, "message": f"Step {n}"} for n in range(4)]
    return {
        "id": job_id,
        "family": family,
        "kind": f"{family}.{kind}",
        "state": "completed",
        "epoch": 1,
        "lost": 0,
        "priority": 0,
        "payload": {"given": given, "clip_version_id": None},
        "result": done,
        "progress": 1.0,
        "message": "Done",
        "warnings": [],
        "log": lines,
        "owner": "key_configured",
        "created_at": at + number / 100,
        "updated_at": at + number / 100 + 9,
        "started_at": at + number / 100 + 1,
        "completed_at": at + number / 100 + 9,
    }


def _export(number: int, at: float) -> dict[str, Any]:
    return {
        "id": f"export-{number}",
        "job_id": f"core-{number}",
        "config_sha256": "0" * 64,
        "project_name": "Sunday",
        "format": "mp4",
        "created_at": at,
    }


def _session(number: int, at: float) -> dict[str, Any]:
    named = {"id": f"session-{number}", "title": "Sunday", "date": "2026-02-03", "project_id": "project"}
    return {**named, "owner": "key_configured", "created_at": at + number, "updated_at": at + number}


def _asset(number: int, camera: int, at: float) -> dict[str, Any]:
    key = f"projects/{number}/{camera}"
    return {
        "id": f"asset-{number}-{camera}",
        "session_id": f"session-{number}",
        "camera_label": "ABC"[camera],
        "filename": "camera.mp4",
        "content_type": "video/mp4",
        "size_bytes": 2**30,
        "version": 1,
        "status": "ready",
        "original_key": key,
        "metadata": {"durationMs": 1_800_000, "fps": 29.97},
        "derivatives": [{"kind": "proxy", "key": f"{key}/proxy.mp4", "size_bytes": 2**27}],
        "ingest_job_id": f"ingest-{number}",
        "created_at": at,
        "updated_at": at,
    }


def _sync(number: int, at: float) -> dict[str, Any]:
    return {
        "id": f"sync-{number}",
        "session_id": f"session-{number}",
        "job_id": f"sync-job-{number}",
        "status": "complete",
        "master_camera": "A",
        "method": "xcorr",
        "result": {},
        "plots": {},
        "operator_status": "approved",
        "final_offsets": {"A": 0, "B": 120, "C": -40},
        "created_at": at,
        "computed_at": at,
    }


def _storyboard(number: int, at: float) -> dict[str, Any]:
    return {
        "id": number + 1,
        "owner": "key_configured",
        "prompt": "A bridge",
        "style": "watercolour",
        "duration": 30.0,
        "aspect_ratio": "16:9",
        "seed": number,
        "status": "storyboard_ready",
        "job_id": f"plan-{number}",
        "approved": True,
        "approved_at": at,
        "estimated_cost": 0.12,
        "actual_cost": 0.12,
        "refinement_count": 0,
        "download_count": 0,
        "created_at": at,
        "updated_at": at,
    }


def _scene(number: int, scene: int) -> dict[str, Any]:
    return {
        "storyboard_id": number + 1,
        "number": scene + 1,
        "description": "A bridge in the morning, seen from the river below, with mist between its arches.",
        "duration": 5.0,
        "image_prompt": "stone bridge, river, morning mist, watercolour, wide shot, soft light",
        "shot": "wide",
        "camera_move": "zoom_in",
        "characters": [],
        "seed": scene,
        "image_status": "completed",
        "image_key": f"storyboards/{number + 1}/scenes/{'a' * 64}.png",
    }
