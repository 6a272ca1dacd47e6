"""An export as a client sees it: send it, follow it, fetch the film, and see whether it is what was asked."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx

from videocraft.demo.stage import DemoFailed, Stage
from videocraft.media.probe import MediaInfo, probe

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


def export(stage: Stage, config: dict[str, Any]) -> dict[str, Any]:
    """Send a config and wait for the film; gives the last answer of the status route.

    Raises:
        DemoFailed: it was refused, or failed.
    """
    answer = stage.client.post("/api/export", json=config)
    expect_ok(answer)
    export_id = answer.json()["jobId"]
    with stage.meter("Export") as meter:
        while True:
            answer = stage.client.get(f"/api/export/{export_id}/status")
            expect_ok(answer)
            status: dict[str, Any] = answer.json()
            if status["status"] not in {"pending", "processing", "completed"}:
                raise DemoFailed(
                    f"the export ended as {status['status']}: {status.get('error', status.get('message'))}"
                )
            meter.show(status.get("progress", 0.0), status.get("message", ""))
            if status["status"] == "completed":
                return status
            time.sleep(POLL_SECONDS)


def download(stage: Stage, status: dict[str, Any], name: str) -> Film:
    """Fetch the film of a completed export into the output folder."""
    stage.output.mkdir(parents=True, exist_ok=True)
    path = stage.output / name
    with stage.client.stream("GET", status["downloadUrl"]) as answer:
        if answer.is_error:
            answer.read()
        expect_ok(answer)
        with path.open("wb") as file:
            for piece in answer.iter_bytes():
                file.write(piece)
        return Film(path, int(answer.headers["Content-Length"]), status)


def expect_ok(answer: httpx.Response) -> None:
    """Raise DemoFailed for an answer that is an error."""
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


def check(film: Film, seen: Look, expected: int, rate: int) -> int:
    """Compare the film on disk with the edit and with what its job reported; gives the number of frames.

    Args:
        expected: frames that the edit has.
        rate: frames per second.

    Raises:
        DemoFailed: they differ.
    """
    reported = film.status["framesCopied"] + film.status["framesEncoded"]
    if seen.size != film.announced_bytes:
        raise DemoFailed(f"the film has {seen.size} bytes, {film.announced_bytes} were announced")
    if seen.frames is None or not seen.frames == expected == reported:
        raise DemoFailed(
            f"the film has {seen.frames} frames, the edit {expected}, the job reports {reported}"
        )
    if abs(Fraction(film.status["duration"]) - Fraction(seen.frames, rate)) > Fraction(1, rate):
        raise DemoFailed(f"the job reports {film.status['duration']} s for {seen.frames} frames")
    if not seen.has_sound:
        raise DemoFailed("the film has no sound")
    return seen.frames
