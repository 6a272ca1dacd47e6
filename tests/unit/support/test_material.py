"""Material of benchmarks: a fault in it would be taken for one of the engine."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from benchmarks import material

from tests.support import measure
from tests.support.cameras import Camera, kept_camera


def test_a_repeated_recording_has_every_frame_and_its_sound_at_its_time(tmp_path: Path) -> None:
    short = kept_camera(Camera(seconds=Fraction(3)), tmp_path)
    whole = material.looped(short, 3, tmp_path)
    shown = measure.frames(whole.path)
    assert [frame.code for frame in shown] == [(1, number % 90) for number in range(270)]
    assert [frame.time for frame in shown] == [whole.frame_time(number) for number in range(270)]
    pieces = [measure.Piece(whole, n, 30, whole, whole.frame_time(n)) for n in range(0, 270, 30)]
    assert measure.worst_sound_ms(measure.locate_sound(whole.path, pieces, whole.rate)) < 0.05


def test_cuts_lie_within_their_recordings_and_are_the_same_every_time(tmp_path: Path) -> None:
    cameras = [Camera(camera=number, seconds=Fraction(60)) for number in (1, 2)]
    first = material.cut("closed", cameras, 20, 6, 25)
    assert first == material.cut("closed", cameras, 20, 6, 25)
    lengths = [float(end) - float(start) for _, start, end in first.segments]
    assert 6 <= min(lengths) <= max(lengths) <= 25.001
    assert all(0 <= float(start) < float(end) <= 60 for _, start, end in first.segments)
    ordered = material.ascending_cut("single", cameras[0], 8)
    times = [float(time) for _, start, end in ordered.segments for time in (start, end)]
    assert times == sorted(times)
    assert times[-1] <= 60
