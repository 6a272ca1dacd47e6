"""Request ids, access lines, body limits and the guard, over real connections."""

from __future__ import annotations

import re
import socket

import httpx
import pytest

from tests.integration.http.conftest import Log
from tests.support.app import LARGE_BYTES, RunningServer

MIB = 2**20


@pytest.mark.parametrize("request_id", ["a", "A.b_c-1", "x" * 128])
def test_a_good_request_id_is_kept(server: RunningServer, request_id: str) -> None:
    for path in ("/live", "/nowhere", "/api/v1/_probe/who", "/docs", "/openapi.json"):
        answer = server.client.get(path, headers={"X-Request-ID": request_id})
        assert answer.headers.get_list("x-request-id") == [request_id]


@pytest.mark.parametrize("request_id", ["", "x" * 129, "a b", "a;b", "é", "a/b", '"'])
def test_any_other_request_id_is_replaced(server: RunningServer, request_id: str) -> None:
    answer = server.client.get("/live", headers={"X-Request-ID": request_id.encode()})  # type: ignore[dict-item] # raw
    assert re.fullmatch(r"req_[0-9a-f]{24}", answer.headers["x-request-id"])


def test_every_request_gets_an_id_of_its_own(server: RunningServer) -> None:
    ids = {server.client.get("/live").headers["x-request-id"] for _ in range(20)}
    assert len(ids) == 20


def test_security_headers(server: RunningServer) -> None:
    for path in ("/live", "/nowhere", "/api/v1/_probe/who"):
        headers = server.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


def test_access_line(server: RunningServer, log: Log) -> None:
    server.client.get(
        "/nowhere%0a?limit=3&token=hunter2&x-api%2Dkey=hunter2", headers={"X-Request-ID": "line-1"}
    )
    (line,) = log.lines(request_id="line-1")
    assert line["event"] == "request"
    assert line["level"] == "info"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/nowhere%0a", 404)
    assert line["code"] == "NOT_FOUND"
    assert line["client"] == "127.0.0.1"
    assert line["bytes"] == len('{"detail":"Not Found"}')
    assert line["query"] == "limit=3&token=[redacted]&x-api%2Dkey=[redacted]"
    assert "hunter2" not in log.stream.getvalue()


def test_a_bug_is_logged_with_its_traceback_and_the_request(server: RunningServer, log: Log) -> None:
    server.client.get("/api/export/_probe/raise/bug", headers={"X-Request-ID": "bug-1"})
    error, access = log.lines(request_id="bug-1")
    assert error["event"] == "unhandled error"
    assert "RuntimeError: the password is swordfish" in error["exception"]
    assert (access["status"], access["level"]) == (500, "error")
    # Nobody else logs it a second time.
    assert log.stream.getvalue().count("swordfish") == 1


def test_head_is_logged_as_head(server: RunningServer, log: Log) -> None:
    server.client.head("/live", headers={"X-Request-ID": "head-1"})
    (line,) = log.lines(request_id="head-1")
    assert (line["method"], line["bytes"], line["status"]) == ("HEAD", 0, 200)


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/export/_probe/anything", 2 * MIB),
        ("/jobs/_probe/anything", 2 * MIB),
        ("/api/v1/_probe/anything", MIB),
    ],
)
def test_body_limit(server: RunningServer, auth: dict[str, str], path: str, limit: int) -> None:
    def post(size: int) -> httpx.Response:
        body = b'{"a": "' + b"x" * (size - 9) + b'"}'
        assert len(body) == size
        return server.client.post(path, content=body, headers=auth)

    assert post(limit).status_code == 200
    answer = post(limit + 1)
    assert answer.status_code == 413
    assert f"larger than {limit} bytes" in answer.text
    if path.startswith("/api/v1"):
        assert answer.json()["code"] == "REQUEST_TOO_LARGE"


