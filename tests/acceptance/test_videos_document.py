"""The examples of the videos document, as they are written there: each curl command, and both clients.

Only what a reader has to fill in is filled in: the address, the key, the token, the ids and the source's URL.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.media import run_ffmpeg
from tests.support.server import Server, running_server
from tests.support.snippets import (
    CONTRACT_PYTHON,
    CONTRACT_TYPESCRIPT,
    replaced,
    run_python,
    run_typescript,
)
from tests.support.speech_samples import say
from tests.support.web import Exchange
from tests.support.web import web as serving

pytestmark = pytest.mark.slow

JOB = "550e8400-e29b-41d4-a716-446655440000"
CREATE = """\
curl -X POST http://localhost:3002/api/v1/generate-video \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer YOUR_API_KEY" \\
  -H "X-CSRF-Token: CSRF_TOKEN" \\
  -d '{
    "scenes": [
      {
        "elements": [
          {
            "type": "audio",
            "src": "https://example.com/audio.mp3"
          }
        ]
      }
    ],
    "elements": [
      {
        "type": "subtitles",
        "settings": {
          "style": "progressive",
          "font-family": "Arial",
          "font-size": 24
        }
      }
    ]
  }'
"""
LIST = """\
curl -H "Authorization: Bearer YOUR_API_KEY" \\
     "http://localhost:3002/api/v1/videos?limit=10&offset=0&status=completed"
"""
DETAILS = """\
curl -H "Authorization: Bearer YOUR_API_KEY" \\
     http://localhost:3002/api/v1/videos/video_123
"""
DOWNLOAD = """\
curl -H "Authorization: Bearer YOUR_API_KEY" \\
     -o "video.mp4" \\
     http://localhost:3002/api/v1/videos/video_123/download
"""
DELETE = """\
curl -X DELETE \\
  -H "Authorization: Bearer YOUR_API_KEY" \\
  -H "X-CSRF-Token: CSRF_TOKEN" \\
  http://localhost:3002/api/v1/videos/video_123
"""
JOBS = """\
curl -H "Authorization: Bearer YOUR_API_KEY" \\
     "http://localhost:3002/api/v1/jobs?status=processing&limit=20"
"""
JOB_DETAILS = f"""\
curl -H "Authorization: Bearer YOUR_API_KEY" \\
     http://localhost:3002/api/v1/jobs/{JOB}
"""
JOB_STATUS = f"""\
curl -H "Authorization: Bearer YOUR_API_KEY" \\
     http://localhost:3002/api/v1/jobs/{JOB}/status
"""
CANCEL = f"""\
curl -X POST \\
  -H "Authorization: Bearer YOUR_API_KEY" \\
  -H "X-CSRF-Token: CSRF_TOKEN" \\
  http://localhost:3002/api/v1/jobs/{JOB}/cancel
"""
CSRF_TOKEN = "curl http://localhost:3002/api/v1/csrf-token\n"
HEALTH = "curl http://localhost:3002/health\n"
DETAILED = """\
curl -H "Authorization: Bearer YOUR_API_KEY" \\
     http://localhost:3002/api/v1/health/detailed
