"""The recordings and edits that benchmarks run on: always the same ones, made once and kept."""

from __future__ import annotations

import random
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from tests.support import measure
from tests.support.cameras import Camera, ffmpeg_binary, kept_camera, write_sound

BIT_RATE = 8_000_000


@dataclass(frozen=True)
class Cut:
    """An edit over recordings: segments are (source, start, end) in seconds, to the millisecond."""

    name: str
    cameras: tuple[Camera, ...]
    segments: tuple[tuple[int, str, str], ...]

    def pieces(self) -> list[measure.Piece]:
        """What the output has to be."""
        wanted = [
            {"sourceIndex": source, "startTime": start, "endTime": end}
            for source, start, end in self.segments
        ]
        return measure.pieces(self.cameras, wanted, self.cameras[0].rate)


@dataclass(frozen=True)
class Material:
    """Three recordings of 1080p30 with 8 Mb/s, as cameras of three kinds make them."""

    with_b_frames: Camera
    without_b_frames: Camera
    open_groups: Camera

    @classmethod
    def make(cls, folder: Path, seconds: int) -> Material:
        """Generate what is not yet in ``folder``; five minutes of recording take some minutes each."""
        common = Camera(seconds=Fraction(seconds), size=(1920, 1080), bit_rate=BIT_RATE, preset="superfast")
        return cls(
            kept_camera(replace(common, camera=1, gop=60, bframes=2), folder),
            kept_camera(replace(common, camera=2, gop=30, bframes=0), folder),
            kept_camera(replace(common, camera=3, gop=60, bframes=2, open_gop=True), folder),
        )


def cut(name: str, cameras: Sequence[Camera], count: int, shortest: float, longest: float) -> Cut:
    """``count`` segments of random length and place, camera after camera; the same at every run."""
    chance = random.Random(f"{name} {count}")
    segments = []
    for number in range(count):
        source = number % len(cameras)
        length = round(chance.uniform(shortest, longest), 3)
        start = round(chance.uniform(0, float(cameras[source].seconds) - length), 3)
        segments.append((source, f"{start:.3f}", f"{start + length:.3f}"))
    return Cut(name, tuple(cameras), tuple(segments))


def ascending_cut(name: str, camera: Camera, count: int) -> Cut:
    """``count`` segments of one recording in order, half of it in all: for cutters of single files.

    Cuts are at tenths of a second, where a frame begins, so every rule of rounding gives the same frames.
    """
    chance = random.Random(f"{name} {count}")
    slot = float(camera.seconds) / count
    segments = []
    for number in range(count):
        start = number * slot + chance.uniform(0.02, 0.3) * slot
        end = start + chance.uniform(0.35, 0.6) * slot
        segments.append((0, f"{start:.1f}", f"{end:.1f}"))
    return Cut(name, (camera,), tuple(segments))


def looped(camera: Camera, copies: int, folder: Path) -> Camera:
    """A long recording: the pictures of a short one again and again, not encoded anew, and sound of its own.

    The sound goes on through all of it, because AAC tracks can't be put one behind the other without a gap.
    """
    whole = replace(camera, seconds=camera.seconds * copies, code_period=camera.frames)
    target = folder / f"repeated-{copies}-{camera.path.name}"
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=folder, prefix="making-") as working:
            silent, listing, pcm, made = (
                Path(working) / name for name in ("silent.mp4", "list", "sound.pcm", "made.mp4")
            )
            # Without its sound, whose priming samples begin before 0 and would make all pictures late.
            ffmpeg = [ffmpeg_binary(), "-nostdin", "-loglevel", "error"]
            subprocess.run(
                [*ffmpeg, "-i", str(camera.path), "-map", "0:v", "-c", "copy", str(silent)], check=True
            )
            entry = f"file 'file:{silent}'\nduration {float(camera.seconds)}\n"
            listing.write_text(entry * copies)
            write_sound(whole, pcm)
            command = [*ffmpeg, "-f", "concat", "-safe", "0", "-i", str(listing)]
            command += ["-f", "s16le", "-ar", str(camera.sample_rate), "-ac", str(camera.channels)]
            command += ["-i", str(pcm), "-map", "0:v", "-map", "1:a", "-c:v", "copy"]
            subprocess.run([*command, "-c:a", "aac", "-b:a", "160k", "-aac_pns", "0", str(made)], check=True)
            made.replace(target)
    return replace(whole, path=target)
