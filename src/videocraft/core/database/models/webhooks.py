"""``webhooks`` and ``webhook_attempts``: who is to be told of a job's end, and every try to do so."""

from __future__ import annotations

from sqlalchemy import Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class Webhook(Base):
    """One message to one URL. It is written with its job, so that no end of a job can be missed."""

    __tablename__ = "webhooks"
    __table_args__ = (Index("ix_webhooks_due", "state", "next_at"), Index("ix_webhooks_job", "job_id", "id"))

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """``wh_…``, also the message's id for whoever gets it twice."""
    job_id: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    """``waiting`` (the job still runs), ``due``, ``delivered`` or ``failed``."""
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[float] = mapped_column(Float)
    """Not to be sent before; moved ahead while somebody is sending it."""
    body: Mapped[str | None] = mapped_column(Text)
    """What is sent, byte for byte the same each time; none while the job runs."""
    created_at: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[float] = mapped_column(Float)


class WebhookAttempt(Base):
    """One try to deliver."""

    __tablename__ = "webhook_attempts"

    webhook_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[float] = mapped_column(Float)
    status: Mapped[int | None] = mapped_column(Integer)
    """The HTTP status that came back, if one did."""
    error: Mapped[str | None] = mapped_column(Text)
    seconds: Mapped[float] = mapped_column(Float)
