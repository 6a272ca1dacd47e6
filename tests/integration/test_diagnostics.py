"""The queue as health endpoints and the doctor see it, and what a broker that hangs costs."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.support.app import serving
from tests.support.redis_server import RedisServer
from videocraft.app import create_app
from videocraft.core.diagnostics import QueueState, look_at_queue, queue_state
from videocraft.core.jobs import QueueUnavailable
from videocraft.core.jobs.dispatch import broker
from videocraft.core.jobs.dispatch.base import Topic
from videocraft.core.jobs.dispatch.celery import CeleryDispatcher
from videocraft.core.jobs.dispatch.embedded import EmbeddedDispatcher
from videocraft.doctor import state
from videocraft.doctor.finding import Level
from videocraft.settings import Settings


@pytest.fixture
def hanging() -> Iterator[int]:
    """The port of a server that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_broker_that_answers(tmp_path: Path, redis_server: RedisServer) -> None:
    settings = Settings(data_dir=tmp_path, queue_url=redis_server.url)
    with serving(create_app(settings)) as server:
        found = queue_state(server.services)
        assert server.client.get("/ready").status_code == 200
    assert found.connected
    assert found.broker_url == f"127.0.0.1:{redis_server.port}/0"
    assert found.redis_version is not None
    assert found.connected_clients is not None
    assert found.connected_clients >= 1
    (finding,) = state.check_queue(settings)
    assert (finding.level, found.redis_version in finding.says) == (Level.OK, True)


def test_a_broker_that_is_not_there(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, queue_url="redis://me:hush@127.0.0.1:1/3")
    found = look_at_queue(settings)
    assert found == QueueState(False, "127.0.0.1:1/3", error="Error 111 connecting to 127.0.0.1:1")
    (finding,) = state.check_queue(settings)
    assert (finding.level, "hush" in finding.says + finding.mend) == (Level.FAIL, False)
    with serving(create_app(settings)) as server:
        answer = server.client.get("/ready")
    assert answer.status_code == 503
    assert "queue" in answer.text


def test_a_broker_that_hangs_is_not_waited_for(
    tmp_path: Path, hanging: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "REACH_SECONDS", 0.2)
    url = f"redis://127.0.0.1:{hanging}/0"
    found = look_at_queue(Settings(data_dir=tmp_path, queue_url=url))
    assert found.error == f"Timeout connecting to 127.0.0.1:{hanging}"
    dispatcher = CeleryDispatcher(url, EmbeddedDispatcher(tmp_path))
    for use in (
        dispatcher.check,
        lambda: dispatcher.ring(Topic.WORK, ["a.b"]),
        lambda: dispatcher.remind(["a.b"]),
    ):
        with pytest.raises(QueueUnavailable, match=f"Timeout connecting to 127.0.0.1:{hanging}"):
            use()
    dispatcher.close()


def test_a_wrong_password_is_told_without_it(tmp_path: Path, redis_server: RedisServer) -> None:
    url = f"redis://me:hush@127.0.0.1:{redis_server.port}/0"
    found = look_at_queue(Settings(data_dir=tmp_path, queue_url=url))
    assert not found.connected
    assert found.error is not None
    assert "hush" not in found.error
    assert "password" in found.error


def test_the_embedded_queue(tmp_path: Path) -> None:
    assert look_at_queue(Settings(data_dir=tmp_path)) == QueueState(True, "embedded")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://localhost", "localhost:6379/0"),
        ("rediss://user:secret@cache.example:7000/2?ssl_cert_reqs=required", "cache.example:7000/2"),
        ("redis://[::1]:6380/", "[::1]:6380/0"),
    ],
)
def test_addresses_show_no_credentials(tmp_path: Path, url: str, shown: str) -> None:
    assert broker.address(Settings(data_dir=tmp_path, queue_url=url).queue_url) == shown


@pytest.mark.parametrize(
    "url", ["", "redis://", "redis://x:99999999", "redis://x:port", "redis://x/name", "amqp://x", "redis:x"]
)
def test_other_queues_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValidationError, match="VIDEOCRAFT_QUEUE_URL must be 'embedded' or"):
        Settings(data_dir=tmp_path, queue_url=url)
