"""A video as small pictures in memory: what is looked at to find cuts, motion and faces.

One FFmpeg process decodes and shrinks; its frames lie on the constant grid that every derivative of the
recording has (``derivatives.py``), so frame N here is frame N there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from videocraft.errors import MediaError
from videocraft.media.edit import Tools, origin_of
from videocraft.media.ffmpeg import Progress, ffmpeg, input_arguments
from videocraft.media.filters import deinterlace
from videocraft.media.probe import MediaInfo
from videocraft.media.time import microseconds, round_half_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SEEK_MARGIN = Fraction(2)
"""A seek starts this much early, and frames are then picked by their times."""


@dataclass(frozen=True)
class Look:
    """What to look at.

    Attributes:
        width, height: of the small pictures, pixels.
        pix_fmt: ``yuv444p`` (three planes, colour tells cuts apart) or ``gray``.
        start, end: seconds from the recording's second 0; no end: all of it.
        rate: pictures a second; default the recording's own.
    """

    width: int
    height: int
    pix_fmt: str = "yuv444p"
    start: Fraction = Fraction(0)
    end: Fraction | None = None
    rate: Fraction | None = None

    @property
    def planes(self) -> int:
        """Bytes of a pixel."""
        return 1 if self.pix_fmt == "gray" else 3


def arguments(path: Path, info: MediaInfo, look: Look, output: Path) -> list[str]:
    """FFmpeg's arguments: raw pictures of the look, one after the other."""
    video = info.video
    if video is None:
        raise MediaError("The file has no picture.")
    rate = look.rate or video.rate
    origin = origin_of(info)
    first = look.start + origin
    seeking = []
    if first - _SEEK_MARGIN > video.start_time:
        seeking = ["-seek_timestamp", "1", "-noaccurate_seek", "-ss", microseconds(first - _SEEK_MARGIN)]
    filters = [
        # In the source's own timebase, so before any filter that may change it.
        f"setpts=PTS-{round_half_up(first / video.time_base)}",
        *deinterlace(video),
        f"fps=fps={rate.numerator}/{rate.denominator}:start_time=0:round=near",
        # Means over areas: noise goes, and a detail smaller than a pixel here still counts.
        f"scale=w={look.width}:h={look.height}:flags=area",
        f"format={look.pix_fmt}",
    ]
    frames = []
    if look.end is not None:
        frames = ["-frames:v", str(max(1, round_half_up((look.end - look.start) * rate)))]
    return [
        *("-copyts", *seeking),
        *input_arguments(path, info),
        *("-map", f"0:{video.index}", "-an", "-sn", "-dn", "-vf", ",".join(filters)),
        *(*frames, "-fps_mode", "passthrough", "-f", "rawvideo", f"file:{output}"),
    ]


@contextmanager
def pictures(
    path: Path,
    info: MediaInfo,
    look: Look,
    *,
    workdir: Path,
    tools: Tools,
    should_stop: Callable[[], bool],
    on_progress: Callable[[float], None] | None = None,
) -> Iterator[NDArray[np.uint8]]:
    """All pictures, shape (frames, planes, height, width), mapped from a file that goes with the block.

    Raises:
        MediaError: the file has no picture, or can't be decoded.
        process.Stopped: ``should_stop`` said so.
    """
    raw = workdir / f"pictures-{look.width}x{look.height}.raw"
    seconds = (look.end or info.duration) - look.start

    def report(progress: Progress) -> None:
        if on_progress is not None and seconds > 0:
            on_progress(min(1.0, float(progress.out_time / seconds)))

    try:
        ffmpeg(
            arguments(path, info, look, raw),
            binary=tools.ffmpeg,
            limits=tools.limits,
            should_stop=should_stop,
            on_progress=report,
        )
        shape = (look.planes, look.height, look.width)
        count = raw.stat().st_size // (look.planes * look.height * look.width)
        if not count:
            raise MediaError("No picture can be decoded from the video.")
        yield np.memmap(raw, np.uint8, "r", shape=(count, *shape))
    finally:
        raw.unlink(missing_ok=True)
