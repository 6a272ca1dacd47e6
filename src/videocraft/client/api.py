"""``VideoCraftAPI`` and ``AsyncVideoCraftAPI``: the same resources over the two drivers."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from videocraft.client.config import Config
from videocraft.client.drivers import AsyncDriver, SyncDriver
from videocraft.client.exchange import Exchange
from videocraft.client.operation import Awaitable, Blocking
from videocraft.client.resources import Jobs, Videos

if TYPE_CHECKING:
    import httpx


class VideoCraftAPI:
    """A client of one server; usable from several threads, and as a context manager.

    Args:
        base_url: the server's address up to and with ``/api/v1``.
        api_key: what ``videocraft keys create`` printed.
        timeout: seconds that one step of an exchange (connecting, each read) may take.
        max_retries: how often a request is repeated after 429, 5xx or a broken connection. Changes that
            carry no idempotency key are repeated only if the server can't have carried them out.
        enable_csrf: fetch a CSRF token for changes; off only for servers that want none.
        http_client: an ``httpx.Client`` with proxies or certificates of your own; closing it is yours too.

    Raises:
        ValueError: the address or the key can't be one.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: float = 30.0,
        max_retries: int = 4,
        enable_csrf: bool = True,
        http_client: httpx.Client | None = None,
    ) -> None:
        exchange = Exchange(Config(base_url, api_key, timeout, max_retries, enable_csrf))
        self._driver = SyncDriver(http_client)
        self.videos: Videos[Blocking] = Videos(exchange, self._driver)
        self.jobs: Jobs[Blocking] = Jobs(exchange, self._driver)

    def close(self) -> None:
        """Close the connections."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncVideoCraftAPI:
    """The same client for asyncio and trio: every method of ``videos`` and ``jobs`` is awaited.

    Args:
        base_url: and the rest: as for ``VideoCraftAPI``.
        http_client: an ``httpx.AsyncClient``.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: float = 30.0,
        max_retries: int = 4,
        enable_csrf: bool = True,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        exchange = Exchange(Config(base_url, api_key, timeout, max_retries, enable_csrf))
        self._driver = AsyncDriver(http_client)
        self.videos: Videos[Awaitable] = Videos(exchange, self._driver)
        self.jobs: Jobs[Awaitable] = Jobs(exchange, self._driver)

    async def close(self) -> None:
        """Close the connections."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
