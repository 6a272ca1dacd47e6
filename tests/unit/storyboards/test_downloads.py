"""Which bytes make a whole download, and which exports are kept."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.databases import FakeClock, open_empty
from videocraft.apis.ranges import ByteRange
from videocraft.apis.storyboards import downloads
from videocraft.apis.storyboards.camera import MOST, motion_of
from videocraft.apis.storyboards.downloads import MAX_CLIENTS, MAX_PIECES, forget_old, merged, record
from videocraft.apis.storyboards.eviction import GRACE_SECONDS, evict
from videocraft.core.database import Database
from videocraft.core.database.models import Storyboard, StoryboardDownload, StoryboardExport, StoryboardRender
from videocraft.core.storage import LocalStorage
from videocraft.generation.base import CameraMove
from videocraft.settings import Settings

SIZE = 1000
DAY = 86400.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(tmp_path: Path, clock: FakeClock) -> Iterator[Database]:
    """With the storyboard 1 and its film 1."""
    database = open_empty(tmp_path, clock)
    common: dict[str, Any] = {"created_at": 0.0, "updated_at": 0.0}
    with database.write() as session:
        session.add(
            Storyboard(
                id=1,
                prompt="p",
                style="",
                duration=5,
                aspect_ratio="1:1",
                seed=1,
                status="completed",
                job_id="j",
                approved=True,
                estimated_cost=0,
                actual_cost=0,
                refinement_count=0,
                download_count=0,
                **common,
            )
        )
        session.flush()
        session.add(
            StoryboardRender(
                id=1,
                storyboard_id=1,
                job_id="j",
                key="k",
                size_bytes=1,
                width=2,
                height=2,
                frames=1,
                rate=30,
                warnings=[],
                created_at=0.0,
            )
        )
    yield database
    database.dispose()


def fetched(database: Database, *pieces: tuple[int, int], client: str = "c") -> int:
    """How many downloads there are after these pieces of a file."""
    for start, stop in pieces:
        record(database, 1, file="f", client=client, sent=ByteRange(start, stop), size=SIZE)
    with database.read() as session:
        return session.get_one(Storyboard, 1).download_count


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), min_size=1, max_size=20))
def test_pieces_are_merged_without_loss(pieces: list[tuple[int, int]]) -> None:
    ranges = [[start, start + length] for start, length in pieces]
    result = merged(ranges)
    assert {byte for start, stop in result for byte in range(start, stop)} == {
        byte for start, stop in ranges for byte in range(start, stop)
    }
    assert all(first[1] < second[0] for first, second in pairwise(result))


def test_a_download_counts_once_however_it_is_cut(database: Database) -> None:
    cuts = [0, *sorted(Random(1).sample(range(1, SIZE), 9)), SIZE]
    pieces = list(pairwise(cuts))
    Random(2).shuffle(pieces)
    assert fetched(database, *pieces[:-1]) == 0
    assert fetched(database, pieces[-1]) == 1
    assert fetched(database, (0, SIZE)) == 2
    assert fetched(database, (0, SIZE - 1), (0, SIZE - 1)) == 2


def test_each_client_has_to_fetch_all_of_it(database: Database) -> None:
    assert fetched(database, (0, 500)) == 0
    assert fetched(database, (500, SIZE), client="d") == 0
    assert fetched(database, (500, SIZE)) == 1


def test_what_is_remembered_has_bounds(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for start in range(0, 2 * MAX_PIECES + 10, 2):
        record(database, 1, file="f", client="c", sent=ByteRange(start, start + 1), size=10**6)
    with database.read() as session:
        assert len(session.query(StoryboardDownload).one().fetched) == MAX_PIECES
    monkeypatch.setattr(downloads, "MAX_CLIENTS", 3)
    for client in range(6):
        fetched(database, (0, 1), client=f"client {client}")
    with database.read() as session:
        kept = {row.client for row in session.query(StoryboardDownload)}
    assert kept == {"client 3", "client 4", "client 5"}
    assert MAX_CLIENTS > 3


def test_half_downloads_are_forgotten_after_a_day(database: Database, clock: FakeClock) -> None:
    fetched(database, (0, 500))
    clock.advance(DAY + 1)
    forget_old(database)
    assert fetched(database, (500, SIZE)) == 0


def test_a_deleted_storyboard_counts_nothing(database: Database) -> None:
    record(database, 2, file="f", client="c", sent=ByteRange(0, SIZE), size=SIZE)
    with database.read() as session:
        assert session.query(StoryboardDownload).all() == []


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "media", b"s" * 32, "http://localhost")


def put_exports(database: Database, storage: LocalStorage, clock: FakeClock, ages: dict[str, float]) -> None:
    """Exports of 100 bytes by name, with the seconds since they were used."""
    for name, age in ages.items():
        (storage.root / "source").write_bytes(b"x" * 100)
        storage.put_file(storage.root / "source", f"exports/{name}")
        with database.write() as session:
            session.add(
                StoryboardExport(
                    render_id=1,
                    format="mp4",
                    quality=name,
                    job_id=name,
                    key=f"exports/{name}",
                    size_bytes=100,
                    used_at=clock.seconds - age,
                )
            )


def kept(storage: LocalStorage, database: Database) -> set[str]:
    files = {info.key.removeprefix("exports/") for info in storage.list("exports")}
    with database.read() as session:
        assert {row.quality for row in session.query(StoryboardExport) if row.key} == files
    return files


@pytest.mark.parametrize(
    ("room", "left"),
    [
        (1000, {"now", "hour", "week"}),
        (250, {"now", "hour"}),
        (150, {"now"}),
        (0, {"now"}),
    ],
)
def test_the_longest_unused_go_first_and_the_latest_never(
    database: Database, storage: LocalStorage, clock: FakeClock, tmp_path: Path, room: int, left: set[str]
) -> None:
    put_exports(
        database, storage, clock, {"hour": 3600, "month": 31 * DAY, "now": GRACE_SECONDS - 1, "week": 7 * DAY}
    )
    settings = Settings(data_dir=tmp_path, export_cache_bytes=room)
    assert evict(database, storage, settings) == 4 - len(left)
    assert kept(storage, database) == left
    assert evict(database, storage, settings) == 0


def test_what_is_being_sent_is_sent_to_its_end(
    database: Database, storage: LocalStorage, clock: FakeClock, tmp_path: Path
) -> None:
    put_exports(database, storage, clock, {"month": 31 * DAY})
    chunks = storage.open("exports/month")
    first = next(chunks)
    assert evict(database, storage, Settings(data_dir=tmp_path)) == 1
    assert len(first + b"".join(chunks)) == 100


@pytest.mark.parametrize("move", CameraMove)
@pytest.mark.parametrize("seconds", [0.5, 5.0, 30.0])
def test_every_move_stays_inside_the_picture_and_moves(move: CameraMove, seconds: float) -> None:
    motion = motion_of(move, seconds)
    assert motion.start != motion.end
    for rect in (motion.start, motion.end):
        assert rect.width == pytest.approx(rect.height)
        assert rect.width > 1 - 2 * MOST, "never so near that the picture gets soft"


def test_moves_go_where_they_say() -> None:
    motions = {move: motion_of(move, 5) for move in CameraMove}
    assert motions[CameraMove.PAN_RIGHT].start.x < motions[CameraMove.PAN_RIGHT].end.x
    assert motions[CameraMove.PAN_LEFT].start.x > motions[CameraMove.PAN_LEFT].end.x
    assert motions[CameraMove.TILT_UP].start.y > motions[CameraMove.TILT_UP].end.y
    assert motions[CameraMove.TILT_DOWN].start.y < motions[CameraMove.TILT_DOWN].end.y
    assert motions[CameraMove.PUSH_IN].end.width < motions[CameraMove.PUSH_IN].start.width
    assert motions[CameraMove.PULL_OUT].end.width > motions[CameraMove.PULL_OUT].start.width
