"""A disk without room: told within five seconds, and everything goes on when there is room again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx

from tests.support.cameras import Camera, make_camera
from tests.support.exports import Exports, assert_right, config, segment
from tests.support.s3_server import ACCESS_KEY, SECRET_KEY, S3Server, open_bucket
from tests.support.server import Server, running_server, wait_until
from tests.support.small_disk import SmallDisk, on_small_disk

KEY = "chaos-key"
CLEAN_SECONDS = 5.0
MEGABYTES = 64
PART = 8 * 2**20
FULL = 507


@contextmanager
def server_on_small_disk(
    data_dir: Path, small: Path, environment: dict[str, str] | None = None
) -> Iterator[tuple[Server, SmallDisk]]:
    """A server, one of whose folders is a disk of 64 MB."""
    settings = {"VIDEOCRAFT_API_KEY": KEY, "VIDEOCRAFT_CSRF": "off", **(environment or {})}
    inside = on_small_disk(small, MEGABYTES)
    with running_server(data_dir, environment=settings, inside=inside) as server:
        server.http.headers["Authorization"] = f"Bearer {KEY}"
        yield server, SmallDisk(server.process.pid, small)


def elsewhere(tmp_path: Path) -> dict[str, str]:
    """The database on another disk, so that only files meet the full one."""
    return {"VIDEOCRAFT_DATABASE_URL": f"sqlite:///{tmp_path / 'elsewhere.db'}"}


def refused_soon(ask: Callable[[], httpx.Response], status: int = FULL) -> None:
    """The answer is a clean one, and soon."""
    began = time.monotonic()
    answer = ask()
    seconds = time.monotonic() - began
    print(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} after {seconds:.2f} s")
    assert answer.status_code == status, answer.text
    assert seconds <= CLEAN_SECONDS
    assert answer.json()  # the family's own error


def camera_on(disk: SmallDisk, tmp_path: Path, **parameters: Any) -> Camera:
    """A recording in the server's media root."""
    camera = make_camera(tmp_path / "camera.mp4", **parameters)
    (disk.folder / "media").mkdir(exist_ok=True)
    (disk.folder / "media" / "camera.mp4").write_bytes(camera.path.read_bytes())
    return camera


