"""What choosing clips costs beside listening: ``generate_clip`` on a talk, against its transcription alone.

A talk is synthesised and filmed; it is transcribed by one job, and a second one chooses clips of it with the
transcript that the first one has kept. The ratio is (first + second) / first.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tests.support.media import AAC, H264
from tests.support.speech_samples import Spoken, say

from benchmarks.jobs import workers
from videocraft.apis.jobs import service
from videocraft.core.database.models import Job
from videocraft.core.jobs import get
from videocraft.media import ffmpeg
from videocraft.media.process import Limits
from videocraft.services import Services
from videocraft.settings import Settings

GOAL = 1.15
"""Most time beside the transcription alone, for half an hour of speech."""
MINUTES = 30.0

OPENINGS = ("Yesterday", "My sister says that", "In the report we read that", "Nobody knew that", "Last year")
SUBJECTS = (
    "the penguins",
    "a young doctor",
    "our garden",
    "the orchestra",
    "the football team",
    "an old sailor",
)
VERBS = ("walked along", "painted", "repaired", "described", "forgot about", "paid for", "photographed")
OBJECTS = (
    "the harbour",
    "a red bicycle",
    "seven houses",
    "the museum",
    "a broken window",
    "the morning train",
)
ENDINGS = ("before breakfast", "in the rain", "without any help", "for three hours", "while it was snowing")


def talk(minutes: float) -> Spoken:
    """Sentences that hardly repeat, with pauses: a recogniser throws repetitions away."""
    choose = random.Random(7).choice
    spoken = say("Welcome to this long talk.").padded(after=0.8)
    pieces, length = [spoken.samples], spoken.duration
    while length < minutes * 60:
        words = (choose(OPENINGS), choose(SUBJECTS), choose(VERBS), choose(OBJECTS), choose(ENDINGS))
        piece = say(f"{' '.join(words)}.").padded(after=0.7)
        pieces.append(piece.samples)
        length += piece.duration
    return Spoken(np.concatenate(pieces), spoken.rate, ())


def make_film(path: Path, minutes: float) -> None:
    """The talk with a moving picture; a small one, since it is the choosing that is measured."""
    sound = talk(minutes).write(path.with_suffix(".wav"))
    arguments = [
        *("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10", "-i", str(sound)),
        *("-map", "0:v", "-map", "1:a", "-shortest", *H264, "-preset", "ultrafast", *AAC, str(path)),
    ]
    ffmpeg.ffmpeg(arguments, binary=ffmpeg.binary(), limits=Limits(wall_seconds=3600, cpu_seconds=3600))
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


def film_of(minutes: float, cache: Path | None, path: Path) -> None:
    """Put the talk at ``path``, from the cache if it is there."""
    if cache is None:
        make_film(path, minutes)
        return
    cached = cache / f"talk-{minutes:g}.mp4"
    if not cached.exists():
        cache.mkdir(parents=True, exist_ok=True)
        part = cached.with_name(f"part-{cached.name}")
        make_film(part, minutes)
        part.rename(cached)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(cached, path)


def main(minutes: float, cache: Path | None) -> None:
    """Measure and print a Markdown table."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        services = Services.open(Settings(data_dir=data_dir))
        film_of(minutes, cache, services.settings.media_root / "talk.mp4")
        # The model is loaded once in a worker's life, and not what is measured.
        make_film(services.settings.media_root / "short.mp4", 0.1)
        with workers(services.settings, 1):
            run(services, "transcribe", {"path": "short.mp4"})
            listening, heard = run(services, "transcribe", {"path": "talk.mp4"})
            choosing, chosen = run(services, "generate_clip", {"path": "talk.mp4", "prompt": "penguins"})
        services.close()
    print(f"{minutes:g} min of speech, {len(heard['words'])} words, load {os.getloadavg()[0]:.1f}")
    print("| what | seconds | / transcription |")
    print("| --- | ---: | ---: |")
    print(f"| transcription | {listening:.1f} | 1 |")
    print(f"| choosing {len(chosen['clips'])} clips | {choosing:.1f} | {choosing / listening:.2f} |")
    print(f"| both (goal {GOAL:g}) | {listening + choosing:.1f} | {(listening + choosing) / listening:.3f} |")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.clips",
        description=__doc__,
        epilog=f"Goal: {GOAL:g} for {MINUTES:g} minutes. Run it while the machine does nothing else.",
    )
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of speech (%(default)s)")
    parser.add_argument("--cache", type=Path, help="a folder that keeps the film for the next run")
    parser.add_argument("--film-only", action="store_true", help="make the film in the cache, and no more")
    return parser.parse_args()


if __name__ == "__main__":
    asked = _arguments()
    if asked.film_only:
        with tempfile.TemporaryDirectory() as scratch:
            film_of(asked.minutes, asked.cache, Path(scratch) / "talk.mp4")
    else:
        main(asked.minutes, asked.cache)
