"""``clips`` and ``clip_versions``: ranges of a recording, and the files that are made of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class Clip(Base):
    """A range [start, end) of one recording, in seconds from the recording's second 0."""

    __tablename__ = "clips"
    __table_args__ = (Index("ix_clips_created", "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """``clip_…``."""
    asset_id: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of the library or of a session; none when the recording was named by its path."""
    source_key: Mapped[str] = mapped_column(String(1024))
    """Where the recording lies in the storage."""
    title: Mapped[str] = mapped_column(Text, default="")
    start: Mapped[float] = mapped_column("start_seconds", Float)
    end: Mapped[float] = mapped_column("end_seconds", Float)
    score: Mapped[float | None] = mapped_column(Float)
    """0 to 1, of a clip that ``generate_clip`` has chosen."""
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it was chosen, in words."""
    job_id: Mapped[str | None] = mapped_column(String(64), index=True)
    """The job that has chosen it."""
    owner: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[float] = mapped_column(Float)


class ClipVersion(Base):
    """One way to make a clip into a file. Its status follows from ``job_id`` and ``file_key``."""

    __tablename__ = "clip_versions"
    __table_args__ = (UniqueConstraint("clip_id", "number"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """``version_…``."""
    clip_id: Mapped[str] = mapped_column(ForeignKey("clips.id"))
    number: Mapped[int] = mapped_column(Integer)
    """From 1 in each clip."""
    settings: Mapped[dict[str, Any]]
    """``aspect_ratio``, ``captions``, ``resolution``, ``loudness``: what the file is to be like."""
    job_id: Mapped[str | None] = mapped_column(String(64), index=True)
    """The last job that named this version."""
    file_key: Mapped[str | None] = mapped_column(String(1024))
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    duration: Mapped[float | None] = mapped_column(Float)
    """Seconds of the file."""
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[float] = mapped_column(Float)
