"""Three cameras that recorded one room, each switched on when somebody came to it: the second act's material.

They share one sound, which never repeats, as a concert or a talk does. What each hears begins at another
sample of it, is louder or softer, and one has a cheap microphone. The counter in the picture is the room's.
"""

from __future__ import annotations

import wave
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from videocraft.demo.cameras import LIMITS
from videocraft.media.ffmpeg import Progress, ffmpeg

WIDTH, HEIGHT, RATE = 640, 360, 30
SAMPLE_RATE = 48_000
SECONDS = 24
"""Length of every recording."""
_ROOM_SECONDS = 32
_GRAIN = "noise=alls=8:allf=t"
"""A sensor's grain. It also makes a file that is large enough to be sent in more than one part."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One camera of the session."""

    label: str
    file_name: str
    picture: str
    """A lavfi source, scaled up."""
    begins: Fraction
    """Seconds of the room's clock at which it was switched on; a whole number of samples."""
    level: float
    """Loudness of what its microphone hears."""
    hiss: float
    """Loudness of what its microphone adds; the room's is about 0.1."""


RECORDINGS = (
    Recording(
        "A",
        "CAM_A_001.mp4",
        f"testsrc2=size=640x360:rate={RATE},{_GRAIN}",
        Fraction(115_213, 48_000),
        1.0,
        0.001,
    ),
    Recording(
        "B", "CAM_B_001.mp4", f"mandelbrot=size=320x180:rate={RATE}", Fraction(297_002, 48_000), 0.4, 0.002
    ),
    Recording(
        "C",
        "CAM_C_001.mp4",
        f"gradients=size=320x180:rate={RATE}:speed=0.02:seed=7",
        Fraction(38_947, 48_000),
        0.7,
        0.06,
    ),
)


def true_offset_ms(recording: Recording, master: Recording = RECORDINGS[0]) -> float:
    """When ``recording`` begins, in milliseconds after the master's begin."""
    return float((recording.begins - master.begins) * 1000)


def room_sound() -> Any:
    """What was to be heard in the room: plucked notes and knocks, never twice the same (float64 samples)."""
    import numpy as np

    random = np.random.default_rng(2026)
    sound = np.zeros(_ROOM_SECONDS * SAMPLE_RATE)
    # Five beats a second, each a little early or late.
    for beat in range(_ROOM_SECONDS * 5 - 5):
        start = int((beat + random.uniform(0, 0.6)) * SAMPLE_RATE / 5)
        time = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
        pitch = 220 * 2 ** (random.integers(0, 25) / 12)
        note = sum(np.sin(2 * np.pi * pitch * partial * time) / partial for partial in range(1, 5))
        knock = random.standard_normal(len(time)) * np.exp(-time * 90) * random.uniform(0, 1.5)
        sound[start : start + len(time)] += 0.12 * (note * np.exp(-time * 9) + knock)
    return sound


def write_sound(recording: Recording, room: Any, path: Path) -> None:
    """What a camera's microphone made of the room's sound, as a WAV file."""
    import numpy as np

    first = int(recording.begins * SAMPLE_RATE)
    random = np.random.default_rng(ord(recording.label))
    heard = recording.level * room[first : first + SECONDS * SAMPLE_RATE]
    heard = heard + recording.hiss * random.standard_normal(len(heard))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(heard, -1, 1) * 32_767).astype("<i2").tobytes())


def recording_arguments(recording: Recording, sound: Path, path: Path) -> list[str]:
    """FFmpeg's arguments that make a camera's file: H.264 and AAC in an MP4."""
    first = round(recording.begins * RATE)
    colours = "out_color_matrix=bt709:out_range=tv,format=yuv420p"
    graph = ";".join(
        (
            f"{recording.picture},scale={WIDTH}:{HEIGHT}:{colours}[scene]",
            # testsrc2 draws the frame's number with letters of its own: no font of the machine is needed.
            f"testsrc2=size=320x180:rate={RATE},trim=start_frame={first},setpts=PTS-STARTPTS[room]",
            f"[room]crop=102:38:0:0,scale=iw*2:ih*2:flags=neighbor:{colours}[counter]",
            "[scene][counter]overlay=20:20:format=yuv420[video]",
        )
    )
    return [
        *("-f", "wav", "-i", f"file:{sound}", "-filter_complex", graph),
        *("-map", "[video]", "-map", "0:a", "-t", str(SECONDS)),
        *("-c:v", "libx264", "-preset", "superfast", "-crf", "20", "-bf", "2"),
        # A keyframe a second that nothing refers across (closed GOPs), as most cameras record.
        *("-g", str(RATE), "-keyint_min", str(RATE), "-sc_threshold", "0", "-flags", "+cgop"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"),
        *("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-movflags", "+faststart", "-f", "mp4", f"file:{path}"),
    ]


def make_recording(
    recording: Recording, room: Any, path: Path, *, binary: str, on_fraction: Callable[[float], None]
) -> None:
    """Record with one camera; ``on_fraction`` hears how far it is (0-1).

    Raises:
        MediaError: FFmpeg failed.
    """
    sound = path.with_suffix(".wav")
    write_sound(recording, room, sound)

    def report(progress: Progress) -> None:
        on_fraction(min(1.0, progress.frame / (SECONDS * RATE)))

    try:
        ffmpeg(recording_arguments(recording, sound, path), binary=binary, limits=LIMITS, on_progress=report)
    finally:
        sound.unlink()
