"""The Python client over real sockets, blocking and asynchronous by the same tests."""

from __future__ import annotations

import asyncio
import inspect
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_videos_api import DONE, KEY, FakeServer, content
from videocraft import AsyncVideoCraftAPI, VideoCraftAPI
from videocraft.client import (
    AuthenticationError,
    BadRequest,
    ConnectionFailed,
    DownloadFailed,
    NotFound,
    ServerError,
    WaitTimeout,
)

PROJECT = {"scenes": [{"elements": [{"type": "audio", "src": "https://example.com/audio.mp3"}]}]}
NOW = {"Retry-After": "0"}
Call = Callable[..., Any]


class _Client:
    """Either client: ``call("videos.get", …)`` blocks until the answer is there."""

    def __init__(self, base_url: str, key: str, *, asynchronous: bool, **arguments: Any) -> None:
        self._runner = asyncio.Runner() if asynchronous else None
        self.api = (AsyncVideoCraftAPI if asynchronous else VideoCraftAPI)(base_url, key, **arguments)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        resource, method = name.split(".")
        outcome = getattr(getattr(self.api, resource), method)(*args, **kwargs)
        if self._runner is None:
            return outcome
        assert inspect.iscoroutine(outcome)
        return self._runner.run(outcome)

    def close(self) -> None:
        closing = self.api.close()
        if self._runner is not None:
            assert closing is not None
            self._runner.run(closing)
            self._runner.close()


@pytest.fixture(params=["blocking", "asynchronous"])
def connect(request: pytest.FixtureRequest, fake: FakeServer) -> Iterator[Callable[..., Call]]:
    """Makes clients of the fake, by default with its key."""
    clients: list[_Client] = []

    def make(key: str = KEY, base_url: str = fake.base_url, **arguments: Any) -> Call:
        client = _Client(base_url, key, asynchronous=request.param == "asynchronous", **arguments)
        clients.append(client)
        return client.call

    yield make
    for client in clients:
        client.close()


def test_from_order_to_film(connect: Callable[..., Call], fake: FakeServer, tmp_path: Path) -> None:
    fake.control(progress=[{"status": "processing", "progress": 10 * step} for step in (1, 5, 9)] + [DONE])
    call = connect()
    seen: list[int] = []
    job = call("videos.create", PROJECT)
    result = call(
        "jobs.wait_for_completion",
        job["job_id"],
        poll_interval=0.02,
        on_progress=lambda status: seen.append(status["progress"]),
    )
    assert result["download_url"] == "/api/v1/videos/video_1/download"
    assert seen == [10, 50, 90, 100]
    path = call("videos.download", result["video_id"], tmp_path)
    assert path == tmp_path / "video_1.mp4"
    assert path.read_bytes() == content("film")
    call("videos.delete", result["video_id"])
    with pytest.raises(NotFound, match="Video not found"):
        call("videos.get", result["video_id"])
    assert len(fake.requests("GET /csrf-token")) == 1


def test_lists_pass_their_filters_on(connect: Callable[..., Call], fake: FakeServer) -> None:
    call = connect()
    since = datetime(2024, 1, 1, tzinfo=UTC)
    videos = call("videos.list", limit=5, offset=10, status="completed", created_after=since)
    assert videos["pagination"]["limit"] == 5
    assert fake.requests()[0]["path"].endswith(
        "?limit=5&offset=10&status=completed&created_after=2024-01-01T00%3A00%3A00%2B00%3A00"
    )
    assert call("jobs.list", status="processing")["jobs"][0]["status"] == "processing"
    assert call("jobs.get", "job-1")["id"] == "job-1"
    assert call("jobs.status", "job-1")["status"] == "completed"
    assert call("jobs.cancel", "job-1")["status"] == "cancelled"


