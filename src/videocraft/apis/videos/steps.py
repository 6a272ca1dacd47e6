"""The steps of a job: what ``processing_log`` shows, and how far each brings the job."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete

from videocraft.core.database import clock
from videocraft.core.database.models import VideoStep
from videocraft.core.jobs.context import JobContext
from videocraft.errors import InvalidInput, MediaError, StorageFull, VideoCraftError


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ``begin`` and ``end`` are shares of the whole job."""

    name: str
    message: str
    begin: float
    end: float
    code: str
    """Of a failure in it."""


DOWNLOAD: Final = Step("download", "Downloading sources", 0.0, 0.1, "DOWNLOAD_FAILED")
ANALYSIS: Final = Step("audio_analysis", "Analysing audio", 0.1, 0.15, "FFMPEG_FAILED")
TRANSCRIPTION: Final = Step("transcription", "Transcribing audio", 0.15, 0.4, "TRANSCRIPTION_FAILED")
SUBTITLES: Final = Step("subtitle_generation", "Generating subtitles", 0.4, 0.45, "FFMPEG_FAILED")
GENERATION: Final = Step("video_generation", "Generating video with FFmpeg", 0.45, 0.99, "FFMPEG_FAILED")

# These say more than that a step failed.
_KEPT = (InvalidInput, StorageFull)


class StepLog:
    """Writes the steps of one run."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._number = 0
        self.seconds: dict[str, float] = {}
        """How long each step took that has ended."""

    def begin(self) -> None:
        """Forget the steps of an earlier run."""
        with self._context.publish() as session:
            session.execute(delete(VideoStep).where(VideoStep.job_id == self._context.job_id))

    @contextmanager
    def step(self, step: Step) -> Iterator[Callable[[float], None]]:
        """The block is the step; it gets a function that takes the share of it that is done.

        Raises:
            VideoCraftError: what the block raised; a failure of media work gets the step's code.
        """
        context = self._context
        context.check()
        self._number += 1
        self._write(step, "in_progress", None)
        context.progress(step.begin, step.message)
        started = time.monotonic()
        try:
            yield lambda share: context.progress(step.begin + (step.end - step.begin) * share, step.message)
        except VideoCraftError as error:
            # What is told to stop may raise anything.
            context.check()
            self._write(step, "failed", time.monotonic() - started)
            raise _coded(error, step) from error
        self.seconds[step.name] = seconds = time.monotonic() - started
        self._write(step, "completed", seconds)
        context.progress(step.end, step.message)

    def _write(self, step: Step, status: str, seconds: float | None) -> None:
        with self._context.publish() as session:
            row = VideoStep(
                job_id=self._context.job_id,
                step=step.name,
                number=self._number,
                status=status,
                at=clock.now(session),
                duration=seconds,
            )
            session.merge(row)


def _coded(error: VideoCraftError, step: Step) -> VideoCraftError:
    if isinstance(error, _KEPT) or error.code == step.code:
        return error
    return MediaError(error.message, code=step.code, details=error.details)
