"""Use cases of storyboards themselves: make one, show, approve, reorder, cancel, delete."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import delete as sql_delete
from sqlalchemy import select, update

from videocraft.apis.storyboards import keys, music, narration, status
from videocraft.apis.storyboards.body import job_body, metadata_body
from videocraft.apis.storyboards.schemas import MAX_SEED, NewStoryboard
from videocraft.core.database import clock
from videocraft.core.database.models import (
    Job,
    Storyboard,
    StoryboardDownload,
    StoryboardExport,
    StoryboardRender,
    StoryboardScene,
)
from videocraft.core.jobs import TERMINAL, JobsService, JobState, submit
from videocraft.core.jobs import cancel as cancel_job
from videocraft.core.jobs import delete as delete_job
from videocraft.core.storage import ObjectInfo
from videocraft.errors import Conflict, InvalidInput, NotFound
from videocraft.generation.writers.durations import scene_count
from videocraft.services import Services

FAMILY = "storyboards"
PLAN = "storyboards.plan"
LET_GO_SECONDS = 3.0
"""How long a delete waits for a worker to let go of a job."""


def jobs_of(services: Services) -> JobsService:
    """Transactions that ring once they are committed."""
    return JobsService(services.database, services.dispatcher)


def generate(
    services: Services, wanted: NewStoryboard, owner: str | None, request_id: str | None
) -> dict[str, Any]:
    """Queue the making of a storyboard; the new job.

    Raises:
        InvalidInput: it is to be spoken and there is no narrator, or its music is not there or not sound.
        Unavailable: the narrator can't work, or the workers can't be told; nothing will run.
    """
    cost = scene_count(wanted.duration) * services.settings.image_price
    if wanted.narration:
        narration.require_narrator(services.settings)
        characters = wanted.duration * narration.CHARACTERS_A_SECOND
        cost += narration.estimated_cost(services.settings, characters)
    if wanted.music is not None:
        music.check(services, wanted.music, owner)
    core_job = str(uuid4())
    with jobs_of(services).transaction() as session:
        at = clock.now(session)
        row = Storyboard(
            owner=owner,
            prompt=wanted.prompt,
            style=wanted.style,
            duration=wanted.duration,
            aspect_ratio=wanted.aspect_ratio,
            seed=secrets.randbelow(MAX_SEED) if wanted.seed is None else wanted.seed,
            narration=wanted.narration,
            captions=wanted.narration and wanted.captions,
            music=None if wanted.music is None else {"upload": wanted.music.removeprefix(music.PREFIX)},
            status=status.PENDING,
            job_id=core_job,
            approved=False,
            estimated_cost=cost,
            actual_cost=0.0,
            refinement_count=0,
            download_count=0,
            created_at=at,
            updated_at=at,
        )
        session.add(row)
        session.flush()
        submit(
            session,
            family=FAMILY,
            kind=PLAN,
            payload={"storyboardId": row.id},
            job_id=core_job,
            owner=owner,
            request_id=request_id,
        )
        return job_body(services, session, row)


def show(services: Services, storyboard_id: int) -> dict[str, Any]:
    """The job object."""
    status.settle(services, storyboard_id)
    with services.database.read() as session:
        return job_body(services, session, status.find(session, storyboard_id))


def metadata(services: Services, storyboard_id: int) -> dict[str, Any]:
    """Everything that is known about a job."""
    status.settle(services, storyboard_id)
    with services.database.read() as session:
        return metadata_body(services, session, status.find(session, storyboard_id))


def approve(services: Services, storyboard_id: int, owner: str | None) -> dict[str, Any]:
    """Allow the storyboard to be rendered; a second time changes nothing.

    Raises:
        NotFound, Forbidden: not there, or somebody else's.
        InvalidInput: it is not ``storyboard_ready``.
        Conflict: a scene is being drawn anew.
    """
    with services.database.write() as session:
        row = status.find_own(session, storyboard_id, owner)
        if row.status != status.READY:
            raise InvalidInput(f"Storyboard not ready for approval. Current status: {row.status}")
        status.refuse_while_refining(session, row)
        if not row.approved:
            row.approved, row.approved_at = True, clock.now(session)
            row.updated_at = row.approved_at
        return job_body(services, session, row)


def reorder(
    services: Services, storyboard_id: int, owner: str | None, order: Sequence[int]
) -> dict[str, Any]:
    """Give the scenes a new order and new numbers; the storyboard has to be approved again.

    Args:
        order: today's scene numbers, each once, as they are to follow each other.

    Raises:
        NotFound, Forbidden: not there, or somebody else's.
        InvalidInput: no order, no storyboard, or not each scene exactly once.
        Conflict: the film is being rendered, or a scene is being drawn anew.
    """
    with services.database.write() as session:
        row = status.find_own(session, storyboard_id, owner)
        if not order:
            raise InvalidInput("scene_order cannot be empty")
        scenes = status.scenes_of(session, row.id)
        if not status.is_complete(row, scenes):
            raise InvalidInput(f"Storyboard not ready for reordering. Current status: {row.status}")
        if sorted(order) != [scene.number for scene in scenes]:
            raise InvalidInput("Failed to reorder scenes. Check that all scene numbers are valid.")
        status.refuse_while_rendering(row)
        status.refuse_while_refining(session, row)
        of_number = {scene.number: scene for scene in scenes}
        for number, old_number in enumerate(order, start=1):
            of_number[old_number].number = number
        status.back_to_review(session, row)
        session.flush()
        return job_body(services, session, row)


def cancel(services: Services, storyboard_id: int, owner: str | None) -> dict[str, Any]:
    """Stop what is going on; a second time changes nothing. What was drawn stays.

    Raises:
        NotFound, Forbidden: not there, or somebody else's.
        Conflict: nothing is going on.
    """
    status.settle(services, storyboard_id)
    with jobs_of(services).transaction() as session:
        seen = status.owned(status.find(session, storyboard_id), owner)
        core_job = seen.job_id
        # The core job before the storyboard, as workers lock them; the other way round both would wait.
        if seen.status in status.ACTIVE:
            cancel_job(session, core_job)
        row = status.find(session, storyboard_id, lock=True)
        if row.status == status.CANCELED:
            return job_body(services, session, row)
        if row.status not in status.ACTIVE or row.job_id != core_job:
            raise Conflict(f"There is nothing to cancel. Current status: {row.status}")
        # At once, though the worker may need a moment: what it still does has no effect.
        row.status = status.CANCELED
        row.updated_at = clock.now(session)
        return job_body(services, session, row)


def delete(services: Services, storyboard_id: int, owner: str | None) -> None:
    """Stop what is going on for a storyboard, and remove its rows and its files.

    Raises:
        NotFound, Forbidden: not there, or somebody else's.
    """
    jobs = jobs_of(services)
    with jobs.transaction() as session:
        # Without a lock on the storyboard: workers lock the core job first.
        seen = status.owned(status.find(session, storyboard_id), owner)
        job_ids = _job_ids(seen, session)
        for job_id in job_ids:
            cancel_job(session, job_id)
    for job_id in job_ids:
        jobs.wait_until_terminal(job_id, LET_GO_SECONDS)
    with jobs.transaction() as session:
        row = status.find_own(session, storyboard_id, owner)
        job_ids = _job_ids(row, session)
        renders = select(StoryboardRender.id).where(StoryboardRender.storyboard_id == row.id)
        session.execute(sql_delete(StoryboardExport).where(StoryboardExport.render_id.in_(renders)))
        for table in (StoryboardDownload, StoryboardRender, StoryboardScene):
            session.execute(sql_delete(table).where(table.storyboard_id == row.id))
        session.delete(row)
        session.flush()
        # A worker that did not let go in time is fenced off by this, and finds out later.
        alive = update(Job).where(Job.id.in_(job_ids), Job.state.not_in(sorted(TERMINAL)))
        session.execute(alive.values(state=JobState.CANCELLED))
        for job_id in job_ids:
            delete_job(session, job_id)
    services.storage.delete_prefix(keys.prefix(storyboard_id))


def picture(services: Services, storyboard_id: int, number: int) -> ObjectInfo:
    """A scene's picture in the storage.

    Raises:
        NotFound: no such job or scene, or it has no picture.
    """
    key = _scene(services, storyboard_id, number).image_key
    info = services.storage.stat(key) if key else None
    if info is None:
        raise NotFound("This scene has no picture")
    return info


def speech(services: Services, storyboard_id: int, number: int) -> ObjectInfo:
    """A scene's narration in the storage.

    Raises:
        NotFound: no such job or scene, or its description is not spoken.
    """
    scene = _scene(services, storyboard_id, number)
    key = scene.speech["key"] if scene.speech is not None and narration.is_current(scene) else None
    info = services.storage.stat(key) if key else None
    if info is None:
        raise NotFound("This scene is not spoken")
    return info


def _scene(services: Services, storyboard_id: int, number: int) -> StoryboardScene:
    with services.database.read() as session:
        status.find(session, storyboard_id)
        found = [scene for scene in status.scenes_of(session, storyboard_id) if scene.number == number]
    if not found:
        raise NotFound("Scene not found")
    return found[0]


def _job_ids(row: Storyboard, session: Any) -> list[str]:
    renders = select(StoryboardRender.id).where(StoryboardRender.storyboard_id == row.id)
    made = select(StoryboardRender.job_id).where(StoryboardRender.storyboard_id == row.id)
    exports = select(StoryboardExport.job_id).where(StoryboardExport.render_id.in_(renders))
    last = [row.job_id, *([row.refine_job_id] if row.refine_job_id else [])]
    return list(dict.fromkeys([*last, *session.scalars(made), *session.scalars(exports)]))
