"""The sessions document's flow as written, on real recordings, with a worker killed while it ingests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cameras import ffmpeg_binary
from tests.support.media import run_ffmpeg
from tests.support.server import Server, running_server, wait_until
from videocraft.demo.recordings import RATE, RECORDINGS, make_recording, room_sound, true_offset_ms
from videocraft.media.probe import MediaInfo, probe

KEY = "acceptance-key"
HEADERS = {"Authorization": f"Bearer {KEY}"}
CAMERAS = RECORDINGS[0], RECORDINGS[2]
OTHER = CAMERAS[1].label
INGEST_SECONDS = 120


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environment = {
        "VIDEOCRAFT_API_KEY": KEY,
        "VIDEOCRAFT_JOB_LEASE_SECONDS": "2",
        "VIDEOCRAFT_MEZZANINE": "off",
    }
    with running_server(tmp_path_factory.mktemp("session") / "data", environment=environment) as server:
        yield server


def call(server: Server, method: str, path: str, body: object = None) -> dict[str, Any]:
    answer = server.http.request(method, path, json=body, headers=HEADERS)
    assert answer.status_code < 300, answer.text
    return dict(answer.json())


def upload(server: Server, session: str, label: str, path: Path) -> None:
    data = path.read_bytes()
    body = {
        "cameraLabel": label,
        "filename": path.name,
        "contentType": "video/mp4",
        "sizeBytes": len(data),
    }
    begun = call(server, "POST", f"{session}/assets/init-upload", body)
    parts = []
    for part in begun["parts"]:
        start = (part["partNumber"] - 1) * begun["partSizeBytes"]
        answer = server.http.put(part["uploadUrl"], content=data[start : start + begun["partSizeBytes"]])
        parts.append({"partNumber": part["partNumber"], "etag": answer.headers["ETag"]})
    done = {"uploadId": begun["uploadId"], "parts": parts}
    call(server, "POST", f"{session}/assets/{begun['assetId']}/complete", done)


def test_cameras_are_ingested_synced_approved_and_cut(server: Server, tmp_path: Path) -> None:
    room = room_sound()
    body = {"title": "Sunday", "date": "2026-02-03", "projectId": "acceptance"}
    session = f"/v2/sessions/{call(server, 'POST', '/v2/sessions', body)['id']}"
    for recording in CAMERAS:
        path = tmp_path / recording.file_name
        make_recording(recording, room, path, binary=ffmpeg_binary(), on_fraction=lambda _: None)
        upload(server, session, recording.label, path)
    wait_until(lambda: bool(server.media_processes()), 60, "the ingest's FFmpeg")
    (worker,) = server.workers()
    os.kill(worker, signal.SIGKILL)

    def assets() -> list[dict[str, Any]]:
        return list(call(server, "GET", f"{session}/assets")["assets"])

    wait_until(
        lambda: all(asset["status"] != "ingesting" for asset in assets()), INGEST_SECONDS, "the ingest"
    )
    assert [asset["status"] for asset in assets()] == ["ready", "ready"]

    call(server, "POST", f"{session}/sync/compute", {"masterCamera": "A", "method": "xcorr"})
    wait_until(lambda: call(server, "GET", f"{session}/status")["status"] == "needs-review", 60, "the sync")
    sync = call(server, "GET", f"{session}/sync")
    true = true_offset_ms(CAMERAS[1])
    assert sync["offsetsExact"][OTHER] == pytest.approx(true, abs=0.1)
    assert sync["offsets"] == {"A": 0, OTHER: round(true)}
    assert sync["classification"][OTHER] == "looks-good"
    call(server, "POST", f"{session}/sync/approve", {"approvedBy": "acceptance"})

    config = call(server, "GET", f"{session}/export-config")
    (whole,) = config["segments"]
    segments = []
    for index, source in enumerate(config["sources"]):
        begin = whole["startTime"] + 1 + 2 * index - source["syncOffset"]
        segments.append(
            {"sourceIndex": index, "startTime": begin, "endTime": begin + 2, "audioSourceIndex": 0}
        )
    job = call(server, "POST", "/api/export", {**config, "segments": segments})["jobId"]
    wait_until(
        lambda: call(server, "GET", f"/api/export/{job}/status")["status"] in {"completed", "failed"},
        60,
        "the export",
    )
    assert call(server, "GET", f"/api/export/{job}/status")["status"] == "completed"
    film = tmp_path / "film.mp4"
    film.write_bytes(server.http.get(f"/api/export/{job}/download").content)
    (info,) = probe([film])
    assert isinstance(info, MediaInfo)
    assert info.video is not None
    assert info.video.frames == 4 * RATE
    run_ffmpeg("-xerror", "-i", str(film), "-f", "null", "-")
