"""The outermost layer: what every request and every answer gets, errors and crashes included.

One pure ASGI layer and no more, because each costs every request: it finds the room, gives the request
its id, guards open families, meters the body, adds headers, writes the access line, and turns what
nobody caught into the family's 500.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, cast

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from videocraft import telemetry
from videocraft.apis import ROOMS, room_of
from videocraft.apis.bodies import BodyMeter
from videocraft.apis.errors import FALLBACK, INTERNAL_MESSAGE, Renderer
from videocraft.apis.guard import Guard
from videocraft.core import json
from videocraft.core.metrics import RequestCounts
from videocraft.errors import VideoCraftError
from videocraft.logs import access_logger, redact_query, redact_text
from videocraft.settings import Settings

SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
_NO_STORE = (b"cache-control", b"no-store")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_CLIENT_GONE = 499
_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(source="videocraft.http")
# Those who look after the server ask these all day long; they are no use of the API.
_UNCOUNTED = frozenset(
    {"/health", "/health/", "/health/detailed", "/api/v1/health/detailed", "/live", "/ready", "/metrics"}
)


@dataclass(slots=True)
class RequestFacts:
    """What is known about a request; lies in ``scope["videocraft"]``."""

    request_id: str
    room_name: str | None
    renderer: Renderer
    body: BodyMeter
    is_head: bool
    error_code: str | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Go with the answer, whatever it becomes; at first what each of the room's answers has."""


class Border:
    """The ASGI layer around everything else."""

    def __init__(self, app: ASGIApp, settings: Settings, counts: RequestCounts) -> None:
        self._app = app
        self._counts = counts
        self._guard = Guard.of(settings)
        self._open = settings.open_families
        self._max_body_bytes = settings.max_body_bytes
        # Bound once: the lazy logger of a module builds itself for every line.
        self._access_log = access_logger()
        self._settings = settings
        self._renderers = {room.name: room.renderer for room in ROOMS}
        self._standing = {room.name: room.standing_headers for room in ROOMS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of any kind."""
        if scope["type"] == "http":
            serve = self._traced if telemetry.is_on() and scope["path"] not in _UNCOUNTED else self._http
            await serve(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _traced(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ``_http``, in a span below the caller's own, if it sent one."""
        sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method, path = scope["method"], _printable(redact_text(scope["path"]))
        facts = {"http.request.method": method, "url.path": path}
        with telemetry.continued(sent, method, facts, kind="server") as span:
            assert span is not None  # noqa: S101 -- narrows the type: traces are on

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        telemetry.fail(span, str(message["status"]))
                    for name, value in message["headers"]:
                        if name == b"x-request-id":
                            span.set_attribute("request.id", value.decode("latin-1"))
                await send(message)

            try:
                await self._http(scope, receive, noting)
            finally:
                # A GET that answers a HEAD was routed with a scope of its own.
                route = getattr(scope.get("route"), "path", None)
                if route is not None:
                    span.update_name(f"{method} {route}")
                    span.set_attribute("http.route", route)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        facts = self._facts(scope, receive)
        if facts.is_head:
            # Every GET answers HEAD too: routes see a GET, and the body is left out on the way back.
            scope = {**scope, "method": "GET"}
        scope["videocraft"] = facts
        outgoing = _Outgoing(send, facts)
        tokens = structlog.contextvars.bind_contextvars(request_id=facts.request_id)
        try:
            if facts.room_name in self._open:
                self._guard.check(scope["headers"])
            await self._app(scope, facts.body.receive, outgoing.send)
        except VideoCraftError as error:  # from the guard; the rooms' own are rendered further in
            await error_response(scope, error)(scope, receive, outgoing.send)
        except ClientDisconnect:
            outgoing.status = _CLIENT_GONE
        except Exception:  # the outermost border of a request: a bug must answer and be logged
            if outgoing.status:
                # Too late for another answer: the server logs it and cuts the connection.
                outgoing.status = 500
                raise
            _log.exception("unhandled error")
            await error_response(scope, VideoCraftError(INTERNAL_MESSAGE))(scope, receive, outgoing.send)
        finally:
            if scope["path"] not in _UNCOUNTED:
                self._counts.add("HEAD" if facts.is_head else scope["method"], outgoing.status)
            self._log_access(scope, facts, outgoing, time.perf_counter() - started)
            structlog.contextvars.reset_contextvars(**tokens)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        facts = self._facts(scope, receive)
        scope["videocraft"] = facts

        async def outgoing(message: Message) -> None:
            if message["type"] in {"websocket.accept", "websocket.http.response.start"}:
                own = (b"x-request-id", facts.request_id.encode())
                message["headers"] = [*message.get("headers", ()), own]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=facts.request_id):
            try:
                if facts.room_name in self._open:
                    self._guard.check(scope["headers"])
            except VideoCraftError as error:
                if "websocket.http.response" in scope.get("extensions", {}):
                    await error_response(scope, error)(scope, receive, outgoing)
                else:
                    await outgoing({"type": "websocket.close", "code": 1008, "reason": error.message})
                return
            await self._app(scope, receive, outgoing)

    def _log_access(self, scope: Scope, facts: RequestFacts, outgoing: _Outgoing, seconds: float) -> None:
        status = outgoing.status
        client = scope.get("client")
        fields: dict[str, Any] = {
            "request_id": facts.request_id,
            "method": "HEAD" if facts.is_head else scope["method"],
            "path": _printable(redact_text(scope.get("raw_path", b"").decode("latin-1") or scope["path"])),
            "status": status,
            "bytes": outgoing.sent,
            "ms": round(seconds * 1000, 2),
            "client": client[0] if client else None,
        }
        if scope["query_string"]:
            fields["query"] = _printable(redact_query(scope["query_string"].decode("latin-1")))
        if facts.error_code:
            fields["code"] = facts.error_code
        if status >= 500:
            self._access_log.error("request", **fields)
        else:
            self._access_log.info("request", **fields)

    def _facts(self, scope: Scope, receive: Receive) -> RequestFacts:
        headers = scope["headers"]
        request_id = ""
        for name, value in headers:
            if name == b"x-request-id":
                request_id = value.decode("latin-1")
                break
        if not _REQUEST_ID.fullmatch(request_id):
            request_id = f"req_{secrets.token_hex(12)}"
        room = room_of(scope["path"])
        limit = self._max_body_bytes
        if room is not None and room.max_body_bytes is not None:
            limit = min(limit, room.max_body_bytes)
        return RequestFacts(
            request_id=request_id,
            room_name=room.name if room else None,
            renderer=self._renderers[room.name] if room else FALLBACK,
            body=BodyMeter(receive, headers, limit),
            is_head=scope.get("method") == "HEAD",
            headers=self._standing[room.name](self._settings) if room else [],
        )


