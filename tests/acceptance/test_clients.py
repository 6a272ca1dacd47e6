"""Both clients against the server itself: orders, films, errors, webhooks."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.node import SDK, node
from tests.support.server import Server, running_server, wait_until
from videocraft import AsyncVideoCraftAPI, VideoCraftAPI
from videocraft.client import (
    AuthenticationError,
    BadRequest,
    Conflict,
    JobCancelled,
    NotFound,
    verify_webhook,
)
from videocraft.client.types import JobResult
from videocraft.media.probe import MediaInfo, probe

PROJECT: dict[str, Any] = {
    "scenes": [{"elements": [{"type": "text", "text": "Hello", "duration": 1}]}],
    "width": 160,
    "height": 90,
    "quality": "low",
}
FOREVER = PROJECT | {"scenes": [{"duration": 3600, "elements": [{"type": "text", "text": "…"}]}]}


@dataclass(frozen=True)
class _Message:
    headers: dict[str, str]
    body: bytes


class _Receiver(ThreadingHTTPServer):
    """Keeps the webhooks that it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.messages: list[_Message] = []


class _Hook(BaseHTTPRequestHandler):
    server: _Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.messages.append(_Message(dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Nothing to tell."""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies of the machine are not for servers on it."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="module")
def receiver() -> Iterator[_Receiver]:
    with _Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, receiver: _Receiver) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("server") / "data"
    settings = {"VIDEOCRAFT_FETCH_ALLOW": f"127.0.0.1:{receiver.server_port}"}
    with running_server(data_dir, environment=settings) as running:
        yield running


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    return (server.data_dir / "api-key").read_text().strip()


@pytest.fixture
def api(server: Server, key: str) -> Iterator[VideoCraftAPI]:
    with VideoCraftAPI(f"{server.address}/api/v1", key) as client:
        yield client


@dataclass(frozen=True)
class _Film:
    job_id: str
    result: JobResult
    seen: list[int]
    """The progress that was told."""


@pytest.fixture(scope="module")
def film(server: Server, key: str) -> Iterator[_Film]:
    """One film for all tests; it is deleted in the end."""
    seen: list[int] = []
    with VideoCraftAPI(f"{server.address}/api/v1", key) as api:
        job = api.videos.create(PROJECT)
        result = api.jobs.wait_for_completion(
            job["job_id"],
            timeout=120,
            poll_interval=0.1,
            on_progress=lambda now: seen.append(now["progress"]),
        )
        yield _Film(job["job_id"], result, seen)
        api.videos.delete(result["video_id"])
        with pytest.raises(NotFound):
            api.videos.get(result["video_id"])


def test_from_order_to_film_in_python(api: VideoCraftAPI, film: _Film, tmp_path: Path) -> None:
    result = film.result
    assert film.seen == sorted(film.seen)
    assert film.seen[-1] == 100
    path = api.videos.download(result["video_id"], tmp_path)
    assert path.stat().st_size == result["file_size"]
    (info,) = probe([path])
    assert isinstance(info, MediaInfo)
    assert float(info.duration) == pytest.approx(result["duration"], abs=0.1)
    video = api.videos.get(result["video_id"])
    assert (video["job_id"], video["resolution"]) == (film.job_id, "160x90")
    assert result["video_id"] in {one["id"] for one in api.videos.list(status="completed")["videos"]}
    assert film.job_id in {one["id"] for one in api.jobs.list(limit=100)["jobs"]}
    assert api.jobs.get(film.job_id)["video_config"]["width"] == 160
    with pytest.raises(Conflict, match="cannot cancel completed or failed job"):
        api.jobs.cancel(film.job_id)


def test_from_order_to_film_in_javascript(server: Server, key: str, film: _Film, tmp_path: Path) -> None:
    script = tmp_path / "order.mts"
    script.write_text(
        f"""
import {{ VideoCraftAPI }} from '{(SDK / "src").as_uri()}/index.ts';
const api = new VideoCraftAPI({{ baseURL: '{server.address}/api/v1', apiKey: '{key}', enableCSRF: true }});
const {{ duration }} = await api.videos.plan({json.dumps(PROJECT)});
const job = await api.videos.create({json.dumps(FOREVER)});
const waiting = api.jobs.waitForCompletion(job.job_id, {{ timeout: 120_000, pollInterval: 100 }});
const refused = waiting.catch((error) => error.name);
await api.jobs.cancel(job.job_id);
const end = await refused;
const result = await api.jobs.waitForCompletion('{film.job_id}');
const path = await api.videos.download(result.video_id, 'film.mp4');
const {{ size }} = await api.videos.downloadBlob(result.video_id);
const gone = await api.videos.delete('video_none').catch((error) => error.name);
console.log(JSON.stringify({{ duration, end, gone, path, size }}));
"""
    )
    done = node(script, seconds=180, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    size = film.result["file_size"]
    assert (tmp_path / "film.mp4").stat().st_size == size
    assert json.loads(done.stdout) == {
        "duration": 1,
        "end": "JobCancelled",
        "gone": "NotFound",
        "path": "film.mp4",
        "size": size,
    }


def test_a_plan_orders_nothing(api: VideoCraftAPI) -> None:
    before = api.jobs.list()["pagination"]["total"]
    assert api.videos.plan(PROJECT)["duration"] == pytest.approx(1)
    with pytest.raises(BadRequest, match="At least one scene is required"):
        api.videos.plan({"scenes": []})
    assert api.jobs.list()["pagination"]["total"] == before


def test_orders_with_one_key_are_one_job(api: VideoCraftAPI) -> None:
    first = api.videos.create(FOREVER, idempotency_key="mine")
    again = api.videos.create(FOREVER, idempotency_key="mine")
    assert first["job_id"] == again["job_id"]
    with pytest.raises(BadRequest, match="IDEMPOTENCY_KEY_REUSED"):
        api.videos.create(PROJECT, idempotency_key="mine")
    assert api.jobs.cancel(first["job_id"])["status"] == "cancelled"
    with pytest.raises(JobCancelled):
        api.jobs.wait_for_completion(first["job_id"], timeout=60, poll_interval=0.1)


def test_errors_are_what_the_server_says(server: Server, api: VideoCraftAPI) -> None:
    with pytest.raises(BadRequest) as caught:
        api.videos.create({"scenes": [{"elements": [{"type": "audio"}]}]})
    assert caught.value.code == "VALIDATION_ERROR"
    assert caught.value.details == {"scenes[0].elements[0].src": "URL is required for audio elements"}
    assert caught.value.request_id
    with pytest.raises(NotFound) as missing:
        api.jobs.status("00000000-0000-4000-8000-000000000000")
    assert missing.value.code == "JOB_NOT_FOUND"
    with (
        VideoCraftAPI(f"{server.address}/api/v1", "wrong") as stranger,
        pytest.raises(AuthenticationError) as refused,
    ):
        stranger.videos.create(PROJECT)
    assert refused.value.code == "INVALID_API_KEY"


def test_many_orders_at_a_time(server: Server, key: str) -> None:
    async def order() -> set[str]:
        async with AsyncVideoCraftAPI(f"{server.address}/api/v1", key) as api:
            jobs = await asyncio.gather(*[api.videos.create(FOREVER) for _ in range(4)])
            await asyncio.gather(*[api.jobs.cancel(job["job_id"]) for job in jobs])
            return {job["job_id"] for job in jobs}

    assert len(asyncio.run(order())) == 4


def test_a_webhook_can_be_verified(server: Server, api: VideoCraftAPI, key: str, receiver: _Receiver) -> None:
    answer = httpx.get(f"{server.address}/api/v1/webhooks/secret", headers={"Authorization": f"Bearer {key}"})
    secret = answer.json()["data"]["secret"]
    hook = f"http://127.0.0.1:{receiver.server_port}/hook"
    job = api.videos.create(FOREVER | {"webhook_url": hook})
    api.jobs.cancel(job["job_id"])
    wait_until(lambda: bool(receiver.messages), 60, "the webhook")
    (message,) = receiver.messages
    told = verify_webhook(message.body, message.headers, secret)
    assert told["event"] == "job.cancelled"
    assert told["data"]["job_id"] == job["job_id"]
