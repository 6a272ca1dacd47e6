"""Exports under way: killed workers, deletion, stops of the server, and very many segments."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import MakeCamera
from tests.support.cameras import Camera, make_camera
from tests.support.exports import Exports, assert_right, config, segment
from tests.support.memory import command_line
from tests.support.server import Server, running_server, wait_until

CLEAN_SECONDS = 30.0


@pytest.fixture
def quick_server(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, which takes a worker for lost after two seconds."""
    with running_server(tmp_path / "data", environment={"VIDEOCRAFT_JOB_LEASE_SECONDS": "2"}) as server:
        yield server


def long_work(camera: Camera) -> dict[str, object]:
    """An export that takes some seconds: 40 s of picture to encode, in pieces."""
    segments = [segment(0, number, number + 20) for number in range(2)]
    return config([camera], segments, codec="h264", quality="very_high")


def start_long_work(exports: Exports, camera: Camera) -> tuple[str, dict[str, object]]:
    """Submit it and wait until a fifth is done; returns the job's id and the config."""
    wanted = long_work(camera)
    job_id = exports.submit(wanted)
    wait_until(lambda: exports.status(job_id)["progress"] > 0.2, 60, "a fifth of the export")
    return job_id, wanted


@pytest.mark.slow
def test_a_killed_worker_costs_an_attempt_and_not_the_export(quick_server: Server, tmp_path: Path) -> None:
    camera = make_camera(quick_server.media / "camera.mp4", seconds=25)
    exports = Exports(quick_server, tmp_path)
    job_id, wanted = start_long_work(exports, camera)
    before = exports.status(job_id)["progress"]
    (worker,) = quick_server.workers()
    started = quick_server.media_processes()
    os.kill(worker, signal.SIGKILL)
    # Nothing that it started outlives it: two would write the same files.
    wait_until(lambda: not any(map(command_line, started)), CLEAN_SECONDS, "the end of what it started")
    finished = exports.finish(job_id, wanted)
    assert_right(finished, [camera])
    assert min(status["progress"] for status in exports.statuses) >= before


@pytest.mark.slow
def test_the_third_lost_worker_fails_the_export_and_leaves_nothing_temporary(
    quick_server: Server, tmp_path: Path
) -> None:
    camera = make_camera(quick_server.media / "camera.mp4", seconds=25)
    exports = Exports(quick_server, tmp_path)
    job_id, _ = start_long_work(exports, camera)
    folder = quick_server.media / "exports" / job_id
    for lost in range(3):
        wait_until(lambda: any(folder.glob("work-*")), 60, f"the start after {lost} losses")
        (worker,) = quick_server.workers()
        before = {path.name for path in folder.glob("work-*")}
        os.kill(worker, signal.SIGKILL)
        wait_until(
            lambda before=before: {path.name for path in folder.glob("work-*")} != before, 60, "another run"
        )
    status = exports.wait(job_id)
    assert status["status"] == "failed"
    assert "lost three times" in status["error"]
    wait_until(
        lambda: {path.name for path in folder.iterdir()} == {"config.json", "status.json"},
        10,
        "a tidy folder",
    )
    assert json.loads((folder / "status.json").read_text()) == status


def test_a_crash_of_ffmpeg_publishes_nothing_broken(
    server: Server, exports: Exports, camera: MakeCamera
) -> None:
    source = camera(camera=1, seconds=25)
    job_id, wanted = start_long_work(exports, source)
    encoders = [pid for pid in server.media_processes() if "ffmpeg" in "".join(command_line(pid)[:1])]
    for pid in encoders:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert encoders
    if exports.wait(job_id)["status"] == "completed":
        assert_right(exports.finish(job_id, wanted), [source])
    else:
        assert str(server.data_dir) not in exports.status(job_id)["error"]
        assert server.http.get(f"/api/export/{job_id}/download").status_code == 404
        assert not (server.media / "exports" / job_id / "output.mp4").exists()


