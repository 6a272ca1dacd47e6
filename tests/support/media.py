"""Tiny media files for tests, made by the FFmpeg that the product uses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from videocraft.media import ffmpeg
from videocraft.media.process import Limits

LIMITS = Limits(wall_seconds=60, cpu_seconds=60)


def run_ffmpeg(*arguments: str) -> None:
    """FFmpeg with any arguments."""
    ffmpeg.ffmpeg(arguments, binary=ffmpeg.binary(), limits=LIMITS)


def picture(seconds: float = 2, rate: str = "30", size: str = "320x180") -> list[str]:
    """An input of moving test pictures with a frame counter."""
    return ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]


def tone(seconds: float = 2, frequency: int = 440) -> list[str]:
    """An input of a sine."""
    return ["-f", "lavfi", "-i", f"sine=frequency={frequency}:sample_rate=48000:duration={seconds}"]


H264 = ["-c:v", "libx264", "-preset", "veryfast", "-g", "30", "-bf", "2", "-pix_fmt", "yuv420p"]
AAC = ["-c:a", "aac"]


def make_av(
    path: Path, *options: str, seconds: float = 2, rate: str = "30", codecs: Sequence[str] = ()
) -> Path:
    """A file of picture and sound; ``options`` stand before its name."""
    codecs = codecs or [*H264, *AAC]
    run_ffmpeg(*picture(seconds, rate), *tone(seconds), *codecs, *options, str(path))
    return path


def remux(source: Path, path: Path, *options: str) -> Path:
    """The same packets in another file."""
    run_ffmpeg("-i", str(source), "-c", "copy", *options, str(path))
    return path
