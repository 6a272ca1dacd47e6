"""The job ``storyboards.refine``: one scene's picture is drawn anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from videocraft.apis.storyboards import pictures, refining, status
from videocraft.apis.storyboards.providers import illustrator_of
from videocraft.apis.storyboards.work import leaving_nothing, require, require_scene
from videocraft.core.database.models import StoryboardScene
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.outcomes import JobStopped
from videocraft.core.jobs.registry import handler


@handler("storyboards.refine", is_awaited=True)
def refine(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Draw ``imagePrompt`` for the scene ``sceneId`` and take it over, with ``description`` if there is one.

    Only a picture that is there changes anything: the scene, the count, the cost and the approval, together.

    Raises:
        ProviderError: there is no picture.
        JobStopped: cancelled, handed back, or the lease is gone.
    """
    storyboard_id, prompt, seed = payload["storyboardId"], payload["imagePrompt"], payload["seed"]
    with leaving_nothing(context, storyboard_id):
        with context.database.read() as session:
            scene = require_scene(session, payload["sceneId"])
            if (scene.image_prompt, scene.seed) == (prompt, seed):
                # An earlier run has done it, and was lost before it could say so.
                return {"storyboardId": storyboard_id, "sceneId": scene.id, "picture": scene.image_key}
            order = pictures.order_of(require(session, context, storyboard_id), scene)
        # The new words say themselves how near it is and who is there.
        request = replace(order.request, prompt=prompt, seed=seed, shot=None)
        order = replace(order, request=request)
        drawn = _draw(context, storyboard_id, order)
        with context.publish() as session:
            row = require(session, context, storyboard_id)
            scene = require_scene(session, payload["sceneId"])
            replaced = _take_over(scene, payload, drawn)
            row.refine_job_id = None
            # What was to be spent grows with what is asked for beyond the plan.
            row.estimated_cost += drawn.cost
            row.actual_cost += drawn.cost
            refining.count(session, row)
        if replaced is not None:
            context.storage.delete(replaced)
        return {"storyboardId": storyboard_id, "sceneId": payload["sceneId"], "picture": drawn.key}


def _draw(context: JobContext, storyboard_id: int, order: pictures.Order) -> pictures.Drawn:
    illustrator = illustrator_of(context.settings)
    for _begun, done in pictures.draw(context, illustrator, storyboard_id, [order]):
        if done is not None and done.error is not None:
            raise done.error
        if done is not None:
            return done
    raise JobStopped("The job is to stop: nothing was drawn.")


def _take_over(scene: StoryboardScene, payload: Mapping[str, Any], drawn: pictures.Drawn) -> str | None:
    """The new picture and words; the key of the picture that was replaced."""
    old = scene.image_key
    scene.image_prompt, scene.seed = payload["imagePrompt"], payload["seed"]
    scene.description = payload["description"] or scene.description
    scene.image_key, scene.image_status, scene.image_error = drawn.key, status.IMAGE_COMPLETED, None
    return old if old != drawn.key else None
