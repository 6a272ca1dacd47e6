"""A client for the videos family of a running server."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support.server import Server

WAIT_SECONDS = 120.0


@dataclass
class Films:
    """Asks for films as a client does: a key, a CSRF token, polling."""

    server: Server
    folder: Path
    """Where downloads go."""
    _headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the key that the server made at its first start."""
        key = (self.server.data_dir / "api-key").read_text().strip()
        self._headers["Authorization"] = f"Bearer {key}"

    def call(self, method: str, path: str, **named: Any) -> httpx.Response:
        """One request, with a token if it changes something."""
        headers = dict(self._headers) | named.pop("headers", {})
        if method != "GET":
            token = self.server.http.get("/api/v1/csrf-token").json()["data"]["csrf_token"]
            headers["X-CSRF-Token"] = token
        return self.server.http.request(method, f"/api/v1{path}", headers=headers, **named)

    def create(self, project: dict[str, Any], path: str = "/generate-video") -> str:
        """Ask for a film; the job's id."""
        answer = self.call("POST", path, json=project)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["data"]["job_id"])

    def status(self, job_id: str) -> dict[str, Any]:
        """How far a job is."""
        found: dict[str, Any] = self.call("GET", f"/jobs/{job_id}/status").json()["data"]
        return found

    def job(self, job_id: str) -> dict[str, Any]:
        """Everything about a job."""
        found: dict[str, Any] = self.call("GET", f"/jobs/{job_id}").json()["data"]
        return found

    def wait(self, job_id: str) -> dict[str, Any]:
        """Poll until the job has ended; its last status."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (found := self.status(job_id))["status"] in {"pending", "processing"}:
            assert time.monotonic() < deadline, found
            time.sleep(0.1)
        return found

    def finished(self, project: dict[str, Any], path: str = "/generate-video") -> str:
        """A film that is made; its id."""
        job_id = self.create(project, path)
        found = self.wait(job_id)
        assert found["status"] == "completed", (self.job(job_id), self.server.log[-4000:])
        return str(found["result"]["video_id"])

    def details(self, video_id: str) -> dict[str, Any]:
        """Everything about a film."""
        found: dict[str, Any] = self.call("GET", f"/videos/{video_id}").json()["data"]
        return found

    def download(self, video_id: str, what: str = "download", name: str = "film.mp4") -> Path:
        """A file of a film."""
        answer = self.call("GET", f"/videos/{video_id}/{what}")
        assert answer.status_code == 200, answer.text
        path = self.folder / name
        path.write_bytes(answer.content)
        return path

    def upload(self, path: Path) -> str:
        """Send a file; what a project calls it."""
        answer = self.call("POST", "/uploads", content=path.read_bytes())
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["src"])
