"""Every request that the document of storyboards shows, as it is typed, and both of its clients."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.node import node
from tests.support.server import Server, running_server, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

PATIENCE = 600.0
OURS = Path(__file__).parent / "data" / "storyboards.md"
DOCUMENT = Path(os.environ.get("VIDEOCRAFT_STORYBOARD_DOCUMENT") or OURS)

REQUESTS = '''
"""As much of requests as the document's client uses, over httpx."""
import httpx

class _Answer:
    def __init__(self, answer):
        self.status_code, self.json = answer.status_code, answer.json
        self.iter_content = lambda chunk_size: answer.iter_bytes(chunk_size)

def get(url, params=None, headers=None, stream=False):
    return _Answer(httpx.get(url, params=params, headers=headers, timeout=600, trust_env=False))

def post(url, params=None, headers=None):
    return _Answer(httpx.post(url, params=params, headers=headers, timeout=600, trust_env=False))
'''
PAGE = """
globalThis.window = globalThis;
window.URL.createObjectURL = blob => `blob:${blob.size}`;
globalThis.document = {
  createElement: () => ({ click() { console.log('Saved:', this.download, this.href); } }),
};
"""
"""What a browser has beyond Node."""


@dataclass
class Client:
    """Types what the document says at one server; ``job`` is the number that stands for its 123."""

    server: Server
    folder: Path
    job: int = 123
    saved: dict[str, httpx.Response] = field(default_factory=dict)

    def filled(self, text: str) -> str:
        text = re.sub(r"http://localhost:8000(?![\w/]*\.)", self.server.address, text)
        text = text.replace("YOUR_TOKEN", "key").replace("your_auth_token", "key")
        return re.sub(r"\b123\b", str(self.job), text)

    def curl(self, command: str) -> httpx.Response:
        """Run one command line of curl; what jq would do with the answer is for people."""
        words = shlex.split(self.filled(command).partition(" | jq")[0].replace("\\\n", " "))
        assert words[0] == "curl"
        method, url, body, into = "GET", "", None, ""
        headers = {}
        rest = iter(words[1:])
        for word in rest:
            if word == "-X":
                method = next(rest)
            elif word == "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            elif word == "-d":
                body = next(rest)
            elif word == "-o":
                into = next(rest)
            else:
                url += word
        answer = self.server.http.request(method, url, headers=headers, content=body)
        assert answer.status_code == 200, (command, answer.text)
        if into:
            self.saved[into] = answer
        return answer

    def run(self, block: str) -> list[httpx.Response]:
        """Every command of a block."""
        lines = "\n".join(line for line in block.splitlines() if not line.startswith("#"))
        return [self.curl(command) for command in re.split(r"\n+(?=curl )", lines.strip())]

    def until(self, status: str) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def reached() -> bool:
            found.update(self.server.http.get(f"/api/v2/jobs/{self.job}").json())
            assert found["status"] != "failed", found["error_message"]
            return bool(found["status"] == status)

        wait_until(reached, PATIENCE, status)
        return found

    def rendered(self) -> None:
        """Approve and render, as its reader would before the next export."""
        self.until("storyboard_ready")
        for verb in ("approve", "render"):
            answer = self.server.http.post(
                f"/api/v2/jobs/{self.job}/{verb}", headers={"Authorization": "Bearer key"}
            )
            assert answer.status_code == 200, answer.text
        self.until("completed")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("document")
    with running_server(folder / "data", environment={"VIDEOCRAFT_API_KEY": "key"}) as server:
        server.http.timeout = httpx.Timeout(PATIENCE)
        yield Client(server, folder)


def blocks(heading: str, language: str) -> list[str]:
    """The blocks of code below a heading of the document, up to the next one of its level."""
    text = DOCUMENT.read_text(encoding="utf-8")
    section = re.split(r"^## ", text.partition(f"\n## {heading}")[2], flags=re.MULTILINE)[0]
    found = re.findall(rf"^```{language}\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
    return [block for block in found if language != "bash" or "curl " in block]


def test_everything_that_the_document_shows_runs(client: Client) -> None:
    generate, status, review, refine, reorder, approve, render, video, exports, metadata = blocks(
        "Complete Workflow Example", "bash"
    )
    (created,) = client.run(generate)
    client.job = created.json()["job_id"]
    assert created.json()["status"] == "pending"
    client.until("storyboard_ready")
    (shown,) = client.run(status)
    assert shown.json()["status"] == "storyboard_ready"
    board = client.run(review)[0].json()["storyboard"]
    assert [each["scene"]["scene_number"] for each in board] == [1, 2, 3, 4, 5, 6]
    refined = client.run(refine)[0].json()
    assert refined["storyboard"][1]["scene"]["image_prompt"] == "Dramatic wide shot of ancient temple"
    assert refined["approved"] is False
    reordered = client.run(reorder)[0].json()["storyboard"]
    assert reordered[2]["scene"]["image_prompt"] == "Dramatic wide shot of ancient temple"
    assert client.run(approve)[0].json()["approved"] is True
    assert client.run(render)[0].json()["status"] == "rendering"
    client.until("completed")
    assert client.run(video)[0].headers["content-type"] == "video/mp4"
    kinds = [answer.headers["content-type"] for answer in client.run(exports)]
    assert kinds == ["video/mp4", "video/webm", "video/quicktime"]
    metrics = client.run(metadata)[0].json()["metrics"]
    assert metrics == {"refinement_count": 1, "download_count": 4}

    smaller, vision, order, performance = blocks("Common Use Cases", "bash")
    client.run(smaller)
    assert client.run(vision)[-1].json()["status"] == "rendering"
    client.until("completed")
    assert client.run(order)[-1].json()["status"] == "rendering"
    client.until("completed")
    metrics = client.run(performance)[0].json()["metrics"]
    assert metrics == {"refinement_count": 2, "download_count": 5}
    assert {name: answer.content[4:8] == b"ftyp" for name, answer in client.saved.items()} == {
        "original_video.mp4": True,
        "video_1080p.mp4": True,
        "video_web.webm": False,
        "video_720p.mov": True,
        "social_media.mp4": True,
    }

    _run_python(client)
    client.rendered()
    _run_javascript(client)
    client.rendered()

    quick = blocks("Quick Reference", "bash")
    assert client.run(quick[0])[0].headers["content-type"] == "video/mp4"
    assert "download_count" in client.run(quick[-1])[0].json()["metrics"]
    # What changes a storyboard there has four scenes in mind, and refinements to spare.
    (four,) = client.run(re.sub(r'"duration": \d+', '"duration": 20', generate))
    client.job = four.json()["job_id"]
    assert len(client.until("storyboard_ready")["storyboard"]) == 4
    for block in quick[1:-1]:
        assert client.run(block)[-1].json()["status"] == "storyboard_ready"


def _run_python(client: Client) -> None:
    (example,) = blocks("Python Client Example", "python")
    (client.folder / "requests.py").write_text(REQUESTS)
    (client.folder / "client.py").write_text(client.filled(example))
    ran = subprocess.run(
        [sys.executable, "client.py"],
        cwd=client.folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.splitlines()
    assert {"Refinement result: storyboard_ready", "Reorder result: storyboard_ready"} <= set(said)
    assert "Refinements: 3" in said
    assert "failed" not in ran.stdout
    assert (client.folder / f"video_{client.job}.webm").read_bytes()[:4] == b"\x1a\x45\xdf\xa3"


def _run_javascript(client: Client) -> None:
    (example,) = blocks("JavaScript/Frontend Example", "javascript")
    script = client.folder / "client.js"
    script.write_text(PAGE + client.filled(example))
    ran = node(script, seconds=PATIENCE, cwd=client.folder)
    assert ran.returncode == 0, ran.stdout
    size = re.search(rf"Saved: video_{client.job}.mp4 blob:(\d+)", ran.stdout)
    assert size is not None, ran.stdout
    assert int(size[1]) > 100_000
    assert "Refinements: 4" in ran.stdout
    assert "failed" not in ran.stdout.replace("generation_status", "")
