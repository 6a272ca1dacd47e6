"""The job ``jobs.transcribe``: what is said in a recording, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from videocraft.apis.jobs.analysis import transcript_body, transcript_of
from videocraft.apis.jobs.work import forget_earlier_runs, opened, part
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.registry import handler


@handler("jobs.transcribe")
def run(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Text, segments, words with times, and captions as files."""
    with opened(context, payload["source"]) as recording:
        report = part(context, 0.0, 0.97, "Listening to what is said")
        transcript = transcript_of(context, recording, payload["asked"]["language"], report)
    if not transcript.segments:
        context.warn("No speech was found in the recording.")
    body = transcript_body(context, transcript)
    forget_earlier_runs(context)
    return {"asset_id": recording.asset_id, "duration": round(transcript.duration, 3), **body}
