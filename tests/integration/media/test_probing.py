"""Probes are remembered for as long as the file stays the same."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.support.media import make_av, run_ffmpeg
from videocraft.core import probing
from videocraft.core.database import Database
from videocraft.core.database.models.base import Base
from videocraft.core.database.models.media_infos import MediaInfoRow
from videocraft.errors import MediaError
from videocraft.media.filling import Fill
from videocraft.media.probe import MediaInfo


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'db'}")
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were really inspected."""
    paths: list[Path] = []
    real = probing.probe

    def probe(
        files: list[Path], *, fills: Sequence[Fill | None], images: bool
    ) -> list[MediaInfo | MediaError]:
        paths.extend(files)
        return real(files, fills=fills, images=images)

    monkeypatch.setattr(probing, "probe", probe)
    return paths


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_av(tmp_path_factory.mktemp("probing") / "a.mp4", seconds=1)


def rows(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(MediaInfoRow)) or 0


def test_a_file_is_inspected_once(database: Database, asked: list[Path], original: Path) -> None:
    first = probing.probe_files(database, [original, original])
    second = probing.probe_files(database, [original])
    assert isinstance(first[0], MediaInfo)
    assert first == [first[0], first[0]]
    assert second == first[:1]
    assert asked == [original]
    assert rows(database) == 1


def test_a_picture_is_known_only_where_pictures_are_welcome(
    database: Database, asked: list[Path], tmp_path: Path
) -> None:
    picture = tmp_path / "a.png"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=1", "-frames:v", "1", str(picture))
    for _ in range(2):
        (info,) = probing.probe_files(database, [picture], images=True)
        assert isinstance(info, MediaInfo)
        assert info.video is not None
        assert (info.video.width, info.video.height) == (64, 48)
    assert asked == [picture]
    (refused,) = probing.probe_files(database, [picture])
    assert isinstance(refused, MediaError)


def test_a_changed_file_is_inspected_again(
    database: Database, asked: list[Path], original: Path, tmp_path: Path
) -> None:
    path = tmp_path / "b.mp4"
    path.write_bytes(original.read_bytes())
    (before,) = probing.probe_files(database, [path])
    path.write_bytes(original.read_bytes() + b"\0\0\0\x08free")
    (after,) = probing.probe_files(database, [path])
    os.utime(path, ns=(1, 1))
    probing.probe_files(database, [path])
    assert isinstance(before, MediaInfo)
    assert isinstance(after, MediaInfo)
    assert after.size == before.size + 8
    assert asked == [path] * 3


def test_errors_are_not_remembered(
    database: Database, asked: list[Path], original: Path, tmp_path: Path
) -> None:
    empty, missing, odd = tmp_path / "empty.mp4", tmp_path / "missing.mp4", tmp_path / "\udcff.mp4"
    empty.touch()
    odd.write_bytes(original.read_bytes())
    results = probing.probe_files(database, [empty, original, missing, odd])
    assert [type(result) for result in results] == [MediaError, MediaInfo, MediaError, MediaInfo]
    assert rows(database) == 2
    empty.write_bytes(original.read_bytes())
    results = probing.probe_files(database, [empty, original, missing, odd])
    assert [type(result) for result in results] == [MediaInfo, MediaInfo, MediaError, MediaInfo]
    assert asked == [empty, original, missing, odd, empty, missing]


def test_nothing_asked_is_nothing_done(database: Database, asked: list[Path]) -> None:
    assert probing.probe_files(database, []) == []
    assert asked == []


def test_two_that_probe_at_once_do_not_collide(database: Database, original: Path) -> None:
    (info,) = probing.probe_files(database, [original])
    assert isinstance(info, MediaInfo)
    with database.read() as session:
        (fingerprint,) = session.scalars(select(MediaInfoRow.fingerprint))
    probing._save(database, {fingerprint: info})
    assert rows(database) == 1
