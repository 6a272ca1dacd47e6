"""Which exports are kept: those that were fetched lately, as many as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from videocraft.core.database import Database, clock
from videocraft.core.database.models import StoryboardExport
from videocraft.core.storage import Storage
from videocraft.settings import Settings

GRACE_SECONDS = 600.0
"""An export is never dropped so soon after it was asked for: somebody is about to be sent it."""

_DAY = 86400.0


def evict(database: Database, storage: Storage, settings: Settings) -> int:
    """Drop the exports that are too old, then the longest unused ones until the rest has room.

    A file that is being sent stays readable to its end: whoever sends it holds it open, and it was asked for
    no longer than the grace before it was opened.

    Returns:
        How many were dropped.
    """
    with database.write() as session:
        chosen = superfluous(session, settings, lock=True)
        dropped = [row.key for row in chosen if row.key is not None]
        for row in chosen:
            session.delete(row)
    # The rows first: what is no longer listed is made anew, what is listed is there.
    for key in dropped:
        storage.delete(key)
    return len(dropped)


def superfluous(session: Session, settings: Settings, *, lock: bool = False) -> list[StoryboardExport]:
    """The finished exports that are to be dropped now."""
    whole = select(StoryboardExport).where(StoryboardExport.key.is_not(None))
    whole = whole.order_by(StoryboardExport.used_at.desc())
    rows = list(session.scalars(whole.with_for_update() if lock else whole))
    return _chosen(rows, clock.now(session), settings)


def _chosen(rows: Sequence[StoryboardExport], at: float, settings: Settings) -> list[StoryboardExport]:
    """Those to drop of ``rows``, which begin with the one used last."""
    chosen = []
    total = 0
    for row in rows:
        total += row.size_bytes
        age = at - row.used_at
        is_unwanted = total > settings.export_cache_bytes or age > settings.export_cache_days * _DAY
        if is_unwanted and age > GRACE_SECONDS:
            chosen.append(row)
            total -= row.size_bytes
    return chosen
