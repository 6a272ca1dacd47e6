"""`codec: copy` over cameras that can be joined: exact to the frame, and copied wherever that is possible."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import MakeCamera
from tests.support import measure
from tests.support.cameras import Camera
from tests.support.exports import Exports, Finished, Segment, assert_right, config, segment
from tests.support.selection import thorough

# A frame lasts 33.3 ms; keyframes of the first camera are at 0, 2, 4 s.
CUTS: dict[str, list[Segment]] = {
    "on keyframes": [segment(0, 2, 4), segment(1, 0, 2), segment(0, 4, 6)],
    "between keyframes": [segment(0, 0.7, 4.9), segment(1, 1.3, 5.5), segment(0, 2.1, 5.1)],
    "one frame before and after keyframes": [
        segment(0, 1.966667, 4.033333),
        segment(1, 2.033333, 3.966667),
        segment(0, 1.966667, 3.966667),
    ],
    "off the grid": [
        segment(0, 1.0171, 3.1029),
        segment(1, 0.5111, 2.7007),
        segment(0, 3.3301, 5.0003),
    ],
    "the whole file": [segment(0, 0, 6), segment(1, 0, 6)],
    "one frame": [segment(0, 3, 3.033333), segment(1, 2, 2.033333), segment(0, 4, 4.033333)],
    "adjacent": [segment(0, 1, 2.5), segment(0, 2.5, 4.5), segment(0, 4.5, 5.2), segment(1, 1, 2)],
    "shorter than a group": [segment(0, 0.5, 1.5), segment(1, 2.2, 2.6), segment(0, 4.5, 5.5)],
    "backwards and again": [segment(0, 4, 5.5), segment(0, 1, 2.5), segment(0, 4, 5.5)],
}

PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "closed groups with B-frames": ({}, {}),
    "no B-frames": ({"bframes": 0, "gop": 30}, {"bframes": 0, "gop": 30}),
    "HEVC": ({"codec": "h265"}, {"codec": "h265"}),
}

RATES = [Fraction(30000, 1001), Fraction(24000, 1001), Fraction(25), Fraction(60)]


def pair(camera: MakeCamera, kind: str) -> list[Camera]:
    first, second = PAIRS[kind]
    return [camera(camera=1, **first), camera(camera=2, **second)]


def assert_joined(finished: Finished, cameras: list[Camera]) -> None:
    """The tag that every player knows, the colours of the sources, and frames that add up."""
    tags = measure.stream_tags(finished.path)
    assert tags.tag == ("hvc1" if cameras[0].codec == "h265" else "avc1")
    assert tags.colours == (1, 1, 1)
    status = finished.status
    count = len(measure.frame_times(finished.path))
    assert status["framesCopied"] + status["framesEncoded"] == count
    # What was copied decodes to the very pixels of the source.
    known = {mark for camera in cameras for mark in measure.frame_hashes(camera.path)}
    same = sum(mark in known for mark in measure.frame_hashes(finished.path))
    assert same >= status["framesCopied"]


@pytest.mark.parametrize(
    ("kind", "cut"),
    thorough(
        product(PAIRS, CUTS),
        [
            *(("closed groups with B-frames", cut) for cut in CUTS),
            ("no B-frames", "one frame before and after keyframes"),
            ("HEVC", "one frame before and after keyframes"),
        ],
    ),
)
def test_frames_and_sound_are_exact(exports: Exports, camera: MakeCamera, kind: str, cut: str) -> None:
    cameras = pair(camera, kind)
    finished = exports.export(config(cameras, CUTS[cut]))
    assert_right(finished, cameras)
    assert_joined(finished, cameras)
    assert finished.status["warnings"] == []


@pytest.mark.parametrize("kind", PAIRS)
def test_whole_groups_are_copied_without_encoding(exports: Exports, camera: MakeCamera, kind: str) -> None:
    cameras = pair(camera, kind)
    finished = exports.export(config(cameras, CUTS["on keyframes"]))
    assert finished.status["framesEncoded"] == 0
    assert finished.status["framesCopied"] == 180


def test_only_the_way_to_the_next_keyframe_is_encoded(exports: Exports, camera: MakeCamera) -> None:
    cameras = pair(camera, "closed groups with B-frames")
    # The first 9 frames up to the keyframe at 2 s; the end cuts a group short, at most its last B-frames.
    finished = exports.export(config(cameras, [segment(0, 1.7, 4.5)]))
    assert 9 <= finished.status["framesEncoded"] <= 9 + cameras[0].bframes + 1


def test_encoded_edges_look_and_weigh_like_the_source(exports: Exports, camera: MakeCamera) -> None:
    cameras = pair(camera, "closed groups with B-frames")
    finished = exports.export(config(cameras, [segment(0, 1.5, 4)]))
    numbers = list(range(75))
    values = measure.psnr(finished.path, numbers, cameras[0].path, [45 + number for number in numbers])
    assert min(values) > 32
    # The edge is the 15 frames before the keyframe at 2 s; beside it the first 15 frames of a group.
    assert weight(finished.path, 0, 0.5) < weight(cameras[0].path, 2, 2.5) * 1.5


def weight(path: Path, start: float, end: float) -> int:
    """Bytes of the pictures shown from ``start`` until before ``end``, seconds."""
    return sum(packet.size for packet in measure.packets(path) if start <= (packet.pts or 0) < end)


def test_a_second_decoder_has_no_complaint(exports: Exports, camera: MakeCamera) -> None:
    cameras = pair(camera, "closed groups with B-frames")
    cut = CUTS["between keyframes"]
    finished = exports.export(config(cameras, cut))
    second = measure.openh264_decode(finished.path)
    assert second.messages == ""
    # OpenH264 drops a picture that waits for its turn when the next one has another parameter set: the last
    # before a join, with a track of several sets. Every other one is there, and in its place.
    wanted = measure.frame_codes(finished.path)
    rest = iter(wanted)
    assert all(code in rest for code in second.codes)
    assert len(wanted) - len(second.codes) <= 2 * len(cut)


def test_cameras_with_other_encoder_settings_are_joined_exactly(exports: Exports, camera: MakeCamera) -> None:
    cameras = [camera(camera=1), camera(camera=2, bframes=0, gop=30, encoder_params="ref=1:cabac=0")]
    finished = exports.export(config(cameras, CUTS["between keyframes"]))
    assert_right(finished, cameras)
    # Parameter sets of one id with two meanings can only stand in the stream itself, and that is told.
    tag = measure.stream_tags(finished.path).tag
    assert tag in {"avc1", "avc3"}
    assert tag == "avc1" or finished.warnings


@pytest.mark.parametrize("suffix", thorough([".ts", ".mkv", ".mov"], [".mkv"]))
def test_other_containers(exports: Exports, camera: MakeCamera, suffix: str) -> None:
    cameras = [camera(camera=1, suffix=suffix), camera(camera=2, suffix=suffix)]
    finished = exports.export(config(cameras, CUTS["between keyframes"]))
    assert_right(finished, cameras)


@pytest.mark.parametrize("rate", thorough(RATES, [Fraction(30000, 1001)]), ids=str)
def test_other_rates(exports: Exports, camera: MakeCamera, rate: Fraction) -> None:
    cameras = [camera(camera=1, rate=rate), camera(camera=2, rate=rate)]
    finished = exports.export(config(cameras, CUTS["off the grid"]))
    assert_right(finished, cameras)
    assert finished.status["framesCopied"] > 0


def test_a_picture_that_starts_late_is_cut_by_the_file_s_time(exports: Exports, camera: MakeCamera) -> None:
    cameras = [camera(camera=1, video_delay=0.5), camera(camera=2)]
    finished = exports.export(config(cameras, [segment(0, 1.2, 4), segment(1, 1.2, 4), segment(0, 4, 5)]))
    assert_right(finished, cameras)


def test_a_mov_comes_out_as_asked(exports: Exports, camera: MakeCamera) -> None:
    cameras = pair(camera, "closed groups with B-frames")
    finished = exports.export(config(cameras, CUTS["between keyframes"], format="mov"))
    assert_right(finished, cameras)
    assert finished.path.read_bytes()[4:12] == b"ftypqt  "


def test_progress_never_goes_back(exports: Exports, camera: MakeCamera) -> None:
    cameras = pair(camera, "closed groups with B-frames")
    exports.export(config(cameras, CUTS["between keyframes"]))
    seen = [status["progress"] for status in exports.statuses]
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
