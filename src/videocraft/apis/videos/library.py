"""Use cases around finished films: list, show, find their files, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from videocraft.apis.videos.service import is_id, jobs_of
from videocraft.apis.videos.status import FAMILY, RECAPTION, timestamp
from videocraft.core.database.models import Job, Video
from videocraft.core.jobs import cancel as cancel_job
from videocraft.core.jobs.states import HELD, UNCLAIMED
from videocraft.core.storage import ObjectInfo
from videocraft.errors import NotFound
from videocraft.services import Services

ROOT: Final = "videos"
"""Folder of all films in the storage."""
FILM: Final = "video.mp4"
PREVIEW: Final = "preview.mp4"
THUMBNAIL: Final = "thumbnail.jpg"
CAPTION_TYPES: Final[Mapping[str, str]] = {
    "srt": "application/x-subrip",
    "vtt": "text/vtt; charset=utf-8",
    "ass": "text/x-ssa; charset=utf-8",
    "json": "application/json",
}
_STILL_READ_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a film."""

    info: ObjectInfo
    filename: str


def listing(
    services: Services,
    *,
    status: str | None,
    created_after: float | None,
    created_before: float | None,
    limit: int,
    offset: int,
) -> dict[str, Any]:
    """A page of finished films, newest first.

    A film is there when its job is completed, so any other status than ``completed`` has none; jobs that are
    on their way are in the list of jobs.
    """
    conditions = []
    if created_after is not None:
        conditions.append(Video.created_at > created_after)
    if created_before is not None:
        conditions.append(Video.created_at < created_before)
    videos: list[Video] = []
    total = 0
    if status in {None, "completed"}:
        with services.database.read() as session:
            total = session.execute(select(func.count()).select_from(Video).where(*conditions)).scalar_one()
            page = select(Video).where(*conditions)
            page = page.order_by(Video.created_at.desc(), Video.seq.desc()).limit(limit).offset(offset)
            videos = list(session.scalars(page.options(defer(Video.config))))
    return {
        "videos": [_item(video) for video in videos],
        "pagination": {
            "limit": limit,
            "offset": offset,
            "total": total,
            "has_more": offset + len(videos) < total,
        },
    }


def show(services: Services, video_id: str) -> dict[str, Any]:
    """One film.

    Raises:
        NotFound: ``VIDEO_NOT_FOUND``.
    """
    with services.database.read() as session:
        video = require_video(session, video_id)
    item = _item(video)
    files = f"/api/v1/videos/{video.id}"
    body: dict[str, Any] = {key: item[key] for key in ("id", "job_id", "status", "file_size")}
    body |= {
        "file_format": "mp4",
        "duration": item["duration"],
        "resolution": item["resolution"],
        "framerate": int(video.framerate) if video.framerate.is_integer() else video.framerate,
        "audio_codec": "aac" if video.has_audio else None,
        "video_codec": "h264",
        # BCP 47's word for a language that nobody has said: the document has a string here.
        "subtitle_tracks": [
            track | {"language": track["language"] or "und"} for track in video.subtitle_tracks
        ],
        "processing_stats": video.processing_stats,
        "created_at": item["created_at"],
        "completed_at": item["completed_at"],
        "download_url": item["download_url"],
        "preview_url": f"{files}/preview",
        "thumbnail_url": f"{files}/thumbnail",
    }
    if video.subtitle_tracks:
        body["subtitle_urls"] = {name: f"{files}/subtitles.{name}" for name in CAPTION_TYPES}
    return body


def find_file(services: Services, video_id: str, name: str) -> Found:
    """A file of a film, by its name in the film's folder.

    Raises:
        NotFound: ``VIDEO_NOT_FOUND``, or ``SUBTITLES_NOT_FOUND`` for captions that it does not have.
    """
    with services.database.read() as session:
        video = require_video(session, video_id)
    info = services.storage.stat(f"{video.prefix}/{name}")
    if info is None:
        if name.startswith("captions."):
            raise NotFound("This video has no subtitles", code="SUBTITLES_NOT_FOUND")
        raise no_video()
    extension = name.rpartition(".")[2]
    suffix = f"-{name.partition('.')[0]}" if name in {PREVIEW, THUMBNAIL} else ""
    return Found(info, f"{video_id}{suffix}.{extension}")


def delete(services: Services, video_id: str) -> None:
    """Delete a film with its files; whoever is captioning it again is stopped.

    Raises:
        NotFound: ``VIDEO_NOT_FOUND``.
    """
    jobs = jobs_of(services)
    with jobs.transaction() as session:
        video = require_video(session, video_id, lock=True)
        open_jobs = _recaptioning(session, video_id)
        for job_id in open_jobs:
            cancel_job(session, job_id)
        # First the row: from here on nobody finds the files, and no job can publish into the folder.
        session.delete(video)
    for job_id in open_jobs:
        jobs.wait_until_terminal(job_id, _STILL_READ_SECONDS)
    services.storage.delete_prefix(f"{ROOT}/{video_id}")


def require_video(session: Session, video_id: str, *, lock: bool = False) -> Video:
    """The row of a film.

    Raises:
        NotFound: ``VIDEO_NOT_FOUND``.
    """
    video = None
    if is_id(video_id):
        query = select(Video).where(Video.id == video_id)
        video = session.scalar(query.with_for_update() if lock else query)
    if video is None:
        raise no_video()
    return video


def no_video() -> NotFound:
    """404 of a film."""
    return NotFound("Video not found", code="VIDEO_NOT_FOUND")


def _recaptioning(session: Session, video_id: str) -> list[str]:
    going_on = select(Job).where(
        Job.family == FAMILY, Job.state.in_(sorted(HELD | UNCLAIMED)), Job.kind == RECAPTION
    )
    return [job.id for job in session.scalars(going_on) if job.payload["video_id"] == video_id]


def _item(video: Video) -> dict[str, Any]:
    return {
        "id": video.id,
        "job_id": video.job_id,
        "status": "completed",
        "file_size": video.file_size,
        "duration": video.duration,
        "resolution": f"{video.width}x{video.height}",
        "created_at": timestamp(video.created_at),
        "completed_at": timestamp(video.completed_at),
        "download_url": f"/api/v1/videos/{video.id}/download",
    }
