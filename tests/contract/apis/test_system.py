"""Health and probes, as the videos and the jobs documents have them."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import videocraft
from tests.contract.apis.test_error_shapes import TIMESTAMP
from tests.support.app import RunningServer, served
from videocraft.apis import system
from videocraft.services import RUN_FOLDER


def test_health(server: RunningServer) -> None:
    answer = server.client.get("/health")
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"status", "timestamp", "version"}
    assert (body["status"], body["version"]) == ("healthy", videocraft.__version__)
    assert TIMESTAMP.fullmatch(body["timestamp"])


def test_health_with_a_slash_is_another_family_s(server: RunningServer) -> None:
    answer = server.client.get("/health/")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "app": "VideoCraft", "environment": "development"}
    assert server.client.post("/health/").json() == {"detail": "Method Not Allowed"}
    assert server.client.post("/health").json()["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("path", ["/live", "/ready"])
def test_probes(server: RunningServer, path: str) -> None:
    answer = server.client.get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_slashes_are_not_redirected(server: RunningServer) -> None:
    for path in ("/live/", "/ready/", "/docs/"):
        assert server.client.get(path).status_code == 404


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """A server of which parts can be taken away."""
    monkeypatch.setattr(system, "KEEP_SECONDS", 0.0)
    with served(tmp_path / "data") as running:
        yield running


@pytest.mark.parametrize("part", ["database", "storage", "queue"])
def test_not_ready(broken: RunningServer, tmp_path: Path, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose() -> None:
        raise OSError("It can't be reached.")

    assert broken.client.get("/ready").status_code == 200
    if part == "database":
        with broken.services.database.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE api_keys")
    elif part == "storage":
        monkeypatch.setattr(broken.services.storage, "check", lose)
    else:
        shutil.rmtree(tmp_path / "data" / RUN_FOLDER)
    answer = broken.client.get("/ready")
    assert answer.status_code == 503
    body = answer.json()
    assert body["error"] == f"Not ready: {part} can't be reached"
    assert body["code"] == "UNAVAILABLE"
    assert body["details"] == {part: "unreachable"}
    assert answer.headers["retry-after"] == "5"
    # The process itself is fine: restarting it would not help.
    assert broken.client.get("/live").status_code == 200
    assert broken.client.get("/health").status_code == 200


def test_ready_asks_once_for_many_probes(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def check(storage: object) -> None:
        asked.append(storage)

    monkeypatch.setattr(system, "KEEP_SECONDS", 1000.0)
    monkeypatch.setattr(type(server.services.storage), "check", check)
    server.app.state.readiness = system.Readiness(server.services)
    for _ in range(5):
        assert server.client.get("/ready").status_code == 200
    assert len(asked) == 1


def test_what_hangs_can_not_be_reached(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(system, "CHECK_SECONDS", 0.01)
    monkeypatch.setattr(type(server.services.storage), "check", lambda _self: released.wait(30))
    server.app.state.readiness = system.Readiness(server.services)
    try:
        assert server.client.get("/ready").status_code == 503
    finally:
        released.set()
        server.app.state.readiness = system.Readiness(server.services)
