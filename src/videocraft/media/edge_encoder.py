"""Makes the encoded edges of one source, as good as the source and no larger than it must be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from videocraft.media import edges
from videocraft.media.edges import Batch, EdgeFormat, Run
from videocraft.media.edit import EditSource
from videocraft.media.ffmpeg import Progress
from videocraft.media.pictures import PictureReader


class RunFfmpeg(Protocol):
    """Runs FFmpeg with arguments and tells its progress."""

    def __call__(self, arguments: list[str], report: Callable[[Progress], None], /) -> None:
        """Return when it has ended well; raise otherwise."""
        ...


class EdgeEncoder:
    """Encodes batches of one source; several threads may use it at once.

    Args:
        source: a source that can be copied from.
        reader: reads it, and is used by nobody else meanwhile.
        workdir: a folder for what is of no use afterwards.
        run: how FFmpeg is run.
    """

    def __init__(self, source: EditSource, reader: PictureReader, workdir: Path, run: RunFfmpeg) -> None:
        video = source.video
        self._like = EdgeFormat(reader.codec, video.profile, video.pix_fmt, video.rate)
        self._reader = reader
        # One for all batches: the index of a recording of hours takes tens of megabytes.
        self._reading = threading.Lock()
        self._workdir = workdir
        self._ffmpeg = run
        self._crf: float | None = None
        self._measuring = threading.Lock()

    def encode(self, batch: Batch, path: Path, report: Callable[[int], None]) -> None:
        """Write an MP4 with all frames of a batch behind one another."""
        crf = self._rate_factor(batch)
        run = self._write_run(batch, f"{path.name}.nut")
        arguments = edges.encode_arguments(run, path, self._like, crf=crf, container="mp4")
        self._ffmpeg(arguments, lambda progress: report(progress.frame))
        run.path.unlink()

    def _rate_factor(self, batch: Batch) -> float:
        """Measured once for a source, on the group of pictures that its first batch starts in."""
        with self._measuring:
            if self._crf is None:
                run = self._write_run(edges.sample_of(batch), f"sample-{batch.source}.nut")
                bare = run.path.with_suffix(".bare")
                arguments = edges.encode_arguments(
                    run, bare, self._like, crf=edges.SAMPLE_CRF, container=self._like.codec.value
                )
                self._ffmpeg(arguments, lambda _: None)
                self._crf = edges.rate_factor(run.wanted_bytes, bare.stat().st_size)
                run.path.unlink()
                bare.unlink()
            return self._crf

    def _write_run(self, batch: Batch, name: str) -> Run:
        with self._reading:
            return edges.write_run_of(self._workdir / name, self._reader, batch)
