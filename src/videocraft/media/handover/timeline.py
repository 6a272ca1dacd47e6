"""The synced cameras as an OpenTimelineIO timeline."""

from __future__ import annotations

import math
from typing import Any

import opentimelineio as otio

from videocraft.media.handover.layout import HandoverSession, Layout, Placed, lay_out, one_line

METADATA = "videocraft"
"""The key under which everything of ours lies, as OpenTimelineIO wants it of everybody."""


def to_otio(session: HandoverSession) -> otio.schema.Timeline:
    """One picture and one sound track for each camera, named by its label.

    What is in a file is counted at the file's rate and what lies on the timeline at the session's: tracks are
    gap and clip, a clip's range starts at the source's timecode and lasts as long as it does on the timeline.
    Drift is a linear time warp.

    Raises:
        InvalidInput: a camera is shorter than a frame.
    """
    layout = lay_out(session)
    timeline = otio.schema.Timeline(name=one_line(session.title), metadata={METADATA: session_facts(session)})
    for kind, has_kind in (
        (otio.schema.TrackKind.Video, lambda clip: clip.camera.rate is not None),
        (otio.schema.TrackKind.Audio, lambda clip: clip.camera.channels > 0),
    ):
        timeline.tracks.extend(_track(clip, layout, kind) for clip in layout.clips if has_kind(clip))
    return timeline


def session_facts(session: HandoverSession) -> dict[str, Any]:
    """What a reader ought to know of the session beside the cameras."""
    return {
        "sessionId": session.id,
        "masterCamera": session.master,
        "operatorStatus": session.operator_status,
    }


def camera_facts(clip: Placed) -> dict[str, Any]:
    """What was measured of a camera, in the names of the API; numbers are finite."""
    camera = clip.camera
    facts = {
        "camera": camera.label,
        "offsetMs": float(camera.offset_ms),
        "driftPpm": camera.drift_ppm,
        "confidence": camera.confidence,
        "classification": camera.classification,
    }
    return {
        key: value
        for key, value in facts.items()
        if value is not None and not (isinstance(value, float) and not math.isfinite(value))
    }


def _track(clip: Placed, layout: Layout, kind: str) -> otio.schema.Track:
    track = otio.schema.Track(name=clip.camera.label, kind=kind)
    rate = float(layout.rate)
    if clip.start:
        gap = otio.opentime.TimeRange(
            otio.opentime.RationalTime(0, rate), otio.opentime.RationalTime(clip.start, rate)
        )
        track.append(otio.schema.Gap(source_range=gap))
    track.append(_clip(clip, rate))
    return track


def _clip(clip: Placed, rate: float) -> otio.schema.Clip:
    source_rate = float(clip.source_rate)
    start = otio.opentime.RationalTime(clip.source_start, source_rate)
    facts = camera_facts(clip)
    made = otio.schema.Clip(
        name=clip.camera.label,
        media_reference=otio.schema.ExternalReference(
            target_url=one_line(clip.camera.url),
            available_range=otio.opentime.TimeRange(
                start, otio.opentime.RationalTime(clip.source_frames, source_rate)
            ),
        ),
        source_range=otio.opentime.TimeRange(start, otio.opentime.RationalTime(clip.frames, rate)),
        metadata={METADATA: facts},
    )
    made.media_reference.name = one_line(clip.camera.name)
    if clip.speed != 1:
        made.effects.append(otio.schema.LinearTimeWarp(name="drift", time_scalar=float(clip.speed)))
    return made
