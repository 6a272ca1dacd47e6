"""Generated recordings are what they say: the ground on which the acceptance tests stand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from tests.support import measure
from tests.support.cameras import Camera, kept_camera, make_camera

KINDS: list[dict[str, Any]] = [
    {},
    {"bframes": 0, "gop": 30},
    {"open_gop": True},
    {"codec": "h265"},
    {"audio": "pcm_s16le", "suffix": ".mov"},
    {"suffix": ".ts"},
    {"sample_rate": 44100, "channels": 1},
    {"rate": Fraction(30000, 1001)},
    {"rotation": 90},
    {"rotation": 180},
    {"interlaced": True},
    {"size": (240, 240), "pix_fmt": "yuv420p10le"},
    {"video_delay": 0.5},
    {"audio_delay": 0.75},
    {"start_offset": 12.25, "voice": 9},
    {"bit_rate": 60_000},
]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_frame_and_sound_is_where_it_belongs(kind: dict[str, Any], tmp_path: Path) -> None:
    parameters = dict(kind)
    path = tmp_path / f"camera{parameters.pop('suffix', '.mp4')}"
    camera = make_camera(path, camera=5, seconds=3, **parameters)
    shown = measure.frames(path)
    start = shown[0].time - camera.frame_time(0)
    assert [frame.code for frame in shown] == [(5, number) for number in range(camera.frames)]
    assert [frame.time - start for frame in shown] == [camera.frame_time(n) for n in range(camera.frames)]
    pieces = [measure.Piece(camera, n, 15, camera, camera.frame_time(n)) for n in range(0, 75, 15)]
    assert measure.worst_sound_ms(measure.locate_sound(path, pieces, camera.rate, shown[0].time)) < 0.05


def test_a_variable_rate_leaves_frames_out_and_shifts_others(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "camera.mp4", seconds=3, vfr=True)
    shown = measure.frames(camera.path)
    numbers = [frame.code[1] for frame in shown if frame.code]
    assert numbers == [n for n in range(90) if n % 7 != 3]
    late = [frame.time - camera.frame_time(number) for frame, number in zip(shown, numbers, strict=True)]
    assert min(late) == 0
    assert Fraction(1, 120) < max(late) <= Fraction(1, 90)


def test_rotation_is_written_to_the_file_and_the_coded_picture_lies(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "camera.mp4", seconds=1, rotation=90, size=(180, 320))
    with av.open(str(camera.path)) as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height, frame.rotation) == (320, 180, 90)


def test_the_bit_rate_is_real(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "camera.mp4", seconds=4, size=(640, 360), bit_rate=2_000_000, audio=None)
    assert camera.path.stat().st_size * 8 / 4 == pytest.approx(2_000_000, rel=0.25)


def test_closed_groups_start_with_an_idr_only(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "camera.mp4", seconds=3, gop=30)
    keys = [packet.pts for packet in measure.packets(camera.path) if packet.is_keyframe]
    assert keys == [0, 1, 2]


def test_a_kept_camera_is_made_once_and_a_made_one_is_a_copy(tmp_path: Path) -> None:
    wanted = Camera(seconds=Fraction(1))
    first = kept_camera(wanted, tmp_path)
    inode = first.path.stat().st_ino
    assert kept_camera(wanted, tmp_path).path.stat().st_ino == inode
    assert [entry.name for entry in tmp_path.iterdir()] == [first.path.name]
    copies = [make_camera(tmp_path / name, seconds=1) for name in ("a.mp4", "b.mp4")]
    assert copies[0].path.read_bytes() == copies[1].path.read_bytes() == first.path.read_bytes()
    assert copies[0].path.stat().st_ino != copies[1].path.stat().st_ino


def test_what_ffmpeg_refuses_is_told_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no-such-profile"):
        make_camera(tmp_path / "camera.mp4", seconds=1, profile="no-such-profile")
