"""The first act: an edit over three cameras goes to ``POST /api/export`` and comes back as one film."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx

from videocraft.demo.cameras import CAMERAS, RATE, make_camera
from videocraft.demo.stage import DemoFailed, Stage
from videocraft.media.probe import MediaInfo, probe

# Camera, start and end in seconds. No cut but the first lies on a keyframe: each needs a few frames encoded.
CUTS = (
    (0, "1.000", "4.500"),
    (1, "4.500", "7.700"),
    (2, "7.700", "10.900"),
    (0, "10.900", "13.900"),
    (2, "13.900", "16.100"),
    (1, "16.100", "19.400"),
)
FOLDER = "demo"
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Film:
    """A downloaded film and what its job said about it."""

    path: Path
    announced_bytes: int
    """The download's Content-Length."""
    status: dict[str, Any]
    """The last answer of the status route."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a probe sees in a film."""

    size: int
    frames: int | None
    has_sound: bool


def play(stage: Stage) -> None:
    """Make the cameras, cut between them, check what comes back."""
    _film_cameras(stage)
    started = time.perf_counter()
    export_id = _submit(stage)
    status = _follow(stage, export_id)
    wall_seconds = time.perf_counter() - started
    film = _download(stage, status)
    frames = check(film, look(film.path))
    copied, encoded = status["framesCopied"], status["framesEncoded"]
    stage.tell("film", str(film.path))
    stage.tell(
        "length",
        f"{frames / RATE:.3f} s, {frames} frames, {film.announced_bytes / 1e6:.1f} MB, {len(CUTS)} segments",
    )
    stage.tell(
        "frames", f"{copied} copied as they were filmed, {encoded} encoded ({copied / frames:.0%} untouched)"
    )
    stage.tell("export took", f"{wall_seconds:.1f} s, from the request to the checked file")
    stage.tell("warnings", "; ".join(status["warnings"]) or "none")


def _film_cameras(stage: Stage) -> None:
    folder = stage.media_root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with stage.meter("Three cameras") as meter:
        for index, camera in enumerate(CAMERAS):

            def show(fraction: float, index: int = index, name: str = camera.name) -> None:
                meter.show((index + fraction) / len(CAMERAS), name)

            make_camera(camera, folder / camera.file_name, binary=stage.ffmpeg, on_fraction=show)


def edit(export_id: str) -> dict[str, Any]:
    """The request body: the cuts, with one camera's microphone running through all of them."""
    return {
        "version": 1,
        "id": export_id,
        "projectId": "demo",
        "projectName": "VideoCraft demo",
        "createdAt": datetime.now(UTC).isoformat(),
        "sources": [
            {"id": camera.name.lower(), "name": camera.name, "filePath": f"{FOLDER}/{camera.file_name}"}
            for camera in CAMERAS
        ],
        "segments": [
            {"sourceIndex": source, "startTime": float(start), "endTime": float(end), "audioSourceIndex": 0}
            for source, start, end in CUTS
        ],
        "output": {"format": "mp4", "codec": "copy", "includeAudio": True},
        "status": "pending",
    }


def _submit(stage: Stage) -> str:
    export_id = f"demo-{time.time_ns()}"
    answer = stage.client.post("/api/export", json=edit(export_id))
    _expect_ok(answer)
    return str(answer.json()["jobId"])


def _follow(stage: Stage, export_id: str) -> dict[str, Any]:
    with stage.meter("Export") as meter:
        while True:
            answer = stage.client.get(f"/api/export/{export_id}/status")
            _expect_ok(answer)
            status: dict[str, Any] = answer.json()
            if status["status"] not in {"pending", "processing", "completed"}:
                raise DemoFailed(
                    f"the export ended as {status['status']}: {status.get('error', status.get('message'))}"
                )
            meter.show(status.get("progress", 0.0), status.get("message", ""))
            if status["status"] == "completed":
                return status
            time.sleep(POLL_SECONDS)


def _download(stage: Stage, status: dict[str, Any]) -> Film:
    stage.output.mkdir(parents=True, exist_ok=True)
    path = stage.output / "multicam.mp4"
    with stage.client.stream("GET", status["downloadUrl"]) as answer:
        if answer.is_error:
            answer.read()
        _expect_ok(answer)
        with path.open("wb") as file:
            for piece in answer.iter_bytes():
                file.write(piece)
        return Film(path, int(answer.headers["Content-Length"]), status)


def _expect_ok(answer: httpx.Response) -> None:
    if answer.is_error:
        raise DemoFailed(
            f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: {answer.text}"
        )


def look(path: Path) -> Look:
    """See what is in a film.

    Raises:
        DemoFailed: it can't be read.
    """
    found = probe([path])[0]
    if not isinstance(found, MediaInfo):
        raise DemoFailed(f"the film can't be read: {found.message}")
    return Look(found.size, found.video.frames if found.video else None, bool(found.audio))


def check(film: Film, seen: Look) -> int:
    """Compare the film on disk with the edit and with what its job reported; gives the number of frames.

    Raises:
        DemoFailed: they differ.
    """
    expected = sum(Fraction(end) - Fraction(start) for _, start, end in CUTS) * RATE
    reported = film.status["framesCopied"] + film.status["framesEncoded"]
    if seen.size != film.announced_bytes:
        raise DemoFailed(f"the film has {seen.size} bytes, {film.announced_bytes} were announced")
    if seen.frames is None or not seen.frames == expected == reported:
        raise DemoFailed(
            f"the film has {seen.frames} frames, the edit {expected}, the job reports {reported}"
        )
    if abs(Fraction(film.status["duration"]) - Fraction(seen.frames, RATE)) > Fraction(1, RATE):
        raise DemoFailed(f"the job reports {film.status['duration']} s for {seen.frames} frames")
    if not seen.has_sound:
        raise DemoFailed("the film has no sound")
    return seen.frames
