"""A data directory with jobs whose handlers a test holds and releases, and real worker processes on it."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.job_worker import FOLDERS
from videocraft.core.database import Database
from videocraft.core.database.migrate import migrate
from videocraft.core.database.models import Job
from videocraft.core.jobs import JobsService, get, submit
from videocraft.core.jobs.dispatch.choice import open_dispatcher
from videocraft.settings import Settings

ROOT = Path(__file__).parents[2]
WAIT = 90.0


def until(condition: Callable[[], object]) -> None:
    """Wait for another process."""
    pause = threading.Event()
    for _ in range(int(WAIT * 100)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")


class Farm:
    """A data directory and the workers that a test starts on it."""

    def __init__(self, data_dir: Path, *, queue_url: str = "embedded", database_url: str = "") -> None:
        self.data_dir = data_dir
        self.settings = Settings(data_dir=data_dir, queue_url=queue_url, database_url=database_url)
        for folder in FOLDERS:
            (data_dir / folder).mkdir(parents=True)
        self.database = Database(self.settings.effective_database_url)
        migrate(self.database)
        self.dispatcher = open_dispatcher(queue_url, self.database, data_dir / "run")
        self.jobs = JobsService(self.database, self.dispatcher)
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self, lease_seconds: float = 15.0, *, kinds: str = "") -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.support.job_worker"]
        urls = {"queue_url": self.settings.queue_url, "database_url": self.settings.database_url}
        arguments = [self.data_dir, lease_seconds, f"worker-{len(self.workers)}", json.dumps(urls), kinds]
        worker = subprocess.Popen([*command, *map(str, arguments)], cwd=ROOT)
        self.workers.append(worker)
        return worker

    def submit(self, job_id: str, kind: str = "test.publish", *, hold: int = 0, priority: int = 0) -> None:
        """Queue a job that is held in its first ``hold`` epochs."""
        for epoch in range(1, hold + 1):
            (self.data_dir / "hold" / f"{job_id}-{epoch}").touch()
        with self.jobs.transaction() as session:
            submit(session, family="test", kind=kind, payload={}, job_id=job_id, priority=priority)

    def suspend(self, worker: subprocess.Popen[bytes]) -> None:
        """Stop a process, but not while it holds SQLite's write lock: that would stop everybody."""
        for _ in range(100):
            worker.send_signal(signal.SIGSTOP)
            with contextlib.closing(sqlite3.connect(self.data_dir / "videocraft.db", timeout=1)) as database:
                try:
                    database.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError:
                    worker.send_signal(signal.SIGCONT)
                else:
                    return
        raise AssertionError("the worker writes all the time")

    def begun(self, name: str) -> None:
        until((self.data_dir / "begun" / name).exists)

    def release(self, name: str) -> None:
        (self.data_dir / "hold" / name).unlink()

    def effects(self) -> list[str]:
        return sorted(path.name for path in (self.data_dir / "effects").iterdir())

    def ended(self, job_id: str) -> Job:
        job = self.jobs.wait_until_terminal(job_id, WAIT)
        assert job is not None
        return job

    def row(self, job_id: str) -> dict[str, Any]:
        with self.database.read() as session:
            job = get(session, job_id)
        assert job is not None
        return {column.name: getattr(job, column.name) for column in Job.__table__.columns}

    def close(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            worker.wait(WAIT)
        self.dispatcher.close()
        self.database.dispose()
