"""The HTTP server of `serve`: uvicorn, with our signals and our start-up lines."""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import time
from collections.abc import Callable, Iterator

import uvicorn

from videocraft.apis import system
from videocraft.app import create_app
from videocraft.commands.protocol import Protocol
from videocraft.services import Services

GRACE_SECONDS = 10
"""How long answers that are being sent may take after the stop."""


QUIET_SECONDS = 0.25
"""How long a connection may be silent at the stop before it is closed: its next request may be on its way."""
WEBSOCKET_MESSAGE_BYTES = 64 * 1024
"""Most bytes of what a client sends over a WebSocket, where it has nothing to say."""
_TURN_SECONDS = 0.02
_CLOSE = (b"connection", b"close")


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to its caller, says when it answers, and loses no request.

    Args:
        on_ready: called once it answers.
        on_leaving: called when it is told to stop, while it still answers.
        drain_seconds: how long it goes on answering then.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        on_ready: Callable[[], None],
        on_leaving: Callable[[], None],
        drain_seconds: float,
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_leaving = on_leaving
        self._drain_seconds = drain_seconds

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handlers: `serve` has to stop the workers too."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Send clients elsewhere first, close the port, answer what has come until then, and only then end.

        uvicorn alone resets connections that nobody has accepted yet, and closes those whose next request is
        on its way.
        """
        self._on_leaving()
        # Each answer from now on is the last of its connection. Requests under way share this list.
        self.server_state.default_headers.append(_CLOSE)
        await self._wait(self._drain_seconds)
        await self._close_port(sockets or [])
        if self.server_state.connections:
            await self._wait(QUIET_SECONDS)
        await super().shutdown(sockets)

    async def _close_port(self, sockets: list[socket.socket]) -> None:
        for one in sockets:
            # The kernel takes no more connections than one: others try again, and are then refused.
            one.listen(0)
        while any(_has_visitors(one) for one in sockets) and not self.force_exit:  # noqa: ASYNC110 - the kernel has no event for it
            await asyncio.sleep(0)  # a turn of the loop accepts them
        for server in self.servers:
            server.close()
        for one in sockets:
            one.close()

    async def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.force_exit:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(_TURN_SECONDS)


def _has_visitors(listener: socket.socket) -> bool:
    """Whether connections wait to be accepted."""
    waiting = select.poll()  # select() knows no numbers of files above 1023
    waiting.register(listener, select.POLLIN)
    return bool(waiting.poll(0))


def make_server(services: Services, on_ready: Callable[[], None]) -> Server:
    """The server over ``services``, which it closes; it gets its listening socket from `serve`."""
    app = create_app(services.settings, open_services=lambda _: services)
    config = uvicorn.Config(
        app,
        http=Protocol,
        log_config=None,
        # The application logs each request, with its id.
        access_log=False,
        lifespan="on",
        # Forwarded headers can be sent by anybody; links use VIDEOCRAFT_PUBLIC_URL.
        proxy_headers=False,
        server_header=False,
        # Events are small: compressing them saves little, and costs 300 kB of memory for each connection.
        ws_per_message_deflate=False,
        ws_max_size=WEBSOCKET_MESSAGE_BYTES,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return Server(
        config,
        on_ready=on_ready,
        on_leaving=lambda: system.leave(app),
        drain_seconds=services.settings.drain_seconds,
    )
