"""``GET /api/v2/jobs/{id}`` as clients poll it: a few small statements, on the event loop."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from videocraft.apis.storyboards import status
from videocraft.apis.storyboards.body import shown
from videocraft.core.database import polled
from videocraft.core.database.models import Job, Storyboard, StoryboardScene
from videocraft.core.jobs import TERMINAL
from videocraft.services import Services

_STORYBOARD = polled.PolledQuery(
    select(
        *(Storyboard.id, Storyboard.status, Storyboard.job_id, Storyboard.duration, Storyboard.approved),
        *(Storyboard.narration, Storyboard.estimated_cost, Storyboard.actual_cost, Storyboard.error),
        *(Storyboard.created_at, Storyboard.updated_at),
    ).where(Storyboard.id == bindparam("storyboard_id"))
)
_SCENES = polled.PolledQuery(
    select(
        *(StoryboardScene.number, StoryboardScene.description, StoryboardScene.duration),
        *(StoryboardScene.image_prompt, StoryboardScene.shot, StoryboardScene.camera_move),
        *(StoryboardScene.image_status, StoryboardScene.image_key, StoryboardScene.image_error),
        *(StoryboardScene.speech, StoryboardScene.speech_error),
    )
    .where(StoryboardScene.storyboard_id == bindparam("storyboard_id"))
    .order_by(StoryboardScene.number)
)
_JOB = polled.PolledQuery(
    select(Job.state, Job.progress, Job.message, Job.started_at).where(Job.id == bindparam("job_id"))
)


def show(services: Services, storyboard_id: int) -> dict[str, Any] | None:
    """The job object, if it can be had at once.

    None: there is no such job, it has to be settled first, or it is narrated and shows more;
    ``service.show`` knows.
    """
    if services.database.clock is None or not 0 < storyboard_id <= status.MAX_ID:
        return None
    with polled.moment(services.database) as ask:
        rows = ask(_STORYBOARD, storyboard_id=storyboard_id)
        if not rows or rows[0].narration:
            return None
        job = None
        if rows[0].status in status.ACTIVE:
            jobs = ask(_JOB, job_id=rows[0].job_id)
            if not jobs or jobs[0].state in TERMINAL:
                return None
            job = jobs[0]
        scenes = ask(_SCENES, storyboard_id=storyboard_id)
    return shown(services, rows[0], scenes, job, services.database.clock())
