"""Timelines: from nested segments that name things to one flat list of ranges of recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from videocraft.apis.jobs.schemas import MAX_SECONDS, MAX_SEGMENTS, Timeline, TimelineSegment
from videocraft.errors import Unprocessable

if TYPE_CHECKING:
    from videocraft.apis.jobs.admission import Doors


MAX_DEPTH = 16
"""Most timelines within each other."""


def check_size(document: Any) -> None:
    """Refuse a timeline beyond all measure before its shape is looked at, which takes far longer.

    Raises:
        Unprocessable: it has too many segments, or is nested too deep.
    """
    count = 0
    waiting: list[tuple[Any, int]] = [(document, 0)]
    while waiting:
        timeline, depth = waiting.pop()
        segments = timeline.get("segments") if isinstance(timeline, dict) else None
        if not isinstance(segments, list):
            continue
        count += len(segments)
        if count > 2 * MAX_SEGMENTS:  # those that hold others are counted here as well
            raise Unprocessable(f"The timeline has more than {MAX_SEGMENTS} segments")
        if depth > MAX_DEPTH:
            raise Unprocessable(f"The timeline is nested deeper than {MAX_DEPTH} levels")
        waiting += [(segment.get("timeline"), depth + 1) for segment in segments if isinstance(segment, dict)]


def flatten(timeline: Timeline, doors: Doors, *, rendering: str | None) -> list[dict[str, Any]]:
    """The segments in playing order: ``source``, ``start``, ``end`` each; no end: the recording's.

    Args:
        rendering: the clip version whose file this timeline becomes; it can't be a part of itself.

    Raises:
        Unprocessable: something that a segment names does not exist, the timeline holds itself, or it is
            beyond all measure.
    """
    flat = _flatten(timeline, doors, rendering, "timeline", MAX_SEGMENTS)
    seconds = sum(part["end"] - part["start"] for part in flat if part["end"] is not None)
    if seconds > MAX_SECONDS:
        raise Unprocessable(
            f"The timeline lasts {seconds:.0f} s; at most {MAX_SECONDS:.0f} s can be rendered"
        )
    return flat


def _flatten(
    timeline: Timeline, doors: Doors, rendering: str | None, place: str, room: int
) -> list[dict[str, Any]]:
    flat: list[dict[str, Any]] = []
    for number, segment in enumerate(timeline.segments):
        where = f"{place}.segments[{number}]"
        flat += _parts(segment, doors, rendering, where, room - len(flat))
        if len(flat) > room:
            raise Unprocessable(f"The timeline has more than {MAX_SEGMENTS} segments")
    return flat


def _parts(
    segment: TimelineSegment, doors: Doors, rendering: str | None, where: str, room: int
) -> list[dict[str, Any]]:
    if segment.timeline is not None:
        inner = _flatten(segment.timeline, doors, rendering, f"{where}.timeline", room)
        return trim(inner, segment.start, segment.end, where)
    if segment.clip_version_id is not None:
        version, _ = doors.version(segment.clip_version_id)
        if version.id == rendering:
            raise Unprocessable(f"{where}: clip version {version.id} would become a part of itself")
        if version.file_key is None or doors.services.storage.stat(version.file_key) is None:
            raise Unprocessable(f"{where}: clip version {version.id} has no file yet; render it first")
        source = {"asset_id": None, "key": version.file_key, "url": None, "name": version.id}
        return [{"source": source, "start": segment.start, "end": segment.end}]
    if segment.clip_id is not None:
        clip = doors.clip(segment.clip_id)
        whole = [{"source": doors.clip_source(clip), "start": clip.start, "end": clip.end}]
        return trim(whole, segment.start, segment.end, where)
    source = doors.source(segment, what=f"{where}: ")
    return [{"source": source, "start": segment.start, "end": segment.end}]


def trim(parts: list[dict[str, Any]], start: float, end: float | None, where: str) -> list[dict[str, Any]]:
    """What lies between two instants of a flat timeline.

    Raises:
        Unprocessable: nothing, or the timeline does not say how long its parts are.
    """
    if start == 0 and end is None:
        return parts
    kept = []
    at = 0.0
    for part in parts:
        if part["end"] is None:
            raise Unprocessable(f"{where}: a timeline can only be cut when each of its segments has an end")
        length = part["end"] - part["start"]
        first, last = max(start - at, 0.0), length if end is None else min(end - at, length)
        if last > first:
            kept.append({**part, "start": part["start"] + first, "end": part["start"] + last})
        at += length
    if not kept:
        raise Unprocessable(f"{where}: it starts at {start:g} s, and there is nothing that late")
    return kept
