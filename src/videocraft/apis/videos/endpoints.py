"""HTTP of the videos family: ``/api/v1/…``, ``/health/detailed`` and ``/metrics``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final, Literal

import structlog
from fastapi import Depends, FastAPI, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from videocraft.apis.border import facts_of
from videocraft.apis.chores import every
from videocraft.apis.downloads import StoredObject, file_response
from videocraft.apis.openapi import json_body
from videocraft.apis.routing import room_router
from videocraft.apis.videos import (
    health,
    library,
    recaption,
    service,
    status,
    telling,
    uploads,
    wire,
)
from videocraft.apis.videos.access import Gate
from videocraft.apis.videos.render import RENDERER
from videocraft.core import idempotency, json, metrics
from videocraft.core.auth import Caller, RequireKey
from videocraft.core.auth.csrf import CsrfTokens
from videocraft.core.auth.rate_limit import limiter_for
from videocraft.core.database.polled import is_quick
from videocraft.errors import NotFound
from videocraft.services import Services

_JSON: Final = "application/json"
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
_gate = Gate("videos")
_polling_gate = Gate("videos", is_polled=True)
_Caller = Annotated[Caller, Depends(_gate)]
_Status = Annotated[Literal["all", "pending", "processing", "completed", "failed", "cancelled"], Query()]
_Limit = Annotated[int, Query(ge=1, le=100)]
_Offset = Annotated[int, Query(ge=0, le=2**53)]

router = room_router(RENDERER, tag="videos", prefix="/api/v1", dependencies=[Depends(_gate)])
polled = room_router(RENDERER, tag="videos", prefix="/api/v1", dependencies=[Depends(_polling_gate)])
tokens = room_router(RENDERER, tag="videos", prefix="/api/v1")
operation = room_router(RENDERER, tag="health")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What the room needs beside requests: tokens, limits, readings, webhooks, and the counts of requests."""
    services: Services = app.state.services
    app.state.csrf_tokens = CsrfTokens(services.secret)
    app.state.limiter = limiter_for(services.database)
    app.state.monitor = await run_in_threadpool(health.Monitor, services)
    teller = await run_in_threadpool(telling.Teller, services)
    await run_in_threadpool(uploads.clear_leftovers, services)
    flush = partial(app.state.request_counts.flush, services.database)
    async with every(metrics.FLUSH_SECONDS, flush, "writing the counts of requests", at_end=True):
        teller.start()
        try:
            yield
        finally:
            await run_in_threadpool(teller.stop)


