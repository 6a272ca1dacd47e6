"""A server of one test: sessions, uploads of small files, and jobs that end as the test wants."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from starlette.testclient import TestClient

from tests.support.stacks import settings_of
from videocraft.apis.sessions import stream, uploads
from videocraft.apis.sessions.service import jobs_of
from videocraft.app import create_app
from videocraft.core.database import clock
from videocraft.core.database.models import Asset, Job, Sync
from videocraft.core.jobs import JobState
from videocraft.services import Services

KEY = "test-key"
PART_BYTES = 1000
S3_PART_BYTES = 5 * 2**20
"""S3 joins no smaller ones."""
METADATA = {"durationMs": 1800000, "fps": 29.97, "resolution": "1920x1080", "codec": "h264", "audioTracks": 1}


def pair(offset_ms: float, confidence: float, classification: str, **facts: Any) -> dict[str, Any]:
    """What `media.sync` measures of one camera."""
    return {
        "offset_ms": offset_ms,
        "drift_ppm": 1.5,
        "offset_mid_ms": offset_ms,
        "overlap_ms": 60000.0,
        "confidence": confidence,
        "classification": classification,
        "reasons": [],
        "inverted": False,
        "jumps": [],
        "windows": [[0.5, offset_ms, 1.0], [30.0, offset_ms + 0.04, 0.9]],
        "peaks": [[-1.0, 0.0, 1.0], [0.1, 1.0, 0.2]],
    } | facts


REPORT = {
    "master": "A",
    "pairs": {"B": pair(1234.4, 12.4, "looks-good"), "C": pair(-532.5, 8.1, "review-suggested")},
}


@dataclass(frozen=True)
class World:
    """One server and what lies behind it."""

    client: TestClient
    services: Services
    part_bytes: int

    @property
    def data(self) -> bytes:
        """A recording of two parts and a half."""
        return _bytes(self.part_bytes * 5 // 2)

    def part(self, number: int) -> bytes:
        """A part of ``data``, counted from 1."""
        return self.data[(number - 1) * self.part_bytes : number * self.part_bytes]

    def etag(self, data: bytes) -> str:
        """What the storage calls a part of these bytes."""
        return (hashlib.md5 if self.services.settings.is_s3 else hashlib.sha256)(data).hexdigest()

    def session(self, **changes: Any) -> str:
        """A new session; its id."""
        body = {"title": "Sunday Service", "date": "2026-02-03", "projectId": "proj-abc123"} | changes
        answer = self.client.post("/v2/sessions", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def init(self, session_id: str, label: str = "A", size: int | None = None, **changes: Any) -> Any:
        """Ask for an upload, of ``data`` unless another size is given; the response."""
        body = {
            "cameraLabel": label,
            "filename": f"CAM_{label}_001.mp4",
            "contentType": "video/mp4",
            "sizeBytes": self.part_bytes * 5 // 2 if size is None else size,
        }
        return self.client.post(f"/v2/sessions/{session_id}/assets/init-upload", json=body | changes)

    def begun(
        self, session_id: str, label: str = "A", size: int | None = None, **changes: Any
    ) -> dict[str, Any]:
        """An upload that must be granted; the answer."""
        answer = self.init(session_id, label, size, **changes)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def put(self, url: str, data: bytes, **headers: str) -> Any:
        """Send a part as whoever has the URL: without a key, to this server or straight to the bucket."""
        if not url.startswith(str(self.client.base_url)):
            return httpx.put(url, content=data, headers=headers, timeout=30)
        return self.client.put(url, content=data, headers={"Authorization": "", **headers})

    def refused_as_gone(self, url: str) -> None:
        """Check that no part can be sent any more."""
        answer = self.put(url, self.part(1))
        if self.services.settings.is_s3:
            assert (answer.status_code, "<Code>NoSuchUpload</Code>" in answer.text) == (404, True), (
                answer.text
            )
        else:
            error(answer, 404, "UPLOAD_NOT_FOUND")

    def send(self, begun: Mapping[str, Any], data: bytes) -> list[dict[str, Any]]:
        """Send all parts; what `complete` wants to hear of them."""
        size = begun["partSizeBytes"]
        listed = []
        for part in begun["parts"]:
            start = (part["partNumber"] - 1) * size
            answer = self.put(part["uploadUrl"], data[start : start + size])
            assert answer.status_code == 200, answer.text
            listed.append({"partNumber": part["partNumber"], "etag": answer.headers["etag"]})
        return listed

    def complete(self, session_id: str, begun: Mapping[str, Any], parts: Any, **changes: Any) -> Any:
        """Complete an upload; the response."""
        body = {"uploadId": begun["uploadId"], "parts": parts} | changes
        return self.client.post(f"/v2/sessions/{session_id}/assets/{begun['assetId']}/complete", json=body)

    def uploaded(self, session_id: str, label: str = "A", data: bytes = b"film" * 625) -> dict[str, Any]:
        """A recording that is being ingested; the answer to its completion."""
        begun = self.begun(session_id, label, len(data))
        answer = self.complete(session_id, begun, self.send(begun, data))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def ready(self, session_id: str, label: str, **metadata: Any) -> str:
        """A recording that was ingested; its id."""
        asset_id = str(self.uploaded(session_id, label)["assetId"])
        with jobs_of(self.services).transaction() as session:
            asset = session.get_one(Asset, asset_id)
            asset.status = "ready"
            asset.media = METADATA | metadata
            key = f"projects/proj-abc123/20260203/proxies/angle-{ord(label) - 64:03}_v001.mp4"
            asset.derivatives = [{"kind": "proxy", "key": key, "size_bytes": 5}]
            told = {"assetId": asset_id, "cameraLabel": label}
            stream.announce(session, session_id, "asset.ready", told)
        path = self.services.settings.data_dir / "proxy"
        path.write_bytes(b"proxy")
        self.services.storage.put_file(path, key)
        return asset_id

    def cameras(self, session_id: str, labels: str = "ABC") -> None:
        """Ready recordings."""
        for label in labels:
            self.ready(session_id, label)

    def compute(self, session_id: str, **body: Any) -> Any:
        """Ask for a sync; the response."""
        return self.client.post(f"/v2/sessions/{session_id}/sync/compute", json=body)

    def end_sync(self, session_id: str, report: Mapping[str, Any] = REPORT) -> None:
        """Let the running sync come to its end."""
        with jobs_of(self.services).transaction() as session:
            sync = session.query(Sync).filter_by(session_id=session_id, status="computing").one()
            sync.status = "complete"
            sync.result = dict(report)
            sync.plots = {label: f"projects/p/sync/correlation-{label}.png" for label in report["pairs"]}
            sync.computed_at = clock.now(session)
            told = {label: measured["confidence"] for label, measured in report["pairs"].items()}
            stream.announce(session, session_id, "sync.complete", {"confidence": told})
            session.get_one(Job, self._seq(session, sync.job_id)).state = JobState.COMPLETED

    def fail_job(self, job_id: str, code: str, message: str, **details: Any) -> None:
        """Let a job end in failure without a word of its handler."""
        with self.services.database.write() as session:
            job = session.get_one(Job, self._seq(session, job_id))
            job.state = JobState.FAILED
            job.error_code, job.error_message, job.error_details = code, message, details

    def synced(self, labels: str = "ABC") -> str:
        """A session whose sync waits for its review; its id."""
        session_id = self.session()
        self.cameras(session_id, labels)
        assert self.compute(session_id).status_code == 202
        self.end_sync(session_id)
        return session_id

    def status(self, session_id: str) -> dict[str, Any]:
        """The answer of the status route."""
        answer = self.client.get(f"/v2/sessions/{session_id}/status")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def files(self) -> list[str]:
        """Keys of everything that is stored."""
        return [info.key for info in self.services.storage.list("")]

    @staticmethod
    def _seq(session: Any, job_id: str) -> int:
        return int(session.query(Job.seq).filter_by(id=job_id).scalar())


@contextmanager
def open_world(data_dir: Path, monkeypatch: Any, **settings: Any) -> Iterator[World]:
    """A server without workers whose parts are as small as its storage takes them."""
    chosen = settings_of(data_dir, api_key=KEY, **settings)
    part_bytes = S3_PART_BYTES if chosen.is_s3 else PART_BYTES
    monkeypatch.setattr(uploads, "MIN_PART_BYTES", part_bytes)
    monkeypatch.setattr(uploads, "_PART_STEP", part_bytes)
    headers = {"Authorization": f"Bearer {KEY}"}
    app = create_app(chosen)
    with TestClient(app, base_url="http://127.0.0.1:8000", headers=headers) as client:
        yield World(client, app.state.services, part_bytes)


@cache
def _bytes(count: int) -> bytes:
    pattern = bytes(range(250))
    return (pattern * (count // len(pattern) + 1))[:count]


def error(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Check an error's status, shape and code; its details."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message", "details"}
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    details: dict[str, Any] = body["error"]["details"]
    return details
