"""`codec: copy` over sources that can't be joined: encoded, fitted to the first source, and said so."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.acceptance.conftest import MakeCamera
from tests.support import measure
from tests.support.exports import Exports, assert_right, config, segment
from tests.support.selection import thorough

SEGMENTS = [segment(0, 0.5, 2), segment(1, 1.3, 3.3), segment(0, 3.1, 4.6)]

# What makes the second camera unlike the first, which is 320x180, 30/s, H.264 High 4:2:0 8-bit BT.709.
UNLIKE: dict[str, dict[str, Any]] = {
    "open groups": {"open_gop": True, "gop": 30},
    "other size": {"size": (240, 240)},
    "smaller": {"size": (160, 90)},
    "quarter turn": {"size": (180, 320), "rotation": 90},
    "half turn": {"rotation": 180},
    "interlaced": {"interlaced": True},
    "other codec": {"codec": "h265"},
    "ten bits": {"pix_fmt": "yuv420p10le"},
    "4:2:2": {"pix_fmt": "yuv422p"},
    "other profile": {"profile": "baseline", "bframes": 0},
    "full range": {"full_range": True},
    "other colours": {"colour": "smpte170m"},
    "MPEG-4 part 2": {"codec": "mpeg4"},
}


@pytest.mark.parametrize(
    "difference", thorough(UNLIKE, ["other size", "quarter turn", "interlaced", "ten bits", "full range"])
)
def test_a_camera_unlike_the_first(exports: Exports, camera: MakeCamera, difference: str) -> None:
    cameras = [camera(camera=1), camera(camera=2, **UNLIKE[difference])]
    finished = exports.export(config(cameras, SEGMENTS))
    assert_right(finished, cameras)
    assert finished.warnings
    tags = measure.stream_tags(finished.path)
    assert (tags.tag, tags.pix_fmt, tags.colours) == ("avc1", "yuv420p", (1, 1, 1))


ALONE: dict[str, dict[str, Any]] = {
    "open groups": {"open_gop": True, "gop": 30},
    "open groups of HEVC": {"codec": "h265", "open_gop": True, "gop": 30},
    "quarter turn": {"size": (180, 320), "rotation": 90},
    "interlaced": {"interlaced": True},
}


@pytest.mark.parametrize("kind", thorough(ALONE, ["open groups"]))
def test_a_camera_that_can_not_be_cut_by_copying(exports: Exports, camera: MakeCamera, kind: str) -> None:
    cameras = [camera(camera=1, **ALONE[kind])]
    finished = exports.export(config(cameras, [segment(0, 0.5, 2.7), segment(0, 3.3, 5.1)]))
    assert_right(finished, cameras)
    assert finished.warnings


def test_a_variable_rate_becomes_constant(exports: Exports, camera: MakeCamera) -> None:
    cameras = [camera(camera=1, vfr=True)]
    # At these times the recording has a frame that is neither left out nor late: 35, 70 and 105.
    segments = [segment(0, 1.166667, 2.5), segment(0, 2.333333, 4), segment(0, 3.5, 5)]
    finished = exports.export(config(cameras, segments))
    # Most of its frames are a thirtieth of a second apart, though there are fewer than thirty each second.
    assert_right(finished, cameras, rate=Fraction(30), frame_tolerance=1)
    assert finished.warnings


@pytest.mark.parametrize(
    "rate", thorough([Fraction(25), Fraction(60), Fraction(24000, 1001)], [Fraction(25)]), ids=str
)
def test_another_rate_is_converted_to_the_first_one_s(
    exports: Exports, camera: MakeCamera, rate: Fraction
) -> None:
    cameras = [camera(camera=1), camera(camera=2, rate=rate)]
    # The second one starts on a frame of its own, so that there is one right place to cut its sound.
    start = round(float(Fraction(24) / rate), 6)
    segments = [segment(0, 0.5, 2), segment(1, start, start + 2), segment(0, 3.1, 4.6)]
    finished = exports.export(config(cameras, segments))
    assert_right(finished, cameras, frame_tolerance=1)
    assert finished.warnings


def test_other_sound_needs_no_encoding_of_the_picture(exports: Exports, camera: MakeCamera) -> None:
    cameras = [camera(camera=1), camera(camera=2, sample_rate=44100, channels=1)]
    finished = exports.export(config(cameras, [segment(0, 2, 4), segment(1, 2, 4)]))
    assert_right(finished, cameras)
    assert finished.status["framesEncoded"] == 0
