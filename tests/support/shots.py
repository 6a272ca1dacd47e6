"""Tiny films whose cuts, movements and sounds are known."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.support.media import AAC, H264, run_ffmpeg
from videocraft.errors import MediaError
from videocraft.media.edit import Tools
from videocraft.media.ffmpeg import binary
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.process import Limits

TOOLS = Tools(binary(), Limits(wall_seconds=60, cpu_seconds=60))
LOOKS = (
    "testsrc2=size=320x180",
    "smptebars=size=320x180",
    "color=c=0x205080:size=320x180",
    "mandelbrot=size=320x180:start_scale=0.5:end_scale=0.4:maxiter=60",
    "color=c=0xd0c040:size=320x180",
)
"""Pictures that are quite unlike each other; the first and the fourth move."""


def info_of(path: Path) -> MediaInfo:
    """What is in a file of ours."""
    (info,) = probe([path])
    assert not isinstance(info, MediaError), info
    return info


def make_shots(path: Path, frames: Sequence[int], *, rate: str = "25", sound: Sequence[str] = ()) -> Path:
    """A film whose shots have so many frames each; ``sound`` is another input, mapped as audio."""
    inputs, names = [], []
    for number, count in enumerate(frames):
        look = LOOKS[number % len(LOOKS)]
        seconds = float((count + 1) / Fraction(rate))
        inputs += ["-f", "lavfi", "-t", f"{seconds}", "-i", f"{look}:rate={rate}"]
        names.append(f"[{number}:v]trim=end_frame={count},format=yuv420p,setsar=1[s{number}]")
    joined = "".join(f"[s{number}]" for number in range(len(frames)))
    graph = ";".join([*names, f"{joined}concat=n={len(frames)}:v=1:a=0[v]"])
    audio = ["-map", f"{len(frames)}:a", *AAC, "-shortest"] if sound else []
    run_ffmpeg(*inputs, *sound, "-filter_complex", graph, "-map", "[v]", *audio, *H264, "-r", rate, str(path))
    return path


def make_blob(path: Path, *, frames: int = 60, rate: int = 25, size: str = "320x180") -> Path:
    """A bright square that wanders from the left edge to the right one, over a grey ground."""
    seconds = frames / rate
    travel = f"(W-w)*min(1\\,t/{seconds})"
    run_ffmpeg(
        *("-f", "lavfi", "-t", f"{seconds}", "-i", f"color=c=gray:size={size}:rate={rate}"),
        *("-f", "lavfi", "-t", f"{seconds}", "-i", f"color=c=white:size=40x40:rate={rate}"),
        *("-filter_complex", f"[0][1]overlay=x={travel}:y=(H-h)/2:shortest=1,format=yuv420p"),
        *("-frames:v", str(frames), *H264, str(path)),
    )
    return path


def luma(path: Path, width: int, height: int) -> NDArray[np.uint8]:
    """Every picture's brightness, shape (frames, height, width)."""
    from tests.support.pictures import _decoded, _luma

    return np.stack([_luma(frame)[:height, :width] for frame in _decoded(path)])
