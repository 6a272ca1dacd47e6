"""The job ``jobs.generate_clip``: the best parts of a recording, as clips with a version each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from videocraft.apis.jobs.analysis import cuts_between, levels_of, scenes_of, transcript_of
from videocraft.apis.jobs.choosing import choose_parts
from videocraft.apis.jobs.filming import Made, film
from videocraft.apis.jobs.ingest import keep_fetched
from videocraft.apis.jobs.work import Recording, file_key, forget_earlier_runs, opened, part, store
from videocraft.core.database import clock
from videocraft.core.database.models import Clip, ClipVersion, Job
from videocraft.core.jobs import get as get_job
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.registry import handler
from videocraft.media.highlights import Choice, Highlight, Material, onto_cuts
from videocraft.media.silences import find_silences

_TITLE_WORDS = 10


@handler("jobs.generate_clip")
def run(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Listen, look, choose; make the files at once when a shape or captions are asked for."""
    asked = payload["asked"]
    settings = {
        "format": "mp4",
        "aspect_ratio": asked["aspect_ratio"],
        "resolution": None,
        "captions": asked["captions"],
        "loudness": None,
    }
    is_filmed = asked["render"]
    if is_filmed is None:
        is_filmed = bool(asked["aspect_ratio"] or asked["captions"])
    with opened(context, payload["source"]) as recording:
        until = 0.7 if is_filmed else 0.97
        material = _material(context, recording, asked["language"], until=until)
        choice = choose_parts(context, material, asked)
        found = onto_cuts(
            choice.highlights,
            partial(cuts_between, context, recording),
            longest=asked["max_duration"],
        )
        choice = replace(choice, highlights=found)
        context.log(choice.reason)
        if material.transcript is None or not material.transcript.segments:
            context.warn(choice.reason)
        files = _film(context, recording, choice.highlights, settings, asked) if is_filmed else []
        shown = _publish(context, recording, choice, settings, files)
    forget_earlier_runs(context)
    return {
        "clips": shown,
        "reason": choice.reason,
        "asset_id": shown[0]["source_asset_id"] if shown else recording.asset_id,
        "duration": round(material.duration, 3),
    }


def _material(context: JobContext, recording: Recording, language: str | None, *, until: float) -> Material:
    info = recording.info
    transcript = scenes = levels = None
    duration = float(info.video.duration if info.video is not None else info.duration)
    silences = []
    if info.audio:
        report = part(context, 0.0, 0.8 * until, "Listening to what is said")
        transcript = transcript_of(context, recording, language, report)
        part(context, 0.8 * until, 0.9 * until, "Measuring how loud it is")
        levels = levels_of(context, recording)
        silences = find_silences(levels)
    # Where somebody speaks, only the pauses around the chosen parts are looked at for cuts, later.
    if info.video is not None and (transcript is None or not transcript.segments):
        report = part(context, 0.9 * until, until, "Looking for cuts")
        scenes = scenes_of(context, recording, report)
        duration = scenes.duration
    return Material(duration, transcript, scenes, levels, tuple(silences))


def _film(
    context: JobContext,
    recording: Recording,
    highlights: Sequence[Highlight],
    settings: Mapping[str, Any],
    asked: Mapping[str, Any],
) -> list[tuple[Made, dict[str, Any]]]:
    """The files of the clips; each is kept as a stage would be: under a name of its own, in order."""
    files = []
    for number, highlight in enumerate(highlights):
        share = (0.7 + 0.27 * number / len(highlights), 0.7 + 0.27 * (number + 1) / len(highlights))
        folder = context.workdir / f"clip-{number + 1}"
        folder.mkdir(exist_ok=True)
        made = film(
            context,
            recording,
            (highlight.start, highlight.end),
            settings,
            folder / "output.mp4",
            language=asked["language"],
            share=share,
        )
        files.append((made, store(context, made.path, f"clip-{number + 1}.mp4")))
    return files


def _publish(
    context: JobContext,
    recording: Recording,
    choice: Choice,
    settings: dict[str, Any],
    files: Sequence[tuple[Made, dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Write the clips and their versions; ids follow from the job, so each run writes the same rows."""
    asset_id, key = recording.asset_id, recording.key
    if key is None and choice.highlights:
        asset_id, key = keep_fetched(context, recording)
    shown = []
    with context.publish() as session:
        job: Job | None = get_job(session, context.job_id)
        at = clock.now(session)
        for number, highlight in enumerate(choice.highlights):
            clip_id, version_id = _ids(context.job_id, number)
            made, stored = files[number] if files else (None, None)
            session.merge(
                Clip(
                    id=clip_id,
                    asset_id=asset_id,
                    source_key=key,
                    title=_title(highlight.text, number),
                    start=highlight.start,
                    end=highlight.end,
                    score=highlight.score,
                    reason=highlight.reason,
                    job_id=context.job_id,
                    owner=job.owner if job is not None else None,
                    created_at=at,
                    updated_at=at,
                )
            )
            session.flush()
            name = f"clip-{number + 1}.mp4"
            session.merge(
                ClipVersion(
                    id=version_id,
                    clip_id=clip_id,
                    number=1,
                    settings=settings,
                    file_key=file_key(context.job_id, context.epoch, name) if made is not None else None,
                    size_bytes=stored["size"] if stored is not None else None,
                    duration=made.duration if made is not None else None,
                    width=made.width if made is not None else None,
                    height=made.height if made is not None else None,
                    created_at=at,
                    updated_at=at,
                )
            )
            shown.append(
                {
                    "clip_id": clip_id,
                    "clip_version_id": version_id,
                    "source_asset_id": asset_id,
                    "start": highlight.start,
                    "end": highlight.end,
                    "duration": round(highlight.end - highlight.start, 3),
                    "score": highlight.score,
                    "reason": highlight.reason,
                    "text": highlight.text,
                    **({"width": made.width, "height": made.height} if made is not None else {}),
                    **(stored or {}),
                }
            )
    return shown


def _ids(job_id: str, number: int) -> tuple[str, str]:
    return (
        f"clip_{uuid5(NAMESPACE_URL, f'{job_id}/clip/{number}').hex}",
        f"version_{uuid5(NAMESPACE_URL, f'{job_id}/version/{number}').hex}",
    )


def _title(text: str, number: int) -> str:
    words = text.split()
    if not words:
        return f"Clip {number + 1}"
    return " ".join(words[:_TITLE_WORDS]) + ("…" if len(words) > _TITLE_WORDS else "")
