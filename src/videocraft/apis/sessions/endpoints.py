"""HTTP of the sessions family: ``/v2/sessions…`` and ``/v2/storage…``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from videocraft.apis.border import facts_of
from videocraft.apis.chores import every
from videocraft.apis.filenames import content_disposition
from videocraft.apis.hub import open_hub
from videocraft.apis.openapi import takes
from videocraft.apis.routing import room_router
from videocraft.apis.sessions import (
    assets,
    handover,
    live,
    parts,
    polling,
    review,
    schemas,
    service,
    syncs,
    tickets,
    uploads,
)
from videocraft.apis.sessions.render import RENDERER
from videocraft.apis.sessions.settling import settle
from videocraft.core import json
from videocraft.core.auth import Caller, require_key
from videocraft.services import Services

SWEEP_SECONDS = 600.0
"""How often unfinished uploads are looked through."""

_JSON: Final = "application/json"
_MEANINGS: Final = {
    400: "The request makes no sense; `details` say why",
    401: "No key, or not a valid one",
    404: "There is no such session, asset or sync",
    409: "Not in the state in which this can be done",
    507: "There is no room for it",
}
_key = require_key("sessions")

router = room_router(RENDERER, tag="sessions", prefix="/v2/sessions", dependencies=[Depends(_key)])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What the room needs beside requests: the hub of its events, and the sweeping up of uploads."""
    services: Services = app.state.services
    sweeping = every(SWEEP_SECONDS, partial(uploads.sweep, services), "sweeping up uploads")
    async with open_hub(services, partial(settle, services)) as hub, sweeping:
        app.state.session_hub = hub
        yield


def _answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    described: dict[int | str, dict[str, Any]] = {
        status: {"model": RENDERER.model, "description": _MEANINGS[status]} for status in (*statuses, 401)
    }
    return {**described, "default": {"model": RENDERER.model, "description": "Any other error"}}


async def _call(request: Request, use_case: Callable[..., Any], *arguments: Any) -> Any:
    services: Services = request.app.state.services
    return await run_in_threadpool(use_case, services, *arguments)


async def _document(request: Request) -> Any:
    return json.loads(await request.body())


def _answer(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type=_JSON)


def _request_id(request: Request) -> str:
    return facts_of(request.scope).request_id


@router.post("", status_code=201, openapi_extra=takes(schemas.NewSession), responses=_answers(400))
async def create_session(request: Request, caller: Annotated[Caller, Depends(_key)]) -> Response:
    """Make a recording session."""
    document = await _document(request)
    return _answer(await _call(request, service.create, document, caller.key_id), 201)


@router.get("", responses=_answers(400))
def list_sessions(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=2**53)] = 0,
    project_id: Annotated[str | None, Query(alias="projectId", max_length=128)] = None,
) -> Response:
    """Sessions, newest first."""
    services: Services = request.app.state.services
    return _answer(service.listing(services, limit=limit, offset=offset, project_id=project_id))


@router.get("/{session_id}", responses=_answers(404))
async def get_session(request: Request, session_id: str) -> Response:
    """One session."""
    return _answer(await _call(request, service.show, session_id))


@router.delete("/{session_id}", status_code=204, response_class=Response, responses=_answers(404))
async def delete_session(request: Request, session_id: str) -> Response:
    """Stop what is going on for a session, and remove it with its files."""
    await _call(request, service.delete, session_id)
    return Response(status_code=204)


@router.get("/{session_id}/status", responses=_answers(404))
async def session_status(request: Request, session_id: str) -> Response:
    """How far a session is."""
    body = polling.status(request.app.state.services, session_id)
    return _answer(body or await _call(request, service.status, session_id))


@router.post(
    "/{session_id}/assets/init-upload",
    openapi_extra=takes(schemas.NewUpload),
    responses=_answers(400, 404, 409, 507),
)
async def init_upload(request: Request, session_id: str) -> Response:
    """Begin the upload of a camera's recording: PUT each part to its URL, then complete it."""
    return _answer(await _call(request, uploads.begin, session_id, await _document(request)))


@router.get("/{session_id}/assets/{asset_id}/upload", responses=_answers(404, 409))
async def resume_upload(request: Request, session_id: str, asset_id: str) -> Response:
    """The parts that have come in, and fresh URLs."""
    return _answer(await _call(request, uploads.resume, session_id, asset_id))


