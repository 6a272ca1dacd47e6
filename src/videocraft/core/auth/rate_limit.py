"""How many requests a key may send: a sliding window, never a burst of two at a minute's border.

One API process counts in memory: an exact log of the last minute, a microsecond for each request. Several
share the counts in the database, one row for each second. SQLite means one process (``serve`` holds a lock
on the data directory), so ``limiter_for`` chooses by the database.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, bindparam, delete, func, select, text

from videocraft.core.database import Database, clock
from videocraft.core.database.models import RateCount
from videocraft.core.database.upserts import Upsert

WINDOW_SECONDS = 60

_MOST_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request may pass, and what its answer says about the limit."""

    is_allowed: bool
    limit: int
    remaining: int
    reset_seconds: int
    """Until the oldest request of the window no longer counts, rounded up; at least 1."""


class Limiter(Protocol):
    """Counts requests by bucket."""

    is_quick: bool
    """Whether ``take`` may run on an event loop."""

    def take(self, bucket: str, limit: int) -> Decision:
        """Count a request if the limit allows it; one that is refused counts for nothing.

        Args:
            limit: requests in any 60 seconds, at least 1.
        """


class MemoryLimiter:
    """For one process. ``clock`` is seconds that never go back."""

    is_quick = True

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._logs: dict[str, deque[float]] = {}

    def take(self, bucket: str, limit: int) -> Decision:
        """See ``Limiter``."""
        now = self._clock()
        with self._lock:
            log = self._logs.get(bucket)
            if log is None:
                log = self._new_log(bucket, now)
            while log and log[0] <= now - WINDOW_SECONDS:
                log.popleft()
            is_allowed = len(log) < limit
            if is_allowed:
                log.append(now)
            oldest = log[0] if log else now
            reset = max(1, math.ceil(oldest + WINDOW_SECONDS - now))
            return Decision(is_allowed, limit, max(0, limit - len(log)), reset)

    def _new_log(self, bucket: str, now: float) -> deque[float]:
        if len(self._logs) >= _MOST_BUCKETS:
            quiet = [name for name, log in self._logs.items() if log[-1] <= now - WINDOW_SECONDS]
            for name in quiet:
                del self._logs[name]
        return self._logs.setdefault(bucket, deque())


def _counting(upsert: Any) -> Any:
    return (
        upsert(RateCount.__table__)
        .values(bucket=bindparam("bucket"), second=bindparam("second"), requests=1)
        .on_conflict_do_update(index_elements=["bucket", "second"], set_={"requests": RateCount.requests + 1})
    )


_COUNT = Upsert(_counting)


class DatabaseLimiter:
    """For several processes. ``clock`` is seconds since 1970 that their machines agree on to a second."""

    is_quick = False

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def take(self, bucket: str, limit: int) -> Decision:
        """See ``Limiter``. A request falls out of the window with its whole second."""
        with self._database.write() as session:
            if not self._database.is_sqlite:
                # Two processes that count at once must see each other, or both let the last one pass.
                session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": bucket})
            second = math.floor(self._clock())
            first = second - WINDOW_SECONDS
            mine = RateCount.bucket == bucket
            session.execute(delete(RateCount).where(mine, RateCount.second <= first))
            used, oldest = session.execute(
                select(func.coalesce(func.sum(RateCount.requests), 0), func.min(RateCount.second)).where(mine)
            ).one()
            is_allowed = int(used) < limit
            if is_allowed:
                connection = session.connection()
                connection.execute(_COUNT.on(connection), {"bucket": bucket, "second": second})
        reset = max(1, (second if oldest is None else oldest) + WINDOW_SECONDS + 1 - second)
        return Decision(is_allowed, limit, max(0, limit - int(used) - is_allowed), reset)


def limiter_for(database: Database) -> Limiter:
    """The limiter that all API processes on this database share."""
    return MemoryLimiter() if database.is_sqlite else DatabaseLimiter(database)


def expired(now: float) -> ColumnElement[bool]:
    """Counts that no window holds any more: of keys that have not asked for anything since."""
    return RateCount.second <= math.floor(now) - WINDOW_SECONDS


def forget_expired(database: Database) -> None:
    """Drop them; a key that goes on asking drops its own."""
    with database.write() as session:
        session.execute(delete(RateCount).where(expired(clock.now(session))))
