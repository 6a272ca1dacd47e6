"""A server for the tests of a module: the real application, without workers; jobs end as the test wants."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from starlette.testclient import TestClient

from tests.support.stacks import settings_of
from videocraft.app import create_app
from videocraft.core.database import clock
from videocraft.core.database.models import Job, Video
from videocraft.core.jobs import JobsService, JobState, claims, transitions
from videocraft.core.jobs.outcomes import Completed, Failed
from videocraft.core.jobs.transitions import Seen
from videocraft.services import Services

KEY = "test-key"
AUDIO_URL = "https://example.com/audio.mp3"
CAPTIONS = {"srt": "1\n", "vtt": "WEBVTT\n", "ass": "[Script Info]\n", "json": '{"segments":[]}'}
EXAMPLE: dict[str, Any] = {
    "scenes": [{"elements": [{"type": "audio", "src": AUDIO_URL}]}],
    "elements": [
        {
            "type": "subtitles",
            "settings": {"style": "progressive", "font-family": "Arial", "font-size": 24},
        }
    ],
}
"""The document's own request."""

_ids = itertools.count()


@dataclass(frozen=True)
class World:
    """One server and what lies behind it."""

    client: TestClient
    services: Services

    def token(self) -> str:
        """A fresh CSRF token."""
        return str(self.client.get("/api/v1/csrf-token").json()["data"]["csrf_token"])

    def send(self, method: str, path: str, **named: Any) -> Any:
        """A change with a token; the response."""
        headers = {"X-CSRF-Token": self.token(), **named.pop("headers", {})}
        return self.client.request(method, f"/api/v1{path}", headers=headers, **named)

    def post(self, body: Any = EXAMPLE, path: str = "/generate-video", **named: Any) -> Any:
        """Ask for a film; the response."""
        return self.send("POST", path, content=json.dumps(body), **named)

    def get(self, path: str, **named: Any) -> Any:
        """Ask for something; the response."""
        return self.client.get(f"/api/v1{path}", **named)

    def job(self, body: Any = EXAMPLE) -> str:
        """A job that was queued; its id."""
        answer = self.post(body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["data"]["job_id"])

    def claim(self, job_id: str, progress: float = 0.0, message: str = "") -> claims.Fence:
        """A worker takes the job, and reports."""
        with self.jobs.transaction() as session:
            job = session.scalars(select(Job).where(Job.id == job_id)).one()
            seen = Seen(job_id, job.epoch, JobState(job.state))
            at = clock.now(session)
            columns = {
                "epoch": job.epoch + 1,
                "worker_id": "test",
                "lease_until": at + 600,
                "started_at": at - 10,
                "progress": progress,
                "message": message,
            }
            assert transitions.change(session, seen, JobState.RUNNING, columns, at=at)
            return claims.Fence(job_id, job.epoch + 1)

    def finish(self, job_id: str, *, fence: claims.Fence | None = None) -> str:
        """The job ends well; the film's id."""
        fence = fence or self.claim(job_id)
        with self.jobs.transaction() as session:
            job = session.scalars(select(Job).where(Job.id == job_id)).one()
            at = clock.now(session)
            video = video_of(job, at)
            session.add(video)
            outcome = Completed({"video_id": video.id, "file_size": video.file_size, "duration": 45.2})
            claims.finish(session, fence, outcome, at=at)
        self._store(f"{video.prefix}/video.mp4", b"film" * 250)
        self._store(f"{video.prefix}/preview.mp4", b"small")
        self._store(f"{video.prefix}/thumbnail.jpg", b"picture")
        for name, text in CAPTIONS.items():
            self._store(f"{video.prefix}/captions.{name}", text.encode())
        return str(video.id)

    def fail(self, job_id: str, code: str, message: str) -> None:
        """The job fails."""
        fence = self.claim(job_id)
        with self.jobs.transaction() as session:
            claims.finish(session, fence, Failed(code, message, {"stderr": "secret"}), at=clock.now(session))

    @property
    def jobs(self) -> JobsService:
        """The jobs behind the server."""
        return JobsService(self.services.database, self.services.dispatcher)

    def _store(self, key: str, data: bytes) -> None:
        path = self.services.settings.data_dir / f"draft-{next(_ids)}"
        path.write_bytes(data)
        self.services.storage.put_file(path, key)


def video_of(job: Job, at: float) -> Video:
    """The row of the film that a job has made."""
    video_id = job.payload.get("video_id", f"video_{uuid4().hex}")
    return Video(
        id=video_id,
        job_id=job.id,
        version=1,
        prefix=f"videos/{video_id}/{job.id}-1",
        file_size=1000,
        duration=45.2,
        width=1920,
        height=1080,
        framerate=30.0,
        has_audio=True,
        subtitle_tracks=[{"language": "en", "style": "progressive", "word_count": 127}],
        processing_stats={
            "audio_analysis_time": 2.1,
            "transcription_time": 15.8,
            "subtitle_generation_time": 3.2,
            "video_encoding_time": 24.5,
        },
        config=job.payload.get("config", {}),
        owner=job.owner,
        created_at=job.created_at,
        completed_at=at,
    )


@contextmanager
def open_world(data_dir: Path, **settings: Any) -> Iterator[World]:
    """A server without workers and without a rate limit, unless told otherwise."""
    chosen = settings_of(data_dir, api_key=KEY, **({"rate_limit": 0} | settings))
    headers = {"Authorization": f"Bearer {KEY}"}
    app = create_app(chosen)
    with TestClient(app, base_url="http://127.0.0.1:8000", headers=headers) as client:
        yield World(client, app.state.services)


def error(answer: Any, status: int, code: str) -> Mapping[str, Any]:
    """Check an error's status, shape and code; its body."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert {"error", "code", "timestamp", "request_id"} <= body.keys()
    assert body["code"] == code, body
    assert body["request_id"] == answer.headers["x-request-id"]
    return body
