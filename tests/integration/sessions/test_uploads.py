"""Uploads and events with a real server: restarts, broken connections, memory, shutdown."""

from __future__ import annotations

import asyncio
import hashlib
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import websockets

from tests.support.memory import MemorySampler
from tests.support.server import Server, running_server, wait_until

KEY = "integration-key"
HEADERS = {"Authorization": f"Bearer {KEY}"}
MIB = 2**20


def session(server: Server) -> str:
    body = {"title": "Sunday", "date": "2026-02-03", "projectId": "p"}
    return str(server.http.post("/v2/sessions", json=body, headers=HEADERS).json()["id"])


def begin(server: Server, session_id: str, size: int) -> dict[str, Any]:
    body = {"cameraLabel": "A", "filename": "a.mp4", "contentType": "video/mp4", "sizeBytes": size}
    answer = server.http.post(f"/v2/sessions/{session_id}/assets/init-upload", json=body, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def piece_of(number: int, size: int) -> bytes:
    """The bytes of a part, cheap to make and different for each."""
    return hashlib.sha256(bytes([number % 256])).digest() * (size // 32) + b"x" * (size % 32)


def put(server: Server, part: Mapping[str, Any], data: Any) -> httpx.Response:
    # By path: after a restart the server has another port.
    url = urlsplit(part["uploadUrl"])
    return server.http.put(f"{url.path}?{url.query}", content=data)


def complete(server: Server, session_id: str, begun: Mapping[str, Any], etags: list[str]) -> httpx.Response:
    parts = [{"partNumber": number, "etag": etag} for number, etag in enumerate(etags, 1)]
    return server.http.post(
        f"/v2/sessions/{session_id}/assets/{begun['assetId']}/complete",
        json={"uploadId": begun["uploadId"], "parts": parts},
        headers=HEADERS,
    )


def serving(data_dir: Path) -> Any:
    return running_server(data_dir, workers=0, environment={"VIDEOCRAFT_API_KEY": KEY})


def test_a_server_that_is_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    size = 3 * 16 * MIB + 12345
    with serving(tmp_path / "data") as first:
        session_id = session(first)
        begun = begin(first, session_id, size)
        lengths = [16 * MIB] * 3 + [12345]
        etags = [
            put(first, part, piece_of(1, length)).headers["etag"]
            for part, length in zip(begun["parts"][:2], lengths[:2], strict=True)
        ]

        def breaks_off() -> Iterator[bytes]:
            yield piece_of(3, 5 * MIB)
            first.process.send_signal(signal.SIGKILL)
            first.process.wait()
            yield piece_of(3, MIB)

        with pytest.raises(httpx.TransportError):
            put(first, begun["parts"][2], breaks_off())
    with serving(tmp_path / "data") as second:
        path = f"/v2/sessions/{session_id}/assets/{begun['assetId']}/upload"
        resumed = second.http.get(path, headers=HEADERS).json()
        assert [part["partNumber"] for part in resumed["received"]] == [1, 2]
        assert [f'"{part["etag"]}"' for part in resumed["received"]] == etags
        for part, length in zip(resumed["parts"][2:], lengths[2:], strict=True):
            etags.append(put(second, part, piece_of(1, length)).headers["etag"])
        answer = complete(second, session_id, begun, etags)
        assert answer.status_code == 200, answer.text
    whole = (tmp_path / "data/media/projects/p/20260203/originals/angle-001_v001.mp4").read_bytes()
    assert hashlib.md5(whole).digest() == hashlib.md5(b"".join(map(piece_of, [1] * 4, lengths))).digest()


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    parts, at_once = 12, 4
    with serving(tmp_path / "data") as server:
        session_id = session(server)
        begun = begin(server, session_id, parts * 16 * MIB)
        # One part alone, twice: what every upload needs, without what several at once might add.
        with MemorySampler(server.process.pid, 0.02) as before:
            put(server, begun["parts"][0], piece_of(1, 16 * MIB))
            etags = [put(server, begun["parts"][0], piece_of(1, 16 * MIB)).headers["etag"]]
        with MemorySampler(server.process.pid, 0.02) as during, ThreadPoolExecutor(at_once) as pool:
            answers = pool.map(lambda part: put(server, part, piece_of(1, 16 * MIB)), begun["parts"][1:])
            etags += [answer.headers["etag"] for answer in answers]
        assert complete(server, session_id, begun, etags).status_code == 200
    assert before.peak.anonymous > 0
    # Four at once hold two MiB each; a server that collected parts would hold 48 MiB more than before.
    assert during.peak.anonymous - before.peak.anonymous < 24 * MIB


def test_a_connection_that_breaks_off_leaves_the_part_to_be_sent_again(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        session_id = session(server)
        begun = begin(server, session_id, 4 * MIB)
        part = begun["parts"][0]

        def breaks_off() -> Iterator[bytes]:
            yield piece_of(1, 2 * MIB)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            put(server, part, breaks_off())
        etag = put(server, part, piece_of(1, 4 * MIB)).headers["etag"]
        assert complete(server, session_id, begun, [etag]).status_code == 200


def test_events_end_cleanly_with_the_server(tmp_path: Path) -> None:
    async def listen(address: str, session_id: str, process: Any) -> list[Any]:
        url = address.replace("http", "ws") + f"/v2/sessions/{session_id}/events"
        async with websockets.connect(url, additional_headers=HEADERS) as socket:
            heard = [await socket.recv()]
            process.send_signal(signal.SIGTERM)
            try:
                while True:
                    heard.append(await socket.recv())
            except websockets.ConnectionClosed as closed:
                heard.append(closed.rcvd.code if closed.rcvd else None)
            return heard

    with serving(tmp_path / "data") as server:
        session_id = session(server)
        heard = asyncio.run(listen(server.address, session_id, server.process))
        assert '"session.state"' in heard[0]
        assert heard[-1] == 1012
        wait_until(lambda: server.process.poll() is not None, 20, "the end of the server")
        assert server.process.returncode == 0
        assert "Traceback" not in server.log


def test_a_listener_that_reads_nothing_stops_nobody(tmp_path: Path) -> None:
    async def listen(address: str, session_id: str, http: httpx.Client) -> int:
        url = address.replace("http", "ws") + f"/v2/sessions/{session_id}/events"
        async with (
            websockets.connect(url, additional_headers=HEADERS, max_queue=1, close_timeout=0.1) as deaf,
            websockets.connect(url, additional_headers=HEADERS) as listening,
        ):
            await asyncio.gather(deaf.recv(), listening.recv())
            for label in "ABCDEFGH":
                body = {"cameraLabel": label, "filename": "a.mp4", "contentType": "video/mp4", "sizeBytes": 5}
                path = f"/v2/sessions/{session_id}/assets/init-upload"
                await asyncio.to_thread(http.post, path, json=body, headers=HEADERS)
            for _ in range(8):
                await asyncio.wait_for(listening.recv(), 20)
            return 8

    with serving(tmp_path / "data") as server:
        assert asyncio.run(listen(server.address, session(server), server.http)) == 8
