"""The demo's cameras: what an edit needs of them is really in the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from videocraft.demo import cameras
from videocraft.demo.cameras import CAMERAS, Camera, make_camera
from videocraft.media import ffmpeg
from videocraft.media.probe import MediaInfo, probe


@pytest.fixture
def one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "SECONDS", 1)


@pytest.mark.usefixtures("one_second")
@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: camera.name)
def test_a_camera_records_what_can_be_cut_by_copying(tmp_path: Path, camera: Camera) -> None:
    path = tmp_path / camera.file_name
    fractions: list[float] = []
    make_camera(camera, path, binary=ffmpeg.binary(), on_fraction=fractions.append)
    (info,) = probe([path])
    assert isinstance(info, MediaInfo)
    assert info.video is not None
    assert (info.video.codec, info.video.width, info.video.height) == ("h264", 1280, 720)
    assert (info.video.frames, info.video.rate, info.video.is_constant_rate) == (30, 30, True)
    assert (info.video.pix_fmt, info.video.color_space, info.video.color_range) == ("yuv420p", "bt709", "tv")
    assert [(track.codec, track.sample_rate, track.channels) for track in info.audio] == [("aac", 48000, 2)]
    assert fractions[-1] == 1.0
    assert fractions == sorted(fractions)


@pytest.mark.usefixtures("one_second")
def test_the_counter_is_in_the_picture_and_the_same_in_every_camera(tmp_path: Path) -> None:
    """The corner of frame 20 looks alike in all three, and unlike frame 21's: it is the number."""
    corners = {}
    for camera in CAMERAS:
        path = tmp_path / camera.file_name
        make_camera(camera, path, binary=ffmpeg.binary(), on_fraction=lambda _: None)
        for frame in (20, 21):
            corners[camera.name, frame] = _digits(path, frame)
    names = [camera.name for camera in CAMERAS]
    for name in names[1:]:
        assert _distance(corners[names[0], 20], corners[name, 20]) < 12
    for name in names:
        assert _distance(corners[name, 20], corners[name, 21]) > 12


def _digits(path: Path, frame: int) -> bytes:
    """Luma of the number's last two digits (64x48 at 368+72,40+100 or so), as 8-bit samples."""
    picked = f"select=eq(n\\,{frame}),crop=64:56:376:128,format=gray"
    finished = ffmpeg.capture(
        ["-i", f"file:{path}", "-vf", picked, "-frames:v", "1", "-f", "rawvideo", "pipe:1"],
        binary=ffmpeg.binary(),
        limits=cameras.LIMITS,
    )
    assert len(finished.stdout) == 64 * 56
    return finished.stdout


def _distance(one: bytes, other: bytes) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)
