"""The states of a storyboard, and finding the row as it really is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from videocraft.core.database import clock
from videocraft.core.database.models import Job, Storyboard, StoryboardScene
from videocraft.core.jobs import TERMINAL, JobState
from videocraft.core.jobs import get as get_job
from videocraft.errors import Conflict, Forbidden, NotFound
from videocraft.services import Services

PENDING: Final = "pending"
PARSING: Final = "parsing"
GENERATING: Final = "generating_storyboard"
READY: Final = "storyboard_ready"
RENDERING: Final = "rendering"
COMPLETED: Final = "completed"
FAILED: Final = "failed"
CANCELED: Final = "canceled"

WRITING: Final = frozenset({PENDING, PARSING, GENERATING})
"""The storyboard is still being made."""
ACTIVE: Final = WRITING | {RENDERING}
"""A core job is at work, or waits for a worker."""

IMAGE_PENDING: Final = "pending"
IMAGE_GENERATING: Final = "generating"
IMAGE_COMPLETED: Final = "completed"
IMAGE_FAILED: Final = "failed"

MAX_ID = 2**31 - 1
"""What the databases' whole numbers hold."""


def find(session: Session, storyboard_id: int, *, lock: bool = False) -> Storyboard:
    """The storyboard's row, for writing if ``lock``; then it is settled as well.

    Raises:
        NotFound: there is none.
    """
    row = None
    if 0 < storyboard_id <= MAX_ID:
        row = session.get(Storyboard, storyboard_id, with_for_update=lock, populate_existing=True)
    if row is None:
        raise NotFound("Job not found")
    if lock:
        _settle(session, row)
    return row


def find_own(session: Session, storyboard_id: int, owner: str | None) -> Storyboard:
    """The row, for writing, if it belongs to ``owner``.

    Raises:
        NotFound: there is none.
        Forbidden: it is somebody else's.
    """
    return owned(find(session, storyboard_id, lock=True), owner)


def owned(row: Storyboard, owner: str | None) -> Storyboard:
    """The row, if it belongs to ``owner``.

    Raises:
        Forbidden: it is somebody else's.
    """
    if row.owner != owner:
        raise Forbidden("Access denied")
    return row


def settle(services: Services, storyboard_id: int) -> None:
    """Take note of a job that has ended without setting its storyboard: failed, cancelled, or lost."""
    with services.database.read() as session:
        row = find(session, storyboard_id)
        if row.status not in ACTIVE or not _has_ended(get_job(session, row.job_id)):
            return
    with services.database.write() as session:
        find(session, storyboard_id, lock=True)


def scenes_of(session: Session, storyboard_id: int) -> list[StoryboardScene]:
    """The scenes in their order."""
    query = select(StoryboardScene).where(StoryboardScene.storyboard_id == storyboard_id)
    return list(session.scalars(query.order_by(StoryboardScene.number)))


def is_complete(row: Storyboard, scenes: Sequence[StoryboardScene]) -> bool:
    """Whether there is a storyboard to work on: written, and every picture made or given up."""
    if row.status in WRITING or not scenes:
        return False
    return all(scene.image_status in {IMAGE_COMPLETED, IMAGE_FAILED} for scene in scenes)


def refuse_while_refining(session: Session, row: Storyboard) -> None:
    """Raise ``Conflict`` while a scene of the storyboard is being drawn anew."""
    if row.refine_job_id is not None and not _has_ended(get_job(session, row.refine_job_id)):
        raise Conflict("A scene of this job is being regenerated. Try again when that is done.")


def refuse_while_rendering(row: Storyboard) -> None:
    """Raise ``Conflict`` while the film is being made."""
    if row.status == RENDERING:
        raise Conflict("This job is being rendered. Try again when that is done.")


def back_to_review(session: Session, row: Storyboard) -> None:
    """The storyboard has changed: it has to be looked at and approved again, and its film is no longer it."""
    row.status = READY
    row.approved, row.approved_at = False, None
    row.error = None
    row.updated_at = clock.now(session)


def _settle(session: Session, row: Storyboard) -> None:
    if row.status not in ACTIVE:
        return
    job = get_job(session, row.job_id)
    if not _has_ended(job):
        return
    if job is not None and job.state == JobState.CANCELLED:
        row.status = CANCELED
    else:
        row.status = FAILED
        row.error = (job.error_message if job else None) or "The job ended without a result."
    row.updated_at = job.completed_at if job and job.completed_at else clock.now(session)
    session.flush()


def _has_ended(job: Job | None) -> bool:
    return job is None or job.state in TERMINAL
