"""The ASGI application: the rooms behind one border."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from videocraft import __version__
from videocraft.apis import ROOMS, docs, files, handlers, system
from videocraft.apis.border import Border
from videocraft.apis.openapi import describe
from videocraft.apis.routing import JsonRoute
from videocraft.core.json import InvalidJson
from videocraft.core.metrics import RequestCounts
from videocraft.errors import VideoCraftError
from videocraft.services import Services
from videocraft.settings import Settings

POLLED = (
    "/api/v2/jobs/{job_id}",
    "/jobs/{job_id}",
    "/v2/sessions/{session_id}/status",
    "/api/v1/jobs/{job_id}/status",
    "/api/export/{job_id}/status",
)
"""What clients poll, the dearest first. None of these paths is also matched by another route."""


def create_app(settings: Settings, open_services: Callable[[Settings], Services] = Services.open) -> FastAPI:
    """The application for these settings.

    What it works with is opened when the server starts (``app.state.services``) and closed when it stops.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = open_services(settings)
        app.state.services = services
        counts.traffic = services.storage.traffic
        app.state.readiness = system.Readiness(services)
        try:
            async with AsyncExitStack() as stack:
                for room in ROOMS:
                    own = getattr(room.part("endpoints"), "lifespan", None)
                    if own is not None:
                        await stack.enter_async_context(own(app))
                yield
        finally:
            services.close()

    counts = RequestCounts()
    app = FastAPI(
        title="VideoCraft",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,  # FastAPI's page loads its scripts from the internet; ours is below
        redoc_url=None,
        redirect_slashes=False,  # /health and /health/ are two endpoints of two families
        middleware=[Middleware(Border, settings=settings, counts=counts)],
        exception_handlers={
            VideoCraftError: handlers.on_videocraft_error,
            InvalidJson: handlers.on_broken_json,
            SQLAlchemyError: handlers.on_database_error,
            OSError: handlers.on_system_error,
            HTTPException: handlers.on_http_exception,
            RequestValidationError: handlers.on_invalid_request,
        },
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.request_counts = counts
    for room in ROOMS:
        endpoints = room.part("endpoints")
        if endpoints is not None:
            _serve(app, endpoints.router)
    for router in (system.router, system.jobs_router, files.router):
        _serve(app, router)
    app.router.routes.append(docs.route)
    # Routes are tried one after the other, two microseconds or three each: those that are asked most stand
    # first.
    rank = {path: number for number, path in enumerate(POLLED)}
    app.router.routes.sort(key=lambda route: rank.get(getattr(route, "path", ""), len(rank)))
    app.openapi = lambda: describe(app, settings)  # type: ignore[method-assign] # FastAPI's documented way
    return app


def _serve(app: FastAPI, router: APIRouter) -> None:
    for route in router.routes:
        if isinstance(route, APIRoute) and not isinstance(route, JsonRoute):
            raise TypeError(f"{route.path} must come from room_router(): it reads JSON strictly")
    # The routes themselves, not include_router(): that matches every route of a router twice.
    app.router.routes.extend(router.routes)
