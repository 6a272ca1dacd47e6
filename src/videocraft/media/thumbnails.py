"""Still pictures of a video: a poster, and a strip of pictures along its length. JPEG."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from videocraft.errors import MediaError
from videocraft.media import ffmpeg
from videocraft.media.probe import MediaInfo, VideoStream
from videocraft.media.process import Limits
from videocraft.media.time import microseconds, round_half_up

MAX_STRIP = 32
"""Pictures of a strip: each is an input of its own, so that FFmpeg seeks instead of reading everything."""

_PREROLL = Fraction(10)
_LIMITS = Limits(wall_seconds=60, cpu_seconds=120)
# JPEG's quality scale runs from 2 (best) to 31.
_JPEG = ("-c:v", "mjpeg", "-q:v", "4", "-f", "image2pipe", "pipe:1")


def poster(
    path: Path,
    info: MediaInfo,
    *,
    at: Fraction,
    width: int,
    binary: str,
    limits: Limits = _LIMITS,
    should_stop: Callable[[], bool] | None = None,
) -> bytes:
    """One picture as a JPEG, upright and with square pixels.

    Args:
        at: seconds into the file; clamped to its pictures.
        width: pixels, even.

    Raises:
        MediaError: there is no picture.
        process.Stopped: ``should_stop`` returned true.
    """
    return _still(poster_arguments(path, info, at=at, width=width), binary, limits, should_stop)


def strip(
    path: Path,
    info: MediaInfo,
    *,
    count: int,
    width: int,
    binary: str,
    limits: Limits = _LIMITS,
    should_stop: Callable[[], bool] | None = None,
) -> bytes:
    """``count`` pictures side by side in one JPEG, from the middles of equal parts of the video.

    Args:
        count: 2 to ``MAX_STRIP``.
        width: pixels of each picture, even.

    Raises:
        MediaError: there is no picture.
        process.Stopped: ``should_stop`` returned true.
    """
    return _still(strip_arguments(path, info, count=count, width=width), binary, limits, should_stop)


def poster_arguments(path: Path, info: MediaInfo, *, at: Fraction, width: int) -> list[str]:
    """FFmpeg's arguments for :func:`poster`."""
    video = _video_of(info)
    source, trim = _input(path, info, video, at)
    return [
        *source,
        *("-map", f"0:{video.index}"),
        *("-vf", trim + _scale(video, width)),
        *("-frames:v", "1"),
        *_JPEG,
    ]


def strip_arguments(path: Path, info: MediaInfo, *, count: int, width: int) -> list[str]:
    """FFmpeg's arguments for :func:`strip`."""
    if not 2 <= count <= MAX_STRIP:
        raise ValueError(f"a strip has 2 to {MAX_STRIP} pictures")
    video = _video_of(info)
    offset = video.start_time - info.start_time
    arguments: list[str] = []
    tiles: list[str] = []
    for number in range(count):
        at = offset + video.duration * (2 * number + 1) / (2 * count)
        source, trim = _input(path, info, video, at)
        arguments += source
        tiles.append(f"[{number}:{video.index}]{trim}{_scale(video, width)}[t{number}];")
    stack = "".join(f"[t{number}]" for number in range(count)) + f"hstack=inputs={count}[strip]"
    return [
        *arguments,
        "-filter_complex",
        "".join(tiles) + stack,
        "-map",
        "[strip]",
        "-frames:v",
        "1",
        *_JPEG,
    ]


def _still(
    arguments: list[str], binary: str, limits: Limits, should_stop: Callable[[], bool] | None
) -> bytes:
    finished = ffmpeg.capture(
        ["-loglevel", "error", *arguments], binary=binary, limits=limits, should_stop=should_stop
    )
    if not finished.stdout:
        raise MediaError("No picture can be taken from the video.")
    return finished.stdout


def _video_of(info: MediaInfo) -> VideoStream:
    if info.video is None:
        raise MediaError("The file has no picture.")
    return info.video


def _input(path: Path, info: MediaInfo, video: VideoStream, at: Fraction) -> tuple[list[str], str]:
    """The input, seeked to a time that has a picture, and a filter that takes away what comes too early."""
    begin = max(Fraction(0), video.start_time - info.start_time)
    last = begin + video.duration - 1 / video.rate
    early = Fraction(0)
    if info.format == "mpegts":
        # FFmpeg counts from the first *mapped* stream here, so the last picture may stand a little earlier.
        last -= begin
        # There is no index: a seek lands between keyframes, and nothing is seen before the next.
        early = min(max(at, begin), last, _PREROLL)
    time = max(min(at, last), min(begin, last))
    # One thread each: a strip has many decoders, and each decodes a few pictures.
    source = ["-threads", "1", "-ss", microseconds(time - early), *ffmpeg.input_arguments(path, info)]
    return source, f"trim=start={microseconds(early)}," if early else ""


def _scale(video: VideoStream, width: int) -> str:
    """To ``width``, in the display's proportions; FFmpeg has turned the picture upright before."""
    shape = Fraction(video.width, video.height) * video.sample_aspect
    if video.rotation in {90, 270}:
        shape = 1 / shape
    height = max(2, 2 * round_half_up(Fraction(width) / shape / 2))
    # JPEG is full range; without saying so FFmpeg's encoder refuses the usual kind.
    return f"scale={width}:{height}:out_range=pc,setsar=1,format=yuvj420p"
