"""HTTP of the storyboards family: ``/api/v2…``, and the film under ``/data/videos/…``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any, Final

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import Depends, FastAPI, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from videocraft.apis.border import facts_of
from videocraft.apis.chores import every
from videocraft.apis.downloads import StoredObject, file_response
from videocraft.apis.routing import room_router
from videocraft.apis.storyboards import downloads, exports, films, polling, refining, service
from videocraft.apis.storyboards.eviction import evict
from videocraft.apis.storyboards.render import RENDERER
from videocraft.apis.storyboards.schemas import (
    MAX_SCENES,
    Description,
    ExportFormat,
    ExportQuality,
    ImagePrompt,
    Metadata,
    NewStoryboard,
    StoryboardJob,
)
from videocraft.core import json
from videocraft.core.auth import Caller, require_key
from videocraft.core.storage import ObjectInfo
from videocraft.errors import NotFound, Unavailable
from videocraft.services import Services

TIDY_SECONDS: Final = 600.0
"""How often exports and half-fetched downloads are looked through."""

WAITERS: Final = 128
"""Requests that may wait for a picture or an export at once, each with a thread of its own; further ones
queue. Other requests do not share these threads."""

EXPORT_PATIENCE_SECONDS: Final = 1800.0
_LOOK_SECONDS: Final = 5.0
"""How often a client that waits for an export is looked after: whether it is still there."""

_MEANINGS: Final = {
    400: "Not in the state in which this can be done, or the parameters make no sense",
    401: "No key, or not a valid one",
    403: "The job belongs to another key",
    404: "There is no such job, scene or film",
    409: "Something is going on with the job that must end first",
    416: "The asked range lies outside the file",
    422: "A parameter or the body has the wrong shape",
    429: "The job has had all its refinements",
    503: "Something that the server needs can't be reached now",
}
_FILE: Final = {
    "content": {
        kind: {"schema": {"type": "string", "format": "binary"}} for kind in exports.CONTENT_TYPES.values()
    }
}
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
_key = require_key("storyboards")
_Caller = Annotated[Caller, Depends(_key)]

router = room_router(RENDERER, tag="storyboards")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What the room needs beside requests: threads for those who wait, and the tidying up of exports."""
    app.state.storyboard_waiters = CapacityLimiter(WAITERS)
    async with every(TIDY_SECONDS, partial(_tidy, app.state.services), "tidying up exports"):
        yield


def _tidy(services: Services) -> None:
    evict(services.database, services.storage, services.settings)
    downloads.forget_old(services.database)


def _answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    described: dict[int | str, dict[str, Any]] = {
        status: {"model": RENDERER.model, "description": _MEANINGS[status]} for status in statuses
    }
    return {**described, "default": {"model": RENDERER.model, "description": "Any other error"}}


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def _request_id(request: Request) -> str:
    return facts_of(request.scope).request_id


@router.post(
    "/api/v2/generate",
    response_model=StoryboardJob,
    response_model_exclude_unset=True,
    responses=_answers(400, 401, 422, 503),
)
def generate(request: Request, wanted: NewStoryboard, caller: _Caller) -> dict[str, Any]:
    """Have a storyboard written and drawn; poll the job until it is `storyboard_ready`.

    Beyond the document: `narration` has its scenes spoken, with captions unless `captions` is false, and
    `music` puts an upload under the film, quieter while somebody speaks.
    """
    return service.generate(_services(request), wanted, caller.key_id, _request_id(request))


@router.get("/api/v2/jobs/{job_id}", response_model=StoryboardJob, responses=_answers(404, 422))
async def get_job(request: Request, job_id: int) -> Response:
    """How far a job is, and its storyboard."""
    services = _services(request)
    body = polling.show(services, job_id) or await run_in_threadpool(service.show, services, job_id)
    return Response(json.dumps(body), media_type="application/json")


@router.delete(
    "/api/v2/jobs/{job_id}",
    status_code=204,
    response_class=Response,
    dependencies=[Depends(_key)],
    responses=_answers(401, 403, 404, 422),
)
def delete_job(request: Request, job_id: int, caller: _Caller) -> Response:
    """Stop what is going on for a job, and remove it with its files."""
    service.delete(_services(request), job_id, caller.key_id)
    return Response(status_code=204)


@router.post(
    "/api/v2/jobs/{job_id}/cancel",
    response_model=StoryboardJob,
    response_model_exclude_unset=True,
    responses=_answers(401, 403, 404, 409, 422),
)
def cancel_job(request: Request, job_id: int, caller: _Caller) -> dict[str, Any]:
    """Stop the writing, drawing or rendering that is going on."""
    return service.cancel(_services(request), job_id, caller.key_id)


@router.post(
    "/api/v2/jobs/{job_id}/approve",
    response_model=StoryboardJob,
    response_model_exclude_unset=True,
    responses=_answers(400, 401, 403, 404, 409, 422),
)
def approve(request: Request, job_id: int, caller: _Caller) -> dict[str, Any]:
    """Allow the storyboard to be rendered."""
    return service.approve(_services(request), job_id, caller.key_id)


@router.post(
    "/api/v2/jobs/{job_id}/render",
    response_model=StoryboardJob,
    response_model_exclude_unset=True,
    responses=_answers(400, 401, 403, 404, 409, 422, 503),
)
def render(request: Request, job_id: int, caller: _Caller) -> dict[str, Any]:
    """Have the approved storyboard made into a film; poll the job until it is `completed`."""
    return films.render(_services(request), job_id, caller.key_id, _request_id(request))


