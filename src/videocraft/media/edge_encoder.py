"""Makes the encoded edges of one source, as good as the source and no larger than it must be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from videocraft.errors import MediaError
from videocraft.media import edges, smartcut
from videocraft.media.edges import Batch, EdgeFormat, Run
from videocraft.media.edit import EditSource
from videocraft.media.ffmpeg import Progress
from videocraft.media.pictures import PictureReader
from videocraft.media.reader import open_media


class RunFfmpeg(Protocol):
    """Runs FFmpeg with arguments and tells its progress."""

    def __call__(self, arguments: list[str], report: Callable[[Progress], None], /) -> None:
        """Return when it has ended well; raise otherwise."""
        ...


class EdgeEncoder:
    """Encodes batches of one source; several threads may use it at once.

    Args:
        source: a source that can be copied from.
        workdir: a folder for what is of no use afterwards.
        run: how FFmpeg is run.
    """

    def __init__(self, source: EditSource, workdir: Path, run: RunFfmpeg) -> None:
        codec = smartcut.codec_of(source)
        if codec is None:
            raise MediaError(f"{source.name} can't be cut without encoding.")
        video = source.video
        self._source = source
        self._like = EdgeFormat(codec, video.profile, video.pix_fmt, video.rate)
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
        # A container of its own: what others have open must not be read from two threads.
        with open_media(self._source.path, self._source.info, self._source.fill) as container:
            grid = smartcut.grid_of(self._source)
            reader = PictureReader(container, container.streams.video[0], self._like.codec, grid)
            return edges.write_run_of(self._workdir / name, reader, batch)
