"""The fourth act: a recording is taken in, and its best part for a question becomes an upright clip."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from videocraft.demo.captioned import BACKGROUND, reading
from videocraft.demo.exporting import look
from videocraft.demo.stage import DemoFailed, Stage
from videocraft.media.ffmpeg import ffmpeg
from videocraft.media.process import Limits

RECORDING = "reading.mp4"
CLIP = "clip.mp4"
LIMITS = Limits(wall_seconds=120)
PROMPT = "a more amiable woman"
POLL_SECONDS = 0.2


def play(stage: Stage) -> None:
    """Ingest a recording of the reading, and cut a clip for social networks out of it."""
    recording = _record(stage)
    with recording.open("rb") as file:
        asset = stage.ask("POST", "/assets", params={"filename": RECORDING}, content=file).json()["id"]
    ingested = _run(stage, "ingest", {"source_asset_id": asset, "transcript": True})
    payload = {
        "source_asset_id": asset,
        "prompt": PROMPT,
        "count": 1,
        "max_duration": 10,
        "aspect_ratio": "9:16",
        "captions": True,
    }
    found = _run(stage, "generate_clip", payload)
    if not found["clips"]:
        raise DemoFailed(f"no clip was found: {found.get('reason')}")
    (clip,) = found["clips"]
    path = stage.fetch(clip["download_url"], CLIP)
    seen = look(path)
    if not seen.frames or not seen.has_sound:
        raise DemoFailed("the clip has no picture or no sound")
    loudness = ingested["loudness"]["integrated"]
    stage.tell("ingest", f"{len(ingested['derivatives'])} files made of the recording, {loudness:.1f} LUFS")
    stage.tell("best part", f"{clip['start']:.1f} to {clip['end']:.1f} s: {clip['reason']}")
    stage.tell("its clip", f"{path}: {seen.frames} frames, upright, with captions")


def _record(stage: Stage) -> Path:
    """The reading and the picture of the act before as one recording, as a camera would bring it."""
    voice, path = stage.output / "reading.ogg", stage.output / RECORDING
    voice.write_bytes(reading())
    picture = ["-loop", "1", "-framerate", "30", "-i", str(stage.output / BACKGROUND)]
    encoding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
    arguments = ["-y", *picture, "-i", str(voice), *encoding, str(path)]
    ffmpeg(arguments, binary=stage.ffmpeg, limits=LIMITS)
    voice.unlink()
    return path


def _run(stage: Stage, job_type: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Run a pipeline; gives its result.

    Raises:
        DemoFailed: it did not complete.
    """
    job_id = stage.ask("POST", "/jobs/", params={"job_type": job_type}, json=payload).json()["id"]
    with stage.meter(job_type) as meter:
        while True:
            job = stage.call("GET", f"/jobs/{job_id}")
            if job["status"] in {"failed", "cancelled"}:
                raise DemoFailed(f"{job_type} ended as {job['status']}: {job['error_message']}")
            result: dict[str, Any] = job["result_payload"] or {}
            meter.show(result.get("progress", 0.0))
            if job["status"] == "completed":
                return result
            time.sleep(POLL_SECONDS)
