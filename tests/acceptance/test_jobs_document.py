"""The requests of the jobs document, word by word, on a running server: embedded, and Celery over Redis."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.media import make_av
from tests.support.pipelines import Jobs
from tests.support.redis_server import RedisServer, running_redis
from tests.support.server import Server, process_environment, running_server
from videocraft.core.database import Database
from videocraft.core.database.models import LibraryAsset

STOP_SECONDS = 60.0
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00"
BODY = b"""{
        "project_id": "proj_123",
        "source_asset_id": "asset_456",
        "transcript": false
      }"""


@dataclass(frozen=True)
class Documented:
    """A server that has the document's asset, and the Redis that it uses, if any."""

    server: Server
    redis: RedisServer | None

    def post(self) -> Any:
        """The document's ``curl``."""
        return self.server.http.post(
            "/jobs/?job_type=ingest&priority=5", content=BODY, headers={"Content-Type": "application/json"}
        )


@contextmanager
def worker_of(server: Server, queue_url: str) -> Iterator[None]:
    """``videocraft worker`` beside a server that runs no jobs itself."""
    command = [sys.executable, "-m", "videocraft", "worker", "--data-dir", str(server.data_dir)]
    environment = process_environment({"VIDEOCRAFT_QUEUE_URL": queue_url, "VIDEOCRAFT_MEZZANINE": "off"})
    with (server.data_dir / "worker.log").open("wb") as log:
        worker = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        try:
            yield
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(STOP_SECONDS) == 0


@pytest.fixture(scope="module", params=["embedded", pytest.param("celery", marks=pytest.mark.slow)])
def documented(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Documented]:
    data_dir = tmp_path_factory.mktemp("documented") / "data"
    if request.param == "embedded":
        server: Server = request.getfixturevalue("server")
        put_asset(server)
        yield Documented(server, None)
        return
    with running_redis() as redis:
        environment = {"VIDEOCRAFT_QUEUE_URL": redis.url, "VIDEOCRAFT_MEZZANINE": "off"}
        with running_server(data_dir, environment=environment) as server, worker_of(server, redis.url):
            put_asset(server)
            yield Documented(server, redis)


def put_asset(server: Server) -> None:
    """A recording with the document's id, as if it had been uploaded under it."""
    make_av(server.media / "documented.mp4", seconds=1)
    database = Database(f"sqlite:///{server.data_dir / 'videocraft.db'}")
    with database.write() as session:
        session.add(
            LibraryAsset(
                id="asset_456",
                filename="documented.mp4",
                content_type="video/mp4",
                size_bytes=1,
                original_key="documented.mp4",
                is_owned=False,
                derivatives=[],
                created_at=time.time(),
                updated_at=time.time(),
            )
        )
    database.dispose()


def test_the_example_is_answered_as_documented_and_runs(documented: Documented) -> None:
    answer = documented.post()
    assert answer.status_code == 202
    job = answer.json()
    assert re.fullmatch(TIME, job.pop("created_at"))
    assert re.fullmatch(TIME, job.pop("updated_at"))
    job_id = job.pop("id")
    assert job == {
        "clip_version_id": None,
        "job_type": "ingest",
        "status": "queued",
        "queue_name": "ai-video-editor-jobs",
        "priority": 5,
        "payload": {"project_id": "proj_123", "source_asset_id": "asset_456", "transcript": False},
        "result_payload": None,
        "error_message": None,
        "started_at": None,
        "completed_at": None,
    }
    ended = Jobs(documented.server.http).ended(job_id)
    assert (ended["status"], ended["error_message"]) == ("completed", None)
    assert ended.keys() == job.keys() | {"id", "created_at", "updated_at"}
    assert all(re.fullmatch(TIME, ended[name]) for name in ("updated_at", "started_at", "completed_at"))
    result = ended["result_payload"]
    assert result["progress"] == 1
    assert all(line.keys() == {"timestamp", "message"} for line in result["log"])
    assert result["asset_id"] == "asset_456"


def test_an_unknown_job_is_404(documented: Documented) -> None:
    answer = documented.server.http.get("/jobs/job_789")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Job job_789 not found"})


def test_diagnostics_and_a_broker_that_is_away(documented: Documented) -> None:
    http = documented.server.http
    health = http.get("/health/").json()
    assert (health.keys(), health["status"]) == ({"status", "app", "environment"}, "ok")
    queue = http.get("/health/diagnostics").json()["queue"]
    if documented.redis is None:
        assert queue == {"connected": True, "broker_url": "embedded"}
        return
    where = f"127.0.0.1:{documented.redis.port}"
    assert queue.keys() == {"connected", "broker_url", "redis_version", "connected_clients"}
    assert (queue["connected"], queue["broker_url"]) == (True, f"{where}/0")
    before = http.get("/jobs/").json()["total"]
    documented.redis.daemon.kill()
    assert http.get("/health/diagnostics").json() == {
        **health,
        "status": "degraded",
        "queue": {
            "connected": False,
            "broker_url": f"{where}/0",
            "error": f"Error 111 connecting to {where}",
        },
    }
    answer = documented.post()
    assert answer.status_code == 503
    assert answer.json() == {
        "detail": f"Failed to enqueue job: Queue connection error: Error 111 connecting to {where}."
    }
    documented.redis.daemon.start()
    assert http.get("/jobs/").json()["total"] == before, "nothing of it is kept"
