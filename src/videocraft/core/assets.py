"""Recordings by their id, for every room: those of sessions and those of the library."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from videocraft.core.database.models import Asset, LibraryAsset
from videocraft.core.storage import InvalidKey, key_of, resolve_under

PREFIX = "asset:"
"""What makes an asset's id a path in a request."""
READY = "ready"


@dataclass(frozen=True, slots=True)
class FoundAsset:
    """A recording that can be worked on."""

    id: str
    key: str
    """Where it lies in the storage."""
    filename: str
    is_library: bool
    """Whether it belongs to no session."""
    derivatives: tuple[dict[str, Any], ...]
    """``{"kind", "key", "size_bytes"}`` each."""


def find_asset(session: Session, asset_id: str) -> FoundAsset | None:
    """The asset of that id whose recording is there; None when there is none (or not yet)."""
    if len(asset_id) > 64:
        return None
    listed = session.get(LibraryAsset, asset_id)
    if listed is not None:
        return FoundAsset(listed.id, listed.original_key, listed.filename, True, tuple(listed.derivatives))
    query = select(Asset).where(Asset.id == asset_id, Asset.status == READY)
    asset = session.scalars(query).one_or_none()
    if asset is None:
        return None
    return FoundAsset(asset.id, asset.original_key, asset.filename, False, tuple(asset.derivatives))


def find_asset_file(session: Session, media_root: Path, asset_id: str) -> Path | None:
    """The recording of a ready asset where files lie in a folder; of a bucket ask for ``find_asset().key``.

    None when there is no such asset, or no file of it any more.
    """
    found = find_asset(session, asset_id)
    return None if found is None else resolve_under(media_root, found.key)


def key_of_path(media_root: Path, given: str) -> str | None:
    """The storage key that a user's path means; None when it can be none.

    Relative paths start at the media root, absolute ones must lie in it. Symbolic links inside the root are
    followed; what they lead to must lie inside as well.
    """
    found = resolve_under(media_root, given)
    if found is not None:
        relative = found.relative_to(media_root.resolve()).as_posix()
    elif os.path.isabs(given):  # noqa: PTH117 -- a stranger's text, which may be no path at all
        return None
    else:
        relative = given
    try:
        return key_of(relative)
    except InvalidKey:
        return None