def test_uploads(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with server_on_small_disk(data_dir, data_dir, elsewhere(tmp_path)) as (server, disk):
        made = server.http.post(
            "/v2/sessions", json={"title": "Full", "date": "2026-02-03", "projectId": "load"}
        ).json()
        wanted = {
            "cameraLabel": "A",
            "filename": "a.mp4",
            "contentType": "video/mp4",
            "sizeBytes": PART,
        }
        path = f"/v2/sessions/{made['id']}/assets"
        begun = server.http.post(f"{path}/init-upload", json=wanted).json()
        url = begun["parts"][0]["uploadUrl"].partition("/v2/")[2]
        data = bytes(PART)
        disk.fill(leave=PART // 2)
        sends: list[Callable[[], httpx.Response]] = [
            lambda: server.http.put(f"/v2/{url}", content=data),
            lambda: server.http.post("/assets", content=data),
            lambda: server.http.post("/api/v1/uploads", content=data, headers={"Content-Type": "video/mp4"}),
        ]
        for send in sends:
            refused_soon(send)
        assert server.http.get("/ready").status_code == 200
        disk.free()
        answer = server.http.put(f"/v2/{url}", content=data)
        assert answer.status_code == 200, answer.text
        listed = [{"partNumber": 1, "etag": answer.headers["etag"]}]
        done = server.http.post(
            f"{path}/{begun['assetId']}/complete", json={"uploadId": begun["uploadId"], "parts": listed}
        )
        assert done.status_code == 200, done.text


def test_renders(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with server_on_small_disk(data_dir, data_dir, elsewhere(tmp_path)) as (server, disk):
        camera = camera_on(disk, tmp_path, seconds=Fraction(6), size=(640, 360))
        exports = Exports(server, tmp_path)
        long = config([camera], [segment(0, 0, 6)] * 20, codec="h265", quality="very_high")
        job_id = exports.submit(long)
        exports.wait(job_id, "processing")
        wait_until(lambda: exports.status(job_id)["progress"] > 0.05, 30, "some progress")
        disk.fill()
        began = time.monotonic()
        status = _failed(exports, job_id)
        print(f"render: {status['error']!r} after {time.monotonic() - began:.2f} s")
        assert time.monotonic() - began <= CLEAN_SECONDS
        assert "disk" in status["error"].lower() or "room" in status["error"].lower()
        refused_soon(lambda: server.http.post("/api/export", json=config([camera], [segment(0, 0, 2)])))
        disk.free()
        assert_right(exports.export(config([camera], [segment(0, 0, 2), segment(0, 3, 5)])), [camera])


def _failed(exports: Exports, job_id: str) -> dict[str, Any]:
    wait_until(lambda: exports.status(job_id)["status"] == "failed", 30, "the failure")
    return exports.status(job_id)


def test_copies_of_stored_files(tmp_path: Path, s3_server: S3Server) -> None:
    data_dir, prefix = tmp_path / "data", tmp_path.name
    bucket = open_bucket(s3_server, tmp_path / "machine", prefix=prefix)
    camera = make_camera(tmp_path / "camera.mp4", seconds=Fraction(4), size=(640, 360))
    bucket.put_file(camera.path, "camera.mp4")
    bucket.close()
    settings = elsewhere(tmp_path) | {
        "VIDEOCRAFT_STORAGE_URL": f"s3://{s3_server.shared_bucket()}/{prefix}",
        "VIDEOCRAFT_S3_ENDPOINT_URL": s3_server.endpoint,
        "VIDEOCRAFT_S3_ACCESS_KEY": ACCESS_KEY,
        "VIDEOCRAFT_S3_SECRET_KEY": SECRET_KEY,
    }
    with server_on_small_disk(data_dir, data_dir, settings) as (server, disk):
        exports = Exports(server, tmp_path)
        disk.fill(leave=8192)
        began = time.monotonic()
        answer = server.http.post("/api/export", json=config([camera], [segment(0, 0, 4)], codec="h264"))
        if answer.status_code == 200:
            status = _failed(exports, answer.json()["jobId"])
            assert "disk" in status["error"].lower() or "room" in status["error"].lower(), status
        else:
            assert answer.status_code == FULL, answer.text
        assert time.monotonic() - began <= CLEAN_SECONDS
        disk.free()
        assert_right(exports.export(config([camera], [segment(0, 0, 2)])), [camera])


def test_the_database(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with server_on_small_disk(data_dir, data_dir) as (server, disk):
        camera = camera_on(disk, tmp_path, seconds=Fraction(4))
        exports = Exports(server, tmp_path)
        running = exports.submit(config([camera], [segment(0, 0, 4)] * 15, codec="h265", quality="very_high"))
        exports.wait(running, "processing")
        body = {"title": "x" * 200, "date": "2026-02-03", "projectId": "full"}
        made = server.http.post("/v2/sessions", json=body).json()["id"]
        disk.fill()
        # Some pages of the log may still be free; they are soon used up.
        for _ in range(500):
            if server.http.post("/v2/sessions", json=body).status_code != 201:
                break
        refused_soon(lambda: server.http.post("/v2/sessions", json=body))
        for path in (f"/v2/sessions/{made}", f"/v2/sessions/{made}/status", f"/api/export/{running}/status"):
            assert server.http.get(path).status_code == 200
        time.sleep(CLEAN_SECONDS)  # long enough for the worker's lease to be written, or not
        disk.free()
        assert server.http.post("/v2/sessions", json=body).status_code == 201
        assert exports.wait(running)["status"] in {"completed", "failed"}
        assert_right(exports.export(config([camera], [segment(0, 0, 2)])), [camera])
        assert server.process.poll() is None
