"""The synced cameras as an edit decision list (CMX 3600).

The format has one picture track, so cameras that ran at the same time can't lie above each other in it. As
tapes of one shoot are told apart by the hour of their timecode, each camera has hours of its own here: the
first camera lies in hour 1, the second in hour 2 and so on (steps of two hours and more where the session is
longer than one). Within its hour, each lies where it does on the common timeline. So nothing overlaps, every
program reads the list, and an editor brings the cameras together by moving each one up a track and back by
whole hours. Drift can't be said here (speeds have one decimal); it is in the remarks.
"""

from __future__ import annotations

import math
from fractions import Fraction

from videocraft.errors import InvalidInput
from videocraft.media.handover.layout import (
    HandoverSession,
    Layout,
    Placed,
    is_drop_frame,
    lay_out,
    one_line,
    timecode,
    timecode_frames,
)
from videocraft.media.time import round_half_up

_DAY_HOURS = 24
_TITLE_CHARACTERS = 70


def to_edl(session: HandoverSession) -> str:
    """The list, with one event for each camera.

    Raises:
        InvalidInput: the cameras need more hours than timecode has, or one is shorter than a frame.
    """
    layout = lay_out(session)
    step = hours_apart(layout)
    if 1 + step * len(layout.clips) > _DAY_HOURS:
        raise InvalidInput(
            f"An EDL has 24 hours of timecode, too few for {len(layout.clips)} cameras of this length "
            "beside each other; use otio or fcpxml"
        )
    mode = "DROP FRAME" if is_drop_frame(layout.rate) else "NON-DROP FRAME"
    blocks = [f"TITLE: {one_line(session.title)[:_TITLE_CHARACTERS]}\nFCM: {mode}"]
    for number, clip in enumerate(layout.clips):
        blocks.append("\n".join(_event(number, clip, layout, hour=1 + step * number)))
    return "\n\n".join(blocks) + "\n"


def hours_apart(layout: Layout) -> int:
    """Hours of timecode that each camera has for itself."""
    return math.ceil(Fraction(layout.frames, _hour(1, layout.rate)))


def _event(number: int, clip: Placed, layout: Layout, *, hour: int) -> list[str]:
    camera = clip.camera
    record = _hour(hour, layout.rate) + clip.start
    # All timecodes of a list count at one rate, also those of sources that have another.
    source = round_half_up(clip.source_start / clip.source_rate * layout.rate)
    if clip.source_rate == layout.rate:
        source = clip.source_start
    times = (source, source + clip.frames, record, record + clip.frames)
    codes = " ".join(timecode(frame, layout.rate) for frame in times)
    place = f"{float(camera.offset_ms):+z.3f} MS FROM CAMERA {layout.session.master}"
    return [
        f"{number + 1:03d}  {'CAM' + camera.label:<8} {_channels(clip):<5} C        {codes}",
        f"* FROM CLIP NAME:  {one_line(camera.name)}",
        f"* FROM FILE: {one_line(camera.url)}",
        f"* CAMERA {camera.label}: {place}, DRIFT {camera.drift_ppm:+z.1f} PPM, RECORD HOUR {hour:02d}",
    ]


def _channels(clip: Placed) -> str:
    """Picture and sound of an event: ``B`` is picture and one channel, ``AA/V`` picture and two."""
    sound = "A" if clip.camera.channels == 1 else "AA"
    if clip.camera.rate is None:
        return sound
    return {0: "V", 1: "B"}.get(clip.camera.channels, "AA/V")


def _hour(hour: int, rate: Fraction) -> int:
    frames = timecode_frames(f"{hour:02d}:00:00{';' if is_drop_frame(rate) else ':'}00", rate)
    assert frames is not None  # noqa: S101 -- a full hour is a timecode at every rate
    return frames
