"""Health and probes: two endpoints that differ in a slash belong to two families."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import structlog
from fastapi import FastAPI, Request
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from videocraft import __version__
from videocraft.apis import room_named
from videocraft.apis.errors import utc_timestamp
from videocraft.apis.routing import room_router
from videocraft.core.database.models import ApiKey
from videocraft.core.diagnostics import queue_state
from videocraft.errors import Unavailable
from videocraft.services import RUN_FOLDER, Services

CHECK_SECONDS = 2.0
"""What does not answer within this time can't be reached."""
KEEP_SECONDS = 1.0
"""Probes may come often; the outside is asked once in this time."""

_VIDEOS = room_named("videos").renderer
_JOBS = room_named("jobs").renderer
_log: structlog.stdlib.BoundLogger = structlog.get_logger(source="videocraft.ready")

router = room_router(_VIDEOS, tag="health")
jobs_router = room_router(_JOBS, tag="health")


class Health(BaseModel):
    """``GET /health``."""

    status: Literal["healthy"] = "healthy"
    timestamp: str
    version: str


class Probe(BaseModel):
    """``GET /live`` and ``GET /ready``."""

    status: Literal["ok"] = "ok"


class JobsHealth(BaseModel):
    """``GET /health/``."""

    status: Literal["ok"] = "ok"
    app: str
    environment: str


@dataclass
class Readiness:
    """Asks database, storage and queue, at most once in ``KEEP_SECONDS``, and each for a short time only."""

    services: Services
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _until: float = 0.0
    _missing: tuple[str, ...] = ()
    is_leaving: bool = False
    """The server was told to stop: the balancer is to send its requests to another one."""

    async def missing(self) -> tuple[str, ...]:
        """The names of what can't be reached."""
        async with self._lock:
            if time.monotonic() >= self._until:
                checks = {
                    "database": lambda: _check_database(self.services),
                    "storage": self.services.storage.check,
                    "queue": lambda: _check_queue(self.services),
                }
                answers = await asyncio.gather(*(_reached(name, check) for name, check in checks.items()))
                self._missing = tuple(
                    name for name, reached in zip(checks, answers, strict=True) if not reached
                )
                self._until = time.monotonic() + KEEP_SECONDS
            return self._missing


@router.get("/health", response_model=Health)
async def health() -> Health:
    """The server answers."""
    return Health(timestamp=utc_timestamp(), version=__version__)


@router.get("/live", response_model=Probe)
async def live() -> Probe:
    """The process is alive."""
    return Probe()


@router.get("/ready", response_model=Probe, responses=_VIDEOS.responses(500, 503))
async def ready(request: Request) -> Probe:
    """Database, storage and queue can be reached; 503 names those that can't.

    503 as well once the server was told to stop.
    """
    readiness: Readiness = request.app.state.readiness
    if readiness.is_leaving:
        raise Unavailable("Not ready: this server is stopping", headers={"Retry-After": "5"})
    missing = await readiness.missing()
    if missing:
        raise Unavailable(
            f"Not ready: {', '.join(missing)} can't be reached",
            details=dict.fromkeys(missing, "unreachable"),
            headers={"Retry-After": "5"},
        )
    return Probe()


@jobs_router.get("/health/", response_model=JobsHealth)
async def jobs_health(request: Request) -> JobsHealth:
    """The server answers; what it is and where it runs."""
    services: Services = request.app.state.services
    return JobsHealth(app="VideoCraft", environment=services.settings.environment)


def leave(app: FastAPI) -> None:
    """Let ``/ready`` say from now on that the server stops."""
    app.state.readiness.is_leaving = True


async def _reached(name: str, check: Callable[[], object]) -> bool:
    try:
        await asyncio.wait_for(asyncio.to_thread(check), CHECK_SECONDS)
    except (OSError, SQLAlchemyError, TimeoutError) as error:
        _log.warning("can't be reached", part=name, error=f"{type(error).__name__}: {error}")
        return False
    return True


def _check_database(services: Services) -> None:
    with services.database.read() as session:
        session.execute(select(ApiKey.id).limit(1))


def _check_queue(services: Services) -> None:
    if not services.settings.is_embedded:
        state = queue_state(services)
        if not state.connected:
            raise ConnectionError(state.error)
        return
    # The embedded bell is a folder of FIFOs; without it no worker can be woken.
    folder = services.settings.data_dir / RUN_FOLDER
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise FileNotFoundError(f"{folder} can't be written")