class _Outgoing:
    """The way back to the client."""

    __slots__ = ("_facts", "_send", "sent", "status")

    def __init__(self, send: Send, facts: RequestFacts) -> None:
        self._send = send
        self._facts = facts
        self.status = 0
        self.sent = 0

    async def send(self, message: Message) -> None:
        facts = self._facts
        if message["type"] == "http.response.start":
            self.status = message["status"]
            facts.body.answering = True
            own = (b"x-request-id", facts.request_id.encode())
            headers = [*message["headers"], own, *facts.headers, *SECURITY_HEADERS]
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append(_NO_STORE)
            if facts.body.must_close:
                headers.append((b"connection", b"close"))
            message["headers"] = headers
        elif message["type"] == "http.response.body":
            if facts.is_head:
                message = {**message, "body": b""}
            self.sent += len(message.get("body", b""))
        await self._send(message)


def facts_of(scope: Scope) -> RequestFacts:
    """What the border found out about this request."""
    return cast("RequestFacts", scope["videocraft"])


def error_response(scope: Scope, error: VideoCraftError, status: int | None = None) -> Response:
    """The answer that the request's family gives to an error."""
    facts = facts_of(scope)
    facts.error_code = error.code
    body: dict[str, Any] = facts.renderer.body(error, facts.request_id)
    return Response(
        json.dumps(body), status or error.status, headers=error.headers, media_type="application/json"
    )


def _printable(text: str) -> str:
    # As sent, percent-encoded; whatever else a client puts there must not steer a terminal.
    return text if text.isascii() and text.isprintable() else ascii(text)
