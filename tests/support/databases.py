"""Databases for tests: migrated, empty, with a clock that a test sets."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import event, text

from videocraft.core.database import Database
from videocraft.core.database.migrate import migrate
from videocraft.core.database.models import Base

BACKENDS = ("sqlite", "postgresql")
"""What the tests of whatever keeps rows run on."""


@dataclass
class FakeClock:
    """Seconds that pass when a test says so."""

    seconds: float = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


def open_empty(folder: Path, clock: FakeClock | None = None) -> Database:
    """An SQLite database in ``folder`` with every table and no rows."""
    database = Database(f"sqlite:///{folder / 'test.db'}", clock=clock)
    # A test's database need not survive a power cut.
    event.listen(database.engine, "connect", _do_not_wait_for_the_disk)
    migrate(database)
    return database


def clear(database: Database) -> None:
    """Delete every row."""
    with database.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())


def _do_not_wait_for_the_disk(connection: object, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]  # any driver's connection


def copy_of(template: Path | str, folder: Path, clock: FakeClock | None = None) -> Database:
    """An empty database from what ``make_template`` or ``make_shared`` made before: many times as fast.

    Args:
        template: an SQLite file, which is copied; or the URL of a PostgreSQL database, which is emptied.
        folder: where the copy of a file goes.
        clock: takes the place of the database's clock.
    """
    if isinstance(template, str):
        database = Database(template, clock=clock)
        clear(database)
        return database
    shutil.copy(template, folder / "test.db")
    database = Database(f"sqlite:///{folder / 'test.db'}", clock=clock)
    event.listen(database.engine, "connect", _do_not_wait_for_the_disk)
    return database


def make_template(folder: Path) -> Path:
    """An SQLite file with every table, for ``copy_of``."""
    database = Database(f"sqlite:///{folder / 'template.db'}")
    migrate(database)
    database.dispose()  # the last connection to leave folds the write-ahead log into the file
    return folder / "template.db"


def make_shared(url: str) -> str:
    """Give an empty PostgreSQL database every table, for ``copy_of``, and return the URL that we use."""
    ours = url.replace("postgresql://", "postgresql+psycopg://")
    database = Database(ours)
    migrate(database)
    database.dispose()
    return ours


def until_blocked(database: Database) -> None:
    """Wait until somebody waits for a lock in this database."""
    pause = threading.Event()
    query = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(3000):
        with database.read() as session:
            if session.execute(query).scalar_one():
                return
        pause.wait(0.01)
    raise AssertionError("nobody waits")
