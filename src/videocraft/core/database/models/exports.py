"""``exports``: a client's export id and the job that makes it."""

from __future__ import annotations

from sqlalchemy import Float, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class Export(Base):
    """One multicam export."""

    __tablename__ = "exports"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), unique=True)
    config_sha256: Mapped[str] = mapped_column(String(64))
    """Of the config as canonical JSON: the same id with the same config is the same export."""
    project_name: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[float] = mapped_column(Float)
