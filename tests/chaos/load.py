"""Jobs that are submitted while things break, and what must be true of them afterwards."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from tests.support.farm import Farm
from videocraft.core.database.models import Event, Job
from videocraft.core.jobs import TERMINAL, JobState, QueueUnavailable, submit

SETTLE_SECONDS = 40.0


class Load:
    """Submits jobs of a few hundredths of a second, retries what failed as a client would, and counts."""

    def __init__(self, farm: Farm, chance: random.Random) -> None:
        self.farm = farm
        self.chance = chance
        self.accepted: set[str] = set()
        self.refused: set[str] = set()
        self.unsure: set[str] = set()
        self.faults = 0
        self._began = time.monotonic()

    def submit(self, job_id: str) -> None:
        """Submit one job; ``unsure`` when the database went away in between."""
        payload = {"seconds": self.chance.uniform(0.0, 0.2)}
        try:
            with self.farm.jobs.transaction() as session:
                submit(session, family="test", kind="test.busy", payload=payload, job_id=job_id)
        except QueueUnavailable:
            self.refused.add(job_id)
        except IntegrityError:
            self.unsure.discard(job_id)
            self.accepted.add(job_id)
        except SQLAlchemyError:
            self.unsure.add(job_id)
        else:
            self.unsure.discard(job_id)
            self.accepted.add(job_id)

    def run(self, seconds: float, jobs_per_second: float) -> None:
        """Submit steadily for so long."""
        end, number, pause = time.monotonic() + seconds, 0, threading.Event()
        while time.monotonic() < end:
            number += 1
            self.submit(f"job-{number}")
            for job_id in sorted(self.unsure)[:1]:
                self.submit(job_id)
            pause.wait(1 / jobs_per_second)

    def settle(self) -> None:
        """Retry what is unsure, and wait until every job has ended."""
        pause = threading.Event()
        for _ in range(int(SETTLE_SECONDS * 5)):
            for job_id in sorted(self.unsure):
                self.submit(job_id)
            if not self.unsure and self._all_ended():
                return
            pause.wait(0.2)
        with self.farm.database.read() as session:
            alive = select(Job.id, Job.state, Job.epoch, Job.lost).where(Job.state.not_in(sorted(TERMINAL)))
            rows = session.execute(alive).all()
        raise AssertionError(f"not settled: {self.figures()}, {sorted(self.unsure)}, {rows}")

    def check(self) -> None:
        """Every accepted job is completed once; of the refused ones none has a row that ran."""
        with self.farm.database.read() as session:
            rows: dict[str, Any] = {job.id: job for job in session.scalars(select(Job))}
            completions: dict[str, int] = Counter(
                session.scalars(select(Event.stream).where(Event.type == "job.completed"))
            )
        assert self.accepted <= rows.keys()
        for job_id in self.accepted:
            job = rows[job_id]
            assert job.state == JobState.COMPLETED, (job_id, job.state, job.error_message, job.error_details)
            assert completions[f"job:{job_id}"] == 1
            assert (self.farm.data_dir / "effects" / f"{job_id}-{job.result['epoch']}").exists()
        for job_id in self.refused - self.accepted:
            assert job_id not in rows or rows[job_id].epoch == 0, f"{job_id} was refused and ran"

    def figures(self) -> dict[str, Any]:
        """What happened."""
        with self.farm.database.read() as session:
            lost = session.scalar(select(func.sum(Job.lost))) or 0
            epochs = session.scalar(select(func.sum(Job.epoch))) or 0
        return {
            "seconds": round(time.monotonic() - self._began),
            "faults": self.faults,
            "accepted": len(self.accepted),
            "refused": len(self.refused),
            "attempts": epochs,
            "workers lost": lost,
        }

    def _all_ended(self) -> bool:
        alive = select(func.count()).select_from(Job).where(Job.state.not_in(sorted(TERMINAL)))
        try:
            with self.farm.database.read() as session:
                return session.scalar(alive) == 0
        except SQLAlchemyError:
            return False
