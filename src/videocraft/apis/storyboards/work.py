"""What the handlers of this family share: finding their rows again, and leaving nothing of a deleted one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from videocraft.apis.storyboards import keys
from videocraft.core.database.models import Storyboard, StoryboardScene
from videocraft.core.jobs.context import JobContext
from videocraft.errors import Conflict, NotFound


def require(session: Session, context: JobContext, storyboard_id: int) -> Storyboard:
    """The storyboard that this job works on.

    Raises:
        NotFound, Conflict: it was deleted, or another job works on it.
    """
    row = session.get(Storyboard, storyboard_id, populate_existing=True)
    if row is None:
        raise NotFound("The storyboard was deleted.")
    if context.job_id not in {row.job_id, row.refine_job_id}:
        raise Conflict("The storyboard is worked on by another job.")
    return row


def require_scene(session: Session, scene_id: int) -> StoryboardScene:
    """One of its scenes.

    Raises:
        NotFound: it was deleted.
    """
    scene = session.get(StoryboardScene, scene_id, populate_existing=True)
    if scene is None:
        raise NotFound("The scene was deleted.")
    return scene


@contextmanager
def leaving_nothing(context: JobContext, storyboard_id: int) -> Iterator[None]:
    """Remove what a job has put into the storage when its storyboard was deleted meanwhile.

    Whoever deleted it could not know of files that came later.
    """
    try:
        yield
    finally:
        with context.database.read() as session:
            is_gone = session.get(Storyboard, storyboard_id) is None
        if is_gone:
            context.storage.delete_prefix(keys.prefix(storyboard_id))
