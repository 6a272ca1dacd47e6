"""What operators watch: the queue, waits, losses, caches and bytes, of all processes together.

All of it comes from the database, so it does not matter which server is asked, and a restart loses nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from videocraft.core import counters
from videocraft.core.database import clock
from videocraft.core.database.models import Job
from videocraft.core.jobs import JobState
from videocraft.core.jobs.states import HELD, UNCLAIMED

RECENT_SECONDS = 3600.0
"""Waits are those of jobs that started within the last hour."""
_MOST_WAITS = 1000
"""So many of them at most, the newest: a scrape is not to read every job of a busy hour."""


@dataclass(frozen=True, slots=True)
class Readings:
    """One look. Times are in seconds; what only grows does so since the database was made."""

    by_state: Mapping[str, int]
    """Jobs that have not ended, by state."""
    waiting: Mapping[str, int]
    """Jobs that wait, by kind."""
    running: Mapping[str, int]
    """Jobs that a worker holds, by kind."""
    oldest_wait: float
    """How long the job that waits longest has waited; 0 when none waits."""
    wait_p50: float
    wait_p95: float
    wait_max: float
    """From submission to the first start, over the jobs that started in the last hour."""
    leases_lost: int
    """Claims whose worker was lost."""
    stages_found: int
    """Stages that were taken from the cache, and made."""
    stages_made: int
    bytes_read: int
    """Moved out of the storage by servers and workers, and into it."""
    bytes_written: int


def read_all(session: Session) -> Readings:
    """Look at the database."""
    now = clock.now(session)
    counted = counters.read(session)
    waits = sorted(_recent_waits(session, now))
    depths = _depths(session)
    oldest = min((depth.oldest for depth in depths if depth.state in UNCLAIMED), default=now)
    return Readings(
        by_state=_sums((depth.state, depth.jobs) for depth in depths),
        waiting=_by_kind(depths, UNCLAIMED),
        running=_by_kind(depths, HELD),
        oldest_wait=max(0.0, now - oldest),
        wait_p50=_quantile(waits, 0.5),
        wait_p95=_quantile(waits, 0.95),
        wait_max=waits[-1] if waits else 0.0,
        leases_lost=counted.get(counters.LEASES_LOST, 0),
        stages_found=counted.get(counters.STAGES_FOUND, 0),
        stages_made=counted.get(counters.STAGES_MADE, 0),
        bytes_read=counted.get(counters.BYTES_READ, 0),
        bytes_written=counted.get(counters.BYTES_WRITTEN, 0),
    )


@dataclass(frozen=True, slots=True)
class _Depth:
    """The jobs of one state and kind."""

    state: str
    kind: str
    jobs: int
    oldest: float


def _depths(session: Session) -> list[_Depth]:
    # From an index alone: ten thousand jobs may wait, and their rows are large.
    query = select(Job.state, Job.kind, func.count(), func.min(Job.created_at))
    query = query.where(Job.state.in_(sorted(UNCLAIMED | HELD))).group_by(Job.state, Job.kind)
    return [_Depth(*row) for row in session.execute(query)]


def _by_kind(depths: Iterable[_Depth], states: frozenset[JobState]) -> dict[str, int]:
    return _sums((depth.kind, depth.jobs) for depth in depths if depth.state in states)


def _sums(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for name, count in counts:
        total[name] += count
    return dict(total)


def _recent_waits(session: Session, now: float) -> list[float]:
    # The newest ones by their number, which has an index: a database may hold millions that are older.
    newest = select(Job.started_at, Job.created_at).order_by(Job.seq.desc()).limit(_MOST_WAITS).subquery()
    query = select(newest.c.started_at - newest.c.created_at)
    waits = session.scalars(query.where(newest.c.started_at >= now - RECENT_SECONDS))
    return [max(0.0, wait) for wait in waits]


def _quantile(ordered: list[float], share: float) -> float:
    """The smallest value that at least ``share`` of them don't exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0
