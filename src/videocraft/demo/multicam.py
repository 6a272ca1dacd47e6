"""The first act: an edit over three cameras goes to ``POST /api/export`` and comes back as one film."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from videocraft.demo.cameras import CAMERAS, RATE, make_camera
from videocraft.demo.exporting import check, export, look
from videocraft.demo.stage import Stage

# Camera, start and end in seconds. No cut but the first lies on a keyframe: each needs a few frames encoded.
CUTS = (
    (0, "1.000", "4.500"),
    (1, "4.500", "7.700"),
    (2, "7.700", "10.900"),
    (0, "10.900", "13.900"),
    (2, "13.900", "16.100"),
    (1, "16.100", "19.400"),
)
FRAMES = int(sum(Fraction(end) - Fraction(start) for _, start, end in CUTS) * RATE)
FOLDER = "demo"


def play(stage: Stage) -> None:
    """Make the cameras, cut between them, check what comes back."""
    _film_cameras(stage)
    started = time.perf_counter()
    status = export(stage, edit(f"demo-{time.time_ns()}"))
    wall_seconds = time.perf_counter() - started
    film = stage.fetch(status["downloadUrl"], "multicam.mp4")
    seen = look(film)
    frames = check(status, seen, FRAMES, RATE)
    copied, encoded = status["framesCopied"], status["framesEncoded"]
    stage.tell("film", str(film))
    stage.tell(
        "length",
        f"{frames / RATE:.3f} s, {frames} frames, {seen.size / 1e6:.1f} MB, {len(CUTS)} segments",
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
