"""Jobs of earlier versions, when the database is brought to this one: their totals, their events' numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import select, text

from videocraft.core import events
from videocraft.core.database import Database
from videocraft.core.database.migrate import MIGRATIONS, migrate
from videocraft.core.database.models import Job, JobTotal
from videocraft.core.jobs import cancel

_JOB = text(
    "INSERT INTO jobs (id, family, kind, state, epoch, lost, priority, payload, progress, message, warnings,"
    " log, created_at, updated_at, started_at, completed_at) VALUES (:id, :family, 'k', :state, 1, 0, 0,"
    " '{}', 0, '', '[]', '[]', 0, 0, :started_at, :completed_at)"
)


def open_as(folder: Path, revision: str) -> Database:
    """A database as an earlier version left it."""
    database = Database(f"sqlite:///{folder / 'test.db'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.write() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, revision)
    return database


def test_earlier_jobs_are_counted(tmp_path: Path) -> None:
    database = open_as(tmp_path, "0002")
    jobs: list[dict[str, Any]] = [
        {"family": "exports", "state": "completed", "started_at": 100.0, "completed_at": 107.0},
        {"family": "exports", "state": "completed", "started_at": 100.0, "completed_at": 110.0},
        {"family": "exports", "state": "failed", "started_at": 0.0, "completed_at": 99999.0},
        {"family": "exports", "state": "cancelled", "started_at": None, "completed_at": 5.0},
        {"family": "exports", "state": "queued", "started_at": None, "completed_at": None},
    ]
    with database.write() as session:
        for number, job in enumerate(jobs):
            session.execute(_JOB, job | {"id": str(number)})
    migrate(database)
    with database.read() as session:
        found = {
            (total.state, total.bucket): (total.jobs, total.seconds)
            for total in session.scalars(select(JobTotal).where(JobTotal.family == "exports"))
        }
    assert found == {("completed", 2): (2, 17.0), ("failed", 10): (1, 99999.0), ("cancelled", 0): (1, 0.0)}


def test_the_events_of_earlier_jobs_go_on_with_the_next_number(tmp_path: Path) -> None:
    database = open_as(tmp_path, "0006")
    job = {"id": "job", "family": "jobs", "state": "queued", "started_at": None, "completed_at": None}
    with database.write() as session:
        session.execute(_JOB, job)
        for stream, seq in (("job:job", 2), ("session:s", 5)):
            session.execute(
                text("INSERT INTO event_streams (name, last_seq) VALUES (:name, :seq)"),
                {"name": stream, "seq": seq},
            )
    migrate(database)
    with database.write() as session:
        cancel(session, "job")
        assert events.append(session, "session:s", "x", {}) == 6
    with database.read() as session:
        assert session.scalar(select(Job.event_seq)) == 3
        assert [event.seq for event in events.read_after(session, "job:job", 0, 10)] == [3]
