"""The use case ``export``: the film in another format and size, made once and kept."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from videocraft.apis.storyboards import status
from videocraft.apis.storyboards.films import film_of
from videocraft.apis.storyboards.schemas import ExportFormat, ExportQuality
from videocraft.apis.storyboards.service import FAMILY, jobs_of
from videocraft.core.database import clock
from videocraft.core.database.models import Storyboard, StoryboardExport, StoryboardRender
from videocraft.core.jobs import TERMINAL, JobState, submit
from videocraft.core.jobs import get as get_job
from videocraft.core.storage import ObjectInfo
from videocraft.errors import Forbidden, InvalidInput, MediaError, NotFound, Unavailable, VideoCraftError
from videocraft.media.ffmpeg import binary
from videocraft.services import Services

EXPORT = "storyboards.export"
PRIORITY = 5
"""Somebody waits for the bytes: before plans and films, behind a single picture."""

CONTENT_TYPES = {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}
USED_STEP_SECONDS = 60.0
"""How exactly the last use is noted; more often would be a write for each request."""


@dataclass(frozen=True)
class Wanted:
    """Which export is being fetched: its row, and the core job that makes it, if it has to be waited for."""

    export_id: int
    core_job: str | None


def find(
    services: Services,
    storyboard_id: int,
    owner: str | None,
    *,
    container: ExportFormat,
    quality: ExportQuality,
) -> ObjectInfo | None:
    """The finished file, as ``begin`` and ``look`` would find it, from a single short look.

    None when anything is missing, or there is something to note or to tell.

    Raises:
        Unavailable: there is no FFmpeg.
    """
    _require_ffmpeg(services)
    with services.database.read() as session:
        row = session.get(Storyboard, storyboard_id) if 0 < storyboard_id <= status.MAX_ID else None
        if row is None or row.owner != owner or row.status != status.COMPLETED:
            return None
        film = film_of(session, row)
        known = _find(session, film, container, quality) if film is not None else None
        if film is None or known is None or known.key is None:
            return None
        is_noted = known.used_at > clock.now(session) - USED_STEP_SECONDS
    is_there = is_noted and services.storage.stat(film.key) is not None
    return services.storage.stat(known.key) if is_there else None


def begin(
    services: Services,
    storyboard_id: int,
    owner: str | None,
    *,
    container: ExportFormat,
    quality: ExportQuality,
    request_id: str | None,
) -> Wanted:
    """Find the export, join whoever makes it, or queue it.

    Raises:
        Unavailable: there is no FFmpeg, or the workers can't be told.
        NotFound: no such job, or its film is gone.
        Forbidden: it is somebody else's.
        InvalidInput: there is no film yet.
    """
    _require_ffmpeg(services)
    status.settle(services, storyboard_id)
    with services.database.read() as session:
        # What is to be refused needs no lock.
        _checked(services, session, status.find(session, storyboard_id), owner)
    with jobs_of(services).transaction() as session:
        film = _checked(services, session, status.find(session, storyboard_id, lock=True), owner)
        row = _find(session, film, container, quality)
        at = clock.now(session)
        if row is None:
            row = StoryboardExport(
                render_id=film.id, format=container, quality=quality, job_id="", size_bytes=0, used_at=at
            )
            session.add(row)
        row.used_at = at
        if _is_whole(services, row):
            return Wanted(row.id, None)
        job = get_job(session, row.job_id)
        if job is None or job.state in TERMINAL:
            row.key, row.job_id = None, str(uuid4())
            session.flush()
            submit(
                session,
                family=FAMILY,
                kind=EXPORT,
                payload={"exportId": row.id, "storyboardId": storyboard_id},
                job_id=row.job_id,
                priority=PRIORITY,
                owner=owner,
                request_id=request_id,
            )
        return Wanted(row.id, row.job_id)


def look(services: Services, wanted: Wanted, seconds: float) -> ObjectInfo | None:
    """The finished file, waiting for it so long; none when it is still being made.

    Raises:
        NotFound: the job was deleted, or rendered anew, while the export was made.
        VideoCraftError: 500, it could not be made.
    """
    if wanted.core_job is not None:
        job = jobs_of(services).wait_until_terminal(wanted.core_job, seconds)
        if job is not None and job.state not in TERMINAL:
            return None
        if job is not None and job.state == JobState.FAILED:
            reason = (job.error_message or "the job ended without a result").rstrip(".")
            raise VideoCraftError(f"Failed to export video: {reason}", code="EXPORT_FAILED")
    with services.database.read() as session:
        row = session.get(StoryboardExport, wanted.export_id)
    info = services.storage.stat(row.key) if row is not None and row.key else None
    if info is None:
        raise NotFound("Source video file not found")
    return info


def _require_ffmpeg(services: Services) -> None:
    try:
        binary(services.settings.ffmpeg)
    except MediaError as error:
        raise Unavailable("Video export service unavailable (ffmpeg not installed)") from error


def _checked(services: Services, session: Session, row: Storyboard, owner: str | None) -> StoryboardRender:
    if row.owner != owner:
        raise Forbidden("Access denied")
    if row.status != status.COMPLETED:
        raise InvalidInput(f"Video not ready for export. Current status: {row.status}")
    film = film_of(session, row)
    if film is None or services.storage.stat(film.key) is None:
        raise NotFound("Source video file not found")
    return film


def _find(
    session: Session, film: StoryboardRender, container: ExportFormat, quality: ExportQuality
) -> StoryboardExport | None:
    query = select(StoryboardExport).where(
        StoryboardExport.render_id == film.id,
        StoryboardExport.format == container,
        StoryboardExport.quality == quality,
    )
    return session.scalars(query).one_or_none()


def _is_whole(services: Services, row: StoryboardExport) -> bool:
    return row.key is not None and services.storage.stat(row.key) is not None
