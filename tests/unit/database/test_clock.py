"""The database's clock."""

from __future__ import annotations

import time
from pathlib import Path

from videocraft.core.database import Database
from videocraft.core.database.clock import now


def test_sqlite_shares_the_clock_of_the_machine(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    before = time.time()
    with database.read() as session:
        measured = now(session)
    assert before <= measured <= time.time()


def test_a_given_clock_takes_its_place_in_both_kinds_of_transaction(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}", clock=lambda: 42.5)
    with database.read() as session:
        assert now(session) == 42.5
    with database.write() as session:
        assert now(session) == 42.5
