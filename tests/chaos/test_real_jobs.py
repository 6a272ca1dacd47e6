"""Real jobs whose worker is killed at a random moment, once each; ``VIDEOCRAFT_CHAOS_KILLS=100`` of them."""

from __future__ import annotations

import os
import random
import signal
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.support.media import run_ffmpeg
from tests.support.pipelines import Jobs, make_talk
from tests.support.server import Server, running_server
from videocraft.core.database import Database
from videocraft.core.database.models import Event, Job
from videocraft.core.jobs import TERMINAL, JobState

DEFAULT_KILLS = 6
WORKERS = 3
GOING_ON = 4
"""Jobs that are under way at the same time."""
EACH_SECONDS = 120.0
"""A job and its restart, on a busy machine."""

LINES = ["Good morning, and welcome to the garden.", "The penguin eats fish in cold water."]
KINDS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("ingest", {"transcript": True}),
    ("export", {"format": "mp4", "resolution": "360p", "loudness": "podcast"}),
    ("generate_clip", {"count": 1, "aspect_ratio": "9:16", "captions": True}),
    ("transcribe", {}),
)


@dataclass
class Killing:
    """Jobs of one server, and the kills."""

    server: Server
    database: Database
    chance: random.Random
    usual: dict[str, float] = field(default_factory=dict)
    """Seconds that a kind of job takes when nobody disturbs it."""
    plans: dict[str, float] = field(default_factory=dict)
    """How far into its first run the worker of a job is killed, in seconds."""
    killed: dict[str, float] = field(default_factory=dict)
    """When, on the machine's clock."""
    stages: dict[Path, int] = field(default_factory=dict)
    """The file of each stage that was there when some worker was killed."""

    def submit(self, number: int) -> str:
        """A job on a recording that no other job has seen."""
        kind, asked = KINDS[number % len(KINDS)]
        name = f"talk-{number}.mp4"
        run_ffmpeg(
            *("-i", str(self.server.media / "talk.mp4"), "-c", "copy"),
            *("-metadata", f"title={number}", str(self.server.media / name)),
        )
        job_id: str = Jobs(self.server.http).submit(kind, {"path": name, **asked})["id"]
        self.plans[job_id] = self.chance.uniform(0.0, self.usual.get(kind, 0.0))
        return job_id

    def look(self) -> dict[str, Job]:
        """Every job as it is now."""
        with self.database.read() as session:
            return {job.id: job for job in session.scalars(select(Job))}

    def kill_when_due(self, jobs: Mapping[str, Job]) -> None:
        """Kill the workers whose moment has come."""
        for job in jobs.values():
            if (job.state, job.epoch) != (JobState.RUNNING, 1) or job.id not in self.plans:
                continue
            assert job.started_at is not None
            if job.id not in self.killed and time.time() >= job.started_at + self.plans[job.id]:
                self.kill(job)

    def kill(self, job: Job) -> None:
        """End the worker of a job; it may have gone on to the next one in this very moment."""
        os.kill(int(str(job.worker_id).rpartition("-")[2]), signal.SIGKILL)
        at = time.time()
        held = select(Job).where(Job.worker_id == job.worker_id, Job.state == JobState.RUNNING)
        with self.database.read() as session:
            self.killed |= {lost.id: at for lost in session.scalars(held)}
        for path in (self.server.data_dir / "stages").glob("*.*"):
            self.stages[path] = path.stat().st_ino

    def seconds_until(self, what: str, epoch: int) -> list[float]:
        """From each kill to an event of the job, ascending."""
        query = select(Event.stream, Event.data, Event.created_at).where(Event.type == what)
        with self.database.read() as session:
            told = {
                stream.removeprefix("job:"): at
                for stream, data, at in session.execute(query)
                if data["epoch"] == epoch
            }
        return sorted(told[job_id] - at for job_id, at in self.killed.items())

    def check(self) -> None:
        """Each job has ended well, once, with the files of one run, and no finished stage was redone."""
        jobs = self.look()
        with self.database.read() as session:
            completions = Counter(session.scalars(select(Event.stream).where(Event.type == "job.completed")))
        for job_id, job in jobs.items():
            assert job.state == JobState.COMPLETED, (job_id, job.error_message, job.error_details)
            assert completions[f"job:{job_id}"] == 1
            assert job.lost == (1 if job_id in self.killed else 0)
            folder = self.server.media / "jobs" / job_id
            runs = [path.name for path in folder.iterdir()] if folder.is_dir() else []
            assert runs in ([], [str(job.epoch)])
        redone = [path for path, inode in self.stages.items() if path.stat().st_ino != inode]
        assert redone == []


def test_workers_of_real_jobs_are_killed(
    tmp_path: Path, chance: random.Random, record_testsuite_property: Callable[[str, object], None]
) -> None:
    kills = int(os.environ.get("VIDEOCRAFT_CHAOS_KILLS", DEFAULT_KILLS))
    with running_server(
        tmp_path / "data",
        workers=WORKERS,
        environment={"VIDEOCRAFT_MEZZANINE": "off"},
    ) as server:
        database = Database(f"sqlite:///{server.data_dir / 'videocraft.db'}")
        killing = Killing(server, database, chance)
        make_talk(server.media / "talk.mp4", LINES)
        learn(killing)
        number, began, pause = len(KINDS), time.monotonic(), threading.Event()
        submitted: set[str] = set()
        while True:
            jobs = killing.look()
            killing.kill_when_due(jobs)
            going_on = [job for job in jobs.values() if job.state not in TERMINAL]
            if len(killing.killed) >= kills and not going_on:
                break
            if len(killing.killed) < kills and len(going_on) < GOING_ON:
                submitted.add(killing.submit(number))
                number += 1
            assert time.monotonic() < began + kills * EACH_SECONDS, "it takes too long"
            pause.wait(0.01)
        killing.check()
        # Queued again when its lease is over; it starts when a worker is free, which a busy machine delays.
        queued, begun = killing.seconds_until("job.queued", 1), killing.seconds_until("job.running", 2)
        figures = {
            "kills": len(killing.killed),
            "jobs": len(submitted),
            "queued again after s, worst": round(queued[-1], 1),
            "started again after s, median": round(statistics.median(begun), 1),
            "started again after s, worst": round(begun[-1], 1),
            "stages kept": len(killing.stages),
            "seconds": round(time.monotonic() - began),
        }
        database.dispose()
    record_testsuite_property("chaos_real_jobs", figures)
    print(f"real_jobs: {figures}")


def learn(killing: Killing) -> None:
    """How long each kind of job takes; the first ones also fill what is kept of the recording's sound."""
    ids = [killing.submit(number) for number in range(len(KINDS))]
    for job_id in ids:
        del killing.plans[job_id]
        assert Jobs(killing.server.http).ended(job_id)["status"] == "completed"
    for job_id, (kind, _) in zip(ids, KINDS, strict=True):
        job = killing.look()[job_id]
        assert job.started_at is not None
        assert job.completed_at is not None
        killing.usual[kind] = job.completed_at - job.started_at
