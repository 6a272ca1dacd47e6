"""Sliding windows: never more than the limit in any minute, in one process or in several."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.core.auth.rate_limit import (
    WINDOW_SECONDS,
    DatabaseLimiter,
    Limiter,
    MemoryLimiter,
    limiter_for,
)
from videocraft.core.database import Database
from videocraft.core.database.models import Base


class Clock:
    """Seconds as the test wants them."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


Make = Callable[[Clock], Limiter]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """An empty one."""
    made = Database(f"sqlite:///{tmp_path / 'test.db'}")
    Base.metadata.create_all(made.engine)
    return made


@pytest.fixture(params=["memory", "database"])
def make(request: pytest.FixtureRequest, database: Database) -> Make:
    """Makes a limiter of either kind."""
    if request.param == "memory":
        return MemoryLimiter
    return lambda clock: DatabaseLimiter(database, clock)


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
    limiters = [DatabaseLimiter(database, clock) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda n: limiters[n % 4].take("a", 10).is_allowed, range(40)))
    assert sum(found) == 10


def test_sqlite_means_one_process(database: Database) -> None:
    assert isinstance(limiter_for(database), MemoryLimiter)


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
