"""What is counted for metrics and rate limits, and answers that are kept for repeated requests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base


class JobTotal(Base):
    """How many jobs have ended so, written in the transaction that ends a job.

    Kept apart from the jobs, because a counter must not go back when jobs are deleted, and because a scrape
    should not read them all.
    """

    __tablename__ = "job_totals"

    family: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), primary_key=True)
    bucket: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """Number of the histogram's bucket in which the job's duration lies."""
    jobs: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float] = mapped_column(Float)
    """Sum of the durations."""


class RequestTotal(Base):
    """How many requests were answered so, by all API processes together."""

    __tablename__ = "request_totals"

    method: Mapped[str] = mapped_column(String(16), primary_key=True)
    status: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    requests: Mapped[int] = mapped_column(BigInteger)


class RateCount(Base):
    """Requests of one bucket within one second, where several API processes share a limit."""

    __tablename__ = "rate_counts"

    bucket: Mapped[str] = mapped_column(String(128), primary_key=True)
    second: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    requests: Mapped[int] = mapped_column(Integer)


class IdempotencyKey(Base):
    """The answer to a request that may be sent again."""

    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(String(160), primary_key=True)
    """Whose key it is, and for which route."""
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the request."""
    answer: Mapped[dict[str, Any] | None]
    created_at: Mapped[float] = mapped_column(Float, index=True)
