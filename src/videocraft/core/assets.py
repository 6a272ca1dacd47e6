"""Recordings of sessions, for the other rooms: where the original of an asset lies."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from videocraft.core.database.models import Asset
from videocraft.core.storage import resolve_under

PREFIX = "asset:"
"""What makes an asset's id a path in a request."""
READY = "ready"


def find_asset_file(session: Session, media_root: Path, asset_id: str) -> Path | None:
    """The uploaded file of a ready asset; None when there is no such asset, or no file of it any more."""
    key = None
    # The database would refuse a NUL, and has no such id.
    if "\0" not in asset_id:
        query = select(Asset.original_key).where(Asset.id == asset_id, Asset.status == READY)
        key = session.scalar(query)
    return None if key is None else resolve_under(media_root, key)
