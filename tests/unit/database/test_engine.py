"""The engine: how connections are configured, and what the two kinds of transaction do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from videocraft.core.database import Database
from videocraft.core.database import engine as engine_module


class BusyConnection:
    """Answers the first switches of the journal as SQLite does when another process is at it."""

    def __init__(self, refusals: int, code: int = sqlite3.SQLITE_BUSY) -> None:
        self.refusals = refusals
        self.code = code
        self.isolation_level: str | None = ""
        self.executed: list[str] = []

    def execute(self, statement: str) -> None:
        if "journal_mode" in statement and self.refusals:
            self.refusals -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = self.code
            raise error
        self.executed.append(statement)


def test_a_journal_that_another_process_switches_is_asked_for_again() -> None:
    connection = BusyConnection(refusals=2)
    engine_module._configure_sqlite(connection, None)
    assert connection.executed == [
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
    ]


def test_any_other_trouble_with_the_journal_is_told() -> None:
    with pytest.raises(sqlite3.OperationalError):
        engine_module._configure_sqlite(BusyConnection(refusals=1, code=sqlite3.SQLITE_IOERR), None)


def test_a_busy_journal_is_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "SQLITE_BUSY_SECONDS", -1.0)
    with pytest.raises(sqlite3.OperationalError):
        engine_module._configure_sqlite(BusyConnection(refusals=1), None)


def insert_and_fail(database: Database) -> None:
    with database.write() as session:
        session.execute(text("INSERT INTO things VALUES ('lost')"))
        session.execute(text("INSERT INTO no_such_table VALUES (1)"))


def test_a_write_is_committed_and_an_error_rolls_it_back(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    with database.write() as session:
        session.execute(text("CREATE TABLE things (name TEXT)"))
    with pytest.raises(OperationalError):
        insert_and_fail(database)
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM things")).scalar_one() == 0
        assert session.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert session.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    database.dispose()
