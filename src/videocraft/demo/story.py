"""The fifth act: a prompt becomes a storyboard, the storyboard a film, with the built-in providers."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

from videocraft.demo.exporting import look
from videocraft.demo.stage import DemoFailed, Stage

PROMPT = "A hero discovers a hidden treasure in ancient ruins"
SECONDS = 15
RATE = 30
POLL_SECONDS = 0.2
SHEET = "storyboard.jpg"
SHEET_WIDTH, SHEET_COLUMNS = 480, 3


def play(stage: Stage) -> None:
    """Write and draw a storyboard, approve it, render it, and fetch a small version for the web."""
    started = time.perf_counter()
    body = {"prompt": PROMPT, "duration": SECONDS, "style": "cinematic", "aspect_ratio": "16:9"}
    job = f"/api/v2/jobs/{stage.call('POST', '/api/v2/generate', body)['job_id']}"
    board = _wait(stage, job, "storyboard_ready", "Storyboard")["storyboard"]
    drawn = time.perf_counter()
    sheet = _contact_sheet(stage, board)
    stage.call("POST", f"{job}/approve")
    stage.call("POST", f"{job}/render")
    _wait(stage, job, "completed", "Its film")
    rendered = time.perf_counter()
    film = stage.fetch(f"{job}/video", "story.mp4")
    small = stage.fetch(f"{job}/export?format=webm&quality=low", "story.webm")
    for path in (film, small):
        seen = look(path)
        if seen.frames != SECONDS * RATE:
            raise DemoFailed(f"{path.name} has {seen.frames} frames instead of {SECONDS * RATE}")
    stage.tell("storyboard", f"{sheet}: {len(board)} scenes in {drawn - started:.1f} s")
    stage.tell("its film", f"{film}: {SECONDS} s of it in {rendered - drawn:.1f} s; for the web {small}")


def _wait(stage: Stage, job: str, wanted: str, label: str) -> dict[str, Any]:
    with stage.meter(label) as meter:
        while True:
            found = stage.call("GET", job)
            if found["status"] in {"failed", "canceled"}:
                raise DemoFailed(f"the storyboard ended as {found['status']}: {found['error_message']}")
            progress = found["progress"]
            total = progress["scenes_total"] or 1
            meter.show(min(1.0, progress["scenes_completed"] / total), progress["message"] or "")
            if found["status"] == wanted:
                meter.show(1.0)
                return found
            time.sleep(POLL_SECONDS)


def _contact_sheet(stage: Stage, board: list[dict[str, Any]]) -> Path:
    """All scenes in one picture."""
    from PIL import Image

    pictures = []
    for scene in board:
        if scene["generation_status"] != "completed":
            raise DemoFailed(f"scene {scene['scene']['scene_number']} was not drawn: {scene['error']}")
        answer = stage.ask("GET", scene["image_url"])
        picture = Image.open(io.BytesIO(answer.content)).convert("RGB")
        pictures.append(picture.resize((SHEET_WIDTH, SHEET_WIDTH * picture.height // picture.width)))
    height = pictures[0].height
    rows = -(-len(pictures) // SHEET_COLUMNS)
    sheet = Image.new("RGB", (SHEET_WIDTH * SHEET_COLUMNS, height * rows))
    for index, picture in enumerate(pictures):
        sheet.paste(picture, (index % SHEET_COLUMNS * SHEET_WIDTH, index // SHEET_COLUMNS * height))
    path = stage.output / SHEET
    sheet.save(path, quality=88)
    return path
