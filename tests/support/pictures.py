"""Which frames a file shows, and when: read by decoding all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from tests.support import codes

Area = tuple[float, float, float, float]
"""Left, top, width, height of a picture within a frame, as shares of it."""
WHOLE: Area = (0, 0, 1, 1)


@dataclass(frozen=True)
class Shown:
    """One decoded frame: when it is shown (seconds, the file's own clock) and what its code says."""

    time: Fraction
    code: codes.Code | None


def frames(path: Path, areas: Sequence[Area] = ()) -> list[Shown]:
    """Every frame that a decoder gives, in its order. Errors of the decoder are raised (`av.FFmpegError`).

    ``areas`` tells for each frame where the recording lies in it; frames beyond its end are filled.
    """
    return [
        Shown(_time(frame), codes.read(_luma(frame), areas[index] if index < len(areas) else WHOLE))
        for index, frame in enumerate(_decoded(path))
    ]


def frame_codes(path: Path, areas: Sequence[Area] = ()) -> list[codes.Code | None]:
    """(camera, frame number) of every decoded frame; None where no code can be read."""
    return [frame.code for frame in frames(path, areas)]


def frame_times(path: Path) -> list[Fraction]:
    """Display time of every decoded frame, seconds."""
    return [_time(frame) for frame in _decoded(path)]


def uneven_times(
    times: Sequence[Fraction], rate: Fraction, tolerance: Fraction = Fraction(1, 50_000)
) -> list[int]:
    """Frames that are not where a constant rate puts them, counted from the first one's time.

    20 microseconds are let pass, the rounding of a time base of 1/90000; Matroska's and WebM's is 1/1000.
    """
    return [index for index, time in enumerate(times) if abs(time - times[0] - index / rate) > tolerance]


def fitted(source: tuple[int, int], output: tuple[int, int]) -> Area:
    """Where a picture lies that is fitted into another, centred, its aspect kept: shares of the output."""
    scale = min(output[0] / source[0], output[1] / source[1])
    width, height = source[0] * scale / output[0], source[1] * scale / output[1]
    return ((1 - width) / 2, (1 - height) / 2, width, height)


def psnr(path_a: Path, frames_a: Sequence[int], path_b: Path, frames_b: Sequence[int]) -> list[float]:
    """PSNR in dB of the luma of frames of one file against frames of another, pair by pair (0-based)."""
    planes_a, planes_b = _planes(path_a, set(frames_a)), _planes(path_b, set(frames_b))
    values = []
    for a, b in zip(frames_a, frames_b, strict=True):
        error = float(np.mean((planes_a[a].astype(np.float32) - planes_b[b].astype(np.float32)) ** 2))
        values.append(99.0 if error == 0 else 10 * float(np.log10(255**2 / error)))
    return values


def _decoded(path: Path) -> Iterator[VideoFrame]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield from container.decode(stream)


def _time(frame: VideoFrame) -> Fraction:
    if frame.pts is None or frame.time_base is None:
        raise ValueError("a decoded frame has no time")
    return frame.pts * frame.time_base


def _luma(frame: VideoFrame) -> NDArray[Any]:
    """Luma of a planar YUV frame, 8 bits, shape (height, width), turned as a player shows it."""
    depth = frame.format.components[0].bits
    plane = frame.planes[0]
    lines = np.frombuffer(memoryview(plane), np.dtype("u1" if depth == 8 else "<u2"))
    lines = lines.reshape(frame.height, -1)[:, : frame.width]
    luma = lines if depth == 8 else (lines >> (depth - 8)).astype(np.uint8)
    return np.rot90(luma, frame.rotation // 90) if frame.rotation else luma


def _planes(path: Path, wanted: set[int]) -> dict[int, NDArray[Any]]:
    found = {}
    for index, frame in enumerate(_decoded(path)):
        if index in wanted:
            found[index] = _luma(frame).copy()
        if len(found) == len(wanted):
            break
    return found