async def _call(request: Request, use_case: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    services: Services = request.app.state.services
    return await run_in_threadpool(use_case, services, *arguments, **named)


def _named(status: str) -> str | None:
    """The one status that is asked for, if one is."""
    return None if status == "all" else status


def _answer(body: Any, status_code: int = 200) -> Response:
    return Response(json.dumps(body), status_code, media_type=_JSON)


def _request_id(request: Request) -> str:
    return facts_of(request.scope).request_id


def _data(request: Request, data: Any, status_code: int = 200) -> Response:
    body = {"success": True, "data": data, "request_id": _request_id(request)}
    return _answer(body, status_code)


def _owner(caller: Caller) -> str:
    return caller.key_id or caller.name


def _from(request: Request, caller: Caller) -> service.Request:
    key = idempotency.check_key(request.headers.get(idempotency.HEADER))
    return service.Request(_owner(caller), _request_id(request), key)


@router.post(
    "/generate-video",
    status_code=202,
    openapi_extra=json_body(wire.PROJECT),
    responses=wire.answers(wire.CREATED, 400, 403, 413, 422, 429, 503, status=202),
)
async def generate_video(
    request: Request, caller: _Caller, dry_run: Annotated[bool, Query()] = False
) -> Response:
    """Make a film of scenes.

    An `Idempotency-Key` makes it safe to send again; `?dry_run=true` answers the plan without making
    anything.
    """
    document = json.loads(await request.body())
    code, body = await _call(request, service.create, document, _from(request, caller), is_dry_run=dry_run)
    return _answer(body, code)


@router.get("/videos", responses=wire.answers(wire.VIDEOS, 400, 429))
async def list_videos(  # noqa: PLR0917 - FastAPI calls it, by name
    request: Request,
    limit: _Limit = 20,
    offset: _Offset = 0,
    status: _Status = "all",
    created_after: Annotated[datetime | None, Query()] = None,
    created_before: Annotated[datetime | None, Query()] = None,
) -> Response:
    """Finished films, newest first."""
    found = await _call(
        request,
        library.listing,
        status=_named(status),
        created_after=_seconds(created_after),
        created_before=_seconds(created_before),
        limit=limit,
        offset=offset,
    )
    return _data(request, found)


def _seconds(moment: datetime | None) -> float | None:
    if moment is None:
        return None
    # A time without a zone is UTC, as all times here are.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


@router.get("/videos/{video_id}", responses=wire.answers(wire.VIDEO, 404, 429))
async def get_video(request: Request, video_id: str) -> Response:
    """One film with everything about it."""
    return _data(request, await _call(request, library.show, video_id))


@router.get("/videos/{video_id}/download", response_class=Response, responses=wire.file("video/mp4"))
def download_video(request: Request, video_id: str) -> Response:
    """The film as a file; ranges, `ETag` and `HEAD` work as for any file."""
    return _file(request, video_id, library.FILM, "video/mp4")


@router.get("/videos/{video_id}/preview", response_class=Response, responses=wire.file("video/mp4"))
def preview_video(request: Request, video_id: str) -> Response:
    """A small version of the film, to be shown in the browser."""
    return _file(request, video_id, library.PREVIEW, "video/mp4", inline=True)


@router.get("/videos/{video_id}/thumbnail", response_class=Response, responses=wire.file("image/jpeg"))
def thumbnail(request: Request, video_id: str) -> Response:
    """A picture of the film."""
    return _file(request, video_id, library.THUMBNAIL, "image/jpeg", inline=True)


@router.get(
    "/videos/{video_id}/subtitles.{format}",
    response_class=Response,
    responses=wire.file("application/x-subrip", "text/vtt", "text/x-ssa", "application/json"),
)
def subtitles(
    request: Request,
    video_id: str,
    format: str,  # noqa: A002 -- the path's word
) -> Response:
    """The captions as `srt`, `vtt`, `ass` or `json` (words with their times)."""
    if format not in library.CAPTION_TYPES:
        raise NotFound("Not Found")
    return _file(request, video_id, f"captions.{format}", library.CAPTION_TYPES[format])


def _file(request: Request, video_id: str, name: str, content_type: str, *, inline: bool = False) -> Response:
    services: Services = request.app.state.services
    found = library.find_file(services, video_id, name)
    try:
        stored = StoredObject(services.storage, found.info)
        return file_response(request, stored, found.filename, content_type, inline=inline)
    except FileNotFoundError:  # deleted since the line above
        raise library.no_video() from None


@router.post(
    "/videos/{video_id}/subtitles",
    status_code=202,
    openapi_extra=json_body(wire.RECAPTION),
    responses=wire.answers(wire.CREATED, 400, 403, 404, 413, 422, 429, 503, status=202),
)
async def post_subtitles(request: Request, video_id: str, caller: _Caller) -> Response:
    """Caption the film again: other words, or another look."""
    document = json.loads(await request.body())
    body = await _call(request, recaption.recaption, video_id, document, _from(request, caller))
    return _answer(body, 202)


@router.delete("/videos/{video_id}", responses=wire.answers(wire.DELETED, 403, 404, 429))
async def delete_video(request: Request, video_id: str) -> Response:
    """Delete a film with its files."""
    await _call(request, library.delete, video_id)
    body = {"success": True, "message": "Video deleted successfully", "request_id": _request_id(request)}
    return _answer(body)


@router.get("/jobs", responses=wire.answers(wire.JOBS, 400, 429))
async def list_jobs(
    request: Request,
    status: _Status = "all",
    limit: _Limit = 20,
    offset: _Offset = 0,
) -> Response:
    """Jobs, newest first."""
    return _answer(await _call(request, service.listing, status=_named(status), limit=limit, offset=offset))


@router.get("/jobs/{job_id}", responses=wire.answers(wire.JOB, 404, 429))
async def get_job(request: Request, job_id: str) -> Response:
    """One job: what was asked, and every step so far."""
    return _answer(await _call(request, service.show, job_id))


@polled.get("/jobs/{job_id}/status", responses=wire.answers(wire.JOB_STATUS, 404, 429))
async def get_job_status(request: Request, job_id: str) -> Response:
    """How far a job is; made for polling, with a limit of its own."""
    database = request.app.state.services.database
    body = None
    if service.is_id(job_id):
        if is_quick(database):
            body = status.read_status(database, job_id)
        else:
            body = await run_in_threadpool(status.read_status, database, job_id)
    if body is None:
        raise service.no_job()
    return _answer(body)


@router.post("/jobs/{job_id}/cancel", responses=wire.answers(wire.CANCELLED, 403, 404, 409, 429))
async def cancel_job(request: Request, job_id: str) -> Response:
    """Stop a job; what it has started is gone within two seconds."""
    return _answer(await _call(request, service.cancel, job_id))


@router.get("/jobs/{job_id}/webhooks", responses=wire.answers(wire.ANY, 404, 429))
async def job_webhooks(request: Request, job_id: str) -> Response:
    """Every try to tell the job's `webhook_url` of its end."""
    return _data(request, await _call(request, telling.log_of, job_id))


@router.get("/webhooks/secret", responses=wire.answers(wire.ANY, 429))
async def webhook_secret(request: Request) -> Response:
    """What webhooks are signed with: HMAC-SHA256 over `{timestamp}.{body}`."""
    return _data(request, {"secret": await _call(request, telling.secret_of)})


@router.post(
    "/uploads",
    status_code=201,
    openapi_extra=wire.upload_body(),
    responses=wire.answers(wire.ANY, 400, 403, 413, 415, 429, 507, status=201),
)
async def upload(request: Request, caller: _Caller) -> Response:
    """Send a file to be used as `upload:ID`: as the whole body, or as the file of a form."""
    services: Services = request.app.state.services
    return _data(request, await uploads.receive(services, request, _owner(caller)), 201)


@router.get("/uploads", responses=wire.answers(wire.ANY, 400, 429))
async def list_uploads(
    request: Request, caller: _Caller, limit: _Limit = 20, offset: _Offset = 0
) -> Response:
    """The files that were sent with this key, newest first."""
    found = await _call(request, uploads.listing, _owner(caller), limit=limit, offset=offset)
    return _data(request, found)


@router.get("/uploads/{upload_id}", responses=wire.answers(wire.ANY, 404, 429))
async def get_upload(request: Request, upload_id: str, caller: _Caller) -> Response:
    """One file that was sent."""
    return _data(request, await _call(request, uploads.show, upload_id, _owner(caller)))


@router.delete("/uploads/{upload_id}", responses=wire.answers(wire.DELETED, 403, 404, 429))
async def delete_upload(request: Request, upload_id: str, caller: _Caller) -> Response:
    """Delete a file that was sent."""
    await _call(request, uploads.delete, upload_id, _owner(caller))
    body = {"success": True, "message": "Upload deleted successfully", "request_id": _request_id(request)}
    return _answer(body)


@tokens.get("/csrf-token", responses=wire.answers(wire.CSRF))
async def csrf_token(request: Request) -> Response:
    """A token for the header `X-CSRF-Token` of every change; valid for one hour."""
    token = request.app.state.csrf_tokens.issue()
    data = {"csrf_token": token.value, "expires_at": status.timestamp(token.expires_at)}
    return _answer({"success": True, "data": data})


@operation.get(
    "/health/detailed",
    responses=wire.answers(wire.HEALTH),
    dependencies=[Depends(RequireKey("videos"))],
)
@operation.get(
    "/api/v1/health/detailed",
    responses=wire.answers(wire.HEALTH),
    dependencies=[Depends(RequireKey("videos"))],
    operation_id="detailed_health_v1",
)
async def detailed_health(request: Request) -> Response:
    """The parts of the server and its machine, measured now."""
    monitor: health.Monitor = request.app.state.monitor
    return _answer({"success": True, "data": await run_in_threadpool(monitor.detailed)})


@operation.get("/metrics", response_class=Response, responses=wire.text(metrics.CONTENT_TYPE))
async def prometheus_metrics(request: Request) -> Response:
    """Metrics for Prometheus, of all processes together."""
    text = await run_in_threadpool(_scrape, request.app)
    return Response(text, headers={"Content-Type": metrics.CONTENT_TYPE})


def _scrape(app: FastAPI) -> bytes:
    database = app.state.services.database
    app.state.request_counts.flush(database)
    return metrics.scrape(database, status.FAMILY)


# Routes are tried one after the other: the one that is asked most stands first.
router.routes[:0] = polled.routes
router.routes.extend([*tokens.routes, *operation.routes])
