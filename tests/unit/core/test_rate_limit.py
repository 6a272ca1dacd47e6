"""Sliding windows: never more than the limit in any minute, in one process or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from tests.support.databases import clear, make_shared
from tests.support.postgres import Postgres
from videocraft.core.auth.rate_limit import (
    WINDOW_SECONDS,
    Limiter,
    MemoryLimiter,
    PostgresLimiter,
    limiter_for,
)
from videocraft.core.database import Database
from videocraft.core.database.models import RateCount


class Clock:
    """Seconds as the test wants them."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


Make = Callable[[Clock], Limiter]


@pytest.fixture(scope="module")
def shared(postgres: Postgres) -> Iterator[Database]:
    """A database that several processes could share."""
    database = Database(make_shared(postgres.make_database()))
    yield database
    database.dispose()


@pytest.fixture
def database(shared: Database) -> Database:
    """The same, empty."""
    clear(shared)
    return shared


@pytest.fixture(params=["memory", "postgresql"])
def make(request: pytest.FixtureRequest) -> Make:
    """Makes a limiter of either kind."""
    if request.param == "memory":
        return MemoryLimiter
    database: Database = request.getfixturevalue("database")
    return lambda clock: PostgresLimiter(database, clock)


def test_the_window_slides(make: Make) -> None:
    clock = Clock()
    limiter = make(clock)
    for remaining in (2, 1, 0):
        decision = limiter.take("a", 3)
        assert (decision.is_allowed, decision.remaining, decision.limit) == (True, remaining, 3)
        clock.now += 10
    refused = limiter.take("a", 3)
    assert (refused.is_allowed, refused.remaining) == (False, 0)
    assert 30 <= refused.reset_seconds <= 31
    assert limiter.take("b", 3).is_allowed
    clock.now += refused.reset_seconds
    # One place is free again, not three: the others were taken later.
    assert limiter.take("a", 3).is_allowed
    assert not limiter.take("a", 3).is_allowed


def test_what_is_refused_costs_nothing(make: Make) -> None:
    clock = Clock()
    limiter = make(clock)
    limiter.take("a", 1)
    for _ in range(59):
        clock.now += 1
        assert not limiter.take("a", 1).is_allowed
    clock.now += 2
    assert limiter.take("a", 1).is_allowed


def test_processes_share_a_limit(database: Database) -> None:
    clock = Clock()
    limiters = [PostgresLimiter(database, clock) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda n: limiters[n % 4].take("a", 10).is_allowed, range(40)))
    assert sum(found) == 10


def test_a_bucket_is_a_value_and_no_sql(database: Database) -> None:
    limiter = PostgresLimiter(database, Clock())
    name = "a'; DELETE FROM rate_counts; -- %(limit)s \\"
    for remaining in (1, 0):
        assert limiter.take(name, 2).remaining == remaining
    assert not limiter.take(name, 2).is_allowed
    assert limiter.take("a", 2).remaining == 1


def test_connections_go_back_as_they_were(database: Database) -> None:
    PostgresLimiter(database, Clock()).take("a", 1)
    with database.engine.connect() as connection:
        connection.execute(insert(RateCount).values(bucket="b", second=1, requests=1))
        connection.rollback()
        assert list(connection.scalars(select(RateCount.bucket))) == ["a"]
        where = "SELECT source FROM pg_settings WHERE name = 'synchronous_commit'"
        assert connection.scalar(text(where)) == "command line"  # of the server that tests start


def test_who_counts_where(database: Database, tmp_path: Path) -> None:
    assert isinstance(limiter_for(database), PostgresLimiter)
    alone = Database(f"sqlite:///{tmp_path / 'one.db'}")
    assert isinstance(limiter_for(alone), MemoryLimiter)  # SQLite means one process


def test_quiet_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videocraft.core.auth.rate_limit._MOST_BUCKETS", 3)
    clock = Clock()
    limiter = MemoryLimiter(clock)
    for name in "abc":
        limiter.take(name, 1)
    clock.now += WINDOW_SECONDS + 1
    limiter.take("d", 1)
    assert set(limiter._logs) == {"d"}


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 5))
def test_never_more_than_the_limit_in_any_minute(pauses: list[float], limit: int) -> None:
    clock = Clock()
    limiter = MemoryLimiter(clock)
    passed: list[float] = []
    for pause in pauses:
        clock.now += pause
        if limiter.take("a", limit).is_allowed:
            passed.append(clock.now)
    for at in passed:
        assert sum(at - WINDOW_SECONDS < other <= at for other in passed) <= limit