"""
METRICS = "curl http://localhost:3002/metrics\n"
LIVE = "curl http://localhost:3002/live\n"
READY = "curl http://localhost:3002/ready\n"


@dataclass
class Reader:
    """Somebody who tries the document's commands in a folder of their own."""

    server: Server
    folder: Path
    audio_url: str

    @property
    def facts(self) -> dict[str, str]:
        """What stands in the document, and what it is here."""
        key = (self.server.data_dir / "api-key").read_text().strip()
        return {
            "http://localhost:3002": self.server.address,
            "YOUR_API_KEY": key,
            "your-api-key": key,
            "https://example.com/audio.mp3": self.audio_url,
        }

    def curl(self, command: str, **ids: str) -> tuple[int, str]:
        """Run a command; the status and the body of the answer."""
        filled_in = {name: value for name, value in (self.facts | ids).items() if name in command}
        if "CSRF_TOKEN" in command:
            filled_in["CSRF_TOKEN"] = self.json(CSRF_TOKEN)["csrf_token"]
        (self.folder / ".curlrc").write_text('silent\nshow-error\nwrite-out = "\\n%{http_code}"\n')
        done = subprocess.run(
            ["bash", "-c", replaced(command, filled_in)],
            cwd=self.folder,
            env={**os.environ, "CURL_HOME": str(self.folder), "NO_PROXY": "*"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def json(self, command: str, status: int = 200, **ids: str) -> Any:
        """The ``data`` of an answer of that status; the whole answer where it has none."""
        found, text = self.curl(command, **ids)
        assert found == status, text
        body = json.loads(text)
        assert body.get("success", True) is True
        return body.get("data", body)

    def finished(self, job_id: str) -> Any:
        """The status of a job that has ended well."""
        deadline = time.monotonic() + 120
        while (found := self.json(JOB_STATUS, **{JOB: job_id}))["status"] in {"pending", "processing"}:
            assert time.monotonic() < deadline, found
            time.sleep(0.2)
        assert found["status"] == "completed", found
        return found


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A web server with the document's `audio.mp3`."""
    folder = tmp_path_factory.mktemp("web")
    say("The quick brown fox jumps over the lazy dog").padded(0.2, 0.3).write(folder / "audio.wav")
    run_ffmpeg("-i", str(folder / "audio.wav"), str(folder / "audio.mp3"))
    content = (folder / "audio.mp3").read_bytes()

    def answer(exchange: Exchange) -> None:
        exchange.respond(content)

    with serving(answer) as started:
        yield started


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, audio: Any) -> Iterator[Reader]:
    """A fresh server, and somebody in front of it."""
    folder = tmp_path_factory.mktemp("reader")
    environment = {"VIDEOCRAFT_FETCH_ALLOW": f"127.0.0.1:{audio.port}"}
    with running_server(folder / "data", environment=environment) as server:
        yield Reader(server, folder, f"http://127.0.0.1:{audio.port}/audio.mp3")


def test_a_film_from_the_first_command_to_the_last(reader: Reader) -> None:
    created = reader.json(CREATE, 202)
    assert created.keys() == {"job_id", "status", "progress", "created_at", "status_url"}
    job = {JOB: created["job_id"]}
    assert reader.json(JOB_DETAILS, **job)["id"] == created["job_id"]
    result = reader.finished(created["job_id"])["result"]
    assert result.keys() == {"video_id", "download_url", "file_size", "duration"}
    assert [step["status"] for step in reader.json(JOB_DETAILS, **job)["processing_log"]] == ["completed"] * 5

    film = {"video_123": result["video_id"]}
    listed = reader.json(LIST)
    assert [video["id"] for video in listed["videos"]] == [result["video_id"]]
    assert listed["pagination"] == {"limit": 10, "offset": 0, "total": 1, "has_more": False}
    details = reader.json(DETAILS, **film)
    assert details["subtitle_tracks"][0]["word_count"] == 9
    assert (details["audio_codec"], details["video_codec"], details["framerate"]) == ("aac", "h264", 30)
    assert reader.curl(DOWNLOAD, **film)[0] == 200
    assert (reader.folder / "video.mp4").stat().st_size == result["file_size"]

    # The same words give the same film, so this job is over soon: either answer is the document's.
    again = {JOB: reader.json(CREATE, 202)["job_id"]}
    status, body = reader.curl(CANCEL, **again)
    assert (status, json.loads(body).get("data", {}).get("status")) in {(200, "cancelled"), (409, None)}

    assert reader.json(DELETE, **film)["message"] == "Video deleted successfully"
    assert reader.curl(DETAILS, **film)[0] == 404


def test_the_commands_of_operation(reader: Reader) -> None:
    token = reader.json(CSRF_TOKEN)
    assert token.keys() == {"csrf_token", "expires_at"}
    assert reader.json(JOBS)["pagination"] == {"limit": 20, "offset": 0, "total": 0}
    assert reader.json(HEALTH).keys() == {"status", "timestamp", "version"}
    detailed = reader.json(DETAILED)
    assert set(detailed["services"].values()) == {"healthy"}
    for command in (LIVE, READY):
        assert reader.json(command) == {"status": "ok"}
    status, text = reader.curl(METRICS)
    assert status == 200
    assert re.search(r'^videocraft_api_requests_total\{method="GET",status="200"\} \d', text, re.MULTILINE)


def test_the_python_example(reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    facts = {name: value for name, value in reader.facts.items() if name in CONTRACT_PYTHON}
    shown = run_python(replaced(CONTRACT_PYTHON, facts), tmp_path, seconds=120)
    assert re.fullmatch(r"Video ready: /api/v1/videos/video_\w+/download\n", shown)


def test_the_typescript_example(reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    facts = {name: value for name, value in reader.facts.items() if name in CONTRACT_TYPESCRIPT}
    shown = run_typescript(replaced(CONTRACT_TYPESCRIPT, facts), tmp_path, seconds=120)
    assert re.fullmatch(r"Video ready: /api/v1/videos/video_\w+/download\n", shown)
