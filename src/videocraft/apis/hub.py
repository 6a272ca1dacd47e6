"""Wakes the WebSockets of a room when there may be news: one thread for all connections of a process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
from starlette.concurrency import run_in_threadpool

from videocraft.core.jobs.dispatch.base import Topic
from videocraft.services import Services

LOOK_SECONDS = 1.0
"""Connections look for news that often even if no bell rings."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Hub:
    """Its thread runs from the first connection to the server's end.

    Args:
        services: whose bell is listened to.
        before: called in the thread before the connections are told, as long as there are any.
    """

    def __init__(self, services: Services, before: Callable[[], object] | None = None) -> None:
        self._services = services
        self._before = before
        self._loop = asyncio.get_running_loop()
        self._listeners: set[asyncio.Event] = set()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever there may be news."""
        news = asyncio.Event()
        self._listeners.add(news)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="websocket-events", daemon=True)
            self._thread.start()
        try:
            yield news
        finally:
            self._listeners.discard(news)

    async def close(self) -> None:
        """Stop the thread."""
        self._closing.set()
        if self._thread is not None:
            await run_in_threadpool(self._thread.join)

    def _run(self) -> None:
        with self._services.dispatcher.listen(Topic.EVENTS) as bell:
            while not self._closing.is_set():
                bell.wait(LOOK_SECONDS)
                try:
                    if self._listeners and self._before is not None:
                        self._before()
                except Exception:  # noqa: BLE001 - the thread's border: a database that can't be reached now may be later
                    _log.exception("preparing news failed")
                # The loop is closed only after close() has joined this thread.
                self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        for news in self._listeners:
            news.set()


@asynccontextmanager
async def open_hub(services: Services, before: Callable[[], object] | None = None) -> AsyncIterator[Hub]:
    """A hub as long as the block runs."""
    hub = Hub(services, before)
    try:
        yield hub
    finally:
        await hub.close()
