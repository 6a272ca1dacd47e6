"""What `videocraft gc` may remove of this room: exports that ended long ago, folders without a row."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from sqlalchemy import select

from videocraft.apis.exports import files, service
from videocraft.core.database import clock
from videocraft.core.database.models import Export, Job
from videocraft.core.garbage import SAFE_SECONDS, Garbage, Retention, folder_bytes
from videocraft.core.jobs import TERMINAL
from videocraft.services import Services


def find(services: Services, keep: Retention) -> Iterator[Garbage]:
    """Old exports if results are not kept for ever, and what lies in the exports folder without a row."""
    root = files.exports_root(services.settings.media_root)
    with services.database.read() as session:
        known = set(session.scalars(select(Export.id)))
        ended: list[str] = []
        if keep.result_days is not None:
            oldest = clock.now(session) - keep.result_days * 86400
            query = select(Export.id).join(Job, Job.id == Export.job_id)
            over = query.where(Job.state.in_(sorted(TERMINAL)), Job.completed_at < oldest)
            ended = list(session.scalars(over))
    if services.settings.is_s3:
        yield from _stored(services, known)
    for export_id in ended:
        size = folder_bytes(root / export_id)
        yield Garbage("old exports", export_id, size, partial(service.delete, services, export_id))
    young = time.time() - SAFE_SECONDS
    for folder in sorted(root.glob("[!.]*")):
        # Young ones may be those whose row is on its way.
        if folder.name not in known and folder.lstat().st_mtime < young:
            yield Garbage(
                "exports without a row", folder.name, folder_bytes(folder), partial(files.remove, folder)
            )


def _stored(services: Services, known: set[str]) -> Iterator[Garbage]:
    young = time.time() - SAFE_SECONDS
    for info in services.storage.list("exports"):
        if info.modified < young and info.key.split("/")[1] not in known:
            yield Garbage(
                "exports without a row", info.key, info.size, partial(services.storage.delete, info.key)
            )