def test_an_id_stays_one_part_of_the_path(connect: Callable[..., Call], fake: FakeServer) -> None:
    assert connect()("videos.get", "../jobs/ä?x=1#")["id"]
    assert fake.requests()[0]["path"] == "/api/v1/videos/..%2Fjobs%2F%C3%A4%3Fx%3D1%23"


def test_a_lost_answer_never_makes_a_second_film(connect: Callable[..., Call], fake: FakeServer) -> None:
    fake.control(
        faults=[
            {"on": "POST /generate-video", "lose": True},
            {"on": "POST /generate-video", "status": 503, "headers": NOW},
        ]
    )
    connect()("videos.create", PROJECT)
    orders = fake.requests("POST /generate-video")
    assert len(orders) == 3
    assert len({order["headers"]["idempotency-key"] for order in orders}) == 1
    assert len(fake.state.orders) == 1


def test_two_orders_are_two_films_and_the_same_key_is_one(
    connect: Callable[..., Call], fake: FakeServer
) -> None:
    call = connect()
    first, second = (call("videos.create", PROJECT)["job_id"] for _ in range(2))
    assert first != second
    third, fourth = (call("videos.create", PROJECT, idempotency_key="mine")["job_id"] for _ in range(2))
    assert third == fourth


def test_a_token_that_the_server_has_forgotten_is_renewed(
    connect: Callable[..., Call], fake: FakeServer
) -> None:
    call = connect()
    call("videos.create", PROJECT)
    fake.state.tokens.clear()
    call("videos.create", PROJECT)
    assert len(fake.requests("GET /csrf-token")) == 2


def test_a_token_is_renewed_before_it_expires(connect: Callable[..., Call], fake: FakeServer) -> None:
    fake.control(token_seconds=20.0)
    call = connect()
    call("videos.create", PROJECT)
    call("videos.create", PROJECT)
    assert len(fake.requests("GET /csrf-token")) == 2
    assert not [one for one in fake.requests("POST /generate-video") if "x-csrf-token" not in one["headers"]]


def test_errors_are_typed(connect: Callable[..., Call]) -> None:
    with pytest.raises(BadRequest, match="At least one scene is required"):
        connect()("videos.create", {"scenes": []})
    with pytest.raises(AuthenticationError, match="Invalid API key"):
        connect("wrong")("videos.list")


def test_a_server_that_does_not_answer_is_a_typed_error_too(connect: Callable[..., Call]) -> None:
    with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1:1") as caught:
        connect(base_url="http://127.0.0.1:1", max_retries=0)("videos.list")
    assert not caught.value.sent


def test_a_server_that_says_nothing_is_not_waited_for(connect: Callable[..., Call], fake: FakeServer) -> None:
    fake.control(faults=[{"on": "GET /videos", "stall": True}])
    with pytest.raises(ConnectionFailed, match="in time") as caught:
        connect(timeout=0.1, max_retries=0)("videos.list")
    assert caught.value.code == "TIMEOUT"
    assert caught.value.sent


def test_an_answer_in_html_is_a_typed_error_too(connect: Callable[..., Call], fake: FakeServer) -> None:
    fake.control(faults=[{"on": "GET /videos", "status": 502, "body": "<html>Bad Gateway</html>"}])
    with pytest.raises(ServerError, match="502 Bad Gateway"):
        connect(max_retries=0)("videos.list")


def test_limits_and_outages_are_waited_out(connect: Callable[..., Call], fake: FakeServer) -> None:
    faults = [{"on": "GET /videos", "status": status, "headers": NOW} for status in (429, 500, 503)]
    fake.control(faults=[{"on": "GET /videos", "drop": True}, *faults])
    assert connect()("videos.list")["videos"]
    assert len(fake.requests()) == 5


