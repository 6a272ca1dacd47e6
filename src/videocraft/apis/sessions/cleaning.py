"""What `videocraft gc` may remove of this room: uploads that nobody goes on with, files that no row names."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy import select

from videocraft.apis.sessions import uploads
from videocraft.core.database import clock
from videocraft.core.database.models import Asset, Sync, Upload
from videocraft.core.garbage import Garbage, Retention, orphans
from videocraft.services import Services

PREFIX = "projects"


def find(services: Services, _keep: Retention) -> Iterator[Garbage]:
    """Expired uploads, uploads of the storage that no row knows, and files of recordings that are gone."""
    yield from _expired(services)
    yield from _unknown_uploads(services)
    yield from orphans(services, "files without a row", PREFIX, partial(_owners, services))


def _expired(services: Services) -> Iterator[Garbage]:
    with services.database.read() as session:
        over = Upload.expires_at < clock.now(session) - services.settings.upload_keep_seconds
        query = select(Asset.session_id, Asset.id, Asset.size_bytes).join(Upload).where(over)
        found = list(session.execute(query))
    for session_id, asset_id, size in found:
        yield Garbage(
            "expired uploads", asset_id, size, partial(uploads.forget_expired, services, session_id, asset_id)
        )


def _unknown_uploads(services: Services) -> Iterator[Garbage]:
    young = time.time() - uploads.ORPHAN_SECONDS
    pending = {upload.upload_id for upload in services.storage.uploads() if upload.created < young}
    # Read after the storage was looked through: what has a row by now is no orphan.
    with services.database.read() as session:
        known = set(session.scalars(select(Upload.storage_upload_id)))
    for upload_id in sorted(pending - known):
        yield Garbage(
            "uploads without a row", upload_id, 0, partial(services.storage.abort_upload, upload_id)
        )


def _owners(services: Services) -> Callable[[str], bool]:
    with services.database.read() as session:
        known = set(session.scalars(select(Asset.original_key)))
        for derivatives in session.scalars(select(Asset.derivatives)):
            known.update(derivative["key"] for derivative in derivatives)
        syncs = set(session.scalars(select(Sync.id)))
    return lambda key: key in known or _sync_of(key) in syncs


def _sync_of(key: str) -> str | None:
    """The id of the sync whose file this is, from ``…/{id}/sync/correlation-B.png``."""
    parts = key.split("/")
    return parts[-3] if len(parts) > 3 and parts[-2] == "sync" else None
