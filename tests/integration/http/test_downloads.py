"""``file_response`` over real connections: from a path and from the storage."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from fastapi import Request
from starlette.responses import Response

from tests.support.app import RunningServer, make_app, serving
from videocraft.apis.downloads import StoredObject, file_response
from videocraft.apis.errors import FALLBACK
from videocraft.apis.routing import room_router
from videocraft.errors import NotFound

CONTENT = os.urandom(900_000)


class Place(NamedTuple):
    """A server and the folder whose files it sends."""

    server: RunningServer
    folder: Path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """``/path/NAME`` sends a file of the folder, ``/object/NAME`` an object of the storage."""
    folder = tmp_path_factory.mktemp("files")
    app = make_app(tmp_path_factory.mktemp("data"))
    router = room_router(FALLBACK, tag="test")

    @router.get("/path/{name}")
    def by_path(request: Request, name: str, inline: bool = False) -> Response:
        try:
            return file_response(request, folder / name, "Ünï.mp4", "video/mp4", inline=inline)
        except FileNotFoundError:
            raise NotFound("Export not found or not completed") from None

    @router.get("/object/{name}")
    async def by_object(request: Request, name: str) -> Response:
        storage = request.app.state.services.storage
        info = storage.stat(name)
        return file_response(request, StoredObject(storage, info), "Ünï.mp4", "video/mp4")

    app.router.routes.extend(router.routes)
    (folder / "film").write_bytes(CONTENT)
    (folder / "empty").write_bytes(b"")
    os.mkfifo(folder / "fifo")
    with serving(app) as server:
        for name, data in (("film", CONTENT), ("empty", b"")):
            (folder / "source").write_bytes(data)
            server.services.storage.put_file(folder / "source", name)
        yield Place(server, folder)


@pytest.fixture(params=["path", "object"])
def base(request: pytest.FixtureRequest) -> str:
    """Both kinds of sources."""
    return f"/{request.param}"


@pytest.fixture
def client(place: Place) -> httpx.Client:
    """Talks to the server."""
    return place.server.client


def test_whole(client: httpx.Client, base: str) -> None:
    answer = client.get(f"{base}/film")
    assert answer.status_code == 200
    assert answer.content == CONTENT
    headers = answer.headers
    assert headers["content-type"] == "video/mp4"
    assert headers["content-length"] == str(len(CONTENT))
    assert headers["accept-ranges"] == "bytes"
    assert headers["etag"].startswith('"')
    assert headers["last-modified"].endswith(" GMT")
    assert headers["cache-control"] == "private, no-cache"
    assert (
        headers["content-disposition"]
        == "attachment; filename=\"Uni.mp4\"; filename*=UTF-8''%C3%9Cn%C3%AF.mp4"
    )
    assert "content-range" not in headers


def test_head(client: httpx.Client, base: str) -> None:
    answer = client.head(f"{base}/film", headers={"Range": "bytes=0-9"})
    assert answer.status_code == 200  # ranges are for GET only
    assert answer.content == b""
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["etag"] == client.get(f"{base}/film").headers["etag"]


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=300000-", 300_000, 900_000),
        ("bytes=-7", 899_993, 900_000),
        ("bytes=5-999999", 5, 900_000),
    ],
)
def test_one_range(client: httpx.Client, base: str, header: str, start: int, stop: int) -> None:
    answer = client.get(f"{base}/film", headers={"Range": header})
    assert answer.status_code == 206
    assert answer.content == CONTENT[start:stop]
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/900000"
    assert answer.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize("header", ["bytes=0-1,5-6", "bytes=5-4", "lines=1-2", "nonsense"])
def test_other_ranges_get_the_whole_file(client: httpx.Client, base: str, header: str) -> None:
    answer = client.get(f"{base}/film", headers={"Range": header})
    assert (answer.status_code, len(answer.content)) == (200, len(CONTENT))


def test_beyond_the_end(client: httpx.Client, base: str) -> None:
    answer = client.get(f"{base}/film", headers={"Range": "bytes=900000-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */900000"
    assert answer.json() == {"detail": "The range lies outside the file of 900000 bytes"}


def test_if_range(client: httpx.Client, base: str) -> None:
    first = client.get(f"{base}/film").headers
    for condition, status in (
        (first["etag"], 206),
        (first["last-modified"], 206),
        ('"other"', 200),
        (f"W/{first['etag']}", 200),
        ("Mon, 01 Jan 2001 00:00:00 GMT", 200),
    ):
        answer = client.get(f"{base}/film", headers={"Range": "bytes=0-9", "If-Range": condition})
        assert answer.status_code == status
    # A condition that fails also spares a range that can't be satisfied.
    answer = client.get(f"{base}/film", headers={"Range": "bytes=900000-", "If-Range": '"other"'})
    assert answer.status_code == 200


def test_if_none_match(client: httpx.Client, base: str) -> None:
    etag = client.get(f"{base}/film").headers["etag"]
    for tags in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = client.get(f"{base}/film", headers={"If-None-Match": tags, "Range": "bytes=0-1"})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    assert client.get(f"{base}/film", headers={"If-None-Match": '"x"'}).status_code == 200


def test_empty_files(client: httpx.Client, base: str) -> None:
    answer = client.get(f"{base}/empty")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")
    assert client.get(f"{base}/empty", headers={"Range": "bytes=0-"}).status_code == 416
    assert client.get(f"{base}/empty", headers={"Range": "bytes=-5"}).status_code == 200


def test_inline(client: httpx.Client) -> None:
    answer = client.get("/path/film", params={"inline": "true"})
    assert answer.headers["content-disposition"].startswith("inline;")


@pytest.mark.parametrize("name", ["missing", "fifo", "."])
def test_what_is_no_file(client: httpx.Client, name: str) -> None:
    answer = client.get(f"/path/{name}")
    assert answer.status_code == 404


def test_replacing_a_file_changes_its_etag(place: Place, client: httpx.Client) -> None:
    path = place.folder / "changing"
    path.write_bytes(b"one")
    etag = client.get("/path/changing").headers["etag"]
    (place.folder / "next").write_bytes(b"two")
    (place.folder / "next").replace(path)
    answer = client.get("/path/changing", headers={"Range": "bytes=0-1", "If-Range": etag})
    assert (answer.status_code, answer.content) == (200, b"two")


def open_files() -> int:
    """How many descriptors this process (and the server in it) has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def start_download(place: Place, name: str) -> socket.socket:
    """A connection on which a large answer has begun."""
    connection = place.server.connect()
    connection.sendall(f"GET /path/{name} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert connection.recv(100).startswith(b"HTTP/1.1 200")
    return connection


def test_what_was_begun_is_finished_though_the_file_is_deleted(place: Place) -> None:
    path = place.folder / "doomed"
    path.write_bytes(b"d" * 8_000_000)
    with place.server.client.stream("GET", "/path/doomed") as answer:
        path.unlink()
        assert sum(map(len, answer.iter_bytes())) == 8_000_000


def test_a_client_that_leaves_closes_the_file(place: Place) -> None:
    (place.folder / "large").write_bytes(b"l" * 30_000_000)
    place.server.client.get("/live")
    before = open_files()
    for connection in [start_download(place, "large") for _ in range(5)]:
        connection.close()
    for _ in range(1000):  # turns of the server's loop, until it has noticed
        if open_files() <= before:
            break
        place.server.client.get("/live")
    assert open_files() <= before


def test_a_file_that_shrinks_ends_the_connection_early(place: Place) -> None:
    path = place.folder / "shrinking"
    path.write_bytes(b"s" * 30_000_000)
    with start_download(place, "shrinking") as connection:
        os.truncate(path, 10)
        received = 0
        while chunk := connection.recv(2**20):
            received += len(chunk)
    assert received < 30_000_000


class TestSignedLinks:
    """``/files/…``: where signed links of local storage lead."""

    def test_a_link_works(self, place: Place, client: httpx.Client) -> None:
        storage = place.server.services.storage
        link = httpx.URL(storage.signed_url("GET", "film", 60))
        answer = client.get(link.raw_path.decode(), headers={"Range": "bytes=1-3"})
        assert (answer.status_code, answer.content) == (206, CONTENT[1:4])
        assert answer.headers["content-disposition"] == 'attachment; filename="film"'
        assert client.head(link.raw_path.decode()).status_code == 200

    def test_no_other_link_works(self, place: Place, client: httpx.Client) -> None:
        storage = place.server.services.storage
        good = httpx.URL(storage.signed_url("GET", "film", 60)).raw_path.decode()
        for path, status, message in (
            (good.replace("film", "empty"), 403, "The signature of this link is not valid"),
            (good[:-1], 403, "The signature of this link is not valid"),
            ("/files/film", 422, None),
            (good.replace("film", "%2e%2e/film"), 400, None),
            (
                httpx.URL(storage.signed_url("GET", "film", -5)).raw_path.decode(),
                403,
                "This link has expired",
            ),
            (httpx.URL(storage.signed_url("PUT", "film", 60)).raw_path.decode(), 403, None),
            (
                httpx.URL(storage.signed_url("GET", "gone", 60)).raw_path.decode(),
                404,
                "There is no such file",
            ),
        ):
            answer = client.get(path)
            assert answer.status_code == status
            if message:
                assert answer.json() == {"detail": message}
