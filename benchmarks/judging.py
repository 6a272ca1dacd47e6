"""What a finished file is worth: frames, times, sound at the joins, decoder messages."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from tests.support import measure

from benchmarks.material import Cut

_LONGEST_DECODE_SECONDS = 1800
"""Films of many minutes are decoded on machines that do other work."""


@dataclass(frozen=True)
class Verdict:
    """Faults of one file against its cut."""

    frames: int
    wrong_frames: int
    uneven_times: int
    """Frames that are not where a constant rate puts them."""
    worst_sound_ms: float
    """Greatest distance of the sound from the picture that is shown, over both sides of all joins."""
    lost_sound: int
    """Sides of joins where the right sound is not to be found within a second."""
    messages: int
    """Lines that FFmpeg has to say while decoding."""
    tag: str
    size: int


def judge(cut: Cut, path: Path) -> Verdict:
    """Decode all of a file and compare it with the recordings that it was cut from."""
    rate = cut.cameras[0].rate
    pieces = cut.pieces()
    shown = measure.frames(path)
    wrong = measure.wrong_frames([frame.code for frame in shown], pieces, rate)
    if any(camera.code_period for camera in cut.cameras):
        # Codes that come again don't tell the moment; with no wrong frame the edit does.
        heard = measure.locate_sound(path, pieces, rate, shown[0].time)
    else:
        heard = measure.sound_against_picture(path, shown, cut.cameras)
    found = [one.error_ms for one in heard if one.right and not math.isnan(one.error_ms)]
    return Verdict(
        frames=len(shown),
        wrong_frames=len(wrong),
        uneven_times=len(measure.uneven_times([frame.time for frame in shown], rate)),
        worst_sound_ms=max(map(abs, found), default=math.inf),
        lost_sound=sum(not one.right for one in heard),
        messages=len(measure.decode_messages(path, longest_seconds=_LONGEST_DECODE_SECONDS).splitlines()),
        tag=measure.stream_tags(path).tag,
        size=path.stat().st_size,
    )
