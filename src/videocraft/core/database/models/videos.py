"""``videos``, ``video_steps``, ``video_uploads``: finished films, how they were made, what clients sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class Video(Base):
    """A finished film; its row appears in the transaction that publishes its files."""

    __tablename__ = "videos"
    __table_args__ = (Index("ix_videos_created", "created_at", "seq"),)

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    """Order of completion."""
    id: Mapped[str] = mapped_column(String(64), unique=True)
    """``video_…``."""
    job_id: Mapped[str] = mapped_column(String(64), index=True)
    """The job that made the film first."""
    version: Mapped[int] = mapped_column(Integer, default=1)
    """Goes up when the film is captioned again."""
    prefix: Mapped[str] = mapped_column(String(1024))
    """Folder of this version's files in the storage, named after the job and the epoch that made it."""
    file_size: Mapped[int] = mapped_column(BigInteger)
    duration: Mapped[float] = mapped_column(Float)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    framerate: Mapped[float] = mapped_column(Float)
    has_audio: Mapped[bool]
    subtitle_tracks: Mapped[list[Any]] = mapped_column(default=list)
    """``{"language", "style", "word_count"}`` each."""
    processing_stats: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Seconds of each part of the work, by the document's names."""
    config: Mapped[dict[str, Any]]
    """The project that the film was made from, as it was sent."""
    owner: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[float] = mapped_column(Float)
    """When the film was asked for."""
    completed_at: Mapped[float] = mapped_column(Float)


class VideoStep(Base):
    """One step of a job's ``processing_log``."""

    __tablename__ = "video_steps"

    job_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    step: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    """Order of the steps of one job."""
    status: Mapped[str] = mapped_column(String(16))
    """``in_progress``, ``completed`` or ``failed``."""
    at: Mapped[float] = mapped_column(Float)
    """When the step got this status."""
    duration: Mapped[float | None] = mapped_column(Float)
    """Seconds, once it has ended."""


class VideoUpload(Base):
    """A file that a client sent, to be used as ``upload:ID``."""

    __tablename__ = "video_uploads"
    __table_args__ = (Index("ix_video_uploads_owner", "owner", "size"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """``upl_…``."""
    key: Mapped[str] = mapped_column(String(1024))
    filename: Mapped[str] = mapped_column(Text)
    """As the client named it; never part of a path."""
    content_type: Mapped[str] = mapped_column(String(255))
    """By the content, not by what the client said."""
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    owner: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[float] = mapped_column(Float)
