"""Opening files in the process itself."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import av
import pytest

from tests.support.media import make_av, picture, run_ffmpeg, tone
from videocraft.errors import MediaError, StorageFull
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.reader import media_error, open_media


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_av(tmp_path_factory.mktemp("reader") / "plain.mp4", seconds=1)


def look(path: Path) -> MediaInfo:
    (info,) = probe([path])
    assert isinstance(info, MediaInfo), info
    return info


def test_packets_and_pictures_come(plain: Path) -> None:
    info = look(plain)
    with open_media(plain, info) as container:
        assert sum(1 for _ in container.decode(video=0)) == 30


def test_the_probed_demuxer_is_the_only_one(plain: Path) -> None:
    info = dataclasses.replace(look(plain), format="matroska")
    with pytest.raises(MediaError), open_media(plain, info):
        pass


def test_a_file_that_vanished(plain: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(MediaError, match="A source file is gone"),
        open_media(tmp_path / "x.mp4", look(plain)),
    ):
        pass


def test_errors_inside_the_block_become_ours(plain: Path) -> None:
    with pytest.raises(MediaError, match="damaged"), open_media(plain, look(plain)):
        raise av.error.InvalidDataError(1094995529, "Invalid data found when processing input")


def test_errors_of_the_caller_stay_theirs(plain: Path) -> None:
    with pytest.raises(KeyError), open_media(plain, look(plain)):
        raise KeyError("mine")


def test_decoders_that_are_not_allowed_do_not_open(tmp_path: Path) -> None:
    path = tmp_path / "odd.mkv"
    run_ffmpeg(*picture(1), *tone(1), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "wmav2", str(path))
    info = look(path)
    with open_media(path, info) as container:
        assert next(container.decode(video=0)).width == 320
    with pytest.raises(MediaError), open_media(path, info) as container:
        next(container.decode(audio=0))


def test_a_full_disk_is_told_apart() -> None:
    assert isinstance(media_error(av.error.OSError(28, "No space left on device")), StorageFull)