@router.post(
    "/api/v2/jobs/{job_id}/refine",
    response_model=StoryboardJob,
    response_model_exclude_unset=True,
    responses=_answers(400, 401, 403, 404, 409, 422, 429, 503),
)
async def refine(
    request: Request,
    job_id: int,
    *,
    caller: _Caller,
    scene_number: Annotated[int, Query()],
    new_image_prompt: Annotated[ImagePrompt | None, Query()] = None,
    new_description: Annotated[Description | None, Query()] = None,
) -> dict[str, Any]:
    """Have a scene's picture drawn anew, change its description, or both; answered when it is done.

    The storyboard has to be approved again afterwards. A job can be refined five times.
    """
    wanted = refining.Refinement(scene_number, new_image_prompt, new_description)
    services = _services(request)
    core_job = await run_in_threadpool(
        refining.begin, services, job_id, caller.key_id, wanted, _request_id(request)
    )
    limiter: CapacityLimiter = request.app.state.storyboard_waiters
    return await to_thread.run_sync(refining.finish, services, job_id, core_job, limiter=limiter)


@router.post(
    "/api/v2/jobs/{job_id}/reorder",
    response_model=StoryboardJob,
    response_model_exclude_unset=True,
    responses=_answers(400, 401, 403, 404, 409, 422),
)
def reorder(
    request: Request,
    job_id: int,
    caller: _Caller,
    scene_order: Annotated[list[int], Query(max_length=2 * MAX_SCENES)] = [],  # noqa: B006 - FastAPI copies it
) -> dict[str, Any]:
    """Give the scenes another order: today's numbers, one parameter each, as they are to follow each
    other."""
    return service.reorder(_services(request), job_id, caller.key_id, scene_order)


@router.get(
    "/api/v2/jobs/{job_id}/export",
    response_class=Response,
    responses={
        200: _FILE | {"description": "The film in this format and size"},
        206: _FILE | {"description": "The asked range of it"},
        **_answers(400, 401, 403, 404, 416, 422, 503),
    },
)
async def export(
    request: Request,
    job_id: int,
    caller: _Caller,
    format: ExportFormat = "mp4",  # noqa: A002 - the contract's name
    quality: ExportQuality = "medium",
) -> Response:
    """The finished film in another format and size. The first who asks waits until it is made."""
    services = _services(request)

    def send(found: ObjectInfo) -> Response:
        name, kind = f"video_{job_id}.{format}", exports.CONTENT_TYPES[format]
        return downloads.send(request, job_id, found, filename=name, content_type=kind, owner=caller.key_id)

    def begin() -> Response | exports.Wanted:
        ready = exports.find(services, job_id, caller.key_id, container=format, quality=quality)
        if ready is not None:
            return send(ready)
        wanted = exports.begin(
            services,
            job_id,
            caller.key_id,
            container=format,
            quality=quality,
            request_id=_request_id(request),
        )
        found = exports.look(services, wanted, 0) if wanted.core_job is None else None
        return wanted if found is None else send(found)

    # One thread for what is there already: it is sent within milliseconds.
    begun = await run_in_threadpool(begin)
    if isinstance(begun, Response):
        return begun
    limiter: CapacityLimiter = request.app.state.storyboard_waiters
    for _ in range(int(EXPORT_PATIENCE_SECONDS / _LOOK_SECONDS)):
        made = await to_thread.run_sync(exports.look, services, begun, _LOOK_SECONDS, limiter=limiter)
        if made is not None:
            return await run_in_threadpool(send, made)
        if await request.is_disconnected():
            break
    raise Unavailable(
        "The export is still being made. Ask again later.", headers={"Retry-After": str(int(_LOOK_SECONDS))}
    )


@router.get("/api/v2/jobs/{job_id}/metadata", response_model=Metadata, responses=_answers(404, 422))
def metadata(request: Request, job_id: int) -> dict[str, Any]:
    """Everything that is known about a job: scenes, costs, counts and the film."""
    return service.metadata(_services(request), job_id)


@router.get(
    "/api/v2/jobs/{job_id}/scenes/{scene_number}/image",
    response_class=Response,
    responses={
        200: {"description": "The picture", "content": {"image/png": {}}},
        **_answers(404, 416, 422),
    },
)
def scene_image(request: Request, job_id: int, scene_number: int) -> Response:
    """A scene's picture; `image_url` leads here."""
    services = _services(request)
    info = service.picture(services, job_id, scene_number)
    name = f"scene_{job_id}_{scene_number}.png"
    try:
        return file_response(request, StoredObject(services.storage, info), name, "image/png", inline=True)
    except FileNotFoundError:
        raise NotFound("This scene has no picture") from None


@router.get(
    "/api/v2/jobs/{job_id}/scenes/{scene_number}/speech",
    response_class=Response,
    responses={
        200: {"description": "The scene's narration", "content": {"audio/wav": {}}},
        **_answers(404, 416, 422),
    },
)
def scene_speech(request: Request, job_id: int, scene_number: int) -> Response:
    """What is spoken in a scene; `narration.url` leads here."""
    services = _services(request)
    info = service.speech(services, job_id, scene_number)
    name = f"scene_{job_id}_{scene_number}.wav"
    try:
        return file_response(request, StoredObject(services.storage, info), name, "audio/wav", inline=True)
    except FileNotFoundError:
        raise NotFound("This scene is not spoken") from None


@router.get(
    "/api/v2/jobs/{job_id}/video",
    response_class=Response,
    responses={200: _FILE | {"description": "The film"}, **_answers(404, 416, 422)},
)
@router.get("/data/videos/{job_id}/final.mp4", response_class=Response, include_in_schema=False)
def video(request: Request, job_id: int) -> Response:
    """The finished film, for anybody; ranges, `ETag` and `HEAD` work as for any file."""
    info = films.find_film(_services(request), job_id)
    return downloads.send(request, job_id, info, filename=f"video_{job_id}.mp4", content_type="video/mp4")
