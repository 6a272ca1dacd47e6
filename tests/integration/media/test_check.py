"""The check of finished files passes what is right and names what is wrong."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path

import pytest

from tests.support.media import AAC, H264, make_av, picture, remux, run_ffmpeg, tone
from videocraft.errors import MediaError
from videocraft.media import ffmpeg
from videocraft.media.check import CheckReport, Expected, check_file
from videocraft.media.process import Stopped

EXPECTED = Expected(frames=60, rate=Fraction(30), codec="h264", width=320, height=180, has_audio=True)
VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"]
HEVC = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", *AAC]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("check")


@pytest.fixture(scope="module")
def plain(folder: Path) -> Path:
    return make_av(folder / "plain.mp4")


def check(path: Path, **changes: object) -> CheckReport:
    return check_file(path, dataclasses.replace(EXPECTED, **changes))


def complaint(path: Path, **changes: object) -> str:
    with pytest.raises(MediaError) as caught:
        check(path, **changes)
    assert caught.value.code == "CHECK_FAILED"
    return caught.value.message.removeprefix("The finished file is wrong: it ")


def test_a_good_file_passes(plain: Path) -> None:
    report = check(plain, joins=(0, 15, 30, 59))
    assert report.warnings == ()
    assert report.info.video is not None
    assert report.info.video.frames == 60


@pytest.mark.parametrize(
    ("name", "codecs", "codec"),
    [("a.webm", VP9, "vp9"), ("a.mov", [*H264, *AAC], "h264"), ("h.mp4", HEVC, "hevc")],
)
def test_every_kind_of_output_passes(name: str, codecs: list[str], codec: str, folder: Path) -> None:
    check(make_av(folder / name, codecs=codecs), codec=codec, joins=(30,))


def test_pieces_that_stand_alone_begin_with_a_keyframe(folder: Path) -> None:
    path = make_av(folder / "closed.mp4", "-x264-params", "keyint=15:scenecut=0")
    check(path, joins=(15, 45), joins_are_closed=True)
    assert complaint(path, joins=(15, 44), joins_are_closed=True).startswith("has pieces that do not begin")


def test_open_groups_are_no_damage(folder: Path) -> None:
    path = make_av(folder / "open.mp4", "-x264-params", "open-gop=1:keyint=15:bframes=3:scenecut=0")
    check(path, joins=(15, 30, 45))


def test_what_was_not_asked_for(plain: Path, folder: Path) -> None:
    assert complaint(plain, frames=61) == "has 60 frames instead of 61."
    assert complaint(plain, codec="hevc") == "is h264 of 320x180 instead of hevc of 320x180."
    assert complaint(plain, width=640) == "is h264 of 320x180 instead of h264 of 640x180."
    assert complaint(plain, has_audio=False) == "has 1 sound tracks instead of 0."
    assert complaint(plain, rate=Fraction(25)).startswith("has an uneven frame time")
    silent = remux(plain, folder / "silent.mp4", "-an")
    assert complaint(silent) == "has 0 sound tracks instead of 1."
    check(silent, has_audio=False)
    sound = remux(plain, folder / "sound.mp4", "-vn")
    assert complaint(sound) == "has no picture."


def test_a_rate_that_is_nearly_right_is_wrong(plain: Path) -> None:
    assert "uneven frame time" in complaint(plain, rate=Fraction(30000, 1001))


def test_dropped_frames(folder: Path) -> None:
    path = make_av(folder / "vfr.mp4", "-vf", "select='not(eq(n,30))'", "-fps_mode", "vfr")
    assert complaint(path, frames=59) == "has an uneven frame time at frame 30."


def test_sound_and_picture_end_together(folder: Path) -> None:
    path = folder / "short.mp4"
    run_ffmpeg(*picture(2), *tone(1.8), *H264, *AAC, str(path))
    assert complaint(path) == "ends with sound and picture 0.200 s apart."


def test_sound_and_picture_start_together(plain: Path, folder: Path) -> None:
    path = folder / "late.mp4"
    inputs = ["-i", str(plain), "-itsoffset", "0.5", "-i", str(plain)]
    run_ffmpeg(*inputs, "-map", "0:v", "-map", "1:a", "-c", "copy", str(path))
    assert "begins with sound and picture" in complaint(path)


def test_a_gap_in_the_sound(folder: Path) -> None:
    path = folder / "hole.mkv"
    hole = ["-af", "aselect='not(between(t,0.8,1.2))'"]
    run_ffmpeg(*picture(2), *tone(2), *hole, *H264, "-c:a", "pcm_s16le", str(path))
    assert complaint(path) == "has a gap in the sound."


def test_a_file_that_does_not_begin_with_a_keyframe(plain: Path, folder: Path) -> None:
    path = folder / "headless.mkv"
    run_ffmpeg("-ss", "0.5", "-i", str(plain), "-c", "copy", "-copyinkf", "-an", str(path))
    assert complaint(path, frames=45, has_audio=False).startswith(("does not begin", "has "))


def test_pictures_that_cannot_be_decoded(plain: Path, folder: Path) -> None:
    content = bytearray(plain.read_bytes())
    start = content.index(b"mdat") + 4
    # The picture data of the second half, behind the first pictures and before the index.
    middle, end = start + (content.index(b"moov") - start) // 2, content.index(b"moov") - 200
    content[middle:end] = bytes(end - middle)
    path = folder / "blind.mp4"
    path.write_bytes(content)
    assert "can't be decoded" in complaint(path)


def test_a_file_that_is_no_media(folder: Path) -> None:
    path = folder / "empty.mp4"
    path.touch()
    with pytest.raises(MediaError, match=r"The finished file can't be read: The file is empty\."):
        check(path)


def test_loudness_is_measured_and_never_fails(plain: Path, folder: Path) -> None:
    binary = ffmpeg.binary()
    report = check_file(plain, EXPECTED, ffmpeg_binary=binary)
    assert report.loudness is not None
    assert -30 < report.loudness < -15
    mute = make_av(folder / "mute.mp4", "-af", "volume=0")
    assert check_file(mute, EXPECTED, ffmpeg_binary=binary).warnings == ("The sound is silent.",)
    loud = make_av(folder / "loud.mp4", "-af", "volume=40dB")
    assert check_file(loud, EXPECTED, ffmpeg_binary=binary).warnings == (
        "The sound reaches full scale: it may be clipped.",
    )


def test_it_stops_when_asked(plain: Path) -> None:
    with pytest.raises(Stopped):
        check_file(plain, EXPECTED, should_stop=lambda: True)
