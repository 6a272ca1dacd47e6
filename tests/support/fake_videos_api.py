"""A small HTTP server that speaks the documented videos API and fails on command.

It stands in for what a real server can't be told to do: lose an answer, break a download off, refuse a
token, limit a rate. Both SDKs are tested against it; ``POST /__control`` scripts it from any language:

    {"faults": [{"on": "GET /videos", "status": 503, "headers": {"Retry-After": "0"}}]}

One fault is used up by one request that matches. Kinds: ``status`` (with ``body``, ``headers``) answers
instead of the API; ``drop`` closes the connection before anything is done; ``lose`` after it is done;
``cut: N`` sends N bytes of the body and closes; ``lie: N`` announces N bytes more than there are; ``stall``
says nothing until the client gives up.
``GET /__log`` tells what was received.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BASE = "/api/v1"
KEY = "test-key"
NOW = "2024-01-01T12:00:00Z"


def content(film: str) -> bytes:
    """300 kB (``longer``: 400 kB) that don't repeat, so that a piece in the wrong place shows."""
    return hashlib.shake_128(film.encode()).digest(400_000 if film == "longer" else 300_000)


@dataclass
class State:
    """What the server knows; ``/__control`` sets the public fields by name."""

    faults: list[dict[str, Any]] = field(default_factory=list)
    progress: list[dict[str, Any]] = field(default_factory=list)
    """What each question for a job's status is told; the last one stays."""
    token_seconds: float = 3600.0
    film: str = "film"
    """Names the bytes of every video."""
    etags: bool = True
    log: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    orders: dict[str, str] = field(default_factory=dict)
    """Idempotency key to job id."""
    deleted: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeServer
    timeout = 20
    disable_nagle_algorithm = True  # head and body are two writes

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Tests read ``/__log`` instead."""

    def _handle(self) -> None:
        state = self.server.state
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/__control":
            with state.lock:
                given = json.loads(body)
                if given.pop("reset", True):
                    state = self.server.state = State()
                for name, value in given.items():
                    setattr(state, name, value)
            self._answer(200, {})
            return
        if self.path == "/__log":
            self._answer(200, state.log)
            return
        path = urlsplit(self.path).path.removeprefix(BASE)
        headers = {name.lower(): value for name, value in self.headers.items()}
        with state.lock:
            entry = {"method": self.command, "path": self.path, "headers": headers, "body": body.decode()}
            state.log.append(entry)
            fault = next((fault for fault in state.faults if fault["on"] == f"{self.command} {path}"), {})
            if fault:
                state.faults.remove(fault)
        self.close_connection = bool(fault.keys() & {"drop", "lose", "cut", "lie", "stall"})
        if "stall" in fault:
            self.rfile.read(1)
        if "drop" in fault:
            return
        if "status" in fault:
            self._answer(fault["status"], fault.get("body", {}), fault.get("headers", {}))
            return
        with state.lock:
            try:
                status, answer = self._serve(state, path, headers, body)
            except _Refused as refused:
                status, answer = refused.status, refused.body
        if "lose" in fault:
            return
        if isinstance(answer, bytes):
            self._send_film(answer, headers, state, fault)
        else:
            self._answer(status, answer)

    def _serve(
        self, state: State, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, Any] | bytes]:
        if path == "/csrf-token":
            token = uuid.uuid4().hex
            state.tokens.add(token)
            expires = datetime.now(UTC) + timedelta(seconds=state.token_seconds)
            return _data(200, {"csrf_token": token, "expires_at": expires.isoformat().replace("+00:00", "Z")})
        if headers.get("authorization") != f"Bearer {KEY}":
            raise _Refused(401, "INVALID_API_KEY", "Invalid API key")
        if self.command != "GET":
            token = headers.get("x-csrf-token")
            if token is None:
                raise _Refused(403, "CSRF_TOKEN_REQUIRED", "CSRF token required for this request")
            if token not in state.tokens:
                raise _Refused(403, "CSRF_TOKEN_EXPIRED", "CSRF token has expired")
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        match (self.command, *path.strip("/").split("/")):
            case ("POST", "generate-video"):
                return _create(state, json.loads(body), headers)
            case ("GET", "videos"):
                return _data(200, {"videos": [_video("video_1")], "pagination": _page(query)})
            case ("GET", "videos", name) if name not in state.deleted:
                return _data(200, _video(name))
            case ("GET", "videos", name, "download") if name not in state.deleted:
                return 200, content(state.film)
            case ("DELETE", "videos", name) if name not in state.deleted:
                state.deleted.add(name)
                return 200, {"success": True, "message": "Video deleted successfully", "request_id": "req_1"}
            case ("GET" | "DELETE", "videos", *_):
                raise _Refused(404, "VIDEO_NOT_FOUND", "Video not found")
            case ("GET", "jobs"):
                return _data(200, {"jobs": [_job("job-1")], "pagination": _page(query)})
            case ("GET", "jobs", name):
                return _data(200, _job(name) | {"processing_log": []})
            case ("GET", "jobs", name, "status"):
                told = state.progress.pop(0) if len(state.progress) > 1 else (state.progress or [DONE])[0]
                return _data(200, {"job_id": name, "updated_at": NOW, **told})
            case ("POST", "jobs", name, "cancel"):
                return _data(200, {"job_id": name, "status": "cancelled", "cancelled_at": NOW})
        raise _Refused(404, "NOT_FOUND", f"There is no {path}")

    def _send_film(self, film: bytes, headers: dict[str, str], state: State, fault: dict[str, Any]) -> None:
        etag = f'"{state.film}"'
        asked = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
        start = int(asked[1]) if asked and headers.get("if-range", etag) == etag else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(film) - 1}/{len(film)}")
        if state.etags:
            self.send_header("ETag", etag)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Content-Length", str(len(film) - start + fault.get("lie", 0)))
        self.end_headers()
        self.wfile.write(film[start : start + fault["cut"]] if "cut" in fault else film[start:])

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "X-Request-ID": "req_1",
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


DONE = {
    "status": "completed",
    "progress": 100,
    "current_step": "Video generation completed",
    "result": {
        "video_id": "video_1",
        "download_url": f"{BASE}/videos/video_1/download",
        "file_size": 300_000,
        "duration": 45.2,
    },
}


class _Refused(Exception):
    def __init__(self, status: int, code: str, message: str, **details: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": message, "code": code, "timestamp": NOW, "request_id": "req_1"}
        if details:
            self.body["details"] = details  # type: ignore[assignment]


class FakeServer(ThreadingHTTPServer):
    """The server; ``state`` is replaced by each control request that resets."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = State()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gives up is part of the game; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def base_url(self) -> str:
        """What a client is given."""
        return f"http://127.0.0.1:{self.server_port}{BASE}"

    def control(self, **values: Any) -> None:
        """Forget everything and set these fields."""
        self.state = State(**values)

    def requests(self, what: str = "") -> list[dict[str, Any]]:
        """What was received; only ``METHOD /path`` if given."""
        return [one for one in self.state.log if what in {"", f"{one['method']} {_plain(one['path'])}"}]


@contextmanager
def fake_videos_api() -> Iterator[FakeServer]:
    """A running server on a free port."""
    with FakeServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _plain(path: str) -> str:
    return urlsplit(path).path.removeprefix(BASE)


def _create(state: State, project: Any, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    if not project.get("scenes"):
        raise _Refused(400, "VALIDATION_ERROR", "Validation failed", scenes="At least one scene is required")
    job = state.orders.setdefault(headers.get("idempotency-key", uuid.uuid4().hex), str(uuid.uuid4()))
    created = {
        "job_id": job,
        "status": "pending",
        "progress": 0,
        "created_at": NOW,
        "status_url": f"{BASE}/jobs/{job}/status",
    }
    return _data(202, created)


def _video(name: str) -> dict[str, Any]:
    return {"id": name, "job_id": "job-1", "status": "completed", "file_size": 300_000, "duration": 45.2}


def _job(name: str) -> dict[str, Any]:
    return {"id": name, "status": "processing", "progress": 75, "created_at": NOW}


def _page(query: dict[str, str]) -> dict[str, Any]:
    return {"limit": int(query.get("limit", 20)), "offset": int(query.get("offset", 0)), "total": 1}


def _data(status: int, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return status, {"success": True, "data": data, "request_id": "req_1"}
