"""Bodies that are received past the server, over connections of the test's own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from videocraft.apis import long_body
from videocraft.apis.long_body import TAKE_BODY, LongBody

FIRST = b"f" * 1_000
SECONDS = 30


class Connection:
    """Both ends of one, and the request whose body comes over it."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.client = socket.create_connection(listener.getsockname())
            self.server, _ = listener.accept()
        self.server.setblocking(False)
        self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        extensions = {TAKE_BODY: {"take": self.server.dup}}
        scope = {"type": "http", "method": "PUT", "headers": [], "extensions": extensions}
        self.request = Request(scope, self._receive)
        self._messages: list[Message] = [{"type": "http.request", "body": FIRST, "more_body": True}]

    async def _receive(self) -> Message:
        return self._messages.pop() if self._messages else {"type": "http.disconnect"}

    def close(self) -> None:
        self.client.close()
        self.server.close()


@pytest.fixture
def connection() -> Iterator[Connection]:
    opened = Connection()
    yield opened
    opened.close()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.mark.parametrize("last", [1, 100_000, long_body._WAKE_BYTES + 1])
def test_the_end_of_a_body_may_come_late_and_be_short(
    connection: Connection, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    """Whoever waits for a certain number of bytes must not wait for more than are to come."""
    early = b"e" * 200_000
    length = len(FIRST) + len(early) + last
    is_waiting = asyncio.Event()
    readable = long_body._Connection._readable

    async def noticed(self: long_body._Connection, loop: asyncio.AbstractEventLoop) -> None:
        is_waiting.set()
        await readable(self, loop)

    monkeypatch.setattr(long_body._Connection, "_readable", noticed)

    async def run() -> bytes:
        body = LongBody(connection.request, length, threads)
        buffer = bytearray(2 * length)
        connection.client.sendall(early)
        filling = asyncio.ensure_future(body.fill(memoryview(buffer)))
        await asyncio.wait_for(is_waiting.wait(), SECONDS)
        await asyncio.to_thread(connection.client.sendall, b"l" * last)
        filled = await asyncio.wait_for(filling, SECONDS)
        assert await body.fill(memoryview(buffer)[:10]) == 0
        body.close()
        return bytes(buffer[:filled])

    assert asyncio.run(run()) == FIRST + early + b"l" * last


def test_a_client_that_goes_is_told_from_the_end(connection: Connection, threads: ThreadPoolExecutor) -> None:
    connection.client.sendall(b"x" * 100)
    connection.client.close()

    async def run() -> None:
        body = LongBody(connection.request, 500_000, threads)
        with pytest.raises(ClientDisconnect):
            await asyncio.wait_for(body.fill(memoryview(bytearray(500_000))), SECONDS)
        body.close()

    asyncio.run(run())


@pytest.mark.parametrize("length", [None, len(FIRST), len(FIRST) + 65_536])
def test_what_is_short_or_of_unknown_length_comes_from_the_server(
    connection: Connection, threads: ThreadPoolExecutor, length: int | None
) -> None:
    async def run() -> None:
        body = LongBody(connection.request, length, threads)
        buffer = bytearray(len(FIRST))
        assert await body.fill(memoryview(buffer)) == len(FIRST)
        assert body._connection is None

    asyncio.run(run())
