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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sqlalchemy import ColumnElement

from videocraft.core.database import Database
from videocraft.core.database.models import RateCount

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


# One message to the server and back, as one transaction: each statement sees what was committed before it,
# so that of two processes which count at once the second, which had to wait, sees the first. Counts of the
# last moments before a crash of the database may be lost: nobody is to wait for a disk because of them.
_TAKE = """
SELECT pg_advisory_xact_lock(hashtext(%(bucket)s)), set_config('synchronous_commit', 'off', true);
DELETE FROM rate_counts WHERE bucket = %(bucket)s AND second <= %(gone)s;
WITH used AS (
    SELECT coalesce(sum(requests), 0)::bigint AS requests, min(second) AS oldest
    FROM rate_counts WHERE bucket = %(bucket)s
), taken AS (
    INSERT INTO rate_counts (bucket, second, requests)
    SELECT %(bucket)s, %(second)s, 1 FROM used WHERE requests < %(limit)s
    ON CONFLICT (bucket, second) DO UPDATE SET requests = rate_counts.requests + 1
)
SELECT requests, oldest FROM used
"""


class PostgresLimiter:
    """For several processes. ``clock`` is seconds since 1970 that their machines agree on to a second."""

    is_quick = False

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def take(self, bucket: str, limit: int) -> Decision:
        """See ``Limiter``. A request falls out of the window with its whole second."""
        second = math.floor(self._clock())
        facts = {"bucket": bucket, "second": second, "gone": second - WINDOW_SECONDS, "limit": limit}
        used, oldest = self._row(facts)
        is_allowed = used < limit
        reset = max(1, (second if oldest is None else oldest) + WINDOW_SECONDS + 1 - second)
        return Decision(is_allowed, limit, max(0, limit - used - is_allowed), reset)

    def _row(self, facts: Mapping[str, object]) -> tuple[int, int | None]:
        import psycopg

        with self._database.engine.connect() as pooled:
            # Of its own accord every message is a transaction, and needs no others around it.
            pooled.execution_options(isolation_level="AUTOCOMMIT")
            connection = cast("psycopg.Connection[Any]", pooled.connection.driver_connection)
            # This kind of cursor quotes the values itself: only so can one message hold several statements.
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(_TAKE, facts)
                while cursor.nextset():
                    """The last result is what is asked for."""
                ((used, oldest),) = cursor.fetchall()
        return used, oldest


def limiter_for(database: Database) -> Limiter:
    """The limiter that all API processes on this database share."""
    return MemoryLimiter() if database.is_sqlite else PostgresLimiter(database)


def expired(now: float) -> ColumnElement[bool]:
    """Counts that no window holds any more: of keys that have not asked for anything since."""
    return RateCount.second <= math.floor(now) - WINDOW_SECONDS
