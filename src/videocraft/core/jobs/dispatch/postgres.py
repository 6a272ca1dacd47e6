"""Dispatch between machines that share a PostgreSQL, by NOTIFY: no broker, and bells ring everywhere.

One thread of a process listens, as long as anybody in it waits for a bell. A connection that breaks is made
again; what rang meanwhile is lost, which costs a listener the seconds until it looks by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from videocraft.core.database import Database
from videocraft.core.database.troubles import sentence_of
from videocraft.core.jobs.dispatch.base import Topic

if TYPE_CHECKING:
    import psycopg

CHANNEL = "videocraft"
"""What the rings are sent on; the payload is the topic."""
RETRY_SECONDS = 1.0
CLOSE_SECONDS = 0.5
"""The listening thread notices so soon that nobody waits any more."""

_NOTIFY = text("SELECT pg_notify(:channel, :topic)")
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class LocalBell:
    """A bell inside one process."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def wait(self, timeout_seconds: float) -> bool:
        """Wait until somebody rings, at most so many seconds."""
        rang = self._event.wait(max(0.0, timeout_seconds))
        self._event.clear()
        return rang

    def wake(self) -> None:
        """Ring this bell alone."""
        self._event.set()


class PostgresDispatcher:
    """Rings everybody who listens through the same database; a lost ring costs a few seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._bells: list[tuple[Topic, LocalBell]] = []
        self._thread: threading.Thread | None = None

    def close(self) -> None:
        """Its connection belongs to those who listen."""

    def check(self) -> None:
        """There is no broker that could be away."""

    def remind(self, kinds: Sequence[str]) -> None:
        """Wake every worker."""
        self.ring(Topic.WORK, kinds)

    def ring(self, topic: Topic, kinds: Sequence[str] = ()) -> None:  # noqa: ARG002 - all are woken
        """Wake everybody who listens to ``topic``, workers for whatever kind of job."""
        try:
            with self._database.engine.connect() as connection:
                connection.execute(_NOTIFY, {"channel": CHANNEL, "topic": str(topic)})
                connection.commit()
        except SQLAlchemyError as error:
            _log.warning("ring failed", topic=str(topic), error=sentence_of(error))

    @contextmanager
    def listen(self, topic: Topic) -> Iterator[LocalBell]:
        """A bell for ``topic``; it also rings when rings may have been missed."""
        bell = LocalBell()
        with self._lock:
            self._bells.append((topic, bell))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="postgres-bells", daemon=True)
                self._thread.start()
        try:
            yield bell
        finally:
            with self._lock:
                self._bells.remove((topic, bell))

    def _run(self) -> None:
        import psycopg

        pause = threading.Event()
        while True:
            try:
                self._follow()
            # A connection that is asked for without a statement comes with the driver's own errors.
            except (SQLAlchemyError, psycopg.Error) as error:
                _log.warning("bells can't be heard", error=sentence_of(error))
                pause.wait(RETRY_SECONDS)
            if self._is_over():
                return

    def _is_over(self) -> bool:
        with self._lock:
            if not self._bells:
                self._thread = None
            return self._thread is None

    def _follow(self) -> None:
        """Listen until nobody waits any more, or the connection breaks."""
        connection = self._database.engine.raw_connection()
        driver: psycopg.Connection[Any] = connection.driver_connection  # type: ignore[assignment] # the engine's is psycopg
        # It is not the pool's any more: it listens, and nobody else may get it.
        connection.detach()
        try:
            driver.rollback()
            driver.autocommit = True
            driver.execute(f"LISTEN {CHANNEL}")
            self._tell(None)  # what rang before can't have been heard
            while self._bells:
                for notice in driver.notifies(timeout=CLOSE_SECONDS, stop_after=1):
                    self._tell(notice.payload)
        finally:
            # Not through the pool's wrapper, which would try to roll back on a connection that broke.
            driver.close()

    def _tell(self, topic: str | None) -> None:
        with self._lock:
            bells = [bell for heard, bell in self._bells if topic is None or heard == topic]
        for bell in bells:
            bell.wake()
