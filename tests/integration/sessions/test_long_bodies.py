"""Bodies of parts as clients really send them, over connections of our own to a real server."""

from __future__ import annotations

import hashlib
import json
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration.sessions.test_uploads import HEADERS, MIB, begin, complete, put, serving, session
from tests.support.server import Server, wait_until

SIZE = 5 * MIB + 12_345
DATA = random.Random(5).randbytes(SIZE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all."""
    with serving(tmp_path_factory.mktemp("long") / "data") as running:
        yield running


def connect(server: Server) -> socket.socket:
    where = urlsplit(server.address)
    return socket.create_connection((where.hostname, where.port or 0), timeout=60)


def head(begun: dict[str, Any], *further: str) -> bytes:
    """The request line and the headers of the only part."""
    url = urlsplit(begun["parts"][0]["uploadUrl"])
    return "\r\n".join([f"PUT {url.path}?{url.query} HTTP/1.1", "Host: localhost", *further, "", ""]).encode()


def answer_of(connection: socket.socket) -> HTTPResponse:
    answer = HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer


def is_right(answer: HTTPResponse, data: bytes = DATA) -> bool:
    return answer.status == 200 and answer.headers["etag"] == f'"{hashlib.sha256(data).hexdigest()}"'


def test_pieces_of_any_size_arrive_whole(server: Server) -> None:
    begun = begin(server, session(server), SIZE)
    sizes = random.Random(7)
    with closing(connect(server)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(head(begun, f"Content-Length: {SIZE}"))
        at = 0
        while at < SIZE:
            length = sizes.choice([1, 100, 4_096, 65_536, 262_144, 300_001])
            connection.sendall(DATA[at : at + length])
            at += length
        answer = answer_of(connection)
        assert is_right(answer)
        # Whoever read the body past the parser can't know where a next request would begin.
        assert answer.headers["connection"] == "close"
        assert connection.recv(1) == b""


@pytest.mark.parametrize("size", [1, 65_536, 65_537, 200_000, MIB, MIB + 1])
def test_bodies_of_any_length(server: Server, size: int) -> None:
    begun = begin(server, session(server), size)
    with closing(connect(server)) as connection:
        connection.sendall(head(begun, f"Content-Length: {size}") + DATA[:size])
        assert is_right(answer_of(connection), DATA[:size])


def test_a_body_without_a_length(server: Server) -> None:
    begun = begin(server, session(server), SIZE)
    with closing(connect(server)) as connection:
        connection.sendall(head(begun, "Transfer-Encoding: chunked"))
        for at in range(0, SIZE, 100_000):
            piece = DATA[at : at + 100_000]
            connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        connection.sendall(b"0\r\n\r\n")
        assert is_right(answer_of(connection))


def test_a_client_that_waits_to_be_asked_for_the_body(server: Server) -> None:
    begun = begin(server, session(server), SIZE)
    with closing(connect(server)) as connection:
        connection.sendall(head(begun, f"Content-Length: {SIZE}", "Expect: 100-continue"))
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(DATA)
        assert is_right(answer_of(connection))


def test_clients_that_stall_hold_up_nobody(server: Server) -> None:
    """More of them than there are threads for uploads."""
    with ExitStack() as stack:
        stalled = []
        for _ in range(12):
            connection = stack.enter_context(closing(connect(server)))
            connection.sendall(head(begin(server, session(server), SIZE), f"Content-Length: {SIZE}"))
            connection.sendall(DATA[: 2 * MIB])
            stalled.append(connection)
        session_id = session(server)
        begun = begin(server, session_id, SIZE)
        etag = put(server, begun["parts"][0], DATA).headers["etag"]
        assert complete(server, session_id, begun, [etag]).status_code == 200
        for connection in stalled:
            connection.sendall(DATA[2 * MIB :])
        assert all(is_right(answer_of(connection)) for connection in stalled)


@pytest.mark.parametrize("how", ["half closed", "reset"])
def test_a_client_that_goes_leaves_the_part_to_be_sent_again(server: Server, how: str) -> None:
    session_id = session(server)
    begun = begin(server, session_id, SIZE)
    with closing(connect(server)) as connection:
        connection.sendall(head(begun, f"Content-Length: {SIZE}", f"X-Request-Id: {begun['assetId']}"))
        connection.sendall(DATA[: 3 * MIB])
        if how == "reset":
            # Closing then drops what is unsent, and sends a reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        else:
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1) == b""

    def lines() -> list[str]:
        return [line for line in server.log_path.read_text().splitlines() if begun["assetId"] in line]

    # An access line has the request's id, which init-upload's own has not.
    wait_until(lambda: any('"PUT"' in line for line in lines()), 30, "the access line")
    (line,) = (line for line in lines() if '"PUT"' in line)
    assert json.loads(line)["status"] == 499
    path = f"/v2/sessions/{session_id}/assets/{begun['assetId']}/upload"
    assert server.http.get(path, headers=HEADERS).json()["received"] == []
    etag = put(server, begun["parts"][0], DATA).headers["etag"]
    assert complete(server, session_id, begun, [etag]).status_code == 200
    assert "ASGI" not in server.log_path.read_text()
