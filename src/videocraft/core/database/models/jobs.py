"""``jobs``: one row is the whole truth about a piece of work."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class Job(Base):
    """A job. Every change of ``state`` is a compare-and-set on (id, state, epoch).

    An ``id`` is never used again, not even after the row was deleted: folders and events are named after it,
    and a worker of the deleted job that wakes up late would pass for one of the new job. Rooms whose clients
    choose ids keep those in a table of their own.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        # Sorted as a claim wants it, so that the best row is the first entry and not the result of a sort.
        Index("ix_jobs_claim", "state", text("priority DESC"), "seq"),
        Index("ix_jobs_family_seq", "family", "seq"),
        # Lists by status, with their totals, and "ended today", from the indexes alone.
        Index("ix_jobs_family_state_seq", "family", "state", "seq"),
        Index("ix_jobs_family_state_completed", "family", "state", "completed_at"),
        # How many wait and run, of which kind, and since when: for metrics, which are asked all day long.
        Index("ix_jobs_state_kind_created", "state", "kind", "created_at"),
    )

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    """Order of arrival."""
    id: Mapped[str] = mapped_column(String(64), unique=True)
    family: Mapped[str] = mapped_column(String(32))
    """The room that owns the job."""
    kind: Mapped[str] = mapped_column(String(64))
    """The name of the handler."""
    state: Mapped[str] = mapped_column(String(16))
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    """How often the job was claimed; everything a worker writes is fenced by it."""
    event_seq: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """The number of the job's last event: the row counts its stream, which saves a row of its own."""
    lost: Mapped[int] = mapped_column(Integer, default=0)
    """How many workers were lost while they ran it; the third one fails the job."""
    priority: Mapped[int] = mapped_column(Integer, default=0)
    payload: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    message: Mapped[str] = mapped_column(Text, default="")
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    log: Mapped[list[Any]] = mapped_column(default=list)
    """The last lines a handler logged: ``{"timestamp", "message"}``."""
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    """A sentence for the user."""
    error_details: Mapped[dict[str, Any] | None]
    """For the operator: command, exit code, the end of stderr."""
    owner: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(128))
    worker_id: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[float | None] = mapped_column(Float)
    """Until when, on the database's clock, the worker owns the job; none while nobody does."""
    created_at: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[float] = mapped_column(Float)
    started_at: Mapped[float | None] = mapped_column(Float)
    completed_at: Mapped[float | None] = mapped_column(Float)
