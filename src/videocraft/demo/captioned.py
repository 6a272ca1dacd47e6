"""The third act: a reading becomes a film whose captions follow the voice, through the Python client."""

from __future__ import annotations

import time
from importlib.resources import files
from typing import Any

from videocraft.client import VideoCraftAPI, VideoCraftAPIError
from videocraft.client.types import JobStatus
from videocraft.demo.exporting import look
from videocraft.demo.stage import DemoFailed, Stage, expect_ok
from videocraft.generation.base import ImageRequest
from videocraft.generation.illustrators.builtin import AnimaticIllustrator

FILM = "captioned.mp4"
BACKGROUND = "background.png"
WIDTH, HEIGHT = 1280, 720
POLL_SECONDS = 0.2
SPOKEN = ("leisure", "amiable", "respectable")
"""Words of the reading that a recogniser must have heard."""


def play(stage: Stage) -> None:
    """Upload a reading and a picture, make the film, and see what was heard."""
    started = time.perf_counter()
    voice = _upload(stage, reading(), "audio/ogg")
    background = _upload(stage, _picture(stage), "image/png")
    with VideoCraftAPI(base_url=f"{stage.address}/api/v1", api_key=stage.key) as api:
        job = api.videos.create(_project(voice, background))
        video_id = _wait(stage, api, job["job_id"])
        path = api.videos.download(video_id, stage.output / FILM)
    seconds = time.perf_counter() - started
    seen = look(path)
    if not seen.has_sound or not seen.frames:
        raise DemoFailed("the captioned film has no picture or no sound")
    words = _heard(stage, video_id)
    if missing := [word for word in SPOKEN if word not in " ".join(words).lower()]:
        raise DemoFailed(f"these words of the reading were not heard: {', '.join(missing)}")
    stage.tell("captions", f"{len(words)} words heard and shown when they are spoken")
    stage.tell("their film", f"{path}: {seen.frames} frames, made in {seconds:.1f} s")


def reading() -> bytes:
    """Five sentences read aloud, Ogg Opus; ``data/reading.md`` says whose they are."""
    return (files("videocraft.demo") / "data" / "reading.ogg").read_bytes()


def _project(voice: str, background: str) -> dict[str, Any]:
    return {
        "scenes": [
            {
                "elements": [
                    {"type": "image", "src": f"upload:{background}", "resize": "cover"},
                    {"type": "audio", "src": f"upload:{voice}"},
                ]
            }
        ],
        "elements": [
            {
                "type": "subtitles",
                "settings": {"style": "progressive", "font-size": 20, "word-color": "#FFD54A"},
            }
        ],
        "width": WIDTH,
        "height": HEIGHT,
        "quality": "medium",
    }


def _picture(stage: Stage) -> bytes:
    """A country house, drawn by the built-in illustrator."""
    path = stage.output / BACKGROUND
    request = ImageRequest(
        prompt="A country house in a garden at dawn, wide shot", style="cinematic", width=WIDTH, height=HEIGHT
    )
    AnimaticIllustrator().illustrate(request, path, should_stop=lambda: False)
    return path.read_bytes()


def _upload(stage: Stage, data: bytes, content_type: str) -> str:
    token = stage.call("GET", "/api/v1/csrf-token")["data"]["csrf_token"]
    headers = {**stage.authorization, "X-CSRF-Token": token, "Content-Type": content_type}
    answer = stage.client.post("/api/v1/uploads", content=data, headers=headers)
    expect_ok(answer)
    return str(answer.json()["data"]["id"])


def _wait(stage: Stage, api: VideoCraftAPI, job_id: str) -> str:
    with stage.meter("Film with captions") as meter:

        def show(status: JobStatus) -> None:
            meter.show(status["progress"] / 100, status.get("current_step") or "")

        try:
            made = api.jobs.wait_for_completion(job_id, poll_interval=POLL_SECONDS, on_progress=show)
        except VideoCraftAPIError as error:
            raise DemoFailed(f"the film was not made: {error}") from error
    return made["video_id"]


def _heard(stage: Stage, video_id: str) -> list[str]:
    """The film's words, from its captions as JSON."""
    found = stage.call("GET", f"/api/v1/videos/{video_id}/subtitles.json")
    return [word["text"] for segment in found["segments"] for word in segment["words"]]
