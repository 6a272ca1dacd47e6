"""What `videocraft gc` may remove of this room: exports past their time, files that no row names.

A server drops such exports itself while it runs (``eviction``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from sqlalchemy import func, select

from videocraft.apis.storyboards import downloads, eviction, keys
from videocraft.core.database import clock
from videocraft.core.database.models import StoryboardExport, StoryboardRender, StoryboardScene
from videocraft.core.garbage import SAFE_SECONDS, Garbage, Retention
from videocraft.services import Services


def find(services: Services, _keep: Retention) -> Iterator[Garbage]:
    """Exports that the settings give no more time or room, half-fetched downloads, files without a row."""
    with services.database.read() as session:
        exports = [
            (row.key, row.size_bytes) for row in eviction.superfluous(session, services.settings) if row.key
        ]
        old = select(func.count()).where(downloads.is_old(clock.now(session)))
        half_fetched = session.execute(old).scalar_one()
    yield from _unknown_files(services)
    for key, size in exports:
        # One call drops all that are to go; whoever comes after it finds nothing left.
        remove = partial(eviction.evict, services.database, services.storage, services.settings)
        yield Garbage("storyboard exports past their time", key, size, remove)
    if half_fetched:
        forget = partial(downloads.forget_old, services.database)
        yield Garbage("half-fetched downloads", "those nobody goes on with", 0, forget, half_fetched)


def _unknown_files(services: Services) -> Iterator[Garbage]:
    young = time.time() - SAFE_SECONDS
    files = [info for info in services.storage.list(keys.ROOT) if info.modified < young]
    # Read after the storage was looked through: what has a row by now is no orphan.
    with services.database.read() as session:
        known: set[str | None] = set()
        for column in (StoryboardScene.image_key, StoryboardRender.key, StoryboardExport.key):
            known.update(session.scalars(select(column)))
    for info in files:
        if info.key not in known:
            remove = partial(services.storage.delete, info.key)
            yield Garbage("files of storyboards without a row", info.key, info.size, remove)
