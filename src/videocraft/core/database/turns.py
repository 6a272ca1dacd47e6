"""Write transactions of one process on SQLite: threads take turns, and those that wait share a commit.

SQLite lets one write at a time, and with ``synchronous=FULL`` each commit waits for the disk. So a thread
that is done while others wait leaves its transaction open for the next one, which works in a savepoint of it,
and the last of them commits for all. Nobody returns before that commit is on the disk.
"""

from __future__ import annotations

import copy
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

MOST_MEMBERS = 64
"""Transactions that share one commit."""
MOST_SECONDS = 0.01
"""No further one joins after so long: workers, which are other processes, want to write too."""


class SharedWriter:
    """Gives each thread its write transaction.

    Args:
        engine: its transactions begin with SQLite's write lock.
        wait_seconds: how long a thread waits for those before it.
        info: of every session.
    """

    def __init__(self, engine: Engine, wait_seconds: float, info: dict[Any, Any]) -> None:
        self._engine = engine
        self._wait_seconds = wait_seconds
        self._info = info
        self._turns = _Turns()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session in a write transaction: committed when this returns, rolled back if the block raises.

        Raises:
            OperationalError: the lock was not to be had in time, or the common commit failed.
        """
        batch = self._turns.take(self._wait_seconds)
        if batch is None:
            batch = self._begin()
        try:
            with batch.member(self._info) as session:
                yield session
        finally:
            self._end_turn(batch)
        batch.wait()

    def _begin(self) -> _Batch:
        try:
            return _Batch(self._engine)
        except BaseException:
            self._turns.give_up()
            raise

    def _end_turn(self, batch: _Batch) -> None:
        if batch.may_grow and self._turns.hand_over(batch):
            return
        try:
            batch.end()
        finally:
            self._turns.give_up()


class _Batch:
    """One transaction of the database, for the members that share its commit."""

    def __init__(self, engine: Engine) -> None:
        self._connection: Connection = engine.connect()
        try:
            self._transaction = self._connection.begin()
        except BaseException:
            self._connection.close()
            raise
        self._members = 0
        self._until = time.monotonic() + MOST_SECONDS
        self._ended = threading.Event()
        self._error: BaseException | None = None

    @property
    def may_grow(self) -> bool:
        """Whether another member may join."""
        return self._members < MOST_MEMBERS and time.monotonic() < self._until and self._is_alive

    @property
    def _is_alive(self) -> bool:
        # A disk that is full makes SQLite drop the transaction as a whole, savepoints and all.
        driver: Any = self._connection.connection.driver_connection
        return self._transaction.is_active and bool(driver.in_transaction)

    @contextmanager
    def member(self, info: dict[Any, Any]) -> Iterator[Session]:
        """What one thread does in it."""
        # The first one needs no savepoint: if it fails there is nothing else to keep.
        mode: Any = "create_savepoint" if self._members else "rollback_only"
        self._members += 1
        failure: BaseException | None = None
        try:
            with (
                Session(
                    self._connection, expire_on_commit=False, info=info, join_transaction_mode=mode
                ) as session,
                session.begin(),
            ):
                try:
                    yield session
                    session.flush()
                except BaseException as error:
                    failure = error
                    raise
        except BaseException as error:
            if not self._is_alive:
                self._error = failure if isinstance(failure, SQLAlchemyError) else error
            if failure is None or failure is error:
                raise
            # That there was no savepoint to go back to is not what went wrong.
            raise failure from None

    def end(self) -> None:
        """Commit, and let the members return."""
        try:
            if self._is_alive:
                self._transaction.commit()
        except BaseException as error:
            self._error = error
            # It may still hold the transaction, which nobody must find in the pool.
            self._connection.invalidate()
            raise
        finally:
            self._connection.close()
            self._ended.set()

    def wait(self) -> None:
        """Return when everything is on the disk.

        Raises:
            SQLAlchemyError: it is not, and nothing of it is kept.
        """
        self._ended.wait()
        if self._error is not None:
            # Each thread raises one of its own: a traceback belongs to one.
            raise copy.copy(self._error) from self._error


class _Turns:
    """A lock for whose holder others queue; a turn may come with an open batch.

    Given in the order of asking: a ``threading.Lock`` may keep one thread waiting for ever.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._is_taken = False
        self._queue: deque[_Ticket] = deque()

    def take(self, seconds: float) -> _Batch | None:
        """Wait for the turn; the batch to join, or None to begin one."""
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return None
            ticket = _Ticket()
            self._queue.append(ticket)
        if not ticket.called.acquire(timeout=seconds):
            with self._mutex:
                # Else it was called in this very moment.
                if ticket in self._queue:
                    self._queue.remove(ticket)
                    raise _locked()
        return ticket.batch

    def hand_over(self, batch: _Batch) -> bool:
        """Give the turn and the batch to the next one; False if nobody waits, and nothing has changed."""
        with self._mutex:
            return self._call_next(batch)

    def give_up(self) -> None:
        """Give the turn to the next one, who begins a batch."""
        with self._mutex:
            self._is_taken = self._call_next(None)

    def _call_next(self, batch: _Batch | None) -> bool:
        if not self._queue:
            return False
        ticket = self._queue.popleft()
        ticket.batch = batch
        ticket.called.release()
        return True


class _Ticket:
    """A thread's place in the queue."""

    def __init__(self) -> None:
        self.batch: _Batch | None = None
        self.called = threading.Lock()
        self.called.acquire()


def _locked() -> OperationalError:
    reason = sqlite3.OperationalError("database is locked")
    reason.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("BEGIN IMMEDIATE", None, reason)
