"""One engine for a process, and the two kinds of transaction: ``read`` and ``write``."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast
from weakref import WeakSet

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection

from videocraft.core.database.turns import SharedWriter

SQLITE_BUSY_SECONDS = 30.0
"""How long a transaction waits for those of others."""
SQLITE_ASK_SECONDS = 0.001
"""A process asks again after so long whether SQLite's write lock is free; asking costs processor."""
POOL_SIZE = 8
"""Connections that a process keeps."""
POOL_OVERFLOW = 32
"""Further connections to SQLite while many requests are under way: more than the threads that serve them."""
POSTGRES_OVERFLOW = 12
"""Further ones to a PostgreSQL, whose connections are processes of their own and few (100 by default)."""
POSTGRES_POOL_SECONDS = 5.0
"""How long a request waits for a connection to become free; then it is answered 503."""
POSTGRES_CONNECT_SECONDS = 5

_POSTGRES_OPTIONS = {
    # No statement of ours takes long; one that does waits for something that is stuck.
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    # A process that is suspended in a transaction must not hold its locks for ever.
    "idle_in_transaction_session_timeout": "60s",
}
# A server that vanished (no power, no route) is noticed within about 20 s also while an answer is awaited.
_POSTGRES_CONNECTION = {
    "connect_timeout": POSTGRES_CONNECT_SECONDS,
    "application_name": "videocraft",
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "options": " ".join(f"-c {name}={value}" for name, value in _POSTGRES_OPTIONS.items()),
}


class Database:
    """A connection pool and its transactions.

    Writers take SQLite's write lock at once (``BEGIN IMMEDIATE``): a transaction that reads first and
    upgrades later fails with SQLITE_BUSY as soon as a second writer is there. PostgreSQL ignores the
    difference. WAL with ``synchronous=FULL`` survives a power cut without losing a commit.

    Args:
        url: an SQLAlchemy URL.
        clock: takes the place of the database's clock (``clock.now``); seconds since 1970. SQLite runs inside
            this process, so there the machine's clock is the database's.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] | None = None) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.clock = clock or (time.time if self.is_sqlite else None)
        """Seconds since 1970; None: only the database's server knows (``clock.now``)."""
        self._session_info = {"clock": self.clock}
        if self.is_sqlite:
            self.engine = create_engine(
                self.url,
                connect_args={"timeout": SQLITE_BUSY_SECONDS},
                pool_size=POOL_SIZE,
                max_overflow=POOL_OVERFLOW,
            )
            event.listen(self.engine, "connect", _configure_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = create_engine(
                self.url,
                # What the URL says of a connection wins.
                connect_args={
                    name: value for name, value in _POSTGRES_CONNECTION.items() if name not in self.url.query
                },
                pool_pre_ping=True,
                pool_size=POOL_SIZE,
                max_overflow=POSTGRES_OVERFLOW,
                pool_timeout=POSTGRES_POOL_SECONDS,
            )
            event.listen(self.engine, "before_cursor_execute", _replace_nul, retval=True)
        self._writing = self.engine.execution_options(videocraft_write=True)
        self._shared = (
            SharedWriter(self._writing, SQLITE_BUSY_SECONDS, self._session_info) if self.is_sqlite else None
        )
        self._own = threading.local()
        # Not kept alive here: the connection of a thread that has ended goes back to the pool.
        self._held: WeakSet[PoolProxiedConnection] = WeakSet()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; nothing in it is committed."""
        with Session(self.engine, expire_on_commit=False, info=self._session_info) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one write transaction: committed at the end, rolled back when the block raises.

        It can't be had inside another one of the same thread.
        """
        if self._shared is not None:
            with self._shared.transaction() as session:
                yield session
            return
        with (
            Session(self._writing, expire_on_commit=False, info=self._session_info) as session,
            session.begin(),
        ):
            yield session

    def own_connection(self) -> DBAPIConnection:
        """A connection of the driver that this thread alone uses, as long as it lives or until ``dispose``.

        For reads that come thousands of times a second: to borrow one from the pool, and to give it back,
        takes longer than such a read.
        """
        held: PoolProxiedConnection | None = getattr(self._own, "held", None)
        if held is None:
            held = self._own.held = self.engine.raw_connection()
            self._held.add(held)
        return cast("DBAPIConnection", held.driver_connection)

    def dispose(self) -> None:
        """Close every connection."""
        self._own = threading.local()
        for held in list(self._held):
            held.close()
        self.engine.dispose()


def _replace_nul(
    _connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
) -> tuple[str, Any]:
    """Put U+FFFD in place of NUL, which PostgreSQL's text can't hold and SQLite's can.

    So a stranger's path with ``%00`` in it finds nothing, as no id of ours has either, and fails no request.
    """
    # Several rows may also come as one statement's parameters, so the flag alone does not say what these are.
    if isinstance(parameters, list):
        return statement, [_without_nul(one) for one in parameters]
    return statement, _without_nul(parameters)


def _without_nul(parameters: Any) -> Any:
    if isinstance(parameters, dict) and any(
        isinstance(value, str) and "\0" in value for value in parameters.values()
    ):
        return {
            name: value.replace("\0", "\ufffd") if isinstance(value, str) else value
            for name, value in parameters.items()
        }
    return parameters


def _configure_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: _begin_sqlite does, of the right kind.
    connection.isolation_level = None
    _switch_to_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _switch_to_wal(connection: Any) -> None:
    # SQLite does not wait for its busy timeout when two processes open a new database and both switch its
    # journal: one of them is told at once that the database is locked, and has to ask again.
    deadline = time.monotonic() + SQLITE_BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get("videocraft_write", False):
        connection.exec_driver_sql("BEGIN")
        return
    # SQLite would wait for other processes by itself, but it sleeps longer each time, up to 100 ms: the lock
    # is free meanwhile, and who asks for the first time overtakes who has waited long.
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        _wait_for_lock(driver, SQLITE_BUSY_SECONDS)
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # says what is wrong in SQLAlchemy's terms
    finally:
        driver.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_SECONDS * 1000:.0f}")


def _wait_for_lock(driver: sqlite3.Connection, seconds: float) -> None:
    """Begin to write as soon as no other process does; not at all when it can't be, or not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                return
            time.sleep(SQLITE_ASK_SECONDS)
        else:
            return


__all__ = ["Database", "Engine"]
