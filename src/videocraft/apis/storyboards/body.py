"""How a storyboard is shown: the job object, and its metadata."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from videocraft.apis.storyboards import narration, status
from videocraft.apis.storyboards.keys import fingerprint_of
from videocraft.apis.storyboards.music import PREFIX
from videocraft.apis.storyboards.schemas import dollars, timestamp
from videocraft.core.database import clock
from videocraft.core.database.models import Storyboard, StoryboardRender
from videocraft.core.jobs import get as get_job
from videocraft.generation.writers.durations import scene_count
from videocraft.services import Services, public_base

SECONDS_TO_START = 2
SECONDS_OF_PICTURE = 1
"""Until a job has made some progress, an estimate can only be a guess."""

_MESSAGES = {
    status.PENDING: "Waiting for a worker",
    status.PARSING: "Writing the scenes",
    status.READY: "The storyboard is ready for review",
    status.COMPLETED: "The video is ready",
    status.CANCELED: "Canceled",
}
_APPROVED = "The storyboard is approved and can be rendered"


def video_path(storyboard_id: int) -> str:
    """Where the finished film is fetched, as the document writes it."""
    return f"/data/videos/{storyboard_id}/final.mp4"


def job_body(services: Services, session: Session, row: Storyboard) -> dict[str, Any]:
    """The job object; every key is always there."""
    job = get_job(session, row.job_id) if row.status in status.ACTIVE else None
    return shown(services, row, status.scenes_of(session, row.id), job, clock.now(session))


def shown(services: Services, row: Any, scenes: Sequence[Any], job: Any, now: float) -> dict[str, Any]:
    """The job object of rows, or of the columns that are shown.

    Args:
        job: the core job, if one is at work or waits.
        now: seconds since 1970 on the database's clock.
    """
    return {
        "job_id": row.id,
        "status": row.status,
        "progress": _progress(row, scenes, job, now),
        "storyboard": _scene_bodies(services, row, scenes) or None,
        "video_url": video_path(row.id) if row.status == status.COMPLETED else None,
        "estimated_cost": dollars(row.estimated_cost),
        "actual_cost": dollars(row.actual_cost),
        "created_at": timestamp(row.created_at),
        "updated_at": timestamp(row.updated_at),
        "approved": row.approved,
        "error_message": row.error,
    }


def metadata_body(services: Services, session: Session, row: Storyboard) -> dict[str, Any]:
    """The answer of ``metadata``."""
    scenes = status.scenes_of(session, row.id)
    bodies = _scene_bodies(services, row, scenes)
    states = [scene.image_status for scene in scenes]
    is_available = row.status == status.COMPLETED
    render = session.get(StoryboardRender, row.render_id) if is_available and row.render_id else None
    return {
        "job_id": row.id,
        "status": row.status,
        "created_at": timestamp(row.created_at),
        "updated_at": timestamp(row.updated_at),
        "approved": row.approved,
        "approved_at": None if row.approved_at is None else timestamp(row.approved_at),
        "scenes": {
            "total": len(scenes),
            "completed": states.count(status.IMAGE_COMPLETED),
            "failed": states.count(status.IMAGE_FAILED),
            "details": [
                {**each["scene"], **{key: each[key] for key in each if key != "scene"}} for each in bodies
            ],
        },
        "costs": {
            "estimated": dollars(row.estimated_cost),
            "actual": dollars(row.actual_cost),
            "currency": "USD",
        },
        "metrics": {"refinement_count": row.refinement_count, "download_count": row.download_count},
        "video": {
            "available": is_available,
            "url": video_path(row.id) if is_available else None,
            "parameters": _parameters(row, render, _duration(row, scenes)),
        },
        "error": row.error,
    }


def _scene_bodies(services: Services, row: Any, scenes: Sequence[Any]) -> list[dict[str, Any]]:
    place = f"{public_base(services.settings)}/api/v2/jobs/{row.id}/scenes"
    return [_scene_body(row, scene, f"{place}/{scene.number}") for scene in scenes]


def _scene_body(row: Any, scene: Any, place: str) -> dict[str, Any]:
    url = None
    if scene.image_key is not None and scene.image_status == status.IMAGE_COMPLETED:
        # The content's name is in the link, so that nobody is shown an older picture from a cache.
        url = f"{place}/image?v={fingerprint_of(scene.image_key)}"
    shown = {
        "scene": {
            "scene_number": scene.number,
            "description": scene.description,
            "duration": narration.seconds_of(row, scene),
            "image_prompt": scene.image_prompt,
            "shot": scene.shot,
            "camera_move": scene.camera_move,
        },
        "image_url": url,
        "generation_status": scene.image_status,
        "error": scene.image_error,
    }
    # Clients that know nothing of narration never see it.
    return shown | {"narration": _narration(scene, place)} if row.narration else shown


def _narration(scene: Any, place: str) -> dict[str, Any]:
    speech = scene.speech if narration.is_current(scene) else None
    state = "completed" if speech is not None else "failed" if scene.speech_error else "pending"
    url = None
    if speech is not None and speech["key"] is not None:
        url = f"{place}/speech?v={fingerprint_of(speech['key'])}"
    seconds = None if speech is None else speech["seconds"]
    return {"status": state, "seconds": seconds, "url": url, "error": scene.speech_error}


def _parameters(row: Storyboard, render: StoryboardRender | None, duration: float) -> dict[str, Any]:
    asked: dict[str, Any] = {"aspect_ratio": row.aspect_ratio, "style": row.style, "seed": row.seed}
    if row.narration:
        asked |= {"narration": True, "captions": row.captions}
    if row.music is not None:
        asked["music"] = f"{PREFIX}{row.music['upload']}"
    if render is None:
        return {**asked, "duration": duration}
    return {
        **asked,
        "duration": render.frames / render.rate,
        "width": render.width,
        "height": render.height,
        "fps": render.rate,
        "format": "mp4",
        "video_codec": "h264",
        "audio_codec": "aac",
        "size_bytes": render.size_bytes,
        "warnings": render.warnings,
    }


def _duration(row: Storyboard, scenes: Sequence[Any]) -> float:
    """Seconds of the film, as far as it is known."""
    if not row.narration or not scenes:
        return row.duration
    return round(sum(narration.seconds_of(row, scene) for scene in scenes), 3)


def _progress(row: Any, scenes: Sequence[Any], job: Any, now: float) -> dict[str, Any]:
    total = len(scenes) or scene_count(row.duration)
    made = sum(scene.image_status == status.IMAGE_COMPLETED for scene in scenes)
    current = None
    message = _APPROVED if row.approved and row.status == status.READY else _MESSAGES.get(row.status, "")
    if row.status == status.GENERATING:
        current = next(
            (scene.number for scene in scenes if scene.image_status == status.IMAGE_GENERATING), None
        )
        message = f"Drawing the pictures: {made} of {total} are done"
    elif row.status == status.RENDERING and job is not None:
        made = min(total, math.floor(job.progress * total))
        current = min(total, made + 1)
        message = job.message or _MESSAGES[status.PENDING]
    elif row.status == status.FAILED:
        message = row.error or "Failed"
    return {
        "current_stage": row.status,
        "scenes_total": total,
        "scenes_completed": made,
        "current_scene": current,
        "estimated_completion_seconds": _seconds_left(row, total, job, now),
        "message": message,
    }


def _seconds_left(row: Any, total: int, job: Any, now: float) -> int | None:
    """Whole seconds until the present stage is over: 0 when it is, none when nothing is going on any more."""
    if row.status in {status.READY, status.COMPLETED}:
        return 0
    if job is None:
        return None
    guess: float = row.duration / 2 if row.status == status.RENDERING else total * SECONDS_OF_PICTURE
    if job.started_at is None:
        return math.ceil(SECONDS_TO_START + guess)
    spent: float = max(0.0, now - job.started_at)
    progress: float = job.progress
    if progress < 0.05:
        return math.ceil(max(1.0, guess - spent))
    return math.ceil(spent * (1 - progress) / progress)
