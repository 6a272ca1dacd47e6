"""What choosing clips costs beside listening: ``generate_clip`` on a talk, against its transcription alone.

``python -m benchmarks.clips [minutes]``. A talk is synthesised and filmed; it is transcribed by one job, and a
second one chooses clips of it with the transcript that the first one has kept. The ratio is
(first + second) / first.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tests.support.media import AAC, H264, run_ffmpeg
from tests.support.speech_samples import Spoken, say

from benchmarks.jobs import workers
from videocraft.apis.jobs import service
from videocraft.core.database.models import Job
from videocraft.core.jobs import get
from videocraft.services import Services
from videocraft.settings import Settings

SUBJECTS = ("penguins", "money", "gardens", "music", "weather", "cities", "football", "history")
VERBS = ("change", "surprise", "feed", "carry", "explain")
PLACES = ("in the north", "near the sea", "at school", "every summer", "without a plan")


def talk(minutes: float) -> Spoken:
    """Sentences about changing subjects, with pauses."""
    spoken = say("Welcome to this long talk.").padded(after=0.8)
    pieces = [spoken]
    length, number = spoken.duration, 0
    while length < minutes * 60:
        subject = SUBJECTS[number // 6 % len(SUBJECTS)]
        verb, place = VERBS[number % len(VERBS)], PLACES[number * 3 % len(PLACES)]
        piece = say(f"Many people say that {subject} {verb} our lives {place}.").padded(after=0.7)
        pieces.append(piece)
        length += piece.duration
        number += 1
    samples = np.concatenate([piece.samples for piece in pieces])
    return Spoken(samples, spoken.rate, ())


def make_film(path: Path, minutes: float) -> None:
    """The talk with a moving picture, 640x360."""
    sound = talk(minutes).write(path.with_suffix(".wav"))
    run_ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-i", str(sound)),
        *("-map", "0:v", "-map", "1:a", "-shortest", *H264, *AAC, str(path)),
    )
    sound.unlink()


def run(services: Services, job_type: str, payload: Mapping[str, Any]) -> tuple[float, Mapping[str, Any]]:
    """Seconds that a job ran, and its result."""
    job_id = service.create(services, job_type, payload)["id"]
    service.jobs_of(services).wait_until_terminal(job_id, 3600)
    with services.database.read() as session:
        job: Job | None = get(session, job_id)
    assert job is not None
    assert job.result is not None, (job.state, job.error_message, job.error_details)
    assert job.completed_at is not None
    assert job.started_at is not None
    return job.completed_at - job.started_at, job.result


def main(minutes: float = 5.0) -> None:
    """Measure and print a Markdown table."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        services = Services.open(Settings(data_dir=data_dir))
        make_film(services.settings.media_root / "talk.mp4", minutes)
        # The model is loaded once in a worker's life, and not what is measured.
        make_film(services.settings.media_root / "short.mp4", 0.1)
        with workers(data_dir, 1):
            run(services, "transcribe", {"path": "short.mp4"})
            listening, heard = run(services, "transcribe", {"path": "talk.mp4"})
            choosing, chosen = run(services, "generate_clip", {"path": "talk.mp4", "prompt": "penguins"})
        services.close()
    print(f"{minutes:g} min of speech, {len(heard['words'])} words, load {os.getloadavg()[0]:.1f}")
    print("| what | seconds | / transcription |")
    print("| --- | ---: | ---: |")
    print(f"| transcription | {listening:.1f} | 1 |")
    print(f"| choosing {len(chosen['clips'])} clips | {choosing:.1f} | {choosing / listening:.2f} |")
    print(f"| both | {listening + choosing:.1f} | {(listening + choosing) / listening:.2f} |")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
