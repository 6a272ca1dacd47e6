"""``uploads``: multipart uploads that are going on."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class Upload(Base):
    """One multipart upload until it is completed; the parts received are known to the storage alone."""

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """The ``uploadId`` that clients see."""
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), unique=True)
    storage_upload_id: Mapped[str] = mapped_column(String(1024))
    part_size: Mapped[int] = mapped_column(BigInteger)
    parts_count: Mapped[int] = mapped_column(Integer)
    expires_at: Mapped[float] = mapped_column(Float, index=True)
    """When the last URLs that were handed out end."""
