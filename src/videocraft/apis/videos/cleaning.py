"""What `videocraft gc` may remove of this room: files that no row names, and old films, jobs and uploads."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy import delete as sql_delete
from sqlalchemy import select

from videocraft.apis.videos import library, uploads
from videocraft.apis.videos.status import FAMILY
from videocraft.core import webhooks
from videocraft.core.database import clock
from videocraft.core.database.models import Job, Video, VideoStep, VideoUpload, Webhook
from videocraft.core.garbage import Garbage, Retention, orphans
from videocraft.core.jobs import TERMINAL
from videocraft.core.jobs import delete as delete_job
from videocraft.errors import NotFound
from videocraft.services import Services

_DAY = 86400.0


def find(services: Services, keep: Retention) -> Iterator[Garbage]:
    """Files that nothing leads to; and what has had its time, where there is one."""
    for kind, root, read_owners in (
        ("files of films without a row", library.ROOT, _film_owners),
        ("files sent for films without a row", uploads.ROOT, _upload_owners),
    ):
        yield from orphans(services, kind, root, partial(read_owners, services))
    if keep.result_days is not None:
        yield from _old_films(services, keep.result_days)
        yield from _old_jobs(services, keep.result_days)
    if keep.upload_days is not None:
        yield from _old_uploads(services, keep.upload_days)


def _film_owners(services: Services) -> Callable[[str], bool]:
    """Runs that were lost before they published leave folders that no film has, as do captionings."""
    with services.database.read() as session:
        known = set(session.scalars(select(Video.prefix)))
    return lambda key: key.rpartition("/")[0] in known


def _upload_owners(services: Services) -> Callable[[str], bool]:
    with services.database.read() as session:
        return set(session.scalars(select(VideoUpload.key))).__contains__


def _old_films(services: Services, days: float) -> Iterator[Garbage]:
    with services.database.read() as session:
        oldest = clock.now(session) - days * _DAY
        old = list(session.scalars(select(Video.id).where(Video.completed_at < oldest).order_by(Video.seq)))
    sizes: Counter[str] = Counter()
    for info in services.storage.list(library.ROOT):
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
