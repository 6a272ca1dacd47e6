"""The application over a small data directory, in this process or behind a real server."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel
from starlette.responses import Response
from starlette.websockets import WebSocket

from tests.support.stacks import settings_of
from videocraft.apis import ROOMS
from videocraft.apis.bodies import raise_body_limit
from videocraft.apis.routing import room_router
from videocraft.app import create_app
from videocraft.core.auth import Caller, KeyRing, require_key
from videocraft.core.database import Database
from videocraft.core.database.models import Base
from videocraft.errors import (
    Conflict,
    Forbidden,
    MediaError,
    NotFound,
    TooManyRequests,
    VideoCraftError,
)
from videocraft.services import RUN_FOLDER, Services, open_storage
from videocraft.settings import Settings

SECRET = b"s" * 32
LARGE_BYTES = 3 * 2**20
"""What ``_probe/large`` takes."""
FAMILIES = tuple(room.name for room in ROOMS)
PREFIX_OF = {room.name: room.prefixes[0] for room in ROOMS}


class SilentDispatcher:
    """A queue with nobody behind it."""

    def ring(self, _topic: Any, _kinds: Any = ()) -> None:
        """Nobody listens."""

    def close(self) -> None:
        """It holds nothing."""

    def check(self) -> None:
        """All is well."""

    def remind(self, _kinds: Any) -> None:
        """Nobody listens."""

    def listen(self, _topic: Any) -> AbstractContextManager[Any]:
        """Nobody may."""
        raise NotImplementedError


def open_services(settings: Settings) -> Services:
    """What ``Services.open`` does, with the tables straight from the models and a silent queue."""
    (settings.data_dir / RUN_FOLDER).mkdir(parents=True, exist_ok=True)
    database = Database(settings.effective_database_url)
    Base.metadata.create_all(database.engine)
    configured = settings.api_key.get_secret_value() if settings.api_key else None
    return Services(
        settings=settings,
        database=database,
        storage=open_storage(settings, SECRET),
        dispatcher=SilentDispatcher(),
        keys=KeyRing(database, configured),
        secret=SECRET,
    )


class Item(BaseModel):
    """A body with something nested."""

    scenes: list[Scene]
    name: str = ""
    weight: float = 0.0


class Scene(BaseModel):
    """Within ``Item``."""

    start: float
    src: str


_RAISED: dict[str, Callable[[], Exception]] = {
    "bug": lambda: RuntimeError("the password is swordfish"),
    "missing": lambda: NotFound("Video not found", code="VIDEO_NOT_FOUND"),
    "conflict": lambda: Conflict("Already running"),
    "forbidden": lambda: Forbidden("Access denied"),
    "media": lambda: MediaError(
        "FFmpeg failed", details={"command": ["ffmpeg"], "stderr": "x", "camera": "C"}
    ),
    "limit": lambda: TooManyRequests(
        "Rate limit exceeded",
        details={"retry_after": 60, "limit": 100, "remaining": 0, "reset_at": "2024-01-01T12:01:00Z"},
        headers={"Retry-After": "60"},
    ),
    "full": lambda: OSError(errno.ENOSPC, "No space left on device", "/secret/place"),
    "plain": lambda: VideoCraftError("An internal error", code="FFMPEG_FAILED"),
}


def add_probes(app: FastAPI) -> None:
    """Below each family's first prefix, under ``_probe``: routes that accept, echo and fail."""
    for room in ROOMS:
        router = room_router(
            room.renderer,
            tag=room.name,
            prefix=f"{room.prefixes[0]}/_probe",
            dependencies=[Depends(require_key(room.name))],
        )

        @router.get("/raise/{what}")
        async def fail(what: str) -> None:
            error = _RAISED[what]()
            raise error

        @router.get("/direct/{what}")
        async def direct(request: Request, what: str) -> Response:
            if what in _RAISED:
                error = _RAISED[what]()
                raise error
            return Response(f"{what} {request.url.path}")

        @router.post("/items")
        async def post_item(item: Item) -> dict[str, Any]:
            return item.model_dump()

        @router.post("/anything")
        async def post_anything(payload: dict[str, Any]) -> dict[str, Any]:
            return payload

        @router.get("/number")
        async def number(limit: int) -> dict[str, int]:
            return {"limit": limit}

        @router.get("/who")
        async def who(caller: Caller = Depends(require_key(room.name))) -> dict[str, str | None]:  # noqa: B008 - FastAPI
            return {"key_id": caller.key_id, "name": caller.name}

        @router.put("/who")
        async def put_raw(request: Request) -> dict[str, int]:
            return {"size": len(await request.body())}

        @router.put("/large")
        async def put_large(request: Request) -> dict[str, int]:
            raise_body_limit(request, LARGE_BYTES)
            return {"size": len(await request.body())}

        @router.websocket("/echo")
        async def echo(socket: WebSocket) -> None:
            await socket.accept()
            await socket.send_text(await socket.receive_text())

        app.router.routes.extend(router.routes)


def make_app(data_dir: Path, **settings: Any) -> FastAPI:
    """The application with probes; further settings as for ``Settings``."""
    app = create_app(settings_of(data_dir, **settings), open_services)
    add_probes(app)
    return app


@dataclass(frozen=True)
class RunningServer:
    """A real server on a port of its own."""

    app: FastAPI
    port: int
    client: httpx.Client

    @property
    def services(self) -> Services:
        """What the application works with."""
        services: Services = self.app.state.services
        return services

    def connect(self) -> socket.socket:
        """A raw connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def exchange(self, request: bytes) -> bytes:
        """Send bytes as they are and read until the server closes the connection."""
        with self.connect() as connection:
            connection.sendall(request)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
            return answer


@contextmanager
def serving(app: FastAPI) -> Iterator[RunningServer]:
    """Serve ``app`` with uvicorn on a free loopback port until the block ends."""
    ready = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready.set()

    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert ready.wait(20), "the server did not start"
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield RunningServer(app, port, client)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def served(data_dir: Path, **settings: Any) -> Iterator[RunningServer]:
    """``serving(make_app(…))``."""
    with serving(make_app(data_dir, **settings)) as server:
        yield server
