"""A session's recordings as clients see them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from videocraft.apis.sessions.schemas import timestamp
from videocraft.apis.sessions.service import require_session
from videocraft.apis.sessions.settling import settle
from videocraft.core.database.models import Asset
from videocraft.core.storage import Storage
from videocraft.errors import NotFound
from videocraft.services import Services

URL_SECONDS = 3600
"""How long the links to files are valid."""


def require_asset(session: Session, session_id: str, asset_id: str, *, lock: bool = False) -> Asset:
    """The row of an asset of a session.

    Raises:
        NotFound: there is no such session, or it has no such asset.
    """
    require_session(session, session_id)
    asset = session.get(Asset, asset_id, with_for_update=lock) if len(asset_id) <= 64 else None
    if asset is None or asset.session_id != session_id:
        raise NotFound("Asset not found", code="ASSET_NOT_FOUND")
    return asset


def ready_assets(session: Session, session_id: str) -> list[Asset]:
    """The assets that can be synced, by label."""
    query = select(Asset).where(Asset.session_id == session_id, Asset.status == "ready")
    return list(session.scalars(query.order_by(Asset.camera_label)))


def listing(services: Services, session_id: str, *, include_derivatives: bool) -> dict[str, Any]:
    """Every asset of a session, by camera label."""
    settle(services, session_id)
    with services.database.read() as session:
        require_session(session, session_id)
        query = select(Asset).where(Asset.session_id == session_id).order_by(Asset.camera_label)
        assets = list(session.scalars(query))
    return {
        "sessionId": session_id,
        "assets": [asset_body(services.storage, asset, include_derivatives) for asset in assets],
    }


def show(services: Services, session_id: str, asset_id: str) -> dict[str, Any]:
    """One asset, with its derivatives."""
    settle(services, session_id)
    with services.database.read() as session:
        asset = require_asset(session, session_id, asset_id)
    return asset_body(services.storage, asset, True)


def asset_body(storage: Storage, asset: Asset, include_derivatives: bool) -> dict[str, Any]:
    """An asset with fresh links; ``originalUrl`` and ``metadata`` are null until there is something."""
    uploaded = asset.status != "uploading"
    body: dict[str, Any] = {
        "id": asset.id,
        "cameraLabel": asset.camera_label,
        "originalUrl": original_url(storage, asset) if uploaded else None,
        "status": asset.status,
        "metadata": asset.media,
        "filename": asset.filename,
        "contentType": asset.content_type,
        "sizeBytes": asset.size_bytes,
        "version": asset.version,
        "createdAt": timestamp(asset.created_at),
        "updatedAt": timestamp(asset.updated_at),
    }
    if asset.error is not None:
        body["error"] = asset.error
    if include_derivatives:
        body["derivatives"] = [
            {
                "kind": derivative["kind"],
                "url": storage.signed_url("GET", derivative["key"], URL_SECONDS),
                "sizeBytes": derivative["size_bytes"],
            }
            for derivative in asset.derivatives
        ]
    return body


def original_url(storage: Storage, asset: Asset) -> str:
    """A link to the uploaded file."""
    return storage.signed_url("GET", asset.original_key, URL_SECONDS)
