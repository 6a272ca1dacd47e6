"""Posters and strips of real video."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.support.media import make_av, remux, run_ffmpeg, tone
from videocraft.errors import MediaError
from videocraft.media import ffmpeg
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.thumbnails import poster, strip


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_av(tmp_path_factory.mktemp("stills") / "plain.mp4")


def look(path: Path, *, images: bool = False) -> MediaInfo:
    (info,) = probe([path], images=images)
    assert isinstance(info, MediaInfo), info
    return info


def size_of(jpeg: bytes, folder: Path) -> tuple[int, int]:
    path = folder / "still.jpg"
    path.write_bytes(jpeg)
    video = look(path, images=True).video
    assert video is not None
    return video.width, video.height


@pytest.mark.parametrize("suffix", [".mp4", ".ts"])
@pytest.mark.parametrize("at", ["-1", "0", "1", "1.99", "1000"])
def test_every_time_has_a_poster(suffix: str, at: str, plain: Path, tmp_path: Path) -> None:
    path = plain if suffix == ".mp4" else remux(plain, plain.with_suffix(suffix))
    jpeg = poster(path, look(path), at=Fraction(at), width=160, binary=ffmpeg.binary())
    assert size_of(jpeg, tmp_path) == (160, 90)


def test_different_times_give_different_pictures(plain: Path) -> None:
    info = look(plain)
    pictures = {poster(plain, info, at=Fraction(n, 2), width=160, binary=ffmpeg.binary()) for n in range(3)}
    assert len(pictures) == 3


def test_pictures_stand_upright(plain: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned.mp4"
    run_ffmpeg("-display_rotation", "90", "-i", str(plain), "-c", "copy", str(turned))
    jpeg = poster(turned, look(turned), at=Fraction(1), width=90, binary=ffmpeg.binary())
    assert size_of(jpeg, tmp_path) == (90, 160)


def test_pixels_become_square(tmp_path: Path) -> None:
    wide = make_av(tmp_path / "wide.mp4", "-vf", "setsar=2")
    jpeg = poster(wide, look(wide), at=Fraction(1), width=320, binary=ffmpeg.binary())
    assert size_of(jpeg, tmp_path) == (320, 90)


@pytest.mark.parametrize("suffix", [".mp4", ".ts"])
def test_a_strip(suffix: str, plain: Path, tmp_path: Path) -> None:
    path = plain if suffix == ".mp4" else remux(plain, plain.with_suffix(suffix))
    jpeg = strip(path, look(path), count=5, width=64, binary=ffmpeg.binary())
    assert size_of(jpeg, tmp_path) == (320, 36)


def test_sound_has_no_poster(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    run_ffmpeg(*tone(1), str(path))
    with pytest.raises(MediaError, match="no picture"):
        poster(path, look(path), at=Fraction(0), width=160, binary=ffmpeg.binary())


@pytest.mark.parametrize("count", [1, 33])
def test_strips_have_a_reasonable_length(count: int, plain: Path) -> None:
    with pytest.raises(ValueError, match="2 to 32"):
        strip(plain, look(plain), count=count, width=64, binary=ffmpeg.binary())