@pytest.mark.slow
def test_a_stopped_server_goes_on_with_the_export_at_its_next_start(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        camera = make_camera(server.media / "camera.mp4", seconds=25)
        exports = Exports(server, tmp_path)
        job_id, wanted = start_long_work(exports, camera)
        before = exports.status(job_id)["progress"]
    with running_server(tmp_path / "data") as server:
        exports = Exports(server, tmp_path)
        assert exports.status(job_id)["progress"] >= before
        assert_right(exports.finish(job_id, wanted), [camera])


@pytest.mark.parametrize("progress", [0.0, 0.3])
def test_delete_leaves_no_process_and_no_file(
    server: Server, exports: Exports, camera: MakeCamera, progress: float
) -> None:
    job_id = exports.submit(long_work(camera(camera=1, seconds=25)))
    wait_until(lambda: exports.status(job_id)["progress"] >= progress, 60, "the wanted progress")
    started = server.media_processes()
    answer = server.http.delete(f"/api/export/{job_id}")
    assert answer.status_code == 200
    assert answer.json() == {
        "jobId": job_id,
        "status": "cancelled",
        "message": "Export cancelled and files cleaned up",
    }
    assert server.http.get(f"/api/export/{job_id}/status").status_code == 404
    assert server.http.get(f"/api/export/{job_id}/download").status_code == 404
    assert not any(map(command_line, started))
    wait_until(lambda: not server.media_processes(), CLEAN_SECONDS, "the end of all media processes")
    assert not (server.media / "exports" / job_id).exists()
    wait_until(lambda: job_id not in everything(server.data_dir), CLEAN_SECONDS, "the end of all its files")


@pytest.mark.slow
def test_a_hundred_exports_deleted_at_random_moments_leave_nothing(
    quick_server: Server, tmp_path: Path
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # shown when it fails, so that it can be repeated
    chance = random.Random(seed)
    camera = make_camera(quick_server.media / "camera.mp4", seconds=6)
    exports = Exports(quick_server, tmp_path)
    segments = [segment(0, 0.3, 5.9), segment(0, 1.1, 3.7)]
    deleted_while = set()
    for _ in range(100):
        job_id = exports.submit(config([camera], segments, codec=chance.choice(["copy", "h264"])))
        # From the moment of the answer to after the end of the export.
        time.sleep(chance.uniform(0, 1.5))
        deleted_while.add(exports.status(job_id)["status"])
        assert quick_server.http.delete(f"/api/export/{job_id}").status_code == 200
        assert not (quick_server.media / "exports" / job_id).exists()
    assert {"processing", "completed"} <= deleted_while
    wait_until(lambda: not quick_server.media_processes(), CLEAN_SECONDS, "the end of all media processes")
    assert list((quick_server.media / "exports").iterdir()) == []
    assert not any((quick_server.data_dir / "work").glob("*"))
    with sqlite3.connect(quick_server.data_dir / "videocraft.db") as database:
        assert database.execute("SELECT count(*) FROM jobs").fetchone() == (0,)


def test_delete_of_a_finished_export_removes_it(server: Server, exports: Exports, camera: MakeCamera) -> None:
    finished = exports.export(config([camera(camera=1)], [segment(0, 2, 4)]))
    job_id = finished.config["id"]
    assert (server.media / "exports" / job_id / "output.mp4").exists()
    assert server.http.delete(f"/api/export/{job_id}").status_code == 200
    assert server.http.delete(f"/api/export/{job_id}").status_code == 404
    assert job_id not in everything(server.data_dir)


def test_a_finished_export_leaves_its_three_files_only(
    server: Server, exports: Exports, camera: MakeCamera
) -> None:
    cameras = [camera(camera=1), camera(camera=2)]
    finished = exports.export(config(cameras, [segment(0, 0.5, 3.5), segment(1, 1.1, 3.3)]))
    folder = server.media / "exports" / finished.config["id"]
    wait_until(lambda: not server.media_processes(), CLEAN_SECONDS, "the end of all media processes")
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "output.mp4", "status.json"]


@pytest.mark.slow
def test_a_hundred_and_fifty_five_segments(exports: Exports, camera: MakeCamera) -> None:
    cameras = [camera(camera=1, seconds=20), camera(camera=2, seconds=20)]
    chance = random.Random(155)
    segments = []
    for number in range(155):
        start = round(chance.uniform(0, 19), 3)
        segments.append(segment(number % 2, start, round(start + chance.uniform(0.2, 0.9), 3)))
    finished = exports.export(config(cameras, segments))
    assert_right(finished, cameras)


def test_a_source_that_vanishes_fails_the_export_with_a_sentence(
    server: Server, exports: Exports, camera: MakeCamera
) -> None:
    blocker = exports.submit(long_work(camera(camera=1, seconds=25)))
    doomed = make_camera(server.media / "doomed.mp4", seconds=2)
    job_id = exports.submit(config([doomed], [segment(0, 0.5, 1.5)]))
    doomed.path.unlink()
    assert server.http.delete(f"/api/export/{blocker}").status_code == 200
    status = exports.wait(job_id)
    assert status["status"] == "failed"
    assert str(server.data_dir) not in status["error"]
    answer = server.http.get(f"/api/export/{job_id}/download")
    assert answer.status_code == 404
    assert answer.json() == {"error": "Export not found or not completed"}


def test_the_download_can_be_taken_in_ranges(server: Server, exports: Exports, camera: MakeCamera) -> None:
    finished = exports.export(config([camera(camera=1)], [segment(0, 2, 4)]))
    whole = finished.path.read_bytes()
    path = f"/api/export/{finished.config['id']}/download"
    part = server.http.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    last = server.http.get(path, headers={"Range": "bytes=-50"})
    assert (last.status_code, last.content) == (206, whole[-50:])
    assert server.http.get(path, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416
    head = server.http.head(path)
    assert head.headers["content-length"] == str(len(whole))
    assert head.headers["content-type"] == "video/mp4"
    assert head.headers["content-disposition"] == 'attachment; filename="Acceptance.mp4"'


def test_a_client_that_hangs_up_does_no_harm(server: Server, exports: Exports, camera: MakeCamera) -> None:
    finished = exports.export(config([camera(camera=1)], [segment(0, 0, 6)]))
    path = f"/api/export/{finished.config['id']}/download"
    with (
        httpx.Client(base_url=server.address, trust_env=False) as client,
        client.stream("GET", path) as answer,
    ):
        next(answer.iter_raw(1024))
    assert server.http.get(path).content == finished.path.read_bytes()


def everything(folder: Path) -> str:
    """Names of all files and folders below one, a line each."""
    return "\n".join(str(path) for path in folder.rglob("*"))
