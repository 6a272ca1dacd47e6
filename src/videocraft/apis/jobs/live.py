"""``/ws/jobs/{id}``: the job object over a WebSocket, at once and then at every change."""

from __future__ import annotations

import contextlib
from functools import partial

import anyio
from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from videocraft.apis.hub import Hub, Listener
from videocraft.apis.jobs.service import FAMILY, show
from videocraft.core import json
from videocraft.core.auth import require_key
from videocraft.core.jobs.transitions import stream_of
from videocraft.errors import NotFound
from videocraft.services import Services

NORMAL_CLOSURE = 1000

router = APIRouter()


@router.websocket("/ws/jobs/{job_id}")
async def job_changes(websocket: WebSocket, job_id: str) -> None:
    """The job as `GET /jobs/{id}` shows it, now and whenever it has changed; closed when it has ended."""
    services: Services = websocket.app.state.services
    hub: Hub = websocket.app.state.jobs_hub
    await require_key(FAMILY)(websocket)
    await run_in_threadpool(show, services, job_id)  # unknown jobs are refused before the handshake
    with hub.listening(stream_of(job_id)) as listener:
        await websocket.accept()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_until_closed, websocket, tasks.cancel_scope)
            # A client that goes away while it is written to is no error.
            with contextlib.suppress(WebSocketDisconnect):
                await _send_changes(websocket, services, job_id, listener)
            tasks.cancel_scope.cancel()


async def _until_closed(websocket: WebSocket, everything: anyio.CancelScope) -> None:
    # Clients have nothing to say; what they send is read so that their closing is noticed.
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
    everything.cancel()


async def _send_changes(websocket: WebSocket, services: Services, job_id: str, listener: Listener) -> None:
    """Every connection reads the row at its own pace: a slow one skips states, and costs nobody anything."""
    told = b""
    while True:
        listener.news.clear()
        try:
            body = await listener.read("job", partial(show, services, job_id))
        except NotFound:
            break
        text = json.dumps(body)
        if text != told:
            told = text
            await websocket.send_text(text.decode())
        if body["completed_at"] is not None:
            break
        await listener.news.wait()
    await websocket.close(NORMAL_CLOSURE, "The job has ended")
