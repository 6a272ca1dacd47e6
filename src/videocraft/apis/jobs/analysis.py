"""What is found out about a recording; each is kept as a stage, which the next run or job finds again."""

from __future__ import annotations

import json
from collections.abc import Callable
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
from videocraft.media.loudness import SOUND_VERSION, Levels, Loudness, measure_sound
from videocraft.media.scenes import SCENES_VERSION, Scenes, find_scenes


def scenes_of(
    context: JobContext, recording: Recording, on_progress: Callable[[float], None] | None = None
) -> Scenes:
    """The shots of a recording that has a picture."""

    def make(path: Path) -> None:
        found = find_scenes(
            recording.path,
            recording.info,
            workdir=context.workdir,
            tools=media_tools(context.settings),
            should_stop=context.should_stop,
            on_progress=on_progress,
        )
        path.write_text(json.dumps(found.to_json()))

    key = {"source": recording.identity, "version": SCENES_VERSION}
    return Scenes.load(context.stage("scenes.json", key, make))


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
