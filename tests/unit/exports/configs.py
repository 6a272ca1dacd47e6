"""Configs and probes of made-up media for the tests of this family."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from tests.support.streams import STREAM
from videocraft.apis.exports.schemas import ExportConfig
from videocraft.media.probe import AudioStream, MediaInfo, VideoStream

SOUND = AudioStream(
    index=1,
    codec="aac",
    sample_rate=48000,
    channels=2,
    layout="stereo",
    start_time=Fraction(0),
    duration=Fraction(10),
)

PICTURE = replace(STREAM, width=320, height=180, bit_rate=800_000)


def media(**changes: Any) -> MediaInfo:
    """Ten seconds of 30 frames with sound, 1 MB; ``changes`` replace fields."""
    info = MediaInfo(
        path="/media/a.mp4",
        size=1_000_000,
        format="mov",
        duration=Fraction(10),
        start_time=Fraction(0),
        video=PICTURE,
        audio=(SOUND,),
        stream_count=2,
    )
    return replace(info, **changes)


def picture(**changes: Any) -> VideoStream:
    """The video stream of `media`, changed."""
    return replace(PICTURE, **changes)


def document(**changes: Any) -> dict[str, Any]:
    """A config as a client sends it: two sources, two segments; ``changes`` replace keys at the top."""
    return {
        "version": 1,
        "id": "export-abc123",
        "projectId": "7c98c8d8",
        "projectName": "My Podcast Episode 12",
        "createdAt": "2026-02-27T11:16:00.000Z",
        "sources": [source("a"), source("b")],
        "segments": [segment(0, 0, 2), segment(1, 2, 3.5)],
        "output": {"format": "mp4", "codec": "copy", "quality": "high", "includeAudio": True},
        "status": "pending",
    } | changes


def source(name: str, **changes: Any) -> dict[str, Any]:
    """A source called ``name`` in the file ``{name}.mp4``."""
    return {"id": name, "name": name.upper(), "filePath": f"{name}.mp4"} | changes


def segment(index: Any, start: Any, end: Any, **changes: Any) -> dict[str, Any]:
    """A segment of a source."""
    return {"sourceIndex": index, "startTime": start, "endTime": end} | changes


def config(**changes: Any) -> ExportConfig:
    """`document`, parsed."""
    return ExportConfig.model_validate(document(**changes))
