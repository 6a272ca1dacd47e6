"""``syncs``: measurements of how a session's cameras lie in time, and what an operator made of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class Sync(Base):
    """One sync job's row; the last complete one of a session counts."""

    __tablename__ = "syncs"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    """Order of arrival."""
    id: Mapped[str] = mapped_column(String(64), unique=True)
    """``sync-…``."""
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"), index=True)
    job_id: Mapped[str] = mapped_column(String(64), unique=True)
    status: Mapped[str] = mapped_column(String(16))
    """``computing``, ``complete`` or ``failed``."""
    master_camera: Mapped[str] = mapped_column(String(1))
    method: Mapped[str] = mapped_column(String(16))
    result: Mapped[dict[str, Any] | None]
    """``SyncReport.to_json()`` of a complete one."""
    plots: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Storage key of the correlation plot of each camera that has one."""
    operator_status: Mapped[str] = mapped_column(String(16), default="pending")
    """``pending``, ``approved`` or ``corrected``."""
    decided_by: Mapped[str | None] = mapped_column(Text)
    """``approvedBy`` or ``correctedBy``, by ``operator_status``."""
    notes: Mapped[str | None] = mapped_column(Text)
    final_offsets: Mapped[dict[str, Any] | None]
    """Milliseconds of every camera once an operator has decided: its start minus the master's."""
    created_at: Mapped[float] = mapped_column(Float)
    computed_at: Mapped[float | None] = mapped_column(Float)
    decided_at: Mapped[float | None] = mapped_column(Float)
    error: Mapped[dict[str, Any] | None]
    """``{"code": "SYNC_FAILED", "message", "details"}`` of a failed one."""
