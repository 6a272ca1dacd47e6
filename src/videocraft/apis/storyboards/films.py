"""Use cases of the film: have it rendered, and fetch it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from videocraft.apis.storyboards import status
from videocraft.apis.storyboards.body import job_body
from videocraft.apis.storyboards.service import FAMILY, jobs_of
from videocraft.core.database import clock
from videocraft.core.database.models import Storyboard, StoryboardRender
from videocraft.core.jobs import submit
from videocraft.core.storage import ObjectInfo
from videocraft.errors import InvalidInput, NotFound
from videocraft.services import Services

RENDER = "storyboards.render"


def render(
    services: Services, storyboard_id: int, owner: str | None, request_id: str | None
) -> dict[str, Any]:
    """Queue the rendering of an approved storyboard; of one whose film is there already nothing is done.

    Raises:
        NotFound, Forbidden: not there, or somebody else's.
        InvalidInput: it is not approved.
        Conflict: it is being rendered, or a scene is being drawn anew.
    """
    with jobs_of(services).transaction() as session:
        row = status.find_own(session, storyboard_id, owner)
        status.refuse_while_rendering(row)
        if not row.approved or not status.is_complete(row, status.scenes_of(session, row.id)):
            raise InvalidInput(f"Storyboard must be approved before rendering. Current status: {row.status}")
        status.refuse_while_refining(session, row)
        film = film_of(session, row)
        if row.status != status.COMPLETED or film is None or services.storage.stat(film.key) is None:
            job = submit(
                session,
                family=FAMILY,
                kind=RENDER,
                payload={"storyboardId": row.id},
                owner=owner,
                request_id=request_id,
            )
            row.job_id = job.id
            row.status = status.RENDERING
            row.error = None
            row.updated_at = clock.now(session)
            session.flush()
        return job_body(services, session, row)


def find_film(services: Services, storyboard_id: int) -> ObjectInfo:
    """The finished film in the storage.

    Raises:
        NotFound: no such job, or no film.
    """
    status.settle(services, storyboard_id)
    with services.database.read() as session:
        row = status.find(session, storyboard_id)
        film = film_of(session, row)
    if row.status != status.COMPLETED or film is None:
        raise NotFound(f"Video not ready. Current status: {row.status}")
    info = services.storage.stat(film.key)
    if info is None:
        raise NotFound("Video file not found")
    return info


def film_of(session: Session, row: Storyboard) -> StoryboardRender | None:
    """The last finished film of a storyboard, whatever has become of the storyboard since."""
    return session.get(StoryboardRender, row.render_id) if row.render_id is not None else None
