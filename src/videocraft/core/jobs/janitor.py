"""The thread that cleans up after workers that were lost: their jobs, and what they left on the disk."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy import select

from videocraft.core import counters
from videocraft.core.database import clock
from videocraft.core.database.models import Job
from videocraft.core.database.troubles import is_passing, sentence_of
from videocraft.core.jobs import registry, service, stages, sweeper, workdirs
from videocraft.core.jobs.dispatch.base import Topic
from videocraft.core.jobs.service import JobsService
from videocraft.core.jobs.states import TERMINAL
from videocraft.errors import Unavailable
from videocraft.settings import Settings

MOMENT_SECONDS = 0.05
"""So long after the end of a lease it is looked for: it has ended then on every clock."""
TIDY_SECONDS = 3600.0
"""How often the disk is looked through."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Janitor:
    """Every worker has one, also while it is busy, so that a cancelled job of a lost worker ends in any case.

    Args:
        jobs: the database and the bells.
        settings: given to the rooms' cleaners; None: the rooms are not told.
        data_dir: with the folders of work and stages.
        lease_seconds: how long a lease lasts; it looks for ended ones when a third of that has passed, and
            when one may end.
    """

    def __init__(
        self, jobs: JobsService, data_dir: Path, lease_seconds: float, settings: Settings | None = None
    ) -> None:
        self._jobs = jobs
        self._settings = settings
        self._work = workdirs.default_root(data_dir)
        self._stages = stages.default_root(data_dir)
        self._sweep_seconds = self._pause = lease_seconds / 3
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="janitor", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join()

    def sweep(self) -> None:
        """Requeue or end the jobs whose lease is over, and ring again for those that wait."""
        with self._jobs.database.read() as session:
            at, first_end = clock.now(session), sweeper.first_end(session)
            waiting = sweeper.waiting_kinds(session)
        if first_end is not None and first_end <= at:
            self._pause = MOMENT_SECONDS  # there may be more
            with self._jobs.transaction() as session:
                swept = sweeper.sweep(session, at=clock.now(session))
                counters.add(session, {counters.LEASES_LOST: len(swept.requeued) + len(swept.ended)})
            _log.warning(
                "workers lost", requeued=swept.requeued, failed=swept.failed, cancelled=swept.cancelled
            )
            for job_id in swept.ended:
                self._remove(job_id)
                self._tell_room(job_id)
            return
        # At the very moment in which a lease ends, if its worker does not renew it: its job need not wait.
        until_end = self._sweep_seconds if first_end is None else first_end - at + MOMENT_SECONDS
        self._pause = min(self._sweep_seconds, until_end)
        if waiting:
            try:
                self._jobs.dispatcher.remind(waiting)
            except Unavailable:
                _log.warning("ring failed", topic=str(Topic.WORK))

    def tidy(self) -> None:
        """Remove folders of jobs that have ended or are gone, and stages that were not used for long."""
        found = {
            *workdirs.jobs_with_folders(self._work),
            *workdirs.jobs_with_folders(self._stages / stages.PARTS),
        }
        with self._jobs.database.read() as session:
            going_on = set(session.scalars(select(Job.id).where(Job.state.not_in(sorted(TERMINAL)))))
        for job_id in found - going_on:
            self._remove(job_id)
        stages.prune(self._stages)

    def _tell_room(self, job_id: str) -> None:
        if self._settings is None:
            return
        with self._jobs.database.read() as session:
            job = service.get(session, job_id)
        if job is None:
            return
        lost = registry.Lost(job.id, job.payload, self._settings, self._jobs.database)
        try:
            registry.clean_up(job.kind, lost)
        except Exception:  # noqa: BLE001 - a room's mistake must not keep other lost jobs from being swept
            _log.exception("cleaning up after a lost job failed", job_id=job_id)

    def _remove(self, job_id: str) -> None:
        workdirs.remove_job(self._work, job_id)
        workdirs.remove_job(self._stages / stages.PARTS, job_id)

    def _run(self) -> None:
        tidy_at = time.monotonic()
        while not self._closing.is_set():
            try:
                self.sweep()
                if time.monotonic() >= tidy_at:
                    self.tidy()
                    tidy_at = time.monotonic() + TIDY_SECONDS
            except Exception as error:  # noqa: BLE001 - the thread's border: the next look may go well
                if is_passing(error):
                    _log.warning("cleaning up failed", error=sentence_of(error))
                else:
                    _log.exception("cleaning up failed")
            self._closing.wait(self._pause)
