"""What `videocraft gc` may remove of this room: files that no row names, and old films, jobs and uploads."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from sqlalchemy import delete as sql_delete
from sqlalchemy import select

from videocraft.apis.videos import library, uploads
from videocraft.apis.videos.status import FAMILY
from videocraft.core import webhooks
from videocraft.core.database import clock
from videocraft.core.database.models import Job, Video, VideoStep, VideoUpload, Webhook
from videocraft.core.garbage import SAFE_SECONDS, Garbage, Retention
from videocraft.core.jobs import TERMINAL
from videocraft.core.jobs import delete as delete_job
from videocraft.core.storage import ObjectInfo
from videocraft.errors import NotFound
from videocraft.services import Services

_DAY = 86400.0


def find(services: Services, keep: Retention) -> Iterator[Garbage]:
    """Files that nothing leads to; and what has had its time, where there is one."""
    films = list(services.storage.list(library.ROOT))
    yield from _unknown_films(services, films)
    yield from _unknown_uploads(services)
    if keep.result_days is not None:
        yield from _old_films(services, films, keep.result_days)
        yield from _old_jobs(services, keep.result_days)
    if keep.upload_days is not None:
        yield from _old_uploads(services, keep.upload_days)


def _unknown_films(services: Services, files: Sequence[ObjectInfo]) -> Iterator[Garbage]:
    """What runs left that were lost before they published, and captionings that were replaced."""
    young = time.time() - SAFE_SECONDS
    # Read after the storage was looked through: what has a row by now is no orphan.
    with services.database.read() as session:
        known = set(session.scalars(select(Video.prefix)))
    for info in files:
        if info.modified < young and info.key.rpartition("/")[0] not in known:
            remove = partial(services.storage.delete, info.key)
            yield Garbage("files of films without a row", info.key, info.size, remove)


def _unknown_uploads(services: Services) -> Iterator[Garbage]:
    young = time.time() - SAFE_SECONDS
    files = [info for info in services.storage.list(uploads.ROOT) if info.modified < young]
    with services.database.read() as session:
        known = set(session.scalars(select(VideoUpload.key)))
    for info in files:
        if info.key not in known:
            remove = partial(services.storage.delete, info.key)
            yield Garbage("files sent for films without a row", info.key, info.size, remove)


def _old_films(services: Services, files: Sequence[ObjectInfo], days: float) -> Iterator[Garbage]:
    with services.database.read() as session:
        oldest = clock.now(session) - days * _DAY
        old = list(session.scalars(select(Video.id).where(Video.completed_at < oldest).order_by(Video.seq)))
    sizes: Counter[str] = Counter()
    for info in files:
        sizes[info.key.split("/")[1]] += info.size
    for video_id in old:
        yield Garbage("old films", video_id, sizes[video_id], partial(_delete_film, services, video_id))


def _delete_film(services: Services, video_id: str) -> None:
    with contextlib.suppress(NotFound):  # its owner was quicker
        library.delete(services, video_id)


def _old_jobs(services: Services, days: float) -> Iterator[Garbage]:
    """Jobs whose film is gone, goes too, or never was."""
    with services.database.read() as session:
        oldest = clock.now(session) - days * _DAY
        staying = select(Video.job_id).where(Video.completed_at >= oldest)
        query = select(Job.id).where(
            Job.family == FAMILY,
            Job.state.in_(sorted(TERMINAL)),
            Job.completed_at < oldest,
            Job.id.not_in(staying),
        )
        old = list(session.scalars(query.order_by(Job.seq)))
    for job_id in old:
        yield Garbage("old jobs of films", job_id, 0, partial(_delete_job, services, job_id))


def _delete_job(services: Services, job_id: str) -> None:
    with services.database.write() as session:
        session.execute(sql_delete(VideoStep).where(VideoStep.job_id == job_id))
        webhooks.forget(session, Webhook.job_id == job_id)
        delete_job(session, job_id)


def _old_uploads(services: Services, days: float) -> Iterator[Garbage]:
    with services.database.read() as session:
        oldest = clock.now(session) - days * _DAY
        query = select(VideoUpload).where(VideoUpload.created_at < oldest).order_by(VideoUpload.created_at)
        old = list(session.scalars(query))
        going_on = select(Job.payload).where(Job.family == FAMILY, Job.state.not_in(sorted(TERMINAL)))
        wanted = "\n".join(json.dumps(payload) for payload in session.scalars(going_on))
    for upload in old:
        if f"upload:{upload.id}" not in wanted:
            remove = partial(_delete_upload, services, upload)
            yield Garbage("old files sent for films", upload.id, upload.size, remove)


def _delete_upload(services: Services, upload: VideoUpload) -> None:
    with contextlib.suppress(NotFound):
        uploads.delete(services, upload.id, upload.owner)
