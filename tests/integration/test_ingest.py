"""The job ``sessions.ingest`` in a real worker: rows, keys, files and events."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import open_empty
from tests.support.media import make_av
from videocraft.apis.sessions import ingest as ingesting
from videocraft.core import events
from videocraft.core.database.models import Asset, Job, RecordingSession
from videocraft.core.jobs import JobsService, submit
from videocraft.core.jobs.dispatch.embedded import EmbeddedDispatcher
from videocraft.core.jobs.runner import Worker
from videocraft.core.storage.local import LocalStorage
from videocraft.errors import MediaError
from videocraft.settings import Settings

KEY = "projects/p/20260203/originals/angle-001_v002.mp4"
WAIT = 60.0


class Room:
    """A session with one uploaded recording, and a worker that ingests it."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=folder, job_lease_seconds=30)
        self.database = open_empty(folder)
        self.storage = LocalStorage(folder / "media", b"secret", "http://localhost")
        self.jobs = JobsService(self.database, EmbeddedDispatcher(folder / "run"))
        self._worker: Worker | None = None

    def upload(self, path: Path) -> None:
        self.storage.put_file(path, KEY)
        common = {"created_at": 0.0, "updated_at": 0.0}
        with self.database.write() as session:
            session.add(
                RecordingSession(id="session-1", title="t", date="2026-02-03", project_id="p", **common)
            )
            session.flush()
            session.add(
                Asset(
                    id="asset-1", session_id="session-1", camera_label="A", filename="a.mp4",
                    content_type="video/mp4", size_bytes=1, version=2, status="ingesting", original_key=KEY,
                    media=None, derivatives=[], error=None, ingest_job_id="job-1", **common,
                )
            )  # fmt: skip

    def ingest(self, job_id: str = "job-1") -> Job:
        with self.jobs.transaction() as session:
            submit(
                session,
                family="sessions",
                kind="sessions.ingest",
                payload={"assetId": "asset-1"},
                job_id=job_id,
            )
        worker = Worker(self.settings, self.database, self.storage, self.jobs.dispatcher, "w-1")
        thread = threading.Thread(target=worker.run)
        thread.start()
        job = self.jobs.wait_until_terminal(job_id, WAIT)
        worker.stop()
        thread.join(WAIT)
        assert job is not None
        return job

    def asset(self) -> Asset:
        with self.database.read() as session:
            return session.get_one(Asset, "asset-1")

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        with self.database.read() as session:
            return [
                (event.type, event.data) for event in events.read_after(session, "session:session-1", 0, 99)
            ]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    yield room
    room.database.dispose()


def test_a_recording_becomes_ready_with_its_derivatives(room: Room, tmp_path: Path) -> None:
    room.upload(make_av(tmp_path / "a.mp4", seconds=1))
    job = room.ingest()
    assert (job.state, job.error_message) == ("completed", None)
    asset = room.asset()
    assert (asset.status, asset.error) == ("ready", None)
    assert asset.media is not None
    assert (asset.media["durationMs"], asset.media["fps"], asset.media["codec"]) == (1000, 30, "h264")
    assert {each["kind"]: each["key"] for each in asset.derivatives} == {
        "proxy": "projects/p/20260203/proxies/angle-001_v002.mp4",
        "mezzanine": "projects/p/20260203/mezzanines/angle-001_v002.mov",
        "audio-wav": "projects/p/20260203/audios/angle-001_v002.wav",
        "waveform": "projects/p/20260203/waveforms/angle-001_v002.json",
        "poster": "projects/p/20260203/posters/angle-001_v002.jpg",
    }
    for each in asset.derivatives:
        stored = room.storage.stat(each["key"])
        assert stored is not None
        assert stored.size == each["size_bytes"] > 0
    told = room.told()
    assert told[-2:] == [
        ("asset.ready", {"assetId": "asset-1", "cameraLabel": "A"}),
        ("session.status", {"status": "ingesting"}),
    ]
    fractions = [data["progress"] for name, data in told if name == "asset.ingesting"]
    assert fractions == sorted(fractions)
    assert fractions


def test_it_runs_again_at_no_harm(room: Room, tmp_path: Path) -> None:
    room.upload(make_av(tmp_path / "a.mp4", seconds=1))
    room.ingest()
    before = room.asset().derivatives
    with room.database.write() as session:
        # As after a worker that died when everything but the last row was written.
        asset = session.get_one(Asset, "asset-1")
        asset.status, asset.derivatives, asset.ingest_job_id = "ingesting", [], "job-2"
    assert room.ingest("job-2").state == "completed"
    assert [each["key"] for each in room.asset().derivatives] == [each["key"] for each in before]


def test_a_job_of_another_upload_changes_nothing(room: Room, tmp_path: Path) -> None:
    room.upload(make_av(tmp_path / "a.mp4", seconds=1))
    job = room.ingest("job-9")
    assert (job.state, job.error_code) == ("failed", "CONFLICT")
    assert room.asset().status == "ingesting"
    assert room.told() == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not media at all", "The file is not a media file that can be read here."),
        (b"\0\0\0\x10ftypisom\0\0\0\0", "The file has no index (moov): it was not finished or is truncated."),
        (b"#EXTM3U\n#EXTINF:9,\na.ts\n", "The file is a playlist: it only names other files."),
    ],
)
def test_what_can_t_be_used_fails_with_a_reason(
    room: Room, tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    room.upload(path)
    job = room.ingest()
    assert (job.state, job.error_code, job.error_message) == ("failed", "INGESTION_FAILED", reason)
    error = {"code": "INGESTION_FAILED", "message": reason, "details": {"camera": "A"}}
    assert room.asset().status == "failed"
    assert room.asset().error is not None
    shown = room.asset().error or {}
    assert (shown["code"], shown["message"], shown["details"]["camera"]) == (
        error["code"], reason, "A",
    )  # fmt: skip
    assert "stderr" not in shown["details"]
    assert [name for name, _ in room.told()] == ["asset.failed", "session.status"]


def test_a_varying_rate_that_can_t_be_made_constant_has_a_code_of_its_own(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MediaError("The finished file is wrong: it has an uneven frame time.", code="CHECK_FAILED")

    monkeypatch.setattr(ingesting.derivatives, "make", fail)
    vary = [
        "-vf",
        "settb=1/90000,setpts=PTS+mod(N*7\\,5)*0.003/TB",
        "-fps_mode",
        "passthrough",
        "-enc_time_base:v",
        "1/90000",
    ]
    room.upload(make_av(tmp_path / "a.mp4", *vary, seconds=1))
    assert room.ingest().error_code == "VFR_CONVERSION_FAILED"


def test_a_steady_recording_whose_result_is_wrong_is_an_ingestion_that_failed(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MediaError("The finished file is wrong: it has no picture.", code="CHECK_FAILED")

    monkeypatch.setattr(ingesting.derivatives, "make", fail)
    room.upload(make_av(tmp_path / "a.mp4", seconds=1))
    assert room.ingest().error_code == "INGESTION_FAILED"
