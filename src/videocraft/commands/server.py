"""The HTTP server of `serve`: uvicorn, with our signals and our start-up lines."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn

from videocraft.app import create_app
from videocraft.services import Services

GRACE_SECONDS = 10
"""How long answers that are being sent may take after the stop."""


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to its caller and says when it answers."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handlers: `serve` has to stop the workers too."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def make_server(services: Services, on_ready: Callable[[], None]) -> Server:
    """The server over ``services``, which it closes; it gets its listening socket from `serve`."""
    config = uvicorn.Config(
        create_app(services.settings, open_services=lambda _: services),
        log_config=None,
        # The application logs each request, with its id.
        access_log=False,
        lifespan="on",
        # Forwarded headers can be sent by anybody; links use VIDEOCRAFT_PUBLIC_URL.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return Server(config, on_ready)