def test_a_route_that_reads_the_body_itself_is_limited_too(server: RunningServer) -> None:
    assert server.client.put("/jobs/_probe/who", content=b"x" * 2 * MIB).json() == {"size": 2 * MIB}
    assert server.client.put("/jobs/_probe/who", content=b"x" * (2 * MIB + 1)).status_code == 413


@pytest.mark.parametrize("prefix", ["/jobs", "/api/v1"])
def test_a_route_can_raise_the_limit(server: RunningServer, auth: dict[str, str], prefix: str) -> None:
    for size, status in ((LARGE_BYTES, 200), (LARGE_BYTES + 1, 413)):
        answer = server.client.put(f"{prefix}/_probe/large", content=b"x" * size, headers=auth)
        assert answer.status_code == status


def read_answer(connection: socket.socket) -> bytes:
    """Everything until the server closes."""
    answer = b""
    try:
        while chunk := connection.recv(65536):
            answer += chunk
    except ConnectionResetError:
        pass  # what was sent after the answer was never read: that is the point
    return answer


def test_an_announced_large_body_is_refused_before_a_byte_of_it(server: RunningServer) -> None:
    with server.connect() as connection:
        connection.sendall(
            b"POST /api/export/_probe/anything HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Length: 200000000\r\n\r\n"
        )
        answer = read_answer(connection)
    head = answer.lower()
    assert head.startswith(b"http/1.1 413")
    assert b"connection: close" in head
    assert b'{"error":"the request body is larger than 2097152 bytes"}' in head


def test_a_chunked_body_is_counted_as_it_arrives(server: RunningServer) -> None:
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with server.connect() as connection:
        connection.sendall(
            b"POST /api/export/_probe/anything HTTP/1.1\r\nHost: localhost\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        # One chunk more than allowed, and the end never comes: the answer can't wait for it.
        for _ in range(33):
            connection.sendall(chunk)
        answer = read_answer(connection).lower()
    assert answer.startswith(b"http/1.1 413")
    assert b"connection: close" in answer


def test_a_large_body_that_nobody_reads_ends_the_connection(server: RunningServer) -> None:
    with server.connect() as connection:
        connection.sendall(
            b"POST /jobs/nowhere/at/all HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
        )
        answer = read_answer(connection).lower()
    assert answer.startswith(b"http/1.1 404")
    assert b"connection: close" in answer


def test_a_small_body_that_nobody_reads_does_not(server: RunningServer) -> None:
    answer = server.client.post("/jobs/nowhere/at/all", content=b"{}")
    assert answer.status_code == 404
    assert "connection" not in answer.headers


def test_a_client_that_leaves_is_no_error(server: RunningServer, log: Log) -> None:
    with server.connect() as connection:
        connection.sendall(
            b"POST /api/export/_probe/anything HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: gone-1\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
    for _ in range(1000):  # turns of the server's loop, until it has noticed
        if log.lines(request_id="gone-1"):
            break
        server.client.get("/live")
    (line,) = log.lines(request_id="gone-1")
    assert (line["status"], line["level"]) == (499, "info")


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
)
def test_foreign_pages_get_403_in_the_family_s_shape(server: RunningServer, headers: dict[str, str]) -> None:
    for method in ("GET", "POST", "DELETE", "OPTIONS"):
        answer = server.client.request(method, "/api/export/_probe/anything", headers=headers)
        assert answer.status_code == 403
        assert answer.json().keys() == {"error"}
        assert "x-request-id" in answer.headers
        assert "access-control-allow-origin" not in answer.headers
    assert server.client.get("/jobs/_probe/who", headers=headers).json().keys() == {"detail"}


def test_families_with_keys_are_not_guarded(server: RunningServer, auth: dict[str, str]) -> None:
    answer = server.client.get("/api/v1/_probe/who", headers={**auth, "Origin": "http://evil.example"})
    assert answer.status_code == 200


def test_own_pages_may(server: RunningServer) -> None:
    origin = f"http://127.0.0.1:{server.port}"
    answer = server.client.post("/api/export/_probe/anything", json={"a": 1}, headers={"Origin": origin})
    assert answer.json() == {"a": 1}
