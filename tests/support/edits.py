"""What an edit has to become: its segments as frames and sound of known recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.support import codes
from tests.support.cameras import Camera


@dataclass(frozen=True)
class Piece:
    """A segment as it has to be in the output: ``count`` frames of ``camera`` from frame ``first`` on.

    ``sound`` is the recording that is heard and ``sound_at`` the time in that file at which the piece begins;
    None: silence.
    """

    camera: Camera
    first: int
    count: int
    sound: Camera | None
    sound_at: Fraction


def pieces(
    cameras: Sequence[Camera],
    segments: Sequence[dict[str, Any]],
    rate: Fraction,
    *,
    offsets: Sequence[Fraction] | None = None,
    include_audio: bool = True,
) -> list[Piece]:
    """What an export's ``segments`` (of the wire format) must become on the output's frame grid.

    A segment has round(end * rate) - round(begin * rate) frames of the cumulated edit; it starts on the
    source frame nearest to ``startTime``, and its sound starts at that frame's time. ``offsets`` are the
    sources' ``syncOffset`` (their start on the common clock).
    """
    offsets = offsets or [Fraction(0)] * len(cameras)
    total = Fraction(0)
    result: list[Piece] = []
    for segment in segments:
        start, end = Fraction(str(segment["startTime"])), Fraction(str(segment["endTime"]))
        count = half_up((total + end - start) * rate) - half_up(total * rate)
        total += end - start
        index = int(segment["sourceIndex"])
        camera = cameras[index]
        first = half_up((start - camera.video_delay) * camera.rate)
        heard_index = int(segment.get("audioSourceIndex", index))
        heard: Camera | None = cameras[heard_index]
        at = camera.frame_time(first)
        if heard_index != index:
            at += offsets[index] - offsets[heard_index]
        if not include_audio or not segment.get("audioFromSource", True) or heard is None or not heard.audio:
            heard = None
        result.append(Piece(camera, first, count, heard, at))
    return result


def wrong_frames(
    shown: Sequence[codes.Code | None], expected: Sequence[Piece], rate: Fraction, *, tolerance: int = 0
) -> list[int]:
    """Output frames (0-based) that are not the ones asked for, missing and surplus ones included.

    ``rate`` is the output's. ``tolerance`` is how many source frames a shown one may be off: 0, except where
    a rate is converted and two neighbours are as good as each other.
    """
    wanted = [
        piece.camera.code(piece.first + half_up(number * piece.camera.rate / rate))
        for piece in expected
        for number in range(piece.count)
    ]
    wrong = set(range(min(len(wanted), len(shown)), max(len(wanted), len(shown))))
    for index, (code, (camera, frame)) in enumerate(zip(shown, wanted, strict=False)):
        if code is None or code[0] != camera or abs(code[1] - frame) > tolerance:
            wrong.add(index)
    return sorted(wrong)


def half_up(value: Fraction) -> int:
    """The nearest whole number, the upper one of two equally near."""
    return int((value + Fraction(1, 2)) // 1)
