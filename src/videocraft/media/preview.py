"""A small version of a finished film, to be shown while one decides whether to download the large one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from videocraft.media import ffmpeg
from videocraft.media.edit import Tools
from videocraft.media.probe import MediaInfo

MOST_LINES = 480


def make_preview(
    film: Path, info: MediaInfo, output: Path, *, tools: Tools, should_stop: Callable[[], bool]
) -> None:
    """Make ``output`` (MP4, at most ``MOST_LINES`` lines); a film that is as small already is copied.

    Args:
        info: of ``film``, which has a picture.

    Raises:
        MediaError: FFmpeg failed.
        process.Stopped: ``should_stop`` said so.
    """
    if info.video is not None and info.video.height <= MOST_LINES:
        shutil.copyfile(film, output)
        return
    ffmpeg.ffmpeg(
        preview_arguments(film, info, output),
        binary=tools.ffmpeg,
        limits=tools.limits,
        should_stop=should_stop,
    )


def preview_arguments(film: Path, info: MediaInfo, output: Path) -> list[str]:
    """FFmpeg's arguments for :func:`make_preview`."""
    sound = ["-map", "0:a:0", "-c:a", "aac", "-b:a", "96k"] if info.audio else []
    return [
        *ffmpeg.input_arguments(film, info),
        *("-map", "0:v:0"),
        *("-vf", f"scale=-2:{MOST_LINES}:flags=bicubic,setsar=1"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "28", "-pix_fmt", "yuv420p"),
        *sound,
        *("-movflags", "+faststart", "-f", "mp4", str(output)),
    ]
