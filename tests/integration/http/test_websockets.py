"""The border for WebSockets: request ids, keys and the guard."""

from __future__ import annotations

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.app import RunningServer


def url(server: RunningServer, prefix: str) -> str:
    """Of the echo below a family's prefix."""
    return f"ws://127.0.0.1:{server.port}{prefix}/_probe/echo"


def test_an_open_family(server: RunningServer) -> None:
    headers = {"X-Request-ID": "socket-1"}
    with connect(url(server, "/jobs"), additional_headers=headers, proxy=None) as socket:
        assert socket.response is not None
        assert socket.response.headers["x-request-id"] == "socket-1"
        socket.send("hello")
        assert socket.recv() == "hello"


def test_own_pages_may(server: RunningServer) -> None:
    origin = f"http://127.0.0.1:{server.port}"
    with connect(url(server, "/jobs"), origin=origin, proxy=None) as socket:  # type: ignore[arg-type] # a NewType
        socket.send("hello")
        assert socket.recv() == "hello"


def test_foreign_pages_may_not(server: RunningServer) -> None:
    with pytest.raises(InvalidStatus) as caught:
        connect(url(server, "/jobs"), origin="http://evil.example", proxy=None)  # type: ignore[arg-type] # a NewType
    response = caught.value.response
    assert response.status_code == 403
    assert response.body == b'{"detail":"Pages of another origin may not use this API"}'
    assert response.headers["x-request-id"].startswith("req_")


def test_keys_are_asked_for(server: RunningServer, auth: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as caught:
        connect(url(server, "/v2/sessions"), proxy=None)
    response = caught.value.response
    assert response.status_code == 401
    assert b'"code":"MISSING_AUTH_HEADER"' in (response.body or b"")
    with connect(url(server, "/v2/sessions"), additional_headers=auth, proxy=None) as socket:
        socket.send("hello")
        assert socket.recv() == "hello"


def test_unknown_sockets(server: RunningServer) -> None:
    with pytest.raises(InvalidStatus) as caught:
        connect(f"ws://127.0.0.1:{server.port}/v2/sessions/x/y/z", proxy=None)
    assert caught.value.response.status_code in {403, 404}
