"""``event_streams`` and ``events``: append-only, numbered within each stream."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class EventStream(Base):
    """The number of the last event of a stream."""

    __tablename__ = "event_streams"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    last_seq: Mapped[int] = mapped_column(Integer)


class Event(Base):
    """One event; ``seq`` counts from 1 within ``stream`` without gaps."""

    __tablename__ = "events"

    stream: Mapped[str] = mapped_column(String(128), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]]
    created_at: Mapped[float] = mapped_column(Float)
