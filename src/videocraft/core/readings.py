"""What operators watch: the queue, waits, losses and caches, from database and disk at every call."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from videocraft.core import counters
from videocraft.core.database import clock
from videocraft.core.database.models import Job
from videocraft.core.jobs import JobState, stages, workdirs
from videocraft.core.jobs.states import HELD, UNCLAIMED

if TYPE_CHECKING:
    from videocraft.services import Services

RECENT_SECONDS = 3600.0
"""Waits are those of jobs that started within the last hour."""
_MOST_WAITS = 10_000


@dataclass(frozen=True, slots=True)
class Readings:
    """One look. Seconds and bytes."""

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
    """Claims whose worker was lost, since the database was made."""
    stages_found: int
    """Stages that were taken from the cache, and made; since the database was made."""
    stages_made: int
    stage_bytes: int
    scratch_bytes: int
    work_bytes: int
    """Of this machine: finished stages, copies of stored files, folders of running jobs."""


def readings(services: Services) -> Readings:
    """Look at the database, and at the folders of this machine."""
    data_dir = services.settings.data_dir
    with services.database.read() as session:
        now = clock.now(session)
        counted = counters.read(session)
        waits = sorted(_recent_waits(session, now))
        oldest = session.scalar(select(func.min(Job.created_at)).where(Job.state.in_(sorted(UNCLAIMED))))
        waiting = _by_kind(session, UNCLAIMED)
        running = _by_kind(session, HELD)
    return Readings(
        waiting=waiting,
        running=running,
        oldest_wait=0.0 if oldest is None else max(0.0, now - oldest),
        wait_p50=_quantile(waits, 0.5),
        wait_p95=_quantile(waits, 0.95),
        wait_max=waits[-1] if waits else 0.0,
        leases_lost=counted.get(counters.LEASES_LOST, 0),
        stages_found=counted.get(counters.STAGES_FOUND, 0),
        stages_made=counted.get(counters.STAGES_MADE, 0),
        stage_bytes=folder_bytes(stages.default_root(data_dir)),
        scratch_bytes=folder_bytes(data_dir / "scratch"),
        work_bytes=folder_bytes(workdirs.default_root(data_dir)),
    )


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder; 0 when there is none."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # somebody is just removing it
            total += path.lstat().st_size if path.is_file() else 0
    return total


def _by_kind(session: Session, states: frozenset[JobState]) -> dict[str, int]:
    query = select(Job.kind, func.count()).where(Job.state.in_(sorted(states))).group_by(Job.kind)
    return dict(session.execute(query).all())


def _recent_waits(session: Session, now: float) -> list[float]:
    query = (
        select(Job.started_at - Job.created_at)
        .where(Job.started_at >= now - RECENT_SECONDS)
        .order_by(Job.seq.desc())
        .limit(_MOST_WAITS)
    )
    return [max(0.0, wait) for wait in session.scalars(query) if wait is not None]


def _quantile(ordered: list[float], share: float) -> float:
    """The smallest value that at least ``share`` of them don't exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0
