"""Sessions on a bucket: from an upload straight to it, over ingestion and links, to nothing left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from tests.contract.sessions.world import World, error, open_world
from tests.support.media import make_av
from tests.support.s3_server import ACCESS_KEY, SECRET_KEY, S3Server
from videocraft.apis.sessions import tasks
from videocraft.apis.sessions.service import jobs_of
from videocraft.core.database.models import Job
from videocraft.core.jobs import JobState
from videocraft.core.jobs.runner import Worker

WAIT = 60.0
assert tasks  # registers the handlers


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3_server: S3Server) -> Iterator[World]:
    """A server whose files lie below a prefix of their own."""
    settings = {
        "storage_url": f"s3://{s3_server.shared_bucket()}/{tmp_path.name}",
        "s3_endpoint_url": s3_server.endpoint,
        "s3_access_key": ACCESS_KEY,
        "s3_secret_key": SECRET_KEY,
        "mezzanine": "off",
    }
    with open_world(tmp_path / "data", monkeypatch, **settings) as opened:
        yield opened


def work(world: World) -> None:
    """Let a worker do all that waits."""
    services = world.services
    worker = Worker(services.settings, services.database, services.storage, services.dispatcher, "w")
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        with services.database.read() as session:
            job_ids = list(session.scalars(select(Job.id)))
        for job_id in job_ids:
            job = jobs_of(services).wait_until_terminal(job_id, WAIT)
            assert job is not None
            assert job.state == JobState.COMPLETED, (job.error_message, job.error_details)
    finally:
        worker.stop()
        thread.join(WAIT)


def fetch(world: World, url: str) -> bytes:
    """What a link of this server leads to."""
    assert url.startswith("http://127.0.0.1:8000/files/")
    answer = world.client.get(url, headers={"Authorization": ""})
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


def test_a_session_lives_in_a_bucket(world: World, tmp_path: Path, s3_server: S3Server) -> None:
    recording = make_av(tmp_path / "camera.mp4", seconds=1)
    data = recording.read_bytes()
    session_id = world.session()
    begun = world.begun(session_id, "A", len(data))
    assert begun["uploadUrl"].startswith(s3_server.endpoint)
    sent = httpx.put(begun["uploadUrl"], content=data)
    assert sent.status_code == 200, sent.text
    resumed = world.client.get(f"/v2/sessions/{session_id}/assets/{begun['assetId']}/upload").json()
    etag = sent.headers["ETag"]
    assert resumed["received"] == [{"partNumber": 1, "sizeBytes": len(data), "etag": etag.strip('"')}]
    parts = [{"partNumber": 1, "etag": etag}]
    completed = world.complete(session_id, begun, parts)
    assert completed.status_code == 200, completed.text
    error(world.complete(session_id, begun, parts), 409, "UPLOAD_ALREADY_COMPLETED")
    work(world)
    path = f"/v2/sessions/{session_id}/assets/{begun['assetId']}"
    asset = world.client.get(path).json()
    assert (asset["status"], asset["metadata"]["codec"]) == ("ready", "h264")
    assert fetch(world, asset["originalUrl"]) == data
    kinds = {derivative["kind"]: derivative for derivative in asset["derivatives"]}
    assert {"proxy", "audio-wav", "poster"} <= kinds.keys()
    assert len(fetch(world, kinds["poster"]["url"])) == kinds["poster"]["sizeBytes"]
    assert world.client.delete(f"/v2/sessions/{session_id}").status_code in {200, 204}
    assert world.files() == []
    assert world.services.storage.uploads() == []
