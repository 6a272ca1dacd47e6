"""HTTP of the exports family: ``/api/export…``."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from videocraft.apis.border import facts_of
from videocraft.apis.downloads import file_response
from videocraft.apis.exports import service
from videocraft.apis.exports.render import RENDERER
from videocraft.apis.exports.schemas import (
    ExportCancelled,
    ExportConfig,
    ExportCreated,
    ExportStatus,
    is_export_id,
)
from videocraft.apis.exports.status import encode, read_status
from videocraft.apis.openapi import takes
from videocraft.apis.routing import room_router
from videocraft.core.auth import require_key
from videocraft.core.database.polled import is_quick
from videocraft.errors import NotFound
from videocraft.services import Services

router = room_router(RENDERER, tag="exports", prefix="/api/export")
router.dependencies.append(Depends(require_key("exports")))

_JSON: Final = "application/json"
_ERRORS: Final = {
    400: "The config is wrong (`Invalid config: …`), or a source is not there (`Source file not found: …`)",
    401: "A key is required (the server listens beyond this machine) and is missing or wrong",
    404: "There is no such export",
    409: "The id belongs to an export with another config",
    413: "The body is too large",
    416: "The asked range lies outside the file",
    500: "A bug of the server",
    503: "Something that the server needs can't be reached now",
    507: "The disk can't hold what the export needs",
}


def _answers(*statuses: int, **successes: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    described: dict[int | str, dict[str, Any]] = {
        int(name.removeprefix("ok")): answer for name, answer in successes.items()
    }
    for status in (*statuses, 401, 500):
        described[status] = {"model": RENDERER.model, "description": _ERRORS[status]}
    described["default"] = {"model": RENDERER.model, "description": "Any other error"}
    return described


@router.post(
    "",
    summary="Submit an export",
    responses=_answers(
        400, 409, 413, 503, 507, ok200={"model": ExportCreated, "description": "Queued, or known already"}
    ),
    openapi_extra=takes(ExportConfig),
)
async def submit_export(request: Request) -> Response:
    """Check the config and its sources and queue the export.

    The same `id` with the same config is the same export, however often it is sent. The body is read as JSON
    whatever its `Content-Type` says: browsers send a string as `text/plain`.
    """
    services: Services = request.app.state.services
    body = await request.body()
    export_id = await run_in_threadpool(
        service.create, services, body, request_id=facts_of(request.scope).request_id
    )
    return _json({"jobId": export_id, "status": "pending", "message": "Export job created"})


@router.get(
    "/{job_id}/status",
    summary="State and progress of an export",
    responses=_answers(
        404, ok200={"model": ExportStatus, "description": "The state; `progress` never goes back"}
    ),
)
async def export_status(request: Request, job_id: str) -> Response:
    """Poll an export. `downloadUrl` comes with `completed`, `error` with `failed`."""
    database = request.app.state.services.database
    body = None
    if is_export_id(job_id):
        if is_quick(database):
            body = read_status(database, job_id)
        else:
            body = await run_in_threadpool(read_status, database, job_id)
    if body is None:
        raise NotFound("Export not found")
    return Response(encode(body), media_type=_JSON)


_FILE: Final = {
    "content": {
        kind: {"schema": {"type": "string", "format": "binary"}} for kind in service.MEDIA_TYPES.values()
    }
}


@router.get(
    "/{job_id}/download",
    summary="The finished file",
    response_class=Response,
    responses=_answers(
        404,
        416,
        ok200=_FILE | {"description": "The whole file, named after the project"},
        ok206=_FILE | {"description": "The asked range of it"},
        ok304={"description": "The file is the one that the client has"},
    ),
)
def download_export(request: Request, job_id: str) -> Response:
    """Download a completed export; ranges, `ETag` and `HEAD` work as for any file."""
    found = service.find_download(request.app.state.services, job_id)
    try:
        return file_response(request, found.source, found.filename, found.content_type)
    except FileNotFoundError:  # deleted since the line above
        raise NotFound(service.NO_DOWNLOAD) from None


@router.delete(
    "/{job_id}",
    summary="Cancel an export, or clean up a finished one",
    responses=_answers(404, 503, ok200={"model": ExportCancelled, "description": "Nothing of it is left"}),
)
def delete_export(request: Request, job_id: str) -> Response:
    """Stop the work if there is any, and remove every file and row of the export. Its id is free then."""
    service.delete(request.app.state.services, job_id)
    return _json({"jobId": job_id, "status": "cancelled", "message": "Export cancelled and files cleaned up"})


def _json(body: dict[str, Any]) -> Response:
    return Response(encode(body), media_type=_JSON)
