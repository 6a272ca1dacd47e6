"""``counters``: numbers that only grow, for metrics that survive restarts and count all processes."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class Counter(Base):
    """One number; a name that is not there is 0."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
