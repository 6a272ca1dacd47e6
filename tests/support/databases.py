"""Databases for tests: migrated, empty, with a clock that a test sets."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import event

from videocraft.core.database import Database
from videocraft.core.database.migrate import migrate
from videocraft.core.database.models import Base

URL_VARIABLE = "VIDEOCRAFT_TEST_DATABASE_URL"
"""Runs the tests on another database than SQLite; whatever is in it is lost."""


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
    """A database with every table and no rows: SQLite in ``folder``, or what the environment names."""
    url = os.environ.get(URL_VARIABLE, f"sqlite:///{folder / 'test.db'}")
    database = Database(url, clock=clock)
    if database.is_sqlite:
        # A test's database need not survive a power cut.
        event.listen(database.engine, "connect", _do_not_wait_for_the_disk)
    migrate(database)
    clear(database)
    return database


def clear(database: Database) -> None:
    """Delete every row."""
    with database.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())


def _do_not_wait_for_the_disk(connection: object, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]  # any driver's connection


def copy_of(template: Path, folder: Path, clock: FakeClock | None = None) -> Database:
    """As ``open_empty``, from a file that it made before: many times as fast."""
    if URL_VARIABLE in os.environ:
        return open_empty(folder, clock)
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