@router.delete("/{session_id}/assets/{asset_id}/upload", responses=_answers(404, 409))
async def abort_upload(request: Request, session_id: str, asset_id: str) -> Response:
    """Give up an upload, or a recording that could not be ingested; its camera is free again."""
    return _answer(await _call(request, uploads.abort, session_id, asset_id))


@router.post(
    "/{session_id}/assets/{asset_id}/complete",
    openapi_extra=takes(schemas.FinishedUpload),
    responses=_answers(400, 404, 409, 507),
)
async def complete_upload(request: Request, session_id: str, asset_id: str) -> Response:
    """Join the parts and begin the ingestion."""
    document = await _document(request)
    request_id = _request_id(request)
    return _answer(await _call(request, uploads.complete, session_id, asset_id, document, request_id))


@router.get("/{session_id}/assets", responses=_answers(400, 404))
def list_assets(
    request: Request,
    session_id: str,
    include_derivatives: Annotated[bool, Query(alias="includeDerivatives")] = False,
) -> Response:
    """The recordings of a session, by camera."""
    services: Services = request.app.state.services
    return _answer(assets.listing(services, session_id, include_derivatives=include_derivatives))


@router.get("/{session_id}/assets/{asset_id}", responses=_answers(404))
async def get_asset(request: Request, session_id: str, asset_id: str) -> Response:
    """One recording with its derivatives."""
    return _answer(await _call(request, assets.show, session_id, asset_id))


@router.post(
    "/{session_id}/sync/compute",
    status_code=202,
    openapi_extra=takes(schemas.SyncRequest),
    responses=_answers(400, 404, 409),
)
async def compute_sync(request: Request, session_id: str) -> Response:
    """Measure how the cameras lie in time."""
    # Every key has a default, so an empty body is as good as an empty object.
    document = await _document(request) if await request.body() else {}
    return _answer(await _call(request, syncs.compute, session_id, document, _request_id(request)), 202)


@router.get("/{session_id}/sync", responses=_answers(404))
async def get_sync(request: Request, session_id: str) -> Response:
    """What was measured, and what the operator made of it."""
    return _answer(await _call(request, syncs.show, session_id))


@router.get("/{session_id}/sync/peaks", responses=_answers(404))
async def get_peaks(request: Request, session_id: str) -> Response:
    """Correlation around each peak and the windows along the recordings, for drawing."""
    return _answer(await _call(request, syncs.peaks, session_id))


@router.post(
    "/{session_id}/sync/approve", openapi_extra=takes(schemas.Approval), responses=_answers(400, 404, 409)
)
async def approve_sync(request: Request, session_id: str) -> Response:
    """Take the measured offsets."""
    return _answer(await _call(request, review.approve, session_id, await _document(request)))


@router.post(
    "/{session_id}/sync/correct", openapi_extra=takes(schemas.Correction), responses=_answers(400, 404, 409)
)
async def correct_sync(request: Request, session_id: str) -> Response:
    """Take the operator's offsets; may be repeated."""
    return _answer(await _call(request, review.correct, session_id, await _document(request)))


@router.get("/{session_id}/sync/export", response_class=Response, responses=_answers(400, 404, 409))
async def export_sync(
    request: Request,
    session_id: str,
    format: str = "otio",  # noqa: A002 -- the API's word
) -> Response:
    """The synced cameras for an editor: `otio`, `edl` or `fcpxml`."""
    made = await _call(request, handover.editor_file, session_id, format)
    headers = {"Content-Disposition": content_disposition(made.filename)}
    return Response(made.content, media_type=made.content_type, headers=headers)


@router.get("/{session_id}/export-config", responses=_answers(404, 409))
async def get_export_config(request: Request, session_id: str) -> Response:
    """A config of the exports family over the synced cameras, ready to be posted."""
    return _answer(await _call(request, handover.export_config, session_id))


@router.post("/{session_id}/events/ticket", status_code=201, responses=_answers(404))
async def issue_ticket(request: Request, session_id: str) -> Response:
    """A ticket that opens the WebSocket `…/events?ticket=…` once, within a minute."""
    return _answer(await _call(request, tickets.issue, session_id), 201)


# These ask for no key of the room: a signed URL or a ticket is one.
router.routes.extend([*parts.router.routes, *live.router.routes])
