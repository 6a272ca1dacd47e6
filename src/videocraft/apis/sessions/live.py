"""``/v2/sessions/{id}/events``: a session's events over a WebSocket, as they happen.

Every connection reads the stream from the database at its own pace and keeps no more than a number: so a
slow reader costs nobody anything, and a client that comes back misses nothing. One thread of the process
listens to the bell and tells connections that there may be something to read.
"""

from __future__ import annotations

import contextlib
import re
from functools import partial
from typing import Any

import anyio
from fastapi import APIRouter, WebSocket
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from videocraft.apis.hub import Hub, Listener
from videocraft.apis.sessions import tickets
from videocraft.apis.sessions.service import FAMILY, check_exists
from videocraft.apis.sessions.settling import settle
from videocraft.apis.sessions.status import facts_of, status_body
from videocraft.apis.sessions.stream import stream_of
from videocraft.core import events, json
from videocraft.core.auth import require_key
from videocraft.core.database.models import Asset, EventStream, RecordingSession
from videocraft.errors import InvalidInput, Unauthorized
from videocraft.services import Services

BATCH = 100
NORMAL_CLOSURE = 1000

_SEQ = re.compile(r"[0-9]{1,18}", re.ASCII)

router = APIRouter()


@router.websocket("/v2/sessions/{session_id}/events")
async def session_events(websocket: WebSocket, session_id: str) -> None:
    """The state of the session, then each event with its `seq`; `?since=SEQ` replays what came after it."""
    services: Services = websocket.app.state.services
    hub: Hub = websocket.app.state.session_hub
    await _let_in(websocket, services, session_id)
    since = _since(websocket.query_params.get("since"))
    with hub.listening(stream_of(session_id)) as listener:
        await websocket.accept()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_until_closed, websocket, tasks.cancel_scope)
            # A client that goes away while it is written to is no error.
            with contextlib.suppress(WebSocketDisconnect):
                await _send_events(websocket, services, session_id, since, listener)
            tasks.cancel_scope.cancel()


async def _let_in(websocket: WebSocket, services: Services, session_id: str) -> None:
    ticket = websocket.query_params.get("ticket")
    if ticket is None:
        await require_key(FAMILY)(websocket)
        await run_in_threadpool(check_exists, services, session_id)
    elif not await run_in_threadpool(tickets.use_up, services, session_id, ticket):
        raise Unauthorized("This ticket is unknown, used or expired", code="INVALID_TICKET")


def _since(text: str | None) -> int | None:
    if text is None:
        return None
    if not _SEQ.fullmatch(text):
        raise InvalidInput("since must be the seq of an event", details={"since": text[:100]})
    return int(text)


async def _until_closed(websocket: WebSocket, everything: anyio.CancelScope) -> None:
    # Clients have nothing to say; what they send is read so that their closing is noticed.
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
    everything.cancel()


async def _send_events(
    websocket: WebSocket, services: Services, session_id: str, since: int | None, listener: Listener
) -> None:
    state = await run_in_threadpool(_state, services, session_id)
    seq = 0
    if state is not None:
        seq = state["seq"] if since is None else min(since, state["seq"])
        await _send(websocket, state)
    while state is not None:
        listener.news.clear()
        found, is_there = await listener.read(seq, partial(_read, services, session_id, seq))
        for seq, text in found:  # noqa: B007 - where the next read goes on
            await websocket.send_text(text)
        if not is_there:
            break
        if len(found) < BATCH:
            await listener.news.wait()
    await _send(websocket, {"event": "session.deleted", "sessionId": session_id, "seq": seq})
    await websocket.close(NORMAL_CLOSURE, "The session was deleted")


def _state(services: Services, session_id: str) -> dict[str, Any] | None:
    settle(services, session_id)
    with services.database.read() as session:
        # The number first: what happens in between is in the state, and told once more.
        row = session.get(RecordingSession, session_id)
        seq = session.scalar(select(EventStream.last_seq).where(EventStream.name == stream_of(session_id)))
        if row is None:
            return None
        body = status_body(row, facts_of(session, [session_id])[session_id])
        cameras = select(Asset.id, Asset.camera_label, Asset.status).where(Asset.session_id == session_id)
        listed = [
            {"assetId": asset_id, "cameraLabel": label, "status": status}
            for asset_id, label, status in session.execute(cameras.order_by(Asset.camera_label))
        ]
    return {"event": "session.state", "seq": seq or 0, **body, "cameras": listed}


def _read(services: Services, session_id: str, seq: int) -> tuple[list[tuple[int, str]], bool]:
    """The next events, each as its number and what is sent, and whether the session is still there."""
    with services.database.read() as session:
        found = events.read_after(session, stream_of(session_id), seq, BATCH)
        is_there = bool(found) or session.get(RecordingSession, session_id) is not None
    return [
        (event.seq, _text({"event": event.type, **event.data, "seq": event.seq})) for event in found
    ], is_there


async def _send(websocket: WebSocket, message: dict[str, Any]) -> None:
    await websocket.send_text(_text(message))


def _text(message: dict[str, Any]) -> str:
    return json.dumps(message).decode()
