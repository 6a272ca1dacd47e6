"""The two drivers: they perform what the core yields, over httpx, and decide nothing."""

from __future__ import annotations

import time
import weakref
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import httpx

from videocraft.client.errors import ConnectionFailed
from videocraft.client.wire import Effect, Receive, Reply, Request, Send, Steps, Wait

T = TypeVar("T")

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


class Driver(Protocol):
    """Runs the core's steps; an asynchronous one answers with a coroutine."""

    def run(self, steps: Steps[Any]) -> Any:
        """The steps' outcome, or its coroutine."""


class SyncDriver:
    """Blocks the calling thread; several threads may use one."""

    def __init__(self, client: httpx.Client | None) -> None:
        self._client = client or httpx.Client()
        # Short scripts never close their client; so it is closed when they end, or let go of it.
        self._close = weakref.finalize(self, self._client.close) if client is None else lambda: None

    def run(self, steps: Steps[T]) -> T:
        """Perform the steps one by one."""
        try:
            effect = next(steps)
            while True:
                try:
                    reply = self._perform(effect)
                except ConnectionFailed as failure:
                    effect = steps.throw(failure)
                else:
                    effect = steps.send(reply)
        except StopIteration as end:
            outcome: T = end.value
            return outcome
        finally:
            steps.close()

    def close(self) -> None:
        """Close the connections, unless they are somebody else's."""
        self._close()

    def _perform(self, effect: Effect) -> Reply | None:
        if isinstance(effect, Wait):
            time.sleep(effect.seconds)
            return None
        try:
            with self._client.stream(**_arguments(effect)) as response:
                head = _head(response)
                file = effect.accept(head) if isinstance(effect, Receive) else None
                if file is None:
                    return Reply(head.status, head.headers, response.read())
                # As they come: a chunk size would hold bytes back, which are lost when the connection breaks.
                for chunk in response.iter_raw():
                    file.write(chunk)
                return head
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise _failure(effect.request, error) from error


class AsyncDriver:
    """Runs under asyncio and trio."""

    def __init__(self, client: httpx.AsyncClient | None) -> None:
        self._owned = client is None
        self._client = client or httpx.AsyncClient()

    def run(self, steps: Steps[T]) -> Coroutine[Any, Any, T]:
        """A coroutine that performs the steps one by one."""
        return self._run(steps)

    async def _run(self, steps: Steps[T]) -> T:
        try:
            effect = next(steps)
            while True:
                try:
                    reply = await self._perform(effect)
                except ConnectionFailed as failure:
                    effect = steps.throw(failure)
                else:
                    effect = steps.send(reply)
        except StopIteration as end:
            outcome: T = end.value
            return outcome
        finally:
            steps.close()

    async def close(self) -> None:
        """Close the connections, unless they are somebody else's."""
        if self._owned:
            await self._client.aclose()

    async def _perform(self, effect: Effect) -> Reply | None:
        if isinstance(effect, Wait):
            await anyio.sleep(effect.seconds)
            return None
        try:
            async with self._client.stream(**_arguments(effect)) as response:
                head = _head(response)
                file = effect.accept(head) if isinstance(effect, Receive) else None
                if file is None:
                    return Reply(head.status, head.headers, await response.aread())
                async for chunk in response.aiter_raw():
                    await anyio.to_thread.run_sync(file.write, chunk)
                return head
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise _failure(effect.request, error) from error


def _arguments(effect: Send | Receive) -> dict[str, Any]:
    request = effect.request
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "content": request.body,
        "timeout": effect.timeout,
        # The core follows them: it knows what another server must not learn.
        "follow_redirects": False,
    }


def _head(response: httpx.Response) -> Reply:
    return Reply(response.status_code, {name.lower(): value for name, value in response.headers.items()})


def _failure(request: Request, error: httpx.RequestError | httpx.InvalidURL) -> ConnectionFailed:
    host = urlsplit(request.url).netloc
    if isinstance(error, httpx.TimeoutException):
        return ConnectionFailed(
            f"{host} did not answer in time", sent=not isinstance(error, _NEVER_SENT), code="TIMEOUT"
        )
    reason = str(error) or type(error).__name__
    return ConnectionFailed(f"No answer from {host}: {reason}", sent=not isinstance(error, _NEVER_SENT))
