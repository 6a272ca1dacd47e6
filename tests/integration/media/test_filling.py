"""Files that are fetched as they are read, by a probe and by PyAV."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.media import make_av, remux
from videocraft.core.storage import StorageUnavailable
from videocraft.errors import MediaError
from videocraft.media.filling import FilledFile, fill_whole
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.process import Stopped
from videocraft.media.reader import open_media

BLOCK = 4096


class Remote:
    """A file of which this machine has only the blocks that were asked for."""

    def __init__(self, original: Path, path: Path) -> None:
        self.path = path
        self._data = original.read_bytes()
        self.blocks: set[int] = set()
        path.touch()
        os.truncate(path, len(self._data))

    def fill(self, start: int, stop: int) -> None:
        with self.path.open("r+b") as file:
            for block in range(start // BLOCK, -(-stop // BLOCK)):
                file.seek(block * BLOCK)
                file.write(self._data[block * BLOCK : (block + 1) * BLOCK])
                self.blocks.add(block)

    @property
    def is_whole(self) -> bool:
        """Whether all of it was asked for."""
        return len(self.blocks) >= -(-len(self._data) // BLOCK)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1 MB with its index at the end."""
    noisy = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "3M", "-x264-params", "nal-hrd=cbr:filler=1"]
    rate = ["-maxrate", "3M", "-bufsize", "3M", "-g", "15", "-c:a", "aac"]
    return make_av(tmp_path_factory.mktemp("filling") / "a.mp4", seconds=4, codecs=[*noisy, *rate])


@pytest.fixture
def remote(original: Path, tmp_path: Path) -> Remote:
    return Remote(original, tmp_path / "a.mp4")


def known(path: Path) -> MediaInfo:
    (info,) = probe([path])
    assert isinstance(info, MediaInfo)
    return info


def test_a_probe_finds_the_same_in_a_part_of_the_file(original: Path, remote: Remote) -> None:
    (found,) = probe([remote.path], fills=[remote.fill])
    assert isinstance(found, MediaInfo)
    facts, expected = found.to_json(), known(original).to_json()
    assert facts | {"path": ""} == expected | {"path": ""}
    assert not remote.is_whole


def test_files_with_and_without_holes_in_one_probe(original: Path, remote: Remote, tmp_path: Path) -> None:
    other = remux(original, tmp_path / "b.mkv")
    broken = tmp_path / "c.mp4"
    broken.write_bytes(b"no media")
    found = probe([other, broken, remote.path], fills=[None, None, remote.fill])
    assert [type(each) for each in found] == [MediaInfo, MediaError, MediaInfo]


def test_what_stops_the_fetching_is_told_as_it_is(remote: Remote) -> None:
    def fail(start: int, stop: int) -> None:
        raise StorageUnavailable("The storage can't be reached now")

    with pytest.raises(StorageUnavailable):
        probe([remote.path], fills=[fail])
    info = known_remote(remote)
    with pytest.raises(StorageUnavailable), open_media(remote.path, info, fail):
        pass


def known_remote(remote: Remote) -> MediaInfo:
    (info,) = probe([remote.path], fills=[remote.fill])
    assert isinstance(info, MediaInfo)
    return info


def test_pictures_are_the_same_as_from_the_whole(original: Path, remote: Remote) -> None:
    info = known(original)

    def last_second(path: Path, fill: object) -> list[bytes]:
        with open_media(path, info, fill) as container:  # type: ignore[arg-type] # None or a Fill
            container.seek(3_000_000)
            return [bytes(packet) for packet in container.demux(container.streams.video[0])]

    assert last_second(remote.path, remote.fill) == last_second(original, None)
    assert not remote.is_whole


def test_a_filled_file_is_a_file(original: Path, remote: Remote) -> None:
    data = original.read_bytes()
    with FilledFile(remote.path, remote.fill) as file:
        assert file.seek(-10, os.SEEK_END) == len(data) - 10
        assert file.read(100) == data[-10:]
        assert (file.read(1), file.tell()) == (b"", len(data))
        assert file.seek(5) == 5
        assert file.seek(2, os.SEEK_CUR) == 7
        assert file.read(3) == data[7:10]
        assert file.seek(10**9) == 10**9
        assert file.read(1) == b""
        with pytest.raises(ValueError, match="before the start"):
            file.seek(-1)


def test_a_whole_file_can_be_stopped_between_steps(remote: Remote) -> None:
    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        fill_whole(remote.fill, 10, stop)
    assert not remote.blocks
    fill_whole(remote.fill, remote.path.stat().st_size, lambda: None)
    assert remote.is_whole
