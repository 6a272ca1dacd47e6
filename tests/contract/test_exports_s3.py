"""Exports on a bucket, with a worker that shares nothing with the server but database and bucket."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from tests.contract.exports_world import config, segment, source
from tests.support.media import AAC, make_av
from tests.support.s3_server import ACCESS_KEY, SECRET_KEY, S3Server
from tests.support.tampering import TamperingProxy
from videocraft.apis.exports import tasks
from videocraft.app import create_app
from videocraft.core.database.models import LibraryAsset
from videocraft.core.jobs.runner import Worker
from videocraft.errors import Unavailable
from videocraft.services import Services, open_storage
from videocraft.settings import Settings

pytestmark = pytest.mark.laptop("its worlds choose their buckets themselves")

WAIT = 60.0
assert tasks  # registers the handlers


class World:
    """A server, and a worker with a data directory of its own."""

    def __init__(self, client: TestClient, services: Services, folder: Path) -> None:
        self.client = client
        self.services = services
        self.settings = services.settings
        if self.settings.is_s3:
            self.settings = self.settings.model_copy(update={"data_dir": folder / "worker"})
            self.settings.data_dir.mkdir()
        self.storage = open_storage(self.settings, b"")

    def work_until(self, ended: Callable[[], Any]) -> None:
        worker = Worker(self.settings, self.services.database, self.storage, self.services.dispatcher, "w")
        thread = threading.Thread(target=worker.run)
        thread.start()
        pause = threading.Event()
        try:
            for _ in range(int(WAIT * 50)):
                if ended():
                    return
                pause.wait(0.02)
            raise AssertionError("waited too long")
        finally:
            worker.stop()
            thread.join(WAIT)

    def status(self, export_id: str) -> dict[str, Any]:
        body: dict[str, Any] = self.client.get(f"/api/export/{export_id}/status").json()
        return body

    def export(self, wanted: dict[str, Any]) -> bytes:
        """The finished file of an export."""
        created = self.client.post("/api/export", content=json.dumps(wanted))
        assert created.status_code == 200, created.text
        export_id = created.json()["jobId"]
        self.work_until(lambda: self.status(export_id)["status"] in {"completed", "failed"})
        assert self.status(export_id)["status"] == "completed", self.status(export_id)
        return self.client.get(f"/api/export/{export_id}/download").content

    def stored(self) -> list[str]:
        return [info.key for info in self.storage.list("exports")]


@contextmanager
def open_world(folder: Path, **settings: str) -> Iterator[World]:
    """A server whose data lies in ``folder``."""
    app = create_app(Settings(data_dir=folder / "server", **settings))
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        world = World(client, app.state.services, folder)
        yield world
        world.storage.close()


def bucket(server: S3Server, prefix: str, endpoint: str = "") -> dict[str, str]:
    """Settings of a place in a bucket."""
    return {
        "storage_url": f"s3://{server.shared_bucket()}/{prefix}",
        "s3_endpoint_url": endpoint or server.endpoint,
        "s3_access_key": ACCESS_KEY,
        "s3_secret_key": SECRET_KEY,
    }


@pytest.fixture
def world(tmp_path: Path, s3_server: S3Server) -> Iterator[World]:
    with open_world(tmp_path, **bucket(s3_server, tmp_path.name), downloads="redirect") as world:
        yield world


def test_an_export_goes_from_bucket_to_bucket(world: World, tmp_path: Path) -> None:
    wanted = config(sources=[source("a.mp4")], segments=[segment(0, 0, 2)])
    missing = world.client.post("/api/export", content=json.dumps(wanted))
    assert (missing.status_code, "Source file not found: a.mp4" in missing.text) == (400, True)
    world.storage.put_file(make_av(tmp_path / "a.mp4", seconds=4), "sources/a.mp4")
    created = world.client.post("/api/export", content=json.dumps(wanted))
    assert created.status_code == 200, created.text
    export_id = created.json()["jobId"]
    assert [key.rpartition("/")[2] for key in world.stored()] == ["config.json", "status.json"]
    world.work_until(lambda: world.status(export_id)["status"] in {"completed", "failed"})
    assert world.status(export_id)["status"] == "completed", world.status(export_id)
    (job_folder,) = {"/".join(key.split("/")[:3]) for key in world.stored()}
    told = json.loads(b"".join(world.storage.open(f"{job_folder}/status.json")))
    assert told["status"] == "completed"
    assert not list((world.settings.data_dir / "work").rglob("*.mp4"))

    answer = world.client.get(f"/api/export/{export_id}/download")
    assert answer.status_code == 307
    answer = httpx.get(answer.headers["location"])
    assert answer.status_code == 200
    finished = world.storage.stat(f"{job_folder}/1/output.mp4")
    assert finished is not None
    assert len(answer.content) == finished.size
    assert b"ftyp" in answer.content[:16]

    assert world.client.delete(f"/api/export/{export_id}").status_code == 200
    assert world.stored() == []


def test_a_bucket_that_fails_once_the_export_is_queued_does_not_make_it_refused(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.storage.put_file(make_av(tmp_path / "a.mp4", seconds=4), "sources/a.mp4")
    wanted = config(sources=[source("a.mp4")], segments=[segment(0, 0, 2)])

    def refuse(*_: object, **__: object) -> None:
        raise Unavailable("The storage can't be reached.")

    with monkeypatch.context() as patch:
        patch.setattr(world.services.storage, "put_file", refuse)
        created = world.client.post("/api/export", content=json.dumps(wanted))
    assert created.status_code == 200, created.text
    assert world.stored() == []
    world.export(wanted)
    names = sorted(key.rpartition("/")[2] for key in world.stored())
    assert names == ["config.json", "output.mp4", "status.json"]


def test_a_recording_of_the_library_that_is_replaced_is_noticed(world: World, tmp_path: Path) -> None:
    facts = {"filename": "a.mp4", "content_type": "video/mp4", "size_bytes": 1, "original_key": "a.mp4"}
    with world.services.database.write() as session:
        session.add(LibraryAsset(id="asset_1", is_owned=False, created_at=1.0, updated_at=1.0, **facts))
    wanted = config(sources=[source("asset:asset_1")], segments=[segment(0, 0, 2)])
    assert world.client.post("/api/export", content=json.dumps(wanted)).status_code == 400
    world.storage.put_file(make_av(tmp_path / "a.mp4", seconds=4), "a.mp4")
    created = world.client.post("/api/export", content=json.dumps(wanted))
    assert created.status_code == 200, created.text
    export_id = created.json()["jobId"]
    world.storage.put_file(make_av(tmp_path / "a.mp4", seconds=3), "a.mp4")
    world.work_until(lambda: world.status(export_id)["status"] in {"completed", "failed"})
    told = "Source file changed or vanished while exporting: asset:asset_1"
    assert world.status(export_id)["error"] == told


def make_long(path: Path) -> Path:
    """A recording of 60 MB and 30 s, with its index at the end as cameras write it."""
    rate = ["-b:v", "16M", "-maxrate", "16M", "-bufsize", "16M", "-x264-params", "nal-hrd=cbr:filler=1"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-pix_fmt", "yuv420p", *rate, *AAC]
    return make_av(path, seconds=30, codecs=codecs)


def test_a_cut_fetches_what_it_needs_and_is_the_same(tmp_path: Path, s3_server: S3Server) -> None:
    film = make_long(tmp_path / "long.mp4")
    size = film.stat().st_size
    assert size > 55_000_000
    # From within a group of pictures to within another one.
    wanted = config(sources=[source("long.mp4")], segments=[segment(0, 20.3, 22.3)])
    with open_world(tmp_path / "disk") as world:
        world.settings.media_root.mkdir(exist_ok=True)
        shutil.copy(film, world.settings.media_root)
        from_disk = world.export(wanted)
    proxy = TamperingProxy(urlsplit(s3_server.endpoint).port or 0)
    with proxy, open_world(tmp_path / "s3", **bucket(s3_server, tmp_path.name, proxy.url)) as world:
        world.storage.put_file(film, "long.mp4")
        proxy.sent = 0
        from_bucket = world.export(wanted)
        # Server and worker share nothing, so both fetch what they look at; then the result comes back.
        fetched = proxy.sent - len(from_bucket)
    assert hashlib.sha256(from_bucket).digest() == hashlib.sha256(from_disk).digest()
    print(f"{fetched:,} of {size:,} bytes fetched for 2 of 30 s: {100 * fetched / size:.1f} %")
    assert fetched < 0.2 * size
