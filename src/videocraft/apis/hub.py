"""Wakes the WebSockets of a room when there is news for them: one thread for all connections of a process."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.concurrency import run_in_threadpool

from videocraft.core import events
from videocraft.core.jobs.dispatch.base import Topic
from videocraft.services import Services

LOOK_SECONDS = 1.0
"""Connections look for news that often even if no bell rings, or an event was written without one."""

_AWAY = (OperationalError, InterfaceError, NoConnectionFree)

T = TypeVar("T")
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Listener:
    """One connection's end.

    Attributes:
        news: set whenever there may be something new in its stream.
    """

    def __init__(self, hub: Hub, stream: str) -> None:
        self.news = asyncio.Event()
        self._hub = hub
        self._stream = stream

    async def read(self, what: Hashable, read: Callable[[], T]) -> T:
        """What ``read`` returns, in a thread; shared by all who ask for the same since the last news.

        Of a stream that hundreds follow each event is then read once, and not hundreds of times.

        Args:
            what: tells reads of one stream apart: from which number on, say.
        """
        while True:
            try:
                return await self._hub.read_once((self._stream, what), self._stream, read)
            except _AWAY as error:
                # A database that restarts is no reason to send everybody away.
                _log.warning("reading a stream failed", stream=self._stream, error=str(error).splitlines()[0])
                await asyncio.sleep(LOOK_SECONDS)


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
        self._listeners: dict[str, set[Listener]] = {}
        self._rounds: Counter[str] = Counter()
        self._reads: dict[Hashable, asyncio.Task[Any]] = {}
        self._seen: dict[str, int] = {}
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def listening(self, stream: str) -> Iterator[Listener]:
        """A listener to one event stream."""
        listener = Listener(self, stream)
        self._listeners.setdefault(stream, set()).add(listener)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="websocket-events", daemon=True)
            self._thread.start()
        try:
            yield listener
        finally:
            others = self._listeners[stream]
            others.discard(listener)
            if not others:
                del self._listeners[stream], self._rounds[stream]

    async def read_once(self, key: Hashable, stream: str, read: Callable[[], T]) -> T:
        """See ``Listener.read``."""
        # Who was told of news must not join a read that began before them: it may have missed them.
        numbered = (key, self._rounds[stream])
        task = self._reads.get(numbered)
        if task is None:
            task = self._reads[numbered] = asyncio.create_task(run_in_threadpool(read))
            task.add_done_callback(lambda done: self._forget(numbered, done))
        # One who leaves must not take the others' read along.
        return cast("T", await asyncio.shield(task))

    def _forget(self, key: Hashable, done: asyncio.Task[Any]) -> None:
        del self._reads[key]
        if not done.cancelled():
            done.exception()  # seen, also when everybody who asked has left

    async def close(self) -> None:
        """Stop the thread."""
        self._closing.set()
        if self._thread is not None:
            await run_in_threadpool(self._thread.join)

    def _run(self) -> None:
        looked = 0.0
        with self._services.dispatcher.listen(Topic.EVENTS) as bell:
            while not self._closing.is_set():
                has_rung = bell.wait(LOOK_SECONDS)
                followed: Collection[str] = tuple(self._listeners)
                try:
                    if followed and self._before is not None:
                        self._before()
                    changed = self._changed(followed)
                except Exception:  # noqa: BLE001 - the thread's border: a database that can't be reached now may be later
                    _log.exception("preparing news failed")
                    continue
                now = time.monotonic()
                if not has_rung or now >= looked + LOOK_SECONDS:
                    looked, changed = now, followed
                # The loop is closed only after close() has joined this thread.
                self._loop.call_soon_threadsafe(self._tell, changed)

    def _changed(self, followed: Collection[str]) -> Collection[str]:
        """Those of the streams whose last number is another one than when this was asked last."""
        with self._services.database.read() as session:
            now = events.last_numbers(session, followed)
        changed = [stream for stream in followed if self._seen.get(stream) != now.get(stream)]
        self._seen = now
        return changed

    def _tell(self, streams: Collection[str]) -> None:
        for stream in streams:
            if stream in self._listeners:
                self._rounds[stream] += 1
                for listener in self._listeners[stream]:
                    listener.news.set()


@asynccontextmanager
async def open_hub(services: Services, before: Callable[[], object] | None = None) -> AsyncIterator[Hub]:
    """A hub as long as the block runs."""
    hub = Hub(services, before)
    try:
        yield hub
    finally:
        await hub.close()
