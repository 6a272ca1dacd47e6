"""The use case ``refine``: a scene gets another picture, another description, or both.

A picture is drawn by a worker, and the request waits for it: what is answered is the storyboard with the new
picture, to be approved again. A failure changes nothing, counts nothing and costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from videocraft.apis.storyboards import status
from videocraft.apis.storyboards.body import job_body
from videocraft.apis.storyboards.schemas import MAX_REFINEMENTS, MAX_SEED
from videocraft.apis.storyboards.service import FAMILY, LET_GO_SECONDS, jobs_of
from videocraft.core.database.models import Storyboard, StoryboardScene
from videocraft.core.jobs import JobState, submit
from videocraft.core.jobs import cancel as cancel_job
from videocraft.errors import InvalidInput, NotFound, TooManyRequests, VideoCraftError
from videocraft.services import Services

REFINE = "storyboards.refine"
PRIORITY = 10
"""Somebody waits for the answer: before plans, films and exports, also beside one that is going on."""

PATIENCE_SECONDS = 300.0
"""Longest wait for a picture, the time in the queue included; then its job is cancelled."""


@dataclass(frozen=True)
class Refinement:
    """What is to change in which scene."""

    scene_number: int
    image_prompt: str | None
    description: str | None


def begin(
    services: Services,
    storyboard_id: int,
    owner: str | None,
    wanted: Refinement,
    request_id: str | None,
) -> str | None:
    """Check everything; change a description at once, or queue the drawing of a picture.

    Returns:
        The core job to wait for, none when everything is done.

    Raises:
        NotFound, Forbidden: not there, or somebody else's.
        InvalidInput: no storyboard, nothing to change, or no such scene.
        TooManyRequests: the limit is reached.
        Conflict: the film is being rendered, or a scene is being drawn anew.
    """
    with jobs_of(services).transaction() as session:
        row = status.find_own(session, storyboard_id, owner)
        scene = _checked(session, row, wanted)
        if wanted.image_prompt is None:
            scene.description = wanted.description or scene.description
            count(session, row)
            return None
        job = submit(
            session,
            family=FAMILY,
            kind=REFINE,
            payload={
                "storyboardId": row.id,
                "sceneId": scene.id,
                "imagePrompt": wanted.image_prompt,
                "description": wanted.description,
                "seed": (scene.seed + 1) % MAX_SEED,
            },
            priority=PRIORITY,
            owner=owner,
            request_id=request_id,
        )
        row.refine_job_id = job.id
        return job.id


def finish(services: Services, storyboard_id: int, core_job: str | None) -> dict[str, Any]:
    """Wait for the picture; the job object then.

    Raises:
        VideoCraftError: 500, there is no new picture.
    """
    if core_job is not None:
        _wait(services, core_job)
    with services.database.read() as session:
        return job_body(services, session, status.find(session, storyboard_id))


def count(session: Session, row: Storyboard) -> None:
    """Note a refinement that has succeeded."""
    row.refinement_count += 1
    status.back_to_review(session, row)
    session.flush()


def _checked(session: Session, row: Storyboard, wanted: Refinement) -> StoryboardScene:
    scenes = status.scenes_of(session, row.id)
    if not status.is_complete(row, scenes):
        raise InvalidInput(f"Storyboard not ready for refinement. Current status: {row.status}")
    if row.refinement_count >= MAX_REFINEMENTS:
        raise TooManyRequests(f"Maximum refinement limit ({MAX_REFINEMENTS}) reached for this job")
    if wanted.image_prompt is None and wanted.description is None:
        raise InvalidInput("Must provide either new_image_prompt or new_description")
    named = [scene for scene in scenes if scene.number == wanted.scene_number]
    if not named:
        raise InvalidInput(f"Scene {wanted.scene_number} not found. This job has scenes 1 to {len(scenes)}.")
    status.refuse_while_rendering(row)
    status.refuse_while_refining(session, row)
    return named[0]


def _wait(services: Services, core_job: str) -> None:
    jobs = jobs_of(services)
    job = jobs.wait_until_terminal(core_job, PATIENCE_SECONDS)
    if job is not None and job.state not in {JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED}:
        with jobs.transaction() as session:
            cancel_job(session, core_job)
        job = jobs.wait_until_terminal(core_job, LET_GO_SECONDS)
    if job is None:
        raise NotFound("Job not found")  # deleted while it was drawn
    if job.state == JobState.COMPLETED:
        return
    reason = f"it took longer than {PATIENCE_SECONDS:g} seconds"
    if job.state == JobState.FAILED and job.error_message:
        reason = job.error_message.rstrip(".")
    raise VideoCraftError(f"Failed to regenerate image: {reason}", code="IMAGE_FAILED")
