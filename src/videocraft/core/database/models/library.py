"""``library_assets``: recordings that belong to no session.

A table of its own: a session's asset always has a camera, a version and an upload, one of these never does.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class LibraryAsset(Base):
    """A recording that was uploaded, fetched, or found in the media root."""

    __tablename__ = "library_assets"
    __table_args__ = (Index("ix_library_assets_created", "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """``asset_…`` (a session's are ``asset-…``)."""
    filename: Mapped[str] = mapped_column(Text)
    """As the client named it; never part of a path."""
    content_type: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    original_key: Mapped[str] = mapped_column(String(1024), index=True)
    """Where the recording lies in the storage."""
    is_owned: Mapped[bool] = mapped_column(Boolean)
    """Whether the file was put there for this asset, and goes with it; else it was there before."""
    project_id: Mapped[str | None] = mapped_column(String(128))
    media: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    """What ``media.description.describe`` says of the file (column ``metadata``)."""
    derivatives: Mapped[list[Any]] = mapped_column(default=list)
    """``{"kind", "key", "size_bytes"}`` each, of the last ingest."""
    owner: Mapped[str | None] = mapped_column(String(64))
    """The key that made it."""
    created_at: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[float] = mapped_column(Float)
