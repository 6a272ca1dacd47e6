"""Bodies that are longer than memory should hold, received into memory of the caller's own.

On its way through event loop and parser every byte is copied five times, which for uploads is most of the
server's work. Where the server lets the connection go (``TAKE_BODY``), all but the first bytes are received
from the kernel by threads instead. The parser never hears of them, so the connection ends with the answer.
"""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from typing import Final

from starlette.requests import ClientDisconnect, Request

from videocraft.apis.bodies import CHEAP_BYTES

TAKE_BODY: Final = "videocraft.take_body"
"""The extension of a request's scope whose ``take()`` stops reading from its connection, and returns a
descriptor of that connection; ``None`` where that can't be done now."""

_WAKE_BYTES = 256 * 1024
"""Nobody is woken for less, as long as more is to come."""
_PATIENCE_MS = 5
"""How long a thread waits for the next bytes. A slow client must not hold it: there are few."""


class LongBody:
    """The body of one request.

    Args:
        length: of the body in bytes, if it was announced.
        threads: receive what is not read by the event loop.
    """

    def __init__(self, request: Request, length: int | None, threads: Executor) -> None:
        self._stream: AsyncIterator[bytes] = request.stream()
        extension = request.scope.get("extensions", {}).get(TAKE_BODY) if length is not None else None
        self._take: Callable[[], socket.socket | None] | None = extension and extension["take"]
        self._left = length or 0
        self._threads = threads
        self._chunk = memoryview(b"")
        self._connection: _Connection | None = None

    async def fill(self, buffer: memoryview) -> int:
        """Fill ``buffer`` as far as the body goes; returns how many bytes that were, 0 at its end.

        Raises:
            ClientDisconnect: the client has gone before the end.
        """
        filled = 0
        while filled < len(buffer):
            if self._connection is not None:
                wanted = min(len(buffer) - filled, self._left)
                if not wanted:
                    break
                if not await self._connection.fill(buffer[filled : filled + wanted], self._left):
                    # The server has to notice too: it says so itself when it is asked for more.
                    await self._next_chunk()
                    raise ClientDisconnect
                self._left -= wanted
                return filled + wanted
            if not self._chunk and not await self._next_chunk():
                break
            taken = min(len(self._chunk), len(buffer) - filled)
            buffer[filled : filled + taken] = self._chunk[:taken]
            self._chunk = self._chunk[taken:]
            filled += taken
            if not self._chunk:
                self._take_over()
        return filled

    def close(self) -> None:
        """Give the descriptor of the connection back."""
        if self._connection is not None:
            self._connection.close()

    async def _next_chunk(self) -> bool:
        chunk = await anext(self._stream, b"")
        self._chunk = memoryview(chunk)
        self._left -= len(chunk)
        return bool(chunk)

    def _take_over(self) -> None:
        # Less is read through the parser, which then knows where the next request begins.
        if self._take is not None and self._left > CHEAP_BYTES:
            taken = self._take()
            if taken is not None:
                self._connection = _Connection(taken, self._threads)


class _Connection:
    """A descriptor of a connection that does not block, and the threads that read from it."""

    def __init__(self, taken: socket.socket, threads: Executor) -> None:
        self._socket = taken
        self._threads = threads
        self._poll = select.poll()
        self._poll.register(taken, select.POLLIN)

    async def fill(self, buffer: memoryview, left: int) -> bool:
        """Fill all of ``buffer``, of a body that has ``left`` bytes more; false: the client has gone."""
        loop = asyncio.get_running_loop()
        filled = 0
        while True:
            received = await loop.run_in_executor(
                self._threads, self._receive, buffer[filled:], left - filled
            )
            if received is None:
                return False
            filled += received
            if filled == len(buffer):
                return True
            await self._readable(loop)

    def close(self) -> None:
        self._socket.close()

    def _receive(self, buffer: memoryview, left: int) -> int | None:
        """In a thread: what comes at once, or nearly so; None at the end of the connection."""
        filled = 0
        while filled < len(buffer):
            try:
                received = self._socket.recv_into(buffer[filled:])
            except BlockingIOError:
                wake = min(_WAKE_BYTES, left - filled)
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, wake)
                if not self._poll.poll(_PATIENCE_MS):
                    break
                continue
            except OSError:
                return None
            if not received:
                return None
            filled += received
        return filled

    async def _readable(self, loop: asyncio.AbstractEventLoop) -> None:
        ready = loop.create_future()
        loop.add_reader(self._socket, _resolve, ready)
        try:
            await ready
        finally:
            loop.remove_reader(self._socket)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
