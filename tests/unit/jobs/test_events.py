"""Event streams: gapless numbers, also when several write at once."""

from __future__ import annotations

import threading

import pytest

from tests.support.databases import FakeClock
from videocraft.core import events
from videocraft.core.database import Database


def append(database: Database, stream: str, name: str) -> int:
    with database.write() as session:
        return events.append(session, stream, name, {"name": name})


def numbers(database: Database, stream: str) -> list[int]:
    with database.read() as session:
        return [event.seq for event in events.read_after(session, stream, 0, 1000)]


def test_each_stream_counts_from_one(database: Database, clock: FakeClock) -> None:
    assert [append(database, "a", "x"), append(database, "b", "x"), append(database, "a", "y")] == [1, 1, 2]
    with database.read() as session:
        (event,) = events.read_after(session, "a", 1, 10)
    assert (event.type, event.data, event.created_at) == ("y", {"name": "y"}, clock.seconds)


def test_reading_goes_on_after_a_number_and_is_limited(database: Database) -> None:
    for _ in range(5):
        append(database, "a", "x")
    with database.read() as session:
        assert [event.seq for event in events.read_after(session, "a", 2, 2)] == [3, 4]
        assert events.read_after(session, "a", 5, 2) == []
        assert events.read_after(session, "unknown", 0, 2) == []


def append_and_fail(database: Database) -> None:
    with database.write() as session:
        events.append(session, "a", "lost", {})
        raise InterruptedError


def test_what_is_rolled_back_leaves_no_gap(database: Database) -> None:
    append(database, "a", "x")
    with pytest.raises(InterruptedError):
        append_and_fail(database)
    append(database, "a", "y")
    assert numbers(database, "a") == [1, 2]


def test_writers_at_once_leave_no_gap(database: Database) -> None:
    def write() -> None:
        for _ in range(20):
            append(database, "a", "x")

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert numbers(database, "a") == list(range(1, 81))


def test_a_deleted_stream_is_gone_and_others_stay(database: Database) -> None:
    append(database, "a", "x")
    append(database, "ab", "x")
    with database.write() as session:
        events.delete(session, "a")
    assert (numbers(database, "a"), numbers(database, "ab")) == ([], [1])
    assert append(database, "a", "x") == 1


def test_a_session_knows_which_streams_it_appended_to(database: Database) -> None:
    with database.write() as session:
        assert events.appended_streams(session) == frozenset()
        events.append(session, "a", "x", {})
        events.append(session, "b", "x", {})
    assert events.appended_streams(session) == {"a", "b"}
