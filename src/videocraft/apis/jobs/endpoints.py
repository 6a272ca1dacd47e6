"""HTTP of the jobs family: ``/jobs…`` (and ``/v1/jobs…``), ``/health/diagnostics``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, FastAPI, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from videocraft.apis.border import facts_of
from videocraft.apis.hub import open_hub
from videocraft.apis.jobs import live, polling, resources, service, uploads
from videocraft.apis.jobs.diagnostics import diagnose
from videocraft.apis.jobs.render import RENDERER
from videocraft.apis.jobs.schemas import JobStatus, JobType
from videocraft.apis.jobs.web import FILE, Limit, Offset, Who, answer, call, file, key, services
from videocraft.apis.routing import room_router
from videocraft.services import Services

MAX_PRIORITY: Final = 2**31 - 1


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What the room needs beside requests: the hub of its WebSockets, and no remains of old uploads."""
    opened: Services = app.state.services
    await run_in_threadpool(uploads.remove_forgotten, opened.settings)
    async with open_hub(opened) as hub:
        app.state.jobs_hub = hub
        yield


def create_job(
    request: Request,
    *,
    caller: Who,
    job_type: JobType,
    payload: Annotated[dict[str, Any], Body()],
    clip_version_id: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    priority: Annotated[int, Query(ge=-MAX_PRIORITY, le=MAX_PRIORITY)] = 0,
) -> Response:
    """Create and enqueue a job; the body is its payload.

    A recording is named by `source_asset_id`, `path` (in the media root) or `url`.

    - `ingest`: a recording, `project_id`, `transcript` (false), `language`
    - `transcribe`: a recording, `language`
    - `generate_clip`: a recording, `prompt`, `count` (3), `min_duration`, `max_duration` (60),
      `aspect_ratio` (`9:16`), `captions` (true, or how they look), `render` (make the files at once)
    - `render`: `clip_version_id`, or `timeline`: `{"segments": [{a recording | clip_id | clip_version_id |
      timeline, "start", "end"}], "output": {"format", "width", "height", "fps"}}`
    - `export`: a recording, `clip_id` or `clip_version_id`, `format` (`mp4`, `mov`, `webm`), `resolution`
      (`720p`: lines on the short side; `source`), `aspect_ratio`, `captions`, `loudness` (LUFS, `ebu_r128`,
      `atsc_a85`, `streaming`, `podcast`), `preset` (`youtube`, `shorts`, `reels`, `tiktok`, `square`,
      `podcast`)
    """
    body = service.create(
        services(request),
        job_type,
        payload,
        clip_version_id=clip_version_id,
        priority=priority,
        owner=caller.key_id,
        request_id=facts_of(request.scope).request_id,
    )
    return answer(body, 202)


def list_jobs(
    request: Request,
    *,
    status: JobStatus | None = None,
    job_type: JobType | None = None,
    clip_version_id: Annotated[str | None, Query(max_length=64)] = None,
    limit: Limit = 20,
    offset: Offset = 0,
) -> Response:
    """Jobs, newest first."""
    return answer(
        service.listing(
            services(request),
            limit=limit,
            offset=offset,
            status=status,
            job_type=job_type,
            clip_version_id=clip_version_id,
        ),
    )


async def get_job(request: Request, job_id: str) -> Response:
    """A job as it is now."""
    body = polling.show(services(request), job_id)
    return answer(body or await call(request, service.show, job_id))


async def cancel_job(request: Request, job_id: str) -> Response:
    """Stop a job that has not ended."""
    return answer(await call(request, service.cancel, job_id))


async def get_job_file(request: Request, job_id: str, name: str) -> Response:
    """A file that a completed job has made."""
    return file(request, await call(request, service.find_file, job_id, name), name)


def _jobs_router(prefix: str, *, in_schema: bool) -> APIRouter:
    """The same routes at another place; documented once."""
    made = room_router(RENDERER, tag="jobs", prefix=prefix, dependencies=[Depends(key)])
    for path in ("/", ""):
        shown = in_schema and path == "/"
        made.add_api_route(
            path,
            create_job,
            methods=["POST"],
            status_code=202,
            response_class=Response,
            responses=RENDERER.responses(401, 422, 503),
            include_in_schema=shown,
        )
        made.add_api_route(
            path,
            list_jobs,
            methods=["GET"],
            response_class=Response,
            responses=RENDERER.responses(401, 422),
            include_in_schema=shown,
        )
    for path, endpoint, method, responses in (
        ("/{job_id}", get_job, "GET", RENDERER.responses(401, 404)),
        ("/{job_id}/cancel", cancel_job, "POST", RENDERER.responses(401, 404, 409)),
        ("/{job_id}/files/{name}", get_job_file, "GET", {**FILE, **RENDERER.responses(401)}),
    ):
        made.add_api_route(
            path,
            endpoint,
            methods=[method],
            response_class=Response,
            responses=responses,
            include_in_schema=in_schema,
        )
    return made


health = room_router(RENDERER, tag="health")


@health.get("/health/diagnostics")
async def diagnostics(request: Request) -> Response:
    """The server, and whether its queue can be reached."""
    return answer(await call(request, diagnose))


router = room_router(RENDERER, tag="jobs")
# WebSockets ask for the key themselves, the health route for none.
for _part in (
    _jobs_router("/jobs", in_schema=True),
    _jobs_router("/v1/jobs", in_schema=False),
    resources.assets_router,
    resources.clips_router,
    health,
    live.router,
):
    router.routes.extend(_part.routes)
