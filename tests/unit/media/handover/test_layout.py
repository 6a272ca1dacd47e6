"""Cameras on frames, timeline rates, timecode and drift."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.media.handover.material import NTSC, camera, session
from videocraft.errors import InvalidInput
from videocraft.media.handover.layout import (
    DEFAULT_RATE,
    EDITING_RATES,
    editing_rate,
    lay_out,
    one_line,
    session_rate,
    timecode,
    timecode_frames,
)

OFFSETS = st.lists(
    st.floats(-10_000_000, 10_000_000, allow_nan=False).map(lambda ms: round(ms, 3)), min_size=1, max_size=26
)


def test_the_earliest_camera_begins_the_timeline() -> None:
    layout = lay_out(session())
    assert [(clip.camera.label, clip.start, clip.frames) for clip in layout.clips] == [
        ("A", 16, 1800),  # 532 ms
        ("B", 53, 1800),  # 1766 ms
        ("C", 0, 1800),
    ]
    assert layout.frames == 1853
    assert layout.master.camera.label == "A"


@given(OFFSETS, st.sampled_from(EDITING_RATES))
def test_no_camera_is_more_than_half_a_frame_off(offsets: list[float], rate: Fraction) -> None:
    cameras = [camera(chr(65 + index), offset, rate=rate) for index, offset in enumerate(offsets)]
    clips = lay_out(session(*cameras)).clips
    assert min(clip.start for clip in clips) == 0
    for clip in clips:
        exact = (clip.camera.offset_ms - min(camera.offset_ms for camera in cameras)) / 1000
        assert abs(Fraction(clip.start) / rate - exact) <= 1 / rate / 2
        assert clip.frames / rate <= 60 + 1 / rate / 20


@pytest.mark.parametrize(
    ("rate", "timeline"),
    [
        (Fraction(30), Fraction(30)),
        (Fraction("29.97"), NTSC),
        (Fraction(120), Fraction(60)),
        (Fraction(120_000, 1001), Fraction(60_000, 1001)),
        (Fraction(25, 2), Fraction(25)),
        (Fraction(15), Fraction(30)),
        (Fraction(15_000, 1001), NTSC),
        (Fraction(48), Fraction(24)),
        (Fraction(100), Fraction(50)),
        (Fraction(31), Fraction(30)),
    ],
)
def test_rates_of_media_become_rates_of_timelines(rate: Fraction, timeline: Fraction) -> None:
    assert editing_rate(rate) == timeline


def test_the_timeline_has_the_masters_rate_or_that_of_who_filmed() -> None:
    recorder = camera("A", 0.0, rate=None)
    assert session_rate(session(camera("A", 0.0), camera("B", 0.0, rate=Fraction(25)), master="B")) == 25
    assert session_rate(session(recorder, camera("B", 0.0, rate=NTSC))) == NTSC
    assert session_rate(session(recorder)) == DEFAULT_RATE


def test_a_source_counts_its_own_frames() -> None:
    layout = lay_out(session(camera("A", 0.0), camera("B", 100.0, rate=Fraction(25), duration=Fraction(10))))
    clip = layout.clips[1]
    assert (clip.start, clip.frames, clip.source_rate, clip.source_frames) == (3, 300, 25, 250)


def test_a_clock_that_counts_milliseconds_loses_no_frame() -> None:
    clip = lay_out(session(camera("A", 0.0, duration=Fraction("59.999")))).clips[0]
    assert (clip.frames, clip.source_frames) == (1800, 1800)


@pytest.mark.parametrize(
    ("ppm", "minutes", "speed", "frames"),
    [
        (2.0, 30, Fraction(1), 54_000),  # a tenth of a frame
        (37.0, 30, 1 / (1 + Fraction(37, 1_000_000)), 54_000),  # two frames; the end of the file is left out
        (-37.0, 30, 1 / (1 - Fraction(37, 1_000_000)), 53_998),
        (200.0, 1, Fraction(1), 1800),  # a third of a frame
        (float("nan"), 30, Fraction(1), 54_000),
        (float("inf"), 30, Fraction(1), 54_000),
    ],
)
def test_drift_is_made_up_for_where_it_is_seen(
    ppm: float, minutes: int, speed: Fraction, frames: int
) -> None:
    clip = lay_out(session(camera("A", 0.0, duration=Fraction(60 * minutes), drift_ppm=ppm))).clips[0]
    assert (clip.speed, clip.frames) == (speed, frames)


def test_a_camera_shorter_than_a_frame_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Camera B is shorter than a frame"):
        lay_out(session(camera("A", 0.0), camera("B", 0.0, duration=Fraction(1, 100))))


@given(st.integers(0, 24 * 3600 * 24 - 1), st.sampled_from(EDITING_RATES))
def test_timecode_is_what_opentimelineio_counts(frame: int, rate: Fraction) -> None:
    text = timecode(frame, rate)
    assert text == otio.opentime.to_timecode(otio.opentime.RationalTime(frame, float(rate)))
    assert timecode_frames(text, rate) == frame


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1:2:3:4",
        "00:60:00:00",
        "00:00:60:00",
        "00:00:00:30",
        "00:01:00;00",
        "\u0660\u0660:00:00:00",
        "00:00:00:00x",
    ],
)
def test_what_is_no_timecode_names_no_frame(text: str) -> None:
    assert timecode_frames(text, NTSC) is None


def test_timecode_of_the_file_is_its_first_frame() -> None:
    clips = lay_out(
        session(camera("A", 0.0, start_timecode="10:00:00:05"), camera("B", 0.0, start_timecode="noon"))
    ).clips
    assert [clip.source_start for clip in clips] == [36_000 * 30 + 5, 0]


@given(st.text(st.characters()))
def test_text_stays_on_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
    one_line(text).encode()
