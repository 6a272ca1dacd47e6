"""``assets``: the recordings of a session's cameras."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class Asset(Base):
    """One camera's recording; a session has one for each camera label."""

    __tablename__ = "assets"
    __table_args__ = (UniqueConstraint("session_id", "camera_label"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """``asset-…``."""
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"))
    camera_label: Mapped[str] = mapped_column(String(1))
    """``A`` to ``Z``."""
    filename: Mapped[str] = mapped_column(Text)
    """As the client named it; never part of a path."""
    content_type: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(16))
    """``uploading``, ``ingesting``, ``ready`` or ``failed``."""
    original_key: Mapped[str] = mapped_column(String(1024), unique=True)
    """Where the uploaded file lies in the storage; there is none while it is uploading."""
    media: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    """What ``media.description.describe`` says of the file (column ``metadata``)."""
    derivatives: Mapped[list[Any]] = mapped_column(default=list)
    """``{"kind", "key", "size_bytes"}`` each."""
    error: Mapped[dict[str, Any] | None]
    """``{"code", "message", "details"}`` of a failed one."""
    ingest_job_id: Mapped[str | None] = mapped_column(String(64), index=True)
    created_at: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[float] = mapped_column(Float)
