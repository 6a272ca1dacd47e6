"""The jobs ``jobs.render`` and ``jobs.export``: one finished file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from sqlalchemy import update

from videocraft.apis.jobs.filming import Made, cut, film
from videocraft.apis.jobs.work import Recording, file_key, forget_earlier_runs, opened, part, store
from videocraft.core.database import clock
from videocraft.core.database.models import ClipVersion
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.registry import handler
from videocraft.errors import MediaError
from videocraft.media.edit import Edit, EditSegment, EditSource, OutputFormat
from videocraft.media.time import snap_rate, to_fraction


@handler("jobs.render")
def render(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """The file of a clip version, or of a timeline."""
    if "segments" in payload:
        container = payload["output"]["format"]
        with ExitStack() as stack:
            return _finish(context, payload, _timeline(context, payload, stack), container)
    return _one(payload, context)


@handler("jobs.export")
def export(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """A recording or a clip in the format, size, shape and loudness that are asked for."""
    return _one(payload, context)


def _one(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    settings = payload["settings"]
    range_ = payload["range"]
    with opened(context, payload["source"]) as recording:
        made = film(
            context,
            recording,
            None if range_ is None else (range_[0], range_[1]),
            settings,
            context.workdir / f"output.{settings['format']}",
            language=payload["asked"].get("language"),
            share=(0.0, 0.97),
        )
    return _finish(context, payload, made, settings["format"])


def _finish(context: JobContext, payload: Mapping[str, Any], made: Made, container: str) -> Mapping[str, Any]:
    """Hand the file over, and to the clip version that the job names."""
    part(context, 0.98, 1.0, "Storing the file")
    name = f"output.{container}"
    stored = store(context, made.path, name)
    version_id = payload["clip_version_id"]
    if version_id is not None:
        with context.publish() as session:
            at = clock.now(session)
            row = update(ClipVersion).where(ClipVersion.id == version_id)
            session.execute(
                row.values(
                    file_key=file_key(context.job_id, context.epoch, name),
                    size_bytes=stored["size"],
                    duration=made.duration,
                    width=made.width,
                    height=made.height,
                    updated_at=at,
                )
            )
    forget_earlier_runs(context)
    return {
        **stored,
        "duration": round(made.duration, 6),
        "width": made.width,
        "height": made.height,
        "format": container,
        "clip_version_id": version_id,
    }


def _timeline(context: JobContext, payload: Mapping[str, Any], stack: ExitStack) -> Made:
    report = part(context, 0.0, 0.97, "Rendering the timeline")
    wanted = payload["output"]
    recordings: dict[str, Recording] = {}
    for segment in payload["segments"]:
        key = segment["source"]["key"]
        if key not in recordings:
            recordings[key] = stack.enter_context(opened(context, segment["source"]))
    order = list(recordings)
    sources = tuple(
        EditSource(recording.path, recording.info, has_audio=bool(recording.info.audio))
        for recording in recordings.values()
    )
    has_sound = any(source.has_audio for source in sources)
    segments = tuple(
        _segment(sources, order.index(segment["source"]["key"]), segment, number)
        for number, segment in enumerate(payload["segments"])
    )
    edit = Edit(
        sources,
        segments,
        OutputFormat(
            container=wanted["format"],
            codec="vp9" if wanted["format"] == "webm" else "copy",
            width=wanted["width"],
            height=wanted["height"],
            rate=None if wanted["fps"] is None else snap_rate(to_fraction(wanted["fps"])),
            include_audio=has_sound,
        ),
    )
    return cut(context, edit, context.workdir / f"output.{wanted['format']}", report)


def _segment(
    sources: tuple[EditSource, ...], index: int, segment: Mapping[str, Any], number: int
) -> EditSegment:
    source = sources[index]
    first = max(to_fraction(0), source.video.start_time - source.origin)
    length = source.video.end_time - source.origin
    start = max(to_fraction(segment["start"]), first)
    end = length if segment["end"] is None else min(to_fraction(segment["end"]), length)
    if end - start < 1 / (2 * source.video.rate):
        raise MediaError(
            f"Segment {number} of the timeline lies outside of its recording, "
            f"which lasts {float(length):.3f} s."
        )
    return EditSegment(index, start, end, index if source.has_audio else None)
