"""``media_infos``: what a probe found in a file, so that a file is probed once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class MediaInfoRow(Base):
    """The probe of one version of a file, keyed by a hash of path, size, modification time and inode."""

    __tablename__ = "media_infos"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    info: Mapped[dict[str, Any]]
    created_at: Mapped[float] = mapped_column(Float)
