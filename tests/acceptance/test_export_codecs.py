"""Exports that name a codec, a container, a size, a rate or a quality."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.acceptance.conftest import MakeCamera
from tests.support import measure
from tests.support.cameras import Camera
from tests.support.exports import Exports, assert_right, config, segment
from tests.support.selection import thorough

SEGMENTS = [segment(0, 0.7, 2.5), segment(1, 1.3, 2.9), segment(0, 3.1, 4.2)]


@pytest.fixture
def cameras(camera: MakeCamera) -> list[Camera]:
    return [camera(camera=1), camera(camera=2)]


@pytest.mark.parametrize(
    ("container", "codec", "name", "tag"),
    thorough(
        [
            ("mp4", "h264", "h264", "avc1"),
            ("mp4", "h265", "hevc", "hvc1"),
            ("mp4", "vp9", "vp9", "vp09"),
            ("mp4", "av1", "av1", "av01"),
            ("mov", "h264", "h264", "avc1"),
            ("mov", "h265", "hevc", "hvc1"),
            ("webm", "vp9", "vp9", None),
            ("webm", "copy", "vp9", None),
        ],
        [
            ("mp4", "h265", "hevc", "hvc1"),
            ("mp4", "av1", "av1", "av01"),
            ("mov", "h264", "h264", "avc1"),
            ("webm", "copy", "vp9", None),
        ],
    ),
)
def test_codec_and_container(
    exports: Exports, cameras: list[Camera], container: str, codec: str, name: str, tag: str | None
) -> None:
    finished = exports.export(config(cameras, SEGMENTS, format=container, codec=codec))
    assert_right(finished, cameras)
    tags = measure.stream_tags(finished.path)
    # The decoder's name for AV1 is the library's.
    assert tags.codec in {name, "libdav1d" if name == "av1" else name}
    assert tag is None or tags.tag == tag
    assert tags.colours == (1, 1, 1)
    assert tags.pix_fmt == "yuv420p"


def test_size_and_rate_are_those_asked_for(exports: Exports, cameras: list[Camera]) -> None:
    wanted = config(cameras, SEGMENTS, codec="h264", width=480, height=480, fps=25)
    finished = exports.export(wanted)
    assert_right(finished, cameras, rate=Fraction(25), size=(480, 480), frame_tolerance=1)


def test_an_fps_of_29_97_is_the_broadcast_rate(exports: Exports, camera: MakeCamera) -> None:
    rate = Fraction(30000, 1001)
    cameras = [camera(camera=1, rate=rate), camera(camera=2, rate=rate)]
    finished = exports.export(config(cameras, SEGMENTS, codec="h264", fps=29.97))
    assert_right(finished, cameras, rate=rate)
    assert measure.stream_tags(finished.path).rate == rate


def test_a_better_quality_makes_a_larger_file(exports: Exports, cameras: list[Camera]) -> None:
    sizes = [
        exports.export(config(cameras, SEGMENTS, codec="h264", quality=quality, includeAudio=False))
        .path.stat()
        .st_size
        for quality in ("low", "medium", "high", "very_high")
    ]
    assert sizes == sorted(sizes)
    assert sizes[3] > sizes[0] * 1.25


def test_asking_for_the_source_s_codec_encodes_all(exports: Exports, cameras: list[Camera]) -> None:
    finished = exports.export(config(cameras, SEGMENTS, codec="h264", quality="high"))
    assert finished.status["framesCopied"] == 0
    assert finished.status["framesEncoded"] == len(measure.frame_times(finished.path))
