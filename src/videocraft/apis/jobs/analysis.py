"""What is found out about a recording; each is kept as a stage, which the next run or job finds again."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from videocraft.apis.jobs.work import Recording, store_text
from videocraft.core.jobs.context import JobContext
from videocraft.core.tools import media_tools
from videocraft.core.transcripts import transcribe
from videocraft.media.captions.srt import write_srt
from videocraft.media.captions.transcript import Transcript
from videocraft.media.captions.vtt import write_vtt
from videocraft.media.loudness import SOUND_VERSION, Levels, Loudness, measure_levels, measure_sound
from videocraft.media.scenes import SCENES_VERSION, Scenes, find_scenes
from videocraft.media.time import round_half_up, to_fraction

_AROUND = Fraction(1, 2)
"""Seconds on either side of a range in which cuts are looked for."""


def scenes_of(
    context: JobContext,
    recording: Recording,
    on_progress: Callable[[float], None] | None = None,
    range_: tuple[Fraction, Fraction] | None = None,
) -> Scenes:
    """The shots of a recording that has a picture, or of a range of it, counted from its begin."""
    start, end = range_ or (Fraction(0), None)

    def make(path: Path) -> None:
        found = find_scenes(
            recording.path,
            recording.info,
            workdir=context.workdir,
            tools=media_tools(context.settings),
            should_stop=context.should_stop,
            on_progress=on_progress,
            start=start,
            end=end,
        )
        path.write_text(json.dumps(found.to_json()))

    key = {"source": recording.identity, "range": [str(start), str(end)], "version": SCENES_VERSION}
    return Scenes.load(context.stage("scenes.json", key, make))


def cuts_between(context: JobContext, recording: Recording, start: float, end: float) -> list[float]:
    """Seconds of the cuts in a short range, without looking at the rest of the recording."""
    video = recording.info.video
    if video is None:
        return []
    # On the frame grid, with the neighbourhood that a cut is told by.
    first = max(0, round_half_up((to_fraction(start) - _AROUND) * video.rate))
    scenes = scenes_of(context, recording, range_=(first / video.rate, to_fraction(end) + _AROUND))
    times = [float((first + cut) / video.rate) for cut in scenes.cuts]
    return [time for time in times if start <= time <= end]


def sound_of(context: JobContext, recording: Recording) -> tuple[Loudness, Levels]:
    """Loudness and levels of a recording that has sound."""

    def make(path: Path) -> None:
        loudness, levels = measure_sound(
            recording.path,
            recording.info,
            workdir=context.workdir,
            tools=media_tools(context.settings),
            should_stop=context.should_stop,
        )
        tenths = np.rint(levels.db * 10).astype(int).tolist()
        path.write_text(json.dumps({"loudness": loudness.to_json(), "tenths_of_db": tenths}))

    key = {"source": recording.identity, "version": SOUND_VERSION}
    kept = json.loads(context.stage("sound.json", key, make).read_bytes())
    levels = Levels(np.asarray(kept["tenths_of_db"], np.float32) / np.float32(10))
    return Loudness.from_json(kept["loudness"]), levels


def levels_of(context: JobContext, recording: Recording) -> Levels:
    """Levels of a recording that has sound."""

    def make(path: Path) -> None:
        levels = measure_levels(
            recording.path,
            recording.info,
            workdir=context.workdir,
            tools=media_tools(context.settings),
            should_stop=context.should_stop,
        )
        path.write_text(json.dumps(np.rint(levels.db * 10).astype(int).tolist()))

    key = {"source": recording.identity, "version": SOUND_VERSION}
    kept = json.loads(context.stage("levels.json", key, make).read_bytes())
    return Levels(np.asarray(kept, np.float32) / np.float32(10))


def transcript_of(
    context: JobContext,
    recording: Recording,
    language: str | None,
    on_progress: Callable[[float], None] | None = None,
) -> Transcript:
    """What is said in a recording; nothing when it has no sound."""
    return transcribe(context, recording.path, language, on_progress=on_progress)


def transcript_body(context: JobContext, transcript: Transcript) -> dict[str, Any]:
    """A transcript as the API shows it, with its captions as files of the job."""
    return {
        "language": transcript.language,
        "text": transcript.text,
        "segments": [
            {"text": segment.text, "start": round(segment.start, 3), "end": round(segment.end, 3)}
            for segment in transcript.segments
        ],
        "words": [
            {
                "text": word.text,
                "start": round(word.start, 3),
                "end": round(word.end, 3),
                "confidence": None if word.confidence is None else round(word.confidence, 4),
            }
            for word in transcript.words
        ],
        "srt_url": store_text(context, write_srt(transcript), "transcript.srt"),
        "vtt_url": store_text(context, write_vtt(transcript), "transcript.vtt"),
    }