def test_a_broken_download_goes_on_where_it_broke(
    connect: Callable[..., Call], fake: FakeServer, tmp_path: Path
) -> None:
    film = "GET /videos/video_1/download"
    fake.control(faults=[{"on": film, "cut": 100_001}, {"on": film, "cut": 70_000}])
    path = connect()("videos.download", "video_1", tmp_path / "film.mp4")
    assert path.read_bytes() == content("film")
    asked = [one["headers"].get("range") for one in fake.requests(film)]
    assert asked[0] is None
    starts = [int(re.fullmatch(r"bytes=(\d+)-", one)[1]) for one in asked[1:]]  # type: ignore[index]  # or it fails
    assert 0 < starts[0] <= 100_001
    assert starts[0] < starts[1] <= starts[0] + 70_000
    assert [one.name for one in tmp_path.iterdir()] == ["film.mp4"]


def test_a_film_that_never_comes_whole_leaves_nothing(
    connect: Callable[..., Call], fake: FakeServer, tmp_path: Path
) -> None:
    fake.control(faults=[{"on": "GET /videos/video_1/download", "lie": 1}], etags=False)
    with pytest.raises((ConnectionFailed, DownloadFailed)):
        connect(max_retries=0)("videos.download", "video_1", tmp_path / "film.mp4")
    assert not list(tmp_path.iterdir())


def test_a_redirect_to_a_bucket_does_not_show_it_the_key(
    connect: Callable[..., Call], fake: FakeServer, tmp_path: Path
) -> None:
    # Another name of the same machine is another server.
    bucket = fake.base_url.replace("127.0.0.1", "localhost") + "/videos/video_2/download"
    redirect = {"status": 302, "headers": {"Location": bucket}}
    fake.control(faults=[{"on": "GET /videos/video_1/download", **redirect}])
    with pytest.raises(AuthenticationError):
        connect()("videos.download", "video_1", tmp_path)
    shown, hidden = fake.requests()
    assert shown["headers"]["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in hidden["headers"]


def test_waiting_ends_in_time(connect: Callable[..., Call], fake: FakeServer) -> None:
    fake.control(progress=[{"status": "processing", "progress": 7}])
    with pytest.raises(WaitTimeout) as caught:
        connect()("jobs.wait_for_completion", "job-1", timeout=0.1, poll_interval=0.03)
    assert caught.value.last is not None
    assert caught.value.last["progress"] == 7


def test_a_progress_bar_is_drawn_on_stderr(
    connect: Callable[..., Call], fake: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.control(progress=[{"status": "processing", "progress": 50, "current_step": "[red]Mixing"}, DONE])
    connect()("jobs.wait_for_completion", "job-1", poll_interval=0.02, progress=True)
    shown = capsys.readouterr()
    assert not shown.out
    assert "Video generation completed" in shown.err
    assert "100%" in shown.err


def test_many_threads_share_one_client(fake: FakeServer) -> None:
    outcomes: list[str] = []
    with VideoCraftAPI(fake.base_url, KEY) as api:

        def order() -> None:
            outcomes.append(api.videos.create(PROJECT)["job_id"])

        threads = [threading.Thread(target=order) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert len(set(outcomes)) == 8


def test_many_tasks_share_one_client(fake: FakeServer) -> None:
    async def order() -> list[Any]:
        async with AsyncVideoCraftAPI(fake.base_url, KEY) as api:
            return await asyncio.gather(*[api.videos.create(PROJECT) for _ in range(8)])

    assert len({job["job_id"] for job in asyncio.run(order())}) == 8


def test_a_cancelled_task_leaves_no_temporary_file(fake: FakeServer, tmp_path: Path) -> None:
    film = "GET /videos/video_1/download"
    fake.control(faults=[{"on": film, "status": 503, "headers": {"Retry-After": "100"}}])

    async def give_up() -> None:
        async with AsyncVideoCraftAPI(fake.base_url, KEY) as api:
            # The server has asked to wait; by then the file is open.
            await asyncio.wait_for(api.videos.download("video_1", tmp_path / "film.mp4"), 0.5)

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
    assert fake.requests(film)
    assert not list(tmp_path.iterdir())
