"""``sessions``: one recording with several cameras, and what hands its events to browsers."""

from __future__ import annotations

from sqlalchemy import Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class RecordingSession(Base):
    """A recording session. Its status is derived from its assets and its last sync."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_created", "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """``session-…``."""
    title: Mapped[str] = mapped_column(Text)
    date: Mapped[str] = mapped_column(String(10))
    """``YYYY-MM-DD``."""
    location: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str | None] = mapped_column(Text)
    project_id: Mapped[str] = mapped_column(String(128))
    owner: Mapped[str | None] = mapped_column(String(64))
    """The key that made it."""
    created_at: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[float] = mapped_column(Float)
    """The last change of the session, of an asset or of a sync."""


class EventTicket(Base):
    """Lets a browser, which can't send headers with a WebSocket, open one event stream once."""

    __tablename__ = "event_tickets"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(64), index=True)
    expires_at: Mapped[float] = mapped_column(Float)


class CameraVersion(Base):
    """The last version that was given to an upload of a camera, in all sessions of a project and day."""

    __tablename__ = "camera_versions"

    project_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    date: Mapped[str] = mapped_column(String(10), primary_key=True)
    camera_label: Mapped[str] = mapped_column(String(1), primary_key=True)
    last_version: Mapped[int] = mapped_column(Integer)
