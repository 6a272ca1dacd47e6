"""The job ``storyboards.plan``: a prompt becomes scenes, and the scenes get their pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from videocraft.apis.storyboards import narration, pictures, soundtrack, status
from videocraft.apis.storyboards.providers import illustrator_of, writer_of
from videocraft.apis.storyboards.schemas import MAX_SEED
from videocraft.apis.storyboards.speaking import speak_missing
from videocraft.apis.storyboards.work import leaving_nothing, require, require_scene
from videocraft.core.database import clock
from videocraft.core.database.models import StoryboardScene
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.registry import handler
from videocraft.errors import VideoCraftError
from videocraft.generation.base import Brief, Illustrator, ProviderError, SceneDraft
from videocraft.generation.writers.durations import scene_count

SHARE_OF_WRITING = 0.1
_SEED_STEP = 1009
"""Between the seeds of neighbouring scenes: a refinement adds one, and must not meet a neighbour's."""


@handler("storyboards.plan")
def plan(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Write the scenes of ``storyboardId``, draw them, and speak them if that is asked for.

    Runs again at no harm: what was written stays, and only the pictures that are missing are drawn.

    Raises:
        VideoCraftError: nothing could be written, or not one picture could be drawn.
        JobStopped: cancelled, handed back, or the lease is gone.
    """
    storyboard_id = payload["storyboardId"]
    with leaving_nothing(context, storyboard_id):
        soundtrack.take_music(context, storyboard_id)
        _write(context, storyboard_id)
        orders = _missing(context, storyboard_id)
        made, failed = draw_missing(context, storyboard_id, orders)
        speak_missing(context, storyboard_id)
        with context.publish() as session:
            row = require(session, context, storyboard_id)
            scenes = status.scenes_of(session, storyboard_id)
            errors = [scene.image_error for scene in scenes if scene.image_status == status.IMAGE_FAILED]
            row.updated_at = clock.now(session)
            if len(errors) < len(scenes):
                row.status = status.READY
        if len(errors) == len(scenes):
            raise VideoCraftError(f"No picture could be drawn: {errors[0]}", code="ILLUSTRATION_FAILED")
        return {"storyboardId": storyboard_id, "scenes": len(scenes), "drawn": made, "failed": failed}


def draw_missing(
    context: JobContext,
    storyboard_id: int,
    orders: Sequence[pictures.Order],
    illustrator: Illustrator | None = None,
) -> tuple[int, int]:
    """Draw pictures and note each with its scene as soon as it is there; how many there are, and are not."""
    made, failed = 0, 0
    if not orders:
        return made, failed
    illustrator = illustrator or illustrator_of(context.settings)
    for begun, done in pictures.draw(context, illustrator, storyboard_id, orders):
        with context.publish() as session:
            row = require(session, context, storyboard_id)
            row.updated_at = clock.now(session)
            if begun is not None:
                require_scene(session, begun.scene_id).image_status = status.IMAGE_GENERATING
            if done is None:
                continue
            scene = require_scene(session, done.scene_id)
            scene.image_key, row.actual_cost = done.key, row.actual_cost + done.cost
            scene.image_status = status.IMAGE_COMPLETED if done.key else status.IMAGE_FAILED
            scene.image_error = None if done.error is None else done.error.message
        made, failed = made + (done.key is not None), failed + (done.key is None)
        share = (made + failed) / len(orders)
        context.progress(
            SHARE_OF_WRITING + share * (1 - SHARE_OF_WRITING), f"{made} of {len(orders)} pictures"
        )
    return made, failed


def _write(context: JobContext, storyboard_id: int) -> None:
    """Bring the storyboard to where its scenes are known."""
    with context.publish() as session:
        row = require(session, context, storyboard_id)
        if status.scenes_of(session, storyboard_id):
            return  # an earlier run has written them
        row.status = status.PARSING
        row.updated_at = clock.now(session)
    brief = Brief(
        prompt=row.prompt,
        duration=row.duration,
        style=row.style,
        aspect_ratio=row.aspect_ratio,
        scenes=scene_count(row.duration),
        seed=row.seed,
    )
    writer = writer_of(context.settings)
    try:
        drafts = writer.write(brief, should_stop=context.should_stop)
    except ProviderError as error:
        message = f"The scenes could not be written: {error.message}"
        raise VideoCraftError(message, code="WRITING_FAILED") from error
    with context.publish() as session:
        row = require(session, context, storyboard_id)
        row.status = status.GENERATING
        row.actual_cost += writer.price
        row.estimated_cost = writer.price + len(drafts) * context.settings.image_price
        if row.narration:
            characters = sum(len(draft.description) for draft in drafts)
            row.estimated_cost += narration.estimated_cost(context.settings, characters)
        row.updated_at = clock.now(session)
        session.add_all(
            _scene_of(draft, number, storyboard_id, row.seed) for number, draft in enumerate(drafts, start=1)
        )
    context.progress(SHARE_OF_WRITING, "The scenes are written")


def _scene_of(draft: SceneDraft, number: int, storyboard_id: int, seed: int) -> StoryboardScene:
    return StoryboardScene(
        storyboard_id=storyboard_id,
        number=number,
        description=draft.description,
        duration=draft.duration,
        image_prompt=draft.image_prompt,
        shot=str(draft.shot),
        camera_move=str(draft.camera_move),
        characters=list(draft.characters),
        seed=(seed + number * _SEED_STEP) % MAX_SEED,
        image_status=status.IMAGE_PENDING,
    )


def _missing(context: JobContext, storyboard_id: int) -> list[pictures.Order]:
    with context.database.read() as session:
        row = require(session, context, storyboard_id)
        return [
            pictures.order_of(row, scene)
            for scene in status.scenes_of(session, storyboard_id)
            if scene.image_status != status.IMAGE_COMPLETED
        ]
