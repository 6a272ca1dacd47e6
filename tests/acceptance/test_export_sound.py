"""The sound of exports: whose, from when, and silence where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from tests.acceptance.conftest import MakeCamera
from tests.support import measure
from tests.support.exports import Exports, assert_right, config, segment
from tests.support.selection import thorough

SEGMENTS = [segment(0, 0.7, 2.5), segment(1, 1.3, 2.9), segment(0, 3.1, 4.2)]


@pytest.mark.parametrize("codec", thorough(["copy", "h264"], ["copy"]))
def test_include_audio_false_leaves_the_track_out(exports: Exports, camera: MakeCamera, codec: str) -> None:
    cameras = [camera(camera=1), camera(camera=2)]
    assert_right(exports.export(config(cameras, SEGMENTS, codec=codec, includeAudio=False)), cameras)


@pytest.mark.parametrize("codec", thorough(["copy", "h264"], ["copy"]))
def test_a_camera_without_sound_is_silent(exports: Exports, camera: MakeCamera, codec: str) -> None:
    cameras = [camera(camera=1), camera(camera=2, audio=None)]
    assert_right(exports.export(config(cameras, SEGMENTS, codec=codec)), cameras)


def test_a_segment_can_be_muted(exports: Exports, camera: MakeCamera) -> None:
    cameras = [camera(camera=1), camera(camera=2)]
    segments = [SEGMENTS[0], {**SEGMENTS[1], "audioFromSource": False}, SEGMENTS[2]]
    assert_right(exports.export(config(cameras, segments)), cameras)


def test_one_microphone_runs_through_all_cuts(exports: Exports, camera: MakeCamera) -> None:
    # The second camera was started 1.3 s after the first, whose sound is heard all the time.
    cameras = [camera(camera=1), camera(camera=2)]
    segments = [segment(0, 1, 2), segment(1, 0.7, 2, audioSourceIndex=0), segment(0, 3.3, 4.5)]
    finished = exports.export(config(cameras, segments, sync_offsets=[0, 1.3]))
    assert_right(finished, cameras)
    # It is one recording without a break, so one piece from the first frame to the last.
    whole = [measure.Piece(cameras[0], 30, 105, cameras[0], cameras[0].frame_time(30))]
    assert measure.worst_sound_ms(measure.locate_sound(finished.path, whole, cameras[0].rate)) < 1


def test_another_microphone_is_cut_where_the_picture_is(exports: Exports, camera: MakeCamera) -> None:
    # Neither cuts nor offset are on the frame grid: the picture's frame decides, and the sound follows it.
    cameras = [camera(camera=1), camera(camera=2)]
    segments = [segment(1, 0.762, 2.01, audioSourceIndex=0), segment(1, 2.489, 4.1, audioSourceIndex=0)]
    assert_right(exports.export(config(cameras, segments, sync_offsets=[0, 0.4567])), cameras)


def test_a_recorder_that_started_earlier(exports: Exports, camera: MakeCamera) -> None:
    cameras = [camera(camera=1), camera(camera=2), camera(camera=3, audio="pcm_s16le", suffix=".mov")]
    segments = [segment(0, 1, 2.3, audioSourceIndex=2), segment(1, 0.5, 2.1, audioSourceIndex=2)]
    finished = exports.export(config(cameras, segments, sync_offsets=[0, 0.123, -1.789]))
    assert_right(finished, cameras)


def test_sound_that_starts_late_stays_late(exports: Exports, camera: MakeCamera) -> None:
    cameras = [camera(camera=1, audio_delay=1.5), camera(camera=2)]
    segments = [segment(0, 0.4, 1.2), segment(1, 1, 2), segment(0, 0.9, 3), segment(0, 3.7, 5)]
    assert_right(exports.export(config(cameras, segments)), cameras)


@pytest.mark.parametrize(
    ("first", "second"),
    thorough(
        [
            ({"sample_rate": 44100}, {"sample_rate": 44100}),
            ({"sample_rate": 44100, "channels": 1}, {}),
            ({}, {"sample_rate": 44100, "channels": 1}),
            ({"channels": 1}, {"audio": "pcm_s16le", "suffix": ".mov", "sample_rate": 32000}),
            ({"suffix": ".mkv"}, {"suffix": ".ts"}),
        ],
        [
            ({"sample_rate": 44100, "channels": 1}, {}),
            ({"channels": 1}, {"audio": "pcm_s16le", "suffix": ".mov", "sample_rate": 32000}),
        ],
    ),
    ids=str,
)
def test_other_rates_and_layouts(
    exports: Exports, camera: MakeCamera, first: dict[str, object], second: dict[str, object]
) -> None:
    cameras = [camera(camera=1, **first), camera(camera=2, **second)]
    assert_right(exports.export(config(cameras, SEGMENTS)), cameras)


def test_joins_do_not_click(exports: Exports, camera: MakeCamera) -> None:
    cameras = [camera(camera=1), camera(camera=2)]
    segments = [segment(number % 2, 0.5 + number / 3, 0.9 + number / 3) for number in range(12)]
    finished = exports.export(config(cameras, segments))
    samples, rate = measure.decoded_sound(finished.path)
    # A jump between neighbouring samples is a click; the signal's own steps stay below it.
    own, _ = measure.decoded_sound(cameras[0].path)
    assert np.abs(np.diff(samples)).max() < np.abs(np.diff(own)).max() * 1.2
    assert rate == 48000
