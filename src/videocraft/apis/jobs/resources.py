"""HTTP of the jobs family's resources: ``/assets…`` and ``/clips…``."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from videocraft.apis.jobs import clips, library, uploads
from videocraft.apis.jobs.render import RENDERER
from videocraft.apis.jobs.schemas import NewAsset, NewClip, NewVersion
from videocraft.apis.jobs.web import (
    FILE,
    JSON,
    Limit,
    Offset,
    Who,
    call,
    document,
    file,
    key,
    linked,
    services,
)
from videocraft.apis.openapi import takes
from videocraft.apis.routing import room_router

assets_router = room_router(RENDERER, tag="assets", prefix="/assets", dependencies=[Depends(key)])


async def create_asset(
    request: Request,
    caller: Who,
    filename: Annotated[str | None, Query(max_length=1024)] = None,
    project_id: Annotated[str | None, Query(max_length=128)] = None,
) -> Response:
    """Take in a recording.

    With a JSON body, `{"path": …}`, a file of the media root; any other body is the recording itself, and
    `filename` and `project_id` come with the query.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON:
        body = await document(request)
        return linked(request, await call(request, library.register, body, caller.key_id), 201)
    async with uploads.received(request, services(request).settings) as recording:
        made = await run_in_threadpool(
            library.take_in,
            services(request),
            recording,
            filename=filename or "recording",
            project_id=project_id,
            owner=caller.key_id,
        )
    return linked(request, made, 201)


def list_assets(
    request: Request,
    limit: Limit = 20,
    offset: Offset = 0,
    project_id: Annotated[str | None, Query(max_length=128)] = None,
) -> Response:
    """Assets of the library, newest first."""
    return linked(
        request, library.listing(services(request), limit=limit, offset=offset, project_id=project_id)
    )


_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD: Final = takes(NewAsset)
_UPLOAD["requestBody"]["content"]["application/octet-stream"] = _BINARY
for _path in ("", "/"):
    _shown = not _path
    assets_router.add_api_route(
        _path,
        create_asset,
        methods=["POST"],
        status_code=201,
        response_class=Response,
        responses=RENDERER.responses(401, 413, 422, 507),
        openapi_extra=_UPLOAD,
        include_in_schema=_shown,
    )
    assets_router.add_api_route(
        _path,
        list_assets,
        methods=["GET"],
        response_class=Response,
        responses=RENDERER.responses(401, 422),
        include_in_schema=_shown,
    )


@assets_router.get("/{asset_id}", responses=RENDERER.responses(401, 404))
async def get_asset(request: Request, asset_id: str) -> Response:
    """One asset, of the library or of a session."""
    return linked(request, await call(request, library.show, asset_id))


@assets_router.delete(
    "/{asset_id}", status_code=204, response_class=Response, responses=RENDERER.responses(401, 404, 409)
)
async def delete_asset(request: Request, asset_id: str) -> Response:
    """Remove an asset of the library with its files."""
    await call(request, library.delete, asset_id)
    return Response(status_code=204)


@assets_router.get("/{asset_id}/files/{name}", response_class=Response, responses=FILE)
async def get_asset_file(request: Request, asset_id: str, name: str) -> Response:
    """A derivative of an asset, or its `original`."""
    info, filename = await call(request, library.find_file, asset_id, name)
    return file(request, info, filename)


clips_router = room_router(RENDERER, tag="clips", prefix="/clips", dependencies=[Depends(key)])


async def create_clip(request: Request, caller: Who) -> Response:
    """Make a clip of a recording, with a first version."""
    return linked(request, await call(request, clips.create, await document(request), caller.key_id), 201)


def list_clips(
    request: Request,
    limit: Limit = 20,
    offset: Offset = 0,
    source_asset_id: Annotated[str | None, Query(max_length=64)] = None,
    job_id: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """Clips, newest first."""
    return linked(
        request,
        clips.listing(services(request), limit=limit, offset=offset, asset_id=source_asset_id, job_id=job_id),
    )


for _path in ("", "/"):
    _shown = not _path
    clips_router.add_api_route(
        _path,
        create_clip,
        methods=["POST"],
        status_code=201,
        response_class=Response,
        responses=RENDERER.responses(401, 422),
        openapi_extra=takes(NewClip),
        include_in_schema=_shown,
    )
    clips_router.add_api_route(
        _path,
        list_clips,
        methods=["GET"],
        response_class=Response,
        responses=RENDERER.responses(401, 422),
        include_in_schema=_shown,
    )


@clips_router.get("/{clip_id}", responses=RENDERER.responses(401, 404))
async def get_clip(request: Request, clip_id: str) -> Response:
    """One clip with its versions."""
    return linked(request, await call(request, clips.show, clip_id))


@clips_router.delete(
    "/{clip_id}", status_code=204, response_class=Response, responses=RENDERER.responses(401, 404, 409)
)
async def delete_clip(request: Request, clip_id: str) -> Response:
    """Remove a clip with its versions."""
    await call(request, clips.delete, clip_id)
    return Response(status_code=204)


@clips_router.post(
    "/{clip_id}/versions",
    status_code=201,
    openapi_extra=takes(NewVersion),
    responses=RENDERER.responses(401, 404, 422),
)
async def create_clip_version(request: Request, clip_id: str) -> Response:
    """Another version of a clip."""
    body = await document(request) if await request.body() else {}
    return linked(request, await call(request, clips.create_version, clip_id, body), 201)


@clips_router.get("/{clip_id}/versions/{version_id}", responses=RENDERER.responses(401, 404))
async def get_clip_version(request: Request, clip_id: str, version_id: str) -> Response:
    """One version of a clip."""
    return linked(request, await call(request, clips.show_version, clip_id, version_id))


@clips_router.get("/{clip_id}/versions/{version_id}/file", response_class=Response, responses=FILE)
async def get_clip_file(request: Request, clip_id: str, version_id: str) -> Response:
    """The file of a version that was rendered or exported."""
    info, filename = await call(request, clips.find_file, clip_id, version_id)
    return file(request, info, filename)
