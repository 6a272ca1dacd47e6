"""An export as a client sees it: send it, follow it, and see whether it is what was asked."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from videocraft.demo.stage import DemoFailed, Stage
from videocraft.media.probe import MediaInfo, probe

POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Look:
    """What a probe sees in a film."""

    size: int
    frames: int | None
    has_sound: bool


def export(stage: Stage, config: dict[str, Any]) -> dict[str, Any]:
    """Send a config and wait for the film; gives the last answer of the status route.

    Raises:
        DemoFailed: it was refused, or failed.
    """
    export_id = stage.call("POST", "/api/export", config)["jobId"]
    with stage.meter("Export") as meter:
        while True:
            status = stage.call("GET", f"/api/export/{export_id}/status")
            if status["status"] not in {"pending", "processing", "completed"}:
                raise DemoFailed(
                    f"the export ended as {status['status']}: {status.get('error', status.get('message'))}"
                )
            meter.show(status.get("progress", 0.0), status.get("message", ""))
            if status["status"] == "completed":
                return status
            time.sleep(POLL_SECONDS)


def look(path: Path) -> Look:
    """See what is in a film.

    Raises:
        DemoFailed: it can't be read.
    """
    found = probe([path])[0]
    if not isinstance(found, MediaInfo):
        raise DemoFailed(f"the film can't be read: {found.message}")
    return Look(found.size, found.video.frames if found.video else None, bool(found.audio))


def check(status: Mapping[str, Any], seen: Look, expected: int, rate: int) -> int:
    """Compare a film with the edit and with what its job reported; gives the number of frames.

    Args:
        status: the last answer of the status route.
        expected: frames that the edit has.
        rate: frames per second.

    Raises:
        DemoFailed: they differ.
    """
    reported = status["framesCopied"] + status["framesEncoded"]
    if seen.frames is None or not seen.frames == expected == reported:
        raise DemoFailed(
            f"the film has {seen.frames} frames, the edit {expected}, the job reports {reported}"
        )
    if abs(Fraction(status["duration"]) - Fraction(seen.frames, rate)) > Fraction(1, rate):
        raise DemoFailed(f"the job reports {status['duration']} s for {seen.frames} frames")
    if not seen.has_sound:
        raise DemoFailed("the film has no sound")
    return seen.frames
