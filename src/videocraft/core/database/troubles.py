"""Which database errors are no bugs: it can't be reached, is overloaded, or has no room left."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from videocraft.errors import StorageFull, Unavailable, VideoCraftError

RETRY_SECONDS = 5
"""When a client is told to try again."""

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PASSING_CLASSES = frozenset({"08", "57"})
"""The connection failed; somebody shut the server down or cancelled the statement."""
_PASSING_STATES = frozenset(
    {
        "25P03",  # idle in transaction for too long
        "40001",  # could not be serialised
        "40P01",  # deadlock
        "53300",  # too many connections
        "55P03",  # a lock was not to be had in time
    }
)
_FULL_STATES = frozenset({"53100"})


def is_passing(error: BaseException) -> bool:
    """Whether the same may succeed later: the database is down, restarts, or had too much to do."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    cause: Any = error.orig
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # psycopg's own errors have no state: it could not connect, or the server hung up.
        return type(cause).__name__ in {"OperationalError", "ConnectionTimeout"}
    return state in _PASSING_STATES or state[:2] in _PASSING_CLASSES


def sentence_of(error: BaseException) -> str:
    """The driver's own words on one line, for a log."""
    words = str(getattr(error, "orig", None) or error).strip()
    return words.splitlines()[0] if words else type(error).__name__


def is_full(error: BaseException) -> bool:
    """Whether the database has no room left on its disk."""
    if not isinstance(error, DBAPIError):
        return False
    cause: Any = error.orig
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) in _FULL_STATES


def as_users_error(error: SQLAlchemyError) -> VideoCraftError | None:
    """What a client is told of a database error; None when it is a bug of ours."""
    if is_full(error):
        return StorageFull("There is no room left for the server's database")
    if is_passing(error):
        return Unavailable(
            "The database can't be reached now; try again in a few seconds",
            code="DATABASE_UNAVAILABLE",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    return None


def _sqlite_code(error: sqlite3.Error) -> int:
    # The lower byte is the kind, the rest says more about it.
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF
