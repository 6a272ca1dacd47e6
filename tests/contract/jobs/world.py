"""A server without workers, and what can be done to its jobs from behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from tests.support.media import make_av
from tests.support.stacks import settings_of
from videocraft.app import create_app
from videocraft.core.database import clock
from videocraft.core.jobs import claims
from videocraft.core.jobs.claims import Claim
from videocraft.core.jobs.outcomes import Outcome
from videocraft.core.jobs.reports import Report
from videocraft.core.jobs.service import JobsService
from videocraft.services import Services

BASE = "http://127.0.0.1:8000"
JOB_KEYS = {
    "id",
    "created_at",
    "updated_at",
    "clip_version_id",
    "job_type",
    "status",
    "queue_name",
    "priority",
    "payload",
    "result_payload",
    "error_message",
    "started_at",
    "completed_at",
}


@dataclass(frozen=True)
class World:
    """One server and what lies behind it."""

    client: TestClient
    services: Services

    def submit(self, job_type: str = "transcribe", payload: Any = None, **query: Any) -> dict[str, Any]:
        """A job that must be queued."""
        body = {"path": "film.mp4"} if payload is None else payload
        answer = self.client.post("/jobs/", params={"job_type": job_type, **query}, json=body)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def job(self, job_id: str) -> dict[str, Any]:
        """The job as it is."""
        answer = self.client.get(f"/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def claim(self) -> Claim:
        """Take the best job as a worker does."""
        with self._jobs.transaction() as session:
            claimed = claims.claim(session, worker_id="w", lease_seconds=60, at=clock.now(session))
        assert claimed is not None
        return claimed

    def report(self, claimed: Claim, progress: float, *lines: str) -> None:
        """What a handler tells while it runs."""
        log = [{"timestamp": 1730292371.219384, "message": line} for line in lines]
        with self._jobs.transaction() as session:
            report = Report(progress, lines[-1] if lines else "", [], log, is_event=True)
            claims.renew(session, claimed.fence, lease_seconds=60, at=clock.now(session), report=report)

    def finish(self, claimed: Claim, outcome: Outcome) -> None:
        """End a claim."""
        with self._jobs.transaction() as session:
            claims.finish(session, claimed.fence, outcome, at=clock.now(session))

    def clear(self) -> None:
        """Cancel whatever waits, so that the next job is the one that is claimed."""
        for job in self.client.get("/jobs/", params={"status": "queued", "limit": 100}).json()["jobs"]:
            self.client.post(f"/jobs/{job['id']}/cancel")

    def clip(self, **changes: Any) -> dict[str, Any]:
        """A new clip."""
        answer = self.client.post("/clips", json={"path": "film.mp4", "start": 0, "end": 0.5} | changes)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def detail(self, answer: Any, status: int) -> Any:
        """Check an error's status and shape; what it says."""
        assert answer.status_code == status, answer.text
        assert answer.json().keys() == {"detail"}
        return answer.json()["detail"]

    @property
    def _jobs(self) -> JobsService:
        return JobsService(self.services.database, self.services.dispatcher)


@contextmanager
def open_world(data_dir: Path, **settings: Any) -> Iterator[World]:
    """A server on which no key is asked for, with ``film.mp4`` (1 s) in its storage."""
    app = create_app(settings_of(data_dir, **settings))
    with TestClient(app, base_url=BASE) as client:
        services: Services = app.state.services
        services.storage.put_file(make_av(services.settings.data_dir / "made.mp4", seconds=1), "film.mp4")
        yield World(client, services)
